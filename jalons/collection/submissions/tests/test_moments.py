"""No measurement stands across a change of what counts."""

import psycopg
import pytest
from django.db import connection

from jalons.collection.submissions import moments
from jalons.collection.submissions.actions import reject, validate
from jalons.collection.submissions.models import Submission
from jalons.collection.submissions.tests.builders import a_received_form, an_instance, received
from tests.builders import a_user

pytestmark = pytest.mark.django_db


def another_may_hold(row, function, key=moments.KEY):
    """Whether another connection would get the lock at once."""
    with psycopg.connect(**connection.get_connection_params()) as other:
        return other.execute(f"select {function}(%s, %s)", [key, row.pk]).fetchone()[0]


def test_bringing_in_keeps_measurements_out_and_lets_others_bring_in():
    form, officer = a_received_form()

    received(form, an_instance("uuid:1", "<taille>3</taille>"), officer, "1.xml")

    assert not another_may_hold(form.programme, "pg_try_advisory_xact_lock")
    assert another_may_hold(form.programme, "pg_try_advisory_xact_lock_shared")


def test_two_imports_of_one_form_take_turns_and_other_forms_do_not_wait():
    form, officer = a_received_form()
    other, _officer = a_received_form()

    received(form, an_instance("uuid:1", "<taille>3</taille>"), officer, "1.xml")

    assert not another_may_hold(form, "pg_try_advisory_xact_lock", moments.ARRIVALS)
    assert another_may_hold(other, "pg_try_advisory_xact_lock", moments.ARRIVALS)


def test_a_measurement_keeps_out_whatever_changes_what_counts():
    form, _officer = a_received_form()

    moments.hold_alone(form.programme_id)

    assert not another_may_hold(form.programme, "pg_try_advisory_xact_lock_shared")


def test_each_review_takes_its_moment_once_it_holds_the_lock():
    form, officer = a_received_form()
    second = a_user("me_officer", form.programme)
    received(form, an_instance("uuid:1", "<taille>3</taille>"), officer, "1.xml")
    submission, before = Submission.objects.get(), moments.now()

    validated = validate(submission=submission, by=second).reviewed_at
    rejected = reject(submission=submission, reason="Doublon", by=second).reviewed_at

    assert before < validated < rejected < moments.now()
