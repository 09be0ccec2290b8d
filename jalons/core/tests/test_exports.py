import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal

import openpyxl
import pytest
from django.utils.translation import override

from jalons.core import exports
from jalons.core.errors import Refused
from jalons.core.exports import as_csv, as_xlsx, runs_as_formula

DANGEROUS = ["=cmd|' /C calc'!A0", "+1+1", "-2+3+cmd|' /C calc'!A0", "@SUM(1+1)", "\t=1", "\r=1", "\n=1", "＝1+1"]
HARMLESS = ["Agadir", "-5", "-1 234,50", "-0.7", "a=b", "", "5-3", "'=1"]


def day(*parts):
    """A spreadsheet knows no time zone."""
    return datetime(*parts, tzinfo=UTC).replace(tzinfo=None)


def csv_rows(rows):
    text = b"".join(as_csv("liste", ["a"], rows)).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text), delimiter=";"))[1:]


def sheet(rows, heads=("a",)):
    return openpyxl.load_workbook(io.BytesIO(as_xlsx("liste", list(heads), rows).content)).active


@pytest.mark.parametrize("text", DANGEROUS)
def test_what_a_spreadsheet_could_run_is_only_shown(text):
    assert csv_rows([[text]])[0][0] == "'" + text.replace("\r", "\n") or csv_rows([[text]])[0][0] == "'" + text
    cell = sheet([[text]])["A2"]
    assert cell.data_type == "s" and cell.quotePrefix


@pytest.mark.parametrize("text", HARMLESS)
def test_what_is_harmless_is_left_as_it_is(text):
    assert not runs_as_formula(text)
    assert csv_rows([[text]])[0][0] == text


def test_negative_numbers_stay_numbers():
    page = sheet([[-5], [Decimal("-1.25")], [-0.5]])

    assert [page.cell(row, 1).value for row in (2, 3, 4)] == [-5, -1.25, -0.5]
    assert all(page.cell(row, 1).data_type == "n" for row in (2, 3, 4))


def test_heads_are_neutralised_too():
    assert b"".join(as_csv("liste", ["=1"], [])).decode("utf-8-sig").strip() == "'=1"


def test_a_decimal_is_written_as_excel_reads_it_in_the_reader_s_language():
    rows = [[Decimal("1.50"), 2.5]]

    with override("fr"):
        assert b"1,50;2,5" in b"".join(as_csv("liste", ["a", "b"], rows))
    with override("en"):
        assert b"1.50,2.5" in b"".join(as_csv("liste", ["a", "b"], rows))


def test_dates_and_hours_stay_dates_in_the_programme_s_own_time():
    page = sheet([[date(2026, 11, 22), datetime(2026, 6, 1, 23, 30, tzinfo=UTC)]], ["a", "b"])

    assert page["A2"].value == day(2026, 11, 22) and page["A2"].number_format == "dd/mm/yyyy"
    assert page["B2"].value == day(2026, 6, 2, 0, 30) and "hh" in page["B2"].number_format


def test_unknown_is_an_empty_cell_and_zero_is_zero():
    page = sheet([[None, 0, float("nan")]], ["a", "b", "c"])

    assert (page["A2"].value, page["B2"].value, page["C2"].value) == (None, 0, None)
    assert csv_rows([[None, 0]]) == [["", "0"]]


def test_a_separator_or_a_line_break_inside_a_text_breaks_nothing():
    assert csv_rows([['a;"b"\nc', "d"]]) == [['a;"b"\nc', "d"]]


def test_csv_flows_without_holding_the_whole_list():
    asked = []

    def endless():
        for n in range(100_000):
            asked.append(n)
            yield [f"ligne {n}"]

    pieces = iter(as_csv("liste", ["a"], endless()))
    next(pieces)
    assert len(asked) < 5_000


def test_excel_is_refused_rather_than_cut_short(monkeypatch):
    monkeypatch.setattr(exports, "EXCEL_ROWS", 3)

    with pytest.raises(Refused, match="CSV"):
        as_xlsx("liste", ["a"], [[n] for n in range(4)])


def test_a_moment_is_told_to_the_second_so_that_spreadsheets_read_it():
    assert exports.csv_text(datetime(2026, 11, 28, 18, 31, 53, 793288, tzinfo=UTC), ",") == "2026-11-28 19:31:53"
