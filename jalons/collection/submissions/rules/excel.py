"""Excel files read by a process of their own, with bounded memory and time: a hostile workbook can only end that one.

Run as a program, it reads a workbook on its input and writes lines of JSON: an object for each sheet, then an array
for each of its rows. Dates are written as ISO 8601.
"""

import errno
import html
import io
import json
import re
import sys
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from typing import IO, Any

from python_calamine import CalamineError, CalamineWorkbook, PasswordError

try:
    import resource
except ImportError:  # only Unix bounds a process this way
    resource = None

MEMORY = 2_000_000_000  # bytes
SECONDS = 300
WRITTEN = 3_000_000_000  # bytes of lines: a text that a million cells share is written a million times
MOST_ERRORS, LONGEST_CELL = 20, 9_000  # addresses told; bytes of a cell, whose formula has 8,192 letters at most
ERROR = re.compile(rb'<c r="([A-Z]+[0-9]+)"[^>]*? t="e"')
UNCOMPUTED = re.compile(
    rb'<c r="([A-Z]+[0-9]+)"(?: s="[0-9]+")?><f[^>]{0,200}>(?:[^<]{0,8500}</f>)?(?:<v ?/>|<v></v>)?</c>'
)
HIDDEN = re.compile(rb'<row (?=[^>]{0,300}\bhidden="(?:1|true)")[^>]{0,300}?\br="([0-9]+)"')
SHEET = re.compile(r'<sheet [^>]*?name="([^"]*)"[^>]*?r:id="([^"]*)"')
RELATION = re.compile(r'<Relationship [^>]*?Id="([^"]*)"[^>]*?Target="([^"]*)"')
TURNED = re.compile(r'<Relationship [^>]*?Target="([^"]*)"[^>]*?Id="([^"]*)"')
NOTHING = {"errors": [], "uncomputed": [], "hidden": 0}
READ, ENCRYPTED, DAMAGED, ENDLESS = 0, 3, 4, 5  # what the process ends with; a signal when it went beyond its bounds


def lines(data: bytes) -> Iterator[str]:
    """The sheets of a workbook as lines of JSON; sheets without a cell left out.

    Error:  PasswordError when it is encrypted, CalamineError when it is no workbook.
    Source: ours.
    """
    book, seen = CalamineWorkbook.from_filelike(io.BytesIO(data)), unseen(data)
    for name in book.sheet_names:
        sheet = book.get_sheet_by_name(name)
        if sheet.start is None:
            continue
        above = sheet.start[0]
        yield json.dumps(
            {
                "sheet": name,
                "first": above + 1,
                "left": sheet.start[1],
                "count": sheet.height,
                **seen.get(name, NOTHING),
            }
        )
        for number, row in enumerate(sheet.iter_rows()):
            if number >= above:
                yield json.dumps(row, default=as_text, ensure_ascii=False)


def unseen(data: bytes) -> dict[str, dict[str, Any]]:
    """What the reader does not show of each sheet: cells whose formula ends in an error, or has no result yet, which
    it gives as blanks, and how many rows are hidden.

    Missing: nothing is found in other kinds of workbooks than .xlsx.
    Source:  ECMA-376 part 1, 18.18.11: a cell of type "e"; 18.3.1.40: a formula keeps its last result in `v`.
    """
    found: dict[str, dict[str, Any]] = {}
    with suppress(zipfile.BadZipFile, KeyError, ValueError), zipfile.ZipFile(io.BytesIO(data)) as archive:
        paths = dict(RELATION.findall(archive.read("xl/_rels/workbook.xml.rels").decode()))
        paths |= {key: path for path, key in TURNED.findall(archive.read("xl/_rels/workbook.xml.rels").decode())}
        for name, key in SHEET.findall(archive.read("xl/workbook.xml").decode()):
            path = paths[key].lstrip("/")
            with archive.open(path if path.startswith("xl/") else f"xl/{path}") as part:
                found[html.unescape(name)] = _unseen_in(part)
    return found


def _unseen_in(part: IO[bytes]) -> dict[str, Any]:
    """What one sheet does not show, read piece by piece."""
    kept, wrong, blank, hidden = b"", {}, {}, set()
    while chunk := part.read(1_000_000):
        text = kept + chunk
        for pattern, cells in ((ERROR, wrong), (UNCOMPUTED, blank)):
            if len(cells) < MOST_ERRORS:
                cells.update(dict.fromkeys(address.decode() for address in pattern.findall(text)))
        hidden.update(HIDDEN.findall(text))
        kept = text[max(text.rfind(b"<c ", -LONGEST_CELL), 0) :][-LONGEST_CELL:]
    return {"errors": [*wrong][:MOST_ERRORS], "uncomputed": [*blank][:MOST_ERRORS], "hidden": len(hidden)}


def as_text(value: Any) -> str:
    """A date, a time or a length of time as text.

    Source: ISO 8601.
    """
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def main() -> int:
    """Read a workbook on the input, write its lines on the output.

    Source: ours.
    """
    if resource:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
        resource.setrlimit(resource.RLIMIT_FSIZE, (WRITTEN, WRITTEN))
    with suppress(BrokenPipeError), open(sys.stdout.fileno(), "w", encoding="utf-8", closefd=False) as output:
        try:
            for line in lines(sys.stdin.buffer.read()):
                output.write(line + "\n")
        except PasswordError:
            return ENCRYPTED
        except (CalamineError, OSError, ValueError) as fault:
            return ENDLESS if getattr(fault, "errno", None) == errno.EFBIG else DAMAGED
    return READ


if __name__ == "__main__":
    sys.exit(main())
