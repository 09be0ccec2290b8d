"""What cannot be a form is refused in French, with the sheet, the row and a remedy; never an exception."""

import io
import struct
import time
import zipfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from jalons.collection.forms.rules import workbook
from jalons.collection.forms.rules.faults import ADVICE, Fault, Refusals
from jalons.collection.forms.rules.reading import XlsForm, clean_file_name, identifier, read_form
from jalons.collection.forms.tests.workbooks import a_form, a_workbook, changed
from tests.shared_data import SHARED, needs_shared_data

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
GOOD = a_form(["text", "nom", "Nom"])
CHOICES = [["list_name", "name", "label"], ["sexe", "f", "Femme"], ["sexe", "f", "Encore"], ["sexe", "h x", "Homme"]]


def codes(data: bytes, name: str = "f.xlsx") -> list[tuple[str, int | None]]:
    verdict = read_form(data, name)
    assert isinstance(verdict, Refusals)
    assert all(str(fault) and fault.fill(fault.advice.remedy) for fault in verdict.faults)
    return [(fault.code, fault.row) for fault in verdict.faults]


def test_all_faults_are_listed_at_once_with_their_rows():
    data = a_form(
        ["texte", "a", "Type inconnu"],
        ["text", "2b", "Mauvais nom"],
        ["text", "", "Sans nom"],
        ["text", "c", "Référence ${nulle_part}"],
        ["text", "c", "Nom pris"],
        ["select_one pays", "d", "Liste absente"],
        ["select_multiple sexe", "e", "Espace"],
        ["calculate", "f", ""],
        ["", "g", "Sans type"],
        ["end_group", "", ""],
        ["begin_repeat", "h", "Jamais fermée"],
        ["text", "i", "Accolade ${nom"],
        choices=CHOICES,
    )

    assert set(codes(data)) == {
        ("unknown_type", 2),
        ("bad_name", 3),
        ("no_name", 4),
        ("unknown_reference", 5),
        ("name_twice", 6),
        ("unknown_list", 7),
        ("choice_twice", 3),
        ("choice_with_space", 4),
        ("no_calculation", 9),
        ("no_type", 10),
        ("unopened", 11),
        ("unclosed", 12),
        ("bad_reference", 13),
    }


def test_a_fault_says_where_it_is_and_what_would_do():
    verdict = read_form(a_form(["texte", "a", "A"], ["text", "b", "${agee}"], ["integer", "age", "Âge"]), "f.xlsx")

    kind, reference = verdict.faults

    assert (kind.sheet, kind.row, kind.column, kind.values["closest"]) == ("survey", 2, "type", "text")
    assert (reference.row, reference.column, reference.values["closest"]) == (3, "label", "age")
    assert str(reference) == "« ${agee} » ne désigne aucune question du formulaire."


def test_the_converters_own_words_stand_beside_ours():
    verdict = read_form(a_form(["texte", "a", "A"]), "f.xlsx")

    assert verdict.faults[0].original == "Unknown question type 'texte'."


def test_two_names_of_one_column_and_the_same_header_twice_are_refused():
    row = ["begin_repeat", "r", "R", "2", ""]
    synonyms = a_form(row, ["end_repeat"], header=["type", "name", "label", "jr:count", "repeat_count"])
    double = a_form(["text", "a", "A", "B"], header=["type", "name", "label", "label"])

    assert codes(synonyms) == [("header_synonyms", 1)]
    assert codes(double) == [("header_twice", 1)]


