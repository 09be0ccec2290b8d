"""The report in Excel: real numbers, four sheets, nothing hidden."""

import io
from collections.abc import Iterator, Sequence
from typing import Any

import xlsxwriter
from django.utils import timezone

from jalons.reporting.reports.rules.document import Document
from jalons.reporting.reports.rules.logframe import PERCENTAGE, SEX, Figure, Line, Logframe, Promise, Value, Words
from jalons.reporting.reports.rules.telling import (
    LEVELS,
    NOT_KNOWN,
    NOT_SET,
    SILENCES,
    Row,
    category,
    cut_of,
    dimension,
    promise,
    rows,
    words,
)

Cell = tuple[Any, str]  # what is written, and the name of its format

NUMBER, DECIMAL, PERCENT, TEXT, DAY, BAND = "number", "decimal", "percent", "text", "day", "band"
LOOKS = {
    NUMBER: {"num_format": "#,##0", "valign": "top"},
    DECIMAL: {"num_format": "#,##0.00", "valign": "top"},
    PERCENT: {"num_format": "0.0%", "valign": "top"},
    TEXT: {"text_wrap": True, "valign": "top"},
    DAY: {"num_format": "dd/mm/yyyy", "valign": "top", "align": "left"},
    BAND: {"bold": True, "bg_color": "#E8F0F0", "text_wrap": True, "valign": "top"},
    "head": {"bold": True, "text_wrap": True, "bottom": 1, "valign": "bottom"},
    "title": {"bold": True, "font_size": 14},
}
LOGFRAME = (
    ("Niveau", 9), ("Code", 10), ("Intitulé", 48), ("Unité", 14), ("Référence", 11), ("Cible de la période", 11),
    ("Cible du programme", 11), ("Valeur", 12), ("Numérateur", 12), ("Dénominateur", 14), ("Réponses", 10),
    ("Demandées", 11), ("Progression", 12), ("Femmes", 11), ("Hommes", 11), ("État", 14), ("Codes des catalogues", 22),
    ("Version de la définition", 10), ("Sources de vérification", 16),
)  # fmt: skip
EXCEL_TEXT = 32_767  # characters in a cell
DONE = 12  # column of the progress bars
CUTS = (
    ("Code", 10), ("Intitulé", 40), ("Désagrégation", 22), ("Catégorie", 34), ("Code de la catégorie", 18),
    ("Valeur", 12), ("Numérateur", 12), ("Dénominateur", 14), ("Réponses", 10), ("Demandées", 11),
)  # fmt: skip
CHANGES = (("Code", 10), ("Intitulé", 44), ("Ce qui a changé", 40), ("Période", 22), ("Avant", 30), ("Maintenant", 30),
           ("Motif", 40))  # fmt: skip
SHEETS = (
    ("Code", 10), ("Intitulé", 40), ("Définition", 50), ("Méthode de calcul", 40), ("Unité", 14), ("Version", 9),
    ("En vigueur depuis", 13), ("Motif de la version", 30), ("Catalogue", 16), ("Code du catalogue", 14),
    ("Dans les mots du catalogue", 40), ("Facteur", 9), ("Portée", 18), ("Note", 30),
)  # fmt: skip


