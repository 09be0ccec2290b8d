"""What dashboards read: results, indicators with their targets, values of one series. They compute nothing."""

import itertools
import json
from dataclasses import dataclass, field
from datetime import date
from math import isclose
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet

from jalons.collection.forms.models import Form
from jalons.collection.people.models import Pair
from jalons.collection.quality.queries import awaiting
from jalons.collection.submissions.models import Arrival, Submission
from jalons.core.levels import Level
from jalons.core.models import Job
from jalons.core.scope import reads_drafts
from jalons.evidence.measurement.checking import Broken, broken
from jalons.evidence.measurement.disclosure import PROVINCE, withheld
from jalons.evidence.measurement.models import Disaggregation, IndicatorValue
from jalons.evidence.measurement.places import rolled_up
from jalons.evidence.measurement.rules import disclosure
from jalons.evidence.measurement.rules.typed import PLACES
from jalons.evidence.measurement.storage import cells_of, typed_by
from jalons.foundation.programmes.models import Period, Programme
from jalons.foundation.territories.models import Territory
from jalons.planning.results.chain import Result
from jalons.planning.results.models import Indicator

TOLD = """
select i.id, i.code, i.position, i.result_id, d.title::text, d.unit::text, d.measure, d.direction,
       d.direction_confirmed, d.counts_people, 'sex' = any(d.dimensions), d.formula is null, b.value::float8,
       coalesce(b.text, ''),
       array(select distinct f.code from results_mapping m join results_catalogueindicator e on e.id = m.entry_id
               join results_catalogue c on c.id = e.catalogue_id join programmes_funder f on f.id = c.funder_id
              where m.indicator_id = i.id),
       (select json_agg(json_build_array(t.value, p.kind, p.ends_on))::text
          from results_target t join programmes_period p on p.id = t.period_id
         where t.indicator_id = i.id and t.cell = '{{}}' and t.value is not null),
       case when i.id in ({measured}) then (
        select json_agg(told)::text from (
            select distinct on (v.period_id) json_build_array(
                   v.id, v.period_id, (select number from results_indicatorversion where id = v.definition_id),
                   v.number, v.numerator, v.denominator, v.answered, v.asked, v.text, v.state,
                   case when d.formula is null then 'typed' else v.origin end,
                   (select json_build_array(cells, numbers, numerators, denominators, answered)
                      from measurement_disaggregation where value_id = v.id and dimensions = '{{sex}}'),
                   coalesce(d.formula ->> 'measure' = 'average', false),
                   case when d.formula is null and (d.measure = '2' or v.denominator is not null)
                          or d.formula ->> 'measure' = 'share' then 'share'
                        when d.formula is null or d.formula ->> 'measure' in ('count', 'distinct', 'persons')
                        then 'people'
                        else 'cases' end)
              from measurement_indicatorvalue v
             where v.indicator_id = i.id and v.period_id = any(%s) and v.state = any(%s)
             order by v.period_id, v.state = 'published' desc, v.state = 'verified' desc, v.computed_at desc
        ) as stands(told)) end
  from results_indicator i
  join results_indicatorversion d on d.id = i.current_id
  left join results_baseline b on b.indicator_id = i.id and b.cell = '{{}}'
 where i.id in ({promised})
 order by i.position, i.code
"""


@dataclass(frozen=True)
class Series:
    """The periods whose values follow one another up to the one in sight, oldest first."""

    periods: tuple[Period, ...]

    @property
    def last(self) -> Period | None:
        return self.periods[-1] if self.periods else None


class Goal(NamedTuple):
    """A target for all cells together."""

    value: float
    kind: str
    ends_on: date


