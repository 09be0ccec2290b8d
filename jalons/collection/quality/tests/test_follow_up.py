"""Spot checks, expectations and reminders, the history of a dataset, flags answered from their pages."""

import io
from datetime import date

import openpyxl
import pytest
from django.core import mail
from django.urls import reverse

from jalons.collection.quality import actions, history, timeliness, watching
from jalons.collection.quality.models import Check, Expectation, SampleItem
from jalons.collection.quality.rules.sampling import Drawing, draw
from jalons.collection.submissions.models import Flag, Submission
from jalons.collection.submissions.tests.builders import a_csv, a_received_form, received, two_regions
from jalons.core.errors import Refused
from jalons.foundation.territories.models import Territory
from tests.builders import a_period, a_user, an_organisation

ROWS = [f"u{n},2026-10-{n:02},Souss-Massa,Agent {n % 2},{n},eau,Nom {n}" for n in range(1, 13)]


@pytest.fixture
def kept(db):
    two_regions()
    form, officer = a_received_form()
    received(form, a_csv(*ROWS), officer)
    return form, officer


def an_expectation(form, count=20, **more):
    period = a_period(form.programme, date(2026, 10, 1), date(2026, 10, 31))
    return Expectation.objects.create(form=form, period=period, count=count, due_on=date(2026, 11, 15), **more)


def test_a_seed_draws_the_same_submissions_again():
    population = [(n, n % 3) for n in range(60)]

    assert draw(population, Drawing(4), 11) == draw(reversed(population), Drawing(4), 11)
    assert draw(population, Drawing(4), 11) != draw(population, Drawing(4), 12)
    assert len(draw(population, Drawing(4), 11)) == 12
    with pytest.raises(Refused):
        draw(population, Drawing(120, percent=True), 1)
    with pytest.raises(Refused):
        draw([], Drawing(1), 1)


def test_a_sample_is_drawn_of_each_collector_and_never_of_what_its_verifier_collected(kept):
    form, officer = kept
    verifier = a_user("project_officer", form.programme)
    Submission.objects.filter(instance_id="u1").update(author=verifier)

    sample = actions.draw_sample(form=form, drawing=Drawing(2, each="collector"), assigned_to=verifier, by=officer)

    drawn = sample.items.values_list("submission__collector", "submission__instance_id")
    assert sorted(name for name, _pk in drawn) == ["Agent 0", "Agent 0", "Agent 1", "Agent 1"]
    assert sample.population == 11 and "u1" not in {pk for _name, pk in drawn}


def test_what_differs_is_said_and_marked_by_the_verifier_only(kept):
    form, officer = kept
    verifier, other = (a_user("project_officer", form.programme) for _n in "ab")
    sample = actions.draw_sample(form=form, drawing=Drawing(2), assigned_to=verifier, by=officer)
    first, second = sample.items.all()

    actions.mark(sampleitem=first, outcome="agrees", notes="", by=verifier)
    with pytest.raises(Refused):
        actions.mark(sampleitem=second, outcome="differs", notes=" ", by=verifier)
    with pytest.raises(Refused):
        actions.mark(sampleitem=second, outcome="agrees", notes="", by=other)
    actions.mark(sampleitem=second, outcome="differs", notes="taille : 4 au lieu de 5", by=verifier)

    sample.refresh_from_db()
    assert sample.state == "done"
    assert set(SampleItem.objects.values_list("seen_by", flat=True)) == {verifier.pk}


def test_the_board_counts_what_came_for_the_period_and_what_came_late(kept):
    form, officer = kept
    expected = an_expectation(form)
    Submission.objects.filter(instance_id="u2").update(state="rejected", rejection_reason="faux")
    Submission.objects.filter(instance_id="u3").update(collected_on=date(2026, 9, 30))
    Submission.objects.filter(instance_id="u4").update(state="validated", author=None)
    Submission.objects.update(created_at="2026-11-01T10:00:00Z")
    Submission.objects.filter(instance_id="u5").update(created_at="2026-11-20T10:00:00Z")

    came = timeliness.received([expected.pk])[expected.pk]

    assert (came["received"], came["late"], came["validated"], came["last"].day) == (10, 1, 1, 20)


def test_a_partner_is_reminded_once_a_day_of_what_is_missing(kept, settings):
    settings.EMAIL_HOST = "localhost"
    form, officer = kept
    partner = an_organisation()
    a_user("grantee", form.programme, organisation=partner)
    expected = an_expectation(form, organisation=partner)

    kept_one = actions.remind(expectation=expected, by=officer)

    assert (kept_one.missing, kept_one.recipients, len(mail.outbox)) == (20, 1, 1)
    assert "20 soumissions manquent" in mail.outbox[0].body
    with pytest.raises(Refused):
        actions.remind(expectation=expected, by=officer)


