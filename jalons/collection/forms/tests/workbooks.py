"""Workbooks written for tests: real .xlsx bytes from a few rows."""

import io
import zipfile
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

import xlsxwriter

Sheets = Mapping[str, Sequence[Sequence[object]]]
HEADER = ["type", "name", "label"]


def a_workbook(**sheets: Sequence[Sequence[object]]) -> bytes:
    """Sheets by name, each a list of rows, the first one being the header."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"strings_to_formulas": False})
    book.set_properties({"created": datetime(2026, 1, 1, tzinfo=UTC)})  # the same rows make the same bytes
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for number, row in enumerate(rows):
            for column, value in enumerate(row):
                if value not in ("", None):
                    sheet.write(number, column, value)
    book.close()
    return buffer.getvalue()


def a_form(*rows: Sequence[object], header: Sequence[str] = HEADER, **sheets: Sequence[Sequence[object]]) -> bytes:
    """A workbook whose survey sheet has these rows under the header."""
    return a_workbook(survey=[header, *rows], **sheets)


def changed(data: bytes, change: Callable[[str, bytes], bytes], extra: Mapping[str, bytes] | None = None) -> bytes:
    """The same ZIP file, each part passed through `change`, with parts added."""
    source, buffer = zipfile.ZipFile(io.BytesIO(data)), io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            target.writestr(name, change(name, source.read(name)))
        for name, content in (extra or {}).items():
            target.writestr(name, content)
    return buffer.getvalue()
