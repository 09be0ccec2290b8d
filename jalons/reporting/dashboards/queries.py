"""What dashboards read: results, indicators with their targets, values of one series. They compute nothing."""

from dataclasses import dataclass, field
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, Count, F, IntegerField, Min, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import JSONObject

from jalons.collection.forms.models import Form
from jalons.collection.submissions.models import Submission
from jalons.core.levels import Level
from jalons.core.models import Job
from jalons.evidence.measurement.models import Disaggregation, IndicatorValue
from jalons.foundation.programmes.models import Period, Programme
from jalons.foundation.territories.models import Territory
from jalons.planning.results.models import Baseline, Indicator, Mapping, Result, Target

RANK = Case(When(state="published", then=2), When(state="verified", then=1), default=0, output_field=IntegerField())
CUT = JSONObject(cells="cells", numbers="numbers", numerators="numerators", denominators="denominators")


@dataclass(frozen=True)
class Series:
    """The periods whose values follow one another up to the one in sight, oldest first."""

    periods: tuple[Period, ...]

    @property
    def last(self) -> Period | None:
        return self.periods[-1] if self.periods else None


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


def indicators(programme: Programme, user: Any) -> QuerySet[Indicator]:
    """Indicators in force, each with its total baseline, its total targets and the funders it is told to."""
    total = {"indicator": OuterRef("pk"), "cell": {}}
    target = JSONObject(value="value", period="period_id", kind="period__kind", ends_on="period__ends_on")
    funders = Mapping.objects.filter(indicator=OuterRef("pk")).values("entry__catalogue__funder__code").distinct()
    return (
        Indicator.objects.for_user(user)
        .filter(result__programme=programme, current__isnull=False)
        .select_related("current")
        .annotate(
            baseline=Subquery(Baseline.objects.filter(**total).values(json=JSONObject(value="value", text="text"))[:1]),
            goals=ArraySubquery(Target.objects.filter(**total, value__isnull=False).order_by("period__ends_on")
                                .values(json=target)),
            funders=ArraySubquery(funders),
        )
        .order_by("position", "code")
    )  # fmt: skip


def values(programme: Programme, user: Any, shown: Series) -> QuerySet[IndicatorValue]:
    """The value that stands for each indicator and period: the last published, else verified, else draft."""
    cut = Disaggregation.objects.filter(value=OuterRef("pk"), dimensions=["sex"]).values(json=CUT)[:1]
    return (
        IndicatorValue.objects.for_user(user)
        .filter(indicator__result__programme=programme, period__in=shown.periods)
        .annotate(rank=RANK, version=F("definition__number"), by_sex=Subquery(cut))
        .order_by("indicator_id", "period_id", "-rank", "-computed_at")
        .distinct("indicator_id", "period_id")
    )


def latest(programme: Programme, user: Any, shown: Series) -> dict[int, dict[int, IndicatorValue]]:
    """Values by indicator, then by period."""
    found: dict[int, dict[int, IndicatorValue]] = {}
    for value in values(programme, user, shown):
        found.setdefault(value.indicator_id, {})[value.period_id] = value
    return found


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


def pending(programme: Programme, user: Any) -> QuerySet:
    """Values that this person may verify or publish, by state and period; four eyes are kept."""
    own = Q(state="draft", origin="typed", author=user) | Q(state="verified", verified_by=user)
    return (
        IndicatorValue.objects.for_user(user, Level.DECIDE)
        .filter(indicator__result__programme=programme, state__in=["draft", "verified"], number__isnull=False)
        .exclude(own)
        .values("state", "period", "period__label")
        .annotate(count=Count("pk"), oldest=Min("computed_at"))
        .order_by("-period__ends_on")
    )


def open_forms(programme: Programme, user: Any) -> QuerySet[Form]:
    """Forms that this person may send answers to."""
    published = Form.objects.filter(programme=programme, state=Form.State.PUBLISHED)
    return published if user.may("submissions", Level.EDIT) else published.none()


def failed_jobs(user: Any) -> QuerySet[Job]:
    """This person's background work that did not end well."""
    return Job.objects.filter(by=user, state=Job.State.FAILED).order_by("-pk")


def tiles(periods: list[Period], shown: Series) -> Series:
    """The periods laid end to end that the series in sight accumulates; the series itself when it accumulates none."""
    last = shown.last
    if last is None or not last.accumulates:
        return shown
    laid = [p for p in periods if p.kind == last.accumulates and p.ends_on <= last.ends_on]
    return Series(tuple(sorted(laid, key=lambda p: p.ends_on)))


def by_place(value: int | None) -> dict[Territory, float | None]:
    """The numbers of a value by territory; a cell holds the key of its territory."""
    cut = Disaggregation.objects.filter(value=value, dimensions=["territory"]).first() if value else None
    if cut is None:
        return {}
    numbers = dict(zip(cut.cells, cut.numbers, strict=True))
    places = Territory.objects.filter(pk__in=[int(cell) for cell in numbers if cell.isdigit()])
    return {place: numbers[str(place.pk)] for place in places}


def regions(programme: Programme) -> set[str]:
    """Codes of the regions where a programme works."""
    return set(programme.territories.filter(level=Territory.Level.REGION).values_list("code", flat=True))


def place_name(code: str) -> dict | None:
    """Name of a territory, by its code."""
    return Territory.objects.filter(code=code).values_list("name", flat=True).first()
