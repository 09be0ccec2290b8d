"""Geometry of the small pictures of pages, as SVG attributes. Right-to-left pages mirror them in the style sheet."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

WIDTH, HEIGHT, MARGIN = 92.0, 28.0, 4.0


@dataclass(frozen=True)
class Point:
    """A value at the end of its period, under a version of the definition."""

    on: date
    value: float
    version: int = 1


@dataclass(frozen=True)
class Spark:
    """A trend in a table cell: the line, the road to the target, the last point, where the definition changed."""

    line: str
    road: str
    x: float
    y: float
    break_x: float | None


def spark(points: Sequence[Point], road: Sequence[tuple[date, float]] = ()) -> Spark | None:
    """Draw a series in 92 × 28 units, with the road promised beside it.

    Missing: None under two points: one point is no trend.
    Source:  E. Tufte, sparklines; the road runs through baseline and targets.

    >>> spark([Point(date(2026, 1, 1), 0), Point(date(2026, 7, 1), 10)]).line
    '2.0,24.0 88.0,4.0'
    """
    if len(points) < 2:
        return None
    first, last = points[0].on, points[-1].on
    inside = clipped(road, first, last)
    place = _scale(first, last, [p.value for p in points] + [value for _, value in inside])
    drawn = [place(p.on, p.value) for p in points]
    changes = [now for before, now in zip(points, points[1:], strict=False) if before.version != now.version]
    return Spark(
        line=_path(drawn),
        road=_path([place(day, value) for day, value in inside]) if len(inside) > 1 else "",
        x=drawn[-1][0],
        y=drawn[-1][1],
        break_x=place(changes[-1].on, 0)[0] if changes else None,
    )


def clipped(road: Sequence[tuple[date, float]], first: date, last: date) -> list[tuple[date, float]]:
    """The part of a road that lies between two days, cut where it crosses them.

    Missing: empty when the road has fewer than two points or lies elsewhere.
    Source:  straight lines between baseline and targets.

    >>> clipped([(date(2026, 1, 1), 0), (date(2026, 1, 11), 100)], date(2026, 1, 6), date(2026, 2, 1))
    [(datetime.date(2026, 1, 6), 50.0), (datetime.date(2026, 1, 11), 100)]
    """
    cut = []
    for (start, low), (end, high) in zip(road, road[1:], strict=False):
        steep = (high - low) / ((end - start).days or 1)
        cut += [(day, low + steep * (day - start).days) for day in (first, last) if start < day < end]
    inside = [(day, value) for day, value in road if first <= day <= last]
    return sorted([*inside, *cut]) if len(road) > 1 else []


def _scale(first: date, last: date, values: list[float]) -> Any:
    days = (last - first).days or 1
    low, high = min(values), max(values)
    span = (high - low) or 1

    def place(on: date, value: float) -> tuple[float, float]:
        x = 2 + (WIDTH - 6) * (on - first).days / days
        y = HEIGHT - MARGIN - (HEIGHT - 2 * MARGIN) * (value - low) / span
        return round(x, 1), round(y, 1)

    return place


def _path(points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x},{y}" for x, y in points)


def steps(top: float) -> list[float]:
    """Round values for an axis from zero to `top`, three or four of them.

    Unit:   that of `top`.
    Source: W. S. Cleveland, The Elements of Graphing Data: few, round tick marks.

    >>> steps(424), steps(7), steps(0)
    ([0, 200, 400, 600], [0, 2, 4, 6, 8], [0, 1])
    """
    if top <= 0:
        return [0, 1]
    unit = 10 ** (len(str(int(top))) - 1)
    step = next(s for s in (unit // 5, unit // 2, unit, 2 * unit, 5 * unit) if s >= 1 and 4 * s >= top)
    return [step * n for n in range(int(-(-top // step)) + 1)]


@dataclass(frozen=True)
class Post:
    """One indicator planted along the road: where, how high, with which flag."""

    x: float
    y: float
    height: float
    tone: str
    code: str
    title: str
    url: str
    low: bool  # its code is written one line lower than its neighbours'


def stakes(marks: Sequence[dict], width: float, ground: float, height: float) -> list[Post]:
    """Plant indicators side by side, each as high as its progress, 100 % being `height` above the ground.

    Unit:    SVG units; progress in percent, held between 0 and 110.
    Missing: an indicator without progress stays on the ground.
    Source:  the stake of the mark, our one motif.
    """
    gap = width / max(len(marks), 1)
    highs = [round(height * min(max(mark["done"] or 0, 0), 110) / 100, 1) for mark in marks]
    return [
        Post(
            x=round(gap * (n + 0.5), 1),
            y=round(ground - highs[n], 1),
            height=highs[n],
            low=bool(n % 2),
            **{name: mark[name] for name in ("tone", "code", "title", "url")},
        )
        for n, mark in enumerate(marks)
    ]


@dataclass(frozen=True)
class Bar:
    """A column of three parts, one on the other, the last of unknown sex, and the place of its total."""

    x: float
    women_y: float
    women: float
    men_y: float
    men: float
    rest_y: float
    rest: float
    total_y: float
    total: float
    label: str


def columns(
    counts: Sequence[tuple[str, float, float, float]], width: float, height: float
) -> tuple[list[Bar], list[tuple]]:
    """Columns of women, men and those of unknown sex over time, and the lines of the axis with their values.

    Unit:   SVG units from the top; `height` is the ground.
    Source: stacked from the ground up, women first, a gap of two units between the parts.

    >>> bars, axis = columns([("T1", 60, 30, 10)], 300, 100)
    >>> bars[0].women, bars[0].men, bars[0].rest, bars[0].total, [value for value, _ in axis]
    (60.0, 30.0, 10.0, 100, [0, 50, 100])
    """
    axis = steps(max((sum(parts) for _, *parts in counts), default=0))
    gap, scale = width / max(len(counts), 1), height / axis[-1]
    bars = []
    for n, (label, women, men, rest) in enumerate(counts):
        foot, top = round(women * scale, 1), height - (women + men + rest) * scale - 2 - 2 * bool(rest)
        bars.append(Bar(
            x=round(gap * (n + 0.5), 1), women_y=round(height - foot, 1), women=foot, men=round(men * scale, 1),
            men_y=round(height - foot - men * scale - 2, 1), rest_y=round(top, 1), rest=round(rest * scale, 1),
            total_y=round(top - 6, 1), total=women + men + rest, label=label,
        ))  # fmt: skip
    return bars, [(value, round(height - value * scale, 1)) for value in axis]
