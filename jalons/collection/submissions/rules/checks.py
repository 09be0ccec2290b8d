"""Simple checks on arrival: what draws attention in the answers of a submission, and which questions were asked."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from jalons.collection.forms.rules.evaluation import EMPTY, UNKNOWN
from jalons.collection.forms.rules.functions import Unsupported, truth
from jalons.collection.submissions.rules.asked import Expression, Line, complete, expression, holds, lines, put
from jalons.collection.submissions.rules.schema import Item, Schema, Table

LONGEST_VALUE = 200  # letters of an answer kept beside a flag


class Flag(NamedTuple):
    """What draws attention: which check, which question, which rows of its repeats (from 0), which answer."""

    check: str
    question: str = ""
    rows: tuple[int, ...] = ()
    value: str = ""


class Asked(NamedTuple):
    """Blank columns of one row: those known not asked, and those of which nobody can tell."""

    not_asked: list[str]
    maybe_asked: list[str]


@dataclass(slots=True)
class Group:
    """Questions of one table that the same condition opens."""

    relevant: Expression | None
    computable: bool
    items: list[Item] = field(default_factory=list)


@dataclass(frozen=True)
class Rulebook:
    """The conditions, constraints and calculations of one version of a form, ready to be computed.

    beyond: expressions outside what Jalons computes, with the question that holds each; they are said, not guessed.
    """

    schema: Schema
    groups: Mapping[str, tuple[Group, ...]]
    required: Mapping[str, Expression | None]
    constraints: Mapping[str, Expression]
    calculations: tuple[tuple[Item, Table, Expression], ...]
    beyond: tuple[tuple[str, str], ...]


def rulebook(schema: Schema) -> Rulebook:
    """Prepare the expressions of a form.

    Error:  an expression that cannot be computed is listed in `beyond`: its check is not made, its questions are
            asked or not, nobody can tell.
    Source: XLSForm `relevant`, `required`, `constraint`, `calculation`.
    """
    beyond: list[tuple[str, str]] = []
    groups, required, constraints, calculations = {}, {}, {}, []
    for table in schema.tables.values():
        groups[table.name] = _groups(table, schema, beyond)
        for item in table.items:
            if item.required:
                required[item.path] = _tied(item, item.required, table, schema, beyond)
            if constraint := _tied(item, item.constraint, table, schema, beyond):
                constraints[item.path] = constraint
            if calculation := _tied(item, item.calculation, table, schema, beyond):
                calculations.append((item, table, calculation))
    calculations.sort(key=lambda step: step[0].position)
    return Rulebook(schema, groups, required, constraints, tuple(calculations), tuple(beyond))


def _groups(table: Table, schema: Schema, beyond: list) -> tuple[Group, ...]:
    by_condition: dict[str, Group] = {}
    for item in table.items:
        if item.relevant not in by_condition:
            relevant = _tied(item, item.relevant, table, schema, beyond)
            by_condition[item.relevant] = Group(relevant, relevant is not None or not item.relevant.strip())
        by_condition[item.relevant].items.append(item)
    return tuple(by_condition.values())


def _tied(item: Item, text: str, table: Table, schema: Schema, beyond: list) -> Expression | None:
    try:
        return expression(text, table, schema)
    except Unsupported:
        beyond.append((item.path, text))
        return None


@dataclass(slots=True)
class Verdict:
    """What the checks say of one submission: flags, and per table and row, what was asked."""

    flags: list[Flag]
    asked: dict[str, list[Asked]]
    computed: list[str]


def examine(book: Rulebook, answers: Mapping[str, Any], *, flat: bool, now: datetime | None) -> Verdict:
    """Check the answers of one submission, and tell which questions were asked.

    flat:    the answers come from a table, whose blanks do not tell whether the question was put; calculations that
             came blank are filled from given answers, in place.
    Missing: a blank breaks no constraint; a required question is missing only when its condition holds.
    Source:  XLSForm; ODK XForms specification.
    """
    computed = complete(answers, book.calculations, book.schema, now) if flat else []
    verdict = Verdict([], {}, computed)
    for table in book.schema.tables.values():
        verdict.asked[table.name] = [
            _row(book, table, line, verdict.flags, _Means(flat, now)) for line in lines(answers, book.schema, table)
        ]
    return verdict


class _Means(NamedTuple):
    flat: bool
    now: datetime | None

    @property
    def blank(self) -> str | None:
        return UNKNOWN if self.flat else EMPTY


def _row(book: Rulebook, table: Table, line: Line, flags: list[Flag], means: _Means) -> Asked:
    not_asked, maybe_asked = [], []
    row = line.rows[0]
    for group in book.groups[table.name]:
        relevant = holds(group.relevant, line, means.now, means.blank) if group.computable else None
        for item in group.items:
            value = row.get(item.key)
            if value is not None:
                flags.extend(_of_answer(book, item, value, line, means))
                continue
            asked = put(relevant, False, means.flat)
            if asked is False:
                not_asked.append(item.column)
            elif asked is None:
                maybe_asked.append(item.column)
            if relevant and item.path in book.required and item.key not in row and _required(book, item, line, means):
                flags.append(Flag("required", item.key, line.index))
    return Asked(not_asked, maybe_asked)


def _of_answer(book: Rulebook, item: Item, value: Any, line: Line, means: _Means) -> Iterator[Flag]:
    if item.choices is not None:
        strangers = [v for v in (value if isinstance(value, list) else (value,)) if v not in item.choices.codes]
        if strangers and item.choices.codes:
            yield Flag("choice", item.key, line.index, " ".join(map(str, strangers))[:LONGEST_VALUE])
    constraint = book.constraints.get(item.path)
    if constraint is not None and _broken(constraint, value, line, means):
        said = " ".join(value) if isinstance(value, list) else str(value)
        yield Flag("constraint", item.key, line.index, said[:LONGEST_VALUE])


def _broken(constraint: Expression, value: Any, line: Line, means: _Means) -> bool:
    try:
        return truth(constraint.compute(line, means.now, means.blank, value)) is False
    except Unsupported:
        return False


def _required(book: Rulebook, item: Item, line: Line, means: _Means) -> bool:
    condition = book.required[item.path]
    return condition is not None and bool(holds(condition, line, means.now, means.blank))


def unreadable(unread: Iterable[Mapping[str, str]], schema: Schema) -> Iterator[Flag]:
    """One flag for each answer that could not be read; what belongs to no question is reported, not flagged.

    Source: ours.
    """
    for entry in unread:
        *repeats, name = entry["path"].split("/")
        table = repeats[-1].partition("[")[0] if repeats else ""
        if table in schema.tables and schema.item(name, table):
            rows = tuple(int(step.partition("[")[2].rstrip("]") or 1) - 1 for step in repeats if "[" in step)
            yield Flag("type", name, rows, entry["value"][:LONGEST_VALUE])
