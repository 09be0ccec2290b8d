"""The written content of a programme as the rows of its workbook: what a team would have typed in Excel."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from jalons.cli.demo.content import read
from jalons.foundation.programmes.models import Period
from jalons.planning.results.models import IndicatorVersion
from jalons.planning.results.rules import notation
from jalons.planning.results.rules.aggregations import NOT_ADDED
from jalons.planning.results.rules.chain import SHIPPED_DIMENSIONS
from jalons.reporting.exchange.workbook import specs
from jalons.reporting.exchange.workbook.records import Content, Fields

LANGUAGES = ("fr", "ar", "en")
MEASURES = {"percentage": "2", "ordinal": "4", "qualitative": "5"}  # IATI codelist IndicatorMeasure; 1 when not said
RATIOS = {"share", "average", *NOT_ADDED}  # measures that only the rows themselves can combine
AGE_BANDS = next(d["categories"] for d in SHIPPED_DIMENSIONS if d["code"] == "age")
# how the demonstration's five forms answer each disaggregation
SPLITS: dict[str, dict[str, Any]] = {
    "sex": {"value": "${sexe}", "categories": {"f": "female", "h": "male"}},
    "target_group": {
        "value": "${groupe}",
        "categories": {"rpt": "rpt", "mre": "mre", "retour": "returnee", "accueil": "host"},
    },
    "age": {"value": "${age}", "bands": [[band["code"], band["from"], band["to"]] for band in AGE_BANDS]},
    "territory": {"level": "province"},
}

WHOLE = "PROGRAMME"  # code of the period that is the programme itself


def content(programme: str, *, revised: bool = False) -> Content:
    """The rows of a programme's workbook; `revised`: with the definitions that changed since the first version."""
    written, itself = read(f"results/{programme}"), _programme(programme)
    indicators = [(result["code"], i) for result in written["results"] for i in result.get("indicators", ())]
    if revised:
        indicators = [(result, _revision(i)) for result, i in indicators]
    sheets = {
        specs.PROGRAMME: [_itself(itself)],
        specs.PERIODS: (_reporting(period) for period in itself["reporting"]),
        specs.SOURCES: (_source(source) for source in written["sources"]),
        specs.DIMENSIONS: [_host_population()],
        specs.CHAIN: _chain(written["results"]),
        specs.INDICATORS: (_indicator(result, i) for result, i in indicators),
        specs.FORMULAS: (_formula(i) for _result, i in indicators if "formula" in i),
        specs.TARGETS: (point for _result, i in indicators for point in _points(i)),
        specs.CATALOGUES: _catalogues(),
        specs.MAPPINGS: (_mapping(line) for line in read("catalogues")["mappings"][programme]),
    }
    return {name: _by_key(name, rows) for name, rows in sheets.items()}


def presentation(programme: str) -> Content:
    """The one sheet that creates a programme, before anybody holds a role in it."""
    return {specs.PROGRAMME: _by_key(specs.PROGRAMME, [_itself(_programme(programme))])}


def _programme(code: str) -> dict[str, Any]:
    return next(programme for programme in read("programmes")["programmes"] if programme["code"] == code)


def _itself(programme: dict[str, Any]) -> Fields:
    """The one row that says what the programme is."""
    (operator,) = (o for o in read("programmes")["operators"] if o["code"] == programme["operator"])
    return {
        **{
            name: programme[name]
            for name in (
                "code",
                "short_name",
                "operator",
                "starts_on",
                "ends_on",
                *specs.PUBLICATION,
                *specs.SHARED_OUT,
            )
            if name in programme
        },
        **_words("title", programme["title"]),
        **_words("purpose", programme["purpose"]),
        "operator_name": operator["name"],
        "territories": tuple(programme["regions"]),
    }


def _reporting(period: dict[str, Any]) -> Fields:
    """A funder's own period; those of the calendar are cut by the programme itself."""
    own = {name: period[name] for name in ("code", "starts_on", "ends_on", "agreement")}
    return {"kind": Period.Kind.REPORTING, **_words("label", period), **own}


def _by_key(name: str, rows: Any) -> dict[tuple, Fields]:
    return {specs.BY_NAME[name].key_of(fields): fields for fields in rows}


def _words(field: str, text: dict[str, str]) -> Fields:
    return {f"{field}.{language}": text[language] for language in LANGUAGES if text.get(language)}


