"""Files as sheets of rows: every separator and encoding, and refusals that say what to do."""

import io
import re
import zipfile
from contextlib import suppress
from datetime import date
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from jalons.collection.forms.tests.workbooks import a_workbook, changed
from jalons.collection.submissions.reading import kind_of
from jalons.collection.submissions.rules import tables
from jalons.collection.submissions.rules.tables import sheets
from jalons.collection.submissions.tests.binary import a_binary_workbook
from jalons.core.errors import Refused

TEXT = "nom;ville\nÉlodie;Agadir\nOmar;Tiznit\n"


def read(data, name="export.csv"):
    return sheets(io.BytesIO(data), name)


def table(data, name="export.csv"):
    (sheet,) = read(data, name)
    return [list(sheet.header), *sheet.rows()]


def a_zip(**files):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le"])
def test_any_separator_and_encoding_gives_the_same_rows(separator, encoding):
    data = TEXT.replace(";", separator).encode(encoding)

    assert table(data) == [["nom", "ville"], ["Élodie", "Agadir"], ["Omar", "Tiznit"]]


def test_excel_says_its_separator_on_a_line_of_its_own():
    assert table(b"sep=;\na;b,c\n1;2\n") == [["a", "b,c"], ["1", "2"]]


def test_cells_with_line_breaks_and_quotes_stay_whole():
    assert table(b'a;b\n"deux\nlignes";"dit ""oui"""\n')[1] == ["deux\nlignes", 'dit "oui"']


def test_a_second_column_of_the_same_name_is_numbered():
    assert table(b"a;a;\n1;2;3\n")[0] == ["a", "a (2)", ""]


def test_a_workbook_gives_its_sheets_with_row_numbers():
    first, second = read(a_workbook(main=[["id"], [1], [2]], roster=[["k", "nom"], [1, "L"]], vide=[[]]), "x.xlsx")

    assert (first.name, first.first, first.count, list(first.rows())) == ("main", 2, 2, [[1.0], [2.0]])
    assert (second.name, second.header) == ("roster", ("k", "nom"))


def test_several_csv_in_an_archive_are_its_sheets():
    found = read(a_zip(**{"form.csv": "KEY\na\n", "form-roster.csv": "PARENT_KEY\na\n"}), "form.zip")

    assert [sheet.name for sheet in found] == ["form", "form-roster"]


def an_encrypted_archive():
    data = bytearray(a_zip(**{"a.csv": "x;y\n1;2\n"}))
    for mark in (b"PK\x03\x04", b"PK\x01\x02"):
        at = data.index(mark) + (6 if mark == b"PK\x03\x04" else 8)
        data[at] |= 1
    return bytes(data)


def a_far_cell():
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer)
    sheet = book.add_worksheet("loin")
    sheet.write(0, 0, "a")
    sheet.write(1_048_575, 16_383, "b")
    book.close()
    return buffer.getvalue()


GOOD = a_workbook(main=[["id", "nom"], [1, "a"]])
WIDE = (
    b'<sheetData><row r="1">'
    + b"<c><v>1</v></c>" * 60_000
    + b'</row><row r="9"/><row r="1048576"><c><v>1</v></c></row></sheetData>'
)
REFUSED = {
    "empty": (b"", "vide"),
    "blank": (b"\n\n  \n", "vide"),
    "header alone": (b"a;b\n", "en-têtes"),
    "pdf": (b"%PDF-1.7 ...", "PDF"),
    "image": (b"\x89PNG\r\n", "PNG"),
    "xml": (b"<?xml version='1.0'?><data/>", "XML"),
    "json": (b'[{"a": 1}]', "JSON"),
    "bytes of nothing": (bytes(range(129, 250)) * 40 + b"\x81\x8d", "encodage"),
    "cut workbook": (GOOD[:-300], "abîmé|ZIP"),
    "broken part": (changed(GOOD, lambda n, d: b"<oops" if n == "xl/workbook.xml" else d), "abîmé"),
    "another archive": (a_zip(**{"photo.jpg": "x"}), "ZIP"),
    "encrypted archive": (an_encrypted_archive(), "mot de passe"),
    "encrypted workbook": (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
        "mot de passe",
    ),
    "ole of nothing": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "abîmé"),
    "a cell at the far corner": (a_far_cell(), "démesuré"),
    "four billion texts announced": (
        changed(GOOD, lambda n, d: re.sub(rb'uniqueCount="\d+"', b'uniqueCount="4294967295"', d)),
        "démesuré",
    ),
    "a wide row without places": (
        changed(GOOD, lambda n, d: re.sub(rb"<sheetData>.*</sheetData>", WIDE, d, flags=re.S)),
        "démesuré",
    ),
}


