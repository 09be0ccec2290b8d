"""The moment at which what counts changes: no measurement stands across it.

Whoever changes what counts in a programme holds its lock in share, a measurement holds it alone, each until its
transaction ends; and each takes its moment once it holds it. So a figure computed at a moment saw all that counted by
then, and nothing that began or ceased to count after.
"""

from collections.abc import Iterable
from datetime import datetime
from zlib import crc32

from django.db import connection

KEY = crc32(b"measurement") >> 1
ARRIVALS = crc32(b"arrivals") >> 1


def hold(programmes: Iterable[int]) -> datetime:
    """Keep measurements of some programmes out, before any other lock is taken; the moment of what changes."""
    _lock("pg_advisory_xact_lock_shared", programmes)
    return now()


def receive_alone(form: int) -> None:
    """Keep out any other import of a form, before `hold`: two of the same rows would each believe them new."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s, %s)", [ARRIVALS, form])


def hold_alone(programme: int) -> None:
    """Keep out whatever changes what counts in a programme, and any other measurement of it."""
    _lock("pg_advisory_xact_lock", [programme])


def _lock(function: str, programmes: Iterable[int]) -> None:
    with connection.cursor() as cursor:
        for programme in sorted(programmes):
            cursor.execute(f"select {function}(%s, %s)", [KEY, programme])


def now() -> datetime:
    """The clock of the database, the same for all who write in it; not that of the transaction's beginning."""
    with connection.cursor() as cursor:
        cursor.execute("select clock_timestamp()")
        return cursor.fetchone()[0]
