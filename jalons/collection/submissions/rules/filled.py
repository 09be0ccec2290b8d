"""A workbook that we made, come back filled: who it is, and its sheets without what was in them before anyone wrote.

Row 1 of each sheet, hidden, names its columns as exports do; the headings that people read follow, marked HEADING
in the first column; then the rows. A sheet of its own, out of sight, says which form the workbook asks.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from jalons.collection.submissions.rules.schema import fold
from jalons.collection.submissions.rules.tables import Sheet

IDENTITY = "_jalons"
FORMAT = "1"
HEADING = "#"
UUID, ROW, INDEX, PARENT = "_uuid", "_row", "_index", "_parent_index"
OWN = (UUID, ROW, INDEX, PARENT)  # columns that are ours, by their header


@dataclass(frozen=True)
class Filled:
    """What a workbook says of itself. `copy` is what its cover names: copies of one file hold different rows."""

    programme: str
    form: str
    version: int
    workbook: str
    copy: str
    language: str
    sheets: tuple[Sheet, ...] = field(repr=False)


def recognise(sheets: Sequence[Sheet], copy: str = "") -> Filled | None:
    """The workbook that these sheets are, when we made it; None for any other file.

    copy:   the name of the copy, when a person told it after the workbook was filled.
    Source: ours.
    """
    own = next((sheet for sheet in sheets if sheet.name == IDENTITY), None)
    if own is None or own.header[:2] != (IDENTITY, FORMAT):
        return None
    said, tables = _said(own)
    if not said.get("form") or not str(said.get("version", "")).isdecimal():
        return None
    copy = copy or _copy(sheets, said)
    by_name = {sheet.name: sheet for sheet in sheets}
    found = {table: (by_name[name], parent) for table, (name, parent) in tables.items() if name in by_name}
    return Filled(
        said.get("programme", ""), said["form"], int(said["version"]), said.get("workbook", ""), copy,
        said.get("language", ""), tuple(_sheets(found, copy)),
    )  # fmt: skip


def _said(own: Sheet) -> tuple[dict[str, str], dict[str, tuple[str, str]]]:
    """What the sheet of identity says, and the sheet and the parent of each table of the form."""
    said, tables = {}, {}
    for cells in own.rows():
        key, *rest = [_text(cell) for cell in [*cells, "", "", ""]]
        if key == "sheet":
            tables[rest[1]] = (rest[0], rest[2])
        elif key:
            said[key] = rest[0]
    return said, tables


def _copy(sheets: Iterable[Sheet], said: dict[str, str]) -> str:
    """The cell of the cover in which a team names its copy."""
    cover = next((sheet for sheet in sheets if sheet.name == said.get("cover")), None)
    row, column = said.get("copy_row", ""), said.get("copy_column", "")
    if cover is None or not (row.isdecimal() and column.isdecimal()):
        return ""
    for number, cells in enumerate(cover.rows(), start=cover.first):
        if number == int(row):
            return fold(cells[int(column)]) if int(column) < len(cells) else ""
    return ""


def _sheets(found: dict[str, tuple[Sheet, str]], copy: str) -> Iterator[Sheet]:
    only: dict[str, str] = {}
    for table, (sheet, parent) in found.items():
        ready = _ready(sheet, table)
        only[table] = _only(ready)
        yield replace(ready, rows=partial(_mended, ready, copy, only.get(parent, "")))


def _ready(sheet: Sheet, table: str) -> Sheet:
    """The sheet from its first row on, knowing which columns held something before anyone wrote."""
    headings = 0
    for cells in sheet.rows():
        if not cells or _text(cells[0]) != HEADING:
            break
        headings += 1
    own = frozenset(place for place, header in enumerate(sheet.header) if header in OWN)
    return replace(
        sheet, table=table, prefilled=own, first=sheet.first + headings, count=None,
        rows=partial(_below, sheet, headings),
    )  # fmt: skip


def _below(sheet: Sheet, headings: int) -> Iterator[list[Any]]:
    for number, cells in enumerate(sheet.rows()):
        if number >= headings:
            yield cells


def _only(sheet: Sheet) -> str:
    """The number of the one row that was filled, when only one was: rows below it need not repeat it."""
    place = sheet.header.index(INDEX) if INDEX in sheet.header else None
    filled = [cells for cells in sheet.rows() if is_filled(cells, sheet.prefilled)][:2] if place is not None else []
    return _text(filled[0][place]) if len(filled) == 1 else ""


def _mended(sheet: Sheet, copy: str, only: str) -> Iterator[list[Any]]:
    """Rows named after their copy, and tied to the one row above them that may be meant."""
    uuid = sheet.header.index(UUID) if copy and UUID in sheet.header else None
    link = sheet.header.index(PARENT) if only and PARENT in sheet.header else None
    for cells in sheet.rows():
        if is_filled(cells, sheet.prefilled):
            if uuid is not None and _text(cells[uuid]):
                cells[uuid] = f"{_text(cells[uuid])}@{copy}"
            if link is not None and not _text(cells[link]):
                cells[link] = only
        yield cells


def is_filled(cells: Sequence[Any], prefilled: frozenset[int]) -> bool:
    """Whether somebody wrote something in a row.

    Source: ours.

    >>> is_filled(["id-1", 1, None, " "], frozenset({0, 1})), is_filled(["id-1", 1, 0], frozenset({0, 1}))
    (False, True)
    """
    return any(_text(cell) for place, cell in enumerate(cells) if place not in prefilled)


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    return str(int(cell) if isinstance(cell, float) and cell.is_integer() else cell).strip()