def test_a_partner_is_reminded_in_one_click_and_no_more_that_day(kept, client):
    form, officer = kept
    expected = an_expectation(form)
    client.force_login(officer)
    remind = reverse("quality:expectation-remind", args=[expected.pk])
    board = reverse("quality:expectation-list")

    offered = client.get(board).content.decode()
    client.post(remind)

    assert f'<form method="post" action="{remind}">' in offered
    assert expected.reminders.count() == 1 and remind not in client.get(board).content.decode()


def test_who_sees_a_region_reads_how_much_came_of_the_whole_that_is_expected(kept, client):
    form, officer = kept
    an_expectation(form)
    client.force_login(a_user("regional_coordinator", form.programme))

    (row,) = client.get(reverse("quality:expectation-list")).context["rows"]

    assert row["received"] == 12


def test_who_draws_a_sample_chooses_among_who_may_verify_and_tells_forms_apart(kept, client):
    form, officer = kept
    verifier, funder = a_user("project_officer", form.programme), a_user("funder", form.programme)
    client.force_login(officer)

    fields = client.get(reverse("quality:sample-add")).context["form"].fields

    assert {verifier, officer} == set(fields["assigned_to"].queryset) and funder.is_active
    assert f"{form} · {form.programme}" in [label for _value, label in fields["form"].choices]


def test_nothing_is_asked_of_who_sent_everything(kept):
    form, officer = kept

    with pytest.raises(Refused):
        actions.remind(expectation=an_expectation(form, count=5), by=officer)


def test_without_mail_a_reminder_is_kept_and_says_that_nobody_was_written_to(kept):
    form, officer = kept
    partner = an_organisation()
    a_user("grantee", form.programme, organisation=partner)

    assert actions.remind(expectation=an_expectation(form, organisation=partner), by=officer).recipients == 0


def test_the_history_of_a_dataset_tells_what_was_done_in_order(kept):
    form, officer = kept
    actions.accept(form=form, kinds=["outlier"], by=officer)
    watching.check_new()
    actions.correct(submission=Submission.objects.first(), question="taille", new_value="99", reason="f", by=officer)

    steps = history.steps(form, officer)

    kinds = [step.kind for step in steps]
    assert kinds[0] == "Formulaire" and {"Réception", "Contrôle", "Contrôle appliqué", "Correction"} <= set(kinds)
    assert [step.at for step in steps] == sorted(step.at for step in steps)
    assert any("questions : taille, age" in step.text for step in steps)


def test_the_history_leaves_as_a_workbook(kept, client):
    form, officer = kept
    client.force_login(officer)

    response = client.get(reverse("quality:form-history", args=[form.pk]) + "?format=xlsx")

    rows = list(openpyxl.load_workbook(io.BytesIO(response.content)).active.iter_rows(values_only=True))
    assert rows[0] == ("Date", "Nature", "Ce qui a été fait", "Par") and len(rows) > 2


def test_flags_are_answered_from_the_list_and_leave_as_a_log_to_fill_in(kept, client):
    form, officer = kept
    Check.objects.create(form=form, name={"fr": "Taille"}, kind="range", valid_from="2026-01-01",
                         parameters={"question": "taille", "most": 10})  # fmt: skip
    watching.check_new()
    client.force_login(officer)
    page = reverse("quality:flag-list")

    shown = client.get(page).content.decode()
    log = client.get(page + "?format=csv").getvalue().decode("utf-8-sig")
    client.post(reverse("quality:flag-answer"), {"all": "1", "state": "explained", "reason": "grandes familles"})

    assert "11 dépasse le maximum attendu, 10." in shown
    assert log.splitlines()[0].startswith("uuid;question;old_value;new_value;change_type;issue;feedback;index")
    assert ";réponse hors condition;" in log  # a line to fill in says already why
    assert len(log.splitlines()) == 4  # and an answer out of its condition, flagged on arrival
    assert set(Flag.objects.values_list("state", "reason")) == {("explained", "grandes familles")}


def test_who_does_not_see_identities_reads_no_answer_that_names_a_person(kept, client):
    form, officer = kept
    held = Submission.objects.first()
    Flag.objects.create(submission=held, version=1, check_code="type", question="nom", value="Zahra")
    client.force_login(a_user("grants_officer", form.programme))

    for url in (reverse("quality:flag-list"), reverse("quality:flag-list") + "?format=csv",
                reverse("quality:submission-flags", args=[held.pk])):  # fmt: skip
        response = client.get(url)
        content = response.getvalue() if response.streaming else response.content
        assert "masqué" in content.decode() and "Zahra" not in content.decode()


