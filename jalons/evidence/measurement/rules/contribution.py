"""What each row of answers brings to a value: the trees that PostgreSQL and NumPy both compute."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, NamedTuple

from sqlglot import exp

from jalons.collection.forms.rules.expressions import Node, Question
from jalons.core.errors import _
from jalons.evidence.measurement.rules.compile import Compiler, Source
from jalons.evidence.measurement.rules.formula import PERSON, UNKNOWN, Band, Faulty, Formula, Split, read_formula
from jalons.evidence.measurement.rules.trees import (
    DATE,
    NUMBER,
    TEXT,
    TRUTH,
    Typed,
    binary,
    both,
    choose,
    either,
    has,
    is_null,
    negate,
    number,
    string,
    surely,
)

NUMERIC = re.compile(r"\s*-?\d+([.,]\d+)?\s*")  # a choice that counts as a number
NO_NUMBER = _("Les choix de « %(name)s » sont des mots, pas des nombres. Comptez-les, ou prenez une autre question.")
FREE_WORDS = _("« %(name)s » se répond en mots. Comptez-la, ou écrivez number(${%(name)s}) si ce sont des nombres.")
DISTINCT_KINDS = (TEXT, NUMBER, DATE)
# The cut by region that is computed from the rows where finer places cannot be put together; no dimension's code.
REGION = "territory:region"
# measure -> how the figures of places give that of the answers of all of them; the others need the answers
RECOMPUTED = {
    "count": "sum", "sum": "sum", "average": "average", "share": "average", "minimum": "minimum", "maximum": "maximum",
}  # fmt: skip


class Standing(NamedTuple):
    """Where a row stands, as four conditions that are never unknown.

    counted:  it enters the number: its filter is true and its values are known.
    settled:  what it brings is known, be it nothing because its filter is false.
    asked:    it is not settled, though the question was asked.
    doubtful: it is not settled, and nobody can tell whether the question was asked.
    """

    counted: exp.Expression
    settled: exp.Expression
    asked: exp.Expression
    doubtful: exp.Expression


@dataclass(frozen=True)
class Contribution:
    """A formula over a source, as conditions and values of one row.

    kept:     its filter.
    terms:    value, or numerator and denominator, or nothing for a count; a denominator that is a condition filters.
    not_asked, maybe_asked: whether a question that it reads was not put to the person, or may not have been.
    splits:   dimension code -> category of the row, UNKNOWN when its answer is blank or in no category.
    day:      the date that attributes it to a period.
    """

    formula: Formula
    source: Source
    kept: exp.Expression
    terms: tuple[exp.Expression, ...]
    not_asked: exp.Expression
    maybe_asked: exp.Expression
    splits: Mapping[str, exp.Expression]
    day: exp.Expression

    @cached_property
    def standing(self) -> Standing:
        return standing(self.kept, self.terms, self.not_asked, self.maybe_asked)

    @cached_property
    def columns(self) -> dict[str, exp.Column]:
        """The columns that conditions and values read, by their name in the query."""
        trees = (self.kept, *self.terms, self.not_asked, self.maybe_asked)
        return {column.sql(): column for tree in trees for column in tree.find_all(exp.Column)}


def standing(
    kept: exp.Expression, terms: Iterable[exp.Expression], not_asked: exp.Expression, maybe_asked: exp.Expression
) -> Standing:
    """Where a row stands, from its filter, its values, and what is known of the questions.

    Missing: an unknown filter or value keeps the row out of the number and out of `answered`, never out of `asked`
             unless the question was not put to the person.
    Source:  house rule: None answers leave the denominator and lower `answered`; not asked is not blank.
    """
    known = [negate(is_null(term.copy())) for term in terms if term.find(exp.Column)]
    conditions = [tree for tree in (kept, *known) if not isinstance(tree, exp.Boolean)]
    counted = surely(both(*(tree.copy() for tree in conditions)))
    settled = surely(either(counted.copy(), negate(kept.copy()))) if conditions else exp.true()
    unsettled, was_asked = negate(settled.copy()), negate(not_asked.copy())
    return Standing(
        counted,
        settled,
        both(unsettled, was_asked, negate(maybe_asked.copy())),
        both(unsettled.copy(), was_asked.copy(), maybe_asked.copy()),
    )


def way_over_places(record: Mapping[str, Any] | None, place: str) -> str | None:
    """How the figures of places are put together into those of wider places; None when only the answers can tell.

    record: the formula, None for a typed value.

    Source: sums, shares and extremes of parts give those of the whole; distinct people, medians, latest do not.

    >>> way_over_places({"measure": "count"}, "recompute"), way_over_places({"measure": "distinct"}, "recompute")
    ('sum', None)
    """
    if place == "latest" and record:
        return None
    return RECOMPUTED.get((record or {}).get("measure", "")) if place == "recompute" else place


def _wider(formula: Formula) -> tuple[Split, ...]:
    """The regions, for a formula cut by finer places whose figures cannot be put together."""
    finer = any(split.level in ("commune", "province") for split in formula.splits)
    rows_only = way_over_places({"measure": formula.measure}, formula.place) is None
    return (Split(REGION, level="region"),) if finer and rows_only else ()


def contribution(formula: Formula, source: Source, today: date) -> Contribution:
    """The trees of a formula over the answers of a source.

    Error:  Faulty, for a question that does not exist, a choice that is not offered, types that do not match.
    Source: docs/decisions on blanks; indicator sheet.
    """
    kept = _condition(formula.filter, "filter", source, today)
    terms, kept = _terms(formula, kept, source, today)
    return Contribution(
        formula,
        source,
        kept,
        terms,
        _mentions("_not_asked", (kept, *terms)),
        _mentions("_maybe_asked", (kept, *terms)),
        {split.code: _category(split, source, today) for split in (*formula.splits, *_wider(formula))},
        _day(formula, source, today),
    )


def faults(record: object, source: Source, today: date) -> list[Faulty]:
    """What is wrong in a formula's record; nothing when it can be measured. One fault per place of the formula.

    Source: house rule: a refusal says what is wrong, where, and what to do.
    """
    found = []
    try:
        formula = read_formula(record)
    except Faulty as fault:
        return [fault]
    checks = [
        lambda: _condition(formula.filter, "filter", source, today),
        lambda: _terms(formula, exp.true(), source, today),
        lambda: _day(formula, source, today),
        *(lambda split=split: _category(split, source, today) for split in formula.splits),
    ]
    for check in checks:
        try:
            check()
        except Faulty as fault:
            found.append(fault)
    return found


def _condition(node: Node | None, place: str, source: Source, today: date) -> exp.Expression:
    if node is None:
        return exp.true()
    compiler = Compiler(source, place, today)
    return compiler.turn(compiler.compile(node), TRUTH, node)


def _terms(
    formula: Formula, kept: exp.Expression, source: Source, today: date
) -> tuple[tuple[exp.Expression, ...], exp.Expression]:
    """The values that a row brings, and the filter, narrowed by a denominator that is a condition."""
    if formula.measure == "share":
        return _share(formula, kept, source, today)
    if not formula.terms:
        return (), kept
    (node,) = formula.terms
    compiler = Compiler(source, "value", today)
    value = compiler.compile(node)
    if formula.measure == "distinct" and value.kind in DISTINCT_KINDS:
        return (value.tree,), kept
    if formula.measure != "distinct":
        _check_number(node, compiler)
    return (compiler.turn(value, TEXT if formula.measure == "distinct" else NUMBER, node),), kept


def _check_number(node: Node, compiler: Compiler) -> None:
    """Refuse to reckon with a question that is answered in words: nothing would ever be known."""
    column = compiler.source.columns[node.name] if isinstance(node, Question) else None
    if column and column.choices and not any(map(NUMERIC.fullmatch, column.choices)):
        raise compiler.fault(node, NO_NUMBER)
    if column and column.free:
        raise compiler.fault(node, FREE_WORDS)


def _share(
    formula: Formula, kept: exp.Expression, source: Source, today: date
) -> tuple[tuple[exp.Expression, ...], exp.Expression]:
    parts = []
    for place, node in zip(("numerator", "denominator"), formula.terms, strict=True):
        compiler = Compiler(source, place, today)
        value = compiler.compile(node)
        parts.append(value if value.kind == TRUTH else Typed(compiler.turn(value, NUMBER, node), NUMBER))
    numerator, denominator = parts
    if denominator.kind == TRUTH:
        kept = denominator.tree if isinstance(kept, exp.Boolean) else both(kept, denominator.tree)
        denominator = Typed(number(1), NUMBER)
    return (_as_number(numerator), denominator.tree), kept


def _as_number(value: Typed) -> exp.Expression:
    if value.kind == NUMBER:
        return value.tree
    return choose((value.tree, number(1)), (negate(value.tree.copy()), number(0)))


def _mentions(flag: str, trees: Iterable[exp.Expression]) -> exp.Expression:
    """Whether one of the columns that the trees read is listed in the row's own `_not_asked` or `_maybe_asked`."""
    columns = {(c.table, c.name) for tree in trees for c in tree.find_all(exp.Column) if c.name != PERSON}
    lists = [has(name, exp.column(flag, table=table, quoted=True)) for table, name in sorted(columns)]
    return surely(either(*lists))


