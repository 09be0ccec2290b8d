"""The workbook itself, without database: what is written is read again, what is wrong is said in its place."""

import io
import zipfile
from datetime import date
from decimal import Decimal

import openpyxl
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from jalons.core.errors import Refused
from jalons.core.texts import INVISIBLE
from jalons.foundation.programmes.rules import shares
from jalons.planning.results.rules import notation
from jalons.reporting.exchange.tests.content import CONTENT, a_workbook, edited
from jalons.reporting.exchange.workbook import specs
from jalons.reporting.exchange.workbook.annotation import annotated
from jalons.reporting.exchange.workbook.reader import read_workbook
from jalons.reporting.exchange.workbook.records import Fault, compare, letters
from jalons.reporting.exchange.workbook.writer import write_workbook

texts = st.text(max_size=40).map(lambda text: INVISIBLE.sub("", text.replace("\r", "\n")).strip())
codes = st.text(alphabet="abcdefgXYZ0123456789.-éع", min_size=1, max_size=12)
answers = st.text(min_size=1, max_size=8).map(lambda text: INVISIBLE.sub("", text)).filter(lambda text: text.strip())
VALUES = {
    specs.TEXT: texts,
    specs.LINES: texts,
    specs.CODE: codes,
    specs.CODES: st.lists(codes, unique=True, max_size=3).map(tuple),
    specs.RANK: st.integers(0, 10**6),
    specs.NUMBER: st.none() | st.decimals(-(10**15), 10**15, places=4),
    specs.DAY: st.none() | st.dates(date(1800, 1, 1), date(2200, 1, 1)),
    specs.YES: st.booleans(),
    specs.SHARES: st.dictionaries(codes, st.integers(1, 100), max_size=3).map(shares.write_shares),
    specs.PLACE: st.dictionaries(codes, answers, max_size=3).map(notation.write_place),
    specs.SPLITS: st.dictionaries(codes, st.dictionaries(answers, codes, min_size=1, max_size=3), max_size=3).map(
        lambda found: notation.write_splits({c: {"value": "${q}", "categories": of} for c, of in found.items()})
    ),
}


def a_value(column):
    if column.kind == specs.NUMBER and column.decimals < 4:
        return st.none() | st.decimals(-(10**15), 10**15, places=column.decimals)
    if column.choices:
        return st.sampled_from(sorted(column.choices))
    if column.blank is not None and column.kind == specs.NUMBER or column.required and column.kind == specs.DAY:
        return VALUES[column.kind].filter(lambda value: value is not None)
    return codes if column.required and column.kind == specs.TEXT else VALUES[column.kind]


@st.composite
def some_rows(draw):
    sheet = draw(st.sampled_from(specs.SHEETS))
    rows = draw(st.lists(st.fixed_dictionaries({c.field: a_value(c) for c in sheet.columns}), min_size=1, max_size=3))
    return sheet.name, {sheet.key_of(row): row for row in rows}


@pytest.mark.slow
@settings(deadline=None, max_examples=25)
@given(some_rows())
def test_whatever_is_written_is_read_again(content):
    name, rows = content

    reading = read_workbook(write_workbook({name: rows}))

    assert reading.faults == []
    assert compare({name: rows}, reading).changes == []
    assert {key: row.fields for key, row in reading.rows[name].items()} == rows


@given(st.dictionaries(codes, answers, max_size=4))
def test_a_disaggregation_is_read_as_it_is_written(cell):
    assert notation.read_place(notation.write_place(cell)) == cell


@pytest.mark.parametrize(
    "splits",
    [
        {"sex": {"value": "if(${a} = '{', 1, 2)", "categories": {"1": "female", "a;b=c": "male", '"': "x"}}},
        {"age": {"value": "${age}", "bands": [["0-14", 0, 14], ["15.5+", 15.5, None], ["..", None, -1]]}},
        {"territory": {"level": "commune"}},
        {"territory": {"level": "country"}, "sector": {"value": "${s}"}},
    ],
)
def test_the_disaggregations_of_a_formula_are_read_as_they_are_written(splits):
    assert notation.read_splits(notation.write_splits(splits)) == splits