class Told(NamedTuple):
    """All that is shown of an indicator in force, in values that tell two apart.

    title, unit: in all languages, as JSON. split: whether its sheet asks for women and men. typed: no form measures it.
    veil: how small numbers of women or men are kept from the reader, if they are.
    base, told_goals: its total baseline and total targets. told_values: in the periods asked for. Both as JSON.
    """

    pk: int
    code: str
    position: int
    result_id: int
    title: str
    unit: str | None
    measure: str
    direction: str
    direction_confirmed: bool
    counts_people: bool
    split: bool
    typed: bool
    base: float | None
    base_text: str
    funders: tuple[str, ...]
    told_goals: str | None
    told_values: str | None
    veil: "Veil | None"

    @property
    def goals(self) -> list[Goal]:
        """Its targets for all cells together."""
        return [Goal(value, kind, date.fromisoformat(on)) for value, kind, on in json.loads(self.told_goals or "[]")]

    @property
    def values(self) -> dict[int, "Value"]:
        """Its values, by period."""
        values = {value.period: value for value in itertools.starmap(Value, json.loads(self.told_values or "[]"))}
        return self.veil.over(values) if self.veil else values


class Value(NamedTuple):
    """The value that stands for an indicator and a period: the last published, else verified, else draft.

    cut: the cells of its cut by sex, then numbers, numerators, denominators, answers; None when there is none.
    origin: typed as well when it is put together from typed values.
    averaged: its numerator and denominator are a sum and a number of cases, not a share of them.
    kind: what its number is of people, as `rules.disclosure` says. hidden: the cells kept from the reader.
    """

    pk: int
    period: int
    version: int
    number: float | None
    numerator: float | None
    denominator: float | None
    answered: int | None
    asked: int | None
    text: str
    state: str
    origin: str
    cut: list[list] | None
    averaged: bool = False
    kind: str = disclosure.PEOPLE
    hidden: frozenset[str] = frozenset()

    @property
    def cells(self) -> dict[tuple[str, ...], dict[str, "_Cell"]]:
        """Its cut by sex, as cuts are kept."""
        if not self.cut:
            return {}
        cells, *columns = self.cut
        parts = [column or [None] * len(cells) for column in columns]
        return {("sex",): dict(zip(cells, itertools.starmap(_Cell, zip(*parts, strict=True)), strict=True))}

    def without(self, hidden: set[str]) -> "Value":
        """The same without some cells of its cut."""
        if not hidden:
            return self
        cells, *columns = self.cut
        kept = [
            [None if cell in hidden else part for cell, part in zip(cells, column or [None] * len(cells), strict=True)]
            for column in columns
        ]
        return self._replace(cut=[cells, *kept], hidden=frozenset(hidden))

    def by_sex(self, part: int = 1) -> dict[str, float | None]:
        """What was found for women and for men, where it is kept. part: 1 for numbers, 2 and 3 for their two terms."""
        return dict(zip(self.cut[0], self.cut[part] or (), strict=False)) if self.cut else {}

    def sexes_add_up(self) -> bool:
        """Whether women, men and the unknown make the total: true of a count or a sum, never of a median or a mean."""
        parts = [number for number in self.by_sex().values() if number is not None]
        return self.number is not None and isclose(sum(parts), self.number, rel_tol=1e-9, abs_tol=1e-9)


class _Cell(NamedTuple):
    """What is known of one cell of a cut."""

    number: float | None
    numerator: float | None
    denominator: float | None
    answered: int | None


class Veil(NamedTuple):
    """What keeps small numbers from a reader.

    least: people in a cell that is told. runs: the periods since the beginning that follow one another, oldest first.
    """

    least: int
    runs: tuple[tuple[int, ...], ...]

    def over(self, values: dict[int, Value]) -> dict[int, Value]:
        """Values by period without the cells of too few people."""
        return {period: value.without(self._hidden(period, values)) for period, value in values.items()}

    def _hidden(self, period: int, values: dict[int, Value]) -> set[str]:
        run = next((run for run in self.runs if period in run), (period,))
        told = [values[one] for one in run[: run.index(period) + 1] if one in values]
        guard = disclosure.Guard(values[period].kind, self.least)
        return disclosure.too_few_since([value.cells for value in told], guard).get(("sex",), set())


@dataclass
class Link:
    """A result in the chain, with its indicators and their values by period."""

    result: Result
    depth: int
    indicators: list[Indicator] = field(default_factory=list)


