"""Pages of submissions: lists, reviews, imports; what one may not see does not exist."""

import io

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from jalons.collection.forms.actions import import_form
from jalons.collection.submissions.actions import open_batch, validate
from jalons.collection.submissions.models import Batch, Submission
from jalons.collection.submissions.tests.builders import (
    a_csv,
    a_received_form,
    a_survey,
    an_instance,
    received,
    two_regions,
)
from jalons.core import lists
from jalons.foundation.territories.models import Territory
from tests.builders import a_user

pytestmark = pytest.mark.django_db
ROWS = (
    "a1,2026-10-02,09,Lina,3,eau,Amina Alaoui", "a2,2026-10-03,02,Lina,0,lune,Omar Idrissi", "a3,,?,,4,,Sara",
)  # fmt: skip
LIST = "submissions:submission-list"
LONG = "uuid:06d369ea-f085-46b7-ab04-352cd3377cfd"


@pytest.fixture
def foyer(db):
    two_regions()
    form, officer = a_received_form()
    received(form, a_csv(*ROWS), officer)
    return form, officer


def url(name, *args):
    return reverse(f"submissions:{name}", args=args)


def the(identifier):
    return Submission.objects.get(instance_id=identifier)


def a_coordinator(form, code="09"):
    return a_user("regional_coordinator", form.programme, region=Territory.objects.get(code=code))


def said(response):
    return [str(message) for message in get_messages(response.wsgi_request)]


def test_the_list_says_who_collected_and_shows_no_answer(client, foyer):
    client.force_login(foyer[1])

    page = client.get(reverse(LIST)).content.decode()

    assert all(name in page for name in ("a1", "a2", "a3", "Souss-Massa", "Lina"))
    assert not any(name in page for name in ("Amina", "Omar", "lune"))


def a_named_form(form, officer):
    """A version that makes the name of each submission from who collects and who is met."""
    head = ["form_title", "form_id", "version", "instance_name"]
    data = a_survey(settings=[head, ["Foyer", "foyer", "2", "concat(${agent}, ' ', ${nom})"]])
    import_form(programme=form.programme, data=data, file_name="foyer.xlsx", by=officer)
    received(form, an_instance(LONG, "<agent>Rim</agent><nom>Amina</nom>", version="2"), officer, "1.xml")


def test_the_list_leads_with_the_name_that_the_form_gives_and_keeps_the_identifier(client, foyer):
    a_named_form(*foyer)
    client.force_login(foyer[1])

    page = client.get(reverse(LIST)).content.decode()

    assert all(text in page for text in ("Rim Amina", "06d369ea…", LONG))


def test_a_name_made_of_what_identifies_a_person_is_kept_from_who_only_looks(client, foyer):
    a_named_form(*foyer)
    client.force_login(a_user("grants_officer", foyer[0].programme))

    page = client.get(reverse(LIST)).content.decode()

    assert "06d369ea…" in page
    assert "Amina" not in page


@pytest.mark.parametrize(
    ("query", "found"),
    [("state=received", "a1 a2 a3"), ("state=validated", ""), ("flag=any", "a2 a3"), ("flag=none", "a1"),
     ("flag=constraint", "a2"), ("flag=date", "a3"), ("q=a1", "a1"), ("q=Lin", "a1 a2"), ("q=zz", ""),
     ("region=unknown", "a3"), ("collected_on_from=2026-10-03", "a2"), ("state=n'importe", "a1 a2 a3"),
     ("flag=n'importe", "a1 a2 a3"), ("after=abîmé", "a1 a2 a3")],
)  # fmt: skip
def test_the_list_is_filtered_by_state_flag_place_day_and_words(client, foyer, query, found):
    client.force_login(foyer[1])

    rows = client.get(f"{reverse(LIST)}?{query}").context["rows"]

    assert sorted(str(row["object"]) for row in rows) == found.split()


