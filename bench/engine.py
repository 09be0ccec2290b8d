"""Sixty indicators, six cuts, eight quarters: the engine, against SQL by hand and against pandas.

Ours goes from stored partitions to stored values and cells; the others compute and store nothing. All three are
compared cell by cell first. SIZE submissions (250 000 by default: a region's programme after some years), four people
each. Storing costs the same whatever the size: below, the ratio to pandas is higher, and nobody waits.
"""

import os
from collections.abc import Callable
from datetime import date, timedelta
from itertools import count
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np
from django.db import connection, transaction
from django.utils import timezone

from bench.engine_data import World, columns_of, world, write
from bench.engine_indicators import HOMES, INDICATORS, PEOPLE, SPLITS, by_pandas, formula, grouping_sets
from jalons.collection.forms.models import Form, FormVersion, Question
from jalons.collection.submissions.projection import table_name
from jalons.evidence.measurement import storage
from jalons.evidence.measurement.engine import Ready, computed, prepare, ready
from jalons.evidence.measurement.models import Disaggregation, IndicatorValue
from jalons.evidence.measurement.sources import Sources
from jalons.foundation.accounts.models import User
from jalons.foundation.programmes.models import Operator, Period, Programme
from jalons.planning.results.chain import Result
from jalons.planning.results.models import Indicator, IndicatorVersion

ROUNDS = 5
KINDS = {"text": "text", "bigint": "integer", "double precision": "decimal"}
FAIR = "set work_mem = '256MB'; set jit = off; set max_parallel_workers_per_gather = 1"  # best found


