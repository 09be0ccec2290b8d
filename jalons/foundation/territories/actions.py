"""Bringing the reference places in."""

from django.db import transaction

from jalons.foundation.territories.gazetteer import places
from jalons.foundation.territories.models import Territory

FACTS = ["level", "name", "parent", "population", "households"]


@transaction.atomic
def load_territories() -> int:
    """Bring in or refresh every place of the reference lists; returns how many.

    Not an @action: it runs at set-up, before anyone exists to be recorded, and only copies public lists.
    """
    listed, keys = list(places()), {}
    for level in Territory.Level.values:
        rows = [
            Territory(code=place.code, level=level, name=place.name, parent_id=keys.get(place.parent),
                      population=place.population, households=place.households)
            for place in listed if place.level == level
        ]  # fmt: skip
        kept = Territory.objects.bulk_create(rows, update_conflicts=True, unique_fields=["code"], update_fields=FACTS)
        keys |= {row.code: row.pk for row in kept}
    return len(keys)
