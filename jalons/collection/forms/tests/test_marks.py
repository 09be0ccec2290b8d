"""How far each question identifies a person: proposed on arrival, decided by somebody, inherited, followed."""

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from jalons.collection.forms import actions, queries
from jalons.collection.forms.models import Question
from jalons.collection.forms.rules.proposals import COMPUTED, propose
from jalons.collection.forms.rules.reading import read_form
from jalons.collection.forms.tests.builders import a_person, a_programme, a_version, a_visit_form
from jalons.collection.forms.tests.workbooks import a_form
from jalons.core.errors import Refused
from jalons.core.models import Event

HEADER = ["type", "name", "label", "calculation"]
SURVEY = (
    ["text", "nom", "Nom et prénom", ""],
    ["text", "commune", "Commune", ""],
    ["date", "naissance", "Date de naissance", ""],
    ["text", "remarque", "Remarque", ""],
    ["image", "photo", "Photo", ""],
    ["integer", "age", "Âge", ""],
    ["calculate", "resume", "", "concat(${nom}, ' ', ${age})"],
    ["calculate", "double", "", "${age} * 2"],
)


@pytest.fixture
def programme(db):
    return a_programme()


@pytest.fixture
def officer(programme):
    return a_person("me_officer", programme)


def marks_of(form):
    return dict(Question.objects.filter(version__form=form).values_list("name", "identifies"))


def test_what_identifies_and_what_lets_guess_are_told_apart():
    form = read_form(a_form(*SURVEY, header=HEADER), "f.xlsx")

    found = propose(form.questions, {}).personal

    assert {name: mark.degree for name, mark in found.items()} == {
        "nom": "direct", "naissance": "indirect", "remarque": "indirect", "photo": "direct", "resume": "direct",
    }  # fmt: skip
    assert found["resume"].reason == COMPUTED


def test_a_mark_is_a_proposal_until_somebody_decides_and_every_version_has_it(programme, officer):
    form = a_version(programme, officer).form
    second = a_version(programme, officer, a_visit_form(["text", "nom", "Nom"], ["text", "tel", "Tél"], version="2"))
    assert not Question.objects.filter(marked_at__isnull=False).exists()

    actions.mark(form=form, marks={"nom": "indirect", "sexe": "indirect"}, by=officer)

    assert marks_of(form)["sexe"] == "indirect"
    assert set(Question.objects.filter(name="nom").values_list("identifies", "marked_by")) == {("indirect", officer.pk)}
    assert second.questions.get(name="tel").marked_at is None
    third = a_version(programme, officer, a_visit_form(["text", "nom", "Nom"], version="3"))
    assert third.questions.get().marked_by == officer
    assert Question.identifies.field.model.pgh_event_model.objects.count() == 3  # nom twice, sexe once
    assert Event.objects.filter(verb="form.marked", by=officer).exists()


def test_a_mark_of_nothing_or_without_meaning_is_refused(programme, officer):
    form = a_version(programme, officer).form

    for marks in ({"rien": "direct"}, {"nom": "peut-être"}):
        with pytest.raises(Refused):
            actions.mark(form=form, marks=marks, by=officer)
    with pytest.raises(PermissionDenied):
        actions.mark(form=form, marks={"nom": "no"}, by=a_person("grants_officer", programme))


def test_the_page_proposes_says_why_and_keeps_what_is_decided(client, programme, officer):
    form = a_version(programme, officer).form
    client.force_login(officer)
    url = reverse("forms:form-mark", args=[form.pk])

    page = client.get(url).content.decode()
    told = client.get(reverse("forms:form-detail", args=[form.pk])).content.decode()
    client.post(url, {question.name: "no" for question in queries.to_mark(form)})

    assert "nom d’une personne" in page and "proposition" in page
    assert "4 questions n’ont qu’une proposition" in told
    assert set(marks_of(form).values()) == {"no"}
