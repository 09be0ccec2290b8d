"""How people fill forms: the same answer everywhere, "don't know" too often, too many a day, too fast."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Set
from statistics import median
from typing import Any, NamedTuple

from jalons.collection.quality.rules.found import Filled, Found
from jalons.collection.quality.rules.timing import minutes
from jalons.core.errors import _

UNKNOWING = ("dk", "dnk", "dont_know", "nsp", "ne_sait_pas", "ne_sais_pas", "pnta", "pnr", "98", "99", "-98", "-99")
LEAST = 5  # questions of one list, or choices answered, under which a pattern says nothing
FEWEST = 5  # submissions of a collector under which their durations say nothing
STRAIGHT = _("La même réponse (« %(answer)s ») à %(count)s questions de suite.")
BLANK = _("%(percent)s %% de « ne sait pas » sur %(count)s questions à choix.")
MANY = _("%(count)se fiche de cette personne ce jour-là ; %(most)s au plus sont attendues.")
FAST = _("Cette personne remplit ses fiches en %(own)s min (médiane sur %(count)s) ; les autres en %(others)s min.")


class Pace(NamedTuple):
    """One filled form in the work of its collector: when, in what order that day, how long it took."""

    pk: int
    version: int
    collector: str
    day: Any
    minutes: float | None


def repeated(parameters: Mapping[str, Any], filled: Iterable[Filled]) -> Iterator[Found]:
    """Submissions that answer the same to every question of one list in a row, or "don't know" too often.

    Missing: blanks are left out; fewer than five questions say nothing.
    Source:  straight-lining: Kaminska, McCutcheon and Billiet (POQ 74, 2010); IMPACT cleaningtools.
    """
    straight, share = parameters.get("straight"), parameters.get("unknown_share")
    codes = {str(code).lower() for code in parameters.get("unknown_codes", UNKNOWING)}
    for one in filled:
        chosen = [(i, a) for i in one.schema.tables[""].items if i.kind == "select_one"
                  and (a := one.answers.get(i.key)) is not None]  # fmt: skip
        if straight and (run := _longest(chosen)) and run[1] >= max(straight, LEAST):
            values = {"answer": run[0][1], "count": run[1]}
            yield Found(one.pk, one.version, run[0][0].key, (), str(run[0][1]), STRAIGHT, values)
        unknowing = sum(str(answer).lower() in codes for _item, answer in chosen)
        if share is not None and len(chosen) >= LEAST and unknowing > share * len(chosen):
            values = {"percent": round(100 * unknowing / len(chosen)), "count": len(chosen)}
            yield Found(one.pk, one.version, "", (), "", BLANK, values)


def _longest(chosen: list[tuple[Any, Any]]) -> tuple[tuple[Any, Any], int] | None:
    """The longest run of one answer to questions that share a list of choices."""
    best, start = None, 0
    for n in range(len(chosen) + 1):
        goes_on = n and n < len(chosen) and _alike(chosen[n - 1], chosen[n])
        if not goes_on:
            if n and (best is None or n - start > best[1]):
                best = (chosen[start], n - start)
            start = n
    return best


def _alike(one: tuple[Any, Any], other: tuple[Any, Any]) -> bool:
    same_list = one[0].choices is not None and one[0].choices is other[0].choices
    return same_list and one[1] == other[1]


def paces(filled: Iterable[Filled]) -> list[Pace]:
    """What is compared between collectors.

    Source: ours.
    """
    return [Pace(one.pk, one.version, one.collector, one.day, minutes(one)) for one in filled]


def too_many(parameters: Mapping[str, Any], work: Iterable[Pace], new: Set[int] | None) -> Iterator[Found]:
    """Forms that a collector fills beyond so many a day; those within are not doubted.

    Missing: nothing without a collector or a day.
    Source:  ours; daily quota of field protocols.
    """
    most, done = parameters.get("per_day"), Counter()
    for pace in sorted(work, key=lambda one: one.pk) if most else ():
        if pace.collector and pace.day:
            done[pace.collector, pace.day] += 1
            count = done[pace.collector, pace.day]
            if count > most and (new is None or pace.pk in new):
                yield Found(pace.pk, pace.version, "", (), pace.collector, MANY, {"count": count, "most": most})


def too_fast(parameters: Mapping[str, Any], work: Iterable[Pace], new: Set[int] | None) -> Iterator[Found]:
    """Collectors whose median duration is far below that of all the others, told once, on their latest form.

    Missing: nothing under five durations of the collector, and five of the others.
    Source:  ours; medians, for a form left open overnight weighs on no one.
    """
    share = parameters.get("fast_share")
    by_person: dict[str, list[Pace]] = defaultdict(list)
    for pace in work if share else ():
        if pace.collector and pace.minutes is not None and pace.minutes >= 0:
            by_person[pace.collector].append(pace)
    for person, own in by_person.items():
        others = [p.minutes for other, theirs in by_person.items() if other != person for p in theirs]
        latest = max(own, key=lambda pace: pace.pk)
        if len(own) < FEWEST or len(others) < FEWEST or (new is not None and latest.pk not in new):
            continue
        mine, theirs = median(p.minutes for p in own), median(others)
        if mine < share * theirs:
            values = {"own": round(mine, 1), "count": len(own), "others": round(theirs, 1)}
            yield Found(latest.pk, latest.version, "", (), person, FAST, values)
