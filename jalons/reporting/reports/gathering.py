"""What a report tells today: published values only, read in a constant number of queries."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from math import isfinite
from typing import Any

from django.conf import settings
from django.db.models import Prefetch, Q, QuerySet
from django.utils import timezone

from jalons.core.models import Document
from jalons.evidence.measurement.disclosure import hidden_cells
from jalons.evidence.measurement.models import Disaggregation, IndicatorValue
from jalons.evidence.measurement.rules.contribution import REGION
from jalons.foundation.programmes.models import FundingAgreement, Period, Programme
from jalons.foundation.territories.models import Territory
from jalons.planning.results.chain import Result
from jalons.planning.results.models import Baseline, Indicator, IndicatorVersion, Mapping, Target, VerificationSource
from jalons.planning.results.rules.progress import direction_in_force
from jalons.reporting.reports.models import Report
from jalons.reporting.reports.naming import Names, text_of
from jalons.reporting.reports.rules import logframe as told
from jalons.reporting.reports.rules.changes import Change, changes
from jalons.reporting.reports.rules.disclosure import MASKED
from jalons.reporting.reports.rules.document import Document as Written
from jalons.reporting.reports.rules.frozen import freeze, thaw
from jalons.reporting.reports.rules.issuing import title

STEP = 20  # indicators between two words of progress
Advance = Callable[[int, int], None]  # how many of how many indicators are read, or files written


def still(done: int, total: int) -> None:
    """Nobody watches."""


def told_in(report: Report | None) -> told.Logframe | None:
    """The logframe that a report tells, as kept in it."""
    return thaw(told.Logframe, report.figures["logframe"]) if report and report.figures else None


def last_issued(programme: Programme, agreement: FundingAgreement | None) -> Report | None:
    """The report that the same reader received last."""
    reports = Report.objects.filter(programme=programme, agreement=agreement, state=Report.State.ISSUED)
    return reports.order_by("-number", "-version").first()


def document(report: Report) -> Written:
    """What the files of a report are written from: what is kept in it, nothing else."""
    return Written(
        title=report.title, number=report.number, version=report.version, logframe=told_in(report),
        changes=thaw(tuple[Change, ...], report.figures["changes"]), issued_at=report.issued_at,
        previous=report.previous.title if report.previous else "",
        supersedes=report.supersedes.title if report.supersedes else "", reason=report.reason,
        author=str(report.author), issued_by=str(report.issued_by or ""),
        invented=report.figures.get("invented", False),
    )  # fmt: skip


def prepare(report: Report, progress: Advance = still) -> None:
    """Fill a report with what it tells today, and with what changed since the previous one."""
    now = today(report, progress)
    found = changes(told_in(report.previous), now)
    report.figures = {"logframe": freeze(now), "changes": freeze(found), "invented": settings.DEMONSTRATION}
    report.title = title(now, report.number, report.version)


def today(report: Report, progress: Advance = still) -> told.Logframe:
    """What the report would tell if it were prepared now."""
    before = told_in(report.previous)
    earlier = {period.key for period in before.periods} if before else set()
    return gather(report.programme, report.agreement, report.period, earlier, progress)


def gather(
    programme: Programme, agreement: FundingAgreement | None, period: Period, earlier: Iterable[int] = (),
    progress: Advance = still,
) -> told.Logframe:  # fmt: skip
    """The logframe as published today, at a period and at those already told."""
    periods = list(Period.objects.filter(pk__in={period.pk, *earlier}).order_by("starts_on", "ends_on", "pk"))
    indicators = list(
        Indicator.objects.filter(result__programme=programme, current__isnull=False)
        .select_related("current")
        .order_by("position", "code")
    )
    shelf = _Shelf(programme, agreement, period, periods)
    lines = defaultdict(list)
    for done, indicator in enumerate(indicators):
        if done % STEP == 0:
            progress(done, len(indicators))
        lines[indicator.result_id].append(shelf.line(indicator))
    return told.Logframe(
        programme=_programme(programme),
        period=period.pk,
        periods=tuple(told.Period(p.pk, p.code, text_of(p.label), p.starts_on, p.ends_on) for p in periods),
        results=tuple(_results(programme, lines)),
        agreement=_agreement(agreement),
        dimensions=shelf.names.told(),
        sources=tuple(_sources(programme)),
        least=programme.least_people,
    )


class _Shelf:
    """Everything that hangs from the indicators of a programme, read once and sorted by indicator."""

    def __init__(
        self, programme: Programme, agreement: FundingAgreement | None, period: Period, periods: list[Period]
    ) -> None:
        mine = {"indicator__result__programme": programme}
        self.funder = agreement.funder_id if agreement else None
        self.period, self.periods = period, periods
        self.baselines = _grouped(Baseline.objects.filter(**mine).order_by("pk"), "indicator_id")
        whole = Q(period__kind=Period.Kind.WHOLE)
        targets = Target.objects.filter(Q(period__in=periods) | whole, **mine).select_related("period").order_by("pk")
        self.targets = _grouped(targets, "indicator_id")
        self.whys = {model: _reasons(model, mine) for model in (Baseline, Target)}
        self.mappings = _grouped(_mappings(programme, period), "indicator_id")
        self.since = _since(period)
        told_at = [*periods, self.since] if self.since else periods
        self.values = {(v.indicator_id, v.period_id): v for v in _published(programme, told_at)}
        self.names = Names(list(self.values.values()))
        self.documents = _documents(self.values.values())
        self.hidden = hidden_cells(list(self.values.values()), programme.least_people)
        pending = IndicatorValue.objects.filter(period__in=periods, **mine).exclude(state="published")
        self.pending = set(pending.values_list("indicator_id", "period_id"))

    def line(self, indicator: Indicator) -> told.Line:
        moments = tuple(self.moment(indicator, period) for period in self.periods)
        targets = self.targets[indicator.pk]
        goals = [self.promise(t) for t in targets if t.period.kind == Period.Kind.WHOLE]
        target = next(moment.target for moment in moments if moment.period == self.period.pk)
        version = self.definition(indicator)
        baselines = tuple(self.promise(row, row.on) for row in self.baselines[indicator.pk])
        goal = told.total(tuple(goals))
        return told.Line(
            key=indicator.pk,
            code=indicator.code,
            definition=_definition(version, _direction(version, baselines, target or goal)),
            baselines=baselines,
            goal=goal,
            moments=moments,
            words=tuple(self.words(self.mappings[indicator.pk])),
            sources=tuple(version.sources),
            since=(value := self.values.get((indicator.pk, self.since.pk))) and _figure(value) if self.since else None,
        )

    def definition(self, indicator: Indicator) -> IndicatorVersion:
        """The version that the latest told value was measured by, else the one in force."""
        values = [self.values[key] for p in self.periods if (key := (indicator.pk, p.pk)) in self.values]
        return values[-1].definition if values else indicator.current

    def moment(self, indicator: Indicator, period: Period) -> told.Moment:
        key = (indicator.pk, period.pk)
        value = self.values.get(key)
        silence = told.UNPUBLISHED if key in self.pending else told.MISSING
        return told.Moment(
            period=period.pk,
            state=told.PUBLISHED if value else silence,
            targets=tuple(self.promise(t) for t in self.targets[indicator.pk] if t.period_id == period.pk),
            value=_value(value, self) if value else None,
        )

    def promise(self, row: Baseline | Target, on: date | None = None) -> told.Promise:
        value = None if row.value is None else float(row.value)
        return told.Promise(value, row.text, on, dict(sorted(row.cell.items())), self.whys[type(row)].get(row.pk, ""))

    def words(self, mappings: list[Mapping]) -> Iterator[told.Words]:
        """The funder's own catalogue first."""
        for row in sorted(mappings, key=lambda m: (not self._is_own(m), m.entry.catalogue.code, m.entry.code)):
            catalogue = row.entry.catalogue
            yield told.Words(
                catalogue=catalogue.code, catalogue_title=text_of(catalogue.title), code=row.entry.code,
                title=text_of(row.entry.title), unit=text_of(row.entry.unit), factor=float(row.factor),
                coverage=row.coverage, note=row.note, vocabulary=catalogue.iati_vocabulary, uri=catalogue.uri,
                own=self._is_own(row),
            )  # fmt: skip

    def _is_own(self, mapping: Mapping) -> bool:
        return self.funder is not None and mapping.entry.catalogue.funder_id == self.funder


