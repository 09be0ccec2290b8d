"""Disaggregations as tables that a person can read: one per dimension, indicators against categories."""

from collections.abc import Iterator
from dataclasses import dataclass

from jalons.reporting.reports.rules.logframe import SEX, UNKNOWN, Cut, Line, Logframe
from jalons.reporting.reports.rules.telling import category, dimension, figure

WIDEST = 8  # columns of figures that fit on the width of a page
NO_CASE = "–"


@dataclass(frozen=True)
class Matrix:
    """A table: its title, what its rows are, the head of each column, and rows of a name and its figures."""

    title: str
    corner: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]


def matrices(logframe: Logframe) -> Iterator[Matrix]:
    """One table for each dimension told alone; women and men stand in the logframe already.

    Missing: a dash where an indicator has no case in a category; a category without any case has no column.
    Source:  product law "disaggregation survives to the last page"; crossings of several dimensions are in Excel.
    """
    found: dict[str, list[tuple[Line, Cut]]] = {}
    for line in logframe.lines():
        told = line.at(logframe.period).value
        for cut in told.cuts if told else ():
            if len(cut.dimensions) == 1 and cut.dimensions != (SEX,):
                found.setdefault(cut.dimensions[0], []).append((line, cut))
    for code, cuts in found.items():
        yield from _matrices(code, cuts, logframe)


def _matrices(code: str, cuts: list[tuple[Line, Cut]], logframe: Logframe) -> Iterator[Matrix]:
    """Categories in columns when they fit, else indicators in columns, as many tables as it takes."""
    title, known = dimension(code, logframe.dimensions), logframe.dimensions
    told = {line.code: _figures(cut, line) for line, cut in cuts}
    told = {line: figures for line, figures in told.items() if figures}
    order = known[code].order if code in known else ()
    present = dict.fromkeys(cell for figures in told.values() for cell in figures)
    codes = [c for c in order if c in present] + [c for c in present if c not in order]
    codes.sort(key=lambda code: code == UNKNOWN)
    names = {c: category(code, c, known) for c in codes}
    if not told:
        return
    if len(codes) <= WIDEST:
        rows = tuple((line, tuple(told[line].get(c, NO_CASE) for c in codes)) for line in told)
        yield Matrix(title, "Indicateur", tuple(names.values()), rows)
        return
    lines = list(told)
    tables = -(-len(lines) // WIDEST)
    width = -(-len(lines) // tables)
    for first in range(0, len(lines), width):
        part = lines[first : first + width]
        rows = tuple((names[c], tuple(told[line].get(c, NO_CASE) for line in part))
                     for c in codes if any(c in told[line] for line in part))  # fmt: skip
        yield Matrix(title if first == 0 else f"{title} (suite)", title, tuple(part), rows)


def _figures(cut: Cut, line: Line) -> dict[str, str]:
    return {cell.codes[0]: figure(cell.figure, line.definition.measure) for cell in cut.cells if cell.figure.is_told}
