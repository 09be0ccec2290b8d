"""Rows as PostgreSQL's binary COPY reads them: arrays are encoded a whole matrix at a time."""

import struct
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from functools import lru_cache

import numpy as np

START = b"PGCOPY\n\xff\r\n\0" + struct.pack(">ii", 0, 0)
END = struct.pack(">h", -1)
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
TEXT, VARCHAR, FLOAT8, INT8 = 25, 1043, 701, 20


def line(fields: Sequence[bytes]) -> bytes:
    """One row, from its fields already encoded. Source: PostgreSQL manual, COPY, binary format."""
    return struct.pack(">h", len(fields)) + b"".join(struct.pack(">i", len(field)) + field for field in fields)


def whole(value: int) -> bytes:
    """A bigint. Source: PostgreSQL int8send."""
    return struct.pack(">q", value)


def moment(value: datetime) -> bytes:
    """A timestamp with time zone. Source: PostgreSQL timestamptz_send: microseconds since 2000."""
    return struct.pack(">q", round((value - EPOCH).total_seconds() * 1_000_000))


def texts(values: Iterable[str], kind: int = TEXT) -> bytes:
    """An array of texts. Source: PostgreSQL array_send."""
    encoded = [_text(value) for value in values]
    return _head(len(encoded), kind) + b"".join(encoded)


@lru_cache(maxsize=2**16)
def _text(value: str) -> bytes:
    """A text with its length before it; the same cells come back in every period."""
    encoded = value.encode()
    return struct.pack(">i", len(encoded)) + encoded


def matrix(values: np.ndarray, kind: int = FLOAT8, *, sparse: bool = False) -> list[bytes]:
    """An array of numbers for each line of a matrix; NaN is written null.

    sparse: an array with nothing else is left empty.

    Source: PostgreSQL array_send, float8send, int8send.

    >>> matrix(np.array([[1.0, np.nan]]))[0][-16:].hex(" ", 4)
    '00000008 3ff00000 00000000 ffffffff'
    """
    unknown = np.isnan(values)
    items = np.empty(values.shape, [("length", ">i4"), ("value", ">i8" if kind == INT8 else ">f8")])
    items["length"], items["value"] = np.where(unknown, -1, 8), np.where(unknown, 0, values)
    head = _head(values.shape[1], kind, nullable=True)
    absent = nothing(kind) if sparse else head + struct.pack(">i", -1) * values.shape[1]
    known, blank = ~unknown.any(axis=1), unknown.all(axis=1)
    return [
        absent if blank[i] else head + (items[i].tobytes() if known[i] else _with_holes(items[i], unknown[i]))
        for i in range(len(values))
    ]


def _with_holes(items: np.ndarray, unknown: np.ndarray) -> bytes:
    """A null has a length and no value."""
    octets = items.view(np.uint8).reshape(-1, 12)
    kept = np.ones(octets.shape, bool)
    kept[unknown, 4:] = False
    return octets[kept].tobytes()


def nothing(kind: int = FLOAT8) -> bytes:
    """An empty array. Source: PostgreSQL array_send."""
    return struct.pack(">iii", 0, 0, kind)


def _head(length: int, kind: int, *, nullable: bool = False) -> bytes:
    return struct.pack(">iiiii", 1, nullable, kind, length, 1) if length else nothing(kind)
