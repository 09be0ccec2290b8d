"""A formula cut by commune: the figures of communes, of the provinces and regions that they make, and the pages."""

import pytest
from django.urls import reverse

from jalons.collection.forms.actions import declare, import_form
from jalons.collection.forms.tests.workbooks import a_form as a_workbook_form
from jalons.collection.submissions.actions import receive_batch, validate_all
from jalons.collection.submissions.models import Submission
from jalons.evidence.measurement import actions, places
from jalons.evidence.measurement.models import IndicatorValue
from jalons.evidence.measurement.rules.formula import UNKNOWN
from jalons.evidence.measurement.rules.typed import PLACES
from jalons.evidence.measurement.storage import cells_of
from jalons.evidence.measurement.tracing import trace
from jalons.planning.results.actions import load_dimensions
from tests.builders import a_period, a_programme, a_territory, a_user, an_indicator

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
SURVEY = (["type", "name", "label"], ["date", "jour", "Date"], ["text", "lieu", "Lieu"])


class Land:
    """A region, a province, two communes; answers from each commune, and from the province alone."""

    def __init__(self):
        self.region = a_territory("region")
        self.province = a_territory("province", self.region, name={"fr": "Tiznit"})
        self.arbaa, self.mirleft = (
            a_territory("commune", self.province, name={"fr": name}) for name in ("Arbaa", "Mirleft")
        )
        self.programme = a_programme()
        self.programme.territories.add(self.region)
        self.period = a_period(self.programme)
        self.officer, self.other = (a_user("me_officer", self.programme) for _n in range(2))
        settings = [["form_title", "form_id"], ["Suivi", "suivi"]]
        data = a_workbook_form(*SURVEY[1:], header=SURVEY[0], settings=settings)
        form = import_form(programme=self.programme, data=data, file_name="suivi.xlsx", by=self.officer).form
        declare(form=form, roles={"date": "jour", "territory": "lieu"}, by=self.officer)
        lines = [
            f"2026-02-0{n},{place.code},uuid:{n}"
            for n, place in enumerate([self.arbaa, self.arbaa, self.mirleft, self.province], 1)
        ]
        text = "\n".join(["jour,lieu,instanceID", *lines])
        receive_batch(form=form, file=text.encode(), name="export.csv", by=self.officer)
        validate_all(form=form, submissions=Submission.objects.filter(form=form), by=self.other)

    def measured(self, level):
        formula = {"source": {"form": "suivi"}, "measure": "count", "dimensions": {"territory": {"level": level}}}
        indicator = an_indicator(self.programme, dimensions=["territory"], formula=formula)
        actions.measure(programme=self.programme, by=self.officer)
        return IndicatorValue.objects.get(indicator=indicator, period=self.period)


@pytest.fixture
def land(settings):
    settings.USERSESSIONS_TRACK_ACTIVITY = False
    load_dimensions()
    return Land()


def test_communes_are_counted_and_what_names_no_commune_stays_apart(land):
    value = land.measured("commune")

    cells = {cell: figure.number for cell, figure in cells_of(value)[PLACES].items()}
    assert (value.number, cells) == (4, {str(land.arbaa.pk): 2, str(land.mirleft.pk): 1, UNKNOWN: 1})
    assert trace(value, land.officer, {"territory": str(land.arbaa.pk)}).total == 2


@pytest.mark.parametrize(("level", "number"), [("province", 4), ("region", 4)])
def test_wider_levels_count_all_that_lies_within(land, level, number):
    value = land.measured(level)

    assert cells_of(value)[PLACES][str(getattr(land, level).pk)].number == number


def test_communes_make_their_provinces_and_regions(land):
    value = land.measured("commune")

    made = {row.place: row.figure.number for level in ("province", "region") for row in places.rolled_up(value, level)}
    assert made == {land.province: 3, land.region: 3}


def test_a_definition_by_commune_is_typed_in_the_browser_and_shown(land, client):
    client.force_login(land.officer)
    indicator = an_indicator(land.programme)
    answers = {
        "title_fr": "Rencontres", "unit_fr": "rencontres", "unit_ar": "", "unit_en": "", "measure": "1",
        "dimensions": ["territory"],
        "time_aggregation": "sum", "place_aggregation": "sum", "form": "suivi", "formula_measure": "count",
        "splits": "territory: commune", "valid_from": "2026-01-01", "reason": "Lieu",
    }  # fmt: skip

    assert client.post(reverse("results:indicator-define", args=[indicator.pk]), answers).status_code == 302
    actions.measure(programme=land.programme, by=land.officer)

    value = IndicatorValue.objects.get(indicator=indicator, period=land.period)
    page = client.get(reverse("measurement:indicatorvalue-detail", args=[value.pk])).content.decode()
    sheet = client.get(reverse("results:indicator-detail", args=[indicator.pk])).content.decode()
    assert "Arbaa" in page and "territory: commune" in sheet
