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


class Probe(NamedTuple):
    """What is checked of one question: its choices, its constraint, whether it must be answered."""

    key: str
    column: str
    codes: frozenset[str] | None
    constraint: Expression | None
    required: Expression | None

    @property
    def is_free(self) -> bool:
        """Any answer will do."""
        return self.codes is None and self.constraint is None


@dataclass(slots=True)
class Group:
    """Questions of one table that the same condition opens."""

    relevant: Expression | None
    computable: bool
    probes: list[tuple[Probe, bool]] = field(default_factory=list)


@dataclass(frozen=True)
class Rulebook:
    """The conditions, constraints and calculations of one version of a form, ready to be computed.

    beyond: expressions outside what Jalons computes, with the question that holds each; they are said, not guessed.
    """

    schema: Schema
    groups: Mapping[str, tuple[Group, ...]]
    calculations: tuple[tuple[Item, Table, Expression], ...]
    beyond: tuple[tuple[str, str], ...]


def rulebook(schema: Schema) -> Rulebook:
    """Prepare the expressions of a form.

    Error:  an expression that cannot be computed is listed in `beyond`: its check is not made, its questions are
            asked or not, nobody can tell.
    Source: XLSForm `relevant`, `required`, `constraint`, `calculation`.
    """
    beyond: list[tuple[str, str]] = []
    groups, calculations = {}, []
    for table in schema.tables.values():
        groups[table.name] = _groups(table, schema, beyond)
        for item in table.items:
            if calculation := _tied(item, item.calculation, table, schema, beyond):
                calculations.append((item, table, calculation))
    calculations.sort(key=lambda step: step[0].position)
    return Rulebook(schema, groups, tuple(calculations), tuple(beyond))


def _groups(table: Table, schema: Schema, beyond: list) -> tuple[Group, ...]:
    by_condition: dict[str, Group] = {}
    for item in table.items:
        if item.relevant not in by_condition:
            relevant = _tied(item, item.relevant, table, schema, beyond)
            by_condition[item.relevant] = Group(relevant, relevant is not None or not item.relevant.strip())
        probe = Probe(
            item.key,
            item.column,
            item.choices.codes if item.choices and item.choices.codes else None,
            _tied(item, item.constraint, table, schema, beyond),
            _tied(item, item.required, table, schema, beyond),
        )
        by_condition[item.relevant].probes.append((probe, probe.is_free))
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
    told, row = Asked([], []), line.rows[0]
    for group in book.groups[table.name]:
        blanks = []
        for probe, is_free in group.probes:
            answer = row.get(probe.key)
            if answer is None:
                blanks.append(probe)
            elif not is_free:
                _check_answer(probe, answer, line, flags, means)
        if blanks:
            _check_blanks(group, blanks, line, _Findings(flags, told), means)
    return told


class _Findings(NamedTuple):
    flags: list[Flag]
    told: Asked


def _check_blanks(group: Group, blanks: list[Probe], line: Line, found: _Findings, means: _Means) -> None:
    """Were these questions asked, and had they to be answered?"""
    relevant = holds(group.relevant, line, means.now, means.blank) if group.computable else None
    asked = put(relevant, False, means.flat)
    if asked is not True:
        found.told[1 if asked is None else 0].extend(probe.column for probe in blanks)
    if relevant:
        for probe in blanks:
            if probe.required and probe.key not in line.rows[0]:
                _check_required(probe, line, found.flags, means)


def _check_answer(probe: Probe, answer: Any, line: Line, flags: list[Flag], means: _Means) -> None:
    if probe.codes is not None:
        given = answer if isinstance(answer, list) else (answer,)
        if strangers := [choice for choice in given if choice not in probe.codes]:
            flags.append(Flag("choice", probe.key, line.index, " ".join(map(str, strangers))[:LONGEST_VALUE]))
    if probe.constraint is not None and _broken(probe.constraint, answer, line, means):
        said = " ".join(answer) if isinstance(answer, list) else str(answer)
        flags.append(Flag("constraint", probe.key, line.index, said[:LONGEST_VALUE]))


def _broken(constraint: Expression, answer: Any, line: Line, means: _Means) -> bool:
    try:
        return truth(constraint.compute(line, means.now, means.blank, answer)) is False
    except Unsupported:
        return False


def _check_required(probe: Probe, line: Line, flags: list[Flag], means: _Means) -> None:
    if holds(probe.required, line, means.now, means.blank):
        flags.append(Flag("required", probe.key, line.index))


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