def _grouped(rows: Iterable[Any], key: str) -> dict[int, list]:
    groups = defaultdict(list)
    for row in rows:
        groups[getattr(row, key)].append(row)
    return groups


def _reasons(model: type[Baseline | Target], mine: dict[str, Programme]) -> dict[int, str]:
    """Why each baseline or target was last changed, for those whose author said so."""
    rows = model.objects.filter(**mine).values("pk")
    acts = model.pgh_event_model.objects.filter(pgh_obj_id__in=rows).order_by("pgh_id")
    told_by = acts.values_list("pgh_obj_id", "pgh_context__metadata__why")
    return {key: why for key, why in dict(told_by).items() if why}


def _published(programme: Programme, periods: list[Period]) -> QuerySet[IndicatorValue]:
    """The last published value of each indicator and period."""
    cuts = Prefetch("disaggregations", Disaggregation.objects.order_by("dimensions"))
    return (
        IndicatorValue.objects.filter(
            indicator__result__programme=programme, period__in=periods, state=IndicatorValue.State.PUBLISHED
        )
        .order_by("indicator_id", "period_id", "-published_at", "-pk")
        .distinct("indicator_id", "period_id")
        .select_related("definition", "period")
        .prefetch_related(cuts)
    )


def _since(period: Period) -> Period | None:
    """The period from the beginning to the end of another, if it has one; that of the same tiles first."""
    if period.kind in (Period.Kind.CUMULATIVE, Period.Kind.WHOLE):
        return None
    rows = Period.objects.filter(programme=period.programme_id, kind=Period.Kind.CUMULATIVE, ends_on=period.ends_on)
    return min(rows.order_by("pk"), key=lambda row: row.accumulates != period.kind, default=None)


