"""Files kept once under their SHA-256, with their type read from the content and not from the name."""

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path, PurePath
from tempfile import NamedTemporaryFile
from typing import Any

import puremagic
from django.conf import settings
from django.db import models

from jalons.core.errors import Refused, _
from jalons.core.models import Document
from jalons.core.scope import ScopedModel

LIMIT = 50 * 1024 * 1024  # bytes, per attached document
REFUSED_TYPES = {"application/x-dosexec", "application/x-executable", "text/html", "application/x-sh"}


def store(chunks: Iterable[bytes]) -> tuple[str, int]:
    """Write a file under its SHA-256 and make it durable.

    Returns the hexadecimal SHA-256 and the size in bytes. The same content twice is one file.
    """
    folder = Path(settings.DOCUMENTS)
    folder.mkdir(parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    with NamedTemporaryFile(dir=folder, delete=False) as file:
        for chunk in chunks:
            digest.update(chunk)
            size += len(chunk)
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    target = path(digest.hexdigest())
    target.parent.mkdir(parents=True, exist_ok=True)
    os.replace(file.name, target)
    return digest.hexdigest(), size


def path(sha256: str) -> Path:
    """Where the content with this SHA-256 lies."""
    return Path(settings.DOCUMENTS) / sha256[:2] / sha256


def read(sha256: str) -> bytes:
    """The content with this SHA-256, whole."""
    return path(sha256).read_bytes()


def media_type(head: bytes, name: str) -> str:
    """Type of a content, from its first bytes; plain text when nothing is recognised and it decodes."""
    try:
        return puremagic.from_string(head, mime=True, filename=safe_name(name)) or "application/octet-stream"
    except (puremagic.PureError, ValueError):
        pass
    try:
        head.decode()
    except UnicodeDecodeError:
        return "application/octet-stream"
    return "text/plain"


def safe_name(name: str) -> str:
    """The last part of a file name, without path, control characters or excess length."""
    last = PurePath(name.replace("\\", "/")).name
    return "".join(c for c in last if c.isprintable())[-200:] or "document"


def attach(*, target: ScopedModel, upload: Any, by: models.Model) -> Document:
    """Attach an uploaded file to a row; call it from an action of the row's own app.

    Error: Refused when the file is empty, too large or of a refused type.
    """
    if not upload.size:
        raise Refused(_("Le fichier « %(name)s » est vide."), field="document", name=safe_name(upload.name))
    if upload.size > LIMIT:
        raise Refused(
            _("Le fichier « %(name)s » dépasse %(limit)s Mo. Réduisez-le ou joignez-le en plusieurs parties."),
            field="document", name=safe_name(upload.name), limit=LIMIT // 1024**2,
        )  # fmt: skip
    kind = media_type(upload.read(8192), upload.name)
    upload.seek(0)
    if kind in REFUSED_TYPES:
        raise Refused(_("Les fichiers de type %(kind)s ne sont pas acceptés."), field="document", kind=kind)
    sha256, size = store(upload.chunks())
    document, _created = Document.objects.get_or_create(
        target=target._meta.label, target_id=target.pk, sha256=sha256,
        defaults={"name": safe_name(upload.name), "media_type": kind, "size": size, "by": by,
                  "programme_id": target.owner_id},
    )  # fmt: skip
    return document


def documents_of(target: models.Model) -> models.QuerySet[Document]:
    """Documents attached to a row, oldest first."""
    return Document.objects.filter(target=target._meta.label, target_id=target.pk).order_by("pk")