def test_choices_repeated_on_purpose_are_accepted():
    choices = [["list_name", "name", "label"], ["sexe", "f", "Femme"], ["sexe", "f", "Encore"]]
    data = a_form(["select_one sexe", "s", "Sexe"], choices=choices, settings=[["allow_choice_duplicates"], ["yes"]])

    assert isinstance(read_form(data, "f.xlsx"), XlsForm)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b"\0" * 40, "empty"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 99, "not_a_workbook"),
        (b"%PDF-1.7 ...", "not_a_workbook"),
        (b"<html><table><tr><td>type</td></tr></table></html>", "not_a_workbook"),
        (b'<?xml version="1.0"?><h:html xmlns:h="x" xmlns="http://www.w3.org/2002/xforms"/>', "not_a_workbook"),
        ("survey,type\n,é,à,ç,d\n".encode("cp1252"), "encoding"),
        ("| survey |\n".encode("utf-16"), "not_a_workbook"),
        (b"bonjour", "not_a_workbook"),
        (b"PK\x03\x04" + b"\0" * 60, "damaged"),
        (GOOD[:-400], "damaged"),
        (OLE + b"\0" * 2000, "damaged"),
        (OLE + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"), "encrypted"),
        (OLE + b"\0" * 600 + "WordDocument".encode("utf-16-le"), "not_a_workbook"),
        (a_workbook(feuille=[["a"]], autre=[["b"]]), "no_survey"),
        (a_workbook(survey=[["question", "nom"], ["text", "a"]]), "no_header"),
        (a_workbook(survey=[]), "no_survey"),
    ],
)
def test_what_is_not_a_form_is_refused_whatever_its_extension(data, code):
    assert code in dict(codes(data, "formulaire.xlsx"))


@needs_shared_data
def test_an_encrypted_xls_is_refused():
    data = (SHARED / "xlsforms" / "pyxform-tests_BSD2" / "gps.xls").read_bytes()
    start = data.index(b"\x09\x08\x10\x00\x00\x06\x05\x00") + 20
    locked = data[:start] + struct.pack("<H", 0x002F) + data[start + 2 :]  # FILEPASS, first record of a locked book

    assert codes(locked, "f.xls") == [("encrypted", None)]


def test_other_office_files_are_named():
    word = changed(GOOD, lambda name, part: part, {"word/document.xml": b"<w/>"})
    sheet = changed(GOOD, lambda name, part: part, {"content.xml": b"<o/>"})

    assert [str(read_form(data, "f.xlsx").faults[0]) for data in (word, sheet)] == [
        "Ce fichier n’est pas un classeur Excel : son contenu est de type Word (.docx), quelle que soit son extension.",
        "Ce fichier n’est pas un classeur Excel : son contenu est de type OpenDocument (.ods),"
        " quelle que soit son extension.",
    ]


LAUGHS = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
OUTSIDE = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize("declaration", [LAUGHS, OUTSIDE], ids=["billion laughs", "external entity"])
@pytest.mark.parametrize("part", ["xl/sharedStrings.xml", "xl/worksheets/sheet1.xml", "xl/workbook.xml"])
def test_entities_are_refused_before_anything_reads_them(part, declaration):
    head = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    data = changed(
        GOOD,
        lambda name, text: (
            head + declaration + text.removeprefix(head).replace(b"Nom", b"&b;") if name == part else text
        ),
    )

    assert codes(data) == [("hostile", None)]


@pytest.mark.slow
def test_a_zip_bomb_is_refused_without_being_unpacked():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        with archive.open("xl/worksheets/sheet1.xml", "w") as part:
            for _chunk in range(200):
                part.write(b" " * 1_000_000)

    started = time.monotonic()

    assert codes(buffer.getvalue()) == [("too_large_unpacked", None)]
    assert time.monotonic() - started < 1


@pytest.mark.slow
def test_an_enormous_sheet_is_refused():
    rows = b"".join(b'<row r="%d"><c r="A%d"/><c r="B%d"/></row>' % (n, n, n) for n in range(2, 200_000))
    data = changed(
        GOOD, lambda name, part: part.replace(b"</sheetData>", rows + b"</sheetData>") if "sheet1" in name else part
    )

    assert codes(data) == [("too_many_cells", None)]


def test_one_long_text_used_by_many_cells_is_refused(monkeypatch):
    monkeypatch.setattr(workbook, "MAX_TEXT", 1000)

    assert codes(a_form(*(["text", f"q{n}", "x" * 300] for n in range(5)))) == [("too_much_text", None)]


def test_a_cell_at_the_far_end_of_the_sheet_costs_nothing():
    far = b'<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>loin</t></is></c></row></sheetData>'
    data = changed(
        GOOD,
        lambda name, part: (
            part.replace(b"</sheetData>", far).replace(b'ref="A1:C2"', b'ref="A1:XFD1048576"')
            if "sheet1" in name
            else part
        ),
    )

    started = time.monotonic()

    assert isinstance(read_form(data, "f.xlsx"), XlsForm)
    assert time.monotonic() - started < 2


