"""What is read of values: the rows behind each, what they give when computed again, what a definition lacks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from jalons.collection.submissions.models import Submission
from jalons.evidence.measurement.cumulation import Laid, is_put_together, put_together, tiles
from jalons.evidence.measurement.engine import compiled
from jalons.evidence.measurement.models import IndicatorValue
from jalons.evidence.measurement.rules import contribution, formula, proof, sentences, sql
from jalons.evidence.measurement.rules.formula import Faulty
from jalons.evidence.measurement.sources import Sources, read, words
from jalons.evidence.measurement.storage import figures, latest
from jalons.foundation.programmes.models import Period
from jalons.planning.results.models import Indicator, IndicatorVersion

SHOWN = 200  # submissions that a page of trace lists; the sum is over all


@dataclass
class Trace:
    """The rows behind a value or one of its cells, and what they give when computed again today.

    number:  what was kept; again: what the rows give now; later: submissions that moved since it was computed.
    tiles:   values that it was put together from, when it does not come from rows.
    fault:   why it cannot be computed again, when its form changed since.
    """

    number: float | None
    again: float | None = None
    rows: list[proof.Row] = field(default_factory=list)
    submissions: list[dict[str, Any]] = field(default_factory=list)
    total: int = 0
    later: int = 0
    tiles: list[IndicatorValue] = field(default_factory=list)
    fault: Faulty | None = None

    @property
    def equal(self) -> bool:
        """Whether the rows give the value; to fifteen digits, as sums of decimals depend on their order."""
        if self.number is None or self.again is None:
            return self.number == self.again
        return abs(self.number - self.again) <= 1e-9 * max(1.0, abs(self.number))


def trace(value: IndicatorValue, user: Any, cell: dict[str, str] | None = None) -> Trace:
    """Where a value, or one of its cells, comes from. Rows that this person may not open are counted, and not shown."""
    cell = cell or {}
    number = _number(value, cell)
    if value.origin == IndicatorValue.Origin.TYPED:
        return Trace(number, number)
    if value.period.kind == Period.Kind.CUMULATIVE and is_put_together(value.definition):
        return _put_together_again(value, number, cell)
    try:
        made = compiled(value.definition, Sources(value.indicator.result.programme))
    except Faulty as fault:
        return Trace(number, fault=fault)
    span = sql.Span(value.period.code, value.period.starts_on, value.period.ends_on)
    rows = [proof.Row(line[0], line[1], line[2], line[4:]) for line in read(sql.evidence(made, cell, span))]
    again = proof.recompute(made.formula, rows) if rows or number is not None else None
    found = Trace(number, again, rows)
    _tell_submissions(found, value, user)
    return found


def _put_together_again(value: IndicatorValue, number: float | None, cell: dict[str, str]) -> Trace:
    """A value since the beginning, from the last values of the periods laid end to end that make it."""
    laid = tiles(value.period, Period.objects.filter(programme=value.period.programme_id))
    known = latest([value.indicator_id], [period.pk for period in laid])
    parts = [known[value.indicator_id, period.pk] for period in laid if (value.indicator_id, period.pk) in known]
    tables = put_together(Laid(value.definition, value.period, parts)).tables
    table = next((table for table in tables if table.dimensions == tuple(cell)), None)
    name = "|".join(cell.values())
    again = figures(table, 0)[table.cells.index(name)].number if table and name in table.cells else None
    return Trace(number, again, tiles=parts)


def cell_asked(value: IndicatorValue, answers: Mapping[str, str]) -> dict[str, str] | None:
    """The cell that an address names, in the order of the value's cut; empty for the total, None when there is none."""
    for cut in value.disaggregations.all():
        cell = {code: answers[code] for code in cut.dimensions if code in answers}
        if len(cell) == len(cut.dimensions) == len(answers) and "|".join(cell.values()) in cut.cells:
            return cell
    return None if answers else {}


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
        read_as = formula.read_formula(version.formula)
        source = Sources(version.indicator.result.programme).source(read_as.form, read_as.repeat)
    except Faulty as fault:
        return [fault]
    return contribution.faults(version.formula, source, date.today())


def told(version: IndicatorVersion) -> str:
    """A definition's formula in a sentence of the reader's language; empty when it cannot be read."""
    try:
        read_as = formula.read_formula(version.formula)
        form = Sources(version.indicator.result.programme).form(read_as.form)
    except Faulty:
        return ""
    return sentences.sentence(read_as, words(form, read_as))
