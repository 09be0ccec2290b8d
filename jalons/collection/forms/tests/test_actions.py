"""Bringing forms in, declaring their questions, opening and closing collection."""

import pytest
from django.core.exceptions import PermissionDenied

from jalons.collection.forms import actions, queries
from jalons.collection.forms.models import Form, FormVersion, Question
from jalons.collection.forms.rules.faults import FormRefused
from jalons.collection.forms.tests.builders import SURVEY, a_person, a_programme, a_version, a_visit_form
from jalons.core.errors import Refused
from jalons.core.models import Event
from tests.shared_data import SHARED, needs_shared_data

pytestmark = pytest.mark.django_db


@pytest.fixture
def programme():
    return a_programme()


@pytest.fixture
def officer(programme):
    return a_person("me_officer", programme)


def test_a_workbook_becomes_a_form_with_its_questions(programme, officer):
    version = a_version(programme, officer)

    form = version.form
    assert (form.code, form.title, form.state, version.number, version.version) == (
        "visite", {"fr": "Visite"}, "draft", 1, "1",
    )  # fmt: skip
    assert list(version.questions.values_list("name", "kind", "column", "is_personal")) == [
        ("jour", "date", "jour", False),
        ("commune", "text", "commune", False),
        ("sexe", "select_one", "sexe", False),
        ("nom", "text", "nom", True),
    ]
    assert version.choices["sexe"][0] == {"name": "f", "labels": {"und": "Femme"}}
    assert list(Event.objects.values_list("verb", flat=True)) == ["form.imported"]


def test_the_bytes_received_are_kept(programme, officer):
    data = a_visit_form()

    version = a_version(programme, officer, data)

    assert queries.file_of(version) == data


def test_the_same_bytes_again_change_nothing(programme, officer):
    data = a_visit_form()
    first = a_version(programme, officer, data)

    again = a_version(programme, officer, data)

    assert again == first
    assert (Form.objects.count(), FormVersion.objects.count(), Question.objects.count()) == (1, 1, 4)


def test_other_bytes_with_the_same_form_id_are_its_next_version(programme, officer):
    first = a_version(programme, officer)
    data = a_visit_form(*SURVEY, ["text", "prenom", "Prénom"], ["integer", "age", "Âge"], version="2")

    second = a_version(programme, officer, data)

    assert (second.form, second.number) == (first.form, 2)
    assert [change.code for change in queries.changes(first, second)] == ["added", "added"]


def test_what_was_decided_of_personal_questions_holds_and_new_ones_are_proposed(programme, officer):
    form = a_version(programme, officer).form
    actions.declare(form=form, roles={}, personal=["commune"], by=officer)

    second = a_version(programme, officer, a_visit_form(*SURVEY, ["text", "telephone", "Téléphone"], version="2"))

    assert list(second.questions.filter(is_personal=True).values_list("name", flat=True)) == ["commune", "telephone"]


def test_the_same_form_id_in_another_programme_is_another_form(programme, officer):
    a_version(programme, officer)
    other = a_programme()

    a_version(other, a_person("me_officer", other))

    assert Form.objects.count() == 2


def test_a_refused_workbook_leaves_nothing(programme, officer):
    with pytest.raises(FormRefused) as refusal:
        a_version(programme, officer, a_visit_form(["texte", "a", "A"], ["select_one rien", "b", "B"]))

    assert [fault.code for fault in refusal.value.faults] == ["unknown_type", "unknown_list"]
    assert not Form.objects.exists()
    assert not Event.objects.exists()


@pytest.mark.parametrize("role", ["grants_officer", "funder"])
def test_only_who_may_edit_forms_brings_one_in(programme, role):
    with pytest.raises(PermissionDenied):
        a_version(programme, a_person(role, programme))


def test_an_officer_of_another_programme_is_refused(programme):
    with pytest.raises(PermissionDenied):
        a_version(programme, a_person("me_officer", a_programme()))


def test_questions_are_declared_and_personal_ones_marked(programme, officer):
    form = a_version(programme, officer).form

    actions.declare(form=form, roles={"territory": "commune", "date": "jour", "sex": "sexe"}, personal=["commune"],
                    by=officer)  # fmt: skip

    form.refresh_from_db()
    assert (form.territory_question, form.date_question, form.sex_question) == ("commune", "jour", "sexe")
    assert list(Question.objects.filter(is_personal=True).values_list("name", flat=True)) == ["commune"]


