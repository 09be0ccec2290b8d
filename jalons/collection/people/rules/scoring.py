"""Whether two records tell of one person: what agrees, what differs, what is unknown, and how likely it makes it."""

from collections.abc import Mapping
from math import log2

from jalons.collection.people.rules.names import SHORT, Name, contradict, distance
from jalons.collection.people.rules.records import Record
from jalons.collection.people.rules.weights import WEIGHTS

EXPECTED = 0.8  # other tellings of the same person that a telling has, on average, in a register
FEWEST = 5_000  # a register of fewer tellings is judged as one of so many: few people are not a reason to be bold
STEADY = 500  # tellings that the average frequency of a name is worth, beside those counted

FAR = 3  # years by which a told age is often wrong


def levels(one: Record, other: Record) -> dict[str, str | None]:
    """How each field of two records compares; None where either does not know it.

    Source: docs/decisions/0020-people-counted-once.md.

    >>> from jalons.collection.people.rules.names import read
    >>> one = Record(read("Fatima"), read("Alaoui"), "F", 1990)
    >>> other = Record(read("فاطمة"), read("العلوي"), None, 1990)
    >>> [name for name, level in levels(one, other).items() if level], levels(one, other)["given"]
    (['given', 'family', 'birth'], 'sound')
    """
    exchanged = _are_exchanged(one, other)
    return {
        "given": _name(one.given, other.given, exchanged),
        "family": _name(one.family, other.family, exchanged),
        "birth": _birth(one, other),
        "sex": _plain(one.sex, other.sex),
        "phone": _plain(one.phone, other.phone, slips=True),
        "commune": _plain(one.commune, other.commune),
        "identifier": _plain(one.identifier, other.identifier),
    }


def _are_exchanged(one: Record, other: Record) -> bool:
    names = (one.given, one.family, other.given, other.family)
    return all(names) and one.given.key == other.family.key and one.family.key == other.given.key


def _name(one: Name | None, other: Name | None, exchanged: bool) -> str | None:
    if one is None or other is None:
        return None
    if one.form == other.form:
        return "same"
    if one.key == other.key:
        return "vowels" if contradict(one, other) else "sound"
    if exchanged:
        return "exchanged"
    return _near(one, other)


def _near(one: Name, other: Name) -> str:
    mine, theirs = one.slip, other.slip
    if mine is None or theirs is None or (len(mine) == len(theirs) == SHORT and sorted(mine) == sorted(theirs)):
        return "apart"
    return "slip" if distance(mine, theirs, 1) == 1 else "apart"


def _birth(one: Record, other: Record) -> str | None:
    if one.year is None or other.year is None:
        return None
    years = abs(one.year - other.year)
    if (one.is_age or other.is_age) and years <= FAR:
        return "age" if years <= 1 else "far"
    if one.birth is None or other.birth is None:
        return "year" if years == 0 else "around" if years == 1 else "apart"
    return _day(one.birth, other.birth, years)


def _day(one: str, other: str, years: int) -> str:
    if one == other:
        return "day"
    if years == 0 and (one[5:7], one[8:10]) == (other[8:10], other[5:7]):
        return "turned"
    if years == 1 and one[5:] == other[5:]:
        return "slip"
    return "around" if years <= 1 else "apart"


def _plain(one: str | None, other: str | None, *, slips: bool = False) -> str | None:
    if one is None or other is None:
        return None
    if one == other:
        return "same"
    return "slip" if slips and distance(one, other, 1) == 1 else "apart"


def weight(comparison: str, level: str | None, common: float | None = None) -> float:
    """What one agreement or difference weighs, in bits; common: how frequent the name is, where it counts.

    Unit:    bits; above zero for one person, below for two.
    Missing: 0 for what either does not know.
    Source:  Fellegi and Sunter, 1969; frequency of names, Winkler, 2000.

    >>> weight("sex", None), round(weight("sex", "same"), 2), round(weight("given", "same", 0.1), 2)
    (0.0, 0.96, 2.23)
    """
    if level is None:
        return 0.0
    known = WEIGHTS[comparison][level]
    return log2(known.m / (common if known.rare and common else known.u))


def prior(tellings: int) -> float:
    """How likely two tellings taken at random are to be of one person.

    Source: docs/decisions/0020-people-counted-once.md.

    >>> prior(10), prior(5_000)
    (0.00016, 0.00016)
    """
    return EXPECTED / max(tellings, FEWEST)


def frequency(comparison: str, level: str, count: int, tellings: int) -> float:
    """How common a name is: as counted in the register, steadied by the average while the register is small.

    Source: additive smoothing; Winkler, 2000, for the use of frequencies.

    >>> frequency("given", "same", 0, 0)
    0.0054
    """
    return (count + STEADY * WEIGHTS[comparison][level].u) / (tellings + STEADY)


def probability(agreed: Mapping[str, str | None], common: Mapping[str, float], prior: float) -> float:
    """How likely two records are to tell of one person.

    Unit:    0 to 1.
    Missing: a field that either does not know changes nothing.
    Source:  Fellegi and Sunter, 1969, fields taken as independent given the answer.

    >>> probability({"sex": None}, {}, 0.25)
    0.25
    """
    bits = log2(prior / (1 - prior)) + sum(weight(name, level, common.get(name)) for name, level in agreed.items())
    return 1 / (1 + 2.0**-bits) if bits > -1000 else 0.0
