"""What a definition would give if it counted: its sentence, its faults, its figures beside those that stand."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from jalons.evidence.measurement import checking, storage
from jalons.evidence.measurement.engine import in_force
from jalons.evidence.measurement.models import IndicatorValue
from jalons.evidence.measurement.rules import contribution, formula, sentences, sql
from jalons.evidence.measurement.rules.aggregation import Figure
from jalons.evidence.measurement.rules.formula import Faulty
from jalons.evidence.measurement.sources import Sources, has_tables, read, words
from jalons.evidence.measurement.telling import figure
from jalons.foundation.programmes.models import Period, Programme
from jalons.planning.results.models import Indicator

MOST = 8  # periods shown, latest first
KINDS = (Period.Kind.QUARTER, Period.Kind.HALF_YEAR, Period.Kind.YEAR)


@dataclass(frozen=True)
class Compared:
    """One period: the value that stands, the figure that the definition would give, and whether it would count."""

    period: Period
    value: IndicatorValue | None
    figure: Figure
    is_restated: bool

    @property
    def differs(self) -> bool:
        return self.is_restated and (self.value is None or self.value.number != self.figure.number)


@dataclass
class Trial:
    """faults: why it cannot be measured; sentence: the formula in words; is_empty: nothing was received yet."""

    faults: list[Faulty] = field(default_factory=list)
    sentence: str = ""
    is_empty: bool = False
    lines: list[Compared] = field(default_factory=list)


def trial(record: dict[str, Any], programme: Programme, indicator: Indicator | None, valid_from: date) -> Trial:
    """Compute a formula on what was validated, and keep nothing."""
    sources = Sources(programme)
    if wrong := checking.faults(record, sources):
        return Trial(wrong)
    read_as = formula.read_formula(record)
    source = sources.of(read_as)
    told = sentences.sentence(read_as, words(sources.form(read_as.form), read_as))
    if not has_tables(source):
        return Trial(sentence=told, is_empty=True)
    begun = Period.objects.filter(programme=programme, starts_on__lte=date.today(), kind__in=KINDS)
    periods = list(begun.order_by("-ends_on", "-starts_on")[:MOST])
    figures = _figures(contribution.contribution(read_as, source, date.today()), periods)
    return Trial(sentence=told, lines=_compared(periods, figures, indicator, valid_from))


def _figures(made: contribution.Contribution, periods: Sequence[Period]) -> dict[str, Figure]:
    spans = [sql.Span(str(period.pk), period.starts_on, period.ends_on) for period in periods]
    return {name: Figure(*figures) for name, *figures in read(sql.cells(made, (), spans))} if spans else {}


def _compared(
    periods: Sequence[Period], figures: dict[str, Figure], indicator: Indicator | None, valid_from: date
) -> list[Compared]:
    keys = [indicator.pk] if indicator else []
    known = storage.latest(keys, [period.pk for period in periods])
    versions = list(indicator.versions.all()) if indicator else []
    nothing = Figure(None, None, None, 0, 0)
    return [
        Compared(
            period, known.get((keys[0], period.pk)) if keys else None, figures.get(str(period.pk), nothing),
            is_restated=period.ends_on >= valid_from or in_force(versions, period.ends_on) is None,
        )
        for period in periods
    ]  # fmt: skip


def told(line: Compared, measure: str) -> dict[str, Any]:
    """A line of the comparison as the reader's language writes it."""
    standing = line.value and figure(line.value.number, line.value.definition.measure)
    return {"period": line.period, "value": line.value, "standing": standing, "is_restated": line.is_restated,
            "number": figure(line.figure.number, measure), "answered": line.figure.answered or 0,
            "asked": line.figure.asked, "differs": line.differs}  # fmt: skip
