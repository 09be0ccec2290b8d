"""Pages of values: what they show, to whom, and what their buttons do."""

import pytest
from django.urls import reverse

from jalons.collection.submissions.models import Submission
from jalons.core.models import Job
from jalons.evidence.measurement import telling
from jalons.evidence.measurement.actions import measure, publish, verify
from jalons.evidence.measurement.models import IndicatorValue
from jalons.evidence.measurement.tests.builders import Story
from jalons.planning.results.actions import load_dimensions
from tests.builders import a_period, a_programme, a_user, a_value, an_indicator

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture
def story(settings):
    settings.USERSESSIONS_TRACK_ACTIVITY = False
    load_dimensions()
    story = Story()
    story.adults = story.indicator(filter="${age} >= 18")
    measure(programme=story.programme, by=story.officer)
    story.value = IndicatorValue.objects.get(indicator=story.adults, period=story.first)
    return story


def page(client, user, name, *args, query=""):
    client.force_login(user)
    return client.get(reverse(f"measurement:{name}", args=args) + query)


def test_a_value_shows_its_cases_its_cells_and_the_way_to_its_proof(story, client):
    text = page(client, story.officer, "indicatorvalue-detail", story.value.pk).content.decode()

    assert "Femmes" in text and "Hommes" in text
    assert f"{reverse('measurement:indicatorvalue-trace', args=[story.value.pk])}?sex=female" in text


def test_a_trace_tells_the_formula_in_a_sentence_and_opens_each_submission(story, client):
    text = page(client, story.officer, "indicatorvalue-trace", story.value.pk).content.decode()

    assert "Nombre de réponses du formulaire « Atelier », où « Âge » est au moins 18." in text
    assert "uuid:1" in text and "uuid:2" not in text
    assert "égale à celle qui est montrée" in text


def test_a_trace_of_a_cell_shows_only_its_rows(story, client):
    text = page(client, story.officer, "indicatorvalue-trace", story.value.pk, query="?sex=female").content.decode()

    assert "Femmes" in text and "uuid:1" in text and "uuid:3" not in text
    assert "1 réponse sur 2 demandées." in text


def test_what_was_asked_agrees_with_its_number():
    told = [telling.answers(*counts) for counts in ((1, 1), (0, 1), (1, 2), (2, 80), (1, None))]

    assert told == ["1 réponse sur 1 demandée", "0 réponse sur 1 demandée", "1 réponse sur 2 demandées",
                    "2 réponses sur 80 demandées", "1 réponse"]  # fmt: skip


def test_a_trace_opens_each_submission_on_the_version_that_counted(story, client):
    submission = Submission.objects.get(instance_id="uuid:1")
    story.receive("uuid:1b>uuid:1,2026-02-03,f,12,a,6.5", "uuid:9,2026-02-20,h,20,z,10")
    page_of = f"{reverse('submissions:submission-detail', args=[submission.pk])}?version="

    text = page(client, story.officer, "indicatorvalue-trace", story.value.pk).content.decode()

    assert f"{page_of}1" in text and "égale à celle qui est montrée" in text
    assert f"{page_of}2" in text and "Corrigée depuis" in text and "Arrivée depuis" in text
    assert "la même formule donne 1 ; la valeur montrée est 1." in text


def test_cells_come_in_the_order_of_their_dimension_and_the_unknown_last(story, client):
    bands = {"age": {"value": "${age}", "bands": [["9-17", 9, 17], ["18-35", 18, 35], ["36+", 36, None]]}}
    by_age, by_sex = story.indicator(splits=bands), story.indicator()
    story.receive("uuid:9,2026-02-20,,40,z,10")
    measure(programme=story.programme, by=story.officer)

    told = [
        [
            line["labels"][0]
            for line in telling.cuts(IndicatorValue.objects.get(indicator=row, period=story.first), {})[0]["lines"]
        ]
        for row in (by_age, by_sex)
    ]

    assert told == [["9-17", "18-35", "36+", "non renseigné"], ["Femmes", "Hommes", "non renseigné"]]


@pytest.mark.parametrize("query", ["?sex=autre", "?age=3", "?sex=female&x=1", "?%00=1"])
def test_a_cell_that_does_not_exist_is_not_found(story, client, query):
    assert page(client, story.officer, "indicatorvalue-trace", story.value.pk, query=query).status_code == 404


def test_a_trace_whose_form_changed_says_why_it_cannot_be_computed_again(story, client):
    story.adults.current.formula["filter"] = "${absente} = 1"
    story.adults.current.save()

    answer = page(client, story.officer, "indicatorvalue-trace", story.value.pk)

    assert answer.status_code == 200
    assert "ne peut plus être recalculée" in answer.content.decode() and "absente" in answer.content.decode()


def test_a_value_since_the_beginning_shows_the_values_that_make_it(story, client):
    since = IndicatorValue.objects.get(indicator=story.adults, period=story.since)

    text = page(client, story.officer, "indicatorvalue-trace", since.pk).content.decode()

    assert reverse("measurement:indicatorvalue-trace", args=[story.value.pk]) in text


def test_a_typed_value_shows_its_proof(story, client):
    typed = a_value(
        an_indicator(story.programme), story.first, story.officer, origin="typed", number=3, text="Registre 12"
    )

    assert "Registre 12" in page(client, story.officer, "indicatorvalue-trace", typed.pk).content.decode()


