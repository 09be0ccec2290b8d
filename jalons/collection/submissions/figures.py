"""How often each answer to a question was given, perhaps crossed with something else."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from math import floor, log10
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from psycopg import sql

from jalons.collection.forms.queries import Field
from jalons.collection.submissions.models import Submission
from jalons.collection.submissions.rules import filters as rules
from jalons.collection.submissions.selection import Selection, local_day, nature_of, read, typed
from jalons.core.cells import number_text
from jalons.core.fields import translated
from jalons.foundation.territories.models import Territory

MOST = 30  # answers shown apart; the rest is told together
FEW = 12  # different numbers that are shown one by one
BINS = 10
PLACES = ("_region", "_province")


@dataclass
class Frequency:
    """rows: (answer, how many in all, how many in each group); groups: what it is crossed with, in order.

    asked, answered, unknown: rows where it was asked, where it was answered, where nobody knows if it was asked.
    others: answers beyond those shown.
    """

    asked: int = 0
    answered: int = 0
    unknown: int = 0
    others: int = 0
    groups: list[str] = field(default_factory=list)
    rows: list[tuple[str, int, dict[str, int]]] = field(default_factory=list)
    middle: str = ""  # mean and median, of numbers
    is_cut: bool = False  # numbers gathered in bars of one width


def frequency(chosen: Selection, place: str, by: str = "") -> Frequency:
    """The answers to a question of the form or of a repeat. by: another question, or a system column such as _state.

    Unknown is not zero: what was not asked or not answered is in no bar; the counts say how many.
    """
    table, _dot, _column = place.rpartition(".")
    asked = chosen.field(place)
    alias = sql.Identifier("x" if table else "r")
    column = typed(asked, alias)
    told = _counts(chosen, table, alias, asked.question.column, column)
    if not told.answered or nature_of(asked) == rules.FILE:
        return told
    key, words = _key(chosen, table, asked, column, told)
    group, named = _group(chosen, by)
    query = sql.SQL("select {}, {}, count(*) from {}{} where {} and {} is not null group by 1, 2 order by 1").format(
        key, group, chosen.joined(table), sql.SQL(_unnested(asked)).format(column), chosen.where(), column
    )
    return _filled(told, read(query), asked, words, named)


def _counts(chosen: Selection, table: str, alias: sql.Identifier, name: str, column: sql.Composable) -> Frequency:
    query = sql.SQL(
        "select count(*), count({5}), count(*) filter (where {0}.{1} is null and {2} = any({0}._not_asked)), "
        "count(*) filter (where {0}.{1} is null and {2} = any({0}._maybe_asked)) from {3} where {4}"
    ).format(alias, sql.Identifier(name), sql.Literal(name), chosen.joined(table), chosen.where(), column)
    total, answered, not_asked, unknown = read(query)[0]
    return Frequency(asked=total - not_asked - unknown, answered=answered, unknown=unknown)


def _unnested(asked: Field) -> str:
    return " cross join lateral unnest({}) as one(code)" if nature_of(asked) == rules.SEVERAL else ""


def _key(chosen: Selection, table: str, asked: Field, column: sql.Composable, told: Frequency) -> tuple:
    """What answers are gathered by, and what turns a key into words."""
    nature = nature_of(asked)
    if nature in (rules.DAY, rules.MOMENT):
        day = local_day(column) if nature == rules.MOMENT else column
        return sql.SQL("date_trunc('month', {})::date").format(day), month
    if nature != rules.NUMBER:
        key = sql.SQL("one.code" if nature == rules.SEVERAL else "{}").format(column)
        return key, lambda code: translated(asked.choices.get(code)) or code
    query = sql.SQL(
        "select min({0}), max({0}), count(distinct {0}), avg({0})::float8, "
        "percentile_cont(array[0.05, 0.5, 0.95]) within group (order by {0}) from {1} where {2}"
    ).format(column, chosen.joined(table), chosen.where())
    low, high, different, mean, (early, median, late) = read(query)[0]
    told.middle = _("moyenne %(mean)s · médiane %(median)s") % {
        "mean": number_text(mean), "median": number_text(median)}  # fmt: skip
    if different <= FEW:
        return column, number_text
    spread = late - early or high - low  # a slip of the hand far away does not crush all the others in one bar
    step = round_step(spread / BINS, whole=asked.told_as == "bigint")
    told.is_cut = True
    key = sql.SQL("floor({}::float8 / {})").format(column, sql.Literal(step))
    return key, lambda rank: _("%(low)s à moins de %(high)s") % {
        "low": number_text(rank * step), "high": number_text((rank + 1) * step)}  # fmt: skip


def round_step(width: float, *, whole: bool) -> float:
    """A width that people count in: 1, 2 or 5 times a power of ten."""
    power = 10.0 ** floor(log10(width)) if width > 0 else 1.0
    step = next(n * power for n in (1, 2, 5, 10) if n * power >= width)
    return max(1.0, step) if whole else step


def _group(chosen: Selection, by: str) -> tuple[sql.Composable, Any]:
    """What it is crossed with: a question of the form itself, or what Jalons knows of each submission."""
    if by == "_state":
        return sql.SQL("r._state"), lambda code: str(dict(Submission.State.choices)[code])
    if by == "_month":
        return sql.SQL("date_trunc('month', r._date)::date"), month
    if by in PLACES:
        names = dict(Territory.objects.for_user(chosen.user).filter(level=by[1:]).values_list("pk", "name"))
        return sql.SQL(f"r.{by}"), lambda key: translated(names.get(key)) or str(key)
    found = chosen.field(by) if by and "." not in by else None
    if found is None or found.is_personal or nature_of(found) != rules.ONE:
        return sql.SQL("null::text"), None
    column = sql.SQL("r.{}").format(sql.Identifier(found.question.column))
    return column, lambda code: translated(found.choices.get(code)) or code


def _filled(told: Frequency, found: list[tuple], asked: Field, words: Any, named: Any) -> Frequency:
    counts: Mapping[Any, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    groups: dict[Any, str] = {}
    for key, group, count in found:
        groups[group] = (_("inconnu") if group is None else named(group)) if named else ""
        counts[key][groups[group]] += count
    if told.is_cut and (span := max(counts) - min(counts)) < MOST:  # a bar that nobody fills is a zero, not a gap
        for rank in range(int(span)):
            counts[min(counts) + rank]
    keys = _ordered(counts, asked)
    told.others = sum(sum(counts[key].values()) for key in keys[MOST:])
    told.rows = [(words(key), sum(counts[key].values()), dict(counts[key])) for key in keys[:MOST]]
    told.groups = [groups[key] for key in sorted(groups, key=lambda key: (key is None, str(key)))] if named else []
    return told


def _ordered(counts: Mapping[Any, Mapping], asked: Field) -> list[Any]:
    """In the form's order for choices, in their own for numbers and days, the most frequent first for texts."""
    if nature_of(asked) in (rules.ONE, rules.SEVERAL):
        rank = {code: n for n, code in enumerate(asked.choices)}
        return sorted(counts, key=lambda code: (rank.get(code, len(rank)), code))
    if nature_of(asked) == rules.TEXT:
        return sorted(counts, key=lambda text: (-sum(counts[text].values()), text))
    return sorted(counts)


def month(day: date) -> str:
    return date_format(day, "F Y")