@pytest.mark.parametrize(
    "text", ["sex", "sex: {f=x}", "sex: ${s} {f=x", "sex: ${s} {f}", "age: ${a} [0..14]", "age: ${a} [x: a..b]"]
)
def test_a_notation_that_cannot_be_read_is_refused(text):
    with pytest.raises(Refused):
        notation.read_splits(text)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("-.7", "-0.7"),
        (-20, "-20"),
        (".36", "0.36"),
        ("1 234,5", "1234.5"),
        ("−3", "-3"),
        (0.1 + 0.2, "0.3"),
        ("", None),
    ],
)
def test_numbers_are_read_as_people_type_them(typed, expected):
    content = edited(a_workbook(), ("Cibles", "Valeur", 2, typed))

    row = next(iter(read_workbook(content).rows["Cibles"].values()))

    assert row.fields["value"] == (None if expected is None else Decimal(expected))


def test_a_number_too_precise_is_rounded_and_the_rounding_is_said():
    reading = read_workbook(edited(a_workbook(), ("Cibles", "Valeur", 2, 0.7189658)))

    assert next(iter(reading.rows["Cibles"].values())).fields["value"] == Decimal("0.7190")
    assert "arrondi" in reading.notes[0].message


def test_columns_may_come_in_any_order_and_strange_ones_are_said():
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        page = book.add_worksheet("  périodes ")
        page.write_row(1, 0, ["FIN *", "Couleur", "debut", "CODE", "nature", "Libellé (FR)"])
        page.write_row(2, 0, ["31/12/2026", "bleu", "2026-01-01", 2026, "Année", "2026"])
        book.add_worksheet("Brouillon")

    reading = read_workbook(buffer.getvalue())

    row = reading.rows["Périodes"][("2026",)]
    assert (row.number, row.fields["ends_on"], row.fields["kind"]) == (3, date(2026, 12, 31), "year")
    assert "accumulates" not in row.fields
    assert [note.sheet for note in reading.notes] == ["Périodes", "Brouillon"]


@pytest.mark.parametrize(
    ("sheet", "head", "value", "word"),
    [
        ("Cibles", "Valeur", "douze", "nombre"),
        ("Cibles", "Valeur", "123456789012345678901234567890.12345", "trop grand"),
        ("Cibles", "Date", "32/13/2026", "date"),
        ("Cibles", "Désagrégation", "femmes", "ne se lit pas"),
        ("Cadre logique", "Niveau", "objectif", "liste"),
        ("Indicateurs", "Compte des personnes", "peut-être", "oui ou non"),
        ("Indicateurs", "Code", "a;b", "code"),
        ("Indicateurs", "Intitulé (fr)", None, "nécessaire"),
        ("Formules", "Désagrégations", "sex", "sex"),
    ],
)
def test_what_cannot_be_read_is_said_with_its_cell(sheet, head, value, word):
    content = edited(a_workbook(), (sheet, head, 2, value))
    place = next(n for n, c in enumerate(specs.BY_NAME[sheet].columns) if c.head == head)

    [fault] = read_workbook(content).faults

    assert (fault.sheet, fault.cell) == (sheet, f"{letters(place)}2")
    assert word in fault.text


def test_a_repeated_row_names_the_first():
    content = edited(a_workbook(), ("Périodes", "Code", 3, "2026-S1"))

    [fault] = read_workbook(content).faults

    assert (fault.row, fault.values) == (3, {"other": 2})


def test_a_sheet_without_its_key_or_its_heads_is_refused_alone():
    content = edited(a_workbook(), ("Cibles", "Indicateur", 1, "Autre chose"), ("Périodes", "Code", 1, "x"))

    assert [fault.sheet for fault in read_workbook(content).faults] == ["Périodes", "Cibles"]


def _book(name="Feuille 1", rows=()):
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        page = book.add_worksheet(name)
        for number, row in rows:
            page.write_row(number, 0, row)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "vide"),
        (b"%PDF-1.7 rapport", "lisible"),
        (b"PK\x03\x04" + b"x" * 500, "lisible"),
        (bytes.fromhex("d0cf11e0a1b11ae1") + bytes(2000), "lisible"),
        (bytes.fromhex("d0cf11e0a1b11ae1") + bytes(2000) + "EncryptedPackage".encode("utf-16-le"), "mot de passe"),
        (b"x" * (11 * 1024 * 1024), "gros"),
        (_book(), "reconnue"),
        (_book("Cibles", [(20_001, ["loin"])]), "lignes"),
    ],
    ids=["empty", "pdf", "broken zip", "old office", "locked", "enormous", "another workbook", "endless sheet"],
)
def test_a_file_that_is_no_workbook_is_refused_politely(content, word):
    with pytest.raises(Refused) as refusal:
        read_workbook(content)

    assert word in str(refusal.value)


