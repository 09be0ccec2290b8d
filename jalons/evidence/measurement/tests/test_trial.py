"""What a definition would give: shown beside what stands, restating nothing, keeping nothing."""

import pytest
from django.urls import reverse

from jalons.evidence.measurement.actions import measure
from jalons.evidence.measurement.models import IndicatorValue
from jalons.evidence.measurement.tests.builders import Story
from jalons.planning.results.actions import load_dimensions
from tests.builders import a_user

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
SPLITS = "sex: ${sexe} {f=female; h=male}"
SHEET = {"form": "atelier", "formula_measure": "count", "filter": "${age} >= 18", "measure": "1", "splits": SPLITS}


@pytest.fixture
def story(settings):
    settings.USERSESSIONS_TRACK_ACTIVITY = False
    load_dimensions()
    story = Story()
    story.adults = story.indicator(filter="${age} >= 18")
    measure(programme=story.programme, by=story.officer)
    return story


def tried(client, story, user=None, **changes):
    client.force_login(user or story.officer)
    told = {**SHEET, "indicator": story.adults.pk, **changes}
    return client.post(reverse("measurement:programme-try", args=[story.programme.pk]), told)


def lines_of(answer):
    return {line["period"].code: line for line in answer.context["lines"]}


def test_a_new_filter_shows_what_each_period_would_become_and_keeps_nothing(client, story):
    before = list(IndicatorValue.objects.order_by("pk").values())

    answer = tried(client, story, filter="${age} >= 40")

    first, second = (lines_of(answer)[code] for code in ("T1", "T2"))
    assert (first["standing"], first["number"], first["differs"]) == ("1", "0", True)
    assert (second["standing"], second["number"], second["differs"]) == ("1", "1", False)
    assert "est au moins 40" in answer.content.decode()
    assert list(IndicatorValue.objects.order_by("pk").values()) == before


def test_a_period_that_ends_before_the_new_definition_keeps_its_own(client, story):
    found = lines_of(tried(client, story, valid_from="2026-04-15", filter="${age} >= 40"))

    assert not found["T1"]["is_restated"] and found["T2"]["is_restated"]


FAULTY = [
    ({"filter": "${absente} = 1"}, "absente"),
    ({"filter": "${age} >= ("}, "${age} >= ("),
    ({"form": "inconnu"}, "inconnu"),
    ({"splits": "sex"}, "sex"),
    ({"value": "${heures}"}, "value"),
]


@pytest.mark.parametrize(("changes", "says"), FAULTY)
def test_a_faulty_formula_says_what_is_wrong_before_it_is_kept(client, story, changes, says):
    answer = tried(client, story, **changes)

    assert answer.status_code == 200 and any(says in fault for fault in answer.context["faults"])


def test_a_sheet_without_formula_is_typed_by_hand(client, story):
    assert "saisie à la main" in tried(client, story, form="", formula_measure="").content.decode()


@pytest.mark.parametrize("role", ["funder", "regional_coordinator", "project_officer"])
def test_only_those_who_define_may_try(client, story, role):
    assert tried(client, story, a_user(role, story.programme)).status_code == 404


def test_another_programme_is_not_found(client, story):
    assert tried(client, story, a_user("me_officer", Story(()).programme)).status_code == 404


def test_the_questions_of_a_form_are_offered_to_whoever_writes(client, story):
    client.force_login(story.officer)
    url = reverse("forms:programme-questions", args=[story.programme.pk])

    assert 'data-value="atelier"' in client.get(url).content.decode()
    offered = client.get(url, {"form": "atelier"}).content.decode()
    assert 'data-inserts="age"' in offered and 'data-inserts-choice="f"' in offered
