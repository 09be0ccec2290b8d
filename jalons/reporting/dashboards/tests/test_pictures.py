"""Pictures: nothing unknown is drawn as zero, and a small picture says what a large one says."""

from datetime import date

import pytest
from django.urls import reverse

from jalons.core import charts as drawing
from jalons.evidence.measurement.models import Disaggregation
from jalons.foundation.territories.rules.maps import classes, step
from jalons.reporting.dashboards.rules.charts import Mark, changes, layers, rows
from jalons.reporting.dashboards.rules.pictures import Point, columns, spark, stakes
from jalons.reporting.dashboards.views.maps import choropleth
from tests.builders import a_period, a_programme, a_territory, a_user, a_value, an_indicator

JUNE, DECEMBER = date(2026, 6, 30), date(2026, 12, 31)


def test_one_point_is_no_trend():
    assert spark([Point(JUNE, 12)]) is None


def test_a_flat_series_is_drawn_and_divides_by_nothing():
    assert spark([Point(JUNE, 12), Point(DECEMBER, 12)]).y == 24


def test_a_change_of_definition_shows_on_the_trend():
    assert spark([Point(JUNE, 1, version=1), Point(DECEMBER, 2, version=2)]).break_x == 88


def test_an_unknown_value_draws_no_mark():
    marks = [Mark(JUNE, "juin", "since", None, "inconnu"), Mark(DECEMBER, "déc.", "since", 0, "0")]

    assert [row["value"] for row in rows(marks)] == [0]


def test_a_change_of_definition_shows_on_the_chart():
    marks = [Mark(JUNE, "juin", "since", 1, "1", 1), Mark(DECEMBER, "déc.", "since", 2, "2", 2)]

    assert changes(marks) == [{"on": "2026-12-31", "version": 2}]


def test_an_indicator_far_beyond_its_target_stays_in_the_picture():
    mark = {"done": 900, "tone": "good", "code": "P1", "title": "P1", "url": ""}

    assert stakes([mark], 300, ground=150, height=100)[0].y == 40


def test_columns_of_nobody_keep_an_axis():
    assert columns([("S1", 0, 0, 0)], 300, 100)[1][-1][0] == 1


def test_places_without_value_have_the_colour_of_the_unknown():
    assert step(None, classes([1, 2, 3])) == 0
    assert classes([]) == []


@pytest.mark.slow
@pytest.mark.parametrize("rtl", [False, True])
def test_the_chart_is_drawn_without_inline_style(db, rtl):
    data = [{**row, "word": "cible"} for row in rows([Mark(JUNE, "juin", "target", 5, "5")])]

    picture = drawing.svg(
        drawing.layered(layers({"target": "cible"}, [], {"2026-06-30": "juin"}, rtl=rtl), data, height=100), "fr"
    )

    assert picture.startswith("<svg")
    assert "style=" not in picture


@pytest.mark.slow
def test_the_map_tells_each_place_in_its_table(db):
    programme = a_programme()
    region = a_territory("region", code="09", name={"fr": "Souss-Massa"})
    programme.territories.add(region)
    agadir = a_territory("province", parent=region, code="09.001", name={"fr": "Agadir"})
    value = a_value(an_indicator(programme), a_period(programme), a_user(), number=12)
    Disaggregation.objects.create(value=value, dimensions=["territory"], cells=[str(agadir.pk), "?"], numbers=[12, 3])

    class Sight:
        language = "fr"

    Sight.programme = programme
    drawn = choropleth({"value_pk": value.pk, "percent": False, "unit": "personnes"}, Sight, a_user())

    assert drawn["table"]["rows"] == [("Agadir", "12")]
    assert drawn["svg"].startswith("<svg")


@pytest.mark.slow
def test_the_map_keeps_few_people_from_those_who_read_aggregates_only(db):
    programme = a_programme()
    region = a_territory("region", code="09", name={"fr": "Souss-Massa"})
    programme.territories.add(region)
    places = [a_territory("province", parent=region, code=f"09.00{n}", name={"fr": f"P{n}"}) for n in (1, 2, 3)]
    indicator = an_indicator(programme, counts_people=True)
    value = a_value(indicator, a_period(programme), a_user(), number=70)
    Disaggregation.objects.create(
        value=value, dimensions=["territory"], cells=[str(p.pk) for p in places], numbers=[3, 8, 59]
    )

    class Sight:
        language = "fr"

    Sight.programme = programme
    found = {"value_pk": value.pk, "percent": False, "unit": "personnes"}
    funder, officer = (choropleth(found, Sight, a_user(role, programme)) for role in ("funder", "me_officer"))

    assert sorted(funder["table"]["rows"]) == [("P1", "masqué"), ("P2", "masqué"), ("P3", "59")]
    assert sorted(officer["table"]["rows"]) == [("P1", "3"), ("P2", "8"), ("P3", "59")]


@pytest.mark.slow
def test_a_new_definition_is_named_on_the_picture(db):
    data = [{**row, "word": "depuis"} for row in rows([Mark(JUNE, "juin", "since", 5, "5")])]
    broken = [{"on": "2026-06-30", "version": 2, "words": "définition 2"}]

    specification = layers({"since": "depuis"}, broken, {"2026-06-30": "juin"}, rtl=False)
    picture = drawing.svg(drawing.layered(specification, data, height=100), "fr")

    assert "définition 2" in picture


@pytest.mark.slow
def test_a_page_says_why_distinct_people_by_commune_have_no_map(db, client):
    programme = a_programme()
    commune = a_territory("commune", a_territory("province", a_territory("region")))
    formula = {"form": "f", "measure": "distinct", "value": "${code}"}
    indicator = an_indicator(programme, counts_people=True, formula=formula, dimensions=["territory"])
    value = a_value(indicator, a_period(programme), a_user(), number=12)
    Disaggregation.objects.create(value=value, dimensions=["territory"], cells=[str(commune.pk)], numbers=[12])
    client.force_login(a_user("me_officer", programme))

    page = client.get(reverse("dashboards:indicator", args=[indicator.pk])).content.decode()

    assert "Pas de carte : les chiffres de ces lieux ne se réunissent pas en provinces" in page
