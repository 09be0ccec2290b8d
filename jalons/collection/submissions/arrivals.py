"""The door of phones: one statement makes an instance durable, before it is acknowledged."""

import json
import time
from dataclasses import asdict, dataclass
from enum import Enum
from typing import Any

import psycopg
from django.db import OperationalError, connection
from django.db.utils import InterfaceError

from jalons.collection.submissions.rules.instances import Header
from jalons.core.levels import Level
from jalons.foundation.accounts.roles import ROLES

SENDERS = [role for role, levels in ROLES.items() if levels["submissions"] >= Level.EDIT]
REMEMBERED = 10  # seconds during which a device, and what it sent today, are not asked again
# The device, if it may still send: its holder's account is open, and one of its roles brings submissions in.
DEVICE = f"""
submissions_device d join accounts_user u on u.id = d.holder_id and u.is_active and d.state = 'open' and exists (
  select from accounts_membership m
   where m.user_id = d.holder_id and m.programme_id = d.programme_id and m.role = any('{{{",".join(SENDERS)}}}'))
"""
WHO = """
select d.id, d.programme_id, d.key, d.secret, d.most_a_day, d.megabytes_a_day
  from {device} where {by} = %(name)s and d.kind = %(kind)s
"""
SENT = """
select count(*), coalesce(sum(a.size), 0) + coalesce(sum(f.size), 0)
  from (select id, size from submissions_arrival
         where device_id = %s and created_at >= date_trunc('day', now()) limit %s) a
  left join lateral (select sum(size) as size from submissions_attachment where arrival_id = a.id) f on true
"""
# The device as long as its key is what it was (renewed with its password), and the form that it sends.
SENT_NOW = f"""
from {DEVICE} left join forms_form on forms_form.programme_id = d.programme_id and forms_form.code = %(code)s::text
where d.key = %(key)s
"""
# A version that came otherwise, under the same identifier, and says something else.
OTHER = """
select from submissions_submission s
  join submissions_submissionversion v on v.submission_id = s.id and v.instance_id = %(instance)s::text
 where s.form_id = {form} and s.instance_id = %(instance)s::text
   and s.state <> 'withdrawn' and v.media_type = 'text/xml' and coalesce(v.original, sha256(v.content)) <> %(sha256)s
"""
INSERT = """
insert into submissions_arrival
       (updated_at, device_id, form_id, instance_id, sha256, size, content, state, reason)
select now(), d.id, forms_form.id, %(instance)s::text, %(sha256)s, octet_length(%(content)s), %(content)s,
       '{state}', '{{}}' {sent}
   and forms_form.state = 'published' {condition}
    on conflict do nothing
returning id
"""
FILES = """
insert into submissions_attachment (updated_at, arrival_id, name, sha256, media_type, size)
select now(), arrival.id, f.name, f.sha256, f.media_type, f.size
  from arrival, jsonb_to_recordset(%(files)s::jsonb) as f (name text, sha256 text, media_type text, size bigint)
    on conflict do nothing
"""
DECIDED = """
select from submissions_arrival a
 where a.instance_id = %(instance)s::text and a.form_id = forms_form.id and a.sha256 = %(sha256)s
   and a.state in ('conflict', 'admitted', 'dismissed')
"""
WITH_FILES = "with arrival as ({put}), files as ({files}) select id from arrival"
NEW = f"and not exists ({DECIDED}) and not exists ({OTHER.format(form='forms_form.id')})"
PUT = INSERT.format(state="waiting", sent=SENT_NOW, condition=NEW)
PUT_WITH_FILES = WITH_FILES.format(put=PUT, files=FILES)
PUT_ASIDE = WITH_FILES.format(put=INSERT.format(state="conflict", sent=SENT_NOW, condition=""), files=FILES)
# What is known of an instance that was not put. The files that came with the same bytes are kept.
KNOWN = """
with form as (select forms_form.id, forms_form.state {sent}), old as (
  select a.id, a.sha256 = %(sha256)s as is_same from submissions_arrival a join form on form.id = a.form_id
   where a.instance_id = %(instance)s::text
     and (a.state in ('waiting', 'in', 'aside') or a.state = 'admitted' and a.sha256 = %(sha256)s)
   order by a.sha256 = %(sha256)s desc limit 1
), arrival as (select id from old where is_same), files as ({files})
select form.state, old.is_same, exists ({other}) from form left join old on true
""".format(sent=SENT_NOW, files=FILES, other=OTHER.format(form="form.id"))  # noqa: S608 — of constants only


