"""What changed, in the order in which it changed: a reader who keeps the cursor misses nothing and sees nothing twice.

A change is told once every transaction that began before it has ended: one that commits late would else be skipped.
"""

import base64
import binascii
import json
from datetime import UTC, datetime

from django.db import connection
from django.db.models import Q, QuerySet

from jalons.collection.submissions.models import Submission
from jalons.core.errors import Refused, _

NOT_A_CURSOR = _("Ce repère n’est pas de ceux que cette adresse donne : reprenez le dernier reçu, ou commencez sans.")
HORIZON = """
select coalesce(min(xact_start), clock_timestamp()) from pg_stat_activity
 where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'
"""


def changes(rows: QuerySet[Submission], cursor: str, limit: int) -> tuple[list[Submission], str, bool]:
    """The next changes after a cursor (none: from the beginning): submissions as they are now, the cursor that follows,
    and whether there is more already. Error: Refused for a cursor of another origin."""
    at, key = _read(cursor)
    rows = rows.filter(updated_at__lt=_horizon()).order_by("updated_at", "pk")
    if at:
        rows = rows.filter(Q(updated_at__gt=at) | Q(updated_at=at, pk__gt=key))
    found = list(rows[: limit + 1])
    told = found[:limit]
    last = cursor_at(told[-1]) if told else cursor
    return told, last, len(found) > limit


def cursor_at(row: Submission) -> str:
    """The cursor of who was told this row, as it is in memory."""
    return _written(row.updated_at, row.pk)


def from_now() -> str:
    """The cursor of who is told only what changes from now on."""
    return _written(_horizon(), 0)


def _horizon() -> datetime:
    """When the oldest transaction that is still going on began."""
    with connection.cursor() as cursor:
        cursor.execute(HORIZON)
        return cursor.fetchone()[0]


def _written(at: datetime, key: int) -> str:
    return base64.urlsafe_b64encode(json.dumps([at.isoformat(), key]).encode()).decode()


def _read(cursor: str) -> tuple[datetime | None, int]:
    if not cursor:
        return None, 0
    try:
        at, key = json.loads(base64.urlsafe_b64decode(cursor.encode()))
        moment = datetime.fromisoformat(at)
        if moment.tzinfo is None:
            raise ValueError(at)
        return moment.astimezone(UTC), int(key)
    except (ValueError, TypeError, OverflowError, binascii.Error):
        raise Refused(NOT_A_CURSOR, field="after") from None


def event_of(submission: Submission) -> str:
    """What the last change was: created, edited or reviewed."""
    if submission.reviewed_at and submission.reviewed_at >= submission.updated_at:
        return "reviewed"
    return "created" if submission.version == 1 and submission.state == "received" else "edited"
