"""A validated version counts until its correction is reviewed, whatever becomes of the correction."""

import pytest
from django.db import connection
from django.urls import reverse

from jalons.collection.forms.actions import declare
from jalons.collection.submissions.actions import reject, reject_all, reread, validate, validate_all, withdraw
from jalons.collection.submissions.models import Rereading, Submission
from jalons.collection.submissions.projection import table_name
from jalons.collection.submissions.rebuilding import rebuild
from jalons.collection.submissions.tests.builders import a_csv, a_received_form, received, two_regions
from jalons.core.errors import Refused
from tests.builders import a_user

pytestmark = pytest.mark.django_db
FIRST, SECOND, THIRD = (f"a1,2026-10-0{day},09,Amina,{size},eau,Oriental" for day, size in ((2, 3), (3, 4), (4, 5)))


@pytest.fixture
def counted():
    """A form whose one submission is validated in its first version."""
    two_regions()
    form, officer = a_received_form()
    received(form, a_csv(FIRST), officer)
    checker = a_user("me_officer", form.programme)
    validate(submission=Submission.objects.get(), by=checker)
    return form, officer, checker


def rows(form, columns="taille", where="_state = 'validated'"):
    with connection.cursor() as cursor:
        cursor.execute(f"select {columns} from projection.{table_name(form.pk)} where {where}")
        return cursor.fetchall()


def as_rebuilt(form):
    before = rows(form, f"{table_name(form.pk)}::text", "true")
    rebuild(form)
    return sorted(rows(form, f"{table_name(form.pk)}::text", "true")) == sorted(before)


def test_a_correction_to_be_reviewed_leaves_the_validated_version_counting(counted):
    form, officer, _checker = counted

    received(form, a_csv(SECOND), officer)

    held = Submission.objects.get()
    assert (held.state, held.version, held.standing) == ("received", 2, 1)
    assert rows(form) == [(3,)]
    assert rows(form, "taille, _state", "_until = '-infinity'") == [(4, "received")]
    assert as_rebuilt(form)


def test_a_validated_correction_counts_at_the_moment_the_other_ceases(counted):
    form, officer, checker = counted
    received(form, a_csv(SECOND), officer)

    validate(submission=Submission.objects.get(), by=checker)

    held = Submission.objects.get()
    assert (held.state, held.version, held.standing) == ("validated", 2, None)
    assert rows(form) == [(4,)]
    ((ended,),), ((began,),) = rows(form, "_until", "_state = 'closed'"), rows(form, "_since")
    assert ended == began == held.reviewed_at
    assert as_rebuilt(form)


def test_a_rejected_correction_keeps_its_reason_and_the_version_before_stays_validated(counted):
    form, officer, checker = counted
    before = Submission.objects.values().get()
    received(form, a_csv(SECOND), officer)

    reject(submission=Submission.objects.get(), reason="Le foyer compte trois personnes.", by=checker)

    after = Submission.objects.values().get()
    assert {name for name in after if after[name] != before[name]} == {"updated_at"}
    correction = Submission.objects.get().versions.get(number=2)
    assert (correction.rejected_by, correction.rejection_reason) == (checker, "Le foyer compte trois personnes.")
    assert rows(form, "taille", "true") == [(3,)]
    assert as_rebuilt(form)


def test_the_whole_submission_can_be_rejected_after_its_correction(counted):
    form, officer, checker = counted
    received(form, a_csv(SECOND), officer)
    for reason in ("Correction fausse", "Foyer inventé"):
        reject(submission=Submission.objects.get(), reason=reason, by=checker)

    assert Submission.objects.get().state == "rejected" and rows(form) == []
    assert as_rebuilt(form)


def test_only_the_last_of_several_corrections_is_reviewed(counted):
    form, officer, checker = counted
    received(form, a_csv(SECOND), officer)
    received(form, a_csv(THIRD), officer)
    assert (Submission.objects.get().standing, rows(form)) == (1, [(3,)])
    assert rows(form, "taille", "_until = '-infinity'") == [(5,)] and as_rebuilt(form)

    reject(submission=Submission.objects.get(), reason="Faux", by=checker)

    assert (Submission.objects.get().version, rows(form)) == (1, [(3,)])
    received(form, a_csv(SECOND.replace("Amina", "Brahim")), officer)
    validate(submission=Submission.objects.get(), by=checker)
    assert (Submission.objects.get().version, rows(form)) == (4, [(4,)])
    assert as_rebuilt(form)


def test_a_rejected_correction_sent_again_does_not_open_the_review_again(counted):
    form, officer, checker = counted
    received(form, a_csv(SECOND), officer)
    reject(submission=Submission.objects.get(), reason="Faux", by=checker)

    batch = received(form, a_csv(SECOND), officer)

    assert (batch.report["unchanged"], Submission.objects.get().state) == (1, "validated")


def test_a_withdrawn_correction_gives_back_what_waited_or_counted_before_it(counted):
    form, officer, _checker = counted
    second = received(form, a_csv(SECOND), officer)
    third = received(form, a_csv(THIRD), officer)

    withdraw(batch=third, reason="Mauvais fichier", by=officer)
    held = Submission.objects.get()
    assert (held.state, held.version, held.standing, rows(form)) == ("received", 2, 1, [(3,)])
    assert rows(form, "taille", "_until = '-infinity'") == [(4,)] and as_rebuilt(form)

    withdraw(batch=second, reason="Mauvais fichier", by=officer)
    held = Submission.objects.get()
    assert (held.state, held.version, held.standing, rows(form)) == ("validated", 1, None, [(3,)])
    assert rows(form, "taille", "true") == [(3,)] and as_rebuilt(form)


def test_who_sent_the_correction_does_not_review_it_even_in_bulk(counted):
    form, _officer, checker = counted
    received(form, a_csv(SECOND.replace("Amina", "")), checker)

    with pytest.raises(Refused, match="vôtre"):
        validate_all(form=form, submissions=form.submissions.all(), by=checker)
    other = a_user("me_officer", form.programme)
    reject_all(form=form, submissions=form.submissions.all(), reason="Faux", by=other)
    assert (Submission.objects.get().state, rows(form)) == ("validated", [(3,)])


def test_a_new_declaration_places_what_stood_once_its_correction_is_rejected(counted):
    form, officer, checker = counted
    received(form, a_csv(SECOND), officer)
    declare(form=form, roles={"territory": "nom"}, by=officer)
    reread(rereading=Rereading.objects.create(form=form, by=officer), by=officer)
    assert rows(form) == [(3,)] and as_rebuilt(form)

    reject(submission=Submission.objects.get(), reason="Faux", by=checker)

    held = Submission.objects.select_related("region").get()
    assert (held.state, held.region.code) == ("validated", "02")
    assert rows(form, "_region") == [(held.region_id,)] and as_rebuilt(form)


def test_the_page_says_which_version_counts_and_why_a_correction_was_rejected(counted, client):
    form, officer, checker = counted
    received(form, a_csv(SECOND), officer)
    client.force_login(checker)
    held = Submission.objects.get()
    url = reverse("submissions:submission-detail", args=[held.pk])
    assert "La version 1 compte encore dans les indicateurs" in client.get(url).content.decode()

    page = client.post(reverse("submissions:submission-reject", args=[held.pk]), {"reason": "Illisible"}, follow=True)

    assert "la version d’avant compte toujours" in page.content.decode()
    assert "rejetée : <bdi>Illisible" in page.content.decode()
    assert "Correction 2 rejetée par" in client.get(f"{url}?version=2").content.decode()
