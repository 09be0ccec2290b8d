"""The first page and the table of indicators: who sees what, at what cost, and what is said of what is missing."""

import re
from datetime import UTC, date, datetime

import pytest
from django.urls import reverse

from jalons.core.models import Job
from jalons.evidence.measurement.models import Disaggregation
from jalons.planning.results.models import Baseline, Target
from jalons.reporting.dashboards import queries
from tests.builders import (
    a_form,
    a_period,
    a_programme,
    a_result,
    a_submission,
    a_user,
    a_value,
    an_indicator,
    an_operator,
)

TABLE = reverse("dashboards:indicators")
BEFORE = datetime(2026, 7, 10, tzinfo=UTC)


@pytest.fixture
def programme(db, settings):
    settings.USERSESSIONS_TRACK_ACTIVITY = False
    return a_programme(starts_on=date(2026, 1, 1), ends_on=date(2027, 12, 31))


@pytest.fixture
def officer(client, programme):
    user = a_user("me_officer", programme)
    client.force_login(user)
    return user


def a_framework(programme, *, indicators=1):
    """Indicators with a baseline of 0 and a final target of 100, in one result."""
    whole = a_period(programme, programme.starts_on, programme.ends_on, kind="whole")
    result = a_result(programme)
    found = [an_indicator(programme, result) for _ in range(indicators)]
    for indicator in found:
        Baseline.objects.create(indicator=indicator, value=0)
        Target.objects.create(indicator=indicator, period=whole, value=100)
    return found


def a_figure(indicator, period, number, **fields):
    return a_value(indicator, period, a_user(), **{"number": number, "answered": 90, "asked": 100, **fields})


def half_year(programme):
    return a_period(programme, date(2026, 1, 1), date(2026, 6, 30))


@pytest.mark.slow
def test_the_table_costs_the_same_whatever_the_number_of_indicators(
    client, officer, programme, django_assert_max_num_queries
):
    period = half_year(programme)
    for indicator in a_framework(programme, indicators=12):
        a_figure(indicator, period, 30)

    with django_assert_max_num_queries(8):
        page = client.get(TABLE).content.decode()

    assert page.count('class="measure') == 12


def test_a_value_since_the_beginning_is_told_against_the_final_target(client, officer, programme):
    half_year(programme)
    since = a_period(programme, date(2026, 1, 1), date(2026, 6, 30), kind="cumulative", accumulates="half_year")
    (indicator,) = a_framework(programme)
    a_figure(indicator, since, 40)

    page = client.get(TABLE).content.decode()

    assert "40\u202f% de la cible, 25 % du temps écoulé" in page
    assert "En bonne voie" in page


def test_a_value_of_an_earlier_period_is_not_late_for_being_old(client, officer, programme):
    half_year(programme)
    a_period(programme, date(2026, 7, 1), date(2026, 12, 31))
    june, december = (
        a_period(programme, date(2026, 1, 1), end, kind="cumulative", accumulates="half_year")
        for end in (date(2026, 6, 30), date(2026, 12, 31))
    )
    (indicator,) = a_framework(programme)
    a_figure(indicator, june, 24)

    table, home = client.get(f"{TABLE}?period={december.pk}"), client.get("/")

    assert "24\u202f% de la cible, 25 % du temps écoulé" in table.content.decode()
    assert home.context["stakes"]["time"] == 25 and "1 en bonne voie" in home.content.decode()


def test_what_is_missing_says_why_and_is_never_zero(client, officer, programme):
    an_indicator(programme)

    page = client.get(TABLE).content.decode()

    for words in ("inconnue", "non fixée", "pas encore mesurée", "Sans donnée"):
        assert words in page
    assert "0\u202f%" not in page


def test_women_and_men_reach_the_table_and_their_absence_is_flagged(client, officer, programme):
    period = half_year(programme)
    known, unknown = a_framework(programme, indicators=2)
    type(known.current).objects.update(counts_people=True)
    value = a_figure(known, period, 30)
    Disaggregation.objects.create(value=value, dimensions=["sex"], cells=["female", "male"], numbers=[18, 12])
    a_figure(unknown, period, 30)

    page = client.get(TABLE).content.decode()

    assert 'width="60%"' in page
    assert "Sexe non recueilli" in page


def test_the_last_published_value_stands_over_a_newer_draft(client, officer, programme):
    period = half_year(programme)
    (indicator,) = a_framework(programme)
    checker, publisher = a_user(), a_user()
    a_figure(indicator, period, 41, state="published", verified_by=checker, published_by=publisher, published_at=BEFORE)
    a_figure(indicator, period, 77)

    page = client.get(TABLE).content.decode()

    assert ">41<" in page
    assert ">77<" not in page


def test_a_sum_of_typed_values_is_never_said_to_be_counted_from_submissions(client, officer, programme):
    typed = an_indicator(programme, a_result(programme), formula=None)
    a_figure(typed, half_year(programme), 11, origin="computed")

    page = client.get(TABLE).content.decode()

    assert "saisie, pas encore contrôlée" in page.split("<tbody")[1].split("</table>")[0]
    assert "calculée sur soumissions validées" not in page.split("<tbody")[1].split("</table>")[0]


