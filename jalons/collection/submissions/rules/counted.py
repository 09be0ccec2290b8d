"""From when to when each version of a submission counted, told by the history of its row."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import NamedTuple


class Snapshot(NamedTuple):
    """The row of a submission after a change."""

    version: int
    state: str
    reviewed_at: datetime | None
    updated_at: datetime
    day: date | None = None
    territory: int | None = None


class Counted(NamedTuple):
    """A version that counted and no longer does: as it was then, until when."""

    snapshot: Snapshot
    until: datetime


def counted(snapshots: Iterable[Snapshot]) -> list[Counted]:
    """The versions that counted, oldest first; the one that still counts is not among them.

    Source: a version counts from its validation until a rejection or the next version; docs/decisions/0013.

    >>> first, third, fifth = (datetime(2026, 1, day) for day in (1, 3, 5))
    >>> story = [Snapshot(1, "validated", first, first), Snapshot(2, "received", None, third)]
    >>> [(past.snapshot.version, past.until.day) for past in counted([*story, Snapshot(2, "validated", fifth, fifth)])]
    [(1, 3)]
    """
    found, current = [], None
    for snapshot in snapshots:
        if current and (snapshot.state, snapshot.version) != (current.state, current.version):
            found.append(Counted(current, snapshot.updated_at))
            current = None
        if current is None and snapshot.state == "validated":
            current = snapshot
    return found
