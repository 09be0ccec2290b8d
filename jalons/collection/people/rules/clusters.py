"""Who is who, out of scored pairs: what is one person, what someone must decide, what stays apart."""

from collections.abc import Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from operator import itemgetter

GREY = 0.2  # under it, two persons
LINK = 0.6  # from it on, one person; between the two, someone decides
YEARS = 2  # years of birth that may differ within one person: two slips of one year


# Plain tuples, since a whole register makes a million of them.
Scored = tuple[int, int, float]  # two tellings and how likely they are to be of one person
# What one person has one of: the first and the last year of birth told, but for ages, and an identifier.
Facts = tuple[int, int, str | None]
NOTHING: Facts = (9999, 0, None)


@dataclass
class Outcome:
    """groups: tellings of one person, two or more or known. by: the pair that brought each. grey: pairs to decide."""

    groups: list[list[int]] = field(default_factory=list)
    by: dict[int, Scored] = field(default_factory=dict)
    grey: list[Scored] = field(default_factory=list)


class Groups:
    """Tellings put together step by step, never across two known persons nor against what someone decided."""

    def __init__(
        self, known: Mapping[int, Hashable], apart: Iterable[tuple[int, int]], facts: Mapping[int, Facts]
    ) -> None:
        self.parent: dict[int, int] = {}
        self.members: dict[int, list[int]] = {}
        self.person: dict[int, Hashable] = {}
        self.facts = dict(facts)
        self.apart: dict[int, set[int]] = {}
        heads: dict[Hashable, int] = {}
        for one, other in apart:
            self.apart.setdefault(one, set()).add(other)
            self.apart.setdefault(other, set()).add(one)
        for telling, person in known.items():
            head = heads.setdefault(person, telling)
            self.parent[telling] = head
            self.members.setdefault(head, []).append(telling)
            self.person[head] = person
            self.facts[head] = _both(self.facts.get(head, NOTHING), self.facts.get(telling, NOTHING))

    def head(self, telling: int) -> int:
        """The telling that stands for a group: itself, for one that is alone."""
        while (above := self.parent.get(telling, telling)) != telling:
            telling = above
        return telling

    def are_apart(self, one: int, other: int) -> bool:
        """Whether someone decided that two groups hold two persons."""
        if not self.apart:
            return False
        small, large = sorted((self.members.get(head, [head]) for head in (one, other)), key=len)
        return any(self.apart[telling] & set(large) for telling in small if telling in self.apart)

    def together(self, one: int, other: int) -> Facts | None:
        """What a machine may hold of two groups as one person; None: two known persons, or facts that contradict."""
        if one in self.person and other in self.person:
            return None
        mine, theirs = self.facts.get(one, NOTHING), self.facts.get(other, NOTHING)
        both = _both(mine, theirs)
        same = not (mine[2] and theirs[2]) or mine[2] == theirs[2]
        return both if same and both[1] - both[0] <= YEARS else None

    def join(self, one: int, other: int, facts: Facts) -> None:
        """Put two groups together under the first that holds a known person, else the larger."""
        mine, theirs = self.members.pop(one, None) or [one], self.members.pop(other, None) or [other]
        if other in self.person or (one not in self.person and len(mine) < len(theirs)):
            one, other, mine, theirs = other, one, theirs, mine
        mine += theirs
        self.parent[other], self.members[one], self.facts[one] = one, mine, facts


def assign(
    scored: Iterable[Scored],
    known: Mapping[int, Hashable],
    apart: Collection[tuple[int, int]] = (),
    facts: Mapping[int, Facts] = {},
) -> Outcome:
    """Put tellings together, most likely pairs first; of those as likely, the first given.

    Two persons already known are never put together here, however alike, nor groups whose years of birth or
    identifiers cannot be of one person: someone decides. What someone held apart stays apart, whatever the score.

    Missing: a telling without facts contradicts nothing.
    Source:  docs/decisions/0020-people-counted-once.md.

    >>> found = assign([(1, 2, 0.95), (2, 3, 0.4)], known={})
    >>> [sorted(group) for group in found.groups], found.grey
    ([[1, 2]], [(2, 3, 0.4)])
    """
    groups, outcome, doubts = Groups(known, apart, facts), Outcome(), []
    for pair in sorted(scored, key=itemgetter(2), reverse=True):
        one, other = groups.head(pair[0]), groups.head(pair[1])
        if one == other or pair[2] < GREY or groups.are_apart(one, other):
            continue
        facts_of_both = groups.together(one, other) if pair[2] >= LINK else None
        if facts_of_both is None:
            doubts.append(pair)
            continue
        for telling in pair[:2]:
            if telling not in known:
                outcome.by.setdefault(telling, pair)
        groups.join(one, other, facts_of_both)
    outcome.groups = list(groups.members.values())
    outcome.grey = _once(doubts, groups)
    return outcome


def _both(one: Facts, other: Facts) -> Facts:
    return min(one[0], other[0]), max(one[1], other[1]), one[2] or other[2]


def _once(doubts: Iterable[Scored], groups: Groups) -> list[Scored]:
    """The likeliest pair between each two groups that remain two."""
    kept: dict[tuple[int, int], Scored] = {}
    for pair in doubts:
        one, other = sorted((groups.head(pair[0]), groups.head(pair[1])))
        if one != other and not groups.are_apart(one, other):
            kept.setdefault((one, other), pair)
    return list(kept.values())