def test_values_of_another_programme_do_not_exist(story, client):
    stranger = a_user("me_officer", a_programme())

    for name in ("indicatorvalue-detail", "indicatorvalue-trace", "indicatorvalue-verify"):
        assert page(client, stranger, name, story.value.pk).status_code == 404


def test_the_progress_of_an_indicator_says_what_is_wrong_in_its_definition(story, client):
    wrong = story.indicator(filter="${absente} = 1")

    text = page(client, story.officer, "indicator-progress", wrong.pk).content.decode()

    assert "La question « absente » n’existe pas" in text and "Pas encore de valeur" in text


def test_the_progress_of_an_indicator_shows_its_last_values(story, client):
    text = page(client, story.officer, "indicator-progress", story.adults.pk).content.decode()

    assert reverse("measurement:indicatorvalue-trace", args=[story.value.pk]) in text


def test_two_people_verify_and_publish_by_their_buttons(story, client):
    client.force_login(story.checker)
    client.post(reverse("measurement:indicatorvalue-verify", args=[story.value.pk]))
    refused = client.post(reverse("measurement:indicatorvalue-publish", args=[story.value.pk]))
    assert "Une autre personne que celle qui a vérifié" in refused.content.decode()

    client.force_login(story.manager)
    client.post(reverse("measurement:indicatorvalue-publish", args=[story.value.pk]))
    story.value.refresh_from_db()
    assert (story.value.state, story.value.published_by) == ("published", story.manager)


def test_all_the_values_of_a_period_are_verified_from_one_page(story, client):
    client.force_login(story.checker)
    url = reverse("measurement:programme-verify", args=[story.programme.pk])

    client.post(url, {"period": story.first.pk})

    assert IndicatorValue.objects.get(pk=story.value.pk).state == "verified"


def test_a_period_of_another_programme_is_not_offered(story, client):
    client.force_login(story.checker)
    other = a_period(a_programme())

    answer = client.post(reverse("measurement:programme-verify", args=[story.programme.pk]), {"period": other.pk})

    assert answer.status_code == 200 and IndicatorValue.objects.get(pk=story.value.pk).state == "draft"


def test_computing_verifying_and_publishing_are_offered_beside_the_values_to_those_who_may(story, client):
    url = reverse("measurement:indicatorvalue-list")

    def offered(user):
        client.force_login(user)
        return [link.rstrip("/").rpartition("/")[2] for _label, link in client.get(url).context["actions"]]

    assert offered(story.officer) == ["measure", "verify", "publish", "values"]
    assert offered(a_user("funder", story.programme)) == []


def test_computing_is_background_work(story, client):
    client.force_login(story.officer)

    client.post(reverse("measurement:programme-measure", args=[story.programme.pk]))

    assert Job.objects.get().name == "measurement.measure"


def test_a_value_that_no_form_gives_is_typed_with_its_proof(story, client):
    indicator = an_indicator(story.programme, counts_people=True)
    client.force_login(story.officer)
    url = reverse("measurement:indicator-type", args=[indicator.pk])
    answers = {"period": story.first.pk, "number": "12", "female": "7", "male": "5", "text": "Registre"}

    assert "Dites d’où" not in client.get(url).content.decode()
    assert client.post(url, answers | {"text": ""}).status_code == 200
    assert client.post(url, answers).status_code == 302

    value = IndicatorValue.objects.get(indicator=indicator, period=story.first)
    assert (value.number, value.origin, value.author) == (12, "typed", story.officer)


def test_a_percentage_is_typed_as_its_two_terms(story, client):
    indicator = an_indicator(story.programme, measure="2")
    client.force_login(story.officer)
    url = reverse("measurement:indicator-type", args=[indicator.pk])

    client.post(url, {"period": story.first.pk, "numerator": "3", "denominator": "4", "text": "Grilles"})

    value = IndicatorValue.objects.get(indicator=indicator, period=story.first)
    assert (value.number, value.numerator, value.denominator) == (75, 3, 4)


def test_the_list_costs_the_same_whatever_the_number_of_values(story, client, django_assert_max_num_queries):
    for _ in range(3):
        a_value(an_indicator(story.programme), story.first, story.officer, number=1)
    verify(indicatorvalue=story.value, by=story.checker)
    client.force_login(story.officer)

    with django_assert_max_num_queries(14):
        assert client.get(reverse("measurement:indicatorvalue-list")).status_code == 200


def test_who_reads_aggregates_only_sees_neither_few_people_nor_what_each_submission_brings(story, client):
    funder = a_user("funder", story.programme)
    verify(indicatorvalue=story.value, by=story.checker)
    publish(indicatorvalue=story.value, by=story.manager)
    type(story.value.definition).objects.update(counts_people=True)
    sheet = page(client, funder, "indicatorvalue-detail", story.value.pk).content.decode()
    path = page(client, funder, "indicatorvalue-trace", story.value.pk).content.decode()
    client.force_login(funder)
    cell = client.get(reverse("measurement:indicatorvalue-trace", args=[story.value.pk]), {"sex": "female"})

    assert "masqué" in sheet and "sex=female" not in sheet
    assert "Vos droits n’ouvrent pas les soumissions" in path and "hors de votre portée" not in path
    assert cell.status_code == 404
