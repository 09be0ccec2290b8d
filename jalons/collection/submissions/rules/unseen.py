"""What the reader of workbooks does not show of a sheet: formulas in error or never computed, hidden rows."""

import html
import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import islice
from typing import IO, Any
from xml.parsers import expat

import xlrd
from xlrd.biffh import XL_CELL_ERROR

MOST_TOLD, LONGEST_CELL = 20, 9_000  # addresses told; bytes of a cell, whose formula has 8,192 letters at most
PIECE = 1_000_000  # bytes
MOST_MERGED = 200  # ranges looked at
ERROR = re.compile(rb'<c r="([A-Z]+[0-9]+)"[^>]*? t="e"')
UNCOMPUTED = re.compile(
    rb'<c r="([A-Z]+[0-9]+)"(?: s="[0-9]+")?><f[^>]{0,200}>(?:[^<]{0,8500}</f>)?(?:<v ?/>|<v></v>)?</c>'
)
HIDDEN = re.compile(
    rb'<row (?=[^>]{0,300}\bhidden="(?:1|true)")[^>]{0,300}?\br="([0-9]+)"[^>/]{0,300}>\s*<c '
)  # one that holds something
SHEET = re.compile(r'<sheet [^>]*?name="([^"]*)"[^>]*?r:id="([^"]*)"')
RELATION = re.compile(r'<Relationship [^>]*?Id="([^"]*)"[^>]*?Target="([^"]*)"')
TURNED = re.compile(r'<Relationship [^>]*?Target="([^"]*)"[^>]*?Id="([^"]*)"')
NOTHING = {"errors": [], "uncomputed": [], "hidden": 0, "merged": []}
OLE = b"\xd0\xcf\x11\xe0"
Told = dict[str, dict[str, Any]]


def unseen(data: bytes) -> Told:
    """What the reader does not show of each sheet: cells whose formula ends in an error, or has no result yet, which
    it gives as blanks, how many rows are hidden, which cells are merged (.ods; the reader tells those of the others).

    Missing: nothing is found in .xlsb; .xls always keeps a result of its formulas.
    Source:  ECMA-376 part 1, 18.18.11: a cell of type "e"; 18.3.1.40: a formula keeps its last result in `v`;
             OpenDocument 1.3 part 3, 19.749 table:visibility; [MS-XLS] 2.4.221 Row, fDyZero.
    """
    if data.startswith(OLE):
        return _of_xls(data)
    broken = (zipfile.BadZipFile, KeyError, ValueError, expat.ExpatError)
    with suppress(*broken), zipfile.ZipFile(io.BytesIO(data)) as archive:
        return _of_ods(archive) if "content.xml" in archive.namelist() else dict(_of_xlsx(archive))
    return {}


def tall(ranges: Iterable[tuple[tuple[int, int], tuple[int, int]]]) -> list[tuple[int, str]]:
    """Cells merged over several rows, of which only the first holds what all say: the first row, and the address.

    ranges: the first and the last cell of each, by row and column from 0.
    Source: ours.

    >>> tall([((0, 0), (0, 6)), ((1, 1), (3, 1))])
    [(2, 'B2:B4')]
    """
    several = ((first, last) for first, last in ranges if last[0] > first[0])
    return [(first[0] + 1, f"{address(*first)}:{address(*last)}") for first, last in islice(several, MOST_MERGED)]


# .xlsx


def _of_xlsx(archive: zipfile.ZipFile) -> Iterator[tuple[str, dict[str, Any]]]:
    relations = archive.read("xl/_rels/workbook.xml.rels").decode()
    paths = dict(RELATION.findall(relations)) | {key: path for path, key in TURNED.findall(relations)}
    for name, key in SHEET.findall(archive.read("xl/workbook.xml").decode()):
        path = paths[key].lstrip("/")
        with archive.open(path if path.startswith("xl/") else f"xl/{path}") as part:
            yield html.unescape(name), _in_part(part)