class Bench:
    """A programme whose typed tables hold the invented answers, ready to be measured."""

    def __init__(self, told: World) -> None:
        self.world, self.by = told, User.objects.create_user("bench@jalons.test", name="Bench")
        operator = Operator.objects.create(code="BENCH", name="Bench")
        self.programme = Programme.objects.create(
            code="bench", short_name="Bench", title={"fr": "Bench"}, operator=operator,
            starts_on=date(2024, 1, 1), ends_on=date(2025, 12, 31),
        )  # fmt: skip
        self.periods = Period.objects.bulk_create(map(self._quarter, range(8)))
        self.tables = self._form()
        self._indicators()
        sources = Sources(self.programme)
        rows = list(Indicator.objects.prefetch_related("versions"))
        self.work = prepare(rows, self.periods, sources)
        self.jobs: list[Ready] = list(ready(self.programme, self.work, self.periods, sources))
        self.wanted = {
            (version.pk, period): version for period, found in self.work.wanted.items() for version in found.values()
        }
        self.frames = {HOMES: told.homes, PEOPLE: told.people}

    def _quarter(self, rank: int) -> Period:
        starts = date(2024 + rank // 4, rank % 4 * 3 + 1, 1)
        after = date(2024 + (rank + 1) // 4, (rank + 1) % 4 * 3 + 1, 1)
        return Period(
            programme=self.programme, kind="quarter", code=f"Q{rank}", label={"fr": f"Q{rank}"},
            starts_on=starts, ends_on=after - timedelta(days=1),
        )  # fmt: skip

    def _form(self) -> tuple[str, str]:
        form = Form.objects.create(programme=self.programme, code="bench", title={"fr": "Bench"}, state="published")
        version = FormVersion.objects.create(form=form, number=1, file_name="b.xlsx", sha256="0" * 64, xform="<x/>")
        names = table_name(form.pk), table_name(form.pk, "membre")
        rank = count()
        for table, name, frame in zip(("", "membre"), names, (self.world.homes, self.world.people), strict=True):
            columns = columns_of(frame)
            Question.objects.bulk_create(
                Question(version=version, position=next(rank), name=column, table=table,
                         path="/".join(filter(None, (table, column))), column=column, kind=KINDS[kind])
                for column, kind in columns.items()
            )  # fmt: skip
            write(name, frame, columns)
        return names

    def _indicators(self) -> None:
        result = Result.objects.create(programme=self.programme, level="output", code="R", title={"fr": "Produit"})
        rows = Indicator.objects.bulk_create(Indicator(result=result, code=f"I{n:02}") for n in range(len(INDICATORS)))
        IndicatorVersion.objects.bulk_create(
            IndicatorVersion(indicator=row, number=1, valid_from=date(2024, 1, 1), title={"fr": row.code},
                             unit={"fr": "1"}, measure="1", formula=formula(told))
            for row, told in zip(rows, INDICATORS, strict=True)
        )  # fmt: skip

    # The three ways

    @transaction.atomic
    def ours(self) -> None:
        storage.store(computed(self.jobs), self.wanted, self.by, timezone.now())

    def sql(self, *, fetch: bool = False) -> list[list[tuple]]:
        with connection.cursor() as cursor:
            cursor.execute(FAIR)
            found = []
            for grain in (PEOPLE, HOMES):
                cursor.execute(grouping_sets(grain, *self.tables))
                found.append(cursor.fetchall() if fetch else [])
            cursor.execute("reset all")
        return found

    def pandas(self) -> list[dict]:
        return [by_pandas(indicator, self.frames[indicator.grain]) for indicator in INDICATORS]

    # Equal cells

    def check(self) -> int:
        """Compare the three, cell by cell; the number of cells compared."""
        by_hand = self._by_hand()
        for found in (self._stored(), self._framed()):
            for key, number in by_hand.items():  # SQL and pandas say nothing where nobody is concerned, we say zero
                ours, theirs = np.nan_to_num([found.get(key, np.nan), number])
                assert np.isclose(ours, theirs, rtol=1e-9), (key, ours, theirs)
        return len(by_hand)

    def _stored(self) -> dict[tuple, float]:
        rank = {period.pk: n for n, period in enumerate(self.periods)}
        found = {}
        for value in IndicatorValue.objects.select_related("indicator"):
            found[value.indicator.code, rank[value.period_id], (), ()] = _number(value.number)
        for row in Disaggregation.objects.select_related("value__indicator"):
            key = row.value.indicator.code, rank[row.value.period_id]
            order = sorted(range(len(row.dimensions)), key=lambda n: row.dimensions[n])
            for cell, number in zip(row.cells, row.numbers, strict=True):
                parts = cell.split("|")
                found[*key, tuple(row.dimensions[n] for n in order), tuple(parts[n] for n in order)] = _number(number)
        return found

    def _by_hand(self) -> dict[tuple, float]:
        found = {}
        for grain, lines in zip((PEOPLE, HOMES), self.sql(fetch=True), strict=True):
            codes, own = list(SPLITS[grain]), [n for n, told in enumerate(INDICATORS) if told.grain == grain]
            for absent, quarter, *rest in lines:
                kept = [n for n in range(len(codes)) if not absent >> (len(codes) - 1 - n) & 1]
                kept.sort(key=lambda n: codes[n])
                cut, cell = tuple(codes[n] for n in kept), tuple(str(rest[n]) for n in kept)
                for place, indicator in enumerate(own):
                    top, bottom = rest[len(codes) + 2 * place : len(codes) + 2 * place + 2]
                    number = np.nan if top is None or not bottom else float(top) / float(bottom)
                    found[f"I{indicator:02}", quarter, cut, cell] = number
        return found

    def _framed(self) -> dict[tuple, float]:
        found = {}
        for n, by_cut in enumerate(self.pandas()):
            for cut, groups in by_cut.items():
                order = sorted(range(len(cut)), key=lambda i: cut[i])
                for key, number in groups.items():
                    quarter, *cell = key if isinstance(key, tuple) else (key,)
                    name = tuple(cut[i] for i in order), tuple(str(cell[i]) for i in order)
                    found[f"I{n:02}", quarter, *name] = float(number) if np.isfinite(number) else np.nan  # over zero
        return found


def _number(value: float | None) -> float:
    return np.nan if value is None else value


def run(size: int = int(os.environ.get("SIZE", "250000"))) -> list[dict[str, Any]]:
    """Rounds of the three in turn, so that what disturbs one disturbs the others; medians."""
    bench = Bench(world(size))
    bench.ours()
    cells = bench.check()
    ways = {"ours": bench.ours, "sql": bench.sql, "pandas": bench.pandas}
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for _round in range(ROUNDS):
        for name, way in ways.items():
            seconds[name].append(_timed(way))
    times = {name: median(found) for name, found in seconds.items()}
    name = f"60 indicateurs × 6 coupes × 8 trimestres, {size} soumissions, {cells} cellules (s)"
    against = {"sql": ("deux requêtes GROUPING SETS", 0.125), "pandas": ("360 group-by pandas", 0.07)}
    return [
        {"name": name, "ours": times["ours"], "against": label, "theirs": times[way],
         "ratio": times["ours"] / times[way], "target": target, "better": "lower"}
        for way, (label, target) in against.items()
    ]  # fmt: skip


def _timed(way: Callable[[], Any]) -> float:
    start = perf_counter()
    way()
    return perf_counter() - start
