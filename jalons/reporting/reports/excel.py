"""The report in Excel: what each of its sheets says."""

from collections.abc import Iterator
from typing import Any

from django.utils import timezone

from jalons.core.writing import decimals
from jalons.reporting.reports.excel_sheets import (
    BAND,
    BANDS,
    DAY,
    DECIMAL,
    FACTOR,
    MOMENT,
    NUMBER,
    PERCENT,
    QUIET,
    TEXT,
    Book,
    Cell,
)
from jalons.reporting.reports.rules.disclosure import kept
from jalons.reporting.reports.rules.document import Document, brief, facts
from jalons.reporting.reports.rules.logframe import (
    PERCENTAGE,
    SEX,
    Figure,
    Line,
    Logframe,
    Promise,
    Value,
    Words,
    in_words,
)
from jalons.reporting.reports.rules.telling import (
    NOT_KNOWN,
    NOT_SET,
    SILENCES,
    Row,
    category,
    cut_of,
    dimension,
    promise,
    proof,
    rows,
    words,
)

LOGFRAME = (
    ("Niveau", 10), ("Code", 9), ("Intitulé", 48), ("Unité", 13), ("Référence", 18), ("Date de la référence", 11),
    ("Cible de la période", 11), ("Cible du programme", 11), ("Valeur depuis le début", 11),
    ("Valeur", 12), ("Numérateur", 11), ("Dénominateur", 13),
    ("Réponses", 10), ("Demandées", 11), ("Progression", 12), ("Sans progression, parce que", 15), ("Femmes", 10),
    ("Hommes", 10), ("État", 11), ("Codes des catalogues", 20), ("Sources de vérification", 13), ("Hypothèses", 40),
)  # fmt: skip
A3 = 8  # Excel's number for this paper
DONE = next(place for place, (head, _width) in enumerate(LOGFRAME) if head == "Progression")
FUNDER = (
    ("Catalogue", 14), ("Code", 14), ("Indicateur du bailleur", 48), ("Unité", 13), ("Cible", 12), ("Valeur", 12),
    ("Facteur", 9), ("Notre indicateur", 11), ("Notre intitulé", 44), ("Portée", 22), ("Note", 34),
)  # fmt: skip
CUTS = (
    ("Code", 10), ("Intitulé", 44), ("Désagrégation", 22), ("Catégorie", 38), ("Code de la catégorie", 20),
    ("Valeur", 12), ("Numérateur", 12), ("Dénominateur", 14), ("Réponses", 10), ("Demandées", 11),
)  # fmt: skip
CHANGES = (("Code", 10), ("Intitulé", 44), ("Ce qui a changé", 34), ("Période", 22), ("Avant", 32), ("Maintenant", 32),
           ("Motif", 40))  # fmt: skip
FIGURES = (
    ("Code", 10), ("Intitulé", 48), ("Valeur", 12), ("Numérateur", 12), ("Dénominateur", 14), ("Réponses", 10),
    ("Demandées", 11), ("Version de la définition", 11), ("En vigueur depuis", 12), ("Calculée le", 16),
    ("Publiée le", 16), ("Trace n°", 10), ("Appréciation", 50),
    ("Source de vérification et pièces", 40),
)  # fmt: skip
SHEETS = (
    ("Code", 10), ("Intitulé", 40), ("Définition", 50), ("Méthode de calcul", 40), ("Unité", 14), ("Version", 9),
    ("En vigueur depuis", 13), ("Motif de la version", 30), ("Catalogue", 16), ("Code du catalogue", 14),
    ("Dans les mots du catalogue", 40), ("Facteur", 9), ("Portée", 18), ("Note", 30),
)  # fmt: skip


def write(document: Document) -> bytes:
    """A .xlsx file; the same bytes for the same document."""
    logframe = document.logframe
    subtitle = f"{logframe.programme.short_name} · {document.title}{document.mark}"
    book = Book(document.title, timezone.localtime(document.issued_at).replace(tzinfo=None), subtitle)
    _opening(book, document)
    sheet, lines = book.table("Cadre logique", subtitle, LOGFRAME, _logframe(logframe))
    sheet.set_paper(A3)
    _bars(sheet, lines)
    if found := list(_funder(logframe)):
        book.table("Mots du bailleur", subtitle, FUNDER, found)
    book.table("Désagrégations", f"{subtitle} {kept(logframe)}".rstrip(), CUTS, _cuts(logframe))
    book.table("Ce qui a changé", subtitle, CHANGES, _changes(document))
    book.table("Chiffres", subtitle, FIGURES, _figures(logframe))
    book.table("Définitions", subtitle, SHEETS, _definitions(logframe))
    return book.bytes()


def _opening(book: Book, document: Document) -> None:
    """Whose report it is, for whom, about when, and what to know first."""
    sheet = book.page("Rapport")
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, 100)
    book.cell(sheet, 0, 0, words(document.logframe.programme.title), "title")
    book.cell(sheet, 1, 0, document.title + document.mark, "subtitle")
    lines = [
        *facts(document),
        ("", ""),
        *((("En bref" if n == 0 else ""), text) for n, text in enumerate(brief(document))),
    ]
    for row, (label, text) in enumerate(lines, start=3):
        book.cell(sheet, row, 0, label, "label")
        if text:
            book.cell(sheet, row, 1, text, TEXT)


def _bars(sheet: Any, lines: int) -> None:
    limits = {"min_type": "num", "min_value": 0, "max_type": "num", "max_value": 1}
    bar = {"type": "data_bar", "bar_color": "#7FB2B0", **limits}
    sheet.conditional_format(4, DONE, 3 + max(lines, 1), DONE, bar)


