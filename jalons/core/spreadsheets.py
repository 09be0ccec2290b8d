"""What every workbook that we write needs and the format leaves to chance: rows as high as their texts."""

import io
import re
from collections.abc import Iterable
from math import ceil
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

LINE = 13.5  # points of one line of text in 10 points
TALLEST = 409  # points that Excel gives a row
FIXED = re.compile(rb'(<row [^>]*?) customHeight="1"')


def row_height(cells: Iterable[tuple[Any, float]], line: float = LINE) -> float:
    """Points that a row needs, from its values and the widths of their columns in characters.

    Excel finds it out by itself when it opens a file; other readers do not.
    """
    lines = (_lines(value, width) for value, width in cells if isinstance(value, str))
    return min(line * max(lines, default=1) + 1.5, TALLEST)


def _lines(text: str, width: float) -> int:
    return sum(ceil(max(len(part), 1) * 1.02 / width) for part in text.split("\n"))


def growing(content: bytes) -> bytes:
    """The same workbook whose rows keep their heights until someone types in them, then follow the text again."""
    buffer = io.BytesIO()
    with ZipFile(io.BytesIO(content)) as source, ZipFile(buffer, "w", ZIP_DEFLATED) as target:
        for member in source.infolist():
            part = source.read(member)
            target.writestr(member, FIXED.sub(rb"\1", part) if "/worksheets/" in member.filename else part)
    return buffer.getvalue()
