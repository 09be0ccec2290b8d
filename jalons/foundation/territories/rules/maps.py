"""A figure by place: classes of values, and the map of a region."""

from collections.abc import Sequence
from typing import Any

STEPS = ["#e1e7e5", "#cfe3e1", "#9cc6c3", "#5b9c9b", "#21767a", "#084446"]  # unknown, then five classes


def classes(values: Sequence[float], count: int = 5) -> list[tuple[float, float]]:
    """Classes with about as many places in each, lowest first, as (lowest, highest) of the values they hold.

    Unit:    that of the values; bounds are values that exist.
    Missing: no value, no class.
    Source:  quantile classification, B. Dent, Cartography: Thematic Map Design.

    >>> classes([1, 2, 3, 10, 20, 30, 40], count=3)
    [(1, 3), (10, 30), (40, 40)]
    """
    known = sorted(set(values))
    size = -(-len(known) // min(count, len(known))) if known else 1
    groups = [known[n : n + size] for n in range(0, len(known), size)]
    return [(group[0], group[-1]) for group in groups]


def step(value: float | None, bounds: list[tuple[float, float]]) -> int:
    """Rank of the class that holds a value, spread over the five colours.

    Missing: 0, the colour of the unknown.
    Source:  `classes`.

    >>> step(10, [(1, 3), (10, 20), (30, 40)]), step(None, [(1, 3)])
    (3, 0)
    """
    if value is None or not bounds:
        return 0
    rank = next(n for n, (_low, high) in enumerate(bounds) if value <= high)
    return 5 if len(bounds) == 1 else 1 + round(4 * rank / (len(bounds) - 1))


def drawing(title: str, places: list[dict], frame: list[dict], width: int) -> dict[str, Any]:
    """One map: the places in the colour of their class, the frame around them, their numbers.

    places: GeoJSON features whose properties hold `step` and `text`; frame: features drawn as lines.
    Source: Vega-Lite 6 geoshape; each region has its own map, so that two far apart stay readable.
    """
    colour = {"field": "properties.step", "type": "ordinal", "legend": None,
              "scale": {"domain": list(range(len(STEPS))), "range": STEPS}}  # fmt: skip
    middle = list(centre(frame[0]).values())  # its own centre, else Vega-Lite merges the projections of all regions
    light = {"condition": {"test": "datum.step > 3", "value": "#ffffff"}, "value": "#14201f"}
    return {
        "title": title, "width": width, "height": 280, "projection": {"type": "mercator", "center": middle},
        "layer": [
            {"data": {"values": places}, "encoding": {"color": colour},
             "mark": {"type": "geoshape", "stroke": "#ffffff", "strokeWidth": 0.8, "aria": False}},
            {"data": {"values": frame},
             "mark": {"type": "geoshape", "filled": False, "stroke": "#4f5c5a", "strokeWidth": 1, "aria": False}},
            {"data": {"values": [place["properties"] | centre(place) for place in places]},
             "mark": {"type": "text", "fontSize": 10, "aria": False},
             "encoding": {"longitude": {"field": "x", "type": "quantitative"}, "color": light,
                          "latitude": {"field": "y", "type": "quantitative"}, "text": {"field": "text"}}},
        ],
    }  # fmt: skip


def centre(place: dict) -> dict[str, float]:
    """Middle of a shape's corners: good enough for a name.

    Unit:   degrees.
    Source: mean of the outline's points.
    """
    ring = place["geometry"]["coordinates"][0]
    return {"x": sum(x for x, _ in ring) / len(ring), "y": sum(y for _, y in ring) / len(ring)}