def _number(value: float | None, measure: str) -> Cell:
    """A number as Excel holds it: a percentage is a fraction shown as one."""
    if measure == PERCENTAGE:
        return (None if value is None else value / 100), PERCENT
    digits = 0 if value is None else decimals(value)
    return value, f"{DECIMAL} {digits}" if digits else NUMBER


def _figure(told: Figure, measure: str) -> list[Cell]:
    value = (told.text or NOT_KNOWN, QUIET) if told.number is None else _number(told.number, measure)
    rest = (told.numerator, told.denominator, told.answered, told.asked)
    return [value, *(_number(part, "") for part in rest)]


def _promise(told: Promise | None, measure: str, missing: str) -> Cell:
    if told is None or told.value is None:
        return promise(told, measure, missing), QUIET if told is None or not told.text else TEXT
    return _number(told.value, measure)


def _logframe(logframe: Logframe) -> Iterator[list[Cell]]:
    for row in rows(logframe):
        yield _line(row) if row.line else _result(row)


def _result(row: Row) -> list[Cell]:
    band = f"{BAND} {row.result.level if row.result.level in BANDS else 'output'}"
    assumptions = "\n".join(f"{a.code} {words(a.text)}" for a in row.result.assumptions)
    texts = [row.level, row.result.code, words(row.result.title), *[""] * (len(LOGFRAME) - 4), assumptions]
    return [(text, band) for text in texts]


def _line(row: Row) -> list[Cell]:
    line, measure = row.line, row.line.definition.measure
    told = line.at(row.period)
    figure = (
        _figure(told.value.figure, measure) if told.value else [(SILENCES[told.state], QUIET)] + [(None, NUMBER)] * 4
    )
    return [
        ("Indicateur", TEXT), (line.code, TEXT), (words(line.definition.title), TEXT),
        (words(line.definition.unit), TEXT),
        _promise(line.baseline, measure, NOT_KNOWN), (line.baseline and line.baseline.on, DAY),
        _promise(told.target, measure, NOT_SET), _promise(line.goal, measure, NOT_SET),
        _number(line.since.number, measure) if line.since else (None, NUMBER),
        *figure,
        (None if row.done is None else row.done / 100, PERCENT), (row.lacks, TEXT),
        *(_sex(told.value, code, measure) for code in ("female", "male")),
        (SILENCES.get(told.state, "publiée"), TEXT), (row.codes, TEXT), (", ".join(line.sources), TEXT), ("", TEXT),
    ]  # fmt: skip


def _sex(value: Value | None, code: str, measure: str) -> Cell:
    cut = cut_of(value, SEX)
    told = next((cell.figure for cell in cut.cells if cell.codes == (code,)), Figure()) if cut else Figure()
    return (told.text, QUIET) if told.text else _number(told.number, measure)


def _funder(logframe: Logframe) -> Iterator[list[Cell]]:
    """The indicators of the funder's own catalogue, as numbers ready to be copied."""
    found = [(mapped, line) for line in logframe.lines() for mapped in line.words if mapped.own]
    for mapped, line in sorted(found, key=lambda pair: (pair[0].catalogue, pair[0].code)):
        told, measure = line.at(logframe.period), line.definition.measure
        target = Figure(told.target.value, text=told.target.text) if told.target else Figure(text=NOT_SET)
        value = told.value.figure if told.value else Figure(text=SILENCES[told.state])
        yield [
            (mapped.catalogue, TEXT), (mapped.code, TEXT), (words(mapped.title), TEXT), (words(mapped.unit), TEXT),
            *(_counted(figure, measure, mapped) for figure in (target, value)), (mapped.factor, FACTOR),
            (line.code, TEXT), (words(line.definition.title), TEXT), (mapped.coverage, TEXT), (mapped.note, TEXT),
        ]  # fmt: skip


def _counted(figure: Figure, measure: str, mapped: Words) -> Cell:
    number = in_words(figure, measure, mapped.factor)
    return (figure.text or NOT_KNOWN, QUIET) if number is None else _number(number, measure)


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


def _figures(logframe: Logframe) -> Iterator[list[Cell]]:
    """Each told value with the definition and the moment that made it."""
    for line in logframe.lines():
        if told := line.at(logframe.period).value:
            value, *rest = _figure(told.figure, line.definition.measure)
            in_letters = told.figure.number is None and told.figure.text
            yield [
                (line.code, TEXT), (words(line.definition.title), TEXT),
                ("appréciation", QUIET) if in_letters else value, *rest,
                (told.definition, NUMBER), (line.definition.valid_from, DAY), _moment(told.computed_at),
                _moment(told.published_at), (told.key, NUMBER), (told.figure.text, TEXT),
                (proof(told, logframe.sources), TEXT),
            ]  # fmt: skip


def _moment(value: Any) -> Cell:
    return value and value.replace(tzinfo=None), MOMENT


def _definitions(logframe: Logframe) -> Iterator[list[Cell]]:
    """One row per indicator and catalogue that names it."""
    for line in logframe.lines():
        for mapped in line.words or (None,):
            yield _definition(line) + (_mapped(mapped) if mapped else [])


def _definition(line: Line) -> list[Cell]:
    sheet = line.definition
    return [
        (line.code, TEXT), (words(sheet.title), TEXT), (words(sheet.definition), TEXT), (sheet.method, TEXT),
        (words(sheet.unit), TEXT), (sheet.number, NUMBER), (sheet.valid_from, DAY), (sheet.reason, TEXT),
    ]  # fmt: skip


def _mapped(mapped: Words) -> list[Cell]:
    return [
        (mapped.catalogue, TEXT), (mapped.code, TEXT), (words(mapped.title), TEXT), (mapped.factor, FACTOR),
        (mapped.coverage, TEXT), (mapped.note, TEXT),
    ]  # fmt: skip
