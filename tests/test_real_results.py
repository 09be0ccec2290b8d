"""Results that others published, brought in from the command line and in the browser, then told: UNHCR in Morocco."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from typer.testing import CliRunner

from jalons.cli.commands import app
from jalons.evidence.measurement import actions as measurement
from jalons.evidence.measurement.models import IndicatorValue
from jalons.evidence.measurement.rules.aggregation import Figure
from jalons.evidence.measurement.rules.typed import Said
from jalons.foundation.programmes.models import Operator, Programme
from jalons.planning.results.models import Indicator, Target
from jalons.reporting.exchange.tests.test_unhcr import a_workbook_of, published
from jalons.reporting.reports.gathering import gather
from jalons.reporting.reports.rules.telling import rows as told_rows
from tests.builders import a_programme, a_user
from tests.shared_data import needs_shared_data

YEARS = range(2016, 2020)
pytestmark = [needs_shared_data, pytest.mark.slow]


@pytest.fixture
def frames(db):
    """Each year as published, its programme still empty, and the person who follows it."""
    found, rows = {}, published()
    for year in YEARS:
        programme = a_programme(code=f"unhcr-{year}")
        of_year = [row for row in rows if row["indicator_period_start"].startswith(str(year))]
        found[year] = (programme, a_user("me_officer", programme), of_year)
    Operator.objects.update_or_create(code="UNHCR", defaults={"name": "UNHCR"})
    return found


def test_from_the_command_line(frames, tmp_path):
    for year, (_programme, officer, rows) in frames.items():
        file = tmp_path / f"{year}.xlsx"
        file.write_bytes(a_workbook_of(year, rows))
        tried = CliRunner().invoke(app, ["programme", "import", str(file), "--by", officer.email, "--dry-run"])
        assert tried.exit_code == 0, tried.output
        assert (tried.exit_code, Indicator.objects.filter(code__startswith=f"{year}.").count()) == (0, 0)
        done = CliRunner().invoke(app, ["programme", "import", str(file), "--by", officer.email])
        assert done.exit_code == 0, done.output

    assert Indicator.objects.count() == 137
    assert Target.objects.filter(value__isnull=False).count() == 137


def test_in_the_browser_then_told_with_its_regressions(client, frames):
    programme, officer, rows = frames[2018]
    client.force_login(officer)
    upload = SimpleUploadedFile("2018.xlsx", a_workbook_of(2018, rows))
    shown = client.post(reverse("exchange:workbook"), {"workbook": upload})
    assert not shown.context["refusals"]
    client.post(reverse("exchange:apply"), {"sha256": shown.context["kept"]["sha256"]})
    assert Indicator.objects.filter(result__programme=programme).count() == len(rows)

    publish_values(programme, rows, officer)
    client.post(reverse("programmes:switch"), {"programme": programme.code})
    page = client.get(reverse("dashboards:indicators"), {"period": "2018"}).content.decode()
    assert "en recul" in page

    lines = told(programme)
    violence = lines["# of reported incidents of SGBV"]
    assert (violence.baseline, violence.target, violence.value) == ("221", "0", "368")
    assert violence.line.definition.direction == "decrease" and violence.done < 0
    unknown = [row for row in lines.values() if row.line.baseline is None]
    assert unknown and all(row.baseline == "inconnue" for row in unknown)
    assert {row.lacks for row in unknown if row.done is None} == {"référence inconnue"}


def test_one_sees_in_the_browser_which_directions_wait_for_a_person(client, frames):
    programme, officer, rows = frames[2018]
    client.force_login(officer)
    shown = client.post(
        reverse("exchange:workbook"), {"workbook": SimpleUploadedFile("2018.xlsx", a_workbook_of(2018, rows))}
    )
    client.post(reverse("exchange:apply"), {"sha256": shown.context["kept"]["sha256"]})
    violence = Indicator.objects.get(result__programme=programme, result__title__fr="SGBV prevention and response",
                                     current__title__fr="# of reported incidents of SGBV")  # fmt: skip

    page = client.get(reverse("results:indicator-detail", args=[violence.pk])).content.decode()
    confirm = reverse("results:indicator-direction", args=[violence.pk])
    assert confirm in page
    client.post(confirm, {"direction": "decrease"})

    violence.current.refresh_from_db()
    assert (violence.current.direction, violence.current.direction_confirmed) == ("decrease", True)


def publish_values(programme, rows, officer):
    """What UNHCR says it reached, typed by one person, verified by another, published by a third."""
    period = programme.periods.get(code="2018")
    indicators = {i.code: i for i in Indicator.objects.filter(result__programme=programme)}
    for number, row in enumerate(rows, start=1):
        if row["indicator_actual_value"]:
            said = Said(Figure(float(Decimal(row["indicator_actual_value"]))), "Publié par l’UNHCR")
            measurement.type_value(indicator=indicators[f"2018.{number}"], period=period, said=said, by=officer)
    values = IndicatorValue.objects.filter(period=period)
    measurement.verify_all(programme=programme, values=values, by=a_user("me_officer", programme))
    measurement.publish_all(programme=programme, values=values, by=a_user("me_officer", programme))


def told(programme):
    programme = Programme.objects.get(pk=programme.pk)
    logframe = gather(programme, None, programme.periods.get(code="2018"))
    assert logframe.own_period.ends_on == date(2018, 12, 31)
    return {row.line.definition.title["fr"]: row for row in told_rows(logframe) if row.line}
