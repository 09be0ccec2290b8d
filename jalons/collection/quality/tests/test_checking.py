"""Checks on what came in: found once, answered, followed from version to version, cured, lifted."""

from datetime import date

import pytest

from jalons.collection.quality import actions, watching
from jalons.collection.quality.models import Check, Finding, Run
from jalons.collection.submissions.actions import reread, start_rereading
from jalons.collection.submissions.models import Flag, Submission
from jalons.collection.submissions.tests.builders import a_csv, a_received_form, received, two_regions
from jalons.core.errors import Refused
from jalons.core.models import Job
from tests.builders import a_programme, a_user

ROWS = [f"u{n},2026-10-0{n % 9 + 1},Souss-Massa,Samira,{4 + n % 3},eau,Nom {n}" for n in range(12)]


@pytest.fixture
def kept(db):
    two_regions()
    return a_received_form()


def a_check(on, kind="range", **parameters):
    given = parameters or {"question": "taille", "most": 20}
    return Check.objects.create(form=on, name={"fr": "Essai"}, kind=kind, parameters=given, valid_from=date(2026, 1, 1))


def flags(kind):
    return list(
        Flag.objects.filter(check_code=kind).order_by("pk").values_list("submission__instance_id", "version", "state")
    )


def test_what_arrives_is_checked_once_and_told_beside_the_submission(kept):
    form, officer = kept
    a_check(form)
    received(
        form,
        a_csv("u1,2026-10-01,Souss-Massa,Samira,48,eau,Aïcha", "u2,2026-10-01,Souss-Massa,Samira,4,eau,Ali"),
        officer,
    )

    watching.check_new()
    watching.check_new()

    assert flags("range") == [("u1", 1, "open")]
    assert Finding.objects.get().says == "48 dépasse le maximum attendu, 20."
    assert dict(Submission.objects.values_list("instance_id", "flag_count")) == {"u1": 1, "u2": 0}
    assert list(Run.objects.values_list("read", "found")) == [(2, 1)]


def test_a_new_version_cures_a_flag_or_is_followed_by_it(kept):
    form, officer = kept
    a_check(form)
    first = ("u1,2026-10-01,Souss-Massa,Samira,48,eau,Aïcha", "u2,2026-10-01,Souss-Massa,Samira,30,eau,Ali")
    received(form, a_csv(*first), officer)
    watching.check_new()

    received(form, a_csv(first[0].replace("48", "8"), first[1].replace("30", "31")), officer)
    watching.check_new()

    assert flags("range") == [("u1", 1, "cured"), ("u2", 1, "followed"), ("u2", 2, "open")]
    assert dict(Submission.objects.values_list("instance_id", "flag_count")) == {"u1": 0, "u2": 1}


def test_what_was_explained_of_the_same_answer_still_is_in_the_next_version(kept):
    form, officer = kept
    a_check(form)
    row = "u1,2026-10-01,Souss-Massa,Samira,48,eau,Aïcha"
    received(form, a_csv(row), officer)
    watching.check_new()
    actions.explain(form=form, flags=Flag.objects.filter(check_code="range"), reason="internat", by=officer)
    assert Submission.objects.get().flag_count == 0

    received(form, a_csv(row.replace("Aïcha", "Aïcha B.")), officer)
    watching.check_new()

    assert flags("range") == [("u1", 1, "explained"), ("u1", 2, "explained")]
    assert Flag.objects.get(version=2).reason == "internat"


def test_flags_of_arrival_are_answered_and_cured_like_the_others(kept):
    form, officer = kept
    row = "u1,2026-10-01,Souss-Massa,Samira,0,eau,Aïcha"
    received(form, a_csv(row), officer)
    received(form, a_csv(row.replace(",0,", ",3,")), officer)

    watching.check_new()

    assert flags("constraint") == [("u1", 1, "cured")]


def test_far_numbers_and_twins_are_found_with_one_query_each(kept, django_assert_max_num_queries):
    form, officer = kept
    a_check(form, "outlier", questions=["taille"], threshold=3.5)
    a_check(form, "twin", questions=["jour", "nom"])
    a_check(form, "near", questions=["taille", "besoins", "jour", "lieu", "nom"], share=0.8, within="collector")
    received(
        form,
        a_csv(*ROWS, "u90,2026-10-01,Souss-Massa,Omar,90,eau,Nom 90", "u91,2026-10-01,Souss-Massa,Omar,4,toit,Nom 9"),
        officer,
    )
    received(form, a_csv("u92,2026-10-01,Souss-Massa,Omar,5,eau,Nom 9"), officer)

    with django_assert_max_num_queries(60):
        watching.check_new()

    assert flags("outlier") == [("u90", 1, "open")]
    assert flags("twin") == [("u91", 1, "open"), ("u92", 1, "open")]
    assert [name for name, *_rest in flags("near")] == ["u9", "u10", "u11"]  # all but the name, nine rows before


