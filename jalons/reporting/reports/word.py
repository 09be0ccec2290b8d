"""The report in Word, from a template that a person can edit."""

import io
from collections.abc import Iterator
from typing import Any

from django.utils import timezone
from docx.oxml.ns import qn
from docx.shared import Cm
from docxtpl import DocxTemplate, InlineImage

from jalons.reporting.reports.archive import timeless
from jalons.reporting.reports.charts import Chart, progress_charts
from jalons.reporting.reports.rules import french
from jalons.reporting.reports.rules.changes import Change
from jalons.reporting.reports.rules.document import Document
from jalons.reporting.reports.rules.logframe import QUALITATIVE, Line, Logframe
from jalons.reporting.reports.rules.telling import Row, cut_rows, funder_rows, rows, summary, words
from jalons.reporting.reports.word_template import TEMPLATE

NOTES = (
    "« sans donnée » : aucune valeur pour la période ; ce n’est pas un zéro. « non publiée » : une valeur existe, "
    "elle n’a pas encore été vérifiée et publiée. « inconnue » : personne ne peut le dire.",
    "Un pourcentage garde son numérateur et son dénominateur ; les pourcentages ne sont jamais moyennés.",
    "Progression : part du chemin parcouru de la valeur de référence à la cible de la période ; sans référence connue, "
    "elle est inconnue tant que la cible n’est pas atteinte.",
    "Réponses : nombre de cas qui ont répondu, sur le nombre de cas à qui la question a été posée ; « ? » quand "
    "personne ne peut le dire.",
    "Les croisements de plusieurs désagrégations et les nombres non arrondis sont dans le classeur Excel.",
)


def write(document: Document) -> bytes:
    """A .docx file; the same bytes for the same document."""
    template = DocxTemplate(TEMPLATE)
    charts = list(progress_charts(document.logframe))
    template.render({**_context(document), "charts": list(_pictures(template, charts))}, autoescape=True)
    _describe(template, charts)
    core, stamp = template.docx.core_properties, document.issued_at or timezone.now()
    core.title, core.created, core.modified, core.revision = document.title, stamp, stamp, 1
    buffer = io.BytesIO()
    template.save(buffer)
    return timeless(buffer.getvalue())


def _pictures(template: DocxTemplate, charts: list[Chart]) -> Iterator[dict[str, Any]]:
    for chart in charts:
        yield {"title": chart.title, "image": InlineImage(template, io.BytesIO(chart.png), width=Cm(22))}


def _describe(template: DocxTemplate, charts: list[Chart]) -> None:
    """Say each picture in words, for those who do not see it."""
    drawn = template.docx.element.body.iter(qn("wp:docPr"))
    for place, (properties, chart) in enumerate(zip(drawn, charts, strict=True), start=1):
        properties.set("id", str(place))
        properties.set("name", f"Graphique {place}")
        properties.set("descr", chart.alt)


def _context(document: Document) -> dict[str, Any]:
    logframe = document.logframe
    return {
        "programme": words(logframe.programme.title),
        "title": document.title,
        "draft": "" if document.issued_at else " (projet, non émis)",
        "facts": list(_facts(document)),
        "summary": summary(logframe),
        "funder": logframe.agreement.funder.name if logframe.agreement else "",
        "words": [_funder(row) for row in funder_rows(logframe)],
        "rows": [_line(row) if row.line else _result(row) for row in rows(logframe)],
        "since": _since(document),
        "changes": [_change(change) for change in document.changes],
        "cuts": [
            {"code": line.code, "dimension": name, "cells": " · ".join(f"{cell} : {told}" for cell, told in found)}
            for line, name, found in cut_rows(logframe)
        ],
        "sheets": [_sheet(line) for line in logframe.lines()],
        "sources": list(_sources(logframe)),
        "notes": NOTES,
    }


def _facts(document: Document) -> Iterator[tuple[str, str]]:
    logframe = document.logframe
    programme, period, agreement = logframe.programme, logframe.own_period, logframe.agreement
    yield "Programme", f"{programme.short_name}, {programme.operator.name}"
    if agreement:
        yield "Bailleur", agreement.funder.name
        yield "Convention", f"{agreement.reference}, {agreement.name}"
    yield "Période", f"{words(period.label)}, du {french.day(period.starts_on)} au {french.day(period.ends_on)}"
    yield "Émis le", french.day(document.issued_at) or "non émis"
    yield "Rapport précédent", document.previous or "aucun : ce rapport est le premier"


def _funder(row: Any) -> dict[str, str]:
    return {"code": row.code, "title": words(row.title), "unit": row.unit, "target": row.target, "value": row.value,
            "line": row.line.code, "note": row.note}  # fmt: skip


def _result(row: Row) -> dict[str, str]:
    assumptions = " · ".join(f"{a.code} {words(a.text)}" for a in row.result.assumptions)
    return {
        "result": f"{row.level} {row.result.code} · {words(row.result.title)}",
        "assumptions": f"Hypothèses : {assumptions}" if assumptions else "",
    }


def _line(row: Row) -> dict[str, str]:
    return {
        "code": row.line.code, "title": "\n".join(filter(None, (_named(row.line), row.codes))),
        "baseline": row.baseline, "target": _target(row), "value": row.value,
        "progress": row.progress or _no_progress(row.line),
        "splits": "\n".join(row.splits), "count": row.count, "sources": ", ".join(row.line.sources),
    }  # fmt: skip


def _target(row: Row) -> str:
    """The target of the period, then the one of the whole programme."""
    return f"{row.target}\nà terme : {row.goal}" if row.goal else row.target


def _no_progress(line: Line) -> str:
    return "sans objet" if line.definition.measure == QUALITATIVE else "inconnue"


def _named(line: Line) -> str:
    unit = f" ({line.definition.unit})" if line.definition.unit else ""
    return words(line.definition.title) + unit


def _since(document: Document) -> str:
    if not document.previous:
        return "Ce rapport est le premier : rien à comparer."
    if not document.changes:
        return f"Rien n’a changé depuis « {document.previous} »."
    return f"Depuis « {document.previous} » :"


def _change(change: Change) -> dict[str, str]:
    return {"indicator": change.indicator, "cause": change.label, "period": words(change.period), "was": change.was,
            "now": change.now, "why": change.why}  # fmt: skip


def _sheet(line: Line) -> dict[str, str]:
    sheet = line.definition
    why = f"\n{sheet.reason}" if sheet.reason else ""
    return {
        "code": line.code, "definition": words(sheet.definition) or words(sheet.title), "method": sheet.method,
        "version": f"n° {sheet.number}, en vigueur depuis le {french.day(sheet.valid_from)}{why}",
        "sources": ", ".join(line.sources),
    }  # fmt: skip


def _sources(logframe: Logframe) -> Iterator[str]:
    cited = {code for line in logframe.lines() for code in line.sources}
    for source in logframe.sources:
        if source.code in cited:
            details = ", ".join(filter(None, (source.holder, source.frequency)))
            yield f"{source.code} : {words(source.title)}" + (f" ({details})" if details else "")
