"""What the workbook of a programme says today, read in a constant number of queries."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from jalons.core.fields import LANGUAGES
from jalons.core.texts import tidy
from jalons.foundation.programmes.models import Funder, FundingAgreement, Period, Programme
from jalons.foundation.programmes.rules.shares import write_shares
from jalons.planning.results.chain import Assumption, Result
from jalons.planning.results.models import (
    Baseline,
    Catalogue,
    CatalogueIndicator,
    Dimension,
    Indicator,
    Mapping,
    Target,
    VerificationSource,
)
from jalons.planning.results.rules.formulas import spelled
from jalons.planning.results.rules.notation import write_place
from jalons.reporting.exchange.workbook import specs
from jalons.reporting.exchange.workbook.records import Content, Fields

PLAIN = {
    specs.FUNDERS: ("code", "name", "iati_identifier"),
    specs.AGREEMENTS: ("reference", "name", "amount", "currency", "starts_on", "ends_on"),
    specs.PERIODS: ("kind", "accumulates", "code", "label", "starts_on", "ends_on"),
    specs.SOURCES: ("code", "title", "holder", "frequency"),
    specs.CHAIN: ("level", "code", "title", "description", "position"),
    specs.CATALOGUES: ("code", "title", "unit", "level", "additive"),
    specs.MAPPINGS: ("factor", "coverage", "valid_from", "valid_to", "frozen_from", "note"),
}


def snapshot(programme: Programme | None) -> Content:
    """Everything that the workbook of a programme holds, by sheet and key; shared lists alone without programme."""
    found = {
        specs.FUNDERS: [_plain(funder, specs.FUNDERS) for funder in Funder.objects.all()],
        specs.DIMENSIONS: _dimensions(),
        specs.CATALOGUES: _catalogues(),
    }
    if programme:
        within = {"result__programme": programme}
        found |= {
            specs.PROGRAMME: [_programme(programme)],
            specs.AGREEMENTS: [_agreement(a) for a in programme.agreements.select_related("funder")],
            specs.PERIODS: [_period(p) for p in _periods(programme)],
            specs.SOURCES: [_plain(s, specs.SOURCES) for s in VerificationSource.objects.filter(programme=programme)],
            specs.CHAIN: _chain(programme),
            **_indicators(within),
            specs.TARGETS: _points({f"indicator__{path}": row for path, row in within.items()}),
            specs.MAPPINGS: _mappings({f"indicator__{path}": row for path, row in within.items()}),
        }
    return {sheet.name: {sheet.key_of(row): row for row in found.get(sheet.name, [])} for sheet in specs.SHEETS}


def _plain(row: Any, sheet: str) -> Fields:
    """Fields of a row that go as they are, those in several languages spread over their columns."""
    return _spread({name: getattr(row, name) for name in PLAIN[sheet]})


def _spread(fields: Fields) -> Fields:
    spread: Fields = {}
    for name, value in fields.items():
        if name in ("title", "label", "purpose", "description", "definition", "unit"):
            spread |= {f"{name}.{code}": tidy((value or {}).get(code, "")) for code in LANGUAGES}
        else:
            spread[name] = tuple(value) if isinstance(value, list) else tidy(value)
    return spread


def _programme(programme: Programme) -> Fields:
    names = ("code", "short_name", "title", "purpose", "starts_on", "ends_on", *specs.PUBLICATION)
    return _spread({name: getattr(programme, name) for name in names}) | {
        "operator": programme.operator.code,
        "operator_name": tidy(programme.operator.name),
        **{name: write_shares(getattr(programme, name)) for name in specs.SHARED_OUT},
        "territories": tuple(programme.territories.order_by("code").values_list("code", flat=True)),
    }


def _periods(programme: Programme) -> Iterable[Period]:
    """Always in the same order, those of the same days too."""
    return programme.periods.select_related("agreement").order_by("starts_on", "ends_on", "code")


def _period(period: Period) -> Fields:
    return _plain(period, specs.PERIODS) | {"agreement": period.agreement.reference if period.agreement else ""}


def _agreement(agreement: FundingAgreement) -> Fields:
    return _plain(agreement, specs.AGREEMENTS) | {"funder": agreement.funder.code}


def _chain(programme: Programme) -> list[Fields]:
    """Results from the top of the chain down, each followed by its assumptions and by what contributes to it."""
    children: dict[int | None, list[Result]] = {}
    for result in Result.objects.filter(programme=programme).select_related("parent").prefetch_related("assumptions"):
        children.setdefault(result.parent_id, []).append(result)

    def walk(results: list[Result]) -> Iterator[Fields]:
        for result in results:
            yield _plain(result, specs.CHAIN) | {"parent": result.parent.code if result.parent else ""}
            yield from map(_assumption, result.assumptions.all())
            yield from walk(children.get(result.pk, []))

    return list(walk(children.get(None, [])))


def _assumption(assumption: Assumption) -> Fields:
    own = {"level": specs.ASSUMPTION, "parent": assumption.result.code, "code": assumption.code}
    return own | _spread({"title": assumption.text})


def _dimensions() -> Iterable[Fields]:
    for dimension in Dimension.objects.order_by("pk"):
        own = {"dimension": dimension.code, "kind": dimension.kind, "about_people": dimension.about_people}
        yield own | {"category": ""} | _spread({"label": dimension.label})
        for category in dimension.categories:
            bounds = {name: _decimal(category.get(name)) for name in ("from", "to")}
            own = {"dimension": dimension.code, "category": category["code"], **bounds}
            yield own | _spread({"label": category.get("label")})


def _indicators(within: dict[str, Any]) -> dict[str, list[Fields]]:
    sheets, formulas = [], []
    rows = Indicator.objects.filter(**within).select_related("result", "current")
    for indicator in rows.order_by("result__position", "result__code", "position", "code"):
        version = indicator.current
        sheet = version.sheet if version else {}
        formula = sheet.pop("formula", None)
        own = {"result": indicator.result.code, "code": indicator.code, "position": indicator.position}
        told = {"valid_from": version.valid_from, "reason": tidy(version.reason)} if version else {}
        sheets.append(own | _spread(sheet) | told | {"direction": sheet.get("direction") or ""})
        if formula:
            fields = {name: tidy(value) for name, value in spelled(formula).items()}
            formulas.append({"indicator": indicator.code, **fields})
    return {specs.INDICATORS: sheets, specs.FORMULAS: formulas}


def _points(within: dict[str, Any]) -> list[Fields]:
    baselines = Baseline.objects.filter(**within).select_related("indicator").order_by("cell")
    targets = Target.objects.filter(**within).select_related("indicator", "period")
    found = [_point(specs.BASELINE, b) | {"period": "", "on": b.on} for b in baselines]
    order = ("period__starts_on", "period__ends_on", "period__code", "cell")
    found += [_point(specs.TARGET, t) | {"period": t.period.code, "on": None} for t in targets.order_by(*order)]
    return sorted(found, key=lambda f: (f["indicator"], f["kind"] != specs.BASELINE, bool(f["cell"])))


def _point(kind: str, row: Baseline | Target) -> Fields:
    return {"kind": kind, "indicator": row.indicator.code, "cell": write_place(row.cell), "value": row.value,
            "text": tidy(row.text)}  # fmt: skip


def _catalogues() -> Iterable[Fields]:
    entries: dict[int, list[CatalogueIndicator]] = {}
    for entry in CatalogueIndicator.objects.all():
        entries.setdefault(entry.catalogue_id, []).append(entry)
    for catalogue in Catalogue.objects.select_related("funder"):
        own = {"catalogue": catalogue.code, "funder": catalogue.funder.code if catalogue.funder else ""}
        own |= {"iati_vocabulary": catalogue.iati_vocabulary, "uri": catalogue.uri}
        yield own | {"code": ""} | _spread({"title": catalogue.title})
        for entry in entries.get(catalogue.pk, []):
            yield {"catalogue": catalogue.code, **_plain(entry, specs.CATALOGUES)}


def _mappings(within: dict[str, Any]) -> Iterable[Fields]:
    rows = Mapping.objects.filter(**within).select_related("indicator", "entry__catalogue")
    for mapping in rows.order_by("indicator__code", "pk"):
        keys = {"indicator": mapping.indicator.code, "catalogue": mapping.entry.catalogue.code}
        yield keys | {"code": mapping.entry.code} | _plain(mapping, specs.MAPPINGS)


def _decimal(value: float | int | None) -> Decimal | None:
    return None if value is None else Decimal(str(value))
