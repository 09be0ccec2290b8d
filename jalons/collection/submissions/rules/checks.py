"""Simple checks on arrival: what draws attention in the answers of a submission, and which questions were asked."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from jalons.collection.forms.rules.evaluation import EMPTY, UNKNOWN
from jalons.collection.forms.rules.functions import Unsupported, truth
from jalons.collection.submissions.rules.asked import (
    MOST_KEPT,
    Expression,
    Line,
    Step,
    complete,
    expression,
    holds,
    lines,
    put,
)
from jalons.collection.submissions.rules.schema import Item, Schema, Table
from jalons.core.years import FIRST_YEAR, LAST_YEAR

DATED = ("date", "today", "dateTime", "start", "end")
UNASKED = ("calculate", "hidden", "today", "start", "end", "deviceid", "username", "email", "phonenumber", "audit")
OLDEST, LATEST = str(FIRST_YEAR), str(LAST_YEAR)  # as answers write them
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
    """What an answer to one question is held to: its choices, its constraint, a year that people live in.

    passed: answers found good whatever the others are, from a phone and from a table.
    """

    codes: frozenset[str] | None
    constraint: Expression | None
    passed: tuple[set, set]
    dated: bool = False

    @property
    def alone(self) -> bool:
        """Whether an answer is judged without looking at another one."""
        return self.constraint is None or (self.constraint.still and not self.constraint.looks)


class Blank(NamedTuple):
    """What a question without an answer may be: asked or not, missing. Those of one group share a condition."""

    key: str
    column: str
    required: Expression | None
    group: int


class Condition(NamedTuple):
    """What opens a group of questions; not computable, nobody can tell.

    known: what it said before, by the answers that it reads.
    """

    relevant: Expression | None
    computable: bool
    known: dict[Any, tuple[bool | None, bool | None]]


@dataclass(frozen=True)
class Rulebook:
    """The conditions, constraints and calculations of one version of a form, ready to be computed.

    gates:  which condition opens each question that has one, and that a person answers.
    beyond: expressions outside what Jalons computes, with the question that holds each; they are said, not guessed.
    """

    schema: Schema
    conditions: Mapping[str, tuple[Condition, ...]]
    gates: Mapping[str, Mapping[str, int]]
    blanks: Mapping[str, tuple[Blank, ...]]
    probes: Mapping[str, Mapping[str, Probe]]
    calculations: tuple[Step, ...]
    beyond: tuple[tuple[str, str], ...]


def rulebook(schema: Schema) -> Rulebook:
    """Prepare the expressions of a form.

    Error:  an expression that cannot be computed is listed in `beyond`: its check is not made, its questions are
            asked or not, nobody can tell.
    Source: XLSForm `relevant`, `required`, `constraint`, `calculation`.
    """
    beyond: list[tuple[str, str]] = []
    conditions, blanks, gates, probes, calculations = {}, {}, {}, {}, []
    for table in schema.tables.values():
        conditions[table.name], blanks[table.name] = _groups(table, schema, beyond)
        told = {item.key for item in table.items if item.relevant.strip() and item.kind not in UNASKED}
        opened = {blank.key: conditions[table.name][blank.group].relevant for blank in blanks[table.name]}
        gates[table.name] = {
            blank.key: blank.group
            for blank in blanks[table.name]
            if blank.key in told and conditions[table.name][blank.group].computable
        }
        probes[table.name] = dict(_probes(table, schema, beyond))
        for item in table.items:
            if calculation := _tied(item, item.calculation, table, schema, beyond):
                calculations.append(Step(item, table, calculation, opened[item.key]))
    calculations.sort(key=lambda step: step.item.position)
    return Rulebook(schema, conditions, gates, blanks, probes, tuple(calculations), tuple(beyond))


def _groups(table: Table, schema: Schema, beyond: list) -> tuple[tuple[Condition, ...], tuple[Blank, ...]]:
    """The conditions of a table, each once, and which of them opens each question."""
    conditions: dict[str, Condition] = {}
    blanks = []
    for item in table.items:
        if item.relevant not in conditions:
            relevant = _tied(item, item.relevant, table, schema, beyond)
            computable = relevant is not None or not item.relevant.strip()
            conditions[item.relevant] = Condition(relevant, computable, {})
        required = _tied(item, item.required, table, schema, beyond) if item.kind not in UNASKED else None
        blanks.append(Blank(item.key, item.column, required, list(conditions).index(item.relevant)))
    return tuple(conditions.values()), tuple(blanks)


def _probes(table: Table, schema: Schema, beyond: list) -> Iterator[tuple[str, Probe]]:
    """The questions that do not take any answer."""
    for item in table.items:
        codes = item.choices.codes if item.choices else None
        constraint = _tied(item, item.constraint, table, schema, beyond)
        dated = item.kind in DATED
        if codes or constraint or dated:
            yield item.key, Probe(codes or None, constraint, (set(), set()), dated)


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
    computed = complete(answers, book.calculations, book.schema, now, UNKNOWN) if flat else []
    verdict, means = Verdict([], {}, computed), _Means(flat, now, UNKNOWN if flat else EMPTY)
    for table in book.schema.tables.values():
        verdict.asked[table.name] = [
            _row(book, table.name, line, verdict.flags, means) for line in lines(answers, book.schema, table)
        ]
    return verdict


class _Means(NamedTuple):
    flat: bool
    now: datetime | None
    blank: str | None


class _Opened(dict):
    """Whether each condition of a table holds on a row, and whether its blank questions were asked; told once."""

    def __init__(self, conditions: tuple[Condition, ...], line: Line, means: _Means) -> None:
        self.conditions, self.line, self.means = conditions, line, means

    def __missing__(self, group: int) -> tuple[bool | None, bool | None]:
        verdict = self[group] = _opened(self.conditions[group], self.line, self.means)
        return verdict


def _row(book: Rulebook, table: str, line: Line, flags: list[Flag], means: _Means) -> Asked:
    told, row, opened = Asked([], []), line.rows[0], _Opened(book.conditions[table], line, means)
    _check_answers(book.probes[table], line, flags, means)
    closed = [key for key, gate in book.gates[table].items() if row.get(key) is not None and opened[gate][0] is False]
    flags += [Flag("relevant", key, line.index, _said(row[key])) for key in closed]
    for key, column, required, group in [blank for blank in book.blanks[table] if row.get(blank[0]) is None]:
        relevant, asked = opened[group]
        if asked is not True:
            told[asked is None].append(column)
        if relevant and required and key not in row and holds(required, line, means.now, means.blank):
            flags.append(Flag("required", key, line.index))
    return told


def _check_answers(probes: Mapping[str, Probe], line: Line, flags: list[Flag], means: _Means) -> None:
    for key, answer in line.rows[0].items():
        if answer is not None and (probe := probes.get(key)):
            said = tuple(answer) if isinstance(answer, list) else answer
            if said not in probe.passed[means.flat]:
                _check_answer(key, answer, probe, line, flags, means)


def _opened(condition: Condition, line: Line, means: _Means) -> tuple[bool | None, bool | None]:
    """Whether a condition holds on a row, and whether its blank questions were asked."""
    relevant, known = condition.relevant, condition.known
    if relevant is None or not relevant.still:
        return _judged(condition, line, means)
    said = (means.flat, relevant.read(line))
    try:
        verdict = known.get(said)
    except TypeError:  # rows of a repeat, read whole
        return _judged(condition, line, means)
    if verdict is None:
        verdict = _judged(condition, line, means)
        if len(known) < MOST_KEPT:
            known[said] = verdict
    return verdict


def _judged(condition: Condition, line: Line, means: _Means) -> tuple[bool | None, bool | None]:
    relevant = holds(condition.relevant, line, means.now, means.blank) if condition.computable else None
    return relevant, put(relevant, False, means.flat)


def _check_answer(key: str, answer: Any, probe: Probe, line: Line, flags: list[Flag], means: _Means) -> None:
    before = len(flags)
    if probe.codes is not None:
        given = answer if isinstance(answer, list) else (answer,)
        if not probe.codes.issuperset(given):
            strangers = " ".join(str(choice) for choice in given if choice not in probe.codes)
            flags.append(Flag("choice", key, line.index, strangers[:LONGEST_VALUE]))
    if probe.dated and not OLDEST <= answer[:4] <= LATEST:
        flags.append(Flag("unlikely", key, line.index, _said(answer)))
    if probe.constraint is not None and _broken(probe.constraint, answer, line, means):
        flags.append(Flag("constraint", key, line.index, _said(answer)))
    if len(flags) == before and probe.alone and len(probe.passed[means.flat]) < MOST_KEPT:
        probe.passed[means.flat].add(tuple(answer) if isinstance(answer, list) else answer)


def _said(answer: Any) -> str:
    return (" ".join(answer) if isinstance(answer, list) else str(answer))[:LONGEST_VALUE]


def _broken(constraint: Expression, answer: Any, line: Line, means: _Means) -> bool:
    try:
        return truth(constraint.compute(line, means.now, means.blank, answer)) is False
    except Unsupported:
        return False


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
