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
    standing: int | None = None

    @property
    def told(self) -> tuple:
        """What the typed tables say of it: a row that says something else is another row."""
        return self.state, self.version, self.day, self.territory


class Counted(NamedTuple):
    """A version that counted as it was then: since when, and until when. until: None while it still counts."""

    snapshot: Snapshot
    since: datetime
    until: datetime | None


def counted(snapshots: Iterable[Snapshot]) -> list[Counted]:
    """The versions that counted, oldest first, and last the one that still does.

    Source: a version counts from its validation until a rejection or the validation of the next version, and is
            another row once it is placed or dated otherwise; docs/decisions/0013, 0016.

    >>> first, third, fifth = (datetime(2026, 1, day) for day in (1, 3, 5))
    >>> story = [Snapshot(1, "validated", first, first), Snapshot(2, "received", None, third)]
    >>> spans = counted([*story, Snapshot(2, "validated", fifth, fifth)])
    >>> [(span.snapshot.version, span.since.day, span.until and span.until.day) for span in spans]
    [(1, 1, 3), (2, 5, None)]
    >>> corrected = [story[0], story[1]._replace(standing=1), Snapshot(2, "validated", fifth, fifth)]
    >>> [(span.snapshot.version, span.since.day, span.until and span.until.day) for span in counted(corrected)]
    [(1, 1, 5), (2, 5, None)]
    """
    found: list[Counted] = []
    for snapshot in snapshots:
        last = found[-1] if found and found[-1].until is None else None
        if last and (snapshot.told == last.snapshot.told or snapshot.standing == last.snapshot.version):
            continue
        if last:
            found[-1] = last._replace(until=snapshot.updated_at)
        if snapshot.state == "validated":
            found.append(Counted(snapshot, snapshot.updated_at if last else snapshot.reviewed_at, None))
    return found
