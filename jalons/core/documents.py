"""Files kept once under their SHA-256, with their type read from the content and not from the name."""

import errno
import hashlib
import os
import re
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePath
from tempfile import NamedTemporaryFile
from typing import Any, BinaryIO

import puremagic
from django.conf import settings
from django.db import models
from django.utils import timezone

from jalons.core.actions import action
from jalons.core.errors import Refused, _
from jalons.core.levels import Level
from jalons.core.models import Document
from jalons.core.scope import Row

FULL = {errno.ENOSPC, errno.EDQUOT}
FULL_DISK = _("Le disque du serveur est plein : le fichier n’a pas été gardé. Prévenez l’administration.")
LIMIT = 50 * 1024 * 1024  # bytes, per attached document
UNKNOWN_TYPE = "application/octet-stream"
PROGRAM, SCRIPT, PAGE = "application/x-executable", "text/x-script", "text/html"
REFUSED = {PROGRAM, SCRIPT, PAGE}
STARTS = {
    re.compile(rb"MZ|\x7fELF|\xca\xfe\xba\xbe|\xcf\xfa\xed\xfe"): PROGRAM,
    re.compile(rb"#!"): SCRIPT,
    re.compile(rb"(\xef\xbb\xbf)?\s*<(!doctype\s+html|html|head|body|script|iframe)\b", re.IGNORECASE): PAGE,
}
# Office files are ZIP archives: the first folder found tells them apart.
OFFICE = "application/vnd.openxmlformats-officedocument."
IN_ZIP = {
    "word/": OFFICE + "wordprocessingml.document",
    "xl/": OFFICE + "spreadsheetml.sheet",
    "ppt/": OFFICE + "presentationml.presentation",
}


class Incoming:
    """A file being written, known by its content once whole: `write` its chunks, then `keep` it, or `drop` it.

    In between it may `settle`: all of it is on the disk, under no name that anything finds yet.

    Error: Refused when the disk is full.
    """

    def __init__(self) -> None:
        self.folder = Path(settings.DOCUMENTS)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.file = NamedTemporaryFile(dir=self.folder, delete=False)  # noqa: SIM115 — closed by keep or drop
        self.digest, self.size = hashlib.sha256(), 0

    def write(self, chunk: bytes) -> None:
        self.digest.update(chunk)
        self.size += len(chunk)
        with full_disk_said():
            self.file.write(chunk)

    def settle(self) -> None:
        if not self.file.closed:
            with full_disk_said():
                self.file.flush()
                os.fsync(self.file.fileno())
            self.file.close()

    def keep(self) -> tuple[str, int]:
        """Make the file durable under its SHA-256: hexadecimal SHA-256, and size in bytes."""
        self.settle()
        target = path(self.digest.hexdigest())
        with full_disk_said():
            target.parent.mkdir(exist_ok=True)
            os.replace(self.file.name, target)
        for folder in (target.parent, self.folder):
            _keep_name(folder)
        return self.digest.hexdigest(), self.size

    def drop(self) -> None:
        with suppress(OSError):  # what could not be written cannot be flushed either
            self.file.close()
        Path(self.file.name).unlink(missing_ok=True)


def store(chunks: Iterable[bytes]) -> tuple[str, int]:
    """Write a file under its SHA-256 and make it durable.

    Returns the hexadecimal SHA-256 and the size in bytes. The same content twice is one file.
    """
    incoming = Incoming()
    try:
        with full_disk_said():
            for chunk in chunks:
                incoming.write(chunk)
        return incoming.keep()
    except BaseException:
        incoming.drop()
        raise


@contextmanager
def full_disk_said() -> Iterator[None]:
    """Say in words that the disk is full."""
    try:
        yield
    except OSError as fault:
        if fault.errno not in FULL:
            raise
        raise Refused(FULL_DISK) from None


def _keep_name(folder: Path) -> None:
    """Make a new name in a folder survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def path(sha256: str) -> Path:
    """Where the content with this SHA-256 lies."""
    return Path(settings.DOCUMENTS) / sha256[:2] / sha256


def read(sha256: str) -> bytes:
    """The content with this SHA-256, whole."""
    return path(sha256).read_bytes()


def media_type(file: BinaryIO) -> str:
    """Type of a content, whatever its name says."""
    file.seek(0)
    head = file.read(8192)
    file.seek(0)
    if head.startswith(b"PK\x03\x04"):
        return _in_zip(file)
    for start, kind in STARTS.items():
        if start.match(head):
            return kind
    try:
        return puremagic.from_string(head, mime=True) or UNKNOWN_TYPE
    except (puremagic.PureError, ValueError):
        return "text/plain" if _is_text(head) else UNKNOWN_TYPE


def _in_zip(file: BinaryIO) -> str:
    try:
        with zipfile.ZipFile(file) as archive:
            names = archive.namelist()
            if "mimetype" in names:  # OpenDocument says its type in a file of its own
                return archive.open("mimetype").read(100).decode("ascii", "replace").strip()
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError):
        return UNKNOWN_TYPE
    finally:
        file.seek(0)
    return next(
        (kind for folder, kind in IN_ZIP.items() if any(n.startswith(folder) for n in names)), "application/zip"
    )


def _is_text(head: bytes) -> bool:
    return b"\x00" not in head and "\ufffd" not in head.decode("utf-8", "replace")[:-1]


def safe_name(name: str) -> str:
    """The last part of a file name, without path, control characters or excess length."""
    last = PurePath(name.replace("\\", "/")).name
    return "".join(c for c in last if c.isprintable())[-200:] or "document"


@action("document.attached", needs=Level.EDIT)
def attach(*, target: Row, document: Any, by: models.Model) -> Document:
    """Attach an uploaded file to a row; the same file twice on the same row is one document.

    Error: Refused when the file is empty, too large or of a refused type.
    """
    name = safe_name(document.name)
    if not document.size:
        raise Refused(_("Le fichier « %(name)s » est vide."), field="document", name=name)
    if document.size > LIMIT:
        raise Refused(
            _("Le fichier « %(name)s » dépasse %(limit)s Mo. Réduisez-le ou joignez-le en plusieurs parties."),
            field="document", name=name, limit=LIMIT // 1024**2,
        )  # fmt: skip
    kind = media_type(document.file)
    if kind in REFUSED:
        raise Refused(_("« %(name)s » est un programme ou une page web : ce type de fichier n’est pas accepté."),
                      field="document", name=name)  # fmt: skip
    sha256, size = store(document.chunks())
    kept, _new = Document.objects.get_or_create(
        target=target._meta.label, target_id=target.pk, sha256=sha256, removed_at=None,
        defaults={"name": name, "media_type": kind, "size": size, "by": by, "programme_id": target.owner_id},
    )  # fmt: skip
    return kept


@action("document.detached", needs=Level.EDIT)
def detach(*, target: Row, sha256: str, by: models.Model) -> Document:
    """Take a document off a row: it is no longer shown nor downloaded; its content stays until its retention term."""
    document = documents_of(target).select_for_update().filter(sha256=sha256).first()
    if document is None:
        raise Refused(_("Ce document n’est plus joint."))
    document.removed_at = timezone.now()
    document.save(update_fields=["removed_at", "updated_at"])
    return document


def documents_of(target: models.Model) -> models.QuerySet[Document]:
    """Documents attached to a row, oldest first."""
    return Document.objects.filter(target=target._meta.label, target_id=target.pk, removed_at=None).order_by("pk")