def test_a_changed_check_lifts_what_it_no_longer_finds_and_a_retired_one_what_nobody_answered(kept):
    form, officer = kept
    check = a_check(form)
    received(
        form, a_csv("u1,2026-10-01,Souss-Massa,Samira,48,eau,A", "u2,2026-10-01,Souss-Massa,Samira,30,eau,B"), officer
    )
    watching.check_new()

    given = {"name": check.name, "severity": "error", "told": None, "valid_from": check.valid_from}
    actions.change_check(check=check, parameters={"question": "taille", "most": 40}, by=officer, **given)
    actions.check_form(form=form, by=officer)

    assert flags("range") == [("u1", 1, "open"), ("u2", 1, "lifted")]
    assert Finding.objects.get(flag__state="open").number == 2
    assert Job.objects.filter(name="quality.check").count() == 1

    check.refresh_from_db()
    actions.retire_check(check=check, by=officer)

    assert [state for _name, _version, state in flags("range")] == ["lifted", "lifted"]
    assert Submission.objects.get(instance_id="u1").flag_count == 0


def test_a_check_added_by_a_person_finds_what_was_received_before_it(kept):
    form, officer = kept
    received(form, a_csv("u1,2026-10-01,Souss-Massa,Samira,48,eau,A"), officer)
    a_check(form)

    actions.check_form(form=form, by=officer)

    assert flags("range") == [("u1", 1, "open")]


def test_a_form_that_cannot_be_checked_does_not_keep_the_others_waiting(kept, caplog):
    form, officer = kept
    a_check(form, "range", question="taille", most="vingt")
    other, other_officer = a_received_form(a_programme())
    a_check(other)
    row = "u1,2026-10-01,Souss-Massa,Samira,48,eau,A"
    received(form, a_csv(row), officer)
    received(other, a_csv(row), other_officer)

    watching.check_new()

    assert Flag.objects.get(check_code="range").submission.form == other
    assert "TypeError" in caplog.text and "Samira" not in caplog.text


def test_rejected_submissions_are_left_alone(kept):
    form, officer = kept
    received(form, a_csv("u1,2026-10-01,Souss-Massa,Samira,48,eau,A"), officer)
    Submission.objects.update(state="rejected", rejection_reason="faux")
    a_check(form)

    watching.check_new()

    assert flags("range") == []


def test_a_key_is_looked_for_in_another_form_of_the_same_programme_only(kept):
    form, officer = kept
    check = a_check(form, "key", question="nom", form=form.pk, other="agent", mode="exists")
    received(
        form,
        a_csv("u1,2026-10-01,Souss-Massa,Samira,4,eau,Samira", "u2,2026-10-01,Souss-Massa,Samira,4,eau,Zoé"),
        officer,
    )

    watching.check_new()
    assert flags("key") == [("u2", 1, "open")]

    other = a_programme()
    elsewhere, _officer = a_received_form(other)
    check.parameters["form"] = elsewhere.pk
    check.save()
    Flag.objects.all().delete()
    watching.check_all(form, [check])
    assert flags("key") == []


def test_proposed_checks_are_accepted_by_who_decides_on_the_whole_form(kept):
    form, officer = kept
    region = a_user("regional_coordinator", form.programme)

    with pytest.raises(Refused):
        actions.accept(form=form, kinds=["outlier"], by=region)
    actions.accept(form=form, kinds=["outlier", "timing"], by=officer)

    assert set(form.checks.values_list("kind", flat=True)) == {"outlier", "timing"}
    assert {one.kind for one in actions.proposed(form)}.isdisjoint({"outlier", "timing"})
    with pytest.raises(Refused):
        actions.accept(form=form, kinds=[], by=officer)


def test_reading_again_keeps_what_checks_found_and_what_was_answered(kept):
    form, officer = kept
    a_check(form)
    received(form, a_csv("u1,2026-10-01,Nulle part,Samira,48,eau,A"), officer)
    watching.check_new()

    reread(rereading=start_rereading(form=form, by=officer), by=officer)

    assert flags("range") == [("u1", 1, "open")]
    assert Submission.objects.get().flag_count == 2
