"""Small numbers of people are not shown to those who read aggregates only: a cell of a few could name someone."""

from collections.abc import Iterator, Mapping
from typing import Protocol

from jalons.evidence.measurement.rules.formula import UNKNOWN

NOWHERE: Mapping[str, str] = {}
LEAST = 5  # people in a cell that is told

Named = frozenset[tuple[str, str]]  # a cell by its dimensions and codes


class Told(Protocol):
    """A figure as values and reports hold it."""

    number: float | None
    denominator: float | None
    answered: int | None


def too_few(
    cuts: Mapping[tuple[str, ...], Mapping[str, Told]], *, counted: bool, within: Mapping[str, str] = NOWHERE
) -> dict[tuple[str, ...], set[str]]:  # fmt: skip
    """The cells of few people in each cut, with as many others as it takes not to find them by subtraction.

    within: the wider place of each place, when the figures of wider places are told too.

    Unit:    people: the number itself when people are counted, else the denominator of a share or the answers.
    Missing: an unknown cell, one without anybody and those of whom something is not known name nobody.
    Source:  minimum frequency rule and secondary suppression: Hundepool et al., Handbook on Statistical Disclosure
             Control (ESSNet, 2010), chapter 4; product promise "small numbers are masked in what is published".

    >>> from jalons.evidence.measurement.rules.aggregation import Figure
    >>> sorted(too_few({("sex",): {"female": Figure(2), "male": Figure(40)}}, counted=True)["sex",])
    ['female', 'male']
    """
    known: set[Named] = set()
    found = {}
    for dimensions in sorted(cuts, key=len):
        cells = list(cuts[dimensions])
        codes = [cell.split("|") for cell in cells]
        names = [frozenset(zip(dimensions, parts, strict=False)) for parts in codes]
        people = [_people(figure, counted=counted) for figure in cuts[dimensions].values()]
        hidden = {place for place, name in enumerate(names) if people[place] and any(name > small for small in known)}
        hidden |= {place for place, number in enumerate(people) if 0 < number < LEAST and _says(names[place])}
        hidden = _spread(list(_lines(codes, within)), people, hidden)
        known |= {names[place] for place in hidden}
        found[dimensions] = {cells[place] for place in hidden}
    return found


def _people(figure: Told, *, counted: bool) -> float:
    """How many people stand behind a figure; 0 when nobody can tell."""
    if figure.number is None:
        return 0
    return figure.number if counted else figure.denominator or figure.answered or 0


def _says(name: Named) -> bool:
    """Whether a cell says all that it asks of the people in it; those who left something unsaid are lost in a crowd."""
    return all(code != UNKNOWN for _dimension, code in name)


def _lines(cells: list[list[str]], within: Mapping[str, str]) -> Iterator[list[int]]:
    """The cells that differ by one dimension only: together they make a figure that is told elsewhere."""
    for at in range(len(cells[0]) if cells else 0):
        lines: dict[tuple[str, ...], list[int]] = {}
        for place, codes in enumerate(cells):
            lines.setdefault((*codes[:at], "", *codes[at + 1 :]), []).append(place)
            if codes[at] in within:
                lines.setdefault((*codes[:at], within[codes[at]], *codes[at + 1 :]), []).append(place)
        yield from lines.values()


def _spread(lines: list[list[int]], people: list[float], hidden: set[int]) -> set[int]:
    """The hidden cells, with the smallest told of each line where they are too few to hide one another."""
    while more := {found for line in lines if (found := _next(line, people, hidden)) is not None}:
        hidden = hidden | more
    return hidden


def _next(line: list[int], people: list[float], hidden: set[int]) -> int | None:
    masked = [place for place in line if place in hidden]
    if not masked or (len(masked) > 1 and sum(people[place] for place in masked) >= LEAST):
        return None
    told = [place for place in line if place not in hidden and people[place] > 0]
    return min(told, key=lambda place: people[place]) if told else None
