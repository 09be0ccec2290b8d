"""The report in Word, from a template that a person can edit."""

import io
from collections.abc import Iterator
from typing import Any

from django.utils import timezone
from docx.oxml.ns import qn
from docx.shared import Cm
from docxtpl import DocxTemplate, InlineImage

from jalons.reporting.reports.archive import timeless
from jalons.reporting.reports.charts import Chart, charts
from jalons.reporting.reports.rules import french
from jalons.reporting.reports.rules.changes import Change
from jalons.reporting.reports.rules.crossing import matrices
from jalons.reporting.reports.rules.disclosure import kept
from jalons.reporting.reports.rules.document import Document, brief, facts, period
from jalons.reporting.reports.rules.logframe import QUALITATIVE, Line, Logframe, Promise
from jalons.reporting.reports.rules.telling import (
    Row,
    amount,
    count,
    figure,
    funder_rows,
    parts,
    proof,
    rows,
    sexes,
    words,
)
from jalons.reporting.reports.word_template import TEMPLATE

SHADES = {"impact": "CFE0E0", "outcome": "E0ECEB", "output": "F1F6F5"}
SHORT_ENOUGH = 28  # characters that stand on the right, under the numbers
NOTES = (
    "« sans donnée » : aucune valeur pour la période ; ce n’est pas un zéro. « non publiée » : une valeur existe, "
    "elle n’a pas encore été vérifiée et publiée. « inconnue » : personne ne peut le dire.",
    "Un pourcentage garde son numérateur et son dénominateur ; les pourcentages ne sont jamais moyennés.",
    "Progression : part du chemin parcouru de la valeur de référence à la cible de la période ; sans référence connue, "
    "elle est inconnue tant que la cible n’est pas atteinte.",
    "Réponses : nombre de réponses reçues, sur le nombre de réponses demandées quand il est connu.",
    "Les croisements de plusieurs désagrégations et les nombres non arrondis sont dans le classeur Excel.",
    "Trace n° : dans Jalons, ce numéro mène de la valeur aux soumissions qui l’ont faite.",
)


def write(document: Document) -> bytes:
    """A .docx file; the same bytes for the same document."""
    template = DocxTemplate(TEMPLATE)
    drawn = list(charts(document.logframe))
    template.render({**_context(document), "charts": list(_pictures(template, drawn))}, autoescape=True)
    _describe(template, drawn)
    core, stamp = template.docx.core_properties, document.issued_at or timezone.now()
    core.title, core.created, core.modified, core.revision = document.title, stamp, stamp, 1
    buffer = io.BytesIO()
    template.save(buffer)
    return timeless(buffer.getvalue())


def _pictures(template: DocxTemplate, drawn: list[Chart]) -> Iterator[dict[str, Any]]:
    section = ""
    for chart in drawn:
        image = InlineImage(template, io.BytesIO(chart.png), width=Cm(22))
        yield {"section": "" if chart.section == section else chart.section, "title": chart.title, "image": image}
        section = chart.section


def _describe(template: DocxTemplate, drawn: list[Chart]) -> None:
    """Say each picture in words, for those who do not see it."""
    pictures = template.docx.element.body.iter(qn("wp:docPr"))
    for place, (properties, chart) in enumerate(zip(pictures, drawn, strict=True), start=1):
        properties.set("id", str(place))
        properties.set("name", f"Graphique {place}")
        properties.set("descr", chart.alt)


def _context(document: Document) -> dict[str, Any]:
    logframe = document.logframe
    crossed = list(matrices(logframe))
    return {
        "operator": logframe.programme.operator.name,
        "programme": words(logframe.programme.title),
        "programme_short": logframe.programme.short_name,
        "title": document.title,
        "mark": document.mark,
        "facts": list(facts(document)),
        "brief": list(brief(document)),
        "funder": logframe.agreement.funder.name if logframe.agreement else "",
        "words": [_funder(row) for row in funder_rows(logframe)],
        "period": period(logframe),
        "rows": [_line(row) if row.line else _result(row) for row in rows(logframe)],
        "since": _since(document),
        "changes": [_change(change) for change in document.changes],
        "splits": _splits(logframe, bool(crossed)),
        "matrices": crossed,
        "figures": list(_figures(logframe)),
        "sheets": [_sheet(line) for line in logframe.lines()],
        "sources": list(_sources(logframe)),
        "notes": NOTES,
    }


