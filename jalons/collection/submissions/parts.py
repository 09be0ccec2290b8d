"""The parts of what a phone sends: the instance in memory, each file on disk under its SHA-256 as it comes."""

import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from io import BytesIO
from typing import BinaryIO

from multipart import MultipartError, MultipartSegment, PushMultipartParser, parse_options_header

from jalons.collection.submissions.arrivals import Part
from jalons.collection.submissions.rules import instances
from jalons.core import documents

INSTANCE = "xml_submission_file"
BLOCK = 1 << 16  # bytes read at a time
MOST_PARTS = 1_000
LONGEST = 255


class TooLong(Exception):
    """What comes is longer than what is kept."""


class InstanceTooLong(Exception):
    """The instance alone is longer than what is read."""


class Unreadable(Exception):
    """What came is no whole multipart/form-data."""


def read(
    source: BinaryIO, content_type: str, length: int | None, most: int, check: Callable[[bytes], object]
) -> tuple[bytes | None, list[Part]]:
    """The instance (None when there is none) and the files that came with it, these durable already.

    length:  bytes to read; None: sent in chunks, to its end.
    check:   raises when the instance is not one to keep; asked before any file is kept, so that none fills the disk.
    Error:   TooLong beyond `most` bytes; InstanceTooLong; Unreadable when cut short or malformed. What is cut short
             or refused leaves nothing.
    Source:  RFC 7578; OpenRosa Form Submission API.
    """
    _kind, options = parse_options_header(content_type)
    reception = _Reception()
    try:
        with PushMultipartParser(options.get("boundary", ""), max_segment_count=MOST_PARTS) as parser:
            for block in _blocks(source, length, most):
                for event in parser.parse(block):
                    reception.take(event)
        if reception.waiting and reception.instance is not None:
            check(reception.instance)
            reception.keep()
    except (MultipartError, OSError):
        raise Unreadable from None
    finally:
        reception.drop()
    return reception.instance, reception.parts


def named(said: str) -> str:
    """The name of a file as answers give it, marks of direction and joiners included; no path, no control character."""
    last = said.replace("\\", "/").rpartition("/")[2]
    return "".join(c for c in last if unicodedata.category(c) not in ("Cc", "Cs"))[-LONGEST:] or "document"


def _blocks(source: BinaryIO, length: int | None, most: int) -> Iterator[bytes]:
    left = most + 1 if length is None else length
    if left > most and length is not None:
        raise TooLong
    while left and (block := source.read(min(left, BLOCK))):
        left -= len(block)
        if not left and length is None:
            raise TooLong
        yield block


@dataclass(slots=True)
class _Reception:
    instance: bytes | None = None
    parts: list[Part] = field(default_factory=list)
    name: str = ""
    open: BytesIO | documents.Incoming | None = None  # the part that is being received, unless it is left
    waiting: list[tuple[str, documents.Incoming]] = field(default_factory=list)  # files that came whole

    def take(self, event: MultipartSegment | bytes | None) -> None:
        """The head of a part, some of its bytes, or its end."""
        if isinstance(event, MultipartSegment):
            self.begin(event)
        elif event is None:
            self.end()
        elif self.open is not None:
            self.open.write(event)
            if isinstance(self.open, BytesIO) and self.open.tell() > instances.LARGEST:
                raise InstanceTooLong

    def begin(self, head: MultipartSegment) -> None:
        if head.name == INSTANCE:
            self.open = BytesIO()
        elif head.filename:
            self.name, self.open = named(head.filename), documents.Incoming()

    def end(self) -> None:
        if isinstance(self.open, BytesIO):
            self.instance = self.open.getvalue()
        elif self.open is not None:
            self.open.settle()
            self.waiting.append((self.name, self.open))
        self.open = None

    def keep(self) -> None:
        """Make the files durable under their SHA-256."""
        while self.waiting:
            name, incoming = self.waiting[0]
            sha256, size = incoming.keep()
            del self.waiting[0]
            with documents.path(sha256).open("rb") as content:
                self.parts.append(Part(name, sha256, documents.media_type(content), size))

    def drop(self) -> None:
        """Leave nothing of a file that did not come to its end, or that came with what is not kept."""
        if isinstance(self.open, documents.Incoming):
            self.open.drop()
        for _name, incoming in self.waiting:
            incoming.drop()