def _category(split: Split, source: Source, today: date) -> exp.Expression:
    """The category of a row; blank or unmapped answers are their own cell, never hidden."""
    if split.level:
        return exp.Coalesce(this=exp.cast(_place(split.level), "text"), expressions=[string(UNKNOWN)])
    compiler = Compiler(source, f"dimensions › {split.code}", today)
    value = compiler.compile(split.value)
    if split.bands:
        tree = compiler.turn(value, NUMBER, split.value)
        branches = [(_within(tree, band), string(band.code)) for band in split.bands]
    else:
        tree = compiler.turn(value, TEXT, split.value)
        branches = [(exp.EQ(this=tree.copy(), expression=string(a)), string(c)) for a, c in split.categories]
    return choose(*branches, default=string(UNKNOWN)) if branches else string(UNKNOWN)


def _place(level: str) -> exp.Expression:
    """The territory of a row at a level; a commune is the place of the row when it is none of those around it."""
    if level != "commune":
        return exp.column(f"_{level}", table="t0", quoted=True)
    place = exp.column("_territory", table="t0", quoted=True)
    for wider in ("province", "region", "country"):
        place = exp.Nullif(this=place, expression=_place(wider))
    return place


def _within(tree: exp.Expression, band: Band) -> exp.Expression:
    """Both ends included; a whole end holds its decimals, as 14.9 years are 14 years of age."""
    ends = []
    if band.lowest is not None:
        ends.append(binary(exp.GTE, tree.copy(), number(band.lowest)))
    if band.highest is not None:
        whole = float(band.highest).is_integer()
        ends.append(binary(exp.LT if whole else exp.LTE, tree.copy(), number(band.highest + whole)))
    return both(*ends) if ends else negate(is_null(tree.copy()))


def _day(formula: Formula, source: Source, today: date) -> exp.Expression:
    if not formula.date:
        return exp.column("_date", table="t0", quoted=True)
    compiler = Compiler(source, "date", today)
    node = Question(formula.date)
    value = compiler.compile(node)
    if value.kind == TEXT:
        raise compiler.fault(node, _("« %(name)s » n’est pas une question de date. Choisissez-en une ou laissez vide."))
    return compiler.turn(value, DATE, node)
