"""The files of issued reports as they lie on the disk, proved by their SHA-256."""

import hashlib

from jalons.core import documents


class Altered(Exception):
    """The disk no longer holds what was issued."""


def kept(sha256: str) -> bytes:
    """The content whose fingerprint this is. Error: Altered when the file is gone or is another one."""
    try:
        content = documents.read(sha256)
    except FileNotFoundError as gone:
        raise Altered from gone
    if hashlib.sha256(content).hexdigest() != sha256:
        raise Altered
    return content