def series(periods: list[Period], chosen: Period | None) -> Series:
    """The series to show for a period: since the beginning when such values exist, else the period's own kind.

    Only a figure that runs since the beginning can be told against the target of the whole programme.
    """
    if chosen is None:
        return Series(())
    since = [p for p in periods if p.kind == Period.Kind.CUMULATIVE and p.ends_on == chosen.ends_on]
    shown = next((p for p in since if p.accumulates == chosen.kind), since[0] if since else chosen)
    alike = [p for p in periods if (p.kind, p.accumulates) == (shown.kind, shown.accumulates)]
    return Series(tuple(sorted((p for p in alike if p.ends_on <= shown.ends_on), key=lambda p: p.ends_on)))


def chain(programme: Programme, user: Any) -> list[Link]:
    """The results chain from top to bottom, each result followed by those that contribute to it."""
    results = list(Result.objects.for_user(user).filter(programme=programme))
    known = {r.pk for r in results}
    children: dict[int | None, list[Result]] = {}
    for result in results:
        children.setdefault(result.parent_id if result.parent_id in known else None, []).append(result)

    def walk(parent: int | None, depth: int) -> list[Link]:
        return [link for r in children.get(parent, []) for link in [Link(r, depth), *walk(r.pk, depth + 1)]]

    return walk(None, 0)


def indicators(programme: Programme, user: Any, shown: Series, **only: Any) -> list[Told]:
    """Indicators in force, in their order, with their values in a series: one query, written out for its speed."""
    rows = Indicator.objects.filter(result__programme=programme, current__isnull=False, **only).values("pk")
    measured, first = rows.for_user(user, app="measurement").query.sql_with_params()
    promised, last = rows.for_user(user).query.sql_with_params()
    with connection.cursor() as cursor:
        periods = [period.pk for period in shown.periods]
        told = [*first, periods, states(user, programme), *last]
        cursor.execute(TOLD.format(measured=measured, promised=promised), told)
        seen_by = veil(user, programme, shown)
        return [Told(*row, tuple(funders), goals, values, seen_by) for *row, funders, goals, values in cursor]


def veil(user: Any, programme: Programme, shown: Series) -> Veil | None:
    """What keeps small numbers from a person who reads aggregates only."""
    if reads_drafts(user, "measurement", programme.pk):
        return None
    runs: dict[str, list[int]] = {}
    for period in sorted(shown.periods, key=lambda period: period.ends_on):
        if period.kind == Period.Kind.CUMULATIVE:
            runs.setdefault(period.accumulates, []).append(period.pk)
    return Veil(programme.least_people, tuple(map(tuple, runs.values())))


def states(user: Any, programme: Programme) -> list[str]:
    """The states of the values that this person reads."""
    drafts = reads_drafts(user, "measurement", programme.pk)
    return IndicatorValue.State.values if drafts else [IndicatorValue.State.PUBLISHED]


def waiting(programme: Programme, user: Any) -> QuerySet:
    """Submissions that this person may decide on and did not send, by form: how many, since when, how many flagged."""
    return (
        Submission.objects.for_user(user, Level.DECIDE)
        .filter(form__programme=programme, state=Submission.State.RECEIVED)
        .exclude(author=user)
        .values("form", "form__title")
        .annotate(count=Count("pk"), oldest=Min("created_at"), flagged=Count("pk", filter=Q(flag_count__gt=0)))
        .order_by("oldest")
    )


def set_aside(programme: Programme, user: Any) -> dict[str, Any]:
    """What phones sent that did not come in and waits for this person's decision: how many, since when."""
    kept = Arrival.objects.for_user(user, Level.DECIDE).filter(form__programme=programme, state__in=Arrival.UNDECIDED)
    return kept.aggregate(count=Count("pk"), oldest=Min("created_at"))


def doubts(programme: Programme, user: Any) -> dict[str, Any]:
    """Tellings of the register that may be of one person, for this person to decide: how many, since when."""
    open_ones = Pair.objects.for_user(user, Level.DECIDE).filter(operator=programme.operator_id, state=Pair.State.OPEN)
    return open_ones.aggregate(count=Count("pk"), oldest=Min("created_at"))