def _source(source: dict[str, str]) -> Fields:
    return {**_words("title", source), **{name: source[name] for name in ("code", "holder", "frequency")}}


def _host_population() -> Fields:
    """The four target groups of the forms are the three of the strategies and those who live beside them."""
    label = {"fr": "Population d’accueil", "ar": "الساكنة المحلية", "en": "Host population"}
    return {"dimension": "target_group", "category": "host", **_words("label", label)}


def _chain(results: list[dict[str, Any]]) -> Iterator[Fields]:
    for result in results:
        yield {"level": result["level"], "code": result["code"], "parent": result.get("parent", ""),
               **_words("title", result)}  # fmt: skip
        for assumption in result.get("assumptions", ()):
            yield {"level": specs.ASSUMPTION, "code": assumption["code"], "parent": result["code"],
                   **_words("title", assumption)}  # fmt: skip


def _indicator(result: str, indicator: dict[str, Any]) -> Fields:
    share = indicator.get("formula", {}).get("measure") in RATIOS or indicator.get("measure") == "percentage"
    return {
        "result": result,
        "code": indicator["code"],
        **_words("title", indicator),
        "definition.fr": indicator["definition"],
        **_words("unit", indicator["unit"]),
        "measure": MEASURES.get(indicator.get("measure", ""), "1"),
        "direction": indicator.get("direction", IndicatorVersion.Direction.INCREASE),
        "method": indicator["method"],
        "dimensions": tuple(indicator.get("dimensions", ())),
        "sources": tuple(indicator["sources"]),
        "frequency": indicator["frequency"],
        "responsible": indicator["responsible"],
        "counts_people": indicator.get("counts_people", False),
        "gender_sensitive": indicator.get("gender_sensitive", False),
        "time_aggregation": indicator.get("time", "recompute" if share else "sum"),
        "place_aggregation": indicator.get("place", "recompute" if share else "sum"),
        **{name: indicator[name] for name in ("valid_from", "reason") if name in indicator},
    }


def _revision(indicator: dict[str, Any]) -> dict[str, Any]:
    return indicator | indicator.get("revised", {})


def _formula(indicator: dict[str, Any]) -> Fields:
    splits = {code: SPLITS[code] for code in indicator.get("dimensions", ())}
    return {"indicator": indicator["code"], "splits": notation.write_splits(splits), **indicator["formula"]}


def _points(indicator: dict[str, Any]) -> Iterator[Fields]:
    """The baseline, then each target in total and, for figures on people, for women and men."""
    if "baseline" in indicator or "baseline_text" in indicator:
        known = {"value": _decimal(indicator["baseline"])} if "baseline" in indicator else {}
        yield {"kind": specs.BASELINE, "indicator": indicator["code"], **known,
               "on": indicator.get("baseline_on"), "text": indicator.get("baseline_text", "")}  # fmt: skip
    targets = indicator.get("targets", {}) | ({WHOLE: indicator["final"]} if "final" in indicator else {})
    for period, value in targets.items():
        yield _target(indicator, period, value)
        if "women" in indicator:
            women = round(value * indicator["women"])
            yield _target(indicator, period, women, "sex=female")
            yield _target(indicator, period, value - women, "sex=male")


def _target(indicator: dict[str, Any], period: str, value: float, cell: str = "") -> Fields:
    return {"kind": specs.TARGET, "indicator": indicator["code"], "period": period, "cell": cell,
            "value": _decimal(value)}  # fmt: skip


def _decimal(value: float) -> Decimal:
    return Decimal(str(value))


def _catalogues() -> Iterator[Fields]:
    for catalogue in read("catalogues")["catalogues"]:
        own = {name: catalogue[name] for name in ("funder", "iati_vocabulary", "uri") if name in catalogue}
        yield {"catalogue": catalogue["code"], "code": "", **_words("title", catalogue), **own}
        for entry in catalogue["indicators"]:
            own = {name: entry[name] for name in ("code", "level", "additive") if name in entry}
            yield {"catalogue": catalogue["code"], **_words("title", entry), **_words("unit", entry["unit"]),
                   **own}  # fmt: skip


def _mapping(line: dict[str, Any]) -> Fields:
    catalogue, code = line["entry"].split(":")
    return {
        "indicator": line["indicator"],
        "catalogue": catalogue,
        "code": code,
        "factor": _decimal(line.get("factor", 1)),
        "coverage": line["coverage"],
        "note": line.get("note", ""),
    }
