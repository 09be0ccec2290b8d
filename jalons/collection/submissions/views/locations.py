"""The map of a form: points where phones took them, counts by province otherwise. No tile comes from elsewhere."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from jalons.collection.submissions.exports.places import POINTS
from jalons.collection.submissions.locations import Point, by_province, frame_of
from jalons.collection.submissions.locations import points as points_of
from jalons.collection.submissions.selection import Selection
from jalons.collection.submissions.views.asked import frame, link, opened, place_of
from jalons.core import charts
from jalons.core.cells import number_text
from jalons.core.fields import translated
from jalons.foundation.territories.models import Territory
from jalons.foundation.territories.outlines import outlines
from jalons.foundation.territories.rules import maps


@require_safe
def points(request: HttpRequest, pk: int) -> HttpResponse:
    """Points of a question of position that this person may read; else how many submissions of each province."""
    chosen = opened(request, pk)
    asked = {place_of(table, f): (table, f) for table, found in chosen.fields.items() for f in found
             if f.question.kind in POINTS}  # fmt: skip
    place = request.GET.get("of", "")
    place = place if place in asked or place == "_province" else next(iter(asked), "_province")
    drawn = by_territory(chosen) if place == "_province" else by_point(chosen, *asked[place])
    kinds = [*((key, f.label) for key, (_table, f) in asked.items()), ("_province", _("par province"))]
    context = {
        **frame(request, chosen, "map", _("Carte")), **drawn, "more": [("of", place)],
        "asked": [(key, label, link(chosen, "map", of=key), key == place) for key, label in kinds],
    }  # fmt: skip
    return render(request, "submissions/explore_map.html", context)


def by_point(chosen: Selection, table: str, found: Any) -> dict[str, Any]:
    where, without = points_of(chosen, table, found)
    note = _("%(count)s sans position") % {"count": number_text(without)} if without else ""
    if not where:
        return {"charts": [], "note": note}
    around = frame_of(where, outlines("region")["features"])
    codes = {shape["id"] for shape in around}
    inside = [s for s in outlines("province")["features"] if s["id"].split(".")[0] in codes]
    total = sum(point.count for point in where)
    alt = _("%(count)s points") % {"count": number_text(total)}
    picture = {"title": found.label, "svg": charts.svg(cloud(where, inside), get_language()[:2]), "alt": alt}
    return {"charts": [picture], "note": note}


def cloud(where: list[Point], shapes: list[dict[str, Any]]) -> dict[str, Any]:
    """Circles as large as the number of points they stand for, on the outlines of the provinces around."""
    rows = [{"x": p.longitude, "y": p.latitude, "n": p.count} for p in where]
    layers: list[dict[str, Any]] = [
        {"data": {"values": shapes},
         "mark": {"type": "geoshape", "fill": "#eef2f1", "stroke": "#b9c3c0", "strokeWidth": 0.7, "aria": False}},
        {"mark": {"type": "circle", "color": charts.TEAL, "opacity": 0.6, "aria": False},
         "encoding": {"longitude": {"field": "x", "type": "quantitative"},
                      "latitude": {"field": "y", "type": "quantitative"},
                      "size": {"field": "n", "type": "quantitative", "legend": None,
                               "scale": {"range": [24, 600], "domainMin": 1}}}},
    ]  # fmt: skip
    return charts.layered(layers if shapes else layers[1:], rows, height=460) | {"projection": {"type": "mercator"}}


def by_territory(chosen: Selection) -> dict[str, Any]:
    counts = by_province(chosen)
    unplaced = counts.pop(None, 0)
    drawn = {shape["id"]: shape for shape in outlines("province")["features"]}
    numbers = {code: float(count) for code, count in counts.items() if code in drawn}
    bounds = maps.classes(list(numbers.values()))
    places = Territory.objects.for_user(chosen.user).filter(level__in=("region", "province"))
    names = dict(places.values_list("code", "name"))
    pictures = [region(code, numbers, bounds, names) for code in sorted({code.split(".")[0] for code in numbers})]
    rows = sorted(((translated(names.get(code)) or code, count) for code, count in counts.items()), key=lambda r: -r[1])
    note = _("%(count)s sans province reconnue") % {"count": number_text(unplaced)} if unplaced else ""
    return {"charts": pictures, "note": note, "rows": rows}


def region(code: str, numbers: dict[str, float], bounds: list, names: dict[str, Any]) -> dict[str, Any]:
    around = [f for f in outlines("region")["features"] if f["id"] == code]
    shapes = [f for f in outlines("province")["features"] if f["id"].split(".")[0] == code]
    places = [
        {**s, "properties": {"step": maps.step(numbers.get(s["id"]), bounds),
                             "text": number_text(numbers[s["id"]]) if s["id"] in numbers else ""}} for s in shapes
    ]  # fmt: skip
    title = translated(names.get(code)) or code
    spec = charts.beside([maps.drawing("", places, around, 420)], columns=1)
    return {"title": title, "svg": charts.svg(spec, get_language()[:2]), "alt": title}
