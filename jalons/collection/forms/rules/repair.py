"""The two faults met most often, put right in a copy: a proposal to download and read, never done unasked."""

import io
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

import openpyxl
import xlsxwriter

from jalons.collection.forms.rules.faults import Refusals, Unreadable
from jalons.collection.forms.rules.reading import read_form
from jalons.collection.forms.rules.workbook import Sheet, Workbook, open_workbook


@dataclass(frozen=True)
class Edit:
    """One cell changed. Rows and columns count from 1, as the spreadsheet shows them."""

    sheet: str
    row: int
    column: int
    before: str
    after: str


@dataclass(frozen=True)
class Repair:
    """A copy of the workbook with some cells changed, and how many faults remain in it."""

    edits: tuple[Edit, ...]
    data: bytes
    remaining: int


def repair(data: bytes, file_name: str, refusals: Refusals) -> Repair | None:
    """A corrected copy of a refused workbook, when its two most frequent faults are among the reasons.

    Two names of one column: the second column is emptied into the first. Choices repeated: they are allowed.
    Missing: None when neither fault is there, when the two columns disagree, or when nothing gets better.
    Source:  faults counted over the refused workbooks of the field; pyxform's own advice for each.
    """
    codes = {fault.code for fault in refusals.faults}
    if not codes & {"header_synonyms", "choice_twice"}:
        return None
    try:
        book = open_workbook(data)
    except Unreadable:
        return None
    edits: list[Edit] = []
    for fault in refusals.faults:
        if fault.code == "header_synonyms":
            edits += _merge_columns(book, fault.sheet, str(fault.values["other"]), str(fault.values["name"]))
    if "choice_twice" in codes:
        edits += _allow_duplicates(book)
    if not edits:
        return None
    copy = (_change_in_place(data, edits) if book.kind == "xlsx" else None) or _write(book, edits)
    verdict = read_form(copy, file_name)
    remaining = len(verdict.faults) if isinstance(verdict, Refusals) else 0
    return Repair(tuple(edits), copy, remaining) if remaining < len(refusals.faults) else None


def _sheet(book: Workbook, name: str) -> Sheet | None:
    return next((sheet for sheet in book.sheets.values() if sheet.name == name), None)


def _merge_columns(book: Workbook, name: str, kept: str, dropped: str) -> Iterator[Edit]:
    sheet = _sheet(book, name)
    if sheet is None or any(len({row[h] for h in (kept, dropped) if h in row}) > 1 for row in sheet.rows):
        return
    first, second = sheet.header.index(kept) + 1, sheet.header.index(dropped) + 1
    yield Edit(name, 1, second, dropped, "")
    for number, row in enumerate(sheet.rows, start=2):
        if dropped in row:
            yield Edit(name, number, second, row[dropped], "")
            if kept not in row:
                yield Edit(name, number, first, "", row[dropped])


def _allow_duplicates(book: Workbook) -> Iterator[Edit]:
    sheet = book.sheets.get("settings") or Sheet("settings", [], [])
    header = "allow_choice_duplicates"
    column = (sheet.header.index(header) if header in sheet.header else len(sheet.header)) + 1
    if header not in sheet.header:
        yield Edit(sheet.name, 1, column, "", header)
    before = sheet.rows[0].get(header, "") if sheet.rows else ""
    yield Edit(sheet.name, 2, column, before, "yes")


def _change_in_place(data: bytes, edits: list[Edit]) -> bytes | None:
    """Only the edited cells change; formats and other sheets stay. None when openpyxl cannot load it whole."""
    buffer = io.BytesIO()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(io.BytesIO(data))
            for edit in edits:
                sheet = book[edit.sheet] if edit.sheet in book.sheetnames else book.create_sheet(edit.sheet)
                sheet.cell(edit.row, edit.column).value = edit.after or None
            book.save(buffer)
    except Exception:  # drawings, styles and charts of real workbooks break it in many ways
        return None
    return buffer.getvalue()


def _write(book: Workbook, edits: list[Edit]) -> bytes:
    """The sheets of the form in a new .xlsx: nobody writes .xls any more."""
    buffer = io.BytesIO()
    copy = xlsxwriter.Workbook(buffer, {"strings_to_formulas": False, "strings_to_urls": False})
    names = dict.fromkeys([*(sheet.name for sheet in book.sheets.values()), *(edit.sheet for edit in edits)])
    for name in names:
        sheet, page = _sheet(book, name) or Sheet(name, [], []), copy.add_worksheet(name)
        cells = {(1, i): header for i, header in enumerate(sheet.header, start=1)}
        for number, row in enumerate(sheet.rows, start=2):
            cells |= {(number, i): row.get(h, "") for i, h in enumerate(sheet.header, start=1) if h}
        cells |= {(edit.row, edit.column): edit.after for edit in edits if edit.sheet == name}
        for (row, column), text in cells.items():
            page.write_string(row - 1, column - 1, text or "")
    copy.close()
    return buffer.getvalue()
