"""A funder's page and a funder's report hide the same cells: what one masks cannot be read in the other."""

from datetime import date

import pytest
from django.urls import reverse

from jalons.evidence.measurement.disclosure import withheld
from jalons.evidence.measurement.models import Disaggregation
from jalons.planning.results.actions import load_dimensions
from jalons.reporting.reports.gathering import gather
from jalons.reporting.reports.rules.changes import changes
from jalons.reporting.reports.rules.disclosure import kept
from jalons.reporting.reports.rules.frozen import freeze, thaw
from jalons.reporting.reports.rules.logframe import Logframe
from tests.builders import a_period, a_programme, a_territory, a_user, a_value, an_indicator, published

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture
def programme(settings):
    settings.USERSESSIONS_TRACK_ACTIVITY = False
    load_dimensions()
    return a_programme()


def told(programme, indicator, period, dimension, **numbers):
    """A published value of counted people, cut along one dimension."""
    value = a_value(indicator, period, a_user(), number=sum(numbers.values()), **published())
    cells = list(numbers)
    Disaggregation.objects.create(
        value=value, dimensions=[dimension], cells=cells, numbers=[float(n) for n in numbers.values()]
    )
    return value


def reported(programme, period):
    """The cells of the only line of a report, those that are masked as None."""
    (line,) = gather(programme, None, period).lines()
    (cut,) = line.at(period.pk).value.cuts
    return {cell.codes[0]: cell.figure.number for cell in cut.cells}


def test_a_report_masks_the_places_that_the_regions_of_the_page_would_give_back(programme):
    south, east = a_territory("region"), a_territory("region")
    places = {
        a_territory("province", region): number for region, number in ((south, 3), (south, 16), (east, 4), (east, 2))
    }
    programme.territories.add(south, east)
    period, indicator = a_period(programme), an_indicator(programme, counts_people=True, dimensions=["territory"])
    value = told(programme, indicator, period, "territory", **{str(place.pk): n for place, n in places.items()})

    on_page = withheld(value, a_user("funder", programme))["territory",]

    assert on_page == {str(place.pk) for place in places}
    assert reported(programme, period) == dict.fromkeys((place.code for place in places), None)


def test_two_women_come_between_two_reports_are_found_neither_in_them_nor_on_the_pages(programme, client):
    periods = [
        a_period(programme, date(2026, 1, 1), end, kind="cumulative", accumulates="quarter")
        for end in (date(2026, 3, 31), date(2026, 6, 30))
    ]
    indicator = an_indicator(programme, counts_people=True, dimensions=["sex"])
    for period, women, men in zip(periods, (40, 42), (60, 90), strict=True):
        told(programme, indicator, period, "sex", female=women, male=men)
    client.force_login(a_user("funder", programme))
    page = client.get(reverse("dashboards:indicator", args=[indicator.pk]))
    client.post(reverse("programmes:switch"), {"period": periods[1].code})
    table = client.get(reverse("dashboards:indicators")).content.decode()

    assert reported(programme, periods[0]) == {"female": 40, "male": 60}
    assert reported(programme, periods[1]) == {"female": None, "male": None}
    assert [row["split"].get("women") for row in page.context["rows"]] == [None, "40"]
    assert "masqué" in table and ">42<" not in table


def test_a_report_says_how_many_cells_it_keeps_under_the_threshold_that_it_was_made_with(programme):
    period, indicator = a_period(programme), an_indicator(programme, counts_people=True, dimensions=["sex"])
    told(programme, indicator, period, "sex", female=7, male=60)
    before = gather(programme, None, period)
    programme.least_people = 10
    programme.save()
    after = gather(programme, None, period)

    again = thaw(Logframe, freeze(after))
    programme.least_people = 20

    assert changes(before, after) == ()
    assert kept(before) == "" and reported(programme, period)["female"] is None
    assert kept(again).startswith("2 cases masquées : moins de 10 personnes")
