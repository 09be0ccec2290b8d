"""A value computed again from the rows that made it, as the page of its trace shows them."""

from collections.abc import Callable, Sequence
from statistics import median
from typing import Any, NamedTuple

from jalons.evidence.measurement.rules.formula import Formula


class Row(NamedTuple):
    """A row that entered a value: of which submission, in which version, and what it brought.

    terms: value, or numerator and denominator, or nothing for a count.
    """

    submission: int
    version: int
    row: int
    terms: tuple[Any, ...]


class Moved(NamedTuple):
    """A submission that brings other rows than it brought; either may be empty."""

    submission: int
    then: list[Row]
    now: list[Row]


def moved(then: Sequence[Row], now: Sequence[Row]) -> list[Moved]:
    """The submissions that bring other rows now, in the order of the rows.

    Source: product law: the difference with today is explained line by line.

    >>> [found.submission for found in moved([Row(1, 10, 0, (5,))], [Row(1, 11, 0, (5,)), Row(2, 20, 0, (3,))])]
    [1, 2]
    """
    before, after = by_submission(then), by_submission(now)
    pairs = [Moved(key, before.get(key, []), after.get(key, [])) for key in dict.fromkeys([*before, *after])]
    return [pair for pair in pairs if pair.then != pair.now]


def by_submission(rows: Sequence[Row]) -> dict[int, list[Row]]:
    """The rows of each submission, in the order of the rows.

    Source: ours.
    """
    found: dict[int, list[Row]] = {}
    for row in rows:
        found.setdefault(row.submission, []).append(row)
    return found


def recompute(formula: Formula, rows: Sequence[Row]) -> float | None:
    """The number that the rows give, oldest first.

    Missing: without a row, a count, a sum or a number of distinct values is zero; the others are unknown.
    Source:  house rule: the sum of the rows shown is the value shown.

    >>> from jalons.evidence.measurement.rules.formula import read_formula
    >>> mean = read_formula({"source": {"form": "f"}, "measure": "average", "value": "${age}"})
    >>> recompute(mean, [Row(1, 1, 0, (20,)), Row(2, 2, 0, (30,))])
    25.0
    """
    columns = [list(column) for column in zip(*(row.terms for row in rows), strict=True)]
    if formula.measure == "share":
        numerator, denominator = (sum(column) for column in columns or ([], []))
        return formula.scale * numerator / denominator if denominator else None
    if formula.measure == "count":
        return float(len(rows))
    values = columns[0] if columns else []
    return FROM_VALUES[formula.measure](values, formula.scale)


FROM_VALUES: dict[str, Callable[[list, float], float | None]] = {
    "distinct": lambda values, scale: float(len(set(values))),
    "sum": lambda values, scale: float(sum(values)),
    "average": lambda values, scale: scale * sum(values) / len(values) if values else None,
    "median": lambda values, scale: median(values) if values else None,
    "minimum": lambda values, scale: min(values, default=None),
    "maximum": lambda values, scale: max(values, default=None),
    "latest": lambda values, scale: values[-1] if values else None,
}
