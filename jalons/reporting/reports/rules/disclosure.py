"""Small numbers of people are not published: a cell of a few could name someone."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from jalons.core.errors import _
from jalons.reporting.reports.rules.logframe import UNKNOWN, Cut, Figure

LEAST = 5  # people in a cell that is told
MASKED = _("masqué")
WHY = _("« masqué » : moins de cinq personnes, ou ce qui permettrait de les retrouver par soustraction.")

Named = frozenset[tuple[str, str]]  # a cell by its dimensions and codes


def protect(cuts: Iterable[Cut], *, counted: bool) -> tuple[Cut, ...]:
    """The cuts of a value about people, small cells masked, with as many others as it takes not to subtract them.

    Unit:    people: the number itself when people are counted, else the denominator of a share or the answers.
    Missing: an unknown cell, one without anybody and those of whom nothing is known are told: they name nobody.
    Source:  minimum frequency rule and secondary suppression: Hundepool et al., Handbook on Statistical Disclosure
             Control (ESSNet, 2010), chapter 4; product promise "small numbers are masked in what is published".

    >>> from jalons.reporting.reports.rules.logframe import Cell
    >>> sexes = Cut(("sex",), (Cell(("female",), Figure(2.0)), Cell(("male",), Figure(40.0))))
    >>> [cell.figure.text for cell in protect([sexes], counted=True)[0].cells]
    ['masqué', 'masqué']
    """
    cuts = tuple(cuts)
    known: set[Named] = set()
    made = {}
    for cut in sorted(cuts, key=lambda cut: len(cut.dimensions)):
        names = [frozenset(zip(cut.dimensions, cell.codes, strict=False)) for cell in cut.cells]
        people = [_people(cell.figure, counted=counted) for cell in cut.cells]
        hidden = {place for place, name in enumerate(names) if people[place] and any(name > small for small in known)}
        hidden |= {place for place, number in enumerate(people) if 0 < number < LEAST and _says(names[place])}
        hidden = _spread(list(_lines(cut)), people, hidden)
        known |= {names[place] for place in hidden}
        cells = (replace(cell, figure=Figure(text=MASKED)) if place in hidden else cell
                 for place, cell in enumerate(cut.cells))  # fmt: skip
        made[cut.dimensions] = replace(cut, cells=tuple(cells))
    return tuple(made[cut.dimensions] for cut in cuts)


def _people(figure: Figure, *, counted: bool) -> float:
    """How many people stand behind a figure; 0 when nobody can tell."""
    if figure.number is None:
        return 0
    return figure.number if counted else figure.denominator or figure.answered or 0


def _says(name: Named) -> bool:
    """Whether a cell says anything of the people in it."""
    return any(code != UNKNOWN for _dimension, code in name)


def _lines(cut: Cut) -> Iterator[list[int]]:
    """The cells that differ by one dimension only: together they make a figure that is told elsewhere."""
    for at in range(len(cut.dimensions)):
        lines: dict[tuple[str, ...], list[int]] = {}
        for place, cell in enumerate(cut.cells):
            lines.setdefault(cell.codes[:at] + cell.codes[at + 1 :], []).append(place)
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
