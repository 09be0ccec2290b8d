"""Drawing submissions to verify again, the same ones each time, and what their verification says."""

from collections import defaultdict
from collections.abc import Hashable, Iterable
from datetime import date
from math import ceil
from random import Random
from typing import NamedTuple

from jalons.core.errors import Refused, _

EMPTY = _("Aucune soumission à tirer : élargissez les dates, ou choisissez un autre formulaire.")
NOT_A_SHARE = _("Un pourcentage va de 1 à 100.")


class Drawing(NamedTuple):
    """How many to draw, in percent or not, of each group, among those collected between two days."""

    size: int
    percent: bool = False
    each: str = ""
    since: date | None = None
    until: date | None = None


class Outcome(NamedTuple):
    """What a verification found: how many agree, how many differ, the share that differs."""

    agrees: int
    differs: int
    share: float | None


def draw(population: Iterable[tuple[int, Hashable]], drawing: Drawing, seed: int) -> list[int]:
    """Keys drawn at random, so many (or so many percent) of each group, all of a group that has fewer.

    population: the key of each row and its group; one group when nothing parts them.
    Error:      Refused when there is nothing to draw from, or when a percentage is none.
    Source:     simple random sampling without replacement within strata; Python's Mersenne Twister, whose draws for
                a seed are the same on every machine.

    >>> draw([(n, "a") for n in range(100)], Drawing(3), 7)
    [19, 41, 50]
    >>> len(draw([(n, n % 2) for n in range(41)], Drawing(10, percent=True), 7))
    5
    """
    if drawing.percent and not 1 <= drawing.size <= 100:
        raise Refused(NOT_A_SHARE, field="size")
    groups: dict[Hashable, list[int]] = defaultdict(list)
    for key, group in population:
        groups[group].append(key)
    if not groups:
        raise Refused(EMPTY)
    chance, found = Random(seed), []  # noqa: S311 — it must be drawn again, not be secret
    for group in sorted(groups, key=str):
        keys = sorted(groups[group])
        wanted = ceil(len(keys) * drawing.size / 100) if drawing.percent else drawing.size
        found += chance.sample(keys, min(wanted, len(keys)))
    return sorted(found)


def outcome(marks: Iterable[str]) -> Outcome:
    """What the verified submissions say.

    Unit:    share, 0 to 1, of those that could be verified.
    Missing: those not verified yet, or that cannot be, leave the denominator; None when none was.
    Source:  back checks of J-PAL and IPA (bcstats).

    >>> outcome(["agrees", "differs", "pending", "agrees", "unreachable"])
    Outcome(agrees=2, differs=1, share=0.3333333333333333)
    """
    told = list(marks)
    agrees, differs = told.count("agrees"), told.count("differs")
    return Outcome(agrees, differs, differs / (agrees + differs) if agrees + differs else None)
