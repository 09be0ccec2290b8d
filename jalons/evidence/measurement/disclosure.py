"""Who may read the small cells of a value: those who may read the submissions it was made from."""

from collections.abc import Iterable, Mapping
from typing import Any

from jalons.core.levels import Level
from jalons.evidence.measurement.models import IndicatorValue
from jalons.evidence.measurement.places import rolled_up
from jalons.evidence.measurement.rules.aggregation import Figure
from jalons.evidence.measurement.rules.contribution import REGION
from jalons.evidence.measurement.rules.disclosure import too_few
from jalons.evidence.measurement.rules.typed import PLACES
from jalons.evidence.measurement.storage import cells_of
from jalons.foundation.territories.models import Territory
from jalons.planning.results.models import Dimension, IndicatorVersion


def withheld(
    value: IndicatorValue, user: Any, cuts: Mapping[tuple[str, ...], Mapping[str, Figure]] | None = None
) -> dict[tuple[str, ...], set[str]]:  # fmt: skip
    """The cells of a value, or of cuts made from it, that this person may not read."""
    if not reads_aggregates_only(user, value.period.programme_id):
        return {}
    personal = Dimension.objects.filter(about_people=True).values_list("code", flat=True)
    if not is_about_people(value.definition, set(personal)):
        return {}
    cuts = _all_cuts(value) if cuts is None else cuts
    within = _regions(cuts.get(PLACES, {}))
    found = too_few(cuts, counted=counts(value), within=within)
    shut = set(_regions(found.get((REGION,), ())).values())
    for dimensions in [cut for cut in cuts if PLACES[0] in cut] if shut else ():
        at = dimensions.index(PLACES[0])
        found[dimensions] |= {cell for cell in cuts[dimensions] if within.get(cell.split("|")[at]) in shut}
    return found


def reads_aggregates_only(user: Any, programme: int) -> bool:
    """Whether this person reads figures of a programme, and none of the submissions behind them."""
    grants = user.grants("submissions", Level.VIEW)
    return not any(grant.programme_id in (None, programme) for grant in grants)


def _all_cuts(value: IndicatorValue) -> dict[tuple[str, ...], dict[str, Figure]]:
    """The cells kept for a value, and those of the regions that finer places make."""
    made = {str(row.place.pk): row.figure for row in rolled_up(value) if row.parts}
    return cells_of(value) | ({(REGION,): made} if made else {})


def _regions(cells: Iterable[str]) -> dict[str, str]:
    """The code of the region of each place, by its key."""
    places = Territory.objects.filter(pk__in=[cell for cell in cells if cell.isdigit()]).values_list("pk", "code")
    return {str(key): code.partition(".")[0] for key, code in places}


def is_about_people(version: IndicatorVersion, personal: set[str]) -> bool:
    """Whether a figure stands for persons: it counts them, or its sheet tells them apart."""
    return version.counts_people or not personal.isdisjoint(version.dimensions)


def counts(value: IndicatorValue) -> bool:
    """Whether its number is one of people; a share, an average or a median rests on people instead."""
    formula = value.definition.formula
    return formula["measure"] in ("count", "distinct") if formula else value.denominator is None
