import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from jalons.core import documents
from jalons.core.actions import recorded
from jalons.core.models import Event
from tests.builders import a_form, a_membership, a_period, a_programme, a_region, a_submission, a_user

JOURNAL = reverse("accounts:event-list")


def an_act(verb, target, by, why=""):
    with recorded(verb, by, why) as leave:
        leave(target)
    return Event.objects.latest("pk")


def shown(client, **query):
    page = client.get(JOURNAL, query)
    return [row["object"] for row in page.context["rows"]]


@pytest.fixture
def programme(db):
    return a_programme(short_name="PRIM")


@pytest.fixture
def manager(programme, client):
    user = a_user("project_manager", programme)
    client.force_login(user)
    return user


def test_each_act_says_who_what_and_why_and_opens_its_history(client, programme, manager):
    an_act("programme.edited", programme, manager, "Avenant 1")

    page = client.get(JOURNAL)

    [row] = page.context["rows"]
    assert [str(cell) for cell in row["cells"][1:]] == [manager.name, "Modification", "Programme : PRIM", "Avenant 1"]
    assert row["url"] == reverse("core:history", args=["programmes.programme", programme.pk])
    assert client.get(row["url"]).status_code == 200


def test_the_journal_narrows_by_person_act_kind_programme_and_day(client, programme, manager):
    officer = a_user("me_officer", programme)
    edited, form = an_act("programme.edited", programme, manager), a_form(programme)
    published = an_act("form.published", form, officer, "Relu par l’équipe")
    today = f"{published.at:%Y-%m-%d}"

    assert shown(client, by=officer.pk) == shown(client, act="published") == shown(client, q="relu") == [published]
    assert shown(client, kind="programmes.Programme") == [edited]
    assert shown(client, programme=programme.pk, at_from=today) == [published, edited]
    assert shown(client, at_from="2100-01-01") == []


def test_the_acts_of_another_programme_are_not_in_it(client, programme, manager):
    elsewhere = a_programme()
    an_act("programme.edited", elsewhere, a_user("project_manager", elsewhere), "Secret")

    assert shown(client) == []
    assert str(elsewhere) not in client.get(JOURNAL).content.decode()


def test_what_one_may_not_open_is_only_a_kind_and_a_number(client, programme, manager):
    submission = a_submission(a_form(programme), manager, region=a_region())
    document = documents.attach(target=submission, document=SimpleUploadedFile("Liste.csv", b"a;b"), by=manager)
    assert shown(client)[0].url == reverse("core:history", args=["submissions.submission", submission.pk])

    client.force_login(a_user("head_office", programme))

    assert (shown(client)[0].url, shown(client)[0].subject) == (None, f"Document n° {document.pk}")


def test_a_row_that_is_gone_leaves_its_act(client, programme, manager):
    period = a_period(programme)
    act, number = an_act("removed", period, manager, "Doublon"), period.pk
    period.delete()

    assert (shown(client, act="removed"), act.subject) == ([act], f"Période n° {number}")


def test_the_journal_is_exported_and_asks_as_much_for_ten_acts_as_for_one(
    client, programme, manager, django_assert_num_queries
):
    def a_role():
        an_act("membership.granted", a_membership(a_user(), "funder", programme), manager)

    a_role()
    client.get(JOURNAL)
    with CaptureQueriesContext(connection) as one:
        client.get(JOURNAL)
    for _n in range(9):
        a_role()

    with django_assert_num_queries(len(one)):
        client.get(JOURNAL)
    lines = client.get(JOURNAL, {"format": "csv"}).getvalue().decode("utf-8-sig").splitlines()
    assert len(lines) == 11 and "Rôle donné" in lines[1]


def test_an_act_is_not_mistaken_for_another_that_ends_as_it_does(client, programme, manager):
    an_act("programme.retyped", programme, manager)
    typed = an_act("value.typed", programme, manager)

    assert shown(client, act="typed") == [typed]
