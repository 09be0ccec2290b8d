"""From definitions to figures: which definition counts when, the partitions it reads, the tables that come out."""

import os
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

from django.utils import timezone

from jalons.collection.submissions import moments
from jalons.collection.submissions.projection import copies
from jalons.evidence.measurement.rules import partitions, sql
from jalons.evidence.measurement.rules.aggregation import Figure
from jalons.evidence.measurement.rules.contribution import Contribution, contribution
from jalons.evidence.measurement.rules.formula import Faulty, read_formula
from jalons.evidence.measurement.rules.kernel import Kernel, Table
from jalons.evidence.measurement.rules.partitions import Partition
from jalons.evidence.measurement.rules.plan import Plan, plans
from jalons.evidence.measurement.rules.sql import Span
from jalons.evidence.measurement.sources import Sources, read
from jalons.foundation.programmes.models import Period, Programme
from jalons.planning.results.models import Indicator, IndicatorVersion

THREADS = 2


@dataclass
class Work:
    """What can be measured: the definition in force for each period and indicator, compiled; and what cannot be."""

    wanted: dict[int, dict[int, IndicatorVersion]] = field(default_factory=dict)  # period -> indicator -> version
    made: dict[int, Contribution] = field(default_factory=dict)  # version -> contribution
    faults: list[tuple[Indicator, Faulty]] = field(default_factory=list)


@dataclass(frozen=True)
class Ready:
    """The partition of one plan in one period, and since when it holds what it holds."""

    plan: Plan
    period: Period
    partition: Partition
    built_at: datetime


@dataclass(frozen=True)
class Measured:
    """Figures of one period: tables whose keys are definitions."""

    period: Period
    tables: list[Table]
    watermark: int | None


def in_force(versions: Iterable[IndicatorVersion], on: date) -> IndicatorVersion | None:
    """The definition in force on a day: the last that had begun, else the first."""
    ordered = sorted(versions, key=lambda version: version.number)
    begun = [version for version in ordered if version.valid_from <= on]
    return begun[-1] if begun else next(iter(ordered), None)


def compiled(version: IndicatorVersion, sources: Sources, on: date | None = None) -> Contribution:
    """What each row brings to a definition's value; Faulty says what cannot be measured in it, and where.

    on: the day that a formula that asks the day is told; today by default.
    """
    formula = read_formula(version.formula)
    return contribution(formula, sources.of(formula), on or date.today())


def day_of(moment: datetime) -> date:
    """The day that formulas which ask the day were told at a moment."""
    return timezone.localtime(moment, timezone.get_default_timezone()).date()


def prepare(indicators: Iterable[Indicator], periods: Sequence[Period], sources: Sources) -> Work:
    """Which definition counts in which period, each compiled once: the one in force on the period's last day."""
    work, failed = Work(), set()
    for indicator in indicators:
        for period in periods:
            version = in_force(indicator.versions.all(), period.ends_on)
            if version is None or not version.formula or version.pk in failed:
                continue
            try:
                work.made.setdefault(version.pk, None)
                work.made[version.pk] = work.made[version.pk] or compiled(version, sources)
                work.wanted.setdefault(period.pk, {})[indicator.pk] = version
            except Faulty as fault:
                failed.add(version.pk)
                work.faults.append((indicator, fault))
    work.made = {pk: made for pk, made in work.made.items() if made}
    return work


def ready(programme: Programme, work: Work, periods: Sequence[Period], sources: Sources) -> Iterator[Ready]:
    """The partitions of every period that has definitions to measure, brought up to date where rows changed."""
    wanted = plans({str(pk): made for pk, made in work.made.items()})
    spans = {_name(period) for period in Period.objects.filter(programme=programme)}
    for form in sources.forms.values():
        _forget(copies(form), {plan.signature() for plan in wanted}, spans)
    for plan in wanted:
        sources.make_tables(plan.source)
        useful = [p for p in periods if {str(v.pk) for v in work.wanted.get(p.pk, {}).values()} & set(plan.keys)]
        yield from _refreshed(plan, useful, copies(sources.form(plan.source.form)))


def _name(period: Period) -> str:
    """The file of a period's rows."""
    return f"{period.starts_on}_{period.ends_on}"


def _refreshed(plan: Plan, periods: Sequence[Period], folder: Path) -> Iterator[Ready]:
    spans = {period.pk: Span(str(period.pk), period.starts_on, period.ends_on) for period in periods}
    marks = read(sql.fingerprint(plan.source, plan.day, list(spans.values()))) if spans else []
    stamps = {name: repr(rest) for name, *rest in marks}
    for period in periods:
        span = spans[period.pk]
        path = folder / plan.signature() / _name(period)
        kept, stamp = partitions.load(path), stamps.get(span.name, "")
        if kept is None or kept[0] != stamp:
            rows = read(sql.partition_rows(plan.source, plan.loads(), plan.day, span))
            partitions.save(partitions.build(plan, rows), path, stamp)
            kept, built = partitions.load(path), moments.now().timestamp()
            os.utime(path, (built, built))  # the clock that values are dated by
        yield Ready(plan, period, kept[1], datetime.fromtimestamp(path.stat().st_mtime, UTC))


@dataclass(frozen=True)
class LeftOut:
    """Validated rows of a form that enter no period: without a date, or dated outside all periods."""

    source: str
    undated: int
    outside: int


def left_out(work: Work, periods: Sequence[Period]) -> Iterator[LeftOut]:
    """What is not attributed to any period, for each way of dating rows; nothing when everything is."""
    spans = [Span(str(period.pk), period.starts_on, period.ends_on) for period in periods]
    for plan in plans({str(pk): made for pk, made in work.made.items()}) if spans else ():
        ((undated, outside),) = read(sql.unattributed(next(iter(plan.made.values())), spans))
        if undated or outside:
            yield LeftOut(plan.source.repeat or plan.source.form, undated, outside)


def _forget(folder: Path, signatures: set[str], spans: set[str]) -> None:
    """Partitions made for definitions or periods that are no more hold answers that nothing needs."""
    for old in folder.glob("*"):
        if old.name not in signatures:
            shutil.rmtree(old, ignore_errors=True)
    for old in folder.glob("*/*"):
        if old.name not in spans:
            old.unlink(missing_ok=True)


def reference(made: Contribution, cell: Mapping[str, str], period: Period, at: datetime | None = None) -> Figure | None:
    """The figure of one cell by the reference query, or of the total for an empty cell; None without any row in it.

    at: from the rows that counted at that moment; from those that count by default.
    """
    span = Span(period.code, period.starts_on, period.ends_on)
    for _span, *rest in read(sql.cells(made, tuple(cell), [span], at)):
        if rest[: len(cell)] == list(cell.values()):
            return Figure(*rest[len(cell) :])
    return None


def persons(made: Contribution, period: Period, by: Sequence[str], among: Iterable[int]) -> list[tuple]:
    """Some of the persons that a formula counts in a period: the categories of their rows, then each person."""
    return list(read(sql.persons(made, Span(period.code, period.starts_on, period.ends_on), by, among)))


def computed(jobs: Iterable[Ready]) -> Iterator[Measured]:
    """Run the kernel on partitions, on both cores: NumPy lets go of the interpreter."""

    def run(job: Ready) -> Measured:
        return Measured(job.period, list(Kernel(job.plan, job.partition).tables()), job.partition.watermark)

    with ThreadPoolExecutor(THREADS) as pool:
        yield from pool.map(run, jobs)
