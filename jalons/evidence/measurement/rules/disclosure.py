"""Small numbers of people are not shown to those who read aggregates only: a cell of a few could name someone."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from jalons.evidence.measurement.rules.formula import UNKNOWN

LEAST = 5  # people in a cell that is told, unless the programme says otherwise
PEOPLE, SHARE, CASES = "people", "share", "cases"  # what a number is: people, a part of some, something about some

Pair = tuple[str, str]  # dimension and code
Dimensions = tuple[str, ...]
Counts = tuple[float, ...]  # the people of a cell; of a share, also those who are so and those who are not
Tables = dict[Dimensions, dict[str, Counts]]
Hidden = dict[Dimensions, set[str]]
NOTHING: Mapping[Dimensions, Iterable[str]] = {}


class Told(Protocol):
    """A figure as values and reports hold it."""

    number: float | None
    numerator: float | None
    denominator: float | None
    answered: int | None


Cuts = Mapping[Dimensions, Mapping[str, Told]]


@dataclass(frozen=True)
class Guard:
    """What is protected. kind: what a number is. least: people in a cell that is told.

    above: the wider places of each place, whose figures are told too.
    """

    kind: str = PEOPLE
    least: int = LEAST
    above: Mapping[Pair, tuple[Pair, ...]] = field(default_factory=dict)


def too_few(cuts: Cuts, guard: Guard) -> Hidden:
    """The cells of few people in each cut, with as many others as it takes not to find them by subtraction.

    Cuts by wider places are added to those given: their figures are told too.

    Unit:    people: the number itself when people are counted, else the denominator of a share or the answers; of a
             share, also its numerator and the rest, for both are read from it.
    Missing: an unknown cell, one without anybody and those of whom something is not known name nobody.
    Source:  minimum frequency rule and secondary suppression: Hundepool et al., Handbook on Statistical Disclosure
             Control (ESSNet, 2010), chapter 4; decision 17.

    >>> from jalons.evidence.measurement.rules.aggregation import Figure
    >>> sorted(too_few({("sex",): {"female": Figure(2), "male": Figure(40)}}, Guard())["sex",])
    ['female', 'male']
    >>> share = {"female": Figure(7.5, 3, 40), "male": Figure(50, 20, 40), "?": Figure(40, 20, 50)}
    >>> sorted(too_few({("sex",): share}, Guard(SHARE))["sex",])
    ['female', 'male']
    """
    return too_few_since([cuts], guard)


def too_few_since(told: Sequence[Cuts], guard: Guard) -> Hidden:
    """The same in the last of several values since the beginning, oldest first.

    What one adds to the one before is told by its own period: the cells hidden there stay hidden since the beginning,
    until each of them has enough people from two periods at least.

    Unit:    as `too_few`.
    Missing: as `too_few`; a value that was not told counts in what the next one adds.
    Source:  decision 17; Handbook on Statistical Disclosure Control, chapter 4, linked tables.
    """
    waiting: dict[Dimensions, dict[str, list[Counts]]] = {}
    before: Tables = {}
    hidden: Hidden = {}
    for cuts in told:
        tables = _tables(cuts, guard)
        added = _less(tables, before)
        for dimensions, cells in _hidden(added, guard).items():
            for cell in cells:
                waiting.setdefault(dimensions, {}).setdefault(cell, []).append(added[dimensions][cell])
        waiting = {cut: cells for cut, cells in waiting.items() if not _are_enough(cells.values(), guard.least)}
        hidden = _hidden(tables, guard, waiting)
        before = tables
    return hidden


def _tables(cuts: Cuts, guard: Guard) -> Tables:
    """The people of each cell; and of each wider place, the sum of its places unless it is told by itself."""
    tables: Tables = {
        dimensions: {cell: _people(figure, guard.kind) for cell, figure in cells.items()}
        for dimensions, cells in cuts.items()
    }
    wider: Tables = {}
    for dimensions, cells in tables.items():
        for cell, counts in cells.items() if len(dimensions) == 1 else ():
            for dimension, code in guard.above.get((dimensions[0], cell), ()):
                into = wider.setdefault((dimension,), {})
                into[code] = tuple(map(sum, zip(counts, into.get(code, (0,) * len(counts)), strict=True)))
    return wider | tables


def _people(figure: Told, kind: str) -> Counts:
    """Those whom a figure tells; nobody when it is not known."""
    everyone = 0 if figure.number is None else figure.denominator or figure.answered or 0
    if kind == PEOPLE:
        return (figure.number or 0,)
    if kind == CASES:
        return (everyone,)
    some = (figure.number or 0) * everyone / 100 if figure.numerator is None else figure.numerator
    return everyone, some, everyone - some


def _less(tables: Tables, before: Tables) -> Tables:
    """What tables add to those before: people come, or go when something was corrected."""
    return {
        dimensions: {
            cell: tuple(abs(n - m) for n, m in zip(counts, was, strict=False))
            if (was := before.get(dimensions, {}).get(cell)) else counts
            for cell, counts in cells.items()
        }
        for dimensions, cells in tables.items()
    }  # fmt: skip


def _are_enough(cells: Iterable[list[Counts]], least: int) -> bool:
    """Whether, in each cell of a cut, the people of several periods hide those of each."""
    return all(
        len(several) > 1 and all(not total or total >= least for total in map(sum, zip(*several, strict=False)))
        for several in cells
    )


def _hidden(tables: Tables, guard: Guard, held: Mapping[Dimensions, Iterable[str]] = NOTHING) -> Hidden:
    """The cells to hide in each table, coarse before fine. held: those hidden already."""
    known: set[frozenset[Pair]] = set()
    found: Hidden = {}
    for dimensions in sorted(tables, key=lambda dimensions: _fineness(dimensions, tables, guard)):
        cells, counts = list(tables[dimensions]), list(tables[dimensions].values())
        names = [_name(dimensions, cell, guard) for cell in cells]
        hidden = {
            place for place, cell in enumerate(cells)
            if cell in held.get(dimensions, ()) or (_is_small(counts[place], guard.least) and _says(names[place]))
            or (counts[place][0] and any(name <= names[place] for name in known))
        }  # fmt: skip
        hidden = _spread(list(_lines(dimensions, cells, guard)), counts, hidden, guard.least)
        known |= {names[place] for place in hidden}
        found[dimensions] = {cells[place] for place in hidden}
    return found


def _fineness(dimensions: Dimensions, tables: Tables, guard: Guard) -> tuple[int, int]:
    names = (len(_name(dimensions, cell, guard)) for cell in tables[dimensions])
    return len(dimensions), max(names, default=0)


def _name(dimensions: Dimensions, cell: str, guard: Guard) -> frozenset[Pair]:
    """A cell by all that is said of the people in it, their wider places included."""
    pairs = list(zip(dimensions, cell.split("|"), strict=False))
    return frozenset(pairs).union(*(guard.above.get(pair, ()) for pair in pairs))


def _is_small(counts: Counts, least: int) -> bool:
    return any(0 < round(number, 6) < least for number in counts)


def _says(name: frozenset[Pair]) -> bool:
    """Whether a cell says all that it asks of the people in it; those who left something unsaid are lost in a crowd."""
    return all(code != UNKNOWN for _dimension, code in name)


def _lines(dimensions: Dimensions, cells: list[str], guard: Guard) -> Iterator[list[int]]:
    """The cells that differ by one dimension only: together they make a figure that is told elsewhere."""
    lines: dict[tuple, list[int]] = {}
    for place, cell in enumerate(cells):
        codes = cell.split("|")
        for at, dimension in enumerate(dimensions):
            for whole in ("", *guard.above.get((dimension, codes[at]), ())):
                lines.setdefault((at, *codes[:at], whole, *codes[at + 1 :]), []).append(place)
    yield from lines.values()


def _spread(
    lines: list[list[int]], counts: list[Counts], hidden: set[int], least: int
) -> set[int]:  # fmt: skip
    """The hidden cells, with the smallest told of each line where they are too few to hide one another."""
    while more := {found for line in lines if (found := _next(line, counts, hidden, least)) is not None}:
        hidden = hidden | more
    return hidden


def _next(line: list[int], counts: list[Counts], hidden: set[int], least: int) -> int | None:
    masked = [place for place in line if place in hidden]
    told = [place for place in line if place not in hidden and counts[place][0] > 0]
    if not masked or not told or (len(masked) > 1 and _hide_one_another(masked, line, counts, least)):
        return None
    return min(told, key=lambda place: counts[place][0])


def _hide_one_another(masked: list[int], line: list[int], counts: list[Counts], least: int) -> bool:
    """Whether hidden cells hold enough people together; as many as their line, where all of it holds fewer."""
    together, whole = (list(map(sum, zip(*(counts[p] for p in places), strict=False))) for places in (masked, line))
    return all(not total or total >= min(least, most) for total, most in zip(together, whole, strict=False))
