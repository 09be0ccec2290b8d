"""From a value back to what made it: the rows that counted when it was computed, and what has changed since."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from jalons.collection.people.models import Person
from jalons.collection.submissions.models import Submission, SubmissionVersion
from jalons.collection.submissions.queries import identified, names
from jalons.core.levels import Level
from jalons.core.scope import reads_drafts
from jalons.evidence.measurement.cumulation import is_put_together, together
from jalons.evidence.measurement.disclosure import withheld
from jalons.evidence.measurement.engine import compiled, day_of, in_force, reference
from jalons.evidence.measurement.models import IndicatorValue
from jalons.evidence.measurement.queries import figure_of, region
from jalons.evidence.measurement.rules import proof, sql
from jalons.evidence.measurement.rules.aggregation import Figure
from jalons.evidence.measurement.rules.contribution import Contribution
from jalons.evidence.measurement.rules.formula import Faulty
from jalons.evidence.measurement.rules.typed import PLACES
from jalons.evidence.measurement.sources import Sources, read
from jalons.evidence.measurement.tiles import Tile, tiles_of
from jalons.foundation.programmes.models import Period
from jalons.foundation.territories.models import Territory
from jalons.planning.results.models import IndicatorVersion

SHOWN = 200  # submissions that a page lists; what is recomputed is over all
GONE = (Submission.State.REJECTED, Submission.State.WITHDRAWN)
Cell = Mapping[str, str]  # dimension -> category; empty for the total


@dataclass(frozen=True)
class Line:
    """A submission behind a value, in the version that counted. submission: None for one out of this person's reach."""

    submission: Submission | None
    version: int
    rows: Sequence[proof.Row]


@dataclass(frozen=True)
class Change:
    """A submission that brings something else today. kind: as telling.py names them; reason: of a rejection."""

    kind: str
    submission: Submission | None
    then: Sequence[proof.Row]
    now: Sequence[proof.Row]
    reason: str = ""


@dataclass
class Since:
    """What has changed since a value was computed, and what the same definition gives today.

    definition: the one in force now, when it is another; redefined: what it gives today.
    """

    again: float | None
    changes: list[Change] = field(default_factory=list)
    total: int = 0
    definition: IndicatorVersion | None = None
    redefined: float | None = None

    @property
    def is_open(self) -> bool:
        """Whether this person may open any of the submissions that changed."""
        return any(change.submission for change in self.changes)


@dataclass
class Trace:
    """The rows behind a value or one of its cells, as they counted when it was computed.

    figure: what was kept; again: what the rows give; since: what has changed, None when nothing has.
    tiles:  values that it was put together from, when it does not come from rows; places: the same, for a region.
    untold: how many of these values this person may not read.
    names:  what its form calls each submission shown, by key. persons: codes of those that rows tell of, likewise.
    redacted: of how many of its submissions someone was forgotten since.
    fault:  why it cannot be computed again, when its form changed since.
    waiting: submissions that count as they did while a correction of them, received since or not, is not reviewed.
    """

    figure: Figure
    again: float | None = None
    rows: list[proof.Row] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    total: int = 0
    tiles: list[Tile] = field(default_factory=list)
    untold: int = 0
    places: list[tuple[Territory, Figure]] = field(default_factory=list)
    since: Since | None = None
    names: dict[int, str] = field(default_factory=dict)
    persons: dict[int, str] = field(default_factory=dict)
    fault: Faulty | None = None
    waiting: int = 0
    redacted: int = 0

    @property
    def number(self) -> float | None:
        return self.figure.number

    @property
    def is_open(self) -> bool:
        """Whether this person may open any of the submissions: what each brings is theirs alone to read."""
        return any(line.submission for line in self.lines)

    @property
    def equal(self) -> bool:
        """Whether the rows give the value; to fifteen digits, as sums of decimals depend on their order."""
        if self.number is None or self.again is None:
            return self.number == self.again
        return abs(self.number - self.again) <= 1e-9 * max(1.0, abs(self.number))


def trace(value: IndicatorValue, user: Any, cell: Cell | None = None) -> Trace:
    """Where a value, or one of its cells, comes from. Rows that this person may not open are counted, and not shown."""
    cell = cell or {}
    found = _found(value, user, cell)
    return found if reads_drafts(user, "measurement", value.period.programme_id) else _told(found, user, cell)


def _told(found: Trace, user: Any, cell: Cell) -> Trace:
    """The same for those who read published values only: nothing of today, nor of a period kept from them."""
    tiles = [
        replace(tile, now=tile.then)
        for tile in found.tiles
        if tile.value.state == IndicatorValue.State.PUBLISHED
        and not (cell and "|".join(cell.values()) in withheld(tile.value, user).get(tuple(cell), ()))
    ]
    return replace(found, since=None, tiles=tiles, untold=len(found.tiles) - len(tiles))


def _found(value: IndicatorValue, user: Any, cell: Cell) -> Trace:
    if made := region(value, cell):
        kept = withheld(value, user).get(PLACES, ())
        parts = [(place, Figure(None) if str(place.pk) in kept else part) for place, part in made.parts]
        return Trace(made.figure, made.figure.number, places=parts)
    figure = figure_of(value, cell) or Figure(None)
    if value.origin == IndicatorValue.Origin.TYPED:
        return Trace(figure, figure.number)
    try:
        if value.period.kind == Period.Kind.CUMULATIVE and is_put_together(value.definition):
            return _from_tiles(value, figure, cell)
        return _from_rows(value, figure, cell, user)
    except Faulty as fault:
        return Trace(figure, fault=fault)


# From rows


