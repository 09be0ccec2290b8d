"""Someone who asks to be forgotten is nowhere any more, and still counts."""

import hashlib

import pytest
from django.db import connection
from django.urls import reverse

from jalons.collection.forms.actions import declare, import_form, publish
from jalons.collection.forms.tests.workbooks import a_form as a_workbook_form
from jalons.collection.people import actions, queries
from jalons.collection.people.models import Alias, Pair, Person
from jalons.collection.people.tests.builders import HEADER, a_sheet, a_source, the_person, told
from jalons.collection.submissions.actions import receive_batch, validate_all
from jalons.collection.submissions.models import Batch, Submission, SubmissionVersion
from jalons.collection.submissions.projection import SCHEMA, table_name
from jalons.collection.submissions.reading import Versions
from jalons.collection.submissions.rebuilding import rebuild
from jalons.collection.submissions.rules import instances, redacting
from jalons.core import documents
from jalons.core.errors import Refused
from jalons.core.models import Event
from tests.builders import a_programme, a_user

FATIMA = ("Elguerrouani", "Fatimazahra", "F", "1990", "Oujda", "0612345678")
KHADIJA = ("Tazi", "Khadija", "F", "1985", "Agadir", "0698765432")
SAID = ("Elguerrouani", "Fatimazahra", "0612345678", "612345678")


