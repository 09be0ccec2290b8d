"""Every real workbook is read as the reference converter reads it, or refused with its reasons."""

import warnings
from collections import Counter
from functools import lru_cache

import pytest
from lxml import etree
from pyxform.errors import PyXFormError
from pyxform.xls2json_backends import get_xlsform
from pyxform.xls2xform import convert

from jalons.collection.forms.rules.coverage import coverage
from jalons.collection.forms.rules.faults import Refusals
from jalons.collection.forms.rules.reading import read_form
from jalons.collection.forms.rules.workbook import open_workbook
from jalons.collection.forms.tests.workbooks import a_form
from tests.shared_data import SHARED, needs_shared_data

FOLDER = SHARED / "xlsforms"
WORKBOOKS = sorted(FOLDER.rglob("*.xls*"))
MSNA = FOLDER / "impact-humind-msna_MIT" / "REACH_2024_MSNA-kobo-tool_draft_v11.xlsx"
SAID = {"broken_expression", "unknown_function", "not_computed"}  # kept with the version, never a refusal
XFORMS = {"x": "http://www.w3.org/2002/xforms"}


@lru_cache(maxsize=len(WORKBOOKS))
def read(path):
    return read_form(path.read_bytes(), path.name)


@needs_shared_data
@pytest.mark.slow
@pytest.mark.parametrize("path", WORKBOOKS, ids=lambda path: path.name)
def test_every_real_workbook_meets_the_verdict_of_the_reference_converter(path):
    form = read(path)

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            reference = convert(path.read_bytes(), validate=False)
    except PyXFormError:
        assert isinstance(form, Refusals)
        assert form.faults
        assert all(str(fault) and fault.advice.remedy for fault in form.faults)
    else:
        assert form.xform.count("<bind") == reference.xform.count("<bind")
        assert {doubt.code for doubt in form.doubts} <= SAID


@needs_shared_data
def test_a_real_workbook_with_an_expression_that_no_phone_reads_is_kept_and_says_so():
    form = read(FOLDER / "iaso_MIT" / "odk_valid_multi_select.xlsx")

    (fault,) = [doubt for doubt in form.doubts if doubt.code == "broken_expression"]
    assert (fault.row, fault.column, fault.values["name"]) == (9, "calculation", "45 + $(demo_integer)")


@needs_shared_data
@pytest.mark.slow
@pytest.mark.parametrize("path", WORKBOOKS, ids=lambda path: path.name)
def test_sheets_are_read_cell_by_cell_as_the_converter_reads_them(path):
    data = path.read_bytes()

    ours = open_workbook(data)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            theirs = get_xlsform(data, file_type=f".{ours.kind}")
        except PyXFormError:
            assert ours.faults
            return
    assert ours.definition(None) == theirs


@needs_shared_data
@pytest.mark.slow
@pytest.mark.parametrize("path", WORKBOOKS, ids=lambda path: path.name)
def test_questions_are_those_of_the_xform_with_one_column_each(path):
    form = read(path)
    if isinstance(form, Refusals):
        return

    tree = etree.fromstring(form.xform.encode())
    binds = {bind.get("nodeset").split("/", 2)[2] for bind in tree.iterfind(".//x:bind", XFORMS)}
    known = {question.path for question in form.questions} | {section.path for section in form.sections}
    columns = Counter((question.table, question.column) for question in form.questions)

    assert {path for path in binds if not path.startswith("meta/")} <= known
    assert set(columns.values()) <= {1}
    assert all(len(column) <= 63 and column.isidentifier() and column[0] != "_" for _table, column in columns)


@pytest.fixture(scope="module")
def msna():
    return read(MSNA)