def _in_part(part: IO[bytes]) -> dict[str, Any]:
    """What one sheet does not show, read piece by piece."""
    kept, wrong, blank, hidden = b"", {}, {}, set()
    while chunk := part.read(PIECE):
        text = kept + chunk
        for pattern, cells in ((ERROR, wrong), (UNCOMPUTED, blank)):
            if len(cells) < MOST_TOLD:
                cells.update(dict.fromkeys(address.decode() for address in pattern.findall(text)))
        hidden.update(HIDDEN.findall(text))
        kept = text[max(text.rfind(b"<c ", -LONGEST_CELL), 0) :][-LONGEST_CELL:]
    return {"errors": [*wrong][:MOST_TOLD], "uncomputed": [*blank][:MOST_TOLD], "hidden": len(hidden)}


# .xls


def _of_xls(data: bytes) -> Told:
    try:
        book = xlrd.open_workbook(file_contents=data, formatting_info=True, logfile=io.StringIO())
    except Exception:  # noqa: BLE001 (whatever it makes of a file that the reader takes, the rows are read)
        return {}
    return {sheet.name: _in_xls(sheet) for sheet in book.sheets()}


def _in_xls(sheet: xlrd.sheet.Sheet) -> dict[str, Any]:
    wrong = [
        address(row, column)
        for row in range(sheet.nrows) for column, kind in enumerate(sheet.row_types(row)) if kind == XL_CELL_ERROR
    ]  # fmt: skip
    hidden = [row for row, said in sheet.rowinfo_map.items() if said.hidden and row < sheet.nrows]
    return {"errors": wrong[:MOST_TOLD], "uncomputed": [], "hidden": len(hidden)}


# .ods


class _Ods:
    """Reads the content of an OpenDocument workbook as it passes."""

    def __init__(self) -> None:
        self.told: Told = {}
        self.row = self.column = self.times = 0
        self.hides = self.is_filled = False
        self.blank = ""  # a formula whose result has not come yet
        self.sheet: dict[str, Any] = {}

    def start(self, name: str, said: dict[str, str]) -> None:
        if name == "table:table":
            self.sheet = self.told[said.get("table:name", "")] = {
                "errors": [],
                "uncomputed": [],
                "hidden": 0,
                "merged": [],
            }
            self.row = 0
        elif name == "table:table-row":
            self.column, self.times = 0, int(said.get("table:number-rows-repeated", 1))
            self.hides, self.is_filled = said.get("table:visibility", "visible") != "visible", False
        elif name in ("table:table-cell", "table:covered-table-cell"):
            self.cell(said)
        elif name == "text:p":
            self.blank = ""

    def cell(self, said: dict[str, str]) -> None:
        place, first = address(self.row, self.column), (self.row, self.column)
        last = (self.row + int(said.get("table:number-rows-spanned", 1)) - 1,
                self.column + int(said.get("table:number-columns-spanned", 1)) - 1)  # fmt: skip
        if len(self.sheet["merged"]) < MOST_MERGED:
            self.sheet["merged"] += tall([(first, last)])
        self.column += int(said.get("table:number-columns-repeated", 1))
        is_valued = "office:value-type" in said
        self.is_filled |= is_valued or "table:formula" in said
        if said.get("calcext:value-type") == "error":
            self.tell("errors", place)
        self.blank = place if "table:formula" in said and not is_valued else ""

    def tell(self, what: str, place: str) -> None:
        if len(self.sheet[what]) < MOST_TOLD:
            self.sheet[what].append(place)

    def end(self, name: str) -> None:
        if name in ("table:table-cell", "table:covered-table-cell") and self.blank:
            self.tell("uncomputed", self.blank)
            self.blank = ""
        elif name == "table:table-row":
            self.row += self.times
            if self.hides and self.is_filled:
                self.sheet["hidden"] += self.times


def _of_ods(archive: zipfile.ZipFile) -> Told:
    found, parser = _Ods(), expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = found.start, found.end
    with archive.open("content.xml") as part:
        while chunk := part.read(PIECE):
            parser.Parse(chunk)
        parser.Parse(b"", True)
    return found.told


def address(row: int, column: int) -> str:
    """A cell as spreadsheets name it, from its place counted from 0.

    Source: ours.

    >>> address(0, 0), address(9, 25), address(0, 26), address(0, 702)
    ('A1', 'Z10', 'AA1', 'AAA1')
    """
    letters = ""
    column += 1
    while column:
        column, left = divmod(column - 1, 26)
        letters = chr(65 + left) + letters
    return f"{letters}{row + 1}"
