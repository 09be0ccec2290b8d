"""Sheets of a workbook written row by row: what is written leaves memory."""

import re
from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Any

from jalons.core.exports import EXCEL_TEXT, plain, runs_as_formula

BOOK = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "use_zip64": True}
FORBIDDEN = re.compile(r"[\[\]:*?/\\\x00-\x1f]|^'|'$")
ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")  # XML has no such characters
ROWS = 1_048_576  # of a sheet, its head included
LONGEST = 31


def sheet_names() -> Callable[[str], str]:
    """What makes names of sheets that Excel accepts, each once."""
    taken: set[str] = set()

    def name(wanted: str) -> str:
        clean = FORBIDDEN.sub("_", wanted)[:LONGEST] or "_"
        free, number = clean, 1
        while free.lower() in taken:
            number += 1
            end = f" ({number})"
            free = clean[: LONGEST - len(end)] + end
        taken.add(free.lower())
        return free

    return name


def fill(book: Any, name: str, heads: list[str], rows: Iterable[Iterable[Any]]) -> int:
    """One sheet with a head and typed cells; how many rows. A text never runs as a formula."""
    sheet, write = start(book, name, heads)
    number = 0
    for number, row in enumerate(rows, start=1):
        write(sheet, number, row)
    return number


def start(book: Any, name: str, heads: list[str]) -> tuple[Any, Callable]:
    """A new sheet with its head, and what writes a row on it."""
    sheet = book.add_worksheet(name)
    sheet.freeze_panes(1, 0)
    bold = book.add_format({"bold": True, "bottom": 1})
    for place, head in enumerate(heads):
        sheet.write_string(0, place, head[:EXCEL_TEXT], bold)
    quoted = book.add_format({"quote_prefix": True})
    moment, day = (book.add_format({"num_format": shape}) for shape in ("yyyy-mm-dd hh:mm:ss", "yyyy-mm-dd"))

    def write(sheet: Any, number: int, row: Iterable[Any]) -> None:
        for place, value in enumerate(row):
            if value is None or value == "":
                continue
            kind = type(value)
            if kind is str:
                text = (
                    ILLEGAL.sub("", value)[:EXCEL_TEXT] if len(value) > EXCEL_TEXT or ILLEGAL.search(value) else value
                )
                sheet.write_string(number, place, text, quoted if runs_as_formula(text) else None)
            elif kind is int or kind is float:
                _number(sheet, number, place, value)
            elif isinstance(value, date):
                _day(sheet, (number, place), plain(value), moment if kind is datetime else day)
            else:
                sheet.write_string(number, place, str(value))

    return sheet, write


def _number(sheet: Any, number: int, place: int, value: float) -> None:
    """Excel keeps fifteen digits: a longer identifier stays a text, whole."""
    if abs(value) < 1e15:
        sheet.write_number(number, place, value)
    else:
        sheet.write_string(number, place, str(value))


def _day(sheet: Any, place: tuple[int, int], value: date, shape: Any) -> None:
    """Excel knows no day before 1900."""
    if value.year >= 1900:
        sheet.write_datetime(*place, value, shape)
    else:
        sheet.write_string(*place, value.isoformat())
