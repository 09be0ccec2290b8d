"""Checks applied to submissions by handfuls: those that just arrived, or all of a form."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from functools import cache
from itertools import chain
from typing import Any

from django.db.models import F, QuerySet, Sum
from django.utils import timezone

from jalons.collection.forms.models import Form
from jalons.collection.forms.queries import latest_version
from jalons.collection.quality import sheets
from jalons.collection.quality.keeping import keep, lift
from jalons.collection.quality.models import Check, Run
from jalons.collection.quality.rules import agreement, collectors, likeness, outliers, places, sections, timing
from jalons.collection.quality.rules.found import Filled, Found
from jalons.collection.quality.rules.outliers import Spread
from jalons.collection.submissions.models import SubmissionVersion
from jalons.collection.submissions.reading import ROW_TYPE, Versions
from jalons.collection.submissions.rules.schema import Schema
from jalons.foundation.territories.models import Territory
from jalons.foundation.territories.outlines import outlines

HANDFUL = 1_000
FRESH = timedelta(days=1)  # how long figures of comparison serve, unless the form grew by a fifth
GROWTH = 0.2


class Checker:
    """The checks of a form, ready to be applied. whole: all its submissions are read, not those that just arrived."""

    def __init__(self, form: Form, checks: Sequence[Check], *, whole: bool) -> None:
        self.form, self.whole = form, whole
        self.checks, self.around = list(checks), territories()
        self.compared: dict[int, dict[int, list[Found]]] = {}
        self.versions = Versions(form, latest_version(form))
        self.runs = {
            check.pk: Run(quality_check=check, number=check.number, parameters=check.parameters, whole=whole)
            for check in checks
        }

    @property
    def schema(self) -> Schema:
        return self.versions.default.schema

    def take(self, versions: Iterable[SubmissionVersion]) -> None:
        """Check a handful and keep what is found."""
        filled = [self.filled(version) for version in versions]
        found: dict[int, list[Found]] = {}
        for check in self.checks:
            since = [one for one in filled if one.received.date() >= check.valid_from]
            found[check.pk] = list(FINDERS[check.kind](self, check, since)) if since else []
            self.runs[check.pk].read += len(since)
        kept = keep(filled, self.checks, found)
        for check in self.checks:
            self.runs[check.pk].found += kept.get(check.pk, 0)

    def filled(self, version: SubmissionVersion) -> Filled:
        held = version.submission
        return Filled(
            held.pk, version.number, version.answers, self.versions.by_key[version.form_version_id].schema,
            held.collector, held.collected_on, version.created_at, self.around.get(held.territory_id, ()),
            version.media_type == ROW_TYPE,
        )  # fmt: skip

    def spreads(self, check: Check) -> Mapping[str, Spread]:
        """What numbers are compared with: figures of today, unless the form grew by a fifth since."""
        run = self.runs[check.pk]
        if not run.figures:
            names = check.parameters["questions"]
            kept = None if self.whole else _recent(check)
            found = kept or sheets.spreads(self.form, self.schema, names)
            run.figures = {name: list(around) for name, around in found.items()}
        return {name: Spread(*around) for name, around in run.figures.items()}

    def among(self, check: Check, filled: Iterable[Filled], find: Callable[[], Iterable[Found]]) -> Iterator[Found]:
        """What a check that compares submissions finds in some of them: all is compared once, for the first of them."""
        if check.pk not in self.compared:
            found = self.compared[check.pk] = defaultdict(list)
            for one in find():
                found[one.pk].append(one)
        for one in filled:
            yield from self.compared[check.pk].get(one.pk, ())

    def end(self) -> list[Run]:
        """Keep what was applied; lift what checks found before they changed and no longer find."""
        runs = [run for run in self.runs.values() if run.read or self.whole]
        if self.whole:
            lift([run.quality_check for run in runs])
        return Run.objects.bulk_create(runs)


def of(keys: Iterable[int]) -> list[SubmissionVersion]:
    """The versions among these that are the latest of a submission that may count."""
    rows = SubmissionVersion.objects.filter(pk__in=list(keys), number=F("submission__version"))
    return list(_ready(rows))


def whole(form: Form) -> Iterator[list[SubmissionVersion]]:
    """The latest version of every submission of a form, by handfuls."""
    rows = SubmissionVersion.objects.filter(submission__form=form, number=F("submission__version"))
    rows, last = _ready(rows).order_by("submission_id"), 0
    while handful := list(rows.filter(submission__gt=last)[:HANDFUL]):
        yield handful
        last = handful[-1].submission_id


def _ready(rows: QuerySet[SubmissionVersion]) -> QuerySet[SubmissionVersion]:
    open_ones = rows.exclude(submission__state__in=sheets.GONE)
    return open_ones.select_related("submission").defer("content", "unread", "computed")


def _recent(check: Check) -> dict[str, Spread] | None:
    last = check.runs.filter(number=check.number, created_at__gte=timezone.now() - FRESH).exclude(figures={}).first()
    if last is None:
        return None
    computed = check.runs.filter(number=check.number, figures=last.figures).order_by("pk").first()
    since = check.runs.filter(pk__gt=computed.pk).aggregate(n=Sum("read"))["n"] or 0
    count = max((figures[0] for figures in last.figures.values()), default=0)
    return None if since + computed.read > GROWTH * count else {n: Spread(*f) for n, f in last.figures.items()}


@cache
def _territories(_count: int) -> dict[int, tuple[str, ...]]:
    rows = {pk: (code, parent) for pk, code, parent in Territory.objects.values_list("pk", "code", "parent_id")}

    def upwards(pk: int | None) -> tuple[str, ...]:
        return (rows[pk][0], *upwards(rows[pk][1])) if pk in rows else ()

    return {pk: upwards(pk) for pk in rows}


def territories() -> dict[int, tuple[str, ...]]:
    """The code of each territory and those of the ones around it, the smallest first."""
    last = Territory.objects.order_by("-pk").values_list("pk", flat=True).first()
    return _territories(last or 0)


@cache
def rings() -> dict[str, list[list[tuple[float, float]]]]:
    """The outlines of regions and provinces, by code."""
    found = {}
    for level in ("region", "province"):
        for feature in outlines(level)["features"]:
            found[feature["id"]] = [[tuple(point) for point in ring] for ring in feature["geometry"]["coordinates"]]
    return found


# One function a kind: what it needs beside the answers, and the rule that decides


def _key(checker: Checker, check: Check, filled: list[Filled]) -> Iterable[Found]:
    given, other = check.parameters, Form.objects.filter(pk=check.parameters["form"]).first()
    latest = latest_version(other) if other and other.programme_id == checker.form.programme_id else None
    if latest is None:
        return ()
    if not other.submissions.exists():
        return agreement.unmatched({**given, "form_title": str(other)}, filled, {})
    schema = Versions(other, latest).default.schema
    there = sheets.held(other, schema, given["other"], given.get("agrees_there", ""), agreement.keys(given, filled))
    return agreement.unmatched({**given, "form_title": str(other)}, filled, there)


def _twin(checker: Checker, check: Check, filled: list[Filled]) -> Iterable[Found]:
    place = (checker.form, checker.schema, check.parameters["questions"])
    if checker.whole:
        return checker.among(check, filled, lambda: likeness.same(sheets.twins(*place, None), None))
    new = {one.pk for one in filled}
    return likeness.same(sheets.twins(*place, sorted(new)), new)


def _near(checker: Checker, check: Check, filled: list[Filled]) -> Iterable[Found]:
    given, within = check.parameters, check.parameters.get("within", "collector")
    share, place = given.get("share", likeness.SHARE), (checker.form, checker.schema, given["questions"])
    if checker.whole:
        blocks = (likeness.near(block, None, share) for block in sheets.all_alike(*place, within))
        return checker.among(check, filled, lambda: chain.from_iterable(blocks))
    new = {one.pk for one in filled}
    return likeness.near(sheets.alike(*place, sorted(new), within), new, share)


def _collector(checker: Checker, check: Check, filled: list[Filled]) -> Iterator[Found]:
    given = check.parameters
    yield from collectors.repeated(given, filled)
    if not (given.get("per_day") or given.get("fast_share")):
        return
    place = (checker.form, checker.schema)
    if checker.whole:
        yield from checker.among(check, filled, lambda: _paced(given, sheets.work(*place, None)))
    else:
        new = {one.pk for one in filled}
        yield from collectors.too_many(given, sheets.work(*place, sorted(new)), new)


def _paced(given: Mapping[str, Any], work: list[collectors.Pace]) -> Iterator[Found]:
    yield from collectors.too_many(given, work, None)
    yield from collectors.too_fast(given, work, None)


FINDERS: dict[str, Callable[[Checker, Check, list[Filled]], Iterable[Found]]] = {
    Check.Kind.EXPRESSION: lambda _checker, check, filled: agreement.broken(check.parameters, filled),
    Check.Kind.KEY: _key,
    Check.Kind.OUTLIER: lambda checker, check, filled: outliers.far(check.parameters, filled, checker.spreads(check)),
    Check.Kind.RANGE: lambda _checker, check, filled: outliers.outside(check.parameters, filled),
    Check.Kind.TWIN: _twin,
    Check.Kind.NEAR: _near,
    Check.Kind.TIMING: lambda _checker, check, filled: timing.impossible(check.parameters, filled),
    Check.Kind.PLACE: lambda _checker, check, filled: places.astray(check.parameters, filled, rings()),
    Check.Kind.COLLECTOR: _collector,
    Check.Kind.SECTION: lambda _checker, check, filled: sections.missing(check.parameters, filled),
}
