"""What is read of values: the rows behind each, what they give when computed again, what a definition lacks."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from jalons.collection.submissions.models import Submission
from jalons.evidence.measurement.engine import compiled, in_force
from jalons.evidence.measurement.models import IndicatorValue
from jalons.evidence.measurement.rules import contribution, formula, proof, sql
from jalons.evidence.measurement.rules.formula import Faulty
from jalons.evidence.measurement.sources import Sources
from jalons.foundation.programmes.models import Period
from jalons.planning.results.models import Indicator, IndicatorVersion

SHOWN = 200  # submissions that a page of trace lists; the sum is over all


@dataclass
class Trace:
    """The rows behind a value or one of its cells, and what they give when computed again today.

    number:  what was kept; again: what the rows give now; later: submissions that moved since it was computed.
    tiles:   values that it was put together from, when it does not come from rows.
    """

    number: float | None
    again: float | None = None
    rows: list[proof.Row] = field(default_factory=list)
    submissions: list[dict[str, Any]] = field(default_factory=list)
    total: int = 0
    later: int = 0
    tiles: list[IndicatorValue] = field(default_factory=list)

    @property
    def equal(self) -> bool:
        """Whether the rows give the value; to fifteen digits, as sums of decimals depend on their order."""
        if self.number is None or self.again is None:
            return self.number == self.again
        return abs(self.number - self.again) <= 1e-9 * max(1.0, abs(self.number))


def trace(value: IndicatorValue, user: Any, cell: dict[str, str] | None = None) -> Trace:
    """Where a value comes from. Rows that this person may not open are counted, and not shown."""
    number = _number(value, cell or {})
    if value.origin == IndicatorValue.Origin.TYPED:
        return Trace(number, number)
    version = value.definition
    tiled = value.period.kind == Period.Kind.CUMULATIVE and version.time_aggregation != "recompute"
    if tiled or not version.formula:
        return Trace(number, number, tiles=list(tiles(value)))
    made = compiled(version, Sources(value.indicator.result.programme))
    span = sql.Span(value.period.code, value.period.starts_on, value.period.ends_on)
    rows = evidence_rows(sql.evidence(made, cell or {}, span))
    found = Trace(number, proof.recompute(made.formula, rows), rows)
    _tell_submissions(found, value, user)
    return found


def evidence_rows(query: str) -> list[proof.Row]:
    """The rows that a query of proof returns, with what each brings."""
    with connection.cursor() as cursor:
        cursor.execute(query)
        return [proof.Row(line[0], line[1], line[2], line[4:]) for line in cursor.fetchall()]


def _number(value: IndicatorValue, cell: dict[str, str]) -> float | None:
    if not cell:
        return value.number
    for cut in value.disaggregations.all():
        if set(cut.dimensions) == set(cell):
            name = "|".join(cell[code] for code in cut.dimensions)
            return dict(zip(cut.cells, cut.numbers, strict=True)).get(name)
    return None


def _tell_submissions(found: Trace, value: IndicatorValue, user: Any) -> None:
    """One line for each submission: who sent it, where, in which version, how many rows and what they bring."""
    brought: dict[int, list[proof.Row]] = {}
    for row in found.rows:
        brought.setdefault(row.submission, []).append(row)
    found.total = len(brought)
    first = list(brought)[:SHOWN]
    visible = Submission.objects.for_user(user).filter(pk__in=first).select_related("form", "territory", "region")
    opened = {submission.pk: submission for submission in visible}
    found.submissions = [
        {"submission": opened.get(pk), "rows": len(brought[pk]),
         "version": opened[pk].version if pk in opened else None,
         "brings": [row.terms[0] if row.terms else None for row in brought[pk]]}
        for pk in first
    ]  # fmt: skip
    found.later = Submission.objects.filter(pk__in=brought, updated_at__gt=value.computed_at).count()


def tiles(value: IndicatorValue) -> QuerySet[IndicatorValue]:
    """The standing values of the periods laid end to end that a value since the beginning is made of."""
    return (
        IndicatorValue.objects.filter(
            indicator=value.indicator_id, period__programme=value.period.programme_id,
            period__kind=value.period.accumulates, period__ends_on__lte=value.period.ends_on,
        )
        .order_by("period__ends_on", "-computed_at")
        .distinct("period__ends_on")
        .select_related("period", "indicator", "definition")
    )  # fmt: skip


def standing_value(indicator: Indicator, period: Period) -> IndicatorValue | None:
    """The value that stands: the last published, else verified, else draft."""
    rank = {"published": 2, "verified": 1, "draft": 0}
    values = list(
        IndicatorValue.objects.filter(indicator=indicator, period=period).select_related("definition", "period")
    )
    return max(values, key=lambda value: (rank[value.state], value.computed_at), default=None)


def faults_of(version: IndicatorVersion) -> list[Faulty]:
    """What keeps a definition from being measured; nothing when it can be, or when it has no formula."""
    if not version.formula:
        return []
    try:
        read = formula.read_formula(version.formula)
        source = Sources(version.indicator.result.programme).source(read.form, read.repeat)
    except Faulty as fault:
        return [fault]
    return contribution.faults(version.formula, source, date.today())


def definition_on(indicator: Indicator, on: date) -> IndicatorVersion | None:
    """The definition in force on a day."""
    return in_force(indicator.versions.all(), on)
