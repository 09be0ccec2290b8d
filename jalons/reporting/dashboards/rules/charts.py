"""What the chart of an indicator shows: values by period and since the beginning, targets, changes of definition."""

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

HEIGHT, LABELS = 240, 9  # of the chart, in units; names of periods that fit under it
PARTS = ("total", "women", "men", "rest", "since", "target")  # women stand on the ground, men on them
SWATCHES = {"total": "p", "women": "w", "men": "m", "rest": "r", "since": "l", "target": "g"}
INK, QUIET, TEAL, WOMEN, MEN, REST = "#14201f", "#4f5c5a", "#0b5a5e", "#7b3f6e", "#9a8552", "#c3cbc9"


@dataclass(frozen=True)
class Mark:
    """One drawn value. part: women, men, rest (sex unknown), total (of a period), since (the beginning), target."""

    on: date
    period: str
    part: str
    value: float | None
    text: str
    version: int = 1


def rows(marks: list[Mark]) -> list[dict[str, Any]]:
    """Marks as the chart reads them; an unknown value is left out, never drawn as zero.

    Missing: a mark without value draws nothing.
    Source:  Vega-Lite 6 inline data, dates as ISO 8601.

    >>> rows([Mark(date(2026, 6, 30), "S1", "since", None, "inconnu")])
    []
    """
    return [
        {**asdict(mark), "on": mark.on.isoformat(), "rank": PARTS.index(mark.part)}
        for mark in marks if mark.value is not None
    ]  # fmt: skip


def changes(marks: list[Mark]) -> list[dict[str, Any]]:
    """Where the definition changed: the first period under each new version.

    Source: product law: a definition changes without breaking the past, and the break shows.

    >>> changes([Mark(date(2026, 6, 30), "S1", "since", 1, "1", 1), Mark(date(2026, 12, 31), "S2", "since", 2, "2", 2)])
    [{'on': '2026-12-31', 'version': 2}]
    """
    line = [mark for mark in marks if mark.part == "since"] or [mark for mark in marks if mark.part == "total"]
    pairs = zip(line, line[1:], strict=False)
    return [
        {"on": now.on.isoformat(), "version": now.version} for before, now in pairs if now.version != before.version
    ]


def layers(parts: dict[str, str], broken: list[dict], days: dict[str, str], *, rtl: bool) -> list[dict[str, Any]]:
    """Layers of the chart: columns of the periods, the line since the beginning, the road of the targets.

    parts:  word of each part that is drawn, {"women": "Femmes", …}; days: what is written under each ISO date.
    Unit:   that of the indicator, written beside the chart.
    Source: decision 0012; the target is a dashed road, the value a solid one.
    """
    x = {
        "field": "on", "type": "temporal", "title": None, "scale": {"type": "utc", "reverse": rtl, "padding": 24},
        "axis": {"labels": False, "ticks": False, "grid": False},
    }  # fmt: skip
    y = {
        "field": "value", "type": "quantitative", "title": None,
        "axis": {"orient": "right" if rtl else "left", "tickCount": 4, "format": ",.2~f", "domain": False,
                 "ticks": False},
    }  # fmt: skip
    colour = {"women": WOMEN, "men": MEN, "rest": REST, "total": "#9cc6c3", "since": TEAL, "target": INK}
    scale = {"domain": [parts[p] for p in parts], "range": [colour[p] for p in parts]}
    shown = {"field": "word", "type": "nominal", "scale": scale, "legend": None}
    tip = [{"field": "period", "type": "nominal", "title": " "}, {"field": "word", "type": "nominal", "title": "  "},
           {"field": "text", "type": "nominal", "title": "   "}]  # fmt: skip

    def layer(names: tuple[str, ...], mark: dict, **more: Any) -> dict[str, Any]:
        return {
            "transform": [{"filter": {"field": "part", "oneOf": [n for n in names if n in parts]}}],
            "mark": {**mark, "aria": False},
            "encoding": {"x": x, "y": y | more.pop("y", {}), "color": shown, "tooltip": tip, **more},
        }  # fmt: skip

    drawn = [
        layer(
            ("total", "women", "men", "rest"), {"type": "bar", "size": 26}, y={"stack": "zero"}, order={"field": "rank"}
        ),
        layer(
            ("target",),
            {"type": "line", "strokeDash": [2, 4], "strokeWidth": 1.5, "point": {"size": 20, "aria": False}},
        ),
        layer(("since",), {"type": "line", "strokeWidth": 2, "point": {"size": 45, "aria": False}}),
    ]
    return [*drawn, _labels(days, x), *(_break(broken, x) if broken else [])]


def _labels(days: dict[str, str], x: dict) -> dict[str, Any]:
    """Names of periods under the axis, every other one when they are many: labels of an axis fail without eval."""
    apart = -(-len(days) // LABELS)
    return {
        "data": {"values": [{"on": on, "period": period} for on, period in sorted(days.items())[::apart]]},
        "mark": {"type": "text", "color": QUIET, "fontSize": 11, "aria": False},
        "encoding": {"x": x, "y": {"value": HEIGHT + 14}, "text": {"field": "period"}},
    }  # fmt: skip


def _break(broken: list[dict], x: dict) -> list[dict[str, Any]]:
    """A dashed upright where the definition changed, and its words: what is told on hover only is lost on paper."""
    said = {"type": "text", "align": "left", "dx": 4, "color": QUIET, "fontSize": 11, "aria": False}
    return [
        {"data": {"values": broken}, "mark": {"type": "rule", "strokeDash": [3, 3], "color": QUIET, "aria": False},
         "encoding": {"x": x}},
        {"data": {"values": broken}, "mark": said,
         "encoding": {"x": x, "y": {"value": 6}, "text": {"field": "words"}}},
    ]  # fmt: skip