@needs_shared_data
def test_the_msna_form_is_read_right(msna):
    kinds = Counter(question.kind for question in msna.questions)
    repeats = [section for section in msna.sections if section.is_repeat]

    assert len(msna.questions) - kinds["calculate"] - kinds["note"] - 4 == 200  # start, end, today, deviceid
    assert (kinds["calculate"], kinds["note"], kinds["select_one"], kinds["select_multiple"]) == (46, 24, 94, 19)
    assert (len(msna.sections) - len(repeats), [section.name for section in repeats]) == (
        19,
        ["roster", "edu_ind", "health_ind", "nut_ind"],
    )
    assert msna.languages == ("english", "french")
    assert {"theme", "indicator", "module"} <= set(msna.extra_columns)
    assert msna.form_id == "REACH_2024_MSNA-kobo-tool_draft_v11"


@needs_shared_data
def test_a_question_knows_its_row_its_place_and_when_it_is_asked(msna):
    age = next(q for q in msna.questions if q.name == "enum_age")
    school = next(q for q in msna.questions if q.table == "edu_ind" and q.kind == "select_one")

    assert (age.path, age.kind, age.column, age.required) == ("introduction/enum_age", "integer", "enum_age", "true()")
    assert age.labels["fr"] == "Quel est l'âge de l'enquêteur.rice ?"
    assert age.constraint_messages["en"] == "Age must be between 18 and 120"
    assert age.extra["theme"] == "Introduction"
    assert school.groups[-1] == "edu_ind"
    assert len(school.asked_if) >= 1
    assert all(f"({condition})" in school.relevant or school.relevant == condition for condition in school.asked_if)


@needs_shared_data
def test_languages_of_the_msna_form_are_covered_unevenly(msna):
    english, french = coverage(msna)

    assert (english.code, french.code, french.names) == ("en", "fr", ("french",))
    assert english.share("label") == 1
    assert 0.9 < french.share("label") < 0.95


def test_coverage_of_a_part_that_no_language_has_is_unknown_not_zero():
    form = read_form(a_form(["text", "nom", "Nom"], header=["type", "name", "label::Français (fr)"]), "f.xlsx")

    (french,) = coverage(form)

    assert (french.share("label"), french.share("hint")) == (1, None)


def test_a_form_without_settings_takes_its_identifier_from_the_file_name():
    form = read_form(a_form(["text", "nom", "Nom"]), "../../Suivi des bénéficiaires (v2).xlsx")

    assert form.form_id == "Suivi_des_beneficiaires_v2"


def test_the_same_name_in_two_groups_gives_two_columns():
    form = read_form(
        a_form(
            ["begin_group", "chef", "Chef"],
            ["text", "nom", "Nom"],
            ["end_group"],
            ["begin_group", "conjoint", "Conjoint"],
            ["text", "nom", "Nom"],
            ["end_group"],
        ),
        "f.xlsx",
    )

    assert [(q.path, q.column, q.row) for q in form.questions] == [
        ("chef/nom", "nom", 3),
        ("conjoint/nom", "conjoint_nom", 6),
    ]


def test_a_formula_smuggled_in_a_label_stays_a_text():
    form = read_form(a_form(["text", "nom", "=cmd|' /C calc'!A0"]), "f.xlsx")

    assert form.questions[0].labels == {"und": "=cmd|' /C calc'!A0"}
    assert form.formulas == 0


def test_an_expression_that_the_form_conditions_stack_up():
    form = read_form(
        a_form(
            ["select_one oui", "consent", "Accord", ""],
            ["begin_group", "g", "G", "${consent} = 'o'"],
            ["begin_repeat", "r", "R", ""],
            ["integer", "age", "Âge", ""],
            ["text", "metier", "Métier", "${age} > 15"],
            ["end_repeat"],
            ["end_group"],
            header=["type", "name", "label", "relevant"],
            choices=[["list_name", "name", "label"], ["oui", "o", "Oui"]],
        ),
        "f.xlsx",
    )

    job = form.questions[-1]

    assert (job.table, job.asked_if) == ("r", ("${consent} = 'o'", "${age} > 15"))
    assert job.relevant == "(${consent} = 'o') and (${age} > 15)"


def test_a_table_typed_as_text_is_a_form_too():
    form = read_form("| survey |\n| | type | name | label |\n| | integer | age | Âge |\n".encode(), "f.md")

    assert [(q.name, q.kind) for q in form.questions] == [("age", "integer")]
