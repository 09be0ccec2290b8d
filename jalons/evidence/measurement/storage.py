"""Figures kept as values: totals as drafts, their cells by binary COPY; and read back."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from django.db import connection
from django.db.models import Q, QuerySet

from jalons.collection.submissions import moments
from jalons.core.models import Event
from jalons.evidence.measurement.engine import Measured
from jalons.evidence.measurement.models import Disaggregation, IndicatorValue
from jalons.evidence.measurement.rules import binary
from jalons.evidence.measurement.rules.aggregation import Figure
from jalons.evidence.measurement.rules.kernel import Table
from jalons.foundation.programmes.models import Period
from jalons.planning.results.models import IndicatorVersion

DRAFT, COMPUTED, TYPED = IndicatorValue.State.DRAFT, IndicatorValue.Origin.COMPUTED, IndicatorValue.Origin.TYPED
NUMBERS = ("number", "numerator", "denominator", "answered", "asked")
KINDS = {"numbers": binary.FLOAT8, "numerators": binary.FLOAT8, "denominators": binary.FLOAT8}
KINDS |= {"answered": binary.INT8, "asked": binary.INT8}
MATRICES = tuple(KINDS)
TERMS = ("numerators", "denominators")  # none for a measure that is no ratio
Pair = tuple[int, int]  # indicator, period
Wanted = Mapping[tuple[int, int], IndicatorVersion]  # definition and period -> definition
COLUMNS = f"created_at, updated_at, value_id, dimensions, cells, {', '.join(MATRICES)}"
UPDATE = """
with gone as (delete from measurement_disaggregation where value_id = any(%s))
update measurement_indicatorvalue v
   set definition_id = n.definition, number = n.number, numerator = n.numerator, denominator = n.denominator,
       answered = n.answered, asked = n.asked, watermark = n.watermark, origin = 'computed', text = '',
       doubts = null, author_id = %s, computed_at = %s, updated_at = %s
  from unnest(%s::bigint[], %s::bigint[], %s::float8[], %s::float8[], %s::float8[], %s::bigint[], %s::bigint[],
              %s::bigint[]) as n(id, definition, number, numerator, denominator, answered, asked, watermark)
 where v.id = n.id
