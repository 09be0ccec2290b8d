import io

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from jalons.core.tests.things import a_job
from tests.builders import a_period, a_programme, a_user, an_agreement

URL = "core:job-list"


@pytest.fixture
def programme(db, client):
    programme = a_programme()
    programme.manager = a_user("project_manager", programme)
    client.force_login(programme.manager)
    return programme


def labels(page):
    return [row["object"].label for row in page.context["rows"]]


def test_filters_search_and_sort_combine_and_stay_in_the_address(client, programme):
    for label, state in (("Été", "failed"), ("ete 2", "failed"), ("été 3", "done"), ("hiver", "failed")):
        a_job(programme, programme.manager, label=label, state=state)

    page = client.get(reverse(URL), {"q": "ETE", "state": "failed", "sort": "-label"})

    assert labels(page) == ["ete 2", "Été"]
    assert "q=ETE" in page.context["columns"][0]["sort_url"] and "state=failed" in page.context["first_url"]


def test_an_unknown_choice_narrows_nothing_and_says_so(client, programme):
    a_job(programme, programme.manager)

    page = client.get(reverse(URL), {"state": "perdu"})

    assert len(labels(page)) == 1 and page.context["filters"].errors["state"]


def test_rows_without_a_value_are_found_as_unknown(client, programme):
    a_period(programme, agreement=an_agreement(programme))
    known = a_period(programme)
    client_filters = {"programme": programme.pk}

    page = client.get(reverse("programmes:period-list"), client_filters)

    assert {row["object"] for row in page.context["rows"]} >= {known}


def test_a_filter_offers_only_one_s_own_programmes(client, programme):
    a_programme()

    page = client.get(reverse("programmes:period-list"))

    assert [value for value, _label in page.context["filters"].fields["programme"].choices] == ["", programme.pk]


def test_htmx_gets_only_the_rows(client, programme):
    a_job(programme, programme.manager)

    page = client.get(reverse(URL), headers={"hx-request": "true"}).content.decode()

    assert "<html" not in page and "Import" in page


@pytest.mark.slow
def test_the_export_is_the_list_shown_filtered_sorted_and_whole(client, programme):
    for n in range(60):
        a_job(programme, programme.manager, label=f"Tâche {n:02}", state="failed" if n % 2 else "done")
    query = {"state": "failed", "sort": "label"}

    csv = b"".join(client.get(reverse(URL), {**query, "format": "csv"})).decode("utf-8-sig").splitlines()
    book = openpyxl.load_workbook(io.BytesIO(client.get(reverse(URL), {**query, "format": "xlsx"}).content)).active

    assert csv[0].startswith("objet;état;par") and len(csv) == 31 and csv[1].startswith("Tâche 01;échoué")
    assert book.max_row == 31 and book["A2"].value == "Tâche 01" and book.freeze_panes == "A2"


def test_the_number_of_queries_does_not_grow_with_the_rows(client, programme):
    counts = []
    for _step in range(2):
        for n in range(15):
            a_job(programme, a_user(), label=f"{n}")
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse(URL))
        counts.append(len(queries))

    assert counts[0] == counts[1] <= 15


def test_everything_one_may_see_is_found_from_one_box(client, programme):
    a_job(programme, programme.manager, label="Régionalisation")
    a_job(a_programme(), a_user(), label="Régionalisation d’ailleurs")
    an_agreement(programme, name="Régionalisation des politiques")

    page = client.get(reverse("core:search"), {"q": "regionalisation"})

    titles = [entry["title"] for group in page.context["groups"] for entry in group["entries"]]
    assert len(titles) == 2 and "d’ailleurs" not in "".join(titles)


def test_searching_for_nothing_finds_nothing(client, programme):
    a_job(programme, programme.manager)
    for query in ("", "   ", "\x00", "introuvable"):
        assert client.get(reverse("core:search"), {"q": query}).context["groups"] == []
