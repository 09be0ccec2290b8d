"""Pictures of a report: progress of each indicator towards its target by outcome, women and men among people."""

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import vl_convert

from jalons.core import writing
from jalons.reporting.reports.rules.logframe import PERCENTAGE, SEX, UNKNOWN, Logframe, Result
from jalons.reporting.reports.rules.telling import SHORT, Row, cut_of, rows, words

INK, QUIET, TEAL, RAIL, RULE = "#14201f", "#4f5c5a", "#0b5a5e", "#e4eaea", "#b9c4c4"
COLOURS = {"female": "#7b3f6e", "male": "#9a8552", UNKNOWN: "#b9c4c4"}  # those of the pages
SEXES = {"female": "Femmes", "male": "Hommes", UNKNOWN: "Non renseigné"}
FURTHEST = 150  # percent at which a bar stops; its label tells the real number
LABEL = 420


@dataclass(frozen=True)
class Chart:
    """A picture, the section it stands in, its title, and the same in a sentence for those who do not see it."""

    section: str
    title: str
    png: bytes
    alt: str


def charts(logframe: Logframe) -> Iterator[Chart]:
    """All the pictures of a report, in the order of its pages."""
    yield from progress_charts(logframe)
    yield from sex_chart(logframe)


def progress_charts(logframe: Logframe) -> Iterator[Chart]:
    """One chart per outcome that has at least one indicator on its way to a target, outputs included."""
    table = [row for row in rows(logframe) if row.done is not None]
    parents = {result.code: result for result in logframe.results}
    for outcome in logframe.results:
        found = [row for row in table if _outcome(row.result, parents) == outcome.code]
        if outcome.level == "outcome" and found:
            told = " ; ".join(f"{row.line.code} {row.progress}" for row in found)
            title, alt = f"{outcome.code} {words(outcome.title)}", f"Progression vers la cible : {told}."
            yield Chart("Progression par effet", title, _draw(progress_specification(found)), alt)


def sex_chart(logframe: Logframe) -> Iterator[Chart]:
    """Women and men in each count of people that is told by sex; none when no count is."""
    found = []
    for row in rows(logframe):
        told = row.line and row.line.at(logframe.period).value
        if told and row.line.definition.counts_people and row.line.definition.measure != PERCENTAGE:
            cut = cut_of(told, SEX)
            figures = {cell.codes[0]: cell.figure.number for cell in cut.cells} if cut else {}
            if any(figures.values()) and not any(cell.figure.text for cell in cut.cells):
                found.append((row, figures))
    if found:
        said = " ; ".join(f"{row.line.code} {_said(figures)}" for row, figures in found)
        title = "Part de chacun, avec les nombres de personnes"
        yield Chart("Femmes et hommes", title, _draw(sex_specification(found)), f"Femmes et hommes : {said}.")


def _said(figures: dict[str, float | None]) -> str:
    return ", ".join(
        f"{SHORT.get(code, '?')} {writing.written(figures[code], 'fr')}" for code in SEXES if figures.get(code)
    )


def _outcome(result: Result, parents: dict[str, Result]) -> str:
    """Code of the outcome that a result belongs to, or an empty string."""
    while result and result.level != "outcome":
        result = parents.get(result.parent)
    return result.code if result else ""


def _draw(specification: dict[str, Any]) -> bytes:
    return vl_convert.vegalite_to_png(specification, scale=2.5)


def _name(row: Row) -> str:
    return textwrap.shorten(f"{row.line.code} {words(row.line.definition.title)}", 72, placeholder="…")


def _framed(values: list[dict[str, Any]], layers: list[dict[str, Any]]) -> dict[str, Any]:
    """What all our pictures share."""
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "data": {"values": values}, "width": 460, "height": {"step": 24}, "layer": layers,
        "config": {
            "font": "Liberation Sans, Arial, sans-serif", "view": {"stroke": None},
            "axis": {"labelColor": INK, "labelFontSize": 11, "domain": False, "ticks": False, "labelLimit": LABEL,
                     "minExtent": LABEL, "titleColor": INK, "titleFontWeight": "normal", "gridColor": RULE},
            "axisX": {"minExtent": 0},
        },
    }  # fmt: skip


def progress_specification(found: list[Row]) -> dict[str, Any]:
    """Bars on a rail that ends at the target, each with its number written out."""
    values = [
        {"name": _name(row), "done": min(max(row.done, 0), FURTHEST), "rail": 100, "text": row.progress,
         "place": place}
        for place, row in enumerate(found)
    ]  # fmt: skip
    y = {"field": "name", "type": "nominal", "sort": {"field": "place"}, "title": None}
    return _framed(values, [
        _bar(y, "rail", RAIL),
        _bar(y, "done", TEAL),
        {"mark": {"type": "rule", "color": INK, "strokeWidth": 1.5}, "encoding": {"x": {"datum": 100}}},
        {"mark": {"type": "text", "align": "left", "dx": 5, "fontSize": 11, "color": INK},
         "encoding": {"y": y, "x": {"datum": FURTHEST}, "text": {"field": "text"}}},
    ])  # fmt: skip


def _bar(y: dict[str, Any], field: str, color: str) -> dict[str, Any]:
    axis = {"title": "% du chemin vers la cible", "grid": True, "values": [0, 50, 100, 150]}
    return {
        "mark": {"type": "bar", "color": color, "height": 12},
        "encoding": {
            "y": y,
            "x": {"field": field, "type": "quantitative", "stack": None, "axis": axis,
                  "scale": {"domain": [0, FURTHEST]}},
        },
    }  # fmt: skip


def sex_specification(found: list[tuple[Row, dict[str, float | None]]]) -> dict[str, Any]:
    """Bars cut in parts, with the number of people in each."""
    values = []
    for place, (row, figures) in enumerate(found):
        start, whole = 0.0, sum(filter(None, figures.values()))
        for code, word in SEXES.items():
            part = 100 * (figures.get(code) or 0) / whole
            text = writing.written(figures[code], "fr") if part >= 4 else ""  # narrower, no number fits
            values.append({"name": _name(row), "place": place, "sex": word, "from": start, "to": start + part,
                           "middle": start + part / 2, "text": text})  # fmt: skip
            start += part
    y = {"field": "name", "type": "nominal", "sort": {"field": "place"}, "title": None}
    scale = {"domain": list(SEXES.values()), "range": [COLOURS[code] for code in SEXES]}
    axis = {"title": "% des personnes", "grid": False, "values": [0, 50, 100]}
    x = {"field": "from", "type": "quantitative", "axis": axis, "scale": {"domain": [0, 100]}}
    legend = {"title": None, "orient": "top", "labelColor": QUIET, "labelFontSize": 11}
    return _framed(values, [
        {"mark": {"type": "bar", "height": 14}, "encoding": {
            "y": y, "x": x, "x2": {"field": "to"},
            "color": {"field": "sex", "type": "nominal", "scale": scale, "legend": legend}}},
        {"mark": {"type": "text", "fontSize": 10, "color": "white"}, "encoding": {
            "y": y, "x": {"field": "middle", "type": "quantitative"}, "text": {"field": "text"}}},
    ])  # fmt: skip
