"""Figures by place: which places a value may be typed for, which are missing, and what wider places make of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from jalons.core.levels import Level
from jalons.evidence.measurement.models import Disaggregation, IndicatorValue
from jalons.evidence.measurement.rules.aggregation import Figure, aggregate_places
from jalons.evidence.measurement.rules.contribution import REGION, way_over_places
from jalons.evidence.measurement.rules.formula import scale_of
from jalons.evidence.measurement.rules.typed import PLACES
from jalons.evidence.measurement.storage import MATRICES, NUMBERS, cells_of
from jalons.foundation.programmes.models import Programme
from jalons.foundation.territories.models import Territory
from jalons.foundation.territories.queries import above, inside
from jalons.planning.results.models import IndicatorVersion

APP = "measurement"
ON_A_PAGE = 40  # places that one page asks for


@dataclass(frozen=True)
class Coverage:
    """How many places of a typed value are known, of how many; and those that are missing."""

    known: int
    expected: int
    missing: list[Territory]


@dataclass(frozen=True)
class Rolled:
    """The figure of a wider place, and those of the places that make it; none when it was computed from the answers."""

    place: Territory
    figure: Figure
    parts: list[tuple[Territory, Figure]]


def limits(user: Any, programme: Programme) -> list[Territory] | None:
    """The regions outside which this person types nothing; None when nothing limits them."""
    regions = user.regions(APP, Level.EDIT, programme.pk)
    return None if regions is None else list(Territory.objects.filter(pk__in=regions))


def named(limits: list[Territory] | None) -> str:
    """The regions that limit a person, in words; empty when nothing does."""
    return ", ".join(map(str, limits)) if limits is not None else ""


def offered(programme: Programme, level: str, regions: Iterable[Territory] | None = None) -> QuerySet[Territory]:
    """The places of a level where a programme works, within some regions if need be."""
    places = inside(programme.territories.values_list("pk", flat=True), level)
    if regions is not None:
        places = places.filter(pk__in=inside([region.pk for region in regions], level).values("pk"))
    return places.select_related("parent__parent__parent").order_by("code")


def groups(places: list[Territory]) -> list[Territory]:
    """The wider places to fill one after the other, when there are too many places for one page."""
    return list(dict.fromkeys(place.parent for place in places if place.parent)) if len(places) > ON_A_PAGE else []


def coverage(value: IndicatorValue) -> Coverage | None:
    """Which places of a typed value, or of those put together, are known; None when it was not typed by place."""
    cells = None if value.definition.formula else cells_of(value).get(PLACES)
    if not cells:
        return None
    places = list(offered(value.indicator.result.programme, value.definition.cut_by))
    missing = [place for place in places if str(place.pk) not in cells]
    return Coverage(len(places) - len(missing), len(places), missing)


def rolled_up(value: IndicatorValue, level: str = Territory.Level.REGION) -> list[Rolled]:
    """The figures of wider places; nothing when the value has no finer cut by place, or only answers could tell."""
    cuts = cells_of(value)
    if level == Territory.Level.REGION and (REGION,) in cuts:
        cells = cuts[(REGION,)]
        return [Rolled(place, cells[str(place.pk)], []) for place in _places(cells)]
    cells, way = cuts.get(PLACES, {}), way_over_places(value.definition.formula, value.definition.place_aggregation)
    if way is None:
        return []
    groups: dict[Territory, list[tuple[Territory, Figure]]] = {}
    known = {str(place.pk): place for place in _places(cells)}
    for cell, figure in cells.items():
        wider = above(known[cell], level) if cell in known else None
        if wider is not None and wider != known[cell]:
            groups.setdefault(wider, []).append((known[cell], figure))
    return [Rolled(place, _together(value.definition, way, parts), parts) for place, parts in groups.items()]


def cut_by_region(value: IndicatorValue) -> list[Disaggregation]:
    """The cut by region that finer places make, as if it were kept; nothing when it is, or cannot be told."""
    rows = [row for row in rolled_up(value) if row.parts]
    columns = {name: [getattr(row.figure, of) for row in rows] for name, of in zip(MATRICES, NUMBERS, strict=True)}
    cells = [str(row.place.pk) for row in rows]
    return [Disaggregation(value=value, dimensions=[REGION], cells=cells, **columns)] if rows else []


def _places(cells: Iterable[str]) -> QuerySet[Territory]:
    keys = [int(cell) for cell in cells if cell.isdigit()]
    return Territory.objects.filter(pk__in=keys).select_related("parent__parent__parent")


def _together(version: IndicatorVersion, way: str, parts: list[tuple[Territory, Figure]]) -> Figure:
    percentage = version.measure == IndicatorVersion.Measure.PERCENTAGE
    scale = scale_of(version.formula, percentage=percentage)
    return aggregate_places([figure for _place, figure in parts], way, scale=scale, percentage=percentage)
