"""The demonstration loads whole, once, and every role gets in."""

import io

import openpyxl
import pytest

from jalons.cli.demo import checking, collection, story
from jalons.cli.demo.deliveries import deliveries
from jalons.cli.demo.foundation import load_foundation
from jalons.collection.submissions.models import Submission
from jalons.core.errors import Refused
from jalons.core.models import Document
from jalons.evidence.measurement.models import IndicatorValue
from jalons.foundation.accounts.models import User
from jalons.foundation.programmes.models import Programme
from jalons.foundation.territories.actions import load_territories
from jalons.planning.results.actions import load_dimensions
from jalons.planning.results.models import Indicator
from jalons.reporting.exchange.actions import check_workbook
from jalons.reporting.exchange.snapshot import snapshot
from jalons.reporting.exchange.workbook.writer import write_workbook
from jalons.reporting.reports.models import Report

pytestmark = pytest.mark.slow


@pytest.mark.django_db
def test_the_demonstration_loads_and_every_role_signs_in_and_sees_its_pages(settings):
    settings.PASSWORD_HASHERS = [*settings.PASSWORD_HASHERS, "django.contrib.auth.hashers.PBKDF2PasswordHasher"]
    load_territories()
    load_dimensions()

    story.load(lambda words: None)
    story.load(lambda words: pytest.fail("a second run changes nothing"))

    assert Indicator.objects.filter(current__isnull=False).count() == 60
    assert Submission.objects.count() > 2900
    assert set(Submission.objects.values_list("state", flat=True)) == set(Submission.State.values)
    assert set(IndicatorValue.objects.values_list("state", flat=True)) == set(IndicatorValue.State.values)
    assert Report.objects.filter(state="issued", previous__isnull=False).exists()
    assert Document.objects.filter(target="measurement.IndicatorValue").exists()
    assert checking.check() == []


@pytest.mark.django_db
def test_the_workbook_of_each_programme_comes_back_and_changes_nothing(settings):
    settings.PASSWORD_HASHERS = [*settings.PASSWORD_HASHERS, "django.contrib.auth.hashers.PBKDF2PasswordHasher"]
    load_territories()
    load_dimensions()
    load_foundation()
    collection.open_forms({(file.programme, file.form) for file in deliveries()})
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
