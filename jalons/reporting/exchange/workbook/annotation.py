"""The file that someone sent, given back with every fault where it lies."""

import io
import zipfile
from collections.abc import Callable, Iterable
from xml.etree.ElementTree import ParseError

import openpyxl
import xlsxwriter
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.workbook import Workbook

from jalons.planning.results.rules.heads import fold
from jalons.reporting.exchange.workbook.records import Fault
from jalons.reporting.exchange.workbook.specs import FAULTS

RED = PatternFill("solid", start_color="F6C7BD")
HEADS = ("Feuille", "Ligne", "Cellule", "Ce qui ne va pas, et que faire")
# Real workbooks break openpyxl in as many ways: stylesheets, drawings, dates that it does not know.
REFUSALS = (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, TypeError, AttributeError, IndexError,
            ParseError, OSError)  # fmt: skip


def annotated(content: bytes, faults: Iterable[Fault], say: Callable[[Fault], str]) -> bytes:
    """The same workbook with red cells, comments and a list of its faults; the list alone when it cannot reopen."""
    faults = list(faults)
    try:
        book = openpyxl.load_workbook(io.BytesIO(content))
        _mark(book, faults, say)
        buffer = io.BytesIO()
        book.save(buffer)
    except REFUSALS:
        return _listed(faults, say)
    return buffer.getvalue()


def _mark(book: Workbook, faults: list[Fault], say: Callable[[Fault], str]) -> None:
    pages = {fold(page.title): page for page in book.worksheets}
    for fault in faults:
        page = pages.get(fold(fault.sheet))
        if page is not None:
            cell = page.cell(max(fault.row, 1), (fault.column or 0) + 1)
            before = f"{cell.comment.text}\n" if cell.comment else ""
            cell.comment = Comment(f"{before}{say(fault)}", "Jalons", width=360, height=120)
            cell.fill = RED
    _list(book, faults, say)


def _list(book: Workbook, faults: list[Fault], say: Callable[[Fault], str]) -> None:
    """A first sheet that leads to each fault."""
    if FAULTS in book.sheetnames:
        del book[FAULTS]
    page = book.create_sheet(FAULTS, 0)
    page.append(HEADS)
    for fault in faults:
        cell = fault.cell or f"A{max(fault.row, 1)}"
        page.append((fault.sheet, fault.row, cell, say(fault)))
        page.cell(page.max_row, 4).alignment = Alignment(wrap_text=True, vertical="top")
        page.cell(page.max_row, 3).hyperlink = f"#'{fault.sheet}'!{cell}"
    for cell, width in zip(page[1], (24, 8, 10, 110), strict=True):
        cell.font = Font(bold=True)
        page.column_dimensions[cell.column_letter].width = width
    book.active = 0


def _listed(faults: list[Fault], say: Callable[[Fault], str]) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        page = book.add_worksheet(FAULTS)
        page.write_row(0, 0, HEADS, book.add_format({"bold": True, "bottom": 1}))
        page.set_column(0, 0, 24)
        page.set_column(3, 3, 110)
        for number, fault in enumerate(faults, start=1):
            page.write_row(number, 0, (fault.sheet, fault.row, fault.cell, say(fault)))
    return buffer.getvalue()
