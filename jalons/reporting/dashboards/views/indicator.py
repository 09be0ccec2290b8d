"""One indicator: where it stands, its chart, its values period by period."""

from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import get_language_bidi
from django.utils.translation import gettext as _

from jalons.core import charts as drawing
from jalons.core import writing
from jalons.core.levels import Level
from jalons.core.scope import reads_drafts
from jalons.evidence.measurement.models import IndicatorValue
from jalons.evidence.measurement.rules.formula import UNKNOWN
from jalons.evidence.measurement.telling import masked
from jalons.foundation.programmes.models import Period
from jalons.foundation.programmes.queries import chosen_period, periods_of
from jalons.planning.results.models import Indicator
from jalons.reporting.dashboards import queries
from jalons.reporting.dashboards.queries import Value
from jalons.reporting.dashboards.rules import charts
from jalons.reporting.dashboards.rules.charts import Mark
from jalons.reporting.dashboards.views.breakdown import breakdown, told
from jalons.reporting.dashboards.views.lines import Sight, day, grades, line, road, split, value_cell
from jalons.reporting.dashboards.views.maps import choropleth, no_map


def indicator(request: HttpRequest, pk: int) -> HttpResponse:
    """The page of an indicator, with a chart to explore."""
    found, sight, values = opened(request, pk)
    context = {
        "title": found["name"], "line": found, "sight": sight, "chart": chart(found, sight, values),
        "map": (drawn := choropleth(found, sight, request.user)), "no_map": "" if drawn else no_map(found),
        **breakdown(found, sight, request.user),
        "words": told(found, values, request.user),
        "rows": (told_rows := rows(found, sight, values)), "grades": grades(),
        "masked": masked(sum(row["split"].get("masked", 0) for row in told_rows), sight.programme.least_people),
        "target_of": _("sur %(target)s") % {"target": found["target"]} if found["target"] else "",
        "crumbs": [(_("Indicateurs"), reverse("dashboards:indicators")), (found["code"], None)],
    }  # fmt: skip
    return render(request, "dashboards/indicator.html", context)


def picture(request: HttpRequest, pk: int) -> HttpResponse:
    """The same chart as a picture, for the pages of other domains."""
    found, sight, values = opened(request, pk)
    return render(request, "dashboards/indicator_chart.html", {"chart": chart(found, sight, values)})


def place(request: HttpRequest, pk: int) -> HttpResponse:
    """The map of its value, for the pages of other domains."""
    found, sight, _values = opened(request, pk)
    missing = no_map(found) or _("Cet indicateur n’est pas détaillé par territoire.")
    chart = choropleth(found, sight, request.user) or {"alt": missing}
    return render(request, "dashboards/indicator_chart.html", {"chart": {"title": _("Par territoire"), **chart}})


def opened(request: HttpRequest, pk: int) -> tuple[dict, Sight, dict[int, Value]]:
    """The indicator as a line, what is in sight of it, and its values of every period, if this person may see them."""
    if not request.user.may("measurement", Level.VIEW):
        raise Http404
    row = get_object_or_404(Indicator.objects.for_user(request.user).select_related("result__programme"), pk=pk)
    programme = row.result.programme
    periods = periods_of(request, programme)
    shown = queries.series(periods, chosen_period(request, programme))
    on = min(date.today(), shown.last.ends_on) if shown.last else date.today()
    told_only = not reads_drafts(request.user, "measurement", programme.pk)
    sight = Sight(programme, shown, on, request.LANGUAGE_CODE, told_only)
    told = next(iter(queries.indicators(programme, request.user, queries.Series(tuple(periods)), pk=pk)), None)
    if told is None:  # no definition yet
        raise Http404
    return {**line(told, sight.frame), "told": told, "result": row.result, "periods": periods}, sight, told.values


def chart(found: dict[str, Any], sight: Sight, values: dict[int, Value]) -> dict[str, Any]:
    """The chart: its specification, its picture, and the same figures in a table."""
    marks = [*period_marks(found, sight, values), *since_marks(found, sight, values), *target_marks(found, sight)]
    data = [{**row, "word": words()[row["part"]]} for row in charts.rows(sorted(marks, key=lambda mark: mark.on))]
    if not data:
        return {"title": _("Période par période"), "alt": _("Aucune valeur et aucune cible encore.")}
    parts = {part: word for part, word in words().items() if any(row["part"] == part for row in data)}
    broken = [{**change, "words": _("définition %(version)s") % change} for change in charts.changes(marks)]
    days = {row["on"]: row["period"] for row in data}
    layers = charts.layers(parts, broken, days, rtl=get_language_bidi())
    spec = drawing.layered(layers, data, height=charts.HEIGHT)
    return {
        "title": _("Période par période et depuis le début"),
        "spec": spec,
        "svg": drawing.svg(spec, sight.language),
        "alt": found["spark"]["says"] if found["spark"] else "",
        "note": found["unit"],
        "key": [(charts.SWATCHES[part], parts[part]) for part in parts],
        "table": {"heads": [_("Période"), _("Part"), _("Valeur")],
                  "rows": [(row["period"], row["word"], row["text"]) for row in data]},
    }  # fmt: skip


def words() -> dict[str, str]:
    return {"total": _("de la période"), "women": _("femmes"), "men": _("hommes"),
            "rest": _("sexe non renseigné"), "since": _("depuis le début"),
            "target": _("cible")}  # fmt: skip


def period_marks(found: dict, sight: Sight, values: dict[int, Value]) -> list[Mark]:
    """Columns: each period on its own, women and men when they add up to it."""
    marks = []
    for period in queries.tiles(found["periods"], sight.series).periods:
        value = values.get(period.pk)
        if value is None or period.kind == Period.Kind.CUMULATIVE:
            continue
        whole = mark(found, value, period, "total", value.number, sight)
        known = {} if found["percent"] else value.by_sex()
        pair = [("women", known.get("female")), ("men", known.get("male"))]
        complete = None not in (known.get("female"), known.get("male")) and value.sexes_add_up()
        pair += [("rest", known[UNKNOWN])] if known.get(UNKNOWN) else []
        marks += [mark(found, value, period, part, n, sight) for part, n in pair] if complete else [whole]
    return marks


def since_marks(found: dict, sight: Sight, values: dict[int, Value]) -> list[Mark]:
    """The line: values since the beginning, or of the series in sight when it accumulates none."""
    periods = [p for p in sight.series.periods if p.pk in values]
    return [mark(found, values[p.pk], p, "since", values[p.pk].number, sight) for p in periods]


def target_marks(found: dict, sight: Sight) -> list[Mark]:
    """The road from the baseline to the final target."""
    return [
        Mark(on, day(on), "target", value, writing.measured(value, found["percent"], sight.language))
        for on, value in road(found["told"], sight.frame)
    ]


def mark(found: dict, value: Value, period: Period, part: str, number: float | None, sight: Sight) -> Mark:
    text = writing.measured(number, found["percent"], sight.language)
    return Mark(period.ends_on, day(period.ends_on), part, number, text, value.version)


def rows(found: dict, sight: Sight, values: dict[int, Value]) -> list[dict[str, Any]]:
    """Every value kept, last period first, each with what it rests on."""
    return [
        {"period": str(period), "version": value.version, "state": value.state,
         "label": IndicatorValue.State(value.state).label,
         "split": split(value, found["told"], sight.language),
         **value_cell(value, found["told"], sight.frame._replace(periods=((period.pk, period.ends_on),)))}
        for period in sorted(found["periods"], key=lambda p: (p.ends_on, p.kind), reverse=True)
        if (value := values.get(period.pk))
    ]  # fmt: skip