def test_an_average_tells_its_cases_and_no_share_of_them(client, officer, programme):
    formula = {"source": {"form": "f"}, "measure": "average", "value": "${note}"}
    indicator = an_indicator(programme, a_result(programme), measure="2", formula=formula)
    a_figure(indicator, half_year(programme), 43.9, numerator=4259, denominator=97, answered=97, asked=97)

    page = client.get(TABLE).content.decode()

    assert "97 réponses" in page and "sur 97" not in page


def test_words_that_wait_for_a_second_person_are_among_what_is_to_verify(client, officer, programme):
    a_figure(an_indicator(programme, measure="5"), half_year(programme), None, text="Le comité se réunit.")

    assert "1 valeur<" in client.get("/").content.decode()


@pytest.mark.parametrize(
    ("query", "found"), [("q=indicateur", 2), ("q=nothing", 0), ("state=no_data", 2), ("level=impact", 0)]
)
def test_filters_narrow_the_table(client, officer, programme, query, found):
    a_framework(programme, indicators=2)

    page = client.get(f"{TABLE}?{query}").content.decode()

    assert page.count('class="measure') == found


def test_htmx_gets_the_rows_alone(client, officer, programme):
    a_framework(programme)

    page = client.get(TABLE, headers={"HX-Request": "true"}).content.decode()

    assert "<html" not in page
    assert 'class="measure' in page


def test_an_unchanged_table_is_not_sent_again(client, officer, programme):
    (indicator,) = a_framework(programme)
    client.get(TABLE)  # gives the form cookie, which the mark depends on
    first = client.get(TABLE)
    again = client.get(TABLE, headers={"If-None-Match": first["ETag"]})

    a_figure(indicator, half_year(programme), 12)
    changed = client.get(TABLE, headers={"If-None-Match": first["ETag"]})

    assert again.status_code == 304
    assert changed.status_code == 200


CHANGES = {
    "its title": lambda indicator, _programme: type(indicator.current).objects.update(title={"fr": "Autre"}),
    "its target": lambda indicator, _programme: Target.objects.update(value=81),
    "its baseline": lambda indicator, _programme: Baseline.objects.update(value=7),
    "the level of its result": lambda indicator, _programme: type(indicator.result).objects.update(level="impact"),
    "the end of the programme": lambda _indicator, programme: type(programme).objects.update(ends_on=date(2029, 6, 30)),
}


@pytest.mark.slow
@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_row_kept_from_an_earlier_read_is_never_shown_for_another(client, officer, programme, change):
    (indicator,) = a_framework(programme)
    a_figure(indicator, half_year(programme), 12)
    before = row_of(client)

    change(indicator, programme)

    assert row_of(client) != before


def row_of(client):
    page = client.get(TABLE).content.decode()
    return page[page.index('class="measure') :].partition("</tr>")[0]


def test_each_reads_the_rows_in_their_own_language(client, officer, programme):
    an_indicator(programme)
    in_french = row_of(client)

    type(officer).objects.update(language="ar")

    assert "non fixée" in in_french
    assert "غير محددة" in row_of(client)


def test_an_indicator_without_definition_has_no_page(client, officer, programme):
    (indicator,) = a_framework(programme)
    type(indicator).objects.update(current=None)

    assert client.get(reverse("dashboards:indicator", args=[indicator.pk])).status_code == 404


@pytest.mark.parametrize("name", ["csv", "xlsx"])
def test_the_table_leaves_as_a_file(client, officer, programme, name):
    a_framework(programme)

    response = client.get(f"{TABLE}?format={name}")

    assert f".{name}" in response["Content-Disposition"]


def test_a_programme_of_others_is_not_in_the_table(client, officer, programme):
    other = a_programme()
    hidden = an_indicator(other)

    assert hidden.code not in client.get(TABLE).content.decode()


@pytest.mark.parametrize(("role", "status"), [("me_officer", 200), ("funder", 200), ("data_collector", 404)])
def test_the_table_is_for_those_who_may_see_values(client, programme, role, status):
    client.force_login(a_user(role, programme))

    assert client.get(TABLE).status_code == status


@pytest.mark.slow
def test_the_page_of_an_indicator_draws_its_chart(client, officer, programme):
    (indicator,) = a_framework(programme)
    a_figure(indicator, half_year(programme), 30)

    page = client.get(reverse("dashboards:indicator", args=[indicator.pk])).content.decode()

    assert 'class="marks"' in page
    assert "chart-live" in page


def by_sex(indicator, period, number, **cells):
    """A value of its whole, and of women, men and the unknown."""
    value, cells = a_figure(indicator, period, number), {code.replace("unknown", "?"): n for code, n in cells.items()}
    Disaggregation.objects.create(value=value, dimensions=["sex"], cells=list(cells), numbers=list(cells.values()))


