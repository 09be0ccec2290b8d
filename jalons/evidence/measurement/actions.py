"""What is done to values: compute them, type those that no form gives, verify, publish."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.utils import timezone

from jalons.collection.people import actions as people
from jalons.collection.people import queries
from jalons.collection.people.rules.counts import fewer
from jalons.collection.submissions import moments
from jalons.core import documents
from jalons.core.actions import action
from jalons.core.errors import Refused, _
from jalons.core.levels import Level
from jalons.evidence.measurement import cumulation, engine, places, storage
from jalons.evidence.measurement.engine import LeftOut, Ready, Work, computed, in_force, left_out, prepare, ready
from jalons.evidence.measurement.models import Disaggregation, IndicatorValue
from jalons.evidence.measurement.rules import review, typed
from jalons.evidence.measurement.rules.aggregation import Figure
from jalons.evidence.measurement.rules.contribution import Contribution
from jalons.evidence.measurement.rules.typed import Cuts, Said
from jalons.evidence.measurement.sources import Sources
from jalons.evidence.measurement.storage import typed_by
from jalons.foundation.programmes.models import Period, Programme
from jalons.planning.results.models import Indicator, IndicatorVersion

CUMULATIVE = Period.Kind.CUMULATIVE
Progress = Callable[[int, int | None], None]


@dataclass
class Outcome:
    """What a measurement did: how many values changed or stayed, what could not be measured, what was left out."""

    changed: int = 0
    unchanged: int = 0
    faults: list[tuple[Indicator, Refused]] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)

    def count(self, changed: int, unchanged: int) -> None:
        self.changed += changed
        self.unchanged += unchanged


def measure(
    *, programme: Programme, by: Any, periods: Iterable[Period] | None = None,
    indicators: QuerySet[Indicator] | None = None, progress: Progress = lambda done, total: None,
) -> Outcome:  # fmt: skip
    """Compute the values of a programme and keep those that changed, as drafts. All periods and indicators by default.

    A definition that cannot be measured is reported, the others are measured all the same.
    """
    outcome = Outcome()
    if IndicatorVersion.objects.filter(indicator__result__programme=programme, formula__measure="persons").exists():
        people.feed(programme)
    wanted = Indicator.objects.filter(result__programme=programme) if indicators is None else indicators
    measured(programme=programme, wanted=wanted, periods=periods, outcome=outcome, progress=progress, by=by)
    return outcome


@action("programme.measured", needs=Level.EDIT)
def measured(
    *, programme: Programme, wanted: QuerySet[Indicator], periods: Iterable[Period] | None, outcome: Outcome,
    progress: Progress, by: Any,
) -> Programme:  # fmt: skip
    """Compute and store; the values of periods since the beginning follow from the others."""
    moments.hold_alone(programme.pk)
    every = list(Period.objects.filter(programme=programme))
    begun = [period for period in every if cumulation.has_begun(period, every, date.today())]
    chosen = begun if periods is None else [period for period in every if period in list(periods)]
    rows = _with_versions(Indicator.objects.filter(result__programme=programme))
    keys = set(wanted.values_list("pk", flat=True))
    sources = Sources(programme)
    work = _direct(prepare(rows, chosen, sources), chosen)
    outcome.faults = [(indicator, fault) for indicator, fault in work.faults if indicator.pk in keys]
    jobs = []
    for step, job in enumerate(ready(programme, work, chosen, sources)):
        jobs.append(job)
        progress(step, None)
    outcome.left_out = list(left_out(work, every))
    _measure_stale(jobs, work, keys, by, outcome)
    _tell_doubts(programme, work, [period for period in chosen if period.pk in work.wanted], keys)
    _accumulate([row for row in rows if row.pk in keys], chosen, every, by, outcome)
    return programme


def _with_versions(indicators: QuerySet[Indicator]) -> list[Indicator]:
    versions = Prefetch("versions", IndicatorVersion.objects.order_by("number"))
    return list(indicators.select_related("current").prefetch_related(versions))


def _direct(work: Work, periods: Sequence[Period]) -> Work:
    """What the answers give: all but values since the beginning that are put together from others."""
    for period in periods:
        if period.kind == CUMULATIVE:
            found = work.wanted.get(period.pk, {})
            work.wanted[period.pk] = {k: v for k, v in found.items() if not cumulation.is_put_together(v)}
    return work


def _measure_stale(jobs: list[Ready], work: Work, keys: set[int], by: Any, outcome: Outcome) -> None:
    """Measure what has no value yet, or one older than its rows or than its definition."""
    periods = {job.period.pk for job in jobs}
    current = storage.latest(keys, periods)
    wanted, stale = {}, []
    for job in jobs:
        found = [v for i, v in work.wanted[job.period.pk].items() if i in keys and str(v.pk) in job.plan.keys]
        old = [v for v in found if not _is_up_to_date(current.get((v.indicator_id, job.period.pk)), v, job)]
        outcome.unchanged += len(found) - len(old)
        wanted |= {(version.pk, job.period.pk): version for version in old}
        stale += [job] if old else []
    outcome.count(*storage.store(computed(stale), wanted, by, moments.now()))


def _tell_doubts(programme: Programme, work: Work, periods: list[Period], keys: set[int]) -> None:
    """Write beside each draft that counts persons, and its cells, how many may be one, as the register stands."""
    pairs = None
    for period in periods:
        for indicator, version in work.wanted[period.pk].items():
            made = work.made[version.pk]
            if indicator not in keys or not made.formula.counts_persons:
                continue
            pairs = queries.doubts(programme.operator) if pairs is None else pairs
            drafts = IndicatorValue.objects.filter(indicator=indicator, period=period, state="draft", origin="computed")
            drafts = drafts.select_related("period").prefetch_related("disaggregations")
            for draft in drafts:
                _doubt(draft, made, pairs)


def _doubt(draft: IndicatorValue, made: Contribution, pairs: list[tuple[int, int]]) -> None:
    """Persons of a pair that both count, in all and in each cell; nothing is asked where the register has no doubt."""
    cuts = list(draft.disaggregations.all())
    by = list(dict.fromkeys(code for cut in cuts for code in cut.dimensions))
    rows = engine.persons(made, draft.period, by, {pk for pair in pairs for pk in pair}) if pairs else []
    doubts = _fewer(pairs, rows)
    if doubts != draft.doubts:
        IndicatorValue.objects.filter(pk=draft.pk).update(doubts=doubts)
    for cut in cuts:
        inside: dict[str, list[tuple]] = {}
        for row in rows if doubts else ():
            inside.setdefault("|".join(row[by.index(code)] for code in cut.dimensions), []).append(row)
        told = [_fewer(pairs, inside.get(cell, [])) for cell in cut.cells] if doubts else None
        if told != cut.doubts:
            Disaggregation.objects.filter(pk=cut.pk).update(doubts=told)


def _fewer(pairs: list[tuple[int, int]], rows: list[tuple]) -> int:
    """How many persons fewer there are if every doubt among those of some rows is of one person."""
    persons = {row[-1] for row in rows}
    return fewer(pair for pair in pairs if persons.issuperset(pair)) if persons else 0


def _is_up_to_date(value: IndicatorValue | None, version: IndicatorVersion, job: Ready) -> bool:
    """Whether a value was computed by this definition from this very partition."""
    if value is None or value.definition_id != version.pk or value.origin != IndicatorValue.Origin.COMPUTED:
        return False
    return value.computed_at >= job.built_at and not job.plan.made[str(version.pk)].formula.asks_the_day


def _accumulate(
    indicators: list[Indicator], periods: Sequence[Period], every: Sequence[Period], by: Any, outcome: Outcome
) -> None:
    """Put together again the values since the beginning that are older than one of their parts."""
    since = [p for p in periods if p.kind == CUMULATIVE and cumulation.has_begun(p, every, date.today())]
    keys = [indicator.pk for indicator in indicators]
    known = storage.latest(keys, [tile.pk for period in since for tile in cumulation.tiles(period, every)])
    current = storage.latest(keys, [period.pk for period in since])
    laid = list(cumulation.laid_out(indicators, since, every, known))
    stale = [one for one in laid if not one.is_told_by(current.get(one.pair))]
    outcome.unchanged += len(laid) - len(stale)
    now, added = moments.now(), [one for one in stale if not one.is_in_words]
    wanted = {(one.definition.pk, one.period.pk): one.definition for one in added}
    outcome.count(*storage.store(map(cumulation.put_together, added), wanted, by, now))
    told = [cumulation.keep_words(one, current.get(one.pair), by, now) for one in stale if one.is_in_words]
    outcome.count(sum(told), len(told) - sum(told))


@action("value.typed", needs=Level.EDIT)
def type_value(*, indicator: Indicator, period: Period, said: Said, by: Any) -> IndicatorValue:
    """Write a value that no form gives, with where it comes from and its document.

    Places typed before, by others perhaps, stay; together they make the total, in the way that the definition says.
    """
    version = in_force(indicator.versions.all(), period.ends_on)
    if version is None:
        raise Refused(_("Cet indicateur n’a pas encore de définition."))
    if period.programme_id != indicator.owner_id:
        raise Refused(_("Cette période appartient à un autre programme."), field="period")
    before = storage.latest([indicator.pk], [period.pk]).get((indicator.pk, period.pk))
    before = before if before and before.origin == IndicatorValue.Origin.TYPED else None
    regions = _check_reach(version, said, by)
    figure, cuts = _whole(version, said, before)
    qualitative = version.measure == IndicatorVersion.Measure.QUALITATIVE
    review.check_typed(bool(version.formula), qualitative, figure.number, said.text)
    review.check_size(figure.number, counts_people=version.counts_people)
    words = {"text": typed.words(before.text if before else "", regions, said.text),
             "source": review.source_said(said.source, version.sources)}  # fmt: skip
    value = storage.keep_typed(version, period, figure, words, by)
    storage.keep_cuts(value, cuts)
    if said.document:
        documents.attach(target=value, document=said.document, by=by)
    every = list(Period.objects.filter(programme=period.programme_id))
    _accumulate(_with_versions(Indicator.objects.filter(pk=indicator.pk)), every, every, by, Outcome())
    return value


def _check_reach(version: IndicatorVersion, said: Said, by: Any) -> str:
    """Refuse what this person may not type; the names of the regions that limit them, empty when none does."""
    programme = version.indicator.result.programme
    limits = places.limits(by, programme)
    narrowed = places.named(limits)
    keys = {typed.place_of(cell) for dims in (typed.PLACES, typed.PLACES_BY_SEX) for cell in said.cuts.get(dims, {})}
    if version.measure != IndicatorVersion.Measure.QUALITATIVE or keys:
        offered = places.offered(programme, version.cut_by, limits) if version.cut_by else ()
        more = said.figure.number is not None or bool(set(said.cuts) - {typed.PLACES, typed.PLACES_BY_SEX})
        typed.check_reach(version.cut_by, keys, {str(p.pk): str(p) for p in offered}, narrowed, more=more)
    return narrowed


def _whole(version: IndicatorVersion, said: Said, before: IndicatorValue | None) -> tuple[Figure, Cuts]:
    """The total and the cuts, the places typed before included."""
    kept, figure = storage.cells_of(before) if before else {}, said.figure
    if version.place_aggregation == IndicatorVersion.Aggregation.RECOMPUTE and before and figure.number is None:
        figure = Figure(*(getattr(before, name) for name in storage.NUMBERS))
    percentage = version.measure == IndicatorVersion.Measure.PERCENTAGE
    return typed.whole(figure, typed.merged(kept, said.cuts), version.place_aggregation, percentage=percentage)


@action("value.verified", needs=Level.DECIDE)
def verify(*, indicatorvalue: IndicatorValue, by: Any) -> IndicatorValue:
    """Say that a value is right. Another person may then publish it."""
    value = IndicatorValue.objects.select_for_update(of=("self",)).get(pk=indicatorvalue.pk)
    review.check_verification(value.state, own=typed_by(by).filter(pk=value.pk).exists())
    value.state, value.verified_by, value.verified_at = IndicatorValue.State.VERIFIED, by, timezone.now()
    value.save(update_fields=["state", "verified_by", "verified_at", "updated_at"])
    return value


@action("value.published", needs=Level.DECIDE)
def publish(*, indicatorvalue: IndicatorValue, by: Any) -> IndicatorValue:
    """Let a verified value be told. It stands from here, in place of the one before it."""
    value = IndicatorValue.objects.select_for_update(of=("self",)).get(pk=indicatorvalue.pk)
    review.check_publication(value.state, value.verified_by_id, by.pk)
    value.state, value.published_by, value.published_at = IndicatorValue.State.PUBLISHED, by, timezone.now()
    value.save(update_fields=["state", "published_by", "published_at", "updated_at"])
    return value


@action("value.sent_back", needs=Level.DECIDE)
def send_back(*, indicatorvalue: IndicatorValue, by: Any) -> IndicatorValue:
    """Return a verified value to draft, for its figure to be looked at again."""
    value = IndicatorValue.objects.select_for_update(of=("self",)).get(pk=indicatorvalue.pk)
    if "draft" not in review.TRANSITIONS[value.state]:
        raise Refused(_("Seule une valeur vérifiée et pas encore publiée peut redevenir un brouillon."))
    if IndicatorValue.objects.filter(indicator=value.indicator_id, period=value.period_id, state="draft").exists():
        raise Refused(_("Un brouillon plus récent existe déjà pour cette période : vérifiez-le, celle-ci reste."))
    value.state, value.verified_by, value.verified_at = IndicatorValue.State.DRAFT, None, None
    value.save(update_fields=["state", "verified_by", "verified_at", "updated_at"])
    return value


@action("values.verified", needs=Level.DECIDE)
def verify_all(*, programme: Programme, values: QuerySet[IndicatorValue], by: Any) -> Programme:
    """Verify many drafts at once, leaving out those that this person typed."""
    drafts = values.filter(state="draft", indicator__result__programme=programme).exclude(pk__in=typed_by(by))
    if not drafts.update(state="verified", verified_by=by, verified_at=timezone.now()):
        raise Refused(_("Rien à vérifier pour vous : aucun brouillon, ou vous les avez saisis vous-même."))
    return programme


@action("values.published", needs=Level.DECIDE)
def publish_all(*, programme: Programme, values: QuerySet[IndicatorValue], by: Any) -> Programme:
    """Publish many verified values at once, leaving out those that this person verified."""
    verified = values.filter(state="verified", indicator__result__programme=programme).exclude(verified_by=by)
    if not verified.update(state="published", published_by=by, published_at=timezone.now()):
        raise Refused(_("Rien à publier pour vous : aucune valeur vérifiée, ou vous les avez vérifiées vous-même."))
    return programme
