"""The values that one since the beginning was put together from: as they were when it was, and as they are now."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jalons.core.errors import _
from jalons.evidence.measurement import cumulation
from jalons.evidence.measurement.engine import compiled, day_of, reference
from jalons.evidence.measurement.models import IndicatorValue
from jalons.evidence.measurement.queries import figure_of
from jalons.evidence.measurement.rules.aggregation import Figure
from jalons.evidence.measurement.rules.formula import Faulty
from jalons.evidence.measurement.sources import Sources
from jalons.evidence.measurement.storage import NUMBERS, latest
from jalons.foundation.programmes.models import Period
from jalons.planning.results.models import IndicatorVersion

TYPED = IndicatorValue.Origin.TYPED
LOST = _("La valeur saisie pour %(period)s a été remplacée depuis : le détail d’alors n’a pas été gardé.")


@dataclass(frozen=True)
class Tile:
    """The value of one period, or its cell. value: the row to open; then, now: None where there was, or is, none."""

    period: Period
    value: IndicatorValue
    definition: IndicatorVersion
    then: Figure | None
    now: Figure | None

    @property
    def has_changed(self) -> bool:
        return (self.then and self.then.number) != (self.now and self.now.number)


def tiles_of(value: IndicatorValue, cell: Mapping[str, str]) -> list[Tile]:
    """The tiles of a value since the beginning, or of one of its cells, oldest first.

    Error: Faulty when what a tile said then was not kept and cannot be computed again.
    """
    laid = cumulation.tiles(value.period, Period.objects.filter(programme=value.period.programme_id))
    then, now = _as_they_were(value, laid), latest([value.indicator_id], [period.pk for period in laid])
    if cell and value.definition.time_aggregation == IndicatorVersion.Aggregation.LATEST:
        known = [n for n, p in enumerate(laid) if p.pk in then and then[p.pk].number is not None]
        laid = laid[max(known, default=0) :]  # the cells are those of the period that gave the total
    rows = IndicatorValue.objects.select_related("definition").in_bulk([one.pgh_obj_id for one in then.values()])
    return list(_tiles(laid, then, {period: row for (_indicator, period), row in now.items()}, rows, cell))


def _as_they_were(value: IndicatorValue, laid: Sequence[Period]) -> dict[int, Any]:
    """Period -> its last value by then, from the history of values."""
    history = IndicatorValue.pgh_event_model.objects.filter(
        indicator=value.indicator_id, period__in=[period.pk for period in laid], computed_at__lte=value.computed_at
    )
    ordered = history.select_related("definition").order_by("computed_at", "pgh_obj_id", "pgh_id")
    return {one.period_id: one for one in ordered}


def _tiles(
    laid: Sequence[Period], then: Mapping[int, Any], now: Mapping[int, IndicatorValue],
    rows: Mapping[int, IndicatorValue], cell: Mapping[str, str],
) -> Iterator[Tile]:  # fmt: skip
    for period in laid:
        was, current = then.get(period.pk), now.get(period.pk)
        if was is None and current is None:
            continue
        row = rows[was.pgh_obj_id] if was else current
        before = _figure_then(was, row, period, cell) if was else None
        after = figure_of(current, cell) if current else None
        yield Tile(period, row, (was or row).definition, before, after)


def _figure_then(was: Any, row: IndicatorValue, period: Period, cell: Mapping[str, str]) -> Figure | None:
    """What a value said: the cells of one that was computed again since come from the rows that counted then."""
    if not cell:
        return Figure(*(getattr(was, name) for name in NUMBERS))
    if row.computed_at == was.computed_at:
        return figure_of(row, cell)
    if was.origin == TYPED:
        raise Faulty(str(period), LOST, period=str(period))
    made = compiled(was.definition, Sources(period.programme), day_of(was.computed_at))
    return reference(made, cell, period, was.computed_at) if set(cell) <= set(made.splits) else None
