"""From the bytes of a file to sheets of rows: Excel, CSV of any separator and encoding, or several CSV in a ZIP."""

import codecs
import csv
import io
import json
import re
import struct
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path, PurePosixPath
from tempfile import TemporaryFile
from typing import Any, BinaryIO

from jalons.collection.submissions.rules import excel
from jalons.core.errors import Refused, _

MEGABYTE = 10**6
MAX_BYTES = 300 * MEGABYTE
MOST_PARTS = 1_000
HANDFUL = 500  # rows of a workbook taken at a time
MAX_COLUMNS = 5_000
DELIMITERS = ";,\t|"
BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
# first bytes -> what the file is; those of a table are followed further
MAGIC = (
    (b"PK\x03\x04", "zip"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole"),
    (b"%PDF", "PDF"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x1f\x8b", "GZIP"),
    (b"7z\xbc\xaf", "7-Zip"),
    (b"Rar!", "RAR"),
    (b"{\\rtf", "RTF"),
    (b"PK\x05\x06", "ZIP"),
)
# what a damaged or contrived archive raises when it is read
BROKEN = (
    zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, struct.error, NotImplementedError, RuntimeError, ValueError,
    OSError, EOFError,
)  # fmt: skip
WORKBOOKS = frozenset({"xl/workbook.xml", "xl/workbook.bin", "content.xml"})  # Excel, its binary kind, OpenDocument
MOST_UNPACKED = 1_500 * MEGABYTE  # what a workbook says that it unpacks to
VBA = "_VBA_PROJECT".encode("utf-16-le")
ENCRYPTED_STREAM = "EncryptedPackage".encode("utf-16-le")  # [MS-OFFCRYPTO] §2.3.4.4
HOME = Path(__file__).parents[4]
READER = (sys.executable, "-m", excel.__name__)
TIME = 2 * excel.SECONDS
Rows = Callable[[], Iterator[list[Any]]]

SAVE_AS = _("Ouvrez-le dans Excel ou LibreOffice et enregistrez-le en .xlsx ou en CSV UTF-8.")
EMPTY = _("Le fichier « %(name)s » est vide. Choisissez le fichier exporté, puis recommencez.")
LARGE = _("Le fichier « %(name)s » dépasse %(limit)s Mo. Coupez-le en plusieurs fichiers.")
NOT_TABLE = _("« %(name)s » n’est pas un tableau : son contenu est de type %(what)s. %(remedy)s")
DAMAGED = _("Le classeur « %(name)s » est abîmé et ne s’ouvre pas. %(remedy)s")
ENCRYPTED = _("« %(name)s » est protégé par un mot de passe. Retirez-le, enregistrez, puis recommencez.")
OVERSIZED = _(
    "Le classeur « %(name)s » est démesuré ou abîmé : le lire dépasse la mémoire permise. Exportez-le en CSV."
)
ENCODING = _("L’encodage de « %(name)s » n’est pas reconnu (octet %(position)s). Enregistrez en « CSV UTF-8 ».")
WIDE = _(
    "« %(name)s » a %(count)s colonnes ; %(limit)s au plus se lisent. "
    "Retirez celles qui sont de trop, puis recommencez."
)
HEADLESS = _("« %(name)s » n’a pas de ligne d’en-têtes, ou pas une seule ligne de données.")

ENDINGS = {excel.ENCRYPTED: ENCRYPTED, excel.DAMAGED: DAMAGED}


@dataclass(frozen=True)
class Sheet:
    """One table of a file: its header, its rows as often as they are asked for, and the number of the first one.

    table:     the table of the form that the sheet says it holds; None when it does not say.
    prefilled: places of the columns that held something before anyone wrote.
    errors:    cells whose formula ends in an error, by their address; they are read as blanks.
    uncomputed: cells whose formula has no result in the file, by their address; they are read as blanks.
    hidden:    how many rows the spreadsheet hides; they are read.
    merged:    cells merged over several rows: the first row, and their address; the rows below read as blanks.
    left:      columns of the spreadsheet before the first one that holds anything.
    """

    name: str
    header: tuple[str, ...]
    rows: Rows
    first: int = 2
    count: int | None = None
    table: str | None = None
    prefilled: frozenset[int] = frozenset()
    left: int = 0
    errors: tuple[str, ...] = ()
    uncomputed: tuple[str, ...] = ()
    hidden: int = 0
    merged: tuple[tuple[int, str], ...] = ()


def sheets(file: BinaryIO, name: str) -> list[Sheet]:
    """The sheets of a file that have a header and at least one row.

    Error:  Refused, saying what the file is and what to do, when it is no table, is damaged, encrypted, hostile or
            too large.
    Source: ours; the content decides, extensions lie.
    """
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    head = file.read(4096)
    file.seek(0)
    if not head.strip(b"\0 \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise Refused(EMPTY, name=name)
    if size > MAX_BYTES:
        raise Refused(LARGE, name=name, limit=MAX_BYTES // MEGABYTE)
    kind = next((kind for magic, kind in MAGIC if head.startswith(magic)), "text")
    openers = {"zip": _zipped, "ole": _excel, "text": _text}
    if kind not in openers:
        raise Refused(NOT_TABLE, name=name, what=kind, remedy=SAVE_AS)
    found = openers[kind](file, name)
    if not found:
        raise Refused(HEADLESS, name=name)
    return found


# Excel


def _zipped(file: BinaryIO, name: str) -> list[Sheet]:
    try:
        with zipfile.ZipFile(file) as archive:
            parts = archive.infolist()
            if any(part.flag_bits & 1 for part in parts):
                raise Refused(ENCRYPTED, name=name)
            if not WORKBOOKS.isdisjoint(archive.namelist()):
                if sum(part.file_size for part in parts) > MOST_UNPACKED:
                    raise Refused(OVERSIZED, name=name)
                return _excel(file, name)
            tables = [part for part in parts if part.filename.lower().endswith((".csv", ".tsv"))]
            if not 0 < len(tables) <= MOST_PARTS:
                raise Refused(NOT_TABLE, name=name, what="ZIP", remedy=SAVE_AS)
            return list(_inner(archive, tables, name))
    except BROKEN as fault:
        raise Refused(DAMAGED, name=name, remedy=SAVE_AS) from fault


def has_macros(file: BinaryIO) -> bool:
    """Whether a workbook carries a program; it is neither read nor run.

    Source: [MS-OFFMACRO2] vbaProject.bin; [MS-OVBA] the storage of older workbooks.
    """
    file.seek(0)
    head = file.read(8)
    file.seek(0)
    if head.startswith(b"PK"):
        with suppress(*BROKEN), zipfile.ZipFile(file) as archive:
            return any(name.endswith("vbaProject.bin") or name.startswith("Basic/") for name in archive.namelist())
    return head.startswith(b"\xd0\xcf\x11\xe0") and VBA in file.read()


def unpacked(archive: zipfile.ZipFile, part: zipfile.ZipInfo, limit: int) -> Iterator[bytes]:
    """The content of a ZIP member, as far as one chunk beyond the limit.

    Source: ours; the size that an archive declares may lie, the data is followed to its real end.
    """
    part.file_size, seen = 2**62, 0
    with archive.open(part) as member:
        while seen <= limit and (chunk := member.read(MEGABYTE)):
            seen += len(chunk)
            yield chunk


def _excel(file: BinaryIO, name: str) -> list[Sheet]:
    """Have the workbook read by a process of its own, whose lines wait in a file until they are asked for."""
    file.seek(0)
    data = file.read()
    if ENCRYPTED_STREAM in data:
        raise Refused(ENCRYPTED, name=name)
    kept = TemporaryFile()  # noqa: SIM115 (its sheets keep it open)
    how = {"stdout": kept, "stderr": subprocess.DEVNULL, "cwd": HOME, "timeout": TIME, "check": False}
    try:
        ended = subprocess.run(READER, input=data, **how)  # noqa: S603 (our own program, without arguments)
    except subprocess.TimeoutExpired:
        raise Refused(OVERSIZED, name=name) from None
    if ended.returncode != excel.READ:
        raise Refused(ENDINGS.get(ended.returncode, OVERSIZED), name=name, remedy=SAVE_AS)
    return _sheets_in(kept)


def _sheets_in(kept: BinaryIO) -> list[Sheet]:
    kept.seek(0)
    found, at = [], 0
    for line in kept:
        at += len(line)
        if line.startswith(b"{"):
            found.append((json.loads(line), at))
    return [sheet for said, place in found if (sheet := _sheet(kept, said, place))]


def _sheet(kept: BinaryIO, said: dict[str, Any], place: int) -> Sheet | None:
    def rows() -> Iterator[list[Any]]:
        at, left = place, said["count"]
        while left:
            kept.seek(at)
            lines = list(islice(kept, min(left, HANDFUL)))
            at, left = at + sum(map(len, lines)), left - len(lines)
            yield from map(json.loads, lines)

    header = named(next(rows()), said["sheet"])
    if not header or said["count"] < 2:
        return None
    return Sheet(said["sheet"], header, lambda: islice(rows(), 1, None), said["first"] + 1, said["count"] - 1,
                 left=said["left"], errors=tuple(said["errors"]), uncomputed=tuple(said["uncomputed"]),
                 hidden=said["hidden"], merged=tuple((row, where) for row, where in said["merged"]))  # fmt: skip


def named(cells: list[Any], name: str) -> tuple[str, ...]:
    """Texts of the header; a second column of the same name is numbered. Nothing when no cell holds a text.

    Source: ours.

    >>> named(["nom", " nom ", None], "f")
    ('nom', 'nom (2)', '')
    """
    texts = [str(cell).strip().replace("\0", "") if cell is not None else "" for cell in cells]
    width = max((place for place, text in enumerate(texts, 1) if text), default=0)
    if width > MAX_COLUMNS:
        raise Refused(WIDE, name=name, count=width, limit=MAX_COLUMNS)
    seen: dict[str, int] = {}
    names = []
    for text in texts[:MAX_COLUMNS]:
        seen[text] = seen.get(text, 0) + 1
        names.append(f"{text} ({seen[text]})" if text and seen[text] > 1 else text)
    return tuple(names) if width else ()


# Text


def _inner(archive: zipfile.ZipFile, parts: list[zipfile.ZipInfo], name: str) -> Iterator[Sheet]:
    """The tables of an archive; all of them together are no larger than a file may be."""
    left = MAX_BYTES
    for part in parts:
        content = b"".join(unpacked(archive, part, left))
        left -= len(content)
        if left < 0:
            raise Refused(LARGE, name=name, limit=MAX_BYTES // MEGABYTE)
        if content.strip():
            yield from _text(io.BytesIO(content), PurePosixPath(part.filename.replace("\\", "/")).stem)


def _text(file: BinaryIO, name: str) -> list[Sheet]:
    encoding = _encoding(file, name)
    start = io.TextIOWrapper(file, encoding=encoding, newline="")
    sample = start.read(65_536)
    start.detach()
    if re.match(r"\s*(<\?xml|<!doctype|<html|<\w)", sample, re.IGNORECASE):
        raise Refused(NOT_TABLE, name=name, what="XML", remedy=SAVE_AS)
    if re.match(r"\s*[\[{]\s*[\"{\[\]}]", sample):
        raise Refused(NOT_TABLE, name=name, what="JSON", remedy=SAVE_AS)
    delimiter, skipped = _delimiter(sample)

    def rows() -> Iterator[list[str]]:
        file.seek(0)
        lines = io.TextIOWrapper(file, encoding=encoding, newline="")
        try:
            for _line in range(skipped):
                lines.readline()
            yield from _cells(lines, delimiter, name)
        finally:
            lines.detach()

    first = rows()
    header = named(next(first, []), name)
    more = next(first, None)
    first.close()
    return [Sheet(PurePosixPath(name).stem, header, lambda: islice(rows(), 1, None))] if header and more else []


def _cells(lines: io.TextIOWrapper, delimiter: str, name: str) -> Iterator[list[str]]:
    reader = csv.reader(lines, delimiter=delimiter)
    try:
        yield from reader
    except csv.Error as fault:
        raise Refused(
            _("« %(name)s », ligne %(line)s : le fichier ne se lit plus (%(detail)s). Vérifiez les guillemets."),
            name=name, line=reader.line_num, detail=str(fault),
        ) from None  # fmt: skip


def _delimiter(sample: str) -> tuple[str, int]:
    """The separator that makes the most columns of the first line, and the lines to skip: Excel's `sep=;`."""
    lines = [line for line in sample.splitlines()[:20] if line.strip()]
    if found := re.fullmatch(r"sep=(.)\s*", lines[0].lower() if lines else ""):
        return found[1], 1
    return max(DELIMITERS, key=lambda mark: _width(lines[:1], mark)), 0


def _width(lines: list[str], delimiter: str) -> int:
    try:
        return len(next(csv.reader(lines, delimiter=delimiter), []))
    except csv.Error:
        return 0


def _encoding(file: BinaryIO, name: str) -> str:
    """The encoding of a text: its mark tells, else UTF-8 if all is, else Windows’ Arabic or Western one by its look."""
    head = file.read(4096)
    file.seek(0)
    if encoding := next((encoding for mark, encoding in BOMS if head.startswith(mark)), None):
        _decodes(file, encoding, name)
        return encoding
    if b"\0" in head:
        encoding = "utf-16-le" if head[1::2].count(0) > head[::2].count(0) else "utf-16-be"
        _decodes(file, encoding, name)
        return encoding
    try:
        _decodes(file, "utf-8", name)
    except Refused as verdict:
        if _looks_arabic(file):
            _decodes(file, "cp1256", name)
            return "cp1256"
        _decodes(file, "cp1252", name)
        if not _looks_western(file):
            raise verdict from None
        return "cp1252"
    return "utf-8"


def _decodes(file: BinaryIO, encoding: str, name: str) -> None:
    decoder, position = codecs.getincrementaldecoder(encoding)(), 0
    try:
        while chunk := file.read(MEGABYTE):
            decoder.decode(chunk)
            position += len(chunk)
        decoder.decode(b"", final=True)
    except UnicodeError as fault:
        raise Refused(ENCODING, name=name, position=position + getattr(fault, "start", 0)) from None
    finally:
        file.seek(0)


def _looks_arabic(file: BinaryIO) -> bool:
    """Whether, read in Windows' Arabic encoding, nearly all that is not ASCII makes words of two Arabic letters."""
    text = file.read(MEGABYTE).decode("cp1256", errors="replace")
    file.seek(0)
    beyond = [letter for letter in text if letter > "\x7f" and letter.isalpha()]
    arabic = "".join(word for word in re.findall(r"[\u0621-\u064a]{2,}", text))
    return len(arabic) > 0.9 * len(beyond) > 0


def _looks_western(file: BinaryIO) -> bool:
    """French has few accents; Arabic written in Windows' own encoding has hardly anything else."""
    text = file.read(MEGABYTE)
    file.seek(0)
    letters = sum(1 for byte in text if byte > 127 or chr(byte).isalpha())
    return sum(byte > 127 for byte in text) <= 0.3 * letters
