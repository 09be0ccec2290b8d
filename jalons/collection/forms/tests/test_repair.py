"""The two most frequent faults are put right in a copy, cell by cell, when that makes the workbook better."""

import io

import openpyxl
import pytest

from jalons.collection.forms.rules.faults import Refusals
from jalons.collection.forms.rules.reading import XlsForm, read_form
from jalons.collection.forms.rules.repair import repair
from jalons.collection.forms.tests.workbooks import a_form
from tests.shared_data import SHARED, needs_shared_data

CHOICES = [["list_name", "name", "label"], ["sexe", "f", "Femme"], ["sexe", "f", "Femme"]]
DOUBLE = ["type", "name", "label", "jr:count", "repeat_count"]


def repaired(data, name="f.xlsx"):
    return repair(data, name, read_form(data, name))


def test_the_second_name_of_a_column_is_emptied_into_the_first():
    data = a_form(["begin_repeat", "r", "R", "", "3"], ["text", "a", "A"], ["end_repeat"], header=DOUBLE)

    copy = repaired(data)
    form = read_form(copy.data, "f.xlsx")

    assert [(e.row, e.column, e.before, e.after) for e in copy.edits] == [
        (1, 5, "repeat_count", ""),
        (2, 5, "3", ""),
        (2, 4, "", "3"),
    ]
    assert (copy.remaining, form.sections[0].count) == (0, "${r_count}")


def test_two_columns_that_disagree_are_left_to_their_author():
    assert repaired(a_form(["begin_repeat", "r", "R", "2", "3"], ["end_repeat"], header=DOUBLE)) is None


def test_choices_repeated_are_allowed_in_a_settings_sheet_made_if_need_be():
    copy = repaired(a_form(["select_one sexe", "s", "Sexe"], choices=CHOICES))

    assert isinstance(read_form(copy.data, "f.xlsx"), XlsForm)


def test_other_faults_remain_and_are_counted():
    copy = repaired(a_form(["select_one sexe", "s", "Sexe"], ["texte", "a", "A"], choices=CHOICES))

    assert copy.remaining == 1


def test_nothing_is_proposed_for_other_faults():
    assert repaired(a_form(["texte", "a", "A"])) is None


REFUSED = [
    "iaso_MIT/entity-child_followup.xlsx",
    "iaso_MIT/pregnant_women_follow_up.xlsx",
    "iaso_MIT/registration_vaccination_pregnant_women.xlsx",
    "unhcr-xlsformutil_MIT/demo.xlsx",
    "pyxform-tests_BSD2/unknown_question_type.xls",
]


@needs_shared_data
@pytest.mark.slow
@pytest.mark.parametrize("path", REFUSED)
def test_real_workbooks_get_better(path):
    data = (SHARED / "xlsforms" / path).read_bytes()
    before = read_form(data, path)

    copy = repair(data, path, before)

    assert copy.remaining < len(before.faults)
    assert isinstance(before, Refusals)


def test_a_repair_keeps_the_other_sheets_and_formats():
    data = a_form(["select_one sexe", "s", "Sexe"], choices=CHOICES, notes=[["à garder"]])

    copy = repaired(data)

    assert openpyxl.load_workbook(io.BytesIO(copy.data))["notes"]["A1"].value == "à garder"
