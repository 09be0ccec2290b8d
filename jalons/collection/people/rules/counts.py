"""How many persons: told, told once, in common; what doubt leaves open; and small numbers kept back."""

from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Count:
    """declared: rows; most: persons if no doubt is of one person, least: if all are; unnamed: rows without a name.

    hidden: kept back, too few to be told.
    """

    label: str
    declared: int
    most: int
    least: int
    unnamed: int
    hidden: bool = False

    @property
    def is_certain(self) -> bool:
        return self.least == self.most


def fewer(doubts: Iterable[tuple[Hashable, Hashable]]) -> int:
    """How many persons fewer there are if every doubt is of one person.

    Source: number of edges of a spanning forest; decision 20.

    >>> fewer([(1, 2), (2, 3), (1, 3), (8, 9)])
    3
    """
    parent: dict[Hashable, Hashable] = {}

    def head(one: Hashable) -> Hashable:
        while parent.setdefault(one, one) != one:
            parent[one] = one = parent[parent[one]]
        return one

    count = 0
    for one, other in doubts:
        a, b = head(one), head(other)
        if a != b:
            parent[a] = b
            count += 1
    return count


def keep_back(counts: Collection[Count], least: int) -> list[Count]:
    """Hide the groups of few persons, and one more where a single one could be found by subtraction.

    Unit:    persons; a group without anyone names nobody.
    Source:  decision 17 (minimum frequency and secondary suppression).

    >>> found = [Count("a", 9, 3, 3, 0), Count("b", 9, 9, 9, 0), Count("c", 9, 8, 8, 0)]
    >>> [count.hidden for count in keep_back(found, 5)]
    [True, False, True]
    """
    few = {c.label for c in counts if 0 < c.least < least}
    rest = sorted((c for c in counts if c.label not in few and c.most), key=lambda c: c.most)
    alone = len(few) == 1 or 0 < sum(c.most for c in counts if c.label in few) < least
    if few and alone and rest:
        few.add(rest[0].label)
    return [replace(count, hidden=count.label in few) for count in counts]


def overlaps(
    shared: Mapping[tuple[str, str], int], least: int | None = None
) -> tuple[list[str], list[list[int | None]], Counter]:
    """Persons that partners have in common, as a square; None where the number is kept back, on either side.

    shared: (partner, partner) -> persons, each partner with itself for its own persons.
    Returns the partners, the square, and how many cells are kept back.

    Source: decision 17: those whom a number counts, and those whom it leaves, are enough not to be named.

    >>> overlaps({("a", "a"): 20, ("b", "b"): 30, ("a", "b"): 18, ("b", "a"): 18}, 5)[1]
    [[20, None], [None, 30]]
    """
    partners = sorted({one for one, _other in shared})
    square: list[list[int | None]] = [[shared.get((a, b), 0) for b in partners] for a in partners]
    kept: Counter = Counter()
    for n, one in enumerate(partners) if least else ():
        for m, other in enumerate(partners):
            told = shared.get((one, other), 0)
            left = [shared.get((a, a), 0) - told for a in (one, other)] if one != other else []
            if any(0 < number < least for number in (told, *left)):
                square[n][m] = None
                kept[one] += 1
    return partners, square, kept
