"""Values since the beginning, put together from those of the periods laid end to end."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import numpy as np

from jalons.evidence.measurement.engine import Measured, in_force
from jalons.evidence.measurement.models import IndicatorValue
from jalons.evidence.measurement.rules.aggregation import Figure, aggregate
from jalons.evidence.measurement.rules.formula import scale_of
from jalons.evidence.measurement.rules.kernel import Table
from jalons.evidence.measurement.storage import MATRICES, NUMBERS, Pair, cells_of
from jalons.foundation.programmes.models import Period
from jalons.planning.results.models import Indicator, IndicatorVersion

RECOMPUTE = IndicatorVersion.Aggregation.RECOMPUTE


@dataclass(frozen=True)
class Laid:
    """An indicator in a period since the beginning: its definition, and the values that make it, oldest first."""

    definition: IndicatorVersion
    period: Period
    parts: list[IndicatorValue]

    @property
    def pair(self) -> Pair:
        return self.definition.indicator_id, self.period.pk

    def is_told_by(self, value: IndicatorValue | None) -> bool:
        """Whether a value was put together by this definition after all its parts."""
        if value is None or value.definition_id != self.definition.pk:
            return False
        return all(part.computed_at <= value.computed_at for part in self.parts)

    @property
    def words(self) -> str:
        """The latest thing said of a qualitative indicator, and of which period; words are not added up."""
        said = next((part for part in reversed(self.parts) if part.text), None)
        return f"{said.period.label['fr']} : {said.text}" if said and self.is_in_words else ""

    @property
    def is_in_words(self) -> bool:
        return self.definition.measure == IndicatorVersion.Measure.QUALITATIVE


def tiles(period: Period, every: Iterable[Period]) -> list[Period]:
    """The periods that a period since the beginning accumulates, oldest first."""
    laid = [p for p in every if p.kind == period.accumulates and p.starts_on >= period.starts_on]
    return sorted((p for p in laid if p.ends_on <= period.ends_on), key=lambda p: p.ends_on)


def has_begun(period: Period, every: Iterable[Period], on: date) -> bool:
    """Whether a period holds anything yet; one since the beginning, once the last that it accumulates has begun."""
    laid = tiles(period, every) if period.kind == Period.Kind.CUMULATIVE else []
    return (laid[-1] if laid else period).starts_on <= on


def is_put_together(version: IndicatorVersion) -> bool:
    """Whether its value since the beginning comes from other values, and not from the answers."""
    return not (version.formula and version.time_aggregation == RECOMPUTE)


def laid_out(
    indicators: Sequence[Indicator],
    since: Sequence[Period],
    every: Sequence[Period],
    known: Mapping[Pair, IndicatorValue],
) -> Iterator[Laid]:
    """Every indicator and period since the beginning that has values to put together."""
    for period in since:
        parts = tiles(period, every)
        for indicator in indicators:
            version = in_force(indicator.versions.all(), period.ends_on)
            values = [known[indicator.pk, part.pk] for part in parts if (indicator.pk, part.pk) in known]
            if version and values and is_put_together(version) and version.time_aggregation != RECOMPUTE:
                yield Laid(version, period, values)


def keep_words(laid: Laid, value: IndicatorValue | None, by: Any, now: datetime) -> bool:
    """Keep the latest words as those since the beginning: in the draft, else in a new one; whether they changed."""
    if not laid.words or (value and (value.text, value.definition_id) == (laid.words, laid.definition.pk)):
        return False
    said = {"definition": laid.definition, "origin": IndicatorValue.Origin.COMPUTED, "text": laid.words}
    draft = {"indicator_id": laid.definition.indicator_id, "period": laid.period, "state": IndicatorValue.State.DRAFT}
    nothing = dict.fromkeys((*NUMBERS, "watermark"))
    IndicatorValue.objects.update_or_create(**draft, defaults=said | nothing | {"author": by, "computed_at": now})
    return True


def put_together(laid: Laid) -> Measured:
    """The value since the beginning, in total and cell by cell, as the sheet of the indicator says."""
    totals = [Figure(*(getattr(value, name) for name in NUMBERS)) for value in laid.parts]
    made = [_table(laid.definition, (), [{"": figure} for figure in totals])]
    cuts = [cells_of(value) for value in _cut_parts(laid)]
    for cut in dict.fromkeys(cut for part in cuts for cut in part):
        made.append(_table(laid.definition, cut, [part.get(cut, {}) for part in cuts]))
    marks = [value.watermark for value in laid.parts if value.watermark]
    return Measured(laid.period, made, max(marks, default=None))


def _cut_parts(laid: Laid) -> list[IndicatorValue]:
    """The values whose cells count: that of the total alone when it is the latest, lest its places come from others."""
    if laid.definition.time_aggregation != IndicatorVersion.Aggregation.LATEST:
        return laid.parts
    return [part for part in laid.parts if part.number is not None][-1:]


def together(version: IndicatorVersion, figures: Sequence[Figure]) -> Figure:
    """One figure from those of the periods, oldest first, as the sheet of the indicator says."""
    percentage = version.measure == IndicatorVersion.Measure.PERCENTAGE
    scale = scale_of(version.formula, percentage=percentage)
    return aggregate(figures, version.time_aggregation, scale=scale, percentage=percentage)


def _table(version: IndicatorVersion, cut: tuple[str, ...], parts: list[Mapping[str, Figure]]) -> Table:
    """One table of one definition: each cell from those of the periods where it has cases."""
    cells = list(dict.fromkeys(cell for part in parts for cell in part))
    figures = [together(version, [part[cell] for part in parts if cell in part]) for cell in cells]
    matrices = [[np.nan if (x := getattr(f, name)) is None else float(x) for f in figures] for name in NUMBERS]
    arrays = {name: np.array([line], float) for name, line in zip(MATRICES, matrices, strict=True)}
    return Table([str(version.pk)], cut, cells, **arrays)
