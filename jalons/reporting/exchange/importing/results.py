"""Steps of the sheets that hold one row for one thing: chain, sources, targets, catalogues, mappings."""

from jalons.core.errors import Refused, _
from jalons.foundation.programmes.models import Funder, Period
from jalons.planning.results import actions
from jalons.planning.results.chain import Assumption, Result
from jalons.planning.results.models import (
    Baseline,
    Catalogue,
    CatalogueIndicator,
    Indicator,
    Mapping,
    Target,
    VerificationSource,
)
from jalons.planning.results.rules.notation import read_place
from jalons.reporting.exchange.importing.run import Run, fill
from jalons.reporting.exchange.workbook import specs
from jalons.reporting.exchange.workbook.records import REMOVED, Change


def set_link(run: Run, changes: list[Change]) -> None:
    """Add, change or remove a result, or an assumption."""
    [change] = changes
    if change.key[0] == specs.ASSUMPTION:
        _set_assumption(run, change)
        return
    result = run.fresh(Result, change, programme=run.programme, code=change.key[2])
    if change.kind == REMOVED:
        actions.remove(row=result, by=run.by)
        return
    fill(result, change.after, "level", "title", "description")
    parent = change.after["parent"]
    result.parent = run.find(Result, specs.CHAIN, "parent", programme=run.programme, code=parent) if parent else None
    result.position = _rank(change)
    actions.set_result(result=result, by=run.by)


def _set_assumption(run: Run, change: Change) -> None:
    _kind, parent, code = change.key
    result = run.find(Result, specs.CHAIN, "parent", programme=run.programme, code=parent)
    assumption = run.fresh(Assumption, change, result=result, code=code)
    if change.kind == REMOVED:
        actions.remove(row=assumption, by=run.by)
        return
    fill(assumption, {name.replace("title", "text"): text for name, text in change.after.items()}, "text")
    actions.set_assumption(assumption=assumption, by=run.by)


def set_source(run: Run, changes: list[Change]) -> None:
    """Add, change or remove a source of verification."""
    [change] = changes
    source = run.fresh(VerificationSource, change, programme=run.programme, code=change.key[0])
    if change.kind == REMOVED:
        actions.remove(row=source, by=run.by)
        return
    actions.set_source(source=fill(source, change.after, "title", "holder", "frequency"), by=run.by)


def remove_point(run: Run, changes: list[Change]) -> None:
    """Remove a baseline or a target."""
    [change] = changes
    actions.remove(row=_point(run, change), by=run.by)


def set_points(run: Run, changes: list[Change]) -> list[tuple[Change, Refused]]:
    """Add or change baselines and targets, all in one go; each one that cannot be is told."""
    for row in Indicator.objects.filter(result__programme=run.programme).select_related("result", "current"):
        run.remember(row, result__programme=run.programme, code=row.code)
    refused, points = [], {}
    for change in changes:
        try:
            point = _point(run, change)
            points[id(point)] = (change, point)
        except Refused as refusal:
            refused.append((change, refusal))
    wrong = {
        id(point): refusal for point, refusal in actions.refusals_of([point for _change, point in points.values()])
    }
    refused += [(points[key][0], refusal) for key, refusal in wrong.items()]
    right = [point for key, (_change, point) in points.items() if key not in wrong]
    if right:
        actions.set_points(programme=run.programme, points=right, by=run.by)
    return refused


def _point(run: Run, change: Change) -> Baseline | Target:
    """The figure that a row is about, with what the row says of it."""
    kind, code, period, cell = change.key
    about = {"indicator": indicator(run, code), "cell": read_place(cell)}
    if kind == specs.BASELINE:
        _check_empty(period, "period", _("Une référence n’a pas de période : videz la cellule."))
        return fill(run.fresh(Baseline, change, **about), change.after or change.before, "value", "on", "text")
    _check_empty(change.after.get("on"), "on", _("Une cible n’a pas de date, mais une période : videz la cellule."))
    about["period"] = run.find(Period, specs.PERIODS, "period", programme=run.programme, code=period)
    return fill(run.fresh(Target, change, **about), change.after or change.before, "value", "text")


def set_catalogue(run: Run, changes: list[Change]) -> None:
    """Add, change or remove a catalogue, or one of its indicators."""
    [change] = changes
    code, entry = change.key
    row = _catalogue_entry(run, change, code, entry) if entry else run.fresh(Catalogue, change, code=code)
    if change.kind == REMOVED:
        actions.remove(row=row, by=run.by)
    elif entry:
        actions.set_catalogue_indicator(entry=fill(row, change.after, "title", "unit", "level", "additive"), by=run.by)
    else:
        fill(row, change.after, "title", "iati_vocabulary", "uri")
        row.iati_vocabulary = row.iati_vocabulary or "99"
        funder = change.after["funder"]
        row.funder = run.find(Funder, specs.FUNDERS, "funder", code=funder) if funder else None
        actions.set_catalogue(catalogue=row, by=run.by)


def _catalogue_entry(run: Run, change: Change, catalogue: str, code: str) -> CatalogueIndicator:
    owner = run.find(Catalogue, specs.CATALOGUES, "catalogue", code=catalogue)
    return run.fresh(CatalogueIndicator, change, catalogue=owner, code=code)


def set_mapping(run: Run, changes: list[Change]) -> None:
    """Add, change or remove what an indicator tells a funder."""
    [change] = changes
    code, catalogue, entry = change.key
    run.find(Catalogue, specs.CATALOGUES, "catalogue", code=catalogue)
    about = {
        "indicator": indicator(run, code),
        "entry": run.find(CatalogueIndicator, specs.CATALOGUES, "code", catalogue__code=catalogue, code=entry),
    }
    mapping = run.fresh(Mapping, change, **about)
    if change.kind == REMOVED:
        actions.remove(row=mapping, by=run.by)
        return
    fill(mapping, change.after, "factor", "coverage", "valid_from", "valid_to", "frozen_from", "note")
    actions.set_mapping(mapping=mapping, by=run.by)


def indicator(run: Run, code: str) -> Indicator:
    """The indicator of the programme that bears a code."""
    within = {"result__programme": run.programme, "code": code}
    return run.find(Indicator, specs.INDICATORS, "indicator", **within)


def _rank(change: Change) -> int:
    rank = change.after.get("position")
    return change.row if rank is None else rank


def _check_empty(value: object, name: str, message: str) -> None:
    if value:
        raise Refused(message, field=name)


STEPS = {
    specs.SOURCES: set_source, specs.CHAIN: set_link, specs.TARGETS: set_points, specs.CATALOGUES: set_catalogue,
    specs.MAPPINGS: set_mapping,
}  # fmt: skip
