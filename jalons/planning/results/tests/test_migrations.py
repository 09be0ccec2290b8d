"""What an upgrade does to what people have written."""

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from jalons.planning.results.models import Catalogue, CatalogueIndicator, IndicatorVersion
from tests.builders import a_programme, an_indicator

UNITS, BEFORE = ("results", "0004_units_in_languages"), ("results", "0003_every_row_has_its_history")


def migrate(*targets):
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")
    executor = MigrationExecutor(connection)
    executor.migrate(list(targets))


def told(table):
    with connection.cursor() as cursor:
        cursor.execute(f"select unit from {table} order by id")
        return [unit for (unit,) in cursor.fetchall()]


@pytest.mark.slow
def test_units_written_in_french_stay_french_and_their_history_gains_no_line(db):
    an_indicator(a_programme(), unit={"fr": "personnes", "en": "people"})
    an_indicator(a_programme(), measure="5", unit=None)
    catalogue = Catalogue.objects.create(code="odd", title={"fr": "ODD"})
    CatalogueIndicator.objects.create(catalogue=catalogue, code="1", title={"fr": "Un"}, unit=None)
    tables = [model._meta.db_table for model in (IndicatorVersion, CatalogueIndicator)]

    migrate(BEFORE)
    before = [told(table) for table in (*tables, *(f"{table}event" for table in tables))]
    migrate(UNITS)

    assert before == [["personnes", ""], [""], ["personnes", ""], [""]]
    assert [version.unit for version in IndicatorVersion.objects.order_by("pk")] == [{"fr": "personnes"}, None]
    assert [entry.unit for entry in CatalogueIndicator.objects.all()] == [None]
    assert [len(told(f"{table}event")) for table in tables] == [2, 1]