@pytest.mark.parametrize(("role", "name"), [("territory", "inconnue"), ("date", "nom"), ("sex", "jour")])
def test_a_question_that_cannot_play_its_role_is_refused(programme, officer, role, name):
    form = a_version(programme, officer).form

    with pytest.raises(Refused) as refusal:
        actions.declare(form=form, roles={role: name}, by=officer)

    assert refusal.value.field == role


def test_a_territory_asked_of_each_person_is_not_that_of_the_submission(programme, officer):
    data = a_visit_form(["begin_repeat", "personnes", "Personnes"], ["text", "commune", "Commune"], ["end_repeat"])
    form = a_version(programme, officer, data).form

    with pytest.raises(Refused):
        actions.declare(form=form, roles={"territory": "commune"}, by=officer)


def test_roles_are_proposed_from_the_questions(programme, officer):
    proposed = queries.proposals(a_version(programme, officer))

    assert (proposed.territory, proposed.date, proposed.sex) == ("commune", "jour", "sexe")


def test_a_form_is_opened_then_closed_then_opened_again(programme, officer):
    form = a_version(programme, officer).form

    for move, state in ((actions.publish, "published"), (actions.retire, "retired"), (actions.publish, "published")):
        assert move(form=form, by=officer).state == state

    with pytest.raises(Refused):
        actions.publish(form=form, by=officer)


@pytest.mark.parametrize(
    ("column", "value"), [("submission_url", "https://ailleurs.example/submission"), ("public_key", "MIIBIjANBg")]
)
def test_a_form_that_would_not_come_here_is_not_opened(programme, officer, column, value):
    def bring(version, **settings):
        return a_version(programme, officer, a_visit_form(version=version, **settings)).form

    form = bring("1", **{column: value})
    with pytest.raises(Refused, match=column):
        actions.publish(form=form, by=officer)
    bring("2")
    actions.publish(form=form, by=officer)
    with pytest.raises(Refused, match=column):
        bring("3", **{column: value})


def test_a_form_that_phones_hold_takes_no_version_named_as_another(programme, officer):
    def bring(*questions, version="1"):
        return a_version(programme, officer, a_visit_form(*questions, version=version)).form

    bring()
    actions.publish(form=bring(["text", "drafted", "Essai"]), by=officer)
    with pytest.raises(Refused, match="version « 1 »"):
        bring(["text", "nom", "Nom"])
    assert bring(["text", "nom", "Nom"], version="2").versions.count() == 3
    assert bring(["text", "drafted", "Essai"]).versions.count() == 3  # the same workbook again is no new version


def test_the_schema_holds_the_answers_of_every_version(programme, officer):
    first = a_visit_form(["integer", "age", "Âge"], ["date", "jour", "Jour"], ["note", "n", "Note"])
    second = a_visit_form(["decimal", "age", "Âge"], ["integer", "jour", "Jour"], ["begin_repeat", "r", "R"],
                          ["select_multiple sexe", "s", "S"], ["end_repeat"], version="2")  # fmt: skip
    a_version(programme, officer, first)
    form = a_version(programme, officer, second).form

    tables = queries.schema(form)

    assert {name: column.sql_type for name, column in tables[""].items()} == {"age": "double precision", "jour": "text"}
    assert {name: column.sql_type for name, column in tables["r"].items()} == {"s": "text[]"}


@needs_shared_data
@pytest.mark.slow
def test_every_real_workbook_is_brought_in_whole_or_leaves_nothing(programme, officer):
    for path in sorted((SHARED / "xlsforms").rglob("*.xls*")):
        before = (Form.objects.count(), FormVersion.objects.count(), Question.objects.count())
        try:
            version = import_file(programme, officer, path)
        except FormRefused as refusal:
            assert refusal.faults, path
            assert (Form.objects.count(), FormVersion.objects.count(), Question.objects.count()) == before, path
        else:
            assert version.questions.exists(), path
            assert queries.file_of(version) == path.read_bytes()


def import_file(programme, officer, path):
    return actions.import_form(programme=programme, data=path.read_bytes(), file_name=path.name, by=officer)


@needs_shared_data
@pytest.mark.slow
def test_the_msna_form_is_brought_in_whole(programme, officer):
    path = SHARED / "xlsforms" / "impact-humind-msna_MIT" / "REACH_2024_MSNA-kobo-tool_draft_v11.xlsx"

    version = import_file(programme, officer, path)

    assert version.questions.count() == 274
    assert [language["code"] for language in version.languages] == ["en", "fr"]
    assert set(queries.schema(version.form)) == {"", "roster", "edu_ind", "health_ind", "nut_ind"}