@dataclass(frozen=True, slots=True)
class Sender:
    """A device that may send now. key, secret: what its address and its password come down to."""

    pk: int
    programme: int
    key: str
    secret: str
    most: int
    megabytes: int


@dataclass(frozen=True, slots=True)
class Part:
    """A file that came with an instance, durable on disk already."""

    name: str
    sha256: str
    media_type: str
    size: int


_known: dict[tuple, tuple[float, Sender]] = {}
_sent: dict[int, tuple[float, int, int]] = {}


class Outcome(Enum):
    """What became of an instance."""

    PUT = "put"
    KNOWN = "known"  # the same bytes came before
    OTHER = "other"  # another content came before under the same identifier
    SHUT = "shut"  # the form is not open to collection
    NO_FORM = "no form"
    NO_DEVICE = "no device"  # closed, renewed, or no longer allowed, a moment ago


def sender(*, kind: str = "phone", key: str | None = None, user_name: str | None = None) -> Sender | None:
    """The device of a key or of a user name, if it may send now. What opens one form never signs as a phone."""
    by, name = ("d.key", key) if key else ("d.user_name", user_name)
    found = _ask(WHO.format(device=DEVICE, by=by), {"name": name, "kind": kind})
    return Sender(*found) if found else None


def remembered(**names: str) -> Sender | None:
    """As `sender`, asked again every few seconds only: `put` asks whether the device may still send."""
    asked, now = tuple(names.items()), time.monotonic()
    at, found = _known.get(asked, (0.0, None))
    if found and now - at < REMEMBERED:
        return found
    if found := sender(**names):
        _known[asked] = (now, found)
    return found


def is_over_quota(device: Sender, now: float | None = None) -> bool:
    """Whether a device already sent today as much as it may; counted again every few seconds."""
    now = now or time.monotonic()
    at, count, size = _sent.get(device.pk, (0, 0, 0))
    if not at or now - at > REMEMBERED:
        _sent[device.pk] = (now, count, size)  # one asks, the others meanwhile go by what was known
        count, size = _ask(SENT, [device.pk, device.most])
        _sent[device.pk] = (now, count, int(size))
    return count >= device.most or int(size) >= device.megabytes * 1_000_000


def put(device: Sender, head: Header, content: bytes, sha256: bytes, parts: list[Part]) -> Outcome:
    """Make an instance and the names of its files durable.

    The same instance again is known; with other content it is not put, and the caller sets it aside.
    """
    values = _values(device, head, content, sha256, parts)
    for _attempt in range(3):
        if _ask(PUT_WITH_FILES if parts else PUT, values):
            return Outcome.PUT
        outcome = _known_as(_ask(KNOWN, values))
        if outcome is not None:
            return outcome
    return Outcome.OTHER  # the same bytes are in conflict already


def _known_as(found: tuple | None) -> Outcome | None:
    """What an instance that was not put is; None when it went in the meantime."""
    if found is None:
        return Outcome.NO_DEVICE
    state, is_same, is_other = found
    if is_same:
        return Outcome.KNOWN
    if state != "published":
        return Outcome.SHUT if state else Outcome.NO_FORM
    return Outcome.OTHER if is_other or is_same is not None else None


def foreseen(device: Sender, head: Header, content: bytes, sha256: bytes) -> Outcome | None:
    """What an instance would be found to be; None when nothing keeps it from being put."""
    return _known_as(_ask(KNOWN, _values(device, head, content, sha256, [])))


def put_aside(device: Sender, head: Header, content: bytes, sha256: bytes, parts: list[Part]) -> None:
    """Keep an instance that says otherwise than the one known, for a person to see; the same one again once."""
    _ask(PUT_ASIDE, _values(device, head, content, sha256, parts))


def _values(device: Sender, head: Header, content: bytes, sha256: bytes, parts: list[Part]) -> dict[str, Any]:
    return {
        "key": device.key, "code": head.form_id, "instance": head.instance_id, "sha256": sha256, "content": content,
        "files": json.dumps([asdict(part) for part in parts]) if parts else "[]",
    }  # fmt: skip


def _ask(statement: str, values: Any) -> Any:
    """One row, by a prepared statement; tried again once on a new connection, since each can be done twice."""
    try:
        return _row(statement, values)
    except (OperationalError, InterfaceError):
        if connection.in_atomic_block:
            raise
        connection.close()
        return _row(statement, values)


def _row(statement: str, values: Any) -> Any:
    connection.ensure_connection()
    plain = connection.connection
    plain.prepare_threshold = 1  # Django's own cursors prepare nothing, whatever this says
    with connection.wrap_database_errors, psycopg.Cursor(plain) as cursor:
        return cursor.execute(statement, values, prepare=True).fetchone()