def where(word):
    """Every table of the database of which a row holds a word, as text or as bytes."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select table_schema, table_name from information_schema.tables where table_type = 'BASE TABLE' "
            "and table_schema in ('public', %s)", [SCHEMA],
        )  # fmt: skip
        found = []
        for schema, table in cursor.fetchall():
            cursor.execute(
                f'select exists (select from "{schema}"."{table}" t where t::text ~* %s or t::text ~* %s)',  # noqa: S608
                [word, word.encode().hex()],
            )
            found += [table] if cursor.fetchone()[0] else []
    return found


def typed(form, table, *columns):
    with connection.cursor() as cursor:
        cursor.execute(
            f'select {", ".join(columns)} from {SCHEMA}."{table_name(form.pk, table)}" t'  # noqa: S608
        )
        return sorted(cursor.fetchall(), key=str)


@pytest.fixture
def sheet(db):
    """A sheet of two persons, validated, whose name was corrected once and that awaits nothing."""
    form, officer = a_sheet()
    a_source(form, officer)
    checker = a_user("me_officer", form.programme)
    told(form, officer, (*FATIMA[:2], "F", "", "", ""), KHADIJA, identifier="uuid:a")
    validate_all(form=form, submissions=Submission.objects.all(), by=checker)
    told(form, officer, FATIMA, KHADIJA, identifier="uuid:b", deprecated="uuid:a")
    validate_all(form=form, submissions=Submission.objects.all(), by=checker)
    actions.feed()
    return form, officer


def forget(officer):
    return actions.erase(person=the_person("Fatimazahra"), why_erased="Demande du 3 mai", by=officer)


def test_nothing_in_the_database_names_who_was_forgotten(sheet):
    _form, officer = sheet
    assert {word: bool(where(word)) for word in SAID} == dict.fromkeys(SAID, True)

    forget(officer)

    assert {word: where(word) for word in SAID} == {word: [] for word in SAID}
    assert where("Khadija")


def test_whom_they_were_taken_for_before_is_forgotten_too(sheet):
    form, officer = sheet
    told(form, officer, ("Elguerrouani", "Zineb", "F", "1950", "Rabat", "0600000001"), identifier="uuid:z")
    actions.feed()
    one, other = (Alias.objects.get(given=name) for name in ("Fatimazahra", "Zineb"))
    pair = Pair.objects.create(operator=one.operator, one=one, other=other, score=0.3)
    left = Person.objects.get(links__alias=other)
    actions.decide(pair=pair, verdict="same", by=officer)
    with pytest.raises(Refused, match=the_person("Fatimazahra").code):
        actions.erase(person=left, why_erased="Demande du 3 mai", by=officer)

    forget(officer)

    assert {word: where(word) for word in (*SAID, "Zineb")} == {word: [] for word in (*SAID, "Zineb")}
    with pytest.raises(Refused, match="déjà effacée"):
        actions.erase(person=Person.objects.get(state="erased"), why_erased="Encore", by=officer)


def test_the_reason_which_stays_does_not_name_them(sheet, client):
    _form, officer = sheet
    client.force_login(officer)
    url = reverse("people:person-erase", args=[the_person("Fatimazahra").pk])

    named = client.post(url, {"why_erased": "Mme Elguerrouani l’a demandé"})
    client.post(url, {"why_erased": "Demande du 3 mai"})

    assert "sans le nom" in named.context["form"].errors["why_erased"][0]
    assert Event.objects.get(verb="person.erased").why == "Demande du 3 mai"


def test_the_files_that_named_them_are_gone_and_their_digests_stay(sheet):
    _form, officer = sheet
    files = list(Batch.objects.values_list("sha256", flat=True))
    digests = [hashlib.sha256(bytes(v.content)).digest() for v in SubmissionVersion.objects.order_by("number")]

    forget(officer)

    assert len(files) == 2
    assert not any(documents.path(sha256).exists() for sha256 in files)
    assert [bytes(v.original) for v in SubmissionVersion.objects.order_by("number")] == digests
    assert all(v.redacted_at for v in SubmissionVersion.objects.all())


def test_an_act_is_recorded_on_each_sheet_with_its_reason(sheet):
    _form, officer = sheet

    forget(officer)

    act = Event.objects.get(verb="submission.redacted")
    assert (act.target_id, act.why, act.by) == (Submission.objects.get().pk, "Demande du 3 mai", officer)


def test_the_coded_facts_and_the_counts_stay(sheet):
    form, officer = sheet
    rows = queries.standing(officer, form.programme.operator)
    before = queries.total(rows, []), queries.grouped(rows, [], "sex", str)

    forget(officer)

    assert (queries.total(rows, []), queries.grouped(rows, [], "sex", str)) == before
    assert ("F", None, None) in typed(form, "participants", "sexe", "nom", "telephone")
    assert ("F", "Tazi", "0698765432") in typed(form, "participants", "sexe", "nom", "telephone")


def test_what_is_left_reads_as_what_is_kept(sheet):
    form, officer = sheet
    forget(officer)
    version = SubmissionVersion.objects.get(number=2)

    schema = Versions(form, version.form_version).default.schema
    read = instances.read(instances.parse(bytes(version.content)), schema)
    kept = typed(form, "participants", "t::text")
    rebuild(form)

    assert (read.answers, read.unread) == (version.answers, [])
    assert typed(form, "participants", "t::text") == kept


def test_what_still_comes_of_the_sheet_does_not_bring_them_back(sheet):
    form, officer = sheet
    forget(officer)

    with pytest.raises(Refused, match="effacé"):
        told(form, officer, FATIMA, identifier="uuid:c", deprecated="uuid:b")

    assert Submission.objects.get().version == 2
    assert not where("Fatimazahra")


def test_nobody_is_forgotten_by_half_while_a_correction_waits(sheet):
    form, officer = sheet
    told(form, officer, KHADIJA, FATIMA, identifier="uuid:c", deprecated="uuid:b")

    with pytest.raises(Refused, match="revoyez-la"):
        forget(officer)

    assert not Alias.objects.filter(is_erased=True).exists()


def test_a_row_of_a_table_is_forgotten_too(db):
    programme = a_programme()
    officer = a_user("me_officer", programme)
    settings = [["form_title", "form_id", "version"], ["Accueil", "accueil", "1"]]
    survey = (["text", "nom", "Nom de famille"], ["text", "prenom", "Prénom"], ["integer", "enfants", "Enfants"])
    data = a_workbook_form(*survey, header=HEADER, settings=settings)
    form = import_form(programme=programme, data=data, file_name="accueil.xlsx", by=officer).form
    declare(form=form, roles={}, by=officer)
    publish(form=form, by=officer)
    actions.declare_source(form=form, table="", roles={"given": "prenom", "family": "nom"}, by=officer)
    rows = b"nom,prenom,enfants,_uuid\nElguerrouani,Fatimazahra,3,1\nTazi,Khadija,2,2\n"
    receive_batch(form=form, file=rows, name="accueil.csv", by=officer)
    actions.feed()

    forget(officer)
    receive_batch(form=form, file=rows, name="accueil.csv", by=officer)

    assert where("Fatimazahra") == []
    assert typed(form, "", "nom", "enfants") == [("Tazi", 2), (None, 3)]
    assert not Submission.objects.filter(version__gt=1).exists()


def test_the_files_of_a_row_are_told_with_it():
    class Asked:
        def __init__(self, name, kind):
            self.name = self.key = name
            self.kind = kind

    class Part:
        def __init__(self, name, parent, *items):
            self.name, self.parent, self.items = name, parent, items

    class Schema:
        tables = {"": Part("", None, Asked("photo", "image")), "p": Part("p", "", Asked("visage", "image"))}

    answers = {"photo": "salle.jpg", "p": [{"visage": "a.jpg"}, {"visage": "b.jpg"}]}

    found = redacting.redacted(answers, Schema, "p", 1, {"photo", "visage"})

    assert found == ({"photo": "salle.jpg", "p": [{"visage": "a.jpg"}, {}]}, {"p": {1}}, {"b.jpg"})
