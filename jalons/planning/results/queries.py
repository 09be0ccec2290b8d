"""What pages read of the promises: the results chain, the sheet of an indicator, its targets."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Prefetch

from jalons.core.cells import listed
from jalons.core.fields import translated
from jalons.foundation.programmes.models import Period, Programme
from jalons.planning.results.chain import Result
from jalons.planning.results.models import (
    Baseline,
    Dimension,
    Indicator,
    IndicatorVersion,
    Mapping,
    Target,
    VerificationSource,
)
from jalons.planning.results.rules.definitions import Change, difference, lacks_sex
from jalons.planning.results.rules.notation import write_place
from jalons.planning.results.rules.progress import awaits_confirmation, direction_in_force


@dataclass(frozen=True)
class Line:
    """An indicator in the chain, with what is promised of it in total."""

    indicator: Indicator
    baseline: Baseline | None
    target: Target | None
    dimension_labels: str = ""

    @property
    def version(self) -> IndicatorVersion | None:
        return self.indicator.current

    @property
    def figures(self) -> tuple[Decimal | None, Decimal | None]:
        return (self.baseline.value if self.baseline else None, self.target.value if self.target else None)

    @property
    def direction(self) -> str:
        """Code of the direction to reckon with, stated or proposed."""
        return direction_in_force(self.version.direction, self.version.direction_confirmed, *self.figures)

    @property
    def direction_label(self) -> str:
        return IndicatorVersion.Direction(self.direction).label

    @property
    def awaits_direction(self) -> bool:
        return awaits_confirmation(self.version.direction_confirmed, *self.figures)

    @property
    def lacks_sex(self) -> bool:
        return lacks_sex(self.version.counts_people, self.version.dimensions)


@dataclass
class Node:
    """A result in the chain, how deep it stands, its assumptions and its indicators."""

    result: Result
    depth: int
    lines: list[Line] = field(default_factory=list)

    @property
    def stake(self) -> int:
        """Size of the mark of its level: the impact is the furthest stake."""
        return list(Result.Level).index(self.result.level)


def framework(programme: Programme, user: Any) -> list[Node]:
    """The results chain from the top down, whole, in a constant number of queries."""
    totals = (
        Prefetch("indicators", Indicator.objects.select_related("current")),
        Prefetch("indicators__baselines", Baseline.objects.filter(cell={}), to_attr="total_baselines"),
        Prefetch("indicators__targets", _totals(), to_attr="total_targets"),
    )
    results = Result.objects.for_user(user).filter(programme=programme).prefetch_related("assumptions", *totals)
    children: dict[int | None, list[Result]] = {}
    for result in results:
        children.setdefault(result.parent_id, []).append(result)

    labels = {dimension.code: str(dimension) for dimension in Dimension.objects.all()}

    def walk(parent: int | None, depth: int) -> Iterator[Node]:
        for result in children.get(parent, []):
            yield Node(result, depth, [_line(indicator, labels) for indicator in result.indicators.all()])
            yield from walk(result.pk, depth + 1)

    return list(walk(None, 0))


def line_of(indicator: Indicator) -> Line:
    """One indicator with what is promised of it in total."""
    return Line(indicator, indicator.baselines.filter(cell={}).first(), _totals().filter(indicator=indicator).last())


def versions_of(indicator: Indicator) -> list[tuple[IndicatorVersion, list[Change]]]:
    """Versions of a definition, the latest first, each with what it changed."""
    versions = list(indicator.versions.order_by("number"))
    before = [None, *versions]
    return [
        (now, difference(then.sheet, now.sheet) if then else []) for then, now in zip(before, versions, strict=False)
    ][::-1]


@dataclass
class Cut:
    """What is promised of an indicator, in total or for one cell: its baseline, then its targets by period."""

    label: str
    place: str
    baseline: Baseline | None = None
    targets: dict[int, Target] = field(default_factory=dict)
    row: list[Target | None] = field(default_factory=list)


def promises_of(indicator: Indicator) -> tuple[list[Period], list[Cut]]:
    """Periods that have targets, and a line for the total and for each cell that has a figure."""
    targets = list(indicator.targets.select_related("period").order_by("period__ends_on", "-period__starts_on"))
    baselines = list(indicator.baselines.all())
    names = category_names()
    cuts: dict[str, Cut] = {}
    for row in [*baselines, *targets]:
        place = write_place(row.cell)
        cut = cuts.setdefault(place, Cut(listed(_named(row.cell, names)), place))
        if isinstance(row, Baseline):
            cut.baseline = row
        else:
            cut.targets[row.period_id] = row
    periods = {target.period_id: target.period for target in targets}
    for cut in cuts.values():
        cut.row = [cut.targets.get(period) for period in periods]
    return list(periods.values()), [cuts[place] for place in sorted(cuts)]


def category_names() -> dict[tuple[str, str], dict[str, str]]:
    """Labels of categories in all languages, by dimension and code."""
    dimensions = Dimension.objects.exclude(kind=Dimension.Kind.TERRITORY)
    return {(d.code, category["code"]): category["label"] for d in dimensions for category in d.categories}


def mappings_of(indicator: Indicator) -> list[Mapping]:
    return list(indicator.mappings.select_related("entry__catalogue").order_by("entry__catalogue__code", "entry__code"))


def named(version: IndicatorVersion) -> tuple[list[Dimension], list[VerificationSource]]:
    """The dimensions and the sources that a definition names."""
    programme = version.indicator.result.programme_id
    sources = VerificationSource.objects.filter(programme=programme, code__in=version.sources)
    return list(Dimension.objects.filter(code__in=version.dimensions)), list(sources)


def _named(cell: dict[str, str], names: dict[tuple[str, str], dict[str, str]]) -> Iterator[str]:
    for code, category in sorted(cell.items()):
        yield translated(names.get((code, category))) or category


def _totals() -> Any:
    return Target.objects.filter(cell={}).select_related("period").order_by("period__ends_on", "-period__starts_on")


def _line(indicator: Indicator, labels: dict[str, str]) -> Line:
    baselines, targets = indicator.total_baselines, indicator.total_targets
    named = listed(labels.get(code, code) for code in (indicator.current.dimensions if indicator.current else ()))
    return Line(indicator, baselines[0] if baselines else None, targets[-1] if targets else None, named)
