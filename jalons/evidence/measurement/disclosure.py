"""Which cells of a value stay in the house: few people, and whatever would let them be found by subtraction."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from jalons.core.scope import reads_drafts
from jalons.evidence.measurement.models import IndicatorValue
from jalons.evidence.measurement.rules import disclosure
from jalons.evidence.measurement.rules.disclosure import Guard, Hidden, Pair
from jalons.evidence.measurement.rules.typed import PLACES
from jalons.evidence.measurement.storage import cells_of
from jalons.foundation.programmes.models import Period
from jalons.foundation.territories.models import Territory
from jalons.planning.results.models import Dimension, IndicatorVersion

LEVELS = (Territory.Level.PROVINCE, Territory.Level.REGION)
PROVINCE = (f"territory:{Territory.Level.PROVINCE}",)


def withheld(value: IndicatorValue, user: Any) -> Hidden:
    """The cells of a value, and of the wider places that it makes, that this person may not read.

    Those who read submissions, hence drafts, find there whom they may; the others read aggregates only.
    """
    programme = value.period.programme
    if reads_drafts(user, "measurement", programme.pk):
        return {}
    return hidden_cells([value], programme.least_people).get(value.pk, {})


def hidden_cells(values: Sequence[IndicatorValue], least: int) -> dict[int, Hidden]:
    """The same of several values, whoever reads them, in a constant number of queries; by value, if about people."""
    personal = set(Dimension.objects.filter(about_people=True).values_list("code", flat=True))
    values = [value for value in values if is_about_people(value.definition, personal)]
    told = {value.pk: [cells_of(one) for one in run] for value, run in _runs(values)}
    above = _above(cell for cuts in told.values() for one in cuts for cell in one.get(PLACES, ()))
    return {
        value.pk: disclosure.too_few_since(told[value.pk], Guard(kind(value), least, above)) for value in values
    }  # fmt: skip


def _runs(values: Sequence[IndicatorValue]) -> Iterator[tuple[IndicatorValue, list[IndicatorValue]]]:
    """Each value after those published of the same indicator that run since the beginning too, oldest first."""
    since = [value for value in values if value.period.kind == Period.Kind.CUMULATIVE]
    published = IndicatorValue.objects.filter(
        indicator__in={value.indicator_id for value in since}, period__kind=Period.Kind.CUMULATIVE, state="published"
    ).order_by("indicator_id", "period_id", "-published_at", "-pk").distinct("indicator_id", "period_id")  # fmt: skip
    earlier = list(published.select_related("period").prefetch_related("disaggregations")) if since else []
    earlier.sort(key=lambda value: value.period.ends_on)
    for value in values:
        run = [one for one in earlier if value in since and _comes_before(one, value)]
        yield value, [*run, value]


def _comes_before(one: IndicatorValue, value: IndicatorValue) -> bool:
    mine, its = value.period, one.period
    alike = (one.indicator_id, its.accumulates) == (value.indicator_id, mine.accumulates)
    return alike and its.ends_on < mine.ends_on


def _above(cells: Iterable[str]) -> dict[Pair, tuple[Pair, ...]]:
    """The province and the region of each place, and the region of each province."""
    keys = {cell for cell in cells if cell.isdigit()}
    places = Territory.objects.filter(pk__in=keys).select_related("parent__parent__parent") if keys else ()
    found: dict[Pair, tuple[Pair, ...]] = {}
    for place in places:
        wider = _wider(place)
        found[PLACES[0], str(place.pk)] = wider
        found |= {pair: wider[at + 1 :] for at, pair in enumerate(wider)}
    return found


def _wider(place: Territory) -> tuple[Pair, ...]:
    found, at = [], place.parent
    while at is not None:
        if at.level in LEVELS:
            found.append((f"territory:{at.level}", str(at.pk)))
        at = at.parent
    return tuple(found)


def is_about_people(version: IndicatorVersion, personal: set[str]) -> bool:
    """Whether a figure stands for persons: it counts them, or its sheet tells them apart."""
    return version.counts_people or not personal.isdisjoint(version.dimensions)


def kind(value: IndicatorValue) -> str:
    """What its number is: people, a part of some people, or something that rests on people."""
    formula = value.definition.formula
    if formula is None:
        is_part = value.definition.is_percentage or value.denominator is not None
        return disclosure.SHARE if is_part else disclosure.PEOPLE
    return {
        "count": disclosure.PEOPLE,
        "distinct": disclosure.PEOPLE,
        "persons": disclosure.PEOPLE,
        "share": disclosure.SHARE,
    }.get(formula["measure"], disclosure.CASES)