def test_a_long_list_offers_only_the_sorts_that_an_index_answers(client, foyer, monkeypatch):
    client.force_login(foyer[1])

    def offered():
        columns = client.get(reverse(LIST), {"sort": "state"}).context["columns"]
        return {c["name"] for c in columns if c["sort_url"]}, [c["name"] for c in columns if c["sorted"]]

    few = offered()
    monkeypatch.setattr(lists, "COUNT_LIMIT", 1)

    assert few[0] >= {"form", "state", "collected_on", "created_at"} and few[1] == ["state"]
    assert offered() == ({"collected_on", "created_at"}, ["created_at"])
    assert "filtrez pour la trier autrement" in client.get(reverse(LIST)).content.decode()


def test_the_list_asks_a_constant_number_of_queries(client, foyer, django_assert_max_num_queries):
    form, officer = foyer
    received(form, a_csv(*(f"b{n},2026-10-02,09,,3,," for n in range(40))), officer)
    client.force_login(officer)

    with django_assert_max_num_queries(22):
        client.get(reverse(LIST))


def test_the_detail_tells_answers_flags_and_what_is_not_known(client, foyer):
    form, officer = foyer
    body = "<lieu>09</lieu><taille>1</taille><nom>Amina</nom><membre><prenom>Lina</prenom><age>130</age></membre>"
    received(form, an_instance("uuid:1", body), officer, "1.xml")
    client.force_login(officer)

    page = client.get(url("submission-detail", the("uuid:1").pk)).content.decode()

    assert all(text in page for text in ("Taille du foyer", "Amina", "Lina", "130", "contrainte non respectée"))
    assert "non posée" in page  # needs are asked of homes of two or more
    assert "Vous lisez" not in page


def test_versions_can_be_read_and_kept_as_received(client, foyer):
    form, officer = foyer
    received(form, a_csv("a1,2026-10-02,09,Lina,7,eau,Amina Alaoui"), officer)
    client.force_login(officer)
    pk = the("a1").pk

    old = client.get(f"{url('submission-detail', pk)}?version=1").content.decode()
    kept = client.get(url("submission-received", pk, 1))

    assert "Vous lisez la version 1" in old
    assert b'"taille": "3"' in kept.content
    assert "attachment" in kept["Content-Disposition"]


def test_who_only_looks_sees_neither_names_nor_what_was_received(client, foyer):
    form, _officer = foyer
    client.force_login(a_user("grants_officer", form.programme))
    pk = the("a1").pk

    page = client.get(url("submission-detail", pk)).content.decode()

    assert "Amina" not in page
    assert "masqué" in page
    assert client.get(url("submission-received", pk, 1)).status_code == 404


def test_reviews_are_offered_to_another_person_only(client, foyer):
    form, officer = foyer
    pk = the("a3").pk
    client.force_login(officer)
    own = client.get(url("submission-detail", pk)).content.decode()
    client.force_login(a_user("me_officer", form.programme))
    other = client.get(url("submission-detail", pk)).content.decode()

    assert url("submission-validate", pk) not in own
    assert url("submission-validate", pk) in other


def test_a_rejection_asks_its_reason(client, foyer):
    form, _officer = foyer
    client.force_login(a_user("me_officer", form.programme))
    pk = the("a3").pk

    without = client.post(url("submission-reject", pk), {"reason": " "})
    client.post(url("submission-reject", pk), {"reason": "Territoire inconnu"})

    assert without.status_code == 200
    assert the("a3").state == "rejected"
    assert "Territoire inconnu" in client.get(url("submission-detail", pk)).content.decode()


def test_ticked_submissions_are_validated_together(client, foyer):
    form, _officer = foyer
    client.force_login(a_user("me_officer", form.programme))

    answer = client.post(url("submission-review") + "?state=received", {"state": "validated", "chosen": [the("a1").pk]})

    assert answer.url.endswith("?state=received")
    assert said(answer) == ["1 soumission validée."]
    assert [the(name).state for name in ("a1", "a2", "a3")] == ["validated", "received", "received"]