"""


@dataclass(frozen=True)
class Total:
    """What a definition gives for a period, over all cells."""

    definition: IndicatorVersion
    period: Period
    figure: Figure
    watermark: int | None

    @property
    def pair(self) -> Pair:
        return self.definition.indicator_id, self.period.pk


def latest(indicators: Iterable[int], periods: Iterable[int], *fields: str) -> dict[Pair, IndicatorValue]:
    """The last value made for each indicator and period, whatever its state. fields: those to read, all by default."""
    rows = IndicatorValue.objects.filter(indicator__in=indicators, period__in=periods)
    rows = rows.only(*fields) if fields else rows
    return {(row.indicator_id, row.period_id): row for row in rows.order_by("computed_at", "pk")}


def store(found: Iterable[Measured], wanted: Wanted, by: Any, now: datetime) -> tuple[int, int]:
    """Keep what was measured of the wanted definitions, as it comes: how many values changed, how many not.

    A draft is brought up to date; a value that people signed stays, and a draft begins beside it when figures differ.
    """
    indicators, periods = {version.indicator_id for version in wanted.values()}, {period for _version, period in wanted}
    current = latest(indicators, periods, "indicator", "period", "definition", "state", *NUMBERS)
    changed = unchanged = 0
    for measured in found:
        totals = list(_totals(measured, wanted))
        same = _unchanged_signed(totals, current, measured)
        kept = [total for total in totals if total.pair not in same]
        new = sum(not _says(current.get(total.pair), total) for total in kept)
        changed, unchanged = changed + new, unchanged + len(totals) - new
        _write_cells(measured, _write(kept, current, by, now), now)
    return changed, unchanged


def _totals(measured: Measured, wanted: Wanted) -> Iterator[Total]:
    for table in measured.tables:
        for row, key in enumerate(table.keys if not table.dimensions else ()):
            if version := wanted.get((int(key), measured.period.pk)):
                yield Total(version, measured.period, figures(table, row)[0], measured.watermark)


def figures(table: Table, row: int) -> list[Figure]:
    """The cells of one definition in a table, what is unknown as None."""
    columns = [[None if np.isnan(x) else x for x in getattr(table, name)[row].tolist()] for name in MATRICES]
    return [
        Figure(*terms, *(None if count is None else int(count) for count in (answered, asked)))
        for *terms, answered, asked in zip(*columns, strict=True)
    ]


def _says(value: IndicatorValue | None, total: Total) -> bool:
    """Whether a value already has this definition and this figure."""
    if value is None or value.definition_id != total.definition.pk:
        return False
    return all(getattr(value, name) == getattr(total.figure, name) for name in NUMBERS)


def _unchanged_signed(totals: list[Total], current: Mapping[Pair, IndicatorValue], measured: Measured) -> set[Pair]:
    """Values that people signed and that say the same, cell by cell."""
    signed = {
        total.pair: current[total.pair]
        for total in totals
        if _says(current.get(total.pair), total) and current[total.pair].state != DRAFT
    }
    return {pair for pair, value in signed.items() if cells_of(value) == _measured_cells(measured, value)}


def cells_of(value: IndicatorValue) -> dict[tuple[str, ...], dict[str, Figure]]:
    """The cells kept for a value, by cut."""
    return {tuple(row.dimensions): _cells(row) for row in value.disaggregations.all()}


def _cells(row: Disaggregation) -> dict[str, Figure]:
    columns = [getattr(row, name) or [None] * len(row.cells) for name in MATRICES]
    return {cell: Figure(*parts) for cell, *parts in zip(row.cells, *columns, strict=True)}


def _measured_cells(measured: Measured, value: IndicatorValue) -> dict[tuple[str, ...], dict[str, Figure]]:
    key = str(value.definition_id)
    return {
        table.dimensions: dict(zip(table.cells, figures(table, table.keys.index(key)), strict=True))
        for table in measured.tables
        if table.dimensions and key in table.keys
    }


def _write(totals: list[Total], current: Mapping[Pair, IndicatorValue], by: Any, now: datetime) -> dict[str, int]:
    """Drafts updated or made: definition -> value."""
    drafts = {pair: value.pk for pair, value in current.items() if value.state == DRAFT}
    old = {total.definition.pk: drafts[total.pair] for total in totals if total.pair in drafts}
    _update([(old[total.definition.pk], total) for total in totals if total.pair in drafts], by, now)
    rows = [_draft(total, by, now) for total in totals if total.pair not in drafts]
    made = {row.definition_id: row.pk for row in IndicatorValue.objects.bulk_create(rows, 2000)}
    return {str(definition): pk for definition, pk in (old | made).items()}


def _update(rows: list[tuple[int, Total]], by: Any, now: datetime) -> None:
    """Bring drafts up to date; their cells go, for others to come."""
    if rows:
        lines = [(pk, t.definition.pk, *(getattr(t.figure, name) for name in NUMBERS), t.watermark) for pk, t in rows]
        with connection.cursor() as cursor:
            cursor.execute(UPDATE, [[pk for pk, _total in rows], by.pk, now, now, *map(list, zip(*lines, strict=True))])


def _draft(total: Total, by: Any, now: datetime) -> IndicatorValue:
    return IndicatorValue(
        indicator_id=total.definition.indicator_id, period=total.period, definition=total.definition, origin=COMPUTED,
        watermark=total.watermark, computed_at=now, author=by, **vars(total.figure),
    )  # fmt: skip


def _write_cells(measured: Measured, values: Mapping[str, int], now: datetime) -> None:
    """Write the cells of values. values: definition -> value."""
    stamp = binary.moment(now)
    tables = [table for table in measured.tables if table.dimensions and values.keys() & set(table.keys)]
    if not tables:
        return
    with (
        connection.cursor() as cursor,
        cursor.copy(f"copy measurement_disaggregation ({COLUMNS}) from stdin (format binary)") as copy,
    ):
        copy.write(binary.START)
        for table in tables:
            copy.write(b"".join(_lines(table, values, stamp)))
        copy.write(binary.END)


def _lines(table: Table, values: Mapping[str, int], stamp: bytes) -> Iterator[bytes]:
    """A row for each value that the table tells."""
    rows = [row for row, key in enumerate(table.keys) if key in values]
    heads = [binary.texts(table.dimensions, binary.VARCHAR), binary.texts(table.cells)]
    arrays = [binary.matrix(getattr(table, name)[rows], kind, sparse=name in TERMS) for name, kind in KINDS.items()]
    for place, row in enumerate(rows):
        value = binary.whole(values[table.keys[row]])
        yield binary.line([stamp, stamp, value, *heads, *(encoded[place] for encoded in arrays)])


def typed_by(person: Any) -> QuerySet[IndicatorValue]:
    """Keys of the values that a person typed, in whole or in part: another must verify them."""
    parts = Event.objects.filter(verb="value.typed", by=person).values("target_id")
    mine = Q(author=person) | Q(pk__in=parts)
    return IndicatorValue.objects.filter(mine, origin=TYPED).values("pk")


def keep_typed(
    version: IndicatorVersion, period: Period, figure: Figure, words: dict[str, str], by: Any
) -> IndicatorValue:
    """Keep a typed value in place of the draft, if there is one. words: its text and its source of verification."""
    fields = {"definition": version, "origin": TYPED, "author": by, "computed_at": moments.now(), **words}
    draft = {"indicator_id": version.indicator_id, "period": period, "state": DRAFT}
    told = vars(figure) | fields | {"watermark": None}
    return IndicatorValue.objects.update_or_create(**draft, defaults=told)[0]


def keep_cuts(value: IndicatorValue, cuts: Mapping[tuple[str, ...], Mapping[str, Figure]]) -> None:
    """Keep the cuts of a typed value, in place of those before."""
    value.disaggregations.all().delete()
    rows = []
    for dimensions, cells in cuts.items():
        columns = {
            name: [getattr(figure, of) for figure in cells.values()] for name, of in zip(MATRICES, NUMBERS, strict=True)
        }  # fmt: skip
        rows.append(Disaggregation(value=value, dimensions=list(dimensions), cells=list(cells), **columns))
    Disaggregation.objects.bulk_create(rows)
