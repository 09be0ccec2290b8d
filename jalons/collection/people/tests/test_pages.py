import pytest
from django.urls import reverse

from jalons.collection.people import actions
from jalons.collection.people.models import Alias, Link, Pair, Source
from jalons.collection.people.tests.builders import ROLES, a_sheet, a_source, told
from tests.builders import a_user

FATIMA = ("El Alaoui", "Fatima", "F", "1990", "Oujda", "0612345678")
FATIMA_IN_ARABIC = ("العلوي", "فاطمة", "أنثى", "1990", "Oujda", "0612345678")
KHADIJA = ("Tazi", "Khadija", "F", "1985", "Agadir", "0698765432")


@pytest.fixture
def register(db):
    form, officer = a_sheet()
    a_source(form, officer)
    told(form, officer, FATIMA, KHADIJA)
    told(form, officer, FATIMA_IN_ARABIC)
    actions.feed()
    return form, officer


def test_an_officer_says_which_questions_tell_of_a_person(db, client):
    form, officer = a_sheet()
    client.force_login(officer)
    url = reverse("people:source-declare", args=[form.pk]) + "?part=participants"

    assert client.get(url).context["form"].initial == ROLES
    client.post(url, {**ROLES, "phone": ""})

    source = Source.objects.get()
    assert (source.by, source.roles["given"], "phone" in source.roles) == (officer, "prenom", False)


def test_who_may_not_see_names_sees_numbers_and_no_small_one(register, client):
    form, _officer = register
    client.force_login(a_user("project_officer", form.programme))

    page = client.get(reverse("people:counts"))

    assert page.context["total"].hidden
    assert "Fatima" not in page.content.decode()
    assert client.get(reverse("people:person-list")).status_code == 404


def test_someone_is_found_in_any_script_without_a_name_in_the_address(register, client):
    _form, officer = register
    client.force_login(officer)

    page = client.post(reverse("people:person-find"), {"name": "فاطمة العلوي"})

    assert [person.name for person in page.context["persons"]] == ["فاطمة العلوي"]
    assert len(Link.objects.filter(person=page.context["persons"][0], until=None)) == 2


def test_the_page_of_a_person_says_why_each_mention_is_theirs(register, client):
    _form, officer = register
    client.force_login(officer)
    link = Link.objects.get(alias__given="فاطمة", until=None)

    page = client.get(reverse("people:person-detail", args=[link.person_id])).content.decode()

    assert "même nom, autre écriture" in page
    assert reverse("people:alias-split", args=[link.alias_id]) in page


def test_a_decision_leads_to_the_next_doubt(register, client):
    form, officer = register
    client.force_login(officer)
    one, other, third = Alias.objects.order_by("pk")
    pairs = [
        Pair.objects.create(operator=form.programme.operator, one=a, other=b, score=score)
        for a, b, score in ((one, other, 0.5), (other, third, 0.4))
    ]

    shown = client.get(reverse("people:pair-detail", args=[pairs[0].pk])).content.decode()
    answer = client.post(reverse("people:pair-decide", args=[pairs[0].pk]), {"verdict": "apart", "reason": "Sœurs"})

    assert "Khadija" in shown and "Fatima" in shown
    assert answer.url == reverse("people:pair-detail", args=[pairs[1].pk])
    pairs[0].refresh_from_db()
    assert (pairs[0].state, pairs[0].why, pairs[0].decided_by) == ("apart", "Sœurs", officer)


def test_the_register_is_exported_as_numbers(register, client):
    _form, officer = register
    client.force_login(officer)

    text = b"".join(client.get(reverse("people:counts") + "?format=csv")).decode("utf-8-sig")

    assert "Ensemble;total;3;2;2;0" in text.replace('"', "")


def test_codes_of_the_register_are_given_with_a_key_that_is_not_kept(register, client):
    _form, officer = register
    client.force_login(officer)
    url = reverse("people:overlap-codes")

    refused, given = client.post(url, {"key": "court"}), client.post(url, {"key": "k7f2-9qx1-ab33-zz90"})

    assert refused.status_code == 422
    assert given.content.decode().count("\n") == 3
    assert "Fatima" not in given.content.decode()
    assert "Codage du registre" in client.get(reverse("accounts:event-list")).content.decode()


def test_the_journal_of_a_programme_tells_the_acts_on_its_persons(register, client):
    form, officer = register
    one, other, *_rest = Alias.objects.order_by("pk")
    pair = Pair.objects.create(operator=form.programme.operator, one=one, other=other, score=0.5)
    actions.decide(pair=pair, verdict="apart", by=officer)
    client.force_login(officer)

    told = client.get(reverse("accounts:event-list")).content.decode()

    assert f"Rapprochement n° {pair.pk}" in told
    assert "Fatima" not in told


def test_no_history_tells_a_name_to_who_may_not_see_names(register, client):
    form, officer = register
    alias = Alias.objects.filter(family="Tazi").get()
    pages = [reverse("core:history", args=[row._meta.label_lower, row.pk]) for row in (alias, alias.submission)]
    client.force_login(officer)
    assert "Khadija" in client.get(pages[0]).content.decode()

    for role in ("head_office", "project_officer", "grants_officer"):
        client.force_login(a_user(role, form.programme))
        assert client.get(pages[0]).status_code == 404
        assert "Tazi" not in client.get(pages[1]).content.decode()
