"""Whether each question was put to the person, from the conditions of the form; and what its calculations give."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from jalons.collection.forms.rules.evaluation import UNKNOWN, Place, beyond, evaluate
from jalons.collection.forms.rules.expressions import Apply, Node, Question, Unreadable, parse, walk
from jalons.collection.forms.rules.functions import Unsupported, is_blank, text, truth
from jalons.collection.submissions.rules.schema import Item, Schema, Table
from jalons.core.errors import Refused, _

COMPUTED = _("« %(name)s » est calculée par le formulaire : corrigez les réponses dont elle dépend.")
NO_CHANGE = _("L’ancienne et la nouvelle valeur sont les mêmes.")
LOST_ROW = _("La répétition n’a pas de ligne %(index)s.")
DEEPEST = 5  # calculations that need others, one after the other
MOST_KEPT = 20_000  # results kept per expression
CLOCKS = frozenset({"today", "now"})
LOCAL = frozenset({"position"})
SEVERAL = ("select_multiple", "rank")


class Values(dict):
    """The answers that one expression reads; `position` counts from 1 the row of the repeat it is computed in."""

    position: int | None = None


class Line(NamedTuple):
    """One row of a table with the rows around it: the innermost first. `index` is its path of row numbers, from 0."""

    rows: tuple[Mapping[str, Any], ...]
    index: tuple[int, ...] = ()


class Look(NamedTuple):
    """Where an expression finds one name from a row: so many rows outwards, or among the rows of repeats below.

    several: the answer is a list of choices. below: finds the answers of the rows below, None when there are none.
    """

    name: str
    depth: int
    key: str
    several: bool
    below: Callable[["Line"], Any] | None = None

    def find(self, line: "Line") -> Any:
        if self.below:
            return self.below(line)
        answer = line.rows[self.depth].get(self.key)
        return tuple(answer) if self.several and answer else answer


class Expression:
    """An expression of a form tied to its tables: where each name it reads is found, and what it was worth before."""

    def __init__(self, node: Node, looks: tuple[Look, ...], functions: set[str]) -> None:
        self.node, self.looks = node, looks
        self.names = tuple(look.name for look in looks)
        plain = not any(look.depth or look.several or look.below for look in looks)
        self.keys = tuple(look.key for look in looks) if plain else None  # all read on the row itself
        self.clock, self.daily, self.local = bool(functions & CLOCKS), "now" not in functions, bool(functions & LOCAL)
        self.still = not (self.clock or self.local)  # what it reads settles it
        self.known: dict[Any, Any] = {}

    def read(self, line: "Line") -> tuple[Any, ...]:
        """What it reads from one row and those around."""
        if self.keys is not None:
            return tuple(map(line.rows[0].get, self.keys))
        return tuple([look.find(line) for look in self.looks])

    def compute(self, line: "Line", now: datetime | None, blank: str | None, current: Any = None) -> Any:
        """What it is worth on one row.

        Error: Unsupported outside the functions that Jalons computes.
        """
        read = self.read(line)
        key = (blank, tuple(current) if isinstance(current, list) else current, *read)
        if self.clock or self.local:
            key = (*key, now.date() if now and self.daily else now, line.index[-1:])
        try:
            if key in self.known:
                return self.known[key]
        except TypeError:  # rows of a repeat, read whole
            return self._evaluated(read, line, now, blank, current)
        if len(self.known) >= MOST_KEPT:
            self.known.clear()
        result = self.known[key] = self._evaluated(read, line, now, blank, current)
        return result

    def _evaluated(
        self, read: tuple[Any, ...], line: "Line", now: datetime | None, blank: str | None, current: Any
    ) -> Any:
        values = Values(zip(self.names, map(_listed, read), strict=True))
        values.position = line.index[-1] + 1 if line.index else None
        return evaluate(self.node, Place(values, current, now, blank))


def expression(text: str, table: Table, schema: Schema) -> Expression | None:
    """Tie an expression to the form that holds it.

    Missing: None when it is empty.
    Error:   Unsupported when it cannot be read, or when it reads a question that the form does not have.
    Source:  XLSForm: `${name}` is the nearest question of that name, outwards; from outside a repeat, all its rows.
    """
    if not text.strip():
        return None
    try:
        node = parse(text)
    except Unreadable as fault:
        raise Unsupported(text) from fault
    if stranger := beyond(node):
        raise Unsupported(stranger)
    parts = list(walk(node))
    names = sorted({part.name for part in parts if isinstance(part, Question)})
    functions = {part.function for part in parts if isinstance(part, Apply)}
    looks = tuple(_look(name, table, schema) for name in names)
    return Expression(node, looks, functions)


def _look(name: str, table: Table, schema: Schema) -> Look:
    """How to find what a name stands for from a row of a table."""
    here, depth = table, 0
    while True:
        if item := schema.item(name, here.name):
            return Look(name, depth, item.key, item.kind in SEVERAL)
        if name in schema.tables and schema.tables[name].parent == here.name:
            return Look(name, depth, name, several=False)
        if here.parent is None:
            break
        here, depth = schema.tables[here.parent], depth + 1
    owner = next((t for t in schema.tables.values() if schema.item(name, t.name)), None)
    if owner is None:
        raise Unsupported(f"${{{name}}}")
    return Look(name, 0, "", False, _downward(schema, owner, name, _common(schema, table, owner)))


def _common(schema: Schema, table: Table, owner: Table) -> str:
    """The innermost table that holds both."""
    mine = [t.name for t in _outwards(schema, table)]
    return next(t.name for t in _outwards(schema, owner) if t.name in mine)


def _outwards(schema: Schema, table: Table) -> list[Table]:
    line = [table]
    while line[-1].parent is not None:
        line.append(schema.tables[line[-1].parent])
    return line


def _downward(schema: Schema, owner: Table, name: str, top: str) -> Callable[[Line], Any]:
    steps = [t.name for t in reversed(_outwards(schema, owner))]
    steps = steps[steps.index(top) + 1 :]
    levels = len(_outwards(schema, schema.tables[top]))
    key = schema.item(name, owner.name).key

    def look(line: Line) -> tuple[Any, ...]:
        rows = [line.rows[-levels]]
        for step in steps:
            rows = [inner for row in rows for inner in row.get(step) or ()]
        found = (row.get(key) for row in rows)
        return tuple(tuple(answer) if isinstance(answer, list) else answer for answer in found)

    return look


def _listed(value: Any) -> Any:
    return list(map(_listed, value)) if isinstance(value, tuple) else value


def lines(answers: Mapping[str, Any], schema: Schema, table: Table) -> Iterator[Line]:
    """The rows of one table in a set of answers, each with the rows around it.

    Source: ours.
    """
    steps = [t.name for t in reversed(_outwards(schema, table))][1:]
    yield from _below(Line((answers,)), steps)


def _below(line: Line, steps: list[str]) -> Iterator[Line]:
    if not steps:
        yield line
        return
    for place, row in enumerate(line.rows[0].get(steps[0]) or ()):
        yield from _below(Line((row, *line.rows), (*line.index, place)), steps[1:])


def line_of(answers: Mapping[str, Any], schema: Schema, table: Table, rows: tuple[int, ...]) -> dict[str, Any]:
    """The row of answers that holds a question of a table.

    Error:  Refused when the repeat has no such row.
    Source: ours.
    """
    line: Any = answers
    steps = [t.name for t in reversed(_outwards(schema, table))][1:]
    for step, row in zip(steps, (*rows, *[0] * len(steps)), strict=False):
        found = line.get(step) or []
        if row >= len(found):
            raise Refused(LOST_ROW, index=".".join(str(one + 1) for one in rows))
        line = found[row]
    return line


def holds(condition: Expression | None, line: Line, now: datetime | None, blank: str | None) -> bool | None:
    """Whether a condition holds on a row.

    Missing: no condition always holds; None when it cannot be computed, or when a blank leaves it open.
    Source:  XLSForm `relevant`.
    """
    if condition is None:
        return True
    try:
        return truth(condition.compute(line, now, blank))
    except Unsupported:
        return None


def put(relevant: bool | None, answered: bool, flat: bool) -> bool | None:
    """Whether a question was put to the person.

    Missing: None when nobody can tell: the condition is beyond what is computed, or the answer is blank in a flat
             file, where a blank is as well a column that its version did not have. A condition that given answers
             make false settles it even there.
    Source:  product law: unknown, not applicable, not asked and zero are four different things.

    >>> put(True, False, False), put(True, False, True), put(False, False, True), put(None, True, False)
    (True, None, False, True)
    """
    if answered:
        return True
    if relevant is False:
        return False
    return None if flat else relevant


class Step(NamedTuple):
    """A calculation to make on every row of its table, and the condition under which it is made."""

    item: Item
    table: Table
    calculation: Expression
    relevant: Expression | None


def complete(
    answers: Mapping[str, Any], steps: Iterable[Step], schema: Schema, now: datetime | None, blank: str | None
) -> list[str]:
    """Fill the calculations that came blank and that given answers settle; returns their names, with their repeat.

    blank:   what a blank answer is to conditions: an empty text to a form, nothing known to a table.
    Missing: a calculation that needs a blank answer, the rows of a repeat that has none, or a function beyond those
             computed, stays blank; so does one whose condition does not hold, as on a phone.
    Source:  XLSForm `calculation`, `relevant`.
    """
    filled: dict[str, None] = {}
    left = list(steps)
    for _pass in range(DEEPEST):
        before, lacking = len(filled), []
        for step in left:
            some, whole = _fill(answers, step, schema, now, blank)
            if some:
                filled["/".join(part for part in (step.table.name, step.item.key) if part)] = None
            if not whole:
                lacking.append(step)
        if not lacking or len(filled) == before:
            break
        left = lacking
    return list(filled)


def _fill(
    answers: Mapping[str, Any], step: Step, schema: Schema, now: datetime | None, blank: str | None
) -> tuple[bool, bool]:
    """Compute one calculation on every row; whether some row was filled, and whether none is left blank."""
    key, some, whole = step.item.key, False, True
    for line in lines(answers, schema, step.table):
        if is_blank(line.rows[0].get(key)):
            is_put = holds(step.relevant, line, now, blank) is not False
            value = _calculated(step.calculation, line, now) if is_put else None
            if is_blank(value):
                whole = False
            else:
                line.rows[0][key], some = value, True
    return some, whole


def _is_whole(rows: tuple[Any, ...]) -> bool:
    return bool(rows) and not any(map(is_blank, rows))


def _calculated(calculation: Expression, line: Line, now: datetime | None) -> Any:
    if any(look.below and not _is_whole(look.below(line)) for look in calculation.looks):
        return None
    try:
        value = calculation.compute(line, now, UNKNOWN)
    except Unsupported:
        return None
    return None if value is None else text(value)


def as_before(before: Any, now: Any) -> Any:
    """A result as the same calculation wrote it before: phones write true as 1, and a day with its first hour.

    Source: JavaRosa, `IAnswerData.wrapData`; web forms write true and the day.

    >>> as_before("1", "false"), as_before("2026-09-01T00:00:00.000+01:00", "2026-09-01"), as_before("4", "5")
    ('0', '2026-09-01T00:00:00.000+01:00', '5')
    """
    if before in ("1", "0"):
        return {"true": "1", "false": "0"}.get(now, now)
    return before if str(before).startswith(f"{now}T00:00:00") else now
