"""A list as a file: the same rows, columns and scope as on the page."""

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import xlsxwriter
from django.http import HttpResponse, StreamingHttpResponse
from django.utils import timezone

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
EXCEL_ROWS = 1_048_575


def neutral(value: Any) -> Any:
    """A value that a spreadsheet shows and does not run: an apostrophe before what looks like a formula."""
    if isinstance(value, str) and value.startswith(FORMULA_STARTS):
        return "'" + value
    return value


def plain(value: Any) -> Any:
    """A value as a spreadsheet holds it: numbers and dates stay what they are, the rest is text."""
    if isinstance(value, datetime):
        return timezone.localtime(value).replace(tzinfo=None) if timezone.is_aware(value) else value
    if value is None or isinstance(value, int | float | Decimal | date):
        return value
    return neutral(str(value))


def as_csv(name: str, heads: list[str], rows: Iterable[list]) -> StreamingHttpResponse:
    """Semicolons and a byte-order mark, so that Excel in French opens it as a table."""

    def lines() -> Iterator[str]:
        buffer = io.StringIO()
        writer = csv.writer(buffer, delimiter=";")
        yield "\ufeff"
        writer.writerow([neutral(head) for head in heads])
        for row in rows:
            writer.writerow(["" if cell is None else plain(cell) for cell in row])
            if buffer.tell() > 32_768:
                yield buffer.getvalue()
                buffer.seek(0)
                buffer.truncate()
        yield buffer.getvalue()

    response = StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def as_xlsx(name: str, heads: list[str], rows: Iterable[list]) -> HttpResponse:
    """One sheet with a header row, filters, and typed cells; constant memory."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(
        buffer, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
                 "default_date_format": "dd/mm/yyyy"},
    )  # fmt: skip
    sheet, bold = book.add_worksheet(name[:31]), book.add_format({"bold": True, "bottom": 1})
    sheet.write_row(0, 0, heads, bold)
    sheet.freeze_panes(1, 0)
    last = 0
    for last, row in enumerate(rows, start=1):
        if last > EXCEL_ROWS:
            break
        sheet.write_row(last, 0, ["" if cell is None else plain(cell) for cell in row])
    sheet.autofilter(0, 0, max(last, 1), max(len(heads) - 1, 0))
    book.close()
    response = HttpResponse(
        buffer.getvalue(), content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    )
    response["Content-Disposition"] = f'attachment; filename="{name}.xlsx"'
    return response


FORMATS = {"csv": as_csv, "xlsx": as_xlsx}
