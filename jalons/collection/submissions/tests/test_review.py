"""Accepting and refusing: who may, once or in bulk; who sees and changes what."""

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from jalons.collection.submissions.actions import (
    reject,
    validate,
    validate_all,
)
from jalons.collection.submissions.models import Batch, Flag, Submission
from jalons.collection.submissions.tests.builders import (
    a_csv,
    a_received_form,
    an_instance,
    counts,
    received,
    two_regions,
)
from jalons.core.errors import Refused
from jalons.core.models import Event
from tests.builders import a_programme, a_user, an_organisation

pytestmark = pytest.mark.django_db


@pytest.fixture
def foyer():
    two_regions()
    return a_received_form()


def a_submission(form, by, **fields):
    received(
        form, a_csv(f"{fields.get('id', 'a1')},2026-10-02,{fields.get('lieu', '09')},{fields.get('agent', '')},3,,"), by
    )
    return Submission.objects.get(instance_id=fields.get("id", "a1"))


def test_another_person_validates_and_it_is_recorded(foyer):
    form, officer = foyer
    submission = a_submission(form, officer)
    second = a_user("me_officer", form.programme)

    validate(submission=submission, by=second)

    submission.refresh_from_db()
    assert (submission.state, submission.reviewed_by) == ("validated", second)
    assert Event.objects.filter(verb="submission.validated", target_id=submission.pk, by=second).exists()


def test_nobody_validates_what_they_brought_in(foyer):
    form, officer = foyer

    with pytest.raises(Refused, match="autre personne"):
        validate(submission=a_submission(form, officer), by=officer)


def test_nobody_validates_what_they_collected_even_brought_in_by_another(foyer):
    form, officer = foyer
    collector = a_user("me_officer", form.programme)
    submission = a_submission(form, officer, agent=collector.name)

    with pytest.raises(Refused, match="autre personne"):
        validate(submission=submission, by=collector)
    validate(submission=submission, by=officer)


def test_a_name_that_no_account_is_known_by_does_not_let_anyone_review_their_own_import(foyer):
    form, officer = foyer
    submission = a_submission(form, officer, agent="Un nom tapé au hasard")
    assert (submission.author, submission.collector) == (officer, "Un nom tapé au hasard")

    with pytest.raises(Refused, match="autre personne"):
        validate(submission=submission, by=officer)
    with pytest.raises(Refused, match="autre personne"):
        validate_all(form=form, submissions=form.submissions.all(), by=officer)
    validate(submission=submission, by=a_user("me_officer", form.programme))


def test_a_rejection_says_why(foyer):
    form, officer = foyer
    second = a_user("me_officer", form.programme)
    submission = a_submission(form, officer)

    with pytest.raises(Refused, match="pourquoi"):
        reject(submission=submission, reason="  ", by=second)
    reject(submission=submission, reason="Âge impossible", by=second)

    submission.refresh_from_db()
    assert (submission.state, submission.rejection_reason) == ("rejected", "Âge impossible")


def test_many_are_reviewed_at_once_or_none(foyer):
    form, officer = foyer
    second = a_user("me_officer", form.programme)
    theirs, mine = a_submission(form, officer), a_submission(form, second, id="a2")
    chosen = Submission.objects.filter(pk__in=[theirs.pk, mine.pk])

    with pytest.raises(Refused, match="1 des 2"):
        validate_all(form=form, submissions=chosen, by=second)
    validate_all(form=form, submissions=chosen.filter(pk=theirs.pk), by=second)

    assert sorted(chosen.values_list("instance_id", "state")) == [("a1", "validated"), ("a2", "received")]


# Scope


def test_a_coordinator_brings_in_their_region_only(foyer):
    form, officer = foyer
    souss = Submission._meta.get_field("region").related_model.objects.get(code="09")
    coordinator = a_user("regional_coordinator", form.programme, region=souss)

    batch = received(form, a_csv("a1,2026-10-02,09,,3,,", "a2,2026-10-02,02,,3,,", "a3,2026-10-02,?,,3,,"), coordinator)

    assert counts(batch) == {"received": 2, "updated": 0, "unchanged": 0, "refused": 1}
    assert sorted(Submission.objects.for_user(coordinator).values_list("instance_id", flat=True)) == ["a1"]
    assert sorted(Submission.objects.for_user(officer).values_list("instance_id", flat=True)) == ["a1", "a3"]


def test_an_import_never_changes_a_submission_out_of_scope(foyer):
    form, officer = foyer
    souss = Submission._meta.get_field("region").related_model.objects.get(code="09")
    a_submission(form, officer, id="ailleurs", lieu="02")
    coordinator = a_user("regional_coordinator", form.programme, region=souss)

    batch = received(form, a_csv("ailleurs,2026-10-02,09,,7,,", "a2,2026-10-02,09,,7,,"), coordinator)

    assert counts(batch)["refused"] == 1
    assert Submission.objects.get(instance_id="ailleurs").current.answers["taille"] == 3


def test_an_association_sees_only_what_it_brought_in(foyer):
    form, officer = foyer
    a_submission(form, officer)
    association = an_organisation()
    grantee = a_user("grantee", form.programme, organisation=association)

    received(form, a_csv("g1,2026-10-02,09,,3,,"), grantee)

    assert list(Submission.objects.for_user(grantee).values_list("instance_id", flat=True)) == ["g1"]
    assert list(Batch.objects.for_user(grantee).values_list("by", flat=True)) == [grantee.pk]


def test_a_coordinator_of_another_region_decides_nothing(foyer):
    form, officer = foyer
    oriental = Submission._meta.get_field("region").related_model.objects.get(code="02")
    coordinator = a_user("regional_coordinator", form.programme, region=oriental)
    submission = a_submission(form, officer)

    with pytest.raises(PermissionDenied):
        validate(submission=submission, by=coordinator)
    with pytest.raises(PermissionDenied):
        validate_all(form=form, submissions=Submission.objects.filter(pk=submission.pk), by=coordinator)


def test_another_programme_has_its_own_submissions_of_the_same_identifier(foyer):
    form, officer = foyer
    other, other_officer = a_received_form(a_programme())

    a_submission(form, officer)
    received(other, a_csv("a1,2026-10-02,09,,8,,"), other_officer)

    assert Submission.objects.filter(instance_id="a1").count() == 2
    assert not Submission.objects.for_user(officer).filter(form=other).exists()
    with pytest.raises(PermissionDenied):
        received(other, a_csv("a2,2026-10-02,09,,8,,"), officer)


def test_flags_of_an_older_version_stay_with_it(foyer):
    form, officer = foyer
    received(form, a_csv("a1,2026-10-02,09,,0,,"), officer)

    received(form, a_csv("a1,2026-10-02,09,,3,,"), officer)

    submission = Submission.objects.get()
    assert submission.flag_count == 0
    assert Flag.objects.filter(submission=submission, version=1, check_code="constraint").exists()


def test_the_history_names_a_collector_to_who_reads_identities_only(client, db):
    form, officer = a_received_form()
    received(
        form, an_instance(body="<jour>2026-03-02</jour><agent>Hassan</agent><taille>3</taille>"), officer, "un.xml"
    )
    row = Submission.objects.get()
    for name in ("Hassan B.", "Rachida"):
        Submission.objects.update(collector=name)
    page = reverse("core:history", args=["submissions.submission", row.pk])

    shown = {}
    for role in ("me_officer", "grants_officer"):
        client.force_login(a_user(role, form.programme))
        shown[role] = "Rachida" in client.get(page).content.decode()
    assert shown == {"me_officer": True, "grants_officer": False}
