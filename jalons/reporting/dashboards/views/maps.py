"""A figure on the map: each province, or region, in the colour of its class."""

from typing import Any

from django.utils.translation import gettext as _

from jalons.core import charts as drawing
from jalons.core import writing
from jalons.core.cells import listed
from jalons.core.fields import translated
from jalons.evidence.measurement.telling import masked as masked_note
from jalons.foundation.territories.models import Territory
from jalons.foundation.territories.outlines import outlines
from jalons.foundation.territories.rules import maps
from jalons.reporting.dashboards import queries
from jalons.reporting.dashboards.views.lines import Sight


def choropleth(found: dict[str, Any], sight: Sight, user: Any) -> dict[str, Any] | None:
    """The map of a line's value; None when it was not cut by territory, or in places whose outlines are not kept."""
    known, masked = queries.by_place(found.get("value_pk"), user)
    if not known:
        return None
    level = "region" if all(place.level == Territory.Level.REGION for place in known) else "province"
    numbers = {place.code: number for place, number in known.items() if number is not None}
    bounds = maps.classes(list(numbers.values()))
    drawn = {shape["id"] for shape in outlines("region")["features"]}
    codes = ({code.split(".")[0] for code in numbers} | queries.regions(sight.programme)) & drawn
    if not codes:
        return None
    spec = drawing.beside([one_map(code, level, numbers, bounds, found, sight) for code in sorted(codes)])
    rows = sorted(known.items(), key=lambda row: -(row[1] or 0))
    told = [(translated(place.name), _("masqué") if place in masked else text(number, found, sight))
            for place, number in rows]  # fmt: skip
    notes = [found["unit"], masked_note(len(masked), sight.programme.least_people)]
    return {
        "title": _("Par territoire"), "svg": drawing.svg(spec, sight.language),
        "key": key(bounds, found, sight, masked=bool(masked)),
        "alt": listed(f"{name} {written}" for name, written in told[:12]), "note": " · ".join(filter(None, notes)),
        "table": {"heads": [_("Territoire"), _("Valeur")], "rows": told},
    }  # fmt: skip


def no_map(found: dict[str, Any]) -> str:
    """Why a value that was cut by place has no map; empty when it was not cut."""
    if not queries.has_places(found.get("value_pk")):
        return ""
    return _(
        "Pas de carte : les chiffres de ces lieux ne se réunissent pas en provinces (personnes distinctes, médiane ou "
        "dernière valeur), ou leurs contours ne sont pas connus."
    )


def one_map(code: str, level: str, numbers: dict[str, float], bounds: list, found: dict, sight: Sight) -> dict:
    """The map of one region: its places, each with its class and its number."""
    frame = [f for f in outlines("region")["features"] if f["id"] == code]
    shapes = [f for f in outlines(level)["features"] if f["id"].split(".")[0] == code]
    places = [
        {**shape, "properties": {"step": maps.step(numbers.get(shape["id"]), bounds),
                                 "text": text(numbers.get(shape["id"]), found, sight)}} for shape in shapes
    ]  # fmt: skip
    return maps.drawing(translated(queries.place_name(code)), places, frame, 300)


def key(bounds: list[tuple[float, float]], found: dict, sight: Sight, *, masked: bool) -> list[tuple[int, str]]:
    """What each colour holds."""
    told = [(maps.step(high, bounds), (text(low, found, sight), text(high, found, sight))) for low, high in bounds]
    words = [(rank, low if low == high else _("%(low)s à %(high)s") % {"low": low, "high": high})
             for rank, (low, high) in told]  # fmt: skip
    return [(0, _("inconnu ou masqué") if masked else _("inconnu")), *words]


def text(number: float | None, found: dict, sight: Sight) -> str:
    return writing.measured(number, found["percent"], sight.language)