def test_the_empty_template_has_lists_help_and_no_row():
    content = write_workbook({})
    book = openpyxl.load_workbook(io.BytesIO(content))

    lists = {cell for rule in book["Indicateurs"].data_validations.dataValidation for cell in [rule.formula1] if cell}

    assert "='Cadre logique'!$B$2:$B$2000" in {f"={formula}" for formula in lists}
    assert book["Listes"].sheet_state == "hidden"
    assert read_workbook(content).rows == {}
    assert [name for name in book.sheetnames if name in specs.BY_NAME] == [sheet.name for sheet in specs.SHEETS]


def test_every_row_of_the_example_is_read():
    reading = read_workbook(a_workbook())

    assert {name: len(rows) for name, rows in reading.rows.items()} == {n: len(rows) for n, rows in CONTENT.items()}


def test_the_copy_given_back_shows_each_fault_in_its_cell():
    faults = [
        Fault("Cibles", 3, 4, "Valeur."),
        Fault("Cibles", 3, 4, "Autre."),
        Fault("Périodes", 2, None, "Ligne."),
    ]

    book = openpyxl.load_workbook(io.BytesIO(annotated(a_workbook(), faults, lambda fault: fault.text)))

    assert book["Cibles"]["E3"].comment.text == "Valeur.\nAutre."
    assert book["Cibles"]["E3"].fill.start_color.rgb == "00F6C7BD"
    assert [row[2].value for row in book["À corriger"].iter_rows(min_row=2)] == ["E3", "E3", "A2"]


def test_a_workbook_that_cannot_be_reopened_gives_the_list_of_its_faults():
    book = openpyxl.load_workbook(
        io.BytesIO(annotated(b"no workbook", [Fault("Cibles", 3, 4, "Faux.")], lambda f: f.text))
    )

    assert [cell.value for cell in book["À corriger"][2]] == ["Cibles", 3, "E3", "Faux."]


def test_columns_have_letters():
    assert [letters(n) for n in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]


def test_heads_are_kept_from_a_slip_of_the_hand_and_cells_are_free():
    page = openpyxl.load_workbook(io.BytesIO(a_workbook()))[specs.INDICATORS]

    assert page.protection.sheet and not page.protection.password
    assert page["A1"].protection.locked and not page["A2"].protection.locked
    assert not page.column_dimensions["C"].protection.locked  # rows to come


def test_each_head_says_in_french_what_its_column_holds():
    book = openpyxl.load_workbook(io.BytesIO(write_workbook({})))
    told = {cell.value: cell.comment.text for cell in book[specs.INDICATORS][1] if cell.comment}

    assert "Une des réponses de la liste : nombre · pourcentage" in told["Mesure"]
    assert "Codes séparés par « ; »" in told["Désagrégations"]


def test_rows_are_as_high_as_their_texts_until_someone_types_in_them():
    page = openpyxl.load_workbook(
        io.BytesIO(a_workbook(sources=[{"code": "S1", "title.fr": "Feuilles de présence signées " * 8}]))
    )[specs.SOURCES]

    assert page.row_dimensions[2].height > 60
    with zipfile.ZipFile(io.BytesIO(a_workbook())) as archive:
        assert not any(b'<row r="2" customHeight' in archive.read(name) for name in archive.namelist())


@pytest.mark.parametrize("formula", ["=1+1", '=HYPERLINK("http://example.org";"x")', "=A1"])
def test_a_formula_without_result_is_refused_rather_than_taken_for_an_empty_cell(formula):
    content = edited(a_workbook(), (specs.TARGETS, "Valeur", 2, formula))

    [fault] = read_workbook(content).faults
    assert (fault.sheet, fault.cell) == (specs.TARGETS, "E2") and "coller les valeurs" in fault.text


def test_a_formula_gives_its_result_and_an_error_is_refused():
    def with_cell(result):
        buffer = io.BytesIO()
        with xlsxwriter.Workbook(buffer) as book:
            page = book.add_worksheet(specs.TARGETS)
            page.write_row(0, 0, ["Type", "Indicateur", "Période", "Désagrégation", "Valeur"])
            page.write_row(1, 0, ["référence", "E1.1"])
            page.write_formula(1, 4, "=40+2", None, result)
        return read_workbook(buffer.getvalue())

    [row] = with_cell(42).rows[specs.TARGETS].values()
    assert row.fields["value"] == 42
    assert [fault.cell for fault in with_cell("#DIV/0!").faults] == ["E2"]
