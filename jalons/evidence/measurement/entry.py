"""What the page where a value is typed asks of this person, and what it says of what is already known."""

from dataclasses import replace
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest

from jalons.evidence.measurement import places
from jalons.evidence.measurement.engine import in_force
from jalons.evidence.measurement.forms import Asked, Choice
from jalons.evidence.measurement.models import IndicatorValue
from jalons.evidence.measurement.storage import latest
from jalons.foundation.programmes.models import Period, Programme
from jalons.foundation.programmes.queries import current_period
from jalons.foundation.territories.models import Territory
from jalons.planning.results.models import Indicator, IndicatorVersion
from jalons.planning.results.rules.aggregations import IN_PLACE


def asked(indicator: Indicator, request: HttpRequest) -> tuple[Asked, Choice]:
    """What to fill in for the period and within the place that the address or the form names."""
    periods = typed_periods(indicator.result.programme)
    period = _period(list(periods), request)
    whole = asked_of(request.user, indicator, period)
    wider = places.groups(whole.places)
    within = _within(wider, request.GET.get("within", ""))
    offered = [place for place in whole.places if within is None or place.parent == within]
    choice = Choice({"period": period.pk, "within": within and within.pk}, periods=periods, wider=wider)
    return replace(whole, places=offered), choice


def asked_of(person: Any, indicator: Indicator, period: Period) -> Asked:
    """All that a person may fill in for an indicator and a period."""
    programme, version = indicator.result.programme, in_force(indicator.versions.all(), period.ends_on)
    limits = places.limits(person, programme)
    found = list(places.offered(programme, version.cut_by, limits)) if version.cut_by else []
    before = latest([indicator.pk], [period.pk]).get((indicator.pk, period.pk))
    typed = before if before and before.origin == IndicatorValue.Origin.TYPED else None
    return Asked(version, period, found, typed, places.named(limits))


def typed_periods(programme: Programme) -> QuerySet[Period]:
    """The periods that have begun, but for those put together from others."""
    begun = Period.objects.filter(programme=programme, starts_on__lte=date.today())
    return begun.exclude(kind=Period.Kind.CUMULATIVE)


def told(asked: Asked) -> dict[str, Any]:
    """How the places make the total, which are known and which are missing."""
    way = asked.version.place_aggregation
    return {
        "way": IndicatorVersion.Aggregation(way).label if asked.places else "",
        "way_means": IN_PLACE[way] if asked.places else "",
        "coverage": places.coverage(asked.before) if asked.before else None,
    }


def _period(periods: list[Period], request: HttpRequest) -> Period:
    named = request.POST.get("period") or request.GET.get("period")
    if not named:
        found = current_period(periods, date.today()) or next(iter(periods), None)
    else:
        found = next((period for period in periods if str(period.pk) == named), None)
    if found is None:
        raise Http404
    return found


def _within(wider: list[Territory], named: str) -> Territory | None:
    chosen = next((place for place in wider if str(place.pk) == named), None)
    return chosen or next(iter(wider), None)