def test_the_twin_of_a_submission_is_not_named_to_who_may_not_see_it(kept, client):
    form, officer = kept
    held, other = Submission.objects.filter(instance_id__in=["u1", "u2"]).order_by("instance_id")
    here, there = Territory.objects.filter(level="region")
    Submission.objects.filter(pk=held.pk).update(region=here)
    Submission.objects.filter(pk=other.pk).update(region=there)
    Flag.objects.create(submission=held, version=1, check_code="twin", value="u2")

    told = []
    for person in (officer, a_user("regional_coordinator", form.programme, region=here)):
        client.force_login(person)
        told.append(client.get(reverse("quality:flag-list") + "?check_code=twin").content.decode())

    assert reverse("submissions:submission-detail", args=[other.pk]) in told[0]
    assert ">u2<" in told[0] and ">u2<" not in told[1] and "masqué" in told[1]


def test_a_check_is_written_changed_and_refused_in_the_browser(kept, client):
    form, officer = kept
    client.force_login(officer)
    url = reverse("quality:check-add") + f"?form={form.pk}&kind=expression"
    given = {"name_fr": "Ménage", "severity": "error", "valid_from": "2026-01-01"}

    asked = client.get(url).context
    refused = client.post(url, {**given, "expression": "${inconnue} > 1"})
    client.post(url, {**given, "expression": "${taille} < 12"})

    check = Check.objects.get()
    assert asked["lead"] == str(form) and asked["form"].initial["valid_from"] == form.created_at.date()
    assert refused.status_code == 200 and "pas de question « inconnue »" in refused.content.decode()
    client.post(reverse("quality:check-change", args=[check.pk]), {**given, "expression": "${taille} < 11"})
    check.refresh_from_db()
    assert (check.number, check.parameters) == (2, {"expression": "${taille} < 11"})
    actions.retire_check(check=check, by=officer)
    client.post(reverse("quality:check-change", args=[check.pk]), {**given, "expression": "${taille} < 10"})
    check.refresh_from_db()
    assert check.number == 2


def test_an_answer_is_corrected_in_the_browser(kept, client):
    form, officer = kept
    held = Submission.objects.get(instance_id="u3")
    client.force_login(officer)

    client.post(reverse("quality:submission-correct", args=[held.pk]),
                {"question": "taille#", "new_value": "7", "reason": "relu"})  # fmt: skip

    held.refresh_from_db()
    assert (held.version, held.current.answers["taille"]) == (2, 7)


def test_a_log_is_previewed_then_applied_in_the_browser(kept, client):
    form, officer = kept
    client.force_login(officer)
    file = io.BytesIO(b"uuid,question,old_value,new_value,issue\nu3,taille,3,7,relu\nu4,taille,9,7,relu\n")
    file.name = "journal.csv"

    page = client.post(reverse("quality:correctionfile-add"), {"form": form.pk, "file": file}, follow=True)
    assert "ne correspond plus" in page.content.decode() and Submission.objects.get(instance_id="u3").version == 1

    applied = client.post(page.request["PATH_INFO"] + "apply/", follow=True)
    assert "1 réponse corrigée" in applied.content.decode()
    log = client.get(reverse("quality:correction-list") + "?format=csv").getvalue().decode("utf-8-sig")
    assert Submission.objects.get(instance_id="u3").version == 2
    assert log.splitlines()[1].startswith("u3;taille;3;7;change_response;relu")


def test_a_review_of_many_leaves_out_ones_own_and_says_which(kept, client):
    form, officer = kept
    Submission.objects.exclude(instance_id="u1").update(author=None)
    client.force_login(officer)
    keys = list(Submission.objects.values_list("pk", flat=True))

    page = client.post(reverse("submissions:submission-review"), {"state": "validated", "chosen": keys}, follow=True)

    assert Submission.objects.filter(state="validated").count() == 11
    assert "1 laissée de côté" in page.content.decode()


def test_a_check_whose_question_is_gone_says_so_and_keeps_what_its_form_does_not_ask(kept, client):
    form, officer = kept
    client.force_login(officer)
    of = {"form": form, "valid_from": date(2026, 1, 1)}
    gone = Check.objects.create(**of, name={"fr": "Bornes"}, kind="range", parameters={"question": "z", "least": 1})
    whole = Check.objects.create(**of, name={"fr": "Parties"}, kind="section", parameters={"sections": ["foyer"]})

    shown = client.get(reverse("quality:form-checks", args=[form.pk])).content.decode()
    page = client.get(reverse("quality:check-detail", args=[gone.pk])).content.decode()
    client.post(reverse("quality:check-change", args=[whole.pk]),
                {"name_fr": "Parties vides", "severity": "note", "valid_from": "2026-01-01"})  # fmt: skip

    assert shown.count("Ne dit rien de la dernière version") == page.count("Ne dit rien de la dernière version") == 1
    assert "Minimum attendu" in page
    whole.refresh_from_db()
    assert (whole.name["fr"], whole.number, whole.parameters) == ("Parties vides", 1, {"sections": ["foyer"]})
