"""From bytes to sheets: what the file really is, within limits, read as pyxform reads it."""

import io
import re
import warnings
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

import xlrd
from openpyxl.reader.excel import ExcelReader
from pyxform.constants import SUPPORTED_SHEET_NAMES, SURVEY
from pyxform.errors import PyXFormError
from pyxform.xls2json_backends import (
    DefinitionData,
    csv_to_dict,
    get_excel_column_headers,
    get_excel_rows,
    is_csv,
    is_empty,
    is_markdown_table,
    md_to_dict,
    xls_value_to_unicode,
    xlsx_value_to_str,
)

from jalons.collection.forms.rules.faults import Fault, Unreadable

MEGABYTE = 1_000_000
MAX_BYTES = 20 * MEGABYTE
MAX_UNPACKED = 150 * MEGABYTE
MAX_CELLS = 500_000
MAX_TEXT = 20_000_000
# what neither XML nor a database column may hold
FORBIDDEN = dict.fromkeys([*range(9), 11, 12, *range(14, 32), *range(0xD800, 0xE000), 0xFFFE, 0xFFFF])

# first bytes -> kind, or the type to name when it is refused
MAGIC = (
    (b"PK\x03\x04", "zip"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole"),
    (b"%PDF", "PDF"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"PK\x05\x06", "ZIP"),
    (b"\x1f\x8b", "GZIP"),
    (b"7z\xbc\xaf", "7-Zip"),
    (b"Rar!", "RAR"),
    (b"{\\rtf", "RTF"),
    (b"SQLite format 3", "SQLite"),
)
# a name inside a ZIP file -> what that file is
ZIP_PARTS = (
    ("xl/workbook.bin", "Excel binary (.xlsb)"),
    ("word/document.xml", "Word (.docx)"),
    ("ppt/presentation.xml", "PowerPoint (.pptx)"),
    ("content.xml", "OpenDocument (.ods)"),
    ("Index/Document.iwa", "Numbers"),
)
# a name inside an OLE file, as its directory spells it -> what that file is
OLE_STREAMS = (("WordDocument", "Word (.doc)"), ("PowerPoint Document", "PowerPoint (.ppt)"), ("__nameid", "Outlook"))
# how a text begins -> what it is
MARKUP = (
    (re.compile(r"<(\w+:)?html\b.*http://www\.w3\.org/2002/xforms", re.S | re.I), "XForm (XML)"),
    (re.compile(r"urn:schemas-microsoft-com:office:spreadsheet", re.I), "Excel 2003 XML"),
    (re.compile(r"<!doctype html|<html|<table|<body", re.I), "HTML"),
    (re.compile(r"^<\?xml|^<"), "XML"),
    (re.compile(r"^[{\[]"), "JSON"),
)


@dataclass(frozen=True)
class Sheet:
    """One sheet as pyxform sees it: cleaned headers, and rows as {header: text}.

    numbers: the row of the spreadsheet behind each, when they are not all there from row 2 on.
    """

    name: str
    header: list[str | None]
    rows: list[dict[str, str]]
    numbers: list[int] | None = None


@dataclass(frozen=True)
class Workbook:
    """The XLSForm sheets of a file, by their lower-case name, and what was wrong in reading them."""

    kind: str
    sheet_names: list[str]
    sheets: dict[str, Sheet] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    formulas: int = 0

    def definition(self, name: str) -> DefinitionData:
        """The workbook in the shape pyxform converts. It changes rows in place: each call copies them."""
        book: dict[str, Any] = {"sheet_names": list(self.sheet_names), "fallback_form_name": name}
        for key, sheet in self.sheets.items():
            book[key] = [dict(row) for row in sheet.rows]
            headers = [header for header in sheet.header if header is not None]
            book[f"{key}_header"] = [dict.fromkeys(headers)] if headers else []
        return DefinitionData(**{k: v for k, v in book.items() if k in DefinitionData.__slots__})


def sniff(data: bytes) -> str:
    """Which of the four readable kinds these bytes are, whatever the file is called.

    Error:  Unreadable, naming what the file is instead.
    Source: magic numbers of each format; [MS-OFFCRYPTO] §2.3.4 for encrypted workbooks.

    >>> sniff(b"| survey |\\n|  | type | name |\\n|  | text | nom |")
    'md'
    """
    if not data.strip(b"\0 \t\r\n"):
        raise Unreadable("empty")
    if len(data) > MAX_BYTES:
        raise Unreadable("too_large", limit=MAX_BYTES // MEGABYTE)
    kind = next((kind for magic, kind in MAGIC if data.startswith(magic)), "text")
    finer = {"zip": _sniff_zip, "ole": _sniff_ole, "text": _sniff_text}
    if kind not in finer:
        raise Unreadable("not_a_workbook", what=kind)
    return finer[kind](data)


def _sniff_zip(data: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise Unreadable("damaged", detail="ZIP") from error
    if any(part.flag_bits & 1 for part in parts):
        raise Unreadable("encrypted")
    names = {part.filename for part in parts}
    if what := next((what for name, what in ZIP_PARTS if name in names), None):
        raise Unreadable("not_a_workbook", what=what)
    if "[Content_Types].xml" not in names:
        raise Unreadable("not_a_workbook", what="ZIP")
    unpacked = sum(part.file_size for part in parts)
    if unpacked > MAX_UNPACKED:
        raise Unreadable("too_large_unpacked", size=unpacked // MEGABYTE, limit=MAX_UNPACKED // MEGABYTE)
    return "xlsx"


def _sniff_ole(data: bytes) -> str:
    if "EncryptedPackage".encode("utf-16-le") in data:
        raise Unreadable("encrypted")
    what = next((what for stream, what in OLE_STREAMS if stream.encode("utf-16-le") in data), None)
    if what:
        raise Unreadable("not_a_workbook", what=what)
    return "xls"


def _sniff_text(data: bytes) -> str:
    if b"\0" in data:
        raise Unreadable("not_a_workbook", what="binary")
    try:
        text = data.decode("utf-8-sig").lstrip()
    except UnicodeDecodeError as error:
        raise Unreadable("encoding", position=error.start) from error
    if what := next((what for pattern, what in MARKUP if pattern.search(text[:5000])), None):
        raise Unreadable("not_a_workbook", what=what)
    if is_markdown_table(text):
        return "md"
    if is_csv(text):
        return "csv"
    raise Unreadable("not_a_workbook", what="text")


def open_workbook(data: bytes) -> Workbook:
    """The XLSForm sheets of a file, read exactly as pyxform reads them.

    Error:  Unreadable when no sheet can be read; a doubled header is a fault of the workbook, not an error.
    Source: pyxform 4.5 `xls2json_backends`; limits are ours, ten times the largest form met in the field.
    """
    kind = sniff(data)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl warns of every extension it does not keep
            return READERS[kind](data)
    except Unreadable:
        raise
    except xlrd.XLRDError as error:
        raise Unreadable("encrypted" if "encrypted" in str(error) else "damaged", detail="XLS") from error
    except Exception as error:  # broken and hostile files break the libraries in any way
        raise Unreadable("damaged", detail=type(error).__name__) from error


class _Meter:
    """Walks XML parts without building them: refuses declarations and excess, counts formulas."""

    def __init__(self) -> None:
        self.cells = self.formulas = 0

    def read(self, part: Any, *, cells: bool) -> None:
        parser = expat.ParserCreate()
        parser.StartDoctypeDeclHandler = self.refuse
        if cells:
            parser.StartElementHandler = self.count
        try:
            parser.ParseFile(part)
        except expat.ExpatError:
            return  # the library that opens it says better what is broken

    def refuse(self, *_declaration: object) -> None:
        raise Unreadable("hostile")

    def count(self, tag: str, _attributes: object) -> None:
        tag = tag.rpartition(":")[2]
        self.cells += tag in ("c", "row")
        self.formulas += tag == "f"
        if self.cells > MAX_CELLS:
            raise Unreadable("too_many_cells", limit=MAX_CELLS)


class _Text:
    """Cells to text, as pyxform does it, while keeping count of the characters read."""

    def __init__(self, book: Workbook, sheet: str, convert: Any) -> None:
        self.book, self.sheet, self.convert, self.length = book, sheet, convert, 0

    def __call__(self, cell: Any, row: int, column: str) -> str | None:
        value = cell.value.strip() if isinstance(cell.value, str) else cell.value
        if is_empty(value):
            return None
        try:
            text = self.convert(value, cell)
        except xlrd.xldate.XLDateError:
            self.book.faults.append(Fault("ambiguous_date", self.sheet, row + 2, column, {"name": column}))
            return None
        text = text.translate(FORBIDDEN)
        self.length += len(text)
        if self.length > MAX_TEXT:
            raise Unreadable("too_much_text", limit=MAX_TEXT)
        return text


def _headers(book: Workbook, sheet: str, cells: Iterable[Any]) -> list[str | None]:
    """Headers as pyxform cleans them; where it would stop at the first fault, note all and go on."""
    kept: list[str | None] = []
    for cell in cells:
        if not is_empty(cell) and not isinstance(cell, str):
            book.faults.append(Fault("header_not_text", sheet, 1, str(cell), {"name": cell}))
            kept.append(None)
        elif not is_empty(cell) and cell in kept:
            book.faults.append(Fault("header_twice", sheet, 1, cell, {"name": cell}))
            kept.append(None)
        else:
            kept.append(cell)
    return get_excel_column_headers(kept)


def _keep(book: Workbook, name: str) -> str | None:
    """The XLSForm name of a sheet to read, or None. A lone sheet is the survey, whatever its name."""
    if name.lower() in SUPPORTED_SHEET_NAMES:
        return name.lower()
    return SURVEY if len(book.sheet_names) == 1 else None


def _read_xlsx(data: bytes) -> Workbook:
    meter = _Meter()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for name in archive.namelist():
            if name.endswith((".xml", ".rels")):
                with archive.open(name) as part:
                    meter.read(part, cells="worksheets/" in name)
    reader = ExcelReader(io.BytesIO(data), read_only=True, data_only=True)
    reader.read()
    book = Workbook("xlsx", list(reader.wb.sheetnames), formulas=meter.formulas)
    try:
        for name in book.sheet_names:
            if key := _keep(book, name):
                sheet = reader.wb[name]
                header = _headers(book, name, (cell.value for cell in next(sheet.rows, [])))
                text = _Text(book, name, lambda value, cell: xlsx_value_to_str(value))
                rows = get_excel_rows(header, sheet.iter_rows(min_row=2, max_col=len(header)), text)
                book.sheets[key] = Sheet(name, header, rows)
    finally:
        reader.wb.close()
        reader.archive.close()
    return book


def _read_xls(data: bytes) -> Workbook:
    source = xlrd.open_workbook(file_contents=data, logfile=io.StringIO())
    book = Workbook("xls", source.sheet_names())
    try:
        for sheet in source.sheets():
            if key := _keep(book, sheet.name):
                header = _headers(book, sheet.name, (cell.value for cell in next(sheet.get_rows(), [])))
                text = _Text(book, sheet.name, lambda v, cell: xls_value_to_unicode(v, cell.ctype, source.datemode))
                cells = (tuple(sheet.cell(r, c) for c in range(len(header))) for r in range(1, sheet.nrows))
                book.sheets[key] = Sheet(sheet.name, header, get_excel_rows(header, cells, text))
    finally:
        source.release_resources()
    return book


def _read_text(data: bytes, kind: str) -> Workbook:
    parse = {"md": md_to_dict, "csv": csv_to_dict}[kind]
    try:
        parsed = parse(io.BytesIO(data.removeprefix(b"\xef\xbb\xbf")))
    except PyXFormError as error:
        raise Unreadable("not_a_workbook", what="text") from error
    book = Workbook(kind, parsed["sheet_names"])
    for name in book.sheet_names:
        key = _keep(book, name)
        if key in parsed:
            header = list((parsed.get(f"{key}_header") or [{}])[0])
            rows = [{h: text.translate(FORBIDDEN) for h, text in row.items()} for row in parsed[key]]
            book.sheets[key] = Sheet(name, header, rows)
    return book


READERS = {
    "xlsx": _read_xlsx,
    "xls": _read_xls,
    "md": lambda data: _read_text(data, "md"),
    "csv": lambda data: _read_text(data, "csv"),
}