def test_all_that_the_list_shows_are_rejected_together(client, foyer):
    form, _officer = foyer
    client.force_login(a_user("me_officer", form.programme))

    client.post(url("submission-review") + "?flag=any", {"state": "rejected", "all": "1", "reason": "À reprendre"})

    assert [the(name).state for name in ("a1", "a2", "a3")] == ["received", "rejected", "rejected"]


@pytest.mark.parametrize("data", [{}, {"state": "validated"}, {"state": "rejected", "all": "1"}, {"state": "effacée"}])
def test_a_bulk_review_without_choice_or_reason_changes_nothing(client, foyer, data):
    form, _officer = foyer
    client.force_login(a_user("me_officer", form.programme))

    answer = client.post(url("submission-review"), data)

    assert answer.status_code in (302, 404)
    assert set(Submission.objects.values_list("state", flat=True)) == {"received"}


# Imports


def upload(content, name="export.csv"):
    file = io.BytesIO(content)
    file.name = name
    return file


def test_an_import_is_seen_before_it_is_done(client, foyer):
    form, officer = foyer
    client.force_login(officer)
    content = a_csv("n1,2026-10-05,09,,2,,,x", "a1,2026-10-02,09,Lina,3,eau,Amina Alaoui,",
                    header="_uuid,jour,lieu,agent,taille,besoins,nom,quartier")  # fmt: skip

    opened = client.post(url("batch-add"), {"form": form.pk, "file": upload(content)})
    page = client.get(opened.url).content.decode()

    assert [text for text in ("quartier", "Taille du foyer", "Rien n’est encore importé") if text not in page] == []
    assert Submission.objects.count() == 3

    client.post(url("batch-receive", Batch.objects.latest("pk").pk), {"confirm": "1"})
    report = client.get(opened.url).content.decode()

    assert Submission.objects.count() == 4
    assert "quartier" in report


def test_a_column_can_be_matched_to_a_question(client, foyer):
    form, officer = foyer
    client.force_login(officer)
    opened = client.post(
        url("batch-add"), {"form": form.pk, "file": upload(a_csv("n1,09,5", header="_uuid,lieu,effectif"))}
    )
    batch = Batch.objects.latest("pk")

    asked = next(f.html_name for f in client.get(opened.url).context["form"] if "effectif" in f.label)
    client.post(url("batch-receive", batch.pk), {asked: "taille", "again": "1"})
    page = client.get(opened.url).content.decode()
    client.post(url("batch-receive", batch.pk), {"confirm": "1"})

    assert "selected>Taille du foyer" in page
    assert the("n1").current.answers["taille"] == 5


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"", "vide"), (b"%PDF-1.4", "PDF"), (b"<data", "XML")],
)
def test_a_file_that_cannot_be_read_is_refused_beside_its_field(client, foyer, content, reason):
    form, officer = foyer
    client.force_login(officer)

    answer = client.post(url("batch-add"), {"form": form.pk, "file": upload(content, "x.xlsx")})

    assert answer.status_code == 422
    assert reason in answer.content.decode()
    assert Batch.objects.count() == 1


def test_what_to_do_with_a_file_that_is_no_table_is_said_in_the_reader_s_language(client, foyer):
    form, officer = foyer
    officer.language = "ar"
    officer.save()
    client.force_login(officer)

    answer = client.post(url("batch-add"), {"form": form.pk, "file": upload(b"%PDF-1.4", "x.xlsx")})

    assert "افتحه في Excel" in answer.content.decode() and "Ouvrez" not in answer.content.decode()


def test_a_large_file_becomes_a_task(client, foyer, monkeypatch):
    form, officer = foyer
    client.force_login(officer)
    rows = [f"g{n},2026-10-05,09,,2,," for n in range(1_001)]
    opened = client.post(url("batch-add"), {"form": form.pk, "file": upload(a_csv(*rows))})

    client.post(url("batch-receive", Batch.objects.latest("pk").pk), {"confirm": "1"})
    page = client.get(opened.url).content.decode()

    assert Batch.objects.latest("pk").state == "running"
    assert "En attente" in page
    assert Submission.objects.count() == 3


