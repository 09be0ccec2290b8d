"""Which places lie in which."""

from collections.abc import Iterable

from django.db.models import Q, QuerySet

from jalons.foundation.territories.models import Territory

UPWARD = ("pk", "parent", "parent__parent", "parent__parent__parent")  # commune, province, region, country


def inside(places: Iterable[int], level: str) -> QuerySet[Territory]:
    """The territories of a level that lie in some places, or are one of them; by their keys."""
    keys, found = list(places), Q()
    for path in UPWARD:
        found |= Q(**{f"{path}__in": keys})
    return Territory.objects.filter(found, level=level)


def above(place: Territory, level: str) -> Territory | None:
    """The territory of a level in which a place lies, itself included; None where the chain stops before it."""
    at: Territory | None = place
    while at is not None and at.level != level:
        at = at.parent
    return at