def _funder(row: Any) -> dict[str, str]:
    return {"code": row.code, "title": words(row.title), "unit": words(row.unit), "target": row.target,
            "value": row.value, "line": row.line.code, "note": row.note}  # fmt: skip


def _result(row: Row) -> dict[str, str]:
    assumptions = " · ".join(f"{a.code} {words(a.text)}" for a in row.result.assumptions)
    return {
        "result": f"{row.level} {row.result.code} · {words(row.result.title)}",
        "shade": SHADES.get(row.result.level, "F1F6F5"),
        "assumptions": f"Hypothèses : {assumptions}" if assumptions else "",
    }


def _line(row: Row) -> dict[str, Any]:
    line, measure = row.line, row.line.definition.measure
    told = line.at(row.period).value
    return {
        "code": line.code, "title": _named(line), "codes": row.codes,
        "baseline": _promised(line.baseline, measure, row.baseline), "since": _since_when(line.baseline),
        "target": _promised(line.at(row.period).target, measure, row.target), "goal": row.goal,
        "value": _told((told and amount(told.figure.number, measure)) or "", row.value),
        "parts": parts(told.figure, measure) if told else "", "count": row.count,
        "total": row.since,
        "progress": _told(row.progress, row.lacks),
        "backwards": "régression" if row.done is not None and row.done < 0 else "",
        "sexes": sexes(told, line).replace(" · ", "\n") if told else "", "sources": ", ".join(line.sources),
    }  # fmt: skip


def _promised(told: Promise | None, measure: str, text: str) -> dict[str, str]:
    return _told(text if told and told.value is not None else "", text)


def _told(number: str, text: str) -> dict[str, str]:
    """A number, else a word or a sentence that says why there is none."""
    if number:
        return {"number": number}
    return {"word" if len(text) <= SHORT_ENOUGH else "sentence": text}


def _since_when(told: Promise | None) -> str:
    return f"au {told.on:%d/%m/%Y}" if told and told.on and told.value is not None else ""


def _named(line: Line) -> str:
    unit = words(line.definition.unit)
    return words(line.definition.title) + (f" ({unit})" if unit else "")


def _since(document: Document) -> str:
    if not document.previous:
        return "Ce rapport est le premier : rien à comparer."
    if not document.changes:
        return f"Rien n’a changé depuis « {document.previous} »."
    return f"Depuis « {document.previous} » :"


def _change(change: Change) -> dict[str, str]:
    return {"indicator": change.indicator, "cause": change.label, "period": words(change.period), "was": change.was,
            "now": change.now, "why": change.why}  # fmt: skip


def _splits(logframe: Logframe, some: bool) -> str:
    if some:
        always = "Femmes et hommes sont dans le cadre logique. « – » : aucun cas dans la catégorie."
        return f"{always} {kept(logframe)}".rstrip()
    return "Aucune valeur rapportée n’est désagrégée autrement que par sexe."


def _figures(logframe: Logframe) -> Iterator[dict[str, str]]:
    """Each told value with the definition and the moment that made it."""
    for line in logframe.lines():
        told, sheet = line.at(logframe.period).value, line.definition
        if told:
            judged = sheet.measure == QUALITATIVE and told.figure.text
            yield {
                "code": line.code, "value": "appréciation" if judged else figure(told.figure, sheet.measure),
                "count": count(told.figure) or "inconnues",
                "version": f"version {told.definition}, en vigueur depuis le {french.day(sheet.valid_from)}",
                "computed": french.moment(told.computed_at), "published": french.moment(told.published_at),
                "key": str(told.key), "proof": proof(told, logframe.sources),
            }  # fmt: skip


def _sheet(line: Line) -> dict[str, str]:
    sheet = line.definition
    why = f"\n{sheet.reason}" if sheet.reason else ""
    return {
        "code": line.code, "definition": words(sheet.definition) or words(sheet.title), "method": sheet.method,
        "version": f"n° {sheet.number}, depuis le {french.day(sheet.valid_from)}{why}",
        "sources": ", ".join(line.sources),
    }  # fmt: skip


def _sources(logframe: Logframe) -> Iterator[str]:
    cited = {code for line in logframe.lines() for code in line.sources}
    for source in logframe.sources:
        if source.code in cited:
            details = ", ".join(filter(None, (source.holder, source.frequency)))
            yield f"{source.code} : {words(source.title)}" + (f" ({details})" if details else "")