def flagged(programme: Programme, user: Any) -> dict[str, Any]:
    """What checks found and that waits for this person's answer: how many, since when."""
    rows = awaiting(user).filter(submission__form__programme=programme).order_by()
    return rows.aggregate(count=Count("pk"), oldest=Min("created_at"))


def pending(programme: Programme, user: Any) -> QuerySet:
    """Values that this person may verify or publish, by state and period; four eyes are kept."""
    said = Q(number__isnull=False) | ~Q(text="")
    own = Q(state="draft", pk__in=typed_by(user)) | Q(state="verified", verified_by=user)
    return (
        IndicatorValue.objects.for_user(user, Level.DECIDE)
        .filter(said, indicator__result__programme=programme, state__in=["draft", "verified"])
        .exclude(own)
        .values("state", "period", "period__label", "period__ends_on")
        .annotate(count=Count("pk"), oldest=Min("computed_at"))
        .order_by("-period__ends_on")
    )


def typed_by_region(programme: Programme) -> set[int]:
    """The indicators that a person limited to a region may type: those typed by place, or in words."""
    own = Q(current__dimensions__contains=["territory"]) | Q(current__measure="5")
    return set(Indicator.objects.filter(own, result__programme=programme).values_list("pk", flat=True))


def open_forms(programme: Programme, user: Any) -> QuerySet[Form]:
    """Forms that this person may send answers to."""
    published = Form.objects.filter(programme=programme, state=Form.State.PUBLISHED)
    return published if user.may("submissions", Level.EDIT) else published.none()


def broken_formulas(programme: Programme, user: Any) -> list[Broken]:
    """Indicators whose definition this person may change, and must: its formula can no longer be measured."""
    rows = Indicator.objects.for_user(user, Level.DECIDE).filter(result__programme=programme)
    measured = rows.filter(current__formula__isnull=False).select_related("current")
    return broken(programme, measured) if user.may("results", Level.DECIDE) else []


def failed_jobs(user: Any) -> QuerySet[Job]:
    """This person's background work that did not end well, and that nobody did again since."""
    again = Job.objects.filter(
        name=OuterRef("name"), arguments=OuterRef("arguments"), state=Job.State.DONE, pk__gt=OuterRef("pk")
    )
    return Job.objects.filter(~Exists(again.order_by()), by=user, state=Job.State.FAILED).order_by("-pk")


def tiles(periods: list[Period], shown: Series) -> Series:
    """The periods laid end to end that the series in sight accumulates; the series itself when it accumulates none."""
    last = shown.last
    if last is None or not last.accumulates:
        return shown
    laid = [p for p in periods if p.kind == last.accumulates and p.ends_on <= last.ends_on]
    return Series(tuple(sorted(laid, key=lambda p: p.ends_on)))


def by_place(value: int | None, user: Any) -> tuple[dict[Territory, float | None], set[Territory]]:
    """The numbers of a value by territory, communes made into provinces, and the territories kept from this person."""
    row = IndicatorValue.objects.filter(pk=value).select_related("definition").first() if value else None
    cells = cells_of(row).get(PLACES, {}) if row else {}
    places = Territory.objects.filter(pk__in=[int(cell) for cell in cells if cell.isdigit()])
    finer = any(place.level == Territory.Level.COMMUNE for place in places)
    if finer:
        known = {made.place: made.figure for made in rolled_up(row, Territory.Level.PROVINCE)}
    else:
        known = {place: cells[str(place.pk)] for place in places}
    hidden = withheld(row, user).get(PROVINCE if finer else PLACES, set()) if row else set()
    masked = {place for place in known if str(place.pk) in hidden}
    return {place: None if place in masked else figure.number for place, figure in known.items()}, masked


def has_places(value: int | None) -> bool:
    """Whether a value was cut by place at all."""
    return Disaggregation.objects.filter(value=value, dimensions=list(PLACES)).exclude(cells=[]).exists()


def regions(programme: Programme) -> set[str]:
    """Codes of the regions where a programme works."""
    return set(programme.territories.filter(level=Territory.Level.REGION).values_list("code", flat=True))


def place_name(code: str) -> dict | None:
    """Name of a territory, by its code."""
    return Territory.objects.filter(code=code).values_list("name", flat=True).first()
