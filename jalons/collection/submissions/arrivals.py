"""The door of phones: one statement makes an instance durable, before it is acknowledged."""

import time
from dataclasses import dataclass
from typing import Any

import psycopg
from django.db import OperationalError, connection
from django.db.utils import InterfaceError

from jalons.collection.submissions.rules.instances import Header
from jalons.core.levels import Level
from jalons.foundation.accounts.roles import ROLES

SENDERS = [role for role, levels in ROLES.items() if levels["submissions"] >= Level.EDIT]
REMEMBERED = 10  # seconds during which what a device sent today is not counted again
# The device, if it may still send: its holder's account is open, and one of its roles brings submissions in.
DEVICE = """
select d.id, d.programme_id, d.holder_id, d.secret, d.most_a_day, d.megabytes_a_day
  from submissions_device d join accounts_user u on u.id = d.holder_id and u.is_active
 where d.state = 'open' and {by} = %(name)s and exists (
       select from accounts_membership m
        where m.user_id = d.holder_id and m.programme_id = d.programme_id and m.role = any(%(roles)s))
"""
SENT = """
select count(*), coalesce(sum(a.size), 0) + coalesce(sum(f.size), 0)
  from submissions_arrival a
  left join lateral (select sum(size) as size from submissions_attachment where arrival_id = a.id) f on true
 where a.device_id = %s and a.created_at >= date_trunc('day', now())
"""
# What is known of this instance, the row that was put if none was, and the files that came with it.
PUT = """
with form as (
  select id, state from forms_form where programme_id = %(programme)s and code = %(code)s
), old as (
  select a.id, a.sha256 from submissions_arrival a join form on form.id = a.form_id
   where a.instance_id = %(instance)s
     and (a.state in ('waiting', 'in', 'aside') or a.state = 'admitted' and a.sha256 = %(sha256)s)
   order by a.sha256 = %(sha256)s desc limit 1
), other as (
  select true as is_other
    from form
    join submissions_submission s on s.form_id = form.id and s.instance_id = %(instance)s
    join submissions_submissionversion v on v.submission_id = s.id and v.instance_id = %(instance)s
   where s.state <> 'withdrawn' and v.media_type = 'text/xml' and sha256(v.content) <> %(sha256)s limit 1
), put as (
  insert into submissions_arrival
         (updated_at, device_id, form_id, instance_id, sha256, size, content, state, reason)
  select now(), %(device)s, form.id, %(instance)s, %(sha256)s, %(size)s, %(content)s, %(state)s::text, %(reason)s::jsonb
    from form
   where form.state = 'published'
     and (%(state)s::text = 'conflict' or not exists (select from old) and not exists (select from other))
      on conflict do nothing
  returning id
), files as (
  insert into submissions_attachment (updated_at, arrival_id, name, sha256, media_type, size)
  select now(), arrival.id, f.name, f.sha256, f.media_type, f.size
    from (select id from put union all select id from old where old.sha256 = %(sha256)s) arrival,
         unnest(%(names)s::text[], %(digests)s::text[], %(types)s::text[], %(sizes)s::bigint[])
         as f (name, sha256, media_type, size)
      on conflict do nothing
)
select form.state, (select id from put), old.id, old.sha256, other.is_other
  from form left join old on true left join other on true
"""
_sent: dict[int, tuple[float, int, int]] = {}


@dataclass(frozen=True, slots=True)
class Sender:
    """A device that may send now. secret: what its password comes down to."""

    pk: int
    programme: int
    holder: int
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


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an instance: put, known (the same bytes came before), aside, or refused by the form's state.

    form_state: None when the programme has no such form.
    """

    form_state: str | None
    is_put: bool = False
    is_known: bool = False

    @property
    def is_kept(self) -> bool:
        return self.is_put or self.is_known


def sender(*, key: str | None = None, user_name: str | None = None) -> Sender | None:
    """The device of a key or of a user name, if it may send now."""
    by, name = ("d.key", key) if key else ("d.user_name", user_name)
    found = _ask(DEVICE.format(by=by), {"name": name, "roles": SENDERS})
    return Sender(*found) if found else None


def is_over_quota(device: Sender, now: float | None = None) -> bool:
    """Whether a device already sent today as much as it may; counted again every few seconds."""
    now = now or time.monotonic()
    at, count, size = _sent.get(device.pk, (0, 0, 0))
    if not at or now - at > REMEMBERED:
        count, size = _ask(SENT, [device.pk])
        _sent[device.pk] = (now, count, int(size))
    return count >= device.most or int(size) >= device.megabytes * 1_000_000


def put(device: Sender, head: Header, content: bytes, sha256: bytes, parts: list[Part]) -> Outcome:
    """Make an instance and the names of its files durable.

    The same instance again is known; with other content it is not put, and the caller sets it aside.
    """
    values = _values(device, head, content, sha256, parts) | {"state": "waiting", "reason": "{}"}
    for _attempt in range(3):
        found = _ask(PUT, values)
        if found is None:
            return Outcome(None)
        state, new, old, before, other = found
        if new or old or other or state != "published":
            known = old is not None and bytes(before) == sha256
            return Outcome(state, new is not None, known)
    return Outcome(state)  # the same bytes are in conflict already


def put_aside(device: Sender, head: Header, content: bytes, sha256: bytes, parts: list[Part]) -> None:
    """Keep an instance that says otherwise than the one known, for a person to see; the same one again once."""
    _ask(PUT, _values(device, head, content, sha256, parts) | {"state": "conflict", "reason": "{}"})


def _values(device: Sender, head: Header, content: bytes, sha256: bytes, parts: list[Part]) -> dict[str, Any]:
    return {
        "device": device.pk, "programme": device.programme, "code": head.form_id, "instance": head.instance_id,
        "sha256": sha256, "size": len(content), "content": content,
        "names": [part.name for part in parts], "digests": [part.sha256 for part in parts],
        "types": [part.media_type for part in parts], "sizes": [part.size for part in parts],
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