# Rights


@pytest.mark.parametrize("name", ["submission-detail", "submission-validate", "submission-reject"])
def test_another_region_does_not_exist(client, foyer, name):
    form, _officer = foyer
    client.force_login(a_coordinator(form))

    seen = [client.get(url(name, the(identifier).pk)).status_code for identifier in ("a1", "a2", "a3")]

    assert seen == [200, 404, 404]


def test_a_coordinator_gets_nothing_of_another_region_by_any_door(client, foyer):
    form, _officer = foyer
    elsewhere = the("a2")
    client.force_login(a_coordinator(form))
    where = Territory.objects.get(code="02").pk

    for query in (
        "",
        f"region={where}",
        "q=a2",
        "flag=any",
        "format=csv",
        f"format=csv&region={where}",
        "state=received",
    ):
        answer = client.get(f"{reverse(LIST)}?{query}")
        content = b"".join(answer.streaming_content) if answer.streaming else answer.content
        assert b">a2<" not in content
        assert b"a2;" not in content
    assert client.get(url("submission-received", elsewhere.pk, 1)).status_code == 404
    assert client.post(url("submission-validate", elsewhere.pk)).status_code == 404
    assert client.post(url("submission-reject", elsewhere.pk), {"reason": "x"}).status_code == 404
    client.post(url("submission-review"), {"state": "validated", "chosen": [elsewhere.pk]})
    client.post(url("submission-review") + f"?region={where}", {"state": "validated", "all": "1"})
    assert the("a2").state == "received"


def test_a_coordinator_does_not_open_the_files_of_others(client, foyer):
    form, officer = foyer
    batch = Batch.objects.get()
    waiting = open_batch(form=form, file=io.BytesIO(a_csv("z1,,02,,1,,Secret")), name="z.csv", by=officer)
    client.force_login(a_coordinator(form))

    doors = [url("batch-detail", batch.pk), url("batch-file", batch.pk), url("batch-detail", waiting.pk)]

    assert [client.get(door).status_code for door in doors] == [404] * 3
    assert client.post(url("batch-receive", waiting.pk), {"confirm": "1"}).status_code == 404
    assert b"export.csv" not in client.get(url("batch-list")).content


def test_the_original_file_comes_back_byte_for_byte(client, foyer):
    client.force_login(foyer[1])

    answer = client.get(url("batch-file", Batch.objects.get().pk))

    assert b"".join(answer.streaming_content) == a_csv(*ROWS)
    assert "attachment" in answer["Content-Disposition"]


@pytest.mark.parametrize(
    ("role", "seen", "imports"),
    [("me_officer", 200, 200), ("grants_officer", 200, 404), ("data_collector", 200, 200), ("funder", 404, 404),
     ("head_office", 404, 404)],
)  # fmt: skip
def test_each_role_opens_what_the_matrix_says(client, foyer, role, seen, imports):
    form, _officer = foyer
    client.force_login(a_user(role, form.programme))

    assert client.get(reverse(LIST)).status_code == seen
    assert client.get(url("batch-add")).status_code == imports


def test_forms_of_other_programmes_are_not_offered(client, foyer):
    other, _someone = a_received_form()
    form, officer = foyer
    client.force_login(officer)

    answer = client.post(url("batch-add"), {"form": other.pk, "file": upload(a_csv(*ROWS))})

    assert answer.status_code == 422
    assert not Submission.objects.filter(form=other).exists()


def test_a_validated_submission_shows_who_and_when(client, foyer):
    form, officer = foyer
    second = a_user("me_officer", form.programme)
    validate(submission=the("a3"), by=second)
    client.force_login(officer)

    assert f"revue par {second.name}" in client.get(url("submission-detail", the("a3").pk)).content.decode()
