"""Which territory an answer names: by code, with or without dots and zeros, else by name in any of three languages."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from jalons.collection.submissions.rules.schema import fold

LEVELS = ("country", "region", "province", "commune")
PREFIX = re.compile(
    r"^(region|prefecture d arrondissements|prefecture|province|commune|cr|cu|municipalite|wilaya)"
    r"( de la| de l| de| du| des| d)? "
)


class Lineage(NamedTuple):
    """A territory and those around it; None where it has none at a level."""

    territory: int | None = None
    province: int | None = None
    region: int | None = None
    country: int | None = None


@dataclass(frozen=True)
class Gazetteer:
    """Every territory by code and by name, and what lies around each."""

    by_code: Mapping[str, int]
    by_name: Mapping[str, tuple[int, ...]]
    around: Mapping[int, Lineage]
    parents: Mapping[int, int | None]


def gazetteer(territories: Iterable[tuple[int, str, str, Mapping[str, str], int | None]]) -> Gazetteer:
    """Make territories findable.

    territories: (id, code, level, name as {"fr": …}, id of the parent) of each.
    Source: HCP codes (region.province.cercle.commune), ISO 3166-1 and 3166-2.
    """
    by_code, by_name, parents, levels = {}, defaultdict(set), {}, {}
    for key, code, level, names, parent in territories:
        by_code[spell(code)] = key
        for name in names.values():
            by_name[fold(name)].add(key)
        parents[key], levels[key] = parent, level
    around = {key: _lineage(key, parents, levels) for key in parents}
    return Gazetteer(by_code, {name: tuple(sorted(ids)) for name, ids in by_name.items()}, around, parents)


def spell(code: str) -> str:
    """A code as it is looked up: no dots, hyphens nor prefix of the country; digits without the zeros at their head.

    Source: HCP writes `09.001.01.05.`, Excel loses the zero at the head, ISO 3166-2 writes `MA-09`.

    >>> spell("09.001.01.05."), spell("90010105"), spell("MA-09"), spell("fr-75")
    ('90010105', '90010105', '9', 'FR75')
    """
    plain = re.sub(r"[^0-9A-Z]", "", code.upper())
    digits = plain.removeprefix("MA")
    return (digits.lstrip("0") or "0") if digits.isdecimal() else plain


def resolve(book: Gazetteer, said: Iterable[str]) -> Lineage:
    """The territory that an answer names, in the order of what is said: its code, then its labels.

    Missing: nothing at all when the answer is blank, unknown, or names several territories that are not one inside
             the other. Of a province and a commune of one name, the province is sure and is kept.
    Source:  house rule: an unresolved submission is seen by programme-wide roles only, never guessed.
    """
    for text in said:
        if found := _find(book, str(text)):
            return book.around[found]
    return Lineage()


def _find(book: Gazetteer, text: str) -> int | None:
    if found := book.by_code.get(spell(text)):
        return found
    name = fold(text)
    return _single(book, book.by_name.get(name) or book.by_name.get(PREFIX.sub("", name), ()))


def _single(book: Gazetteer, found: tuple[int, ...]) -> int | None:
    """The one found, or the one that holds all the others."""
    for candidate in found:
        if all(candidate in _upwards(book.parents, other) for other in found):
            return candidate
    return None


def _upwards(parents: Mapping[int, int | None], start: int) -> list[int]:
    line = [start]
    while (above := parents.get(line[-1])) and above not in line:
        line.append(above)
    return line


def _lineage(start: int, parents: Mapping[int, int | None], levels: Mapping[int, str]) -> Lineage:
    at = {levels[place]: place for place in _upwards(parents, start) if place in levels}
    return Lineage(start, at.get("province"), at.get("region"), at.get("country"))