def test_women_and_men_of_a_median_are_never_added_up(client, officer, programme):
    (indicator,) = a_framework(programme)
    second = a_period(programme, date(2026, 7, 1), date(2026, 12, 31))
    for period in (half_year(programme), second):
        by_sex(indicator, period, 33, female=33, male=34)

    home = client.get("/").content.decode()
    page = client.get(reverse("dashboards:indicator", args=[indicator.pk]))

    assert 'aria-label="S' not in home  # no columns of women and men
    assert not re.search(r"(?<!\d)67(?!\d)", re.sub(r"<[^>]+>", " ", home))
    assert {row["part"] for row in page.context["chart"]["spec"]["data"]["values"]} <= {"total", "since", "target"}


def test_people_of_unknown_sex_are_told_beside_women_and_men(client, officer, programme):
    (indicator,) = a_framework(programme)
    second = a_period(programme, date(2026, 7, 1), date(2026, 12, 31))
    for period in (half_year(programme), second):
        by_sex(indicator, period, 55, female=33, male=20, unknown=2)

    home = client.get("/").content.decode()
    page = client.get(reverse("dashboards:indicator", args=[indicator.pk])).content.decode()

    assert "2 sans sexe connu" in row_of(client)
    assert 'class="rest"' in home
    assert "sexe non renseigné" in page


def test_what_awaits_a_typed_value_opens_where_it_is_typed(client, officer, programme):
    (indicator,) = a_framework(programme)
    a_period(programme, date(2026, 1, 1), date(2099, 12, 31))

    assert reverse("measurement:indicator-type", args=[indicator.pk]) in client.get("/").content.decode()


def test_the_indicator_of_another_programme_is_not_found(client, officer):
    indicator = an_indicator(a_programme())

    assert client.get(reverse("dashboards:indicator", args=[indicator.pk])).status_code == 404


def test_home_shows_what_awaits_a_second_person_and_not_ones_own_work(client, officer, programme):
    form = a_form(programme)
    a_submission(form, a_user())
    a_submission(form, officer)

    page = client.get("/").content.decode()

    assert "1 soumission" in page
    assert "2 soumissions" not in page


def test_values_of_a_period_that_still_runs_are_not_due(client, officer, programme):
    (indicator,) = a_framework(programme)
    over = a_period(programme, date(2020, 1, 1), date(2020, 6, 30), label={"fr": "Semestre passé"})
    running = a_period(programme, date(2026, 1, 1), date(2099, 12, 31), label={"fr": "Semestre courant"})
    for period in (running, over):
        a_figure(indicator, period, 4)

    check = next(group for group in client.get("/").context["groups"] if group["code"] == "check")

    assert check["count"] == 1
    assert [(entry["note"], entry["due"] == "en cours") for entry in check["entries"]] == [
        ("Semestre passé", False), ("Semestre courant", True),
    ]  # fmt: skip


def test_home_without_programme_says_whom_to_ask(client, db):
    client.force_login(a_user())

    assert "Aucun programme ne vous est ouvert" in client.get("/").content.decode()


@pytest.mark.parametrize("role", ["applicant", "application_evaluator"])
def test_home_without_work_nor_figures_leads_to_the_programme(client, programme, role):
    client.force_login(a_user(role, programme))
    text = client.get("/").content.decode()

    assert "Rien ne vous attend." in text
    assert reverse("programmes:programme-detail", args=[programme.pk]) in text


def test_home_of_an_empty_installation_says_where_to_begin(client, db):
    client.force_login(a_user("administrator"))

    assert reverse("programmes:operator-add") in client.get("/").content.decode()
    an_operator()
    assert reverse("programmes:programme-add") in client.get("/").content.decode()
    listed = client.get(reverse("programmes:programme-list")).content.decode()
    assert reverse("programmes:operator-list") in listed
    assert reverse("programmes:funder-list") in listed


@pytest.mark.parametrize("role", ["funder", "data_collector", "grantee", "communication_officer", "administrator"])
def test_home_opens_for_every_role(client, programme, role):
    half_year(programme)
    client.force_login(a_user(role, programme))

    assert client.get("/").status_code == 200


def test_units_are_told_in_the_language_of_the_reader(client, programme, officer):
    unit = {"fr": "personnes formées", "ar": "أشخاص مكونون", "en": "people trained"}
    indicator = an_indicator(programme, unit=unit)
    pages = (TABLE, reverse("results:indicator-detail", args=[indicator.pk]), reverse("results:result-list"))

    for language, told in unit.items():
        officer.language = language
        officer.save()
        for address in pages:
            text = client.get(address).content.decode()
            assert [words in text for words in unit.values()] == [words == told for words in unit.values()], address


def test_a_task_that_failed_is_no_more_said_once_the_same_was_done(db):
    user = a_user("me_officer", a_programme())
    same = {"name": "submissions.pull", "label": "Relevé", "by": user, "arguments": {"tie": 1}}
    Job.objects.create(**same | {"arguments": {"tie": 2}}, state="failed")
    Job.objects.create(**same, state="failed")

    assert queries.failed_jobs(user).count() == 2
    Job.objects.create(**same, state="done")
    assert [job.arguments for job in queries.failed_jobs(user)] == [{"tie": 2}]