@pytest.mark.parametrize(("data", "reason"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_table_is_refused_with_what_to_do(data, reason):
    with pytest.raises(Refused, match=f"(?i){reason}"):
        read(data, "fichier.xlsx")


def test_entities_declared_in_a_workbook_are_not_followed():
    entity = b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
    data = changed(GOOD, lambda n, d: d.replace(b"?>", b"?>" + entity, 1).replace(b">id<", b">&e;<"))

    with suppress(Refused):
        assert "root" not in str([[*sheet.header, *sheet.rows()] for sheet in read(data, "entites.xlsx")])


def test_too_large_a_file_is_refused_before_it_is_read(monkeypatch):
    monkeypatch.setattr(tables, "MAX_BYTES", 10)

    with pytest.raises(Refused, match="Coupez-le"):
        read(TEXT.encode())


def test_the_parts_of_an_archive_are_no_larger_together_than_one_file(monkeypatch):
    data = a_zip(**{f"{n}.csv": TEXT * 100 for n in range(4)})
    monkeypatch.setattr(tables, "MAX_BYTES", 3 * len(TEXT.encode()) * 100)

    with pytest.raises(Refused, match="« lot.zip » dépasse"):
        read(data, "lot.zip")


def test_columns_without_a_name_are_not_too_many():
    assert table(b"a;b" + b";" * 9_000 + b"\n1;2\n")[0][:3] == ["a", "b", ""]


@given(st.binary(max_size=400) | st.text(max_size=200).map(str.encode))
@example(b'a;b\n"1;2\n')
@example(b"\xff\xfea")
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_any_bytes_are_a_table_or_a_refusal(data):
    try:
        found = read(data)
    except Refused:
        return
    with suppress(Refused):
        assert all(list(sheet.rows()) for sheet in found)


@pytest.mark.slow
@given(st.integers(0, len(GOOD) - 1), st.binary(min_size=1, max_size=6))
@settings(max_examples=25, deadline=None)
def test_a_damaged_workbook_is_read_or_refused(at, noise):
    with suppress(Refused):
        for sheet in read(GOOD[:at] + noise + GOOD[at + len(noise) :], "abime.xlsx"):
            list(sheet.rows())


def test_arabic_in_the_letters_of_windows_is_read():
    (sheet,) = sheets(io.BytesIO("الاسم;المدينة;age\nأمينة بنت علي;أكادير;3\n".encode("cp1256")), "export.csv")

    assert sheet.header == ("الاسم", "المدينة", "age")
    assert list(sheet.rows()) == [["أمينة بنت علي", "أكادير", "3"]]


OPEN = {name: f"urn:oasis:names:tc:opendocument:xmlns:{name}:1.0" for name in ("office", "table", "text")}
OPEN["calcext"] = "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"


def an_open_document(rows):
    """The smallest .ods workbook that holds these rows, written as XML."""
    names = " ".join(f'xmlns:{name}="{space}"' for name, space in OPEN.items())
    content = (
        f"<office:document-content {names}><office:body><office:spreadsheet>"
        f'<table:table table:name="F">{rows}</table:table></office:spreadsheet>'
        "</office:body></office:document-content>"
    )
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    manifest = '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
    return a_zip(**{"mimetype": kind, "content.xml": content, "META-INF/manifest.xml": manifest})


def test_an_open_document_is_a_table():
    cell = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'.format
    data = an_open_document("".join(f"<table:table-row>{cell(a)}{cell(b)}</table:table-row>" for a, b in ("ab", "cd")))

    assert table(data) == [["a", "b"], ["c", "d"]] and kind_of(io.BytesIO(data)) == "table"


def test_a_workbook_that_says_it_unpacks_to_gigabytes_is_refused_before_it_is_read(monkeypatch):
    monkeypatch.setattr(tables, "MOST_UNPACKED", 1_000)

    with pytest.raises(Refused, match="démesuré"):
        read(GOOD, "bombe.xlsx")


def test_formulas_in_error_are_told_by_their_address_and_read_as_blanks():
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        page = book.add_worksheet("Été & hiver")
        page.write_row(0, 0, ["nom", "taille"])
        page.write_row(1, 0, ["Ali", 3])
        page.write_formula(1, 1, "=1/0", None, "#DIV/0!")
        page.write_formula(2, 1, "=Z1", None, "#REF!")

    (sheet,) = read(buffer.getvalue(), "f.xlsx")

    assert sheet.errors == ("B2", "B3") and list(sheet.rows())[0] == ["Ali", ""]


def test_formulas_without_a_result_and_hidden_rows_are_told():
    book = openpyxl.Workbook()
    page = book.active
    for row in (["nom", "taille"], ["Ali", "=1+2"], ["Salma", 4], ["Omar", "=B2*2"]):
        page.append(row)
    page.row_dimensions[3].hidden = page.row_dimensions[90].hidden = True  # the latter holds nothing
    buffer = io.BytesIO()
    book.save(buffer)

    (sheet,) = read(buffer.getvalue(), "f.xlsx")

    assert (sheet.uncomputed, sheet.hidden, sheet.errors) == (("B2", "B4"), 1, ())
    assert len(list(sheet.rows())) == 3


def test_an_open_document_tells_its_hidden_rows_and_its_formulas_too():
    cell = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'.format
    hides = 'table:visibility="{}" table:number-rows-repeated="{}"'.format
    empty = f"<table:table-row {hides('collapse', 50)}><table:table-cell/></table:table-row>"
    wrong = (
        '<table:table-cell table:formula="of:=1/0" office:value-type="string" office:string-value="" '
        'calcext:value-type="error"><text:p>#DIV/0!</text:p></table:table-cell>'
    )
    rows = (
        f"<table:table-row>{cell('nom')}{cell('taille')}</table:table-row>"
        f"<table:table-row {hides('filter', 2)}>{cell('Ali')}{cell('3')}</table:table-row>"
        f'<table:table-row>{cell("Salma")}<table:table-cell table:formula="of:=[.B2]"/></table:table-row>'
        f'<table:table-row>{wrong}<table:table-cell table:formula="of:=&quot;&quot;"><text:p/></table:table-cell>'
        f"</table:table-row>{empty}"
    )

    (sheet,) = read(an_open_document(rows), "f.ods")

    assert (sheet.hidden, sheet.uncomputed, sheet.errors) == (2, ("B4",), ("A5",))


def test_a_workbook_of_the_older_kind_tells_its_hidden_rows():
    (sheet,) = read((Path(__file__).parent / "hidden.xls").read_bytes(), "f.xls")
    assert (sheet.hidden, sheet.uncomputed, sheet.errors, sheet.count) == (1, (), ("B2",), 3)


def test_cells_merged_over_several_rows_are_told():
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        page = book.add_worksheet()
        page.merge_range("A1:B1", "Association")
        page.write_row(1, 0, ["jour", "nom"])
        page.merge_range("A3:A5", "2026-11-01")
        page.write_column(2, 1, ["Ali", "Salma", "Omar"])
    cell = "<table:table-cell {} office:value-type='string'><text:p>x</text:p></table:table-cell>".format
    rows = [cell(""), cell("table:number-rows-spanned='3'"), cell("")]
    open_document = an_open_document("".join(f"<table:table-row>{row}</table:table-row>" for row in rows))

    assert [read(data, "f")[0].merged for data in (buffer.getvalue(), open_document)] == [
        ((3, "A3:A5"),),
        ((2, "A2:A4"),),
    ]


def test_a_formula_that_has_its_result_is_read_and_not_told():
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        page = book.add_worksheet()
        page.write_row(0, 0, ["nom", "taille"])
        page.write_formula(1, 0, '="A"&"li"', None, "Ali")
        page.write_formula(1, 1, "=1+2", None, 3)

    (sheet,) = read(buffer.getvalue(), "f.xlsx")

    assert sheet.uncomputed == () and list(sheet.rows()) == [["Ali", 3]]


def test_a_workbook_of_excel_s_binary_kind_is_read():
    data = a_binary_workbook(["nom", "âge"], ["Élodie", 31], ["عمر", 40.5])
    assert table(data, "f.xlsb") == [["nom", "âge"], ["Élodie", 31.0], ["عمر", 40.5]]


@pytest.mark.parametrize("is_1904", [False, True])
def test_a_date_is_the_same_day_whatever_the_calendar_of_the_workbook(is_1904):
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"date_1904": is_1904}) as book:
        page = book.add_worksheet()
        page.write_row(0, 0, ["nom", "jour"])
        page.write_datetime(1, 1, date(2026, 10, 2), book.add_format({"num_format": "dd/mm/yyyy"}))

    (sheet,) = read(buffer.getvalue(), "f.xlsx")

    assert list(sheet.rows())[0][1].startswith("2026-10-02")


def test_macros_are_seen_and_never_run():
    assert tables.has_macros(io.BytesIO(a_zip(**{"xl/workbook.xml": "x", "xl/vbaProject.bin": "x"})))
    assert not tables.has_macros(io.BytesIO(GOOD))
