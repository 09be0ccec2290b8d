"""A list as a file: the same rows, columns and scope as on the page."""

import csv
import io
import math
import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import xlsxwriter
from django.http import HttpResponse, StreamingHttpResponse
from django.utils import timezone
from django.utils.translation import get_language

from jalons.core.errors import Refused, _

# OWASP "CSV injection": what a spreadsheet takes for a formula, full-width forms included.
FORMULA = re.compile(r"^[=+\-@\t\r\n＝＋－＠]")
NUMBER = re.compile(r"^-\d[\d .,]*$")
EXCEL_ROWS = 100_000  # one workbook is built in memory; above, CSV streams
EXCEL_TEXT = 32_767
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def runs_as_formula(text: str) -> bool:
    """Whether a spreadsheet could run this text instead of showing it; a negative number is only a number."""
    return bool(FORMULA.match(text)) and not NUMBER.match(text)


def plain(value: Any) -> Any:
    """A value as a spreadsheet holds it: numbers and dates stay what they are, the rest is text."""
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return None
    if isinstance(value, datetime):
        return timezone.localtime(value).replace(tzinfo=None) if timezone.is_aware(value) else value
    if isinstance(value, int | float | Decimal | date):
        return value
    return str(value)


def csv_text(value: Any, point: str) -> str:
    """A value as a CSV file holds it, with this decimal sign; a text never runs as a formula."""
    value = plain(value)
    if isinstance(value, float | Decimal):
        return f"{value:f}".replace(".", point) if isinstance(value, Decimal) else repr(value).replace(".", point)
    if isinstance(value, str) and runs_as_formula(value):
        return "'" + value
    if isinstance(value, datetime):
        return value.isoformat(" ", "seconds")  # Excel reads a moment with millionths as a text
    return "" if value is None else str(value)


def as_csv(name: str, heads: list[str], rows: Iterable[list]) -> StreamingHttpResponse:
    """A byte-order mark, and the separators that Excel expects in the reader's language."""
    delimiter, point = (",", ".") if get_language() == "en" else (";", ",")

    def lines() -> Iterator[str]:
        buffer = io.StringIO("\ufeff")
        buffer.seek(1)
        writer = csv.writer(buffer, delimiter=delimiter)
        writer.writerow([csv_text(head, point) for head in heads])
        for row in rows:
            writer.writerow([csv_text(value, point) for value in row])
            if buffer.tell() > 32_768:
                yield buffer.getvalue()
                buffer.seek(0)
                buffer.truncate()
        yield buffer.getvalue()

    response = StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def as_xlsx(name: str, heads: list[str], rows: Iterable[list]) -> HttpResponse:
    """One sheet with a header row, filters, and typed cells; texts stay as they are and are never run.

    Error: Refused above 100,000 rows, rather than a file cut short.
    """
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(
        buffer, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    sheet, bold = book.add_worksheet(name[:31]), book.add_format({"bold": True, "bottom": 1})
    shapes = {
        datetime: book.add_format({"num_format": "dd/mm/yyyy hh:mm"}),
        date: book.add_format({"num_format": "dd/mm/yyyy"}),
        str: book.add_format({"quote_prefix": True}),
    }
    sheet.write_row(0, 0, heads, bold)
    sheet.freeze_panes(1, 0)
    last = 0
    for last, row in enumerate(rows, start=1):
        if last > EXCEL_ROWS:
            raise Refused(
                _("Excel : au plus %(limit)s lignes. Filtrez la liste, ou exportez-la en CSV."), limit=EXCEL_ROWS
            )
        for column, value in enumerate(map(plain, row)):
            _write(sheet, (last, column), value, shapes)
    sheet.autofilter(0, 0, max(last, 1), max(len(heads) - 1, 0))
    book.close()
    response = HttpResponse(buffer.getvalue(), content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="{name}.xlsx"'
    return response


def _write(sheet: Any, place: tuple[int, int], value: Any, shapes: dict) -> None:
    if isinstance(value, str):
        sheet.write_string(*place, value[:EXCEL_TEXT], shapes[str] if runs_as_formula(value) else None)
    else:
        sheet.write(*place, value, shapes.get(type(value)))


FORMATS = {"csv": as_csv, "xlsx": as_xlsx}
