"""In which order the rows of a workbook are done, and what becomes of those that are refused."""

from collections.abc import Callable

from django.db import transaction

from jalons.core.errors import Refused
from jalons.reporting.exchange.importing import definitions, programmes, results
from jalons.reporting.exchange.importing.run import Missing, Run, Several
from jalons.reporting.exchange.workbook import specs
from jalons.reporting.exchange.workbook.records import REMOVED, Change, Fault, Plan

Refusals = list[tuple[Change, Refused]]
Step = Callable[[Run, list[Change]], Refusals | None]
STEPS: dict[str, Step] = {**programmes.STEPS, **results.STEPS, **definitions.STEPS}
RANKS = {sheet.name: rank for rank, sheet in enumerate(specs.SHEETS)}
LEAVES = (specs.MAPPINGS, specs.TARGETS)
# Leaves are removed first, then all is added and changed, then the rest is removed from the ends to the root.
CUT, KEEP, UPROOT = range(3)
LAST = 10_000


def perform(plan: Plan, run: Run) -> None:
    """Do each step on its own: what one refuses becomes a fault and hides no other."""
    for changes in _groups(plan):
        for change, refusal in _refusals(changes, run):
            run.reading.failed.add((change.sheet, change.code))
            if not (isinstance(refusal, Missing) and (refusal.sheet, refusal.code) in run.reading.failed):
                _tell(plan, _fault(run, changes if change is changes[0] else [change], refusal))
        if run.programme is None:
            return


def _tell(plan: Plan, fault: Fault) -> None:
    """Add a fault, unless its cell was found at fault before."""
    if not fault.cell or all((known.sheet, known.cell) != (fault.sheet, fault.cell) for known in plan.faults):
        plan.faults.append(fault)


def _refusals(changes: list[Change], run: Run) -> Refusals:
    """Do one step; what it refuses is undone and told."""
    step = results.remove_point if _removed_point(changes[0]) else STEPS[changes[0].sheet]
    try:
        with transaction.atomic():
            return step(run, changes) or []
    except Refused as refusal:
        run.known.clear()  # some of these rows have just been undone
        run.reading.failed.update((change.sheet, change.code) for change in changes)
        return [(changes[0], each) for each in (refusal.refusals if isinstance(refusal, Several) else [refusal])]


def _removed_point(change: Change) -> bool:
    return change.sheet == specs.TARGETS and change.kind == REMOVED


def _groups(plan: Plan) -> list[list[Change]]:
    """Changes that make one thing, together; in an order where what a row names is there before it."""
    groups: dict[tuple, list[Change]] = {}
    for number, change in enumerate(plan.changes):
        own = change.key[0] if change.sheet in definitions.STEPS else number
        if change.sheet == specs.TARGETS and change.kind != REMOVED:
            own = -1  # all together: there may be thousands of them
        groups.setdefault((_home(change), own), []).append(change)
    parents = {c.key[2]: (c.after or c.before)["parent"] for c in plan.of(specs.CHAIN) if not c.key[0]}
    for changes in groups.values():
        changes.sort(key=lambda change: change.sheet == specs.FORMULAS)
    return sorted(groups.values(), key=lambda changes: _rank(changes[0], parents))


def _home(change: Change) -> str:
    """The sheet of the thing that a change is about: a formula belongs to its indicator."""
    return specs.INDICATORS if change.sheet == specs.FORMULAS else change.sheet


def _rank(change: Change, parents: dict[str, str]) -> tuple[int, int, int]:
    sheet, inner = RANKS[_home(change)], _inner(change, parents)
    part = change.sheet == specs.FORMULAS or (change.sheet == specs.DIMENSIONS and change.key[1])
    if change.kind != REMOVED or part:
        return (KEEP, sheet, inner)
    return (CUT, sheet, inner) if change.sheet in LEAVES else (UPROOT, -sheet, -inner)


def _inner(change: Change, parents: dict[str, str]) -> int:
    """Order in a sheet: a result after the one it contributes to, an assumption last, a catalogue before its lines."""
    if change.sheet == specs.CATALOGUES:
        return int(bool(change.key[1]))
    if change.sheet != specs.CHAIN:
        return 0
    if change.key[0]:
        return LAST
    depth, code = 0, change.key[2]
    while (code := parents.get(code, "")) and depth < LAST:
        depth += 1
    return depth


def _fault(run: Run, changes: list[Change], refusal: Refused) -> Fault:
    """A refusal, on the cell that it is about."""
    change = next((c for c in changes if c.sheet == refusal.values.get("at")), changes[0])
    change = next((c for c in changes if c.key[-1] and c.key[-1] == refusal.values.get("code")), change)
    sheet, row = change.sheet, change.row
    told = run.reading.rows.get(specs.INDICATORS, {}).get(change.key)
    if sheet == specs.FORMULAS and told and refusal.values.get("at") != sheet:
        sheet, row = specs.INDICATORS, told.number
    name = refusal.field or (specs.REMOVE if change.kind == REMOVED else None)
    return run.reading.fault_at(sheet, row, name, refusal.message, refusal.values)
