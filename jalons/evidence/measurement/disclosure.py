"""Who may read the small cells of a value: those who may read the submissions it was made from."""

from collections.abc import Iterable, Mapping
from typing import Any

from jalons.core.levels import Level
from jalons.evidence.measurement.models import IndicatorValue
from jalons.evidence.measurement.rules.aggregation import Figure
from jalons.evidence.measurement.rules.disclosure import too_few
from jalons.evidence.measurement.rules.typed import PLACES
from jalons.evidence.measurement.storage import cells_of
from jalons.foundation.territories.models import Territory
from jalons.planning.results.models import Dimension, IndicatorVersion


def withheld(
    value: IndicatorValue, user: Any, cuts: Mapping[tuple[str, ...], Mapping[str, Figure]] | None = None
) -> dict[tuple[str, ...], set[str]]:  # fmt: skip
    """The cells of a value, or of cuts made from it, that this person may not read."""
    programme = value.period.programme_id
    if any(grant.programme_id in (None, programme) for grant in user.grants("submissions", Level.VIEW)):
        return {}
    personal = Dimension.objects.filter(about_people=True).values_list("code", flat=True)
    if not is_about_people(value.definition, set(personal)):
        return {}
    cuts = cells_of(value) if cuts is None else cuts
    return too_few(cuts, counted=counts(value), within=_regions(cuts.get(PLACES, {})))


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