def _documents(values: Iterable[IndicatorValue]) -> dict[int, tuple[str, ...]]:
    """The names of the documents joined to each value."""
    keys = [value.pk for value in values]
    rows = Document.objects.filter(target=IndicatorValue._meta.label, target_id__in=keys, removed_at=None)
    found = _grouped(rows.order_by("pk"), "target_id")
    return {key: tuple(row.name for row in joined) for key, joined in found.items()}


def _mappings(programme: Programme, period: Period) -> QuerySet[Mapping]:
    """Mappings in force at some point of the period."""
    begun = Q(valid_from__isnull=True) | Q(valid_from__lte=period.ends_on)
    lasting = Q(valid_to__isnull=True) | Q(valid_to__gte=period.starts_on)
    rows = Mapping.objects.filter(begun, lasting, indicator__result__programme=programme)
    return rows.select_related("entry__catalogue")


def _direction(version: IndicatorVersion, baselines: tuple[told.Promise, ...], target: told.Promise | None) -> str:
    start = told.total(baselines)
    figures = (promise.value if promise else None for promise in (start, target))
    return direction_in_force(version.direction, version.direction_confirmed, *figures)


def _definition(version: IndicatorVersion, direction: str) -> told.Definition:
    return told.Definition(
        number=version.number, valid_from=version.valid_from, title=text_of(version.title),
        definition=text_of(version.definition), method=version.method, unit=text_of(version.unit),
        measure=version.measure, direction=direction, reason=version.reason,
        additive=_is_additive(version), counts_people=version.counts_people,
    )  # fmt: skip


def _figure(value: IndicatorValue) -> told.Figure:
    return told.Figure(
        *map(_known, (value.number, value.numerator, value.denominator, value.answered, value.asked)), value.text
    )


