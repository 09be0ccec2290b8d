"""By which name a submission is known, whatever file it comes in."""

import hashlib
import re
import uuid

BARE_UUID = re.compile(r"(uuid:)?([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})", re.IGNORECASE)
LONGEST = 249
ECHO = uuid.UUID("5d1f6c5e-8f0b-4b2e-9f57-6a4f0b6d2c11")


def canonical(name: str) -> str:
    """One spelling of an instance identifier: Kobo's `_uuid` has no prefix, the instance and ODK's KEY have one.

    Source: OpenRosa metadata, instanceID is `uuid:` and an RFC 4122 identifier.

    >>> canonical("87EEFA63-7523-479e-bb91-d21aa27cc6e7"), canonical(" fiche 12 ")
    ('uuid:87eefa63-7523-479e-bb91-d21aa27cc6e7', 'fiche 12')
    """
    name = name.strip().replace("\0", "")
    if found := BARE_UUID.fullmatch(name):
        return f"uuid:{found[2].lower()}"
    return name if len(name) <= LONGEST else f"sha256:{_digest(name.encode())}"


def derived(content: bytes, occurrence: int = 1) -> str:
    """An identifier for a submission that came without one, the same each time the same content comes.

    occurrence: two rows of one file may hold the same answers and be two persons: they are numbered.
    Source:     ours.

    >>> derived(b"a") == derived(b"a"), derived(b"a") == derived(b"a", 2)
    (True, False)
    """
    return f"sha256:{_digest(content)}" + (f":{occurrence}" if occurrence > 1 else "")


def echo(instance_id: str, number: int, deprecated_id: str) -> str:
    """The identifier that a version of ours bears once sent to the server that it came from: the same each time.

    deprecated_id: what it takes the place of there.
    Source:        RFC 9562, version 5; OpenRosa, each version of a submission has an identifier of its own.

    >>> echo("uuid:a", 2, "uuid:b")
    'uuid:d702bc4c-ac15-56de-939f-5c302c3b307f'
    """
    return f"uuid:{uuid.uuid5(ECHO, f'{instance_id} {number} {deprecated_id}')}"


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:40]
