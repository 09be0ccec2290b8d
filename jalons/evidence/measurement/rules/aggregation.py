"""Values of successive periods, or of several places, made into one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

Number = float | None


@dataclass(frozen=True)
class Figure:
    """A number, its share if it is one, on how many answers of how many asked; None where nobody can tell."""

    number: Number
    numerator: Number = None
    denominator: Number = None
    answered: int | None = None
    asked: int | None = None


# one figure among several stands for all, with its own numerator and denominator
PICKED: dict[str, Callable[[Sequence[Figure]], Figure]] = {
    "latest": lambda known: known[-1],
    "maximum": lambda known: max(known, key=lambda figure: figure.number),
    "minimum": lambda known: min(known, key=lambda figure: figure.number),
}


def aggregate(figures: Sequence[Figure], how: str, *, scale: float = 1.0, percentage: bool = False) -> Figure:
    """One figure from several, oldest first.

    Unit:    that of the figures; shares and averages are put together by their numerators and denominators.
    Missing: unknown figures are left out; nothing known gives unknown, never zero. A percentage without its numerator
             and denominator is never added up nor averaged: the result is unknown.
    Error:   KeyError for "recompute", which only the answers themselves can give.
    Source:  product law: percentages keep numerator and denominator, they are never averaged.

    >>> aggregate([Figure(50, 1, 2), Figure(100, 3, 3)], "average", scale=100, percentage=True).number
    80.0
    >>> aggregate([Figure(50), Figure(100)], "average", percentage=True).number is None
    True
    >>> aggregate([Figure(3), Figure(None), Figure(4)], "sum").number
    7
    """
    known = [figure for figure in figures if figure.number is not None]
    cases = (_total(figures, "answered"), _total(figures, "asked"))
    if known and how in PICKED:
        picked = PICKED[how](known)
        compared = how != "latest" and picked.denominator is None  # the highest of all was found among all their cases
        return replace(picked, answered=cases[0], asked=cases[1]) if compared else picked
    if not known:
        return Figure(None, None, None, *cases)
    terms = _total(known, "numerator"), _total(known, "denominator")
    if terms[1] is not None:
        return Figure(scale * terms[0] / terms[1] if terms[1] else None, *terms, *cases)
    return Figure(None if percentage else ADDED[how](known), None, None, *cases)


def aggregate_places(
    figures: Sequence[Figure], how: str, *, scale: float = 1.0, percentage: bool = False
) -> Figure:  # fmt: skip
    """One figure from those of several places, the one known last at the end.

    Unit:    as `aggregate`; in an average each place weighs its answers when all are known, else one.
    Missing: as `aggregate`.
    Error:   as `aggregate`.
    Source:  the average over all answers is that of the places weighed by their answers.

    >>> aggregate_places([Figure(4, answered=10), Figure(5, answered=30)], "average").number
    4.75
    """
    found = aggregate(figures, how, scale=scale, percentage=percentage)
    if how in ("maximum", "minimum"):
        return replace(found, answered=_total(figures, "answered"), asked=_total(figures, "asked"))
    known = [figure for figure in figures if figure.number is not None]
    weights = [figure.answered for figure in known]
    if how != "average" or found.number is None or found.denominator is not None or not all(weights):
        return found
    return replace(found, number=sum(f.number * f.answered for f in known) / sum(weights))


ADDED: dict[str, Callable[[Sequence[Figure]], float]] = {
    "sum": lambda known: sum(figure.number for figure in known),
    "average": lambda known: sum(figure.number for figure in known) / len(known),
}


def _total(figures: Sequence[Figure], name: str) -> float | int | None:
    """A sum that is unknown as soon as one of its parts is."""
    values = [getattr(figure, name) for figure in figures]
    return None if None in values else sum(values)
