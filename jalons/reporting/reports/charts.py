"""Pictures of a report: one per outcome, progress of each indicator towards its target of the period."""

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import vl_convert

from jalons.reporting.reports.rules.logframe import Logframe, Result
from jalons.reporting.reports.rules.telling import Row, rows, words

INK, TEAL, RAIL, RULE = "#14201f", "#0b5a5e", "#e4eaea", "#b9c4c4"
FURTHEST = 150  # percent at which a bar stops; its label tells the real number


@dataclass(frozen=True)
class Chart:
    """A picture, its title, and the same in a sentence for those who do not see it."""

    title: str
    png: bytes
    alt: str


def progress_charts(logframe: Logframe) -> Iterator[Chart]:
    """One chart per outcome that has at least one indicator on its way to a target, outputs included."""
    table = [row for row in rows(logframe) if row.done is not None]
    parents = {result.code: result for result in logframe.results}
    for outcome in logframe.results:
        found = [row for row in table if _outcome(row.result, parents) == outcome.code]
        if outcome.level == "outcome" and found:
            told = " ; ".join(f"{row.line.code} {row.progress}" for row in found)
            yield Chart(f"{outcome.code} {words(outcome.title)}", _draw(found), f"Progression vers la cible : {told}.")


def _outcome(result: Result, parents: dict[str, Result]) -> str:
    """Code of the outcome that a result belongs to, or an empty string."""
    while result and result.level != "outcome":
        result = parents.get(result.parent)
    return result.code if result else ""


def _draw(found: list[Row]) -> bytes:
    return vl_convert.vegalite_to_png(specification(found), scale=2.5)


def specification(found: list[Row]) -> dict[str, Any]:
    """Bars on a rail that ends at the target, each with its number written out."""
    values = [
        {
            "name": textwrap.shorten(f"{row.line.code} {words(row.line.definition.title)}", 72, placeholder="…"),
            "done": min(max(row.done, 0), FURTHEST), "rail": 100, "text": row.progress, "place": place,
        }
        for place, row in enumerate(found)
    ]  # fmt: skip
    y = {"field": "name", "type": "nominal", "sort": {"field": "place"}, "title": None}
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "data": {"values": values},
        "width": 460,
        "height": {"step": 24},
        "config": {
            "font": "Liberation Sans, Arial, sans-serif", "view": {"stroke": None},
            "axis": {"labelColor": INK, "labelFontSize": 11, "domain": False, "ticks": False, "labelLimit": 420},
        },
        "layer": [
            _bar(y, "rail", RAIL),
            _bar(y, "done", TEAL),
            {"mark": {"type": "rule", "color": INK, "strokeWidth": 1.5}, "encoding": {"x": {"datum": 100}}},
            {"mark": {"type": "text", "align": "left", "dx": 5, "fontSize": 11, "color": INK},
             "encoding": {"y": y, "x": {"datum": FURTHEST}, "text": {"field": "text"}}},
        ],
    }  # fmt: skip


def _bar(y: dict[str, Any], field: str, color: str) -> dict[str, Any]:
    axis = {"title": "% du chemin vers la cible", "grid": True, "gridColor": RULE, "values": [0, 50, 100, 150],
            "titleColor": INK, "titleFontWeight": "normal"}  # fmt: skip
    return {
        "mark": {"type": "bar", "color": color, "height": 12},
        "encoding": {
            "y": y,
            "x": {"field": field, "type": "quantitative", "stack": None, "axis": axis,
                  "scale": {"domain": [0, FURTHEST]}},
        },
    }  # fmt: skip