def test_a_loop_that_asks_for_a_huge_text_is_refused():
    data = a_form(
        ["begin loop over sexe", "l", "L"],
        ["text", "t", "%(name)900000000s"],
        ["end loop"],
        choices=[["list_name", "name", "label"], ["sexe", "f", "Femme"]],
    )

    assert codes(data) == [("loop_format", None)]


def test_a_header_that_would_break_the_xml_is_refused():
    choices = [["list_name", "name", "label", "a&b"], ["sexe", "f", "Femme", "x"]]

    assert codes(a_form(["select_one sexe", "s", "Sexe"], choices=choices)) == [("not_xml", None)]


def test_a_name_too_long_for_any_table_is_refused():
    assert codes(a_form(["text", "n" * 300, "Nom"])) == [("too_long", 2)]


def test_characters_that_xml_forbids_are_left_out():
    data = changed(GOOD, lambda name, part: part.replace(b">Nom<", b">N&#x9;o_x0000_m<") if "shared" in name else part)

    form = read_form(b"| survey |\n| | type | name | label |\n| | text | nom | N\x01om\x1f |\n", "f.md")

    assert form.questions[0].labels == {"und": "Nom"}
    assert isinstance(read_form(data, "f.xlsx"), XlsForm)


@pytest.mark.slow
def test_thousands_of_faults_are_listed_in_reasonable_time():
    rows = [["text", f"q{n}", "${a} ${b} ${c} ${d} ${e}"] for n in range(1400)]

    started = time.monotonic()

    assert len(codes(a_form(*rows))) == 5000
    assert time.monotonic() - started < 5


def test_a_file_too_heavy_is_refused_before_it_is_opened(monkeypatch):
    monkeypatch.setattr(workbook, "MAX_BYTES", 1000)

    assert codes(GOOD) == [("too_large", None)]


@pytest.mark.parametrize(
    "name", ["../../../etc/passwd", "..\\..\\x.xlsx", "a\0b.xlsx", "\u202egnp.xlsx", "", "....", "x" * 999]
)
def test_a_hostile_file_name_becomes_a_harmless_label(name):
    assert not set(clean_file_name(name)) & set("/\\\0\u202e")
    assert 0 < len(clean_file_name(name)) <= 161
    assert identifier(name).replace("_", "").replace("-", "").isalnum()


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=400), st.sampled_from([b"", b"PK\x03\x04", OLE, b"| survey |\n", b"survey,,,,\n"]))
@pytest.mark.slow
def test_no_bytes_ever_break_the_reader(data, head):
    assert isinstance(read_form(head + data, "f.xlsx"), Refusals | XlsForm)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, len(GOOD) - 1), st.integers(0, 255), st.integers(1, 200))
@pytest.mark.slow
def test_a_damaged_workbook_is_read_or_refused_never_an_error(place, byte, length):
    damaged = GOOD[:place] + bytes([byte]) * length + GOOD[place + length :]

    assert isinstance(read_form(damaged, "f.xlsx"), Refusals | XlsForm)


CELLS = st.sampled_from(
    ["", "text", "select_one l", "begin_group", "end_group", "begin_repeat", "end_repeat", "calculate", "note", "a",
     "b", "${a}", "${", "l", "${a} + 1", "%(x)s", "begin loop over l", "end loop", "é'\"<&>", "yes", "range", "audit",
     "rank l"]
)  # fmt: skip


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.lists(CELLS, min_size=3, max_size=5), max_size=8), st.lists(st.lists(CELLS, max_size=3), max_size=4))
@pytest.mark.slow
def test_any_mixture_of_rows_is_a_form_or_a_list_of_reasons(survey, choices):
    header = ["type", "name", "label", "calculation", "relevant"]
    verdict = read_form(a_form(*survey, header=header, choices=[["list_name", "name", "label"], *choices]), "f.xlsx")

    if isinstance(verdict, XlsForm):
        assert etree.fromstring(verdict.xform.encode()) is not None
    else:
        assert verdict.faults


def test_every_advice_can_be_said_without_values():
    for code in ADVICE:
        fault = Fault(code)

        assert str(fault) and fault.fill(fault.advice.remedy)
