"""The PostgreSQL text of a formula: its reference value, the rows behind it, and the rows of a partition."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

from sqlglot import exp

from jalons.evidence.measurement.rules.compile import Source
from jalons.evidence.measurement.rules.contribution import Contribution, standing
from jalons.evidence.measurement.rules.trees import both, day, group, string

DIALECT = "postgres"
RATIO = "{scale} * ({numerator} / nullif({denominator}, 0))"
# measure -> number of a cell (kernel.py computes the same)
NUMBERS = {
    "count": "case when {known} > 0 then {n} end",
    "distinct": "case when {known} > 0 then count(distinct value) filter (where {counted}) end",
    "sum": "case when {known} > 0 then coalesce(sum(value) filter (where {counted}), 0) end",
    "average": RATIO,
    "share": RATIO,
    "median": "percentile_cont(0.5) within group (order by value) filter (where {counted})",
    "minimum": "min(value) filter (where {counted})",
    "maximum": "max(value) filter (where {counted})",
    "latest": "(array_agg(value order by day desc, _submission desc, _row desc) filter (where {counted}))[1]",
}
# measure -> numerator and denominator; the other measures have none
RATIOS = {
    "average": ("coalesce(sum(value) filter (where {counted}), 0)", "{n}"),
    "share": (
        "coalesce(sum(numerator) filter (where {counted}), 0)",
        "coalesce(sum(denominator) filter (where {counted}), 0)",
    ),
}
# of whom each row of a source of persons is, as held now or at a moment; without a readable name, of nobody known
PERSONS = """
select a.submission_id as _submission, a.row as _row, l.person_id as _person, l.id as _link
  from people_alias a join people_link l on l.alias_id = a.id and l.is_named
 where a.source_id = {source} and {held}
