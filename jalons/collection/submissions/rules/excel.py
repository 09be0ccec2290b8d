"""Excel files read by a process of their own, with bounded memory and time: a hostile workbook can only end that one.

Run as a program, it reads a workbook on its input and writes lines of JSON: an object for each sheet, then an array
for each of its rows. Dates are written as ISO 8601.
"""

import errno
import io
import json
import sys
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook, PasswordError

from jalons.collection.submissions.rules.unseen import NOTHING, tall, unseen

try:
    import resource
except ImportError:  # only Unix bounds a process this way
    resource = None

MEMORY = 2_000_000_000  # bytes
SECONDS = 300
WRITTEN = 3_000_000_000  # bytes of lines: a text that a million cells share is written a million times
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
        above, said = sheet.start[0], NOTHING | seen.get(name, {})
        merged = said["merged"] or tall(sheet.merged_cell_ranges or ())
        yield json.dumps(
            {
                "sheet": name,
                "first": above + 1,
                "left": sheet.start[1],
                "count": sheet.height,
                **said,
                "merged": merged,
            }
        )
        for number, row in enumerate(sheet.iter_rows()):
            if number >= above:
                yield json.dumps(row, default=as_text, ensure_ascii=False)


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