def _from_rows(value: IndicatorValue, figure: Figure, cell: Cell, user: Any) -> Trace:
    sources = Sources(value.indicator.result.programme)
    made = compiled(value.definition, sources, day_of(value.computed_at))
    then, now = (_rows(made, cell, value.period, at) for at in (value.computed_at, None))
    again = None if figure.number is None and not then else proof.recompute(made.formula, then)
    found, people = Trace(figure, again, then), _People(user, value.computed_at, made.formula.counts_persons)
    brought = proof.by_submission(then)
    found.total, shown = len(brought), dict(list(brought.items())[:SHOWN])
    found.redacted = SubmissionVersion.objects.filter(
        pk__in={row.version for row in then}, redacted_at__gt=value.computed_at
    ).count()
    if made.formula.counts_persons:
        found.persons = _persons(user, [row for rows in shown.values() for row in rows])
    found.waiting = Submission.objects.filter(pk__in=brought, standing__isnull=False).count()
    moved = proof.moved(then, now)
    people.read([*shown, *(one.submission for one in moved[:SHOWN])], [*then, *now])
    found.names = people.names
    found.lines = [Line(people.may_open(pk), people.number(rows[0]), rows) for pk, rows in shown.items()]
    changes = [people.change(one) for one in moved[:SHOWN]]
    found.since = _since(value, Since(_number(made, cell, value.period), changes, len(moved)))
    if found.since and found.since.definition:
        found.since.redefined = _redefined(found.since.definition, sources, value.period, cell)
    return found


def _persons(user: Any, rows: list[proof.Row]) -> dict[int, str]:
    """Codes of the persons that rows tell of, of those whose identity is this person's to read."""
    keys = {int(row.terms[0]) for row in rows}
    return dict(Person.objects.for_user(user, Level.EDIT).filter(pk__in=keys).values_list("pk", "code"))


def _rows(made: Contribution, cell: Cell, period: Period, at: datetime | None) -> list[proof.Row]:
    span = sql.Span(period.code, period.starts_on, period.ends_on)
    return [proof.Row(line[0], line[1], line[2], line[4:]) for line in read(sql.evidence(made, cell, span, at))]


def _number(made: Contribution, cell: Cell, period: Period) -> float | None:
    """What the rows that count today give."""
    figure = reference(made, cell, period)
    return figure and figure.number


def _since(value: IndicatorValue, since: Since) -> Since | None:
    standing = in_force(value.indicator.versions.all(), value.period.ends_on)
    if standing and standing.pk != value.definition_id:
        since.definition = standing
    return since if since.total or since.definition else None


def _redefined(version: IndicatorVersion, sources: Sources, period: Period, cell: Cell) -> float | None:
    """What another definition gives today; unknown when it has no such cell, or cannot be measured."""
    try:
        made = compiled(version, sources)
    except Faulty:
        return None
    return _number(made, cell, period) if set(cell) <= set(made.splits) else None


@dataclass
class _People:
    """What is known of the submissions that a trace shows, and which of them this person may open."""

    user: Any
    computed_at: datetime
    counts_persons: bool

    def read(self, submissions: list[int], rows: list[proof.Row]) -> None:
        keys = set(submissions)
        self.facts = Submission.objects.in_bulk(keys)
        visible = Submission.objects.for_user(self.user).filter(pk__in=keys)
        self.open = visible.select_related("form", "territory", "region").in_bulk()
        self.names = names(self.open, self.user)
        for pk in self.open.keys() - identified(self.open, self.user):
            self.open[pk].collector = ""
        versions = SubmissionVersion.objects.filter(pk__in={row.version for row in rows if row.submission in keys})
        self.versions = versions.only("number", "created_at").in_bulk()

    def may_open(self, pk: int) -> Submission | None:
        return self.open.get(pk)

    def number(self, row: proof.Row) -> int:
        return self.versions[row.version].number

    def change(self, moved: proof.Moved) -> Change:
        shown, fact = self.open.get(moved.submission), self.facts[moved.submission]
        kind = self._kind_now(moved, fact) if not moved.now else self._kind_new(moved, fact)
        reason = fact.rejection_reason if kind in GONE and shown else ""
        return Change(kind, shown, moved.then, moved.now, reason)

    def _kind_now(self, moved: proof.Moved, fact: Submission) -> str:
        """Why a submission brings nothing any more."""
        if fact.state in GONE:
            return fact.state
        if fact.state == Submission.State.RECEIVED:
            return "reopened"
        return "moved" if fact.version == self.number(moved.then[0]) else "corrected"

    def _kind_new(self, moved: proof.Moved, fact: Submission) -> str:
        """Why a submission brings something else, or something that it did not."""
        if fact.created_at > self.computed_at:
            return "late"
        if self.versions[moved.now[0].version].created_at > self.computed_at:
            return "corrected"
        if self.counts_persons and [row[:3] for row in moved.then] == [row[:3] for row in moved.now]:
            return "recognised"
        if moved.then:
            return "moved" if moved.then[0].version == moved.now[0].version else "corrected"
        return "validated" if fact.reviewed_at is None or fact.reviewed_at > self.computed_at else "moved"


# From the values of other periods


def _from_tiles(value: IndicatorValue, figure: Figure, cell: Cell) -> Trace:
    """A value since the beginning, from the values of the periods laid end to end, as they were then."""
    tiles = tiles_of(value, cell)
    then, now = [t.then for t in tiles if t.then], [t.now for t in tiles if t.now]
    changed = sum(tile.has_changed for tile in tiles)
    since = _since(value, Since(together(value.definition, now).number, total=changed))
    if since and since.definition and is_put_together(since.definition):
        since.redefined = together(since.definition, now).number
    return Trace(figure, together(value.definition, then).number, tiles=tiles, since=since)
