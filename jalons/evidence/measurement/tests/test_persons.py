"""Persons of the register counted once by an indicator, and walked back to what was told of them."""

from datetime import date

import pytest

from jalons.collection.people import actions as people
from jalons.collection.people.models import Alias, Link, Pair
from jalons.collection.people.tests.builders import a_sheet, a_source, the_person, told
from jalons.collection.submissions.actions import reject, validate_all
from jalons.collection.submissions.models import Submission
from jalons.evidence.measurement import checking, telling
from jalons.evidence.measurement.actions import measure
from jalons.evidence.measurement.models import IndicatorValue
from jalons.evidence.measurement.sources import Sources
from jalons.evidence.measurement.tracing import trace
from tests.builders import a_period, a_programme, a_user, an_indicator

pytestmark = pytest.mark.django_db
FATIMA = ("El Alaoui", "Fatima", "F", "1990", "Oujda", "0612345678")
FATIMA_IN_ARABIC = ("العلوي", "فاطمة", "F", "1990", "Oujda", "0612345678")
KHADIJA = ("Tazi", "Khadija", "F", "1985", "Agadir", "0698765432")
OMAR = ("Bennani", "Omar", "M", "1979", "Rabat", "0655443322")
NOBODY = ("", "", "F", "", "", "")
RECORD = {
    "source": {"form": "presence", "repeat": "participants"}, "measure": "persons",
    "dimensions": {"sex": {"value": "${sexe}", "categories": {"F": "female", "M": "male"}}},
}  # fmt: skip


class Sheets:
    """Attendance sheets of two quarters, validated, whose participants are counted once."""

    def __init__(self):
        self.programme = a_programme()
        self.form, self.officer = a_sheet(self.programme)
        self.checker = a_user("me_officer", self.programme)
        self.first, self.second = (
            a_period(self.programme, date(2026, n, 1), date(2026, n + 2, 30), kind="quarter", code=f"T{n}")
            for n in (1, 4)
        )
        self.since = a_period(
            self.programme, date(2026, 1, 1), date(2026, 6, 30), kind="cumulative", accumulates="quarter", code="C2"
        )
        self.indicator = an_indicator(
            self.programme, formula=RECORD, time_aggregation="recompute", place_aggregation="recompute"
        )
        a_source(self.form, self.officer)

    def sheet(self, *participants, day="2026-02-04"):
        told(self.form, self.officer, *participants, day=day)
        validate_all(form=self.form, submissions=Submission.objects.filter(state="received"), by=self.checker)

    def measured(self, period=None):
        measure(programme=self.programme, by=self.officer)
        values = IndicatorValue.objects.filter(period=period or self.first)
        return values.latest("computed_at")


@pytest.fixture
def sheets():
    made = Sheets()
    made.sheet(FATIMA, KHADIJA, NOBODY)
    made.sheet(FATIMA_IN_ARABIC, OMAR)
    made.sheet(FATIMA, day="2026-05-04")
    return made


def test_a_person_of_two_sheets_counts_once_and_a_row_without_a_name_is_not_known(sheets):
    value = sheets.measured()

    assert (value.number, value.answered, value.asked) == (3, 4, 5)
    (cut,) = value.disaggregations.filter(dimensions=["sex"])
    assert dict(zip(cut.cells, cut.numbers, strict=True)) == {"female": 2, "male": 1}


def test_a_person_of_two_quarters_counts_once_since_the_beginning(sheets):
    assert sheets.measured(sheets.since).number == 3
    assert sheets.measured(sheets.second).number == 1


def test_a_value_walks_back_to_the_sheets_of_its_persons(sheets):
    found = trace(sheets.measured(), sheets.officer)

    assert found.equal
    assert [len(line.rows) for line in found.lines] == [2, 2]
    assert len(found.persons) == 3
    assert trace(sheets.measured(), a_user("project_officer", sheets.programme)).persons == {}


def test_a_value_is_given_again_as_the_register_was_when_it_was_computed(sheets):
    value = sheets.measured()

    pair = people.split(alias=Alias.objects.filter(given="فاطمة").get(), by=sheets.officer)
    apart, found = sheets.measured(), trace(value, sheets.officer)
    assert (value.number, found.again, found.since.again) == (3, 3, 4)
    assert [change.kind for change in found.since.changes] == ["recognised"]

    assert apart.number == 4
    people.undo(pair=pair, by=sheets.officer)
    found = trace(apart, sheets.officer)
    assert (found.again, found.since.again) == (4, 3)


def test_rows_of_nobody_known_make_an_unknown_number():
    made = Sheets()
    made.sheet(NOBODY, NOBODY)

    value = made.measured()

    assert (value.number, value.answered, value.asked) == (None, 0, 2)


def test_a_rejected_sheet_takes_its_persons_away(sheets):
    reject(submission=Submission.objects.get(collected_on="2026-05-04"), reason="essai", by=sheets.checker)

    assert sheets.measured(sheets.second).number is None
    assert sheets.measured(sheets.since).number == 3


def test_someone_forgotten_still_counts(sheets):
    people.feed()
    people.erase(person=the_person("Khadija"), why_erased="Demande du 3 mai", by=sheets.officer)

    assert sheets.measured().number == 3


def test_a_doubt_is_told_with_the_value_and_leaves_it_once_decided(sheets):
    sheets.measured()
    one, other = sorted(Alias.objects.filter(given__in=("Khadija", "Omar")), key=lambda alias: alias.pk)
    pair = Pair.objects.create(operator=sheets.programme.operator, one=one, other=other, score=0.4)

    value = sheets.measured()
    assert (value.number, value.doubts, value.least) == (3, 1, 2)

    people.decide(pair=pair, verdict="apart", by=sheets.officer)
    assert sheets.measured().doubts == 0


def test_a_doubt_is_told_of_the_cells_that_hold_both_of_its_sides(sheets):
    sheets.measured()
    one, other = (Alias.objects.filter(given=name).earliest("pk") for name in ("Fatima", "Khadija"))
    Pair.objects.create(operator=sheets.programme.operator, one=one, other=other, score=0.4)

    value = sheets.measured()

    (women,) = telling.cuts(value, {})
    assert [(line["number"], line["between"]) for line in women["lines"]] == [("2", "de 1 à 2"), ("1", "")]
    path = telling.path(value, trace(value, sheets.officer, {"sex": "female"}), {"sex": "female"})
    assert "De 1 à 2" in path["steps"][0]["text"]


def test_a_form_that_tells_of_nobody_cannot_count_persons(sheets):
    record = {"source": {"form": "presence"}, "measure": "persons"}

    (fault,) = checking.faults(record, Sources(sheets.programme))

    assert fault.place == "source › repeat"


def test_a_link_begins_and_ends_by_the_clock_that_values_are_dated_by(sheets):
    value = sheets.measured()

    people.split(alias=Alias.objects.filter(given="فاطمة").get(), by=sheets.officer)

    before, after = Link.objects.filter(alias__given="فاطمة").order_by("since")
    assert before.since < value.computed_at < before.until == after.since