def write(document: Document) -> bytes:
    """A .xlsx file; the same bytes for the same document."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    stamp = timezone.localtime(document.issued_at).replace(tzinfo=None)
    book.set_properties({"title": document.title, "author": "Jalons", "created": stamp})
    formats = {name: book.add_format(look) for name, look in LOOKS.items()}
    logframe = document.logframe
    sheet = _sheet(book, formats, document, "Cadre logique", LOGFRAME, _logframe(logframe))
    _bars(sheet, sum(1 for _row in rows(logframe)))
    _sheet(book, formats, document, "Désagrégations", CUTS, _cuts(logframe))
    _sheet(book, formats, document, "Ce qui a changé", CHANGES, _changes(document))
    _sheet(book, formats, document, "Définitions", SHEETS, _definitions(logframe))
    book.close()
    return buffer.getvalue()


def _sheet(
    book: Any, formats: dict, document: Document, name: str, columns: Sequence[tuple[str, int]], lines: Iterator[list]
) -> Any:
    """One sheet: whose report it is, then a table that can be filtered, printed on the width of a page."""
    sheet = book.add_worksheet(name)
    sheet.write_string(0, 0, f"{document.logframe.programme.short_name} · {document.title}", formats["title"])
    sheet.write_string(1, 0, name if document.issued_at else f"{name} (projet, non émis)")
    for place, (head, width) in enumerate(columns):
        sheet.set_column(place, place, width)
        sheet.write_string(3, place, head, formats["head"])
    last = 3
    for last, cells in enumerate(lines, start=4):
        for place, (value, look) in enumerate(cells):
            _cell(sheet, last, place, value, formats[look])
    sheet.autofilter(3, 0, max(last, 4), len(columns) - 1)
    sheet.freeze_panes(4, 3)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(3)
    return sheet


def _cell(sheet: Any, row: int, column: int, value: Any, look: Any) -> None:
    """An unknown value is an empty cell; a text is a text, whatever it starts with."""
    if value is None or value == "":
        sheet.write_blank(row, column, None, look)
    elif isinstance(value, str):
        sheet.write_string(row, column, value[:EXCEL_TEXT], look)
    elif isinstance(value, int | float):
        sheet.write_number(row, column, value, look)
    else:
        sheet.write_datetime(row, column, value, look)


def _bars(sheet: Any, lines: int) -> None:
    limits = {"min_type": "num", "min_value": 0, "max_type": "num", "max_value": 1}
    bar = {"type": "data_bar", "bar_color": "#7FB2B0", **limits}
    sheet.conditional_format(4, DONE, 3 + max(lines, 1), DONE, bar)


def _number(value: float | None, measure: str) -> Cell:
    """A number as Excel holds it: a percentage is a fraction shown as one."""
    if measure == PERCENTAGE:
        return (None if value is None else value / 100), PERCENT
    return value, DECIMAL if value is not None and value % 1 else NUMBER


def _figure(told: Figure, measure: str) -> list[Cell]:
    value = (told.text or NOT_KNOWN, TEXT) if told.number is None else _number(told.number, measure)
    rest = (told.numerator, told.denominator, told.answered, told.asked)
    return [value, *(_number(part, "") for part in rest)]


def _promise(told: Promise | None, measure: str, missing: str) -> Cell:
    if told is None or told.value is None:
        return promise(told, measure, missing), TEXT
    return _number(told.value, measure)


def _logframe(logframe: Logframe) -> Iterator[list[Cell]]:
    for row in rows(logframe):
        if row.line:
            yield _line(logframe, row)
        else:
            texts = [LEVELS.get(row.result.level, row.result.level), row.result.code, words(row.result.title)]
            yield [(text, BAND) for text in texts] + [("", BAND)] * (len(LOGFRAME) - 3)


def _line(logframe: Logframe, row: Row) -> list[Cell]:
    line, measure = row.line, row.line.definition.measure
    told = line.at(logframe.period)
    figure = (
        _figure(told.value.figure, measure) if told.value else [(SILENCES[told.state], TEXT)] + [(None, NUMBER)] * 4
    )
    return [
        ("Indicateur", TEXT), (line.code, TEXT), (words(line.definition.title), TEXT), (line.definition.unit, TEXT),
        _promise(line.baseline, measure, NOT_KNOWN), _promise(told.target, measure, NOT_SET),
        _promise(line.goal, measure, NOT_SET),
        *figure,
        (None if row.done is None else row.done / 100, PERCENT),
        *(_sex(told.value, code, measure) for code in ("female", "male")),
        (SILENCES.get(told.state, "publiée"), TEXT), (row.codes, TEXT), (line.definition.number, NUMBER),
        (", ".join(line.sources), TEXT),
    ]  # fmt: skip


def _sex(value: Value | None, code: str, measure: str) -> Cell:
    cut = cut_of(value, SEX)
    number = next((cell.figure.number for cell in cut.cells if cell.codes == (code,)), None) if cut else None
    return _number(number, measure)


def _cuts(logframe: Logframe) -> Iterator[list[Cell]]:
    """One row per cell of every cut, crossings included."""
    names = logframe.dimensions
    for line in logframe.lines():
        told = line.at(logframe.period)
        for cut in told.value.cuts if told.value else ():
            split = " × ".join(dimension(code, names) for code in cut.dimensions)
            for cell in cut.cells:
                pairs = list(zip(cut.dimensions, cell.codes, strict=False))
                yield [
                    (line.code, TEXT), (words(line.definition.title), TEXT), (split, TEXT),
                    (", ".join(category(d, c, names) for d, c in pairs), TEXT), (", ".join(cell.codes), TEXT),
                    *_figure(cell.figure, line.definition.measure),
                ]  # fmt: skip


def _changes(document: Document) -> Iterator[list[Cell]]:
    if not document.changes:
        text = "Rien n’a changé." if document.previous else "Premier rapport : rien à comparer."
        yield [("", TEXT), (text, TEXT)]
    for change in document.changes:
        texts = (change.indicator, words(change.title), change.label, words(change.period), change.was, change.now,
                 change.why)  # fmt: skip
        yield [(text, TEXT) for text in texts]


def _definitions(logframe: Logframe) -> Iterator[list[Cell]]:
    """One row per indicator and catalogue that names it."""
    for line in logframe.lines():
        for mapped in line.words or (None,):
            yield _definition(line) + (_mapped(mapped) if mapped else [])


def _definition(line: Line) -> list[Cell]:
    sheet = line.definition
    return [
        (line.code, TEXT), (words(sheet.title), TEXT), (words(sheet.definition), TEXT), (sheet.method, TEXT),
        (sheet.unit, TEXT), (sheet.number, NUMBER), (sheet.valid_from, DAY), (sheet.reason, TEXT),
    ]  # fmt: skip


def _mapped(mapped: Words) -> list[Cell]:
    return [
        (mapped.catalogue, TEXT), (mapped.code, TEXT), (words(mapped.title), TEXT), _number(mapped.factor, ""),
        (mapped.coverage, TEXT), (mapped.note, TEXT),
    ]  # fmt: skip
