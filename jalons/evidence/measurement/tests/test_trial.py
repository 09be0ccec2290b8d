"""What a definition would give: shown beside what stands, restating nothing, keeping nothing."""

import pytest
from django.urls import reverse

from jalons.collection.forms.actions import import_form
from jalons.collection.forms.tests.workbooks import a_form as a_workbook_form
from jalons.evidence.measurement.actions import measure
from jalons.evidence.measurement.models import IndicatorValue
from jalons.evidence.measurement.tests.builders import CHOICES, SURVEY, Story
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
    ({"value": "${heures}"}, "« valeur » ne sert pas à la mesure"),
    ({"formula_measure": "sum", "value": "${sexe}"}, "Les choix de « sexe » sont des mots"),
    ({"formula_measure": "average", "value": "${personne}"}, "écrivez number(${personne})"),
    ({"form": ""}, "Nommez celui qui donne les réponses"),
]


@pytest.mark.parametrize(("changes", "says"), FAULTY)
def test_a_faulty_formula_says_what_is_wrong_before_it_is_kept(client, story, changes, says):
    answer = tried(client, story, **changes)

    assert answer.status_code == 200 and any(says in fault for fault in answer.context["faults"])


def test_a_sheet_without_formula_is_typed_by_hand(client, story):
    assert (
        "saisie à la main"
        in tried(client, story, **dict.fromkeys(("form", "formula_measure", "filter", "splits"), "")).content.decode()
    )


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


def test_a_question_that_the_form_no_longer_asks_is_told_to_whoever_defines(client, story):
    kept = story.indicator(filter="${sexe} = 'f'", splits={})
    header, *rows = [row for row in SURVEY if row[1] != "age"]
    settings = [["form_title", "form_id", "version"], ["Atelier", "atelier", "2"]]
    data = a_workbook_form(*rows, header=header, choices=CHOICES, settings=settings)
    import_form(programme=story.programme, data=data, file_name="atelier.xlsx", by=story.officer)

    says = "La version 2 du formulaire ne pose plus « age »"
    client.force_login(story.officer)
    pages = [client.get(reverse(name, args=args)).content.decode() for name, args in (
        ("measurement:broken-formulas", []), ("measurement:indicator-progress", [story.adults.pk]),
        ("dashboards:home", []),
    )]  # fmt: skip
    assert all(says in page for page in pages) and kept.code not in pages[0]
    client.force_login(a_user("project_officer", story.programme))
    assert says not in client.get(reverse("dashboards:home")).content.decode()


def test_a_sum_of_medians_is_not_tried_and_what_fits_is_said(client, story):
    answer = tried(client, story, formula_measure="median", value="${age}", time_aggregation="sum")

    assert "choisissez « recalcul depuis les données »" in answer.content.decode()
