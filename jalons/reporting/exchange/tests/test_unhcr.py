"""UNHCR in Morocco, 2016 to 2019, as published: four years of indicators brought in by workbook."""

import csv
from collections import Counter
from datetime import date
from decimal import Decimal

import pytest
import python_calamine

from jalons.planning.results.actions import confirm_direction
from jalons.planning.results.models import Baseline, Indicator
from jalons.planning.results.rules.progress import awaits_confirmation, direction_in_force, progress, state
from jalons.reporting.exchange.actions import import_workbook
from jalons.reporting.exchange.workbook import cells, specs
from jalons.reporting.exchange.workbook.writer import write_workbook
from tests.builders import a_programme, a_user
from tests.shared_data import SHARED, needs_shared_data

FOLDER = SHARED / "results" / "unhcr-iati_CC-BY-4"
LEVELS = {"1.0": "output", "2.0": "outcome"}

pytestmark = [needs_shared_data, pytest.mark.slow]


def published():
    with (FOLDER / "unhcr_morocco_results_2016-2019.csv").open(encoding="utf-8") as file:
        return [{name.removeprefix("result_"): text for name, text in row.items()} for row in csv.DictReader(file)]


def figure(text):
    return Decimal(text) if text else None


def a_workbook_of(year, rows):
    """One year of publication as a workbook: a result for each level and title, an indicator for each row."""
    results = {key: f"R{n}" for n, key in enumerate(dict.fromkeys((r["type"], r["title"]) for r in rows), start=1)}
    first, last, itself = date(year, 1, 1), date(year, 12, 31), str(year)
    content = {
        specs.PROGRAMME: [{"code": f"unhcr-{year}", "short_name": f"UNHCR {year}", "title.fr": f"UNHCR Maroc {year}",
                           "operator": "UNHCR", "starts_on": first, "ends_on": last,
                           "iati_identifier": rows[0]["iati_identifier"]}],
        specs.PERIODS: [{"code": itself, "kind": "year", "label.fr": itself, "starts_on": first, "ends_on": last}],
        specs.CHAIN: [{"level": LEVELS[level], "code": code, "title.fr": title, "title.en": title}
                      for (level, title), code in results.items()],
        specs.INDICATORS: [], specs.TARGETS: [],
    }  # fmt: skip
    for number, row in enumerate(rows, start=1):
        code, title = f"{year}.{number}", row["indicator_title"]
        measure = row["indicator_measure"].removesuffix(".0")
        content[specs.INDICATORS].append({
            "result": results[row["type"], row["title"]], "code": code, "title.fr": title, "title.en": title,
            "definition.fr": row["indicator_target_value_2"], "measure": measure,
            "unit.fr": "%" if measure == "2" else "nombre",
        })  # fmt: skip
        if row["indicator_baseline_value"]:
            value = figure(row["indicator_baseline_value"])
            content[specs.TARGETS].append({"kind": "baseline", "indicator": code, "value": value})
        target = figure(row["indicator_target_value"])
        content[specs.TARGETS].append({"kind": "target", "indicator": code, "period": itself, "value": target})
    return write_workbook({name: dict(enumerate(lines)) for name, lines in content.items()})


@pytest.fixture(scope="module")
def rows():
    return published()


def told(indicators, rows):
    """Each indicator beside what was published of it: baseline, target, actual."""
    found = {indicator.code: indicator for indicator in indicators}
    for year in range(2016, 2020):
        of_year = [row for row in rows if row["indicator_period_start"].startswith(str(year))]
        for number, row in enumerate(of_year, start=1):
            names = ("indicator_baseline_value", "indicator_target_value", "indicator_actual_value")
            yield found[f"{year}.{number}"].current, *(figure(row[name]) for name in names)


def test_four_years_of_unhcr_become_a_results_framework(db, rows):
    officers = {}
    for year in range(2016, 2020):
        programme = a_programme(code=f"unhcr-{year}")
        programme.operator.__class__.objects.update_or_create(code="UNHCR", defaults={"name": "UNHCR"})
        officers[year] = a_user("me_officer", programme)
        of_year = [row for row in rows if row["indicator_period_start"].startswith(str(year))]
        plan = import_workbook(content=a_workbook_of(year, of_year), by=officers[year])
        assert plan.faults == []
    indicators = Indicator.objects.select_related("current").filter(result__programme__code__startswith="unhcr-")

    assert indicators.count() == 137
    assert Baseline.objects.filter(value__isnull=False).count() == 95

    lines = list(told(indicators, rows))
    proposed = Counter(
        direction_in_force(v.direction, v.direction_confirmed, b, t) for v, b, t, _a in lines if b is not None
    )
    assert proposed == {"increase": 60, "maintain": 24, "decrease": 11}
    assert sum(awaits_confirmation(v.direction_confirmed, b, t) for v, b, t, _a in lines) == 11

    found = [progress(b, t, a, direction_in_force(v.direction, v.direction_confirmed, b, t)) for v, b, t, a in lines]
    unknown = [p for p, (_v, b, _t, _a) in zip(found, lines, strict=True) if b is None]
    assert len(unknown) == 42
    assert all(p.reached or (p.share is None and p.missing == "baseline") for p in unknown)
    assert sum(bool(p.regressed) for p in found) == 22
    assert {state(p, Decimal(1)) for p in found if p.regressed} == {"regression"}
    held = [p for p, (_v, b, t, _a) in zip(found, lines, strict=True) if b is not None and b == t]
    assert Counter((p.reached, p.drifts) for p in held) == {(True, False): 16, (False, True): 8}

    violence = indicators.get(result__title__fr="SGBV prevention and response", code__startswith="2018.",
                              current__title__fr="# of reported incidents of SGBV")  # fmt: skip
    confirm_direction(indicator=violence, direction="decrease", by=officers[2018])
    violence.refresh_from_db()
    assert (violence.current.direction_confirmed, violence.current.number) == (True, 1)
    assert state(progress(221, 0, 368, violence.current.direction), Decimal(1)) == "regression"


def test_a_year_of_all_operations_has_no_figure_that_cannot_be_read():
    page = python_calamine.CalamineWorkbook.from_path(FOLDER / "unhcr_2018_iati_result.xlsx").get_sheet_by_index(0)
    heads, *lines = page.to_python()
    places = [n for n, head in enumerate(heads) if head.split("_")[-2] in ("baseline", "target", "actual")
              and head.endswith("_value")]  # fmt: skip
    value = specs.BY_NAME[specs.TARGETS].column("value")

    figures = [cells.read(value, line[place]) for line in lines for place in places]

    assert len(places) == 3
    assert sum(figure is not None for figure in figures) == 9934
    assert [cells.read(value, text) for text in ("-.7", "-20", ".36")] == [Decimal("-0.7"), -20, Decimal("0.36")]
