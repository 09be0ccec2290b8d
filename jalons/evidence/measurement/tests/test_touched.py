"""Which indicators a new version of a form touches."""

import pytest
from django.urls import reverse

from jalons.collection.forms.actions import import_form
from jalons.collection.forms.tests.workbooks import a_form
from jalons.evidence.measurement.tests.builders import CHOICES, SURVEY, Story

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def a_new_version(story, rows, choices=CHOICES):
    settings = [["form_title", "form_id", "version"], ["Atelier", "atelier", "2"]]
    data = a_form(*rows, header=SURVEY[0], choices=choices, settings=settings)
    import_form(programme=story.programme, data=data, file_name="atelier.xlsx", by=story.officer)


def told(client, story):
    client.force_login(story.officer)
    response = client.get(reverse("measurement:form-touched", args=[story.form.pk]), {"old": 1, "new": 2})
    return {one["indicator"].pk: [change["name"] for change in one["changes"]] for one in response.context["touched"]}


def test_a_formula_that_reads_a_removed_question_is_named(client):
    story = Story(answers=())
    by_age = story.indicator(filter="${age} >= 18", splits={})
    story.indicator(measure="sum", value="${heures}", splits={})
    a_new_version(story, [row for row in SURVEY[1:] if row[1] != "age"])

    assert told(client, story) == {by_age.pk: ["age"]}


def test_a_formula_that_names_a_removed_choice_is_named(client):
    story = Story(answers=())
    women = story.indicator(filter="${sexe} = 'f'", splits={})
    story.indicator(filter="${sexe} = 'h'", splits={})
    a_new_version(story, SURVEY[1:], [row for row in CHOICES if row[1] != "f"])

    assert told(client, story) == {women.pk: ["sexe"]}


def test_a_question_that_only_moved_or_came_touches_nothing(client):
    story = Story(answers=())
    story.indicator(filter="${age} >= 18")
    a_new_version(story, [*SURVEY[1:], ["text", "quartier", "Quartier", ""]])

    assert told(client, story) == {}


def test_an_indicator_of_another_programme_is_not_named(client):
    story, other = Story(answers=()), Story(answers=())
    other.indicator(filter="${age} >= 18")
    a_new_version(story, [row for row in SURVEY[1:] if row[1] != "age"])

    assert told(client, story) == {}
