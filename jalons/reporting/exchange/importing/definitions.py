"""Steps that gather several rows into one thing: an indicator with its formula, a dimension with its categories."""

from typing import Any

from jalons.core.errors import Refused, _
from jalons.evidence.measurement.sources import NO_FORM
from jalons.planning.results import actions
from jalons.planning.results.chain import Result
from jalons.planning.results.models import Dimension, Indicator
from jalons.planning.results.rules import formulas
from jalons.planning.results.rules.definitions import SHEET
from jalons.reporting.exchange.importing.results import indicator
from jalons.reporting.exchange.importing.run import Run, Several, fill, gathered
from jalons.reporting.exchange.workbook import specs
from jalons.reporting.exchange.workbook.records import REMOVED, Change, Fields, Note


def set_indicator(run: Run, changes: list[Change]) -> None:
    """Add, change or remove an indicator; its sheet and its formula make one definition."""
    of = {change.sheet: change for change in changes}
    sheet, formula = of.get(specs.INDICATORS), of.get(specs.FORMULAS)
    code = changes[0].key[0]
    if sheet and sheet.kind == REMOVED:
        actions.remove(row=indicator(run, code), by=run.by)
        return
    refusals: list[Refused] = []
    record = _formula(run, formula, refusals) if formula else None
    try:
        if sheet:
            _place(run, sheet, code)
        found, fields = indicator(run, code), sheet.after if sheet else _told(run, code)
        before = found.current.sheet.get("formula") if found.current else None
        _define(run, found, fields, record if formula and not refusals else before)
    except Refused as refusal:
        refusals.append(refusal)
    if refusals:
        raise Several(refusals)


def _place(run: Run, change: Change, code: str) -> None:
    """Put the indicator under its result."""
    row = run.find(Result, specs.CHAIN, "result", programme=run.programme, code=change.after["result"])
    known = Indicator.objects.filter(result__programme=run.programme, code=code).first()
    found = known or Indicator(code=code)
    found.result, rank = row, change.after.get("position")
    found.position = change.row if rank is None else rank
    actions.set_indicator(indicator=found, by=run.by)
    run.forget(Indicator)


def _define(run: Run, found: Indicator, fields: Fields, formula: dict[str, Any] | None) -> None:
    sheet = {name: gathered(fields, name) for name in SHEET if name != "formula"}
    sheet["direction"] = sheet["direction"] or None
    sheet["formula"] = formula
    reason = fields.get("reason") or ""
    if found.current and reason == found.current.reason:
        reason = ""
    actions.define(
        indicator=found, sheet=sheet, valid_from=fields.get("valid_from") or run.programme.starts_on, reason=reason,
        by=run.by,
    )  # fmt: skip
    run.forget(Indicator)


def _told(run: Run, code: str) -> Fields:
    """The row of an indicator whose formula alone changes: its date and reason are told there."""
    fields = run.idle.get((specs.INDICATORS, (code,)))
    if fields is None:
        raise Refused(
            _("La formule change : gardez la ligne de « %(code)s » dans « Indicateurs », avec le motif."), code=code
        )
    return fields


def _formula(run: Run, change: Change, refusals: list[Refused]) -> dict[str, Any] | None:
    """The formula that a row describes; what the engine finds wrong in it joins `refusals`. Its form may come later."""
    if change.kind == REMOVED:
        return None
    try:
        record = formulas.formula(change.after, {d.code: (d.kind, d.categories) for d in Dimension.objects.all()})
    except Refused as refusal:
        refusals.append(Refused(refusal.message, **{**refusal.values, "field": refusal.field, "at": specs.FORMULAS}))
        return None
    for fault in run.check_formula(record):
        if fault.message == NO_FORM:
            run.notes.append(Note(specs.FORMULAS, fault.message, fault.values))
            continue
        name, part = formulas.field_of(fault.values["place"])
        head = specs.BY_NAME[specs.FORMULAS].column(name).head
        place = f"{head} › {part}" if part else head
        refusals.append(Refused(fault.message, **{**fault.values, "place": place, "field": name, "at": specs.FORMULAS}))
    return record


def set_dimension(run: Run, changes: list[Change]) -> None:
    """Add, change or remove a disaggregation and its categories, in one go."""
    code = changes[0].key[0]
    dimension = Dimension.objects.filter(code=code).first() or Dimension(code=code)
    categories = {category["code"]: category for category in dimension.categories}
    for change in changes:
        category = change.key[1]
        if change.kind == REMOVED and not category:
            actions.remove(row=dimension, by=run.by)
            return
        if change.kind == REMOVED:
            categories.pop(category, None)
        elif category:
            categories[category] = _category(category, change.after)
        else:
            fill(dimension, change.after, "label", "kind", "about_people")
    dimension.categories = list(categories.values())
    if not dimension.kind:
        dimension.kind = Dimension.Kind.CATEGORY
    actions.set_dimension(dimension=dimension, by=run.by)


def _category(code: str, fields: Fields) -> dict[str, Any]:
    bounds = {name: formulas.number(fields[name]) for name in ("from", "to") if fields.get("from") is not None
              or fields.get("to") is not None}  # fmt: skip
    return {"code": code, "label": gathered(fields, "label"), **bounds}


STEPS = {specs.INDICATORS: set_indicator, specs.FORMULAS: set_indicator, specs.DIMENSIONS: set_dimension}