def _value(value: IndicatorValue, shelf: _Shelf) -> told.Value:
    hidden = shelf.hidden.get(value.pk, {})
    cuts = tuple(_cut(cut, shelf.names, hidden.get(tuple(cut.dimensions), set()))
                 for cut in value.disaggregations.all() if cut.dimensions != [REGION])  # fmt: skip
    published_at = timezone.localtime(value.published_at) if value.published_at else None
    return told.Value(
        value.pk, value.definition.number, _figure(value), cuts, timezone.localtime(value.computed_at), published_at,
        value.source, shelf.documents.get(value.pk, ()),
    )  # fmt: skip


def _is_additive(version: IndicatorVersion) -> bool:
    """Whether values of several places add up: numbers that the sheet says to sum, never percentages."""
    summed = version.place_aggregation == IndicatorVersion.Aggregation.SUM
    return summed and version.measure == IndicatorVersion.Measure.UNIT


def _known(number: float | None) -> float | None:
    """A number, or None when it is not one (PostgreSQL keeps NaN and infinities, a report does not)."""
    return number if number is not None and isfinite(number) else None


def _cut(row: Disaggregation, names: Names, hidden: set[str]) -> told.Cut:
    """A cut with its small cells masked: words stand in the place of their numbers."""

    def at(numbers: list, place: int) -> Any:
        return _known(numbers[place]) if place < len(numbers) else None

    arrays = (row.numbers, row.numerators, row.denominators, row.answered, row.asked)
    cells = (
        told.Cell(
            names.codes(row.dimensions, codes),
            told.Figure(text=MASKED) if codes in hidden else told.Figure(*(at(array, place) for array in arrays)),
        )
        for place, codes in enumerate(row.cells)
    )
    return told.Cut(
        tuple(row.dimensions), tuple(sorted(cells, key=lambda cell: names.rank(row.dimensions, cell.codes)))
    )


def _results(programme: Programme, lines: dict[int, list[told.Line]]) -> Iterator[told.Result]:
    """The chain from the top down, each result before those that contribute to it."""
    rows = list(Result.objects.filter(programme=programme).prefetch_related("assumptions"))
    codes, children = {row.pk: row.code for row in rows}, _grouped(rows, "parent_id")
    waiting = [(row, 0) for row in reversed(children[None])]
    while waiting:
        row, depth = waiting.pop()
        yield told.Result(
            code=row.code, level=row.level, depth=depth, title=text_of(row.title), description=text_of(row.description),
            parent=codes.get(row.parent_id, ""),
            assumptions=tuple(told.Assumption(a.code, text_of(a.text)) for a in row.assumptions.all()),
            lines=tuple(lines[row.pk]),
        )  # fmt: skip
        waiting += [(child, depth + 1) for child in reversed(children[row.pk])]


def _programme(programme: Programme) -> told.Programme:
    operator = programme.operator
    return told.Programme(
        code=programme.code, short_name=programme.short_name, title=text_of(programme.title),
        purpose=text_of(programme.purpose),
        operator=told.Organisation(
            operator.code, operator.name, operator.iati_identifier, operator.organisation_type
        ),
        starts_on=programme.starts_on, ends_on=programme.ends_on, iati=programme.iati_identifier,
        countries=tuple(_countries(programme)), sectors=programme.sectors, recipients=programme.recipients,
        status=programme.status, collaboration=programme.collaboration, flow=programme.flow,
        finance=programme.finance, aid=programme.aid, tied=programme.tied,
    )  # fmt: skip


def _countries(programme: Programme) -> list[str]:
    rows = programme.territories.select_related("parent__parent__parent")
    tops = (next(place for place in _upwards(row) if place.parent is None) for row in rows)
    return sorted({place.code for place in tops if place.level == Territory.Level.COUNTRY})


def _upwards(place: Territory) -> Iterator[Territory]:
    while place is not None:
        yield place
        place = place.parent


def _agreement(agreement: FundingAgreement | None) -> told.Agreement | None:
    if agreement is None:
        return None
    funder = agreement.funder
    return told.Agreement(
        agreement.reference, agreement.name, told.Organisation(funder.code, funder.name, funder.iati_identifier)
    )


def _sources(programme: Programme) -> Iterator[told.Source]:
    for row in VerificationSource.objects.filter(programme=programme).order_by("code"):
        yield told.Source(row.code, text_of(row.title), row.holder, row.frequency)
