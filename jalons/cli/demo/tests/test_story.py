"""What the demonstration is made of, and where it is refused; tests/browser loads it whole and serves it."""

import io

import openpyxl
import pytest

from jalons.cli.demo import collection, story
from jalons.cli.demo.deliveries import deliveries
from jalons.cli.demo.foundation import load_foundation
from jalons.core.errors import Refused
from jalons.foundation.accounts.models import User
from jalons.foundation.programmes.models import Programme
from jalons.foundation.territories.actions import load_territories
from jalons.planning.results.actions import load_dimensions
from jalons.reporting.exchange.actions import check_workbook
from jalons.reporting.exchange.snapshot import snapshot
from jalons.reporting.exchange.workbook.writer import write_workbook

pytestmark = pytest.mark.slow


@pytest.mark.django_db
def test_the_workbook_of_each_programme_comes_back_and_changes_nothing(settings):
    settings.PASSWORD_HASHERS = [*settings.PASSWORD_HASHERS, "django.contrib.auth.hashers.PBKDF2PasswordHasher"]
    load_territories()
    load_dimensions()
    load_foundation()
    story.open_forms(deliveries())
    story.promise()

    for code in story.programmes():
        exported = write_workbook(snapshot(Programme.objects.get(code=code)))
        for content in (exported, saved_again(exported)):
            plan = check_workbook(content=content, by=collection.officer(code))
            assert (plan.changes, plan.faults, plan.notes) == ([], [], [])


def saved_again(content):
    """As another program saves it."""
    buffer = io.BytesIO()
    openpyxl.load_workbook(io.BytesIO(content)).save(buffer)
    return buffer.getvalue()


@pytest.mark.django_db
def test_the_demonstration_refuses_a_database_where_somebody_works():
    User.objects.create(email="quelqu.un@example.org", name="Quelqu’un")

    with pytest.raises(Refused, match="base vide"):
        story.load(lambda words: None)
