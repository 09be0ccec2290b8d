"""Who reads figures and none of the submissions reads what is published, wherever it is shown; small numbers masked."""

import io
import re

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from jalons.core.documents import attach
from jalons.evidence.measurement.actions import measure, publish, verify
from jalons.evidence.measurement.models import IndicatorValue
from jalons.evidence.measurement.tests.builders import Story
from jalons.foundation.accounts.roles import TOLD_ONLY
from jalons.planning.results.actions import load_dimensions
from tests.builders import a_user

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
READERS = ("funder", "institutional_partner")
MANY = tuple(f"uuid:f{n},2026-02-03,f,31,p{n},777" for n in range(7)) + tuple(
    f"uuid:h{n},2026-02-03,h,31,q{n},777" for n in range(6)
)


@pytest.fixture
def story(settings):
    settings.USERSESSIONS_TRACK_ACTIVITY = False
    load_dimensions()
    story = Story(MANY)
    story.hours = story.indicator("sum", value="${heures}")
    measure(programme=story.programme, by=story.officer)
    story.value = IndicatorValue.objects.get(indicator=story.hours, period=story.first)
    return story


def published(story, value):
    verify(indicatorvalue=value, by=story.checker)
    publish(indicatorvalue=value, by=story.manager)


def addresses(story):
    value = [story.value.pk]
    return {
        "page": reverse("measurement:indicatorvalue-detail", args=value),
        "trace": reverse("measurement:indicatorvalue-trace", args=value),
        "cell": reverse("measurement:indicatorvalue-trace", args=value) + "?sex=female",
        "history": reverse("core:history", args=["measurement.indicatorvalue", *value]),
    }


@pytest.mark.parametrize("role", READERS)
def test_a_draft_and_what_is_attached_to_it_do_not_exist_for_an_outside_reader(story, client, role):
    proof = SimpleUploadedFile("registre.txt", b"sept cent soixante-dix-sept heures")
    document = attach(target=story.value, document=proof, by=story.manager)
    client.force_login(a_user(role, story.programme))

    found = {name: client.get(url).status_code for name, url in addresses(story).items()}

    assert found == dict.fromkeys(found, 404)
    assert client.get(reverse("core:document-download", args=[document.pk])).status_code == 404


@pytest.mark.parametrize("role", READERS)
def test_a_list_and_its_export_hold_published_values_only(story, client, role):
    url = reverse("measurement:indicatorvalue-list")
    client.force_login(a_user(role, story.programme))
    before = client.get(url, {"format": "xlsx"}).getvalue()
    published(story, story.value)
    after = client.get(url, {"format": "xlsx"}).getvalue()

    lines = [openpyxl.load_workbook(io.BytesIO(content)).active.max_row for content in (before, after)]

    assert lines == [1, 2]


@pytest.mark.parametrize("role", READERS)
def test_what_is_not_published_is_said_in_words_and_never_counted(story, client, role):
    client.force_login(a_user(role, story.programme))
    pages = [reverse("dashboards:indicators"), reverse("dashboards:indicator", args=[story.hours.pk])]
    progress = client.get(reverse("measurement:indicator-progress", args=[story.hours.pk])).content.decode()
    texts = [client.get(f"{page}?period={story.first.pk}").content.decode() for page in pages]
    home = client.get("/").content.decode()

    assert all("pas encore publiée" in text for text in texts)
    assert "Pas encore de valeur publiée." in progress
    assert not [
        text for text in (*texts, progress, home) if re.search("10[\xa0\u202f]?101", text) or "brouillon" in text
    ]


def test_a_published_value_says_nothing_of_a_draft_made_since(story, client):
    published(story, story.value)
    story.receive("uuid:late,2026-02-20,f,20,z,1")
    measure(programme=story.programme, by=story.officer)
    client.force_login(a_user("funder", story.programme))

    page = client.get(addresses(story)["trace"])
    told = page.content.decode()

    assert page.status_code == 200 and "10\u202f101" in told
    assert "10\u202f102" not in told and "Depuis ce calcul" not in told
    assert client.get(addresses(story)["history"]).status_code == 404


def test_a_value_since_the_beginning_does_not_detail_a_period_that_is_not_published(story, client):
    since = IndicatorValue.objects.get(indicator=story.hours, period=story.since)
    published(story, since)
    client.force_login(a_user("funder", story.programme))

    told = client.get(reverse("measurement:indicatorvalue-trace", args=[since.pk])).content.decode()

    assert "ne sont pas détaillées" in told
    assert reverse("measurement:indicatorvalue-trace", args=[story.value.pk]) not in told


def test_women_and_men_too_few_are_masked_in_the_table_as_on_the_page_of_the_value(story, client):
    few = story.indicator(filter="${personne} = 'p1' or ${sexe} = 'h'")
    measure(programme=story.programme, by=story.officer)
    for value in IndicatorValue.objects.filter(indicator=few):
        published(story, value)

    said = {}
    for role in ("funder", "project_manager"):
        client.force_login(a_user(role, story.programme))
        table = client.get(reverse("dashboards:indicators")).content.decode()
        page = client.get(reverse("dashboards:indicator", args=[few.pk]))
        file = client.get(reverse("dashboards:indicators"), {"format": "csv"}).getvalue().decode()
        assert ("masqué" in file) == ("masqué" in table)
        said[role] = "masqué" in table, {row["split"].get("women") for row in page.context["rows"]}

    assert said["funder"] == (True, {None})
    assert not said["project_manager"][0] and "1" in said["project_manager"][1]


def test_the_roles_told_published_values_only_are_those_that_read_no_submission():
    assert {"funder", "institutional_partner"} < TOLD_ONLY
    assert not TOLD_ONLY & {"project_manager", "me_officer", "regional_coordinator", "grants_officer"}