"""
HELD_NOW = "l.until is null"
HELD_THEN = "l.since <= {moment} and (l.until is null or l.until > {moment})"
TERM_NAMES = {0: (), 1: ("value",), 2: ("numerator", "denominator")}


class Span(NamedTuple):
    """A period: its name and its first and last days."""

    name: str
    starts_on: date
    ends_on: date


def rows(source: Source, at: datetime | None = None) -> exp.Select:
    """The rows of a source that count, each with the rows that it hangs from; or those that counted at a moment.

    Source: contract of the typed tables: _submission, _row and _parent link a row to the one around it; at most one
            version of a submission counts at a time, the rows of each count together.
    """
    query = exp.select().from_(_table(source.tables[0], 0))
    for level, name in enumerate(source.tables[1:], 1):
        link = both(
            exp.EQ(this=_system("_submission", level), expression=_system("_submission", level - 1)),
            exp.EQ(this=_system("_row", level), expression=_system("_parent", level - 1)),
        )
        query = query.join(_table(name, level), on=link)
    if source.persons is not None:
        query = _with_persons(query, source, at)
    return query.where(*(_counts(level, at) for level in range(len(source.tables))))


def _with_persons(query: exp.Select, source: Source, at: datetime | None) -> exp.Select:
    """The same rows, each with its person in the register, as it was held then."""
    held = HELD_THEN.format(moment=_moment(at).sql(DIALECT)) if at else HELD_NOW
    found = exp.maybe_parse(PERSONS.format(source=source.persons, held=held), dialect=DIALECT)
    level = len(source.tables)
    same = both(*(exp.EQ(this=_system(n, level), expression=_system(n)) for n in ("_submission", "_row")))
    return query.join(found.subquery(f"t{level}"), on=same, join_type="left")


def _moment(at: datetime) -> exp.Expression:
    return exp.cast(exp.Literal.string(at.isoformat()), "timestamptz")


def _counts(level: int, at: datetime | None) -> exp.Expression:
    """Whether a row counts; or counted at a moment, whatever became of it."""
    state = _system("_state", level)
    if at is None:
        return exp.EQ(this=state, expression=string("validated"))
    moment = _moment(at)
    return both(
        exp.In(this=state, expressions=[string("validated"), string("closed")]),
        exp.LTE(this=_system("_since", level), expression=moment),
        exp.GT(this=_system("_until", level), expression=moment.copy()),
    )


def _table(name: str, level: int) -> exp.Expression:
    schema, _dot, table = name.partition(".")
    return exp.alias_(exp.table_(table, db=schema, quoted=True), f"t{level}", table=True, quoted=True)


def _system(name: str, level: int = 0) -> exp.Column:
    return exp.column(name, table=f"t{level}", quoted=True)


def _answers(made: Contribution, by: Sequence[str], at: datetime | None) -> exp.Select:
    """One line per row: its categories, whether it is kept, what it brings, and what dates it."""
    columns = {f"cell_{i}": made.splits[code] for i, code in enumerate(by)}
    columns |= {name: getattr(made, name) for name in ("kept", "not_asked", "maybe_asked")}
    columns |= {"day": made.day, **{name: _system(name) for name in ("_submission", "_version", "_row")}}
    columns |= dict(zip(TERM_NAMES[len(made.terms)], made.terms, strict=True))
    return rows(made.source, at).select(*(exp.alias_(tree.copy(), name) for name, tree in columns.items()))


def _figures(made: Contribution) -> dict[str, str]:
    """The aggregates of a cell, over the columns of `_answers`."""
    terms = [exp.column(name) for name in TERM_NAMES[len(made.terms)]]
    stands = standing(exp.column("kept"), terms, exp.column("not_asked"), exp.column("maybe_asked"))
    counted, settled, asked, doubtful = (tree.sql(DIALECT) for tree in stands)
    parts = {"counted": counted, "n": f"count(*) filter (where {counted})", "scale": made.formula.scale}
    parts["known"] = f"count(*) filter (where {settled})"
    ratio = RATIOS.get(made.formula.measure, ("null::float8", "null::float8"))
    parts |= {name: sql.format(**parts) for name, sql in zip(("numerator", "denominator"), ratio, strict=True)}
    answered = parts["known" if made.formula.measure == "count" else "n"]
    more = f"count(*) filter (where {asked})"
    return {
        "number": NUMBERS[made.formula.measure].format(**parts),
        "numerator": parts["numerator"],
        "denominator": parts["denominator"],
        "answered": answered,
        "asked": f"case when count(*) filter (where {doubtful}) = 0 then {answered} + {more} end",
    }


def _spans(spans: Sequence[Span]) -> exp.Expression:
    lines = [(string(s.name), day(s.starts_on), day(s.ends_on)) for s in spans]
    return exp.values(lines, alias="p", columns=["name", "starts_on", "ends_on"])


def cells(made: Contribution, by: Sequence[str], spans: Sequence[Span], at: datetime | None = None) -> str:
    """The reference query: period, categories, number, numerator, denominator, answered, asked of each cell of a cut.

    at:      from the rows that counted at that moment; from those that count by default.
    Missing: number is null when nothing is known of the cell; asked is null when nobody can tell.
    Source:  the kernel's cells must equal these (tests/test_equality.py).
    """
    keys = ["name", *(f"cell_{i}" for i in range(len(by)))]
    dated = _answers(made, by, at).select("p.name").join(_spans(spans), on=_in_span(made))
    query = exp.select(*keys).from_(dated.subquery("answers")).group_by(*keys)
    return query.select(*(f"{sql} as {name}" for name, sql in _figures(made).items()), dialect=DIALECT).sql(DIALECT)


def _in_span(made: Contribution) -> exp.Expression:
    return exp.Between(this=made.day.copy(), low=exp.column("starts_on", "p"), high=exp.column("ends_on", "p"))


def evidence(made: Contribution, cell: Mapping[str, str], span: Span, at: datetime | None = None) -> str:
    """The rows that enter one cell in one period, with what each brings: recomputing from them gives the number.

    at:     those that counted at that moment; those that count by default.
    Error:  KeyError for a dimension that the formula does not have.
    Source: measured: without `materialized`, asking for the first fifty rows takes thirty times longer than all.
    """
    inside = exp.Between(this=made.day.copy(), low=day(span.starts_on), high=day(span.ends_on))
    terms = dict(zip(TERM_NAMES[len(made.terms)], made.terms, strict=True))
    columns = {name: _system(name) for name in ("_submission", "_version", "_row")} | {"day": made.day, **terms}
    query = rows(made.source, at).select(*(exp.alias_(tree.copy(), name) for name, tree in columns.items()))
    query = query.where(inside, made.standing.counted.copy())
    for code, category in cell.items():
        query = query.where(exp.EQ(this=group(made.splits[code].copy()), expression=string(category)))
    found = exp.select(*columns).from_("found").with_("found", as_=query, materialized=True)
    return exp.select("*").from_(found.subquery("shown")).order_by("day", "_submission", "_row").sql(DIALECT)


def persons(made: Contribution, span: Span, by: Sequence[str], among: Iterable[int]) -> str:
    """Some of the persons that a formula counts in a period, each with the categories of its rows.

    among:  the persons looked for. Source: as `evidence`.
    """
    columns = [exp.alias_(group(made.splits[code].copy()), f"cell_{i}") for i, code in enumerate(by)]
    inside = exp.Between(this=made.day.copy(), low=day(span.starts_on), high=day(span.ends_on))
    wanted = exp.In(this=made.terms[0].copy(), expressions=[exp.Literal.number(person) for person in among])
    query = rows(made.source).where(inside, made.standing.counted.copy(), wanted)
    return query.select(*columns, made.terms[0].copy()).distinct().sql(DIALECT)


def unattributed(made: Contribution, spans: Sequence[Span]) -> str:
    """How many validated rows enter no period: those without a date, and those dated outside every period.

    Source: house rule: what is left out of a figure is said, never dropped in silence.
    """
    inside = exp.select("1").from_(_spans(spans)).where(_in_span(made)).sql(DIALECT)
    undated = made.day.sql(DIALECT)
    query = rows(made.source).select(f"count(*) filter (where {undated} is null) as undated", dialect=DIALECT)
    outside = f"count(*) filter (where {undated} is not null and not exists ({inside})) as outside"
    return query.select(outside, dialect=DIALECT).sql(DIALECT)


def partition_rows(source: Source, trees: Sequence[exp.Expression], when: exp.Expression, span: Span) -> str:
    """The rows of one partition, oldest first: its categories, then its columns.

    Source: order of `latest`: by date, then submission, then row.
    """
    inside = exp.Between(this=when.copy(), low=day(span.starts_on), high=day(span.ends_on))
    query = rows(source).where(inside).select(*(tree.copy() for tree in trees))
    return query.order_by(when.copy(), _system("_submission"), _system("_row")).sql(DIALECT)


def fingerprint(source: Source, when: exp.Expression, spans: Sequence[Span]) -> str:
    """What tells a partition that its rows changed: how many, their latest version, the sum of their versions.

    Source: a correction, a validation, a rejection or a new date each change one of the three; a row held to be of
            another person has a later link, and the sum of all grows.
    """
    inside = exp.Between(this=when.copy(), low=exp.column("starts_on", "p"), high=exp.column("ends_on", "p"))
    query = rows(source).join(_spans(spans), on=inside).select("p.name").group_by("p.name")
    counts = ("count(*)", "max(t0._version)", "sum(t0._version * (t0._row + 1))", "sum(coalesce(t0._territory, 0))")
    if source.persons is not None:
        counts += (f"sum(t{len(source.tables)}._link)",)
    return query.select(*counts, dialect=DIALECT).sql(DIALECT)
