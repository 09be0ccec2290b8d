"""A database of its own for each bench, so that none leans on what another left."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.management import call_command
from django.db import connection

from jalons.foundation.territories.actions import load_territories
from jalons.planning.results.actions import load_dimensions


@contextmanager
def fresh() -> Iterator[None]:
    """Create the test database, with its territories, and drop it after."""
    settings = connection.settings_dict
    kept = settings["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        call_command("createcachetable", verbosity=0)
        load_territories()
        load_dimensions()
        yield
    finally:
        connection.creation.destroy_test_db(kept, verbosity=0)
