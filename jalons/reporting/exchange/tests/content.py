"""A small programme as the content of a workbook, and how to write, read and change it in tests."""

import io
from datetime import date
from decimal import Decimal

import openpyxl

from jalons.reporting.exchange.workbook import specs
from jalons.reporting.exchange.workbook.writer import write_workbook

CONTENT = {
    specs.PROGRAMME: [
        {"code": "prim-2", "short_name": "PRIM 2", "title.fr": "Régionalisation", "title.ar": "جهوية", "operator": "EF",
         "operator_name": "Expertise France", "starts_on": date(2026, 4, 1), "ends_on": date(2028, 10, 31)},
    ],
    specs.FUNDERS: [{"code": "AFD", "name": "Agence française de développement", "iati_identifier": "FR-3"}],
    specs.AGREEMENTS: [
        {"reference": "CMA 1, avenant", "name": "Convention d’appui", "funder": "AFD", "amount": Decimal("7200000.50"),
         "currency": "EUR", "starts_on": date(2026, 4, 1)},
    ],
    specs.PERIODS: [
        {"code": "2026-S1", "kind": "half_year", "label.fr": "1er semestre 2026", "starts_on": date(2026, 4, 1),
         "ends_on": date(2026, 6, 30)},
        {"code": "FIN", "kind": "whole", "label.fr": "Tout le programme", "starts_on": date(2026, 4, 1),
         "ends_on": date(2028, 10, 31)},
    ],
    specs.SOURCES: [{"code": "S1", "title.fr": "Feuilles de présence", "holder": "Bureaux", "frequency": "Mensuelle"}],
    specs.DIMENSIONS: [
        {"dimension": "situation", "category": "", "label.fr": "Situation", "kind": "category", "about_people": True},
        {"dimension": "situation", "category": "in", "label.fr": "En emploi"},
        {"dimension": "situation", "category": "out", "label.fr": "Sans emploi"},
    ],
    specs.CHAIN: [
        {"level": "impact", "code": "I", "title.fr": "La migration est un levier"},
        {"level": "outcome", "code": "E1", "parent": "I", "title.fr": "Les régions agissent", "title.en": "They act"},
        {"level": "assumption", "code": "H1", "parent": "E1", "title.fr": "Le cadre légal tient"},
        {"level": "output", "code": "P1.1", "parent": "E1", "title.fr": "Des agents sont formés"},
    ],
    specs.INDICATORS: [
        {"result": "P1.1", "code": "P1.1.1", "title.fr": "Agents formés", "unit.fr": "personnes", "measure": "1",
         "dimensions": ("sex", "situation"), "sources": ("S1",), "frequency": "quarterly", "counts_people": True},
        {"result": "E1", "code": "E1.1", "title.fr": "Délai moyen", "unit.fr": "jours", "measure": "1",
         "time_aggregation": "average", "place_aggregation": "average", "dimensions": ("territory",),
         "place_level": "region"},
    ],
    specs.FORMULAS: [
        {"indicator": "P1.1.1", "form": "presence", "repeat": "participants", "measure": "count",
         "filter": "${heures} >= 6", "splits": "sex: ${sexe} {f=female; h=male}"},
    ],
    specs.TARGETS: [
        {"kind": "baseline", "indicator": "E1.1", "value": Decimal(90), "on": date(2026, 1, 31)},
        {"kind": "baseline", "indicator": "P1.1.1", "text": "Pas encore mesurée"},
        {"kind": "target", "indicator": "E1.1", "period": "FIN", "value": Decimal(30)},
        {"kind": "target", "indicator": "P1.1.1", "period": "2026-S1", "value": Decimal("40.5")},
        {"kind": "target", "indicator": "P1.1.1", "period": "2026-S1", "cell": "sex=female", "value": Decimal(20)},
    ],
    specs.CATALOGUES: [
        {"catalogue": "odd", "code": "", "title.fr": "ODD", "iati_vocabulary": "9"},
        {"catalogue": "odd", "code": "10.7.2", "title.fr": "Politiques migratoires", "unit.fr": "pays",
         "unit.en": "countries", "additive": False},
    ],
    specs.MAPPINGS: [
        {"indicator": "P1.1.1", "catalogue": "odd", "code": "10.7.2", "factor": Decimal("0.5"), "coverage": "Oriental",
         "frozen_from": date(2026, 2, 1)},
    ],
}  # fmt: skip


def a_workbook(**changes):
    """The bytes of a workbook; `changes` replace the rows of a sheet named without accent or space."""
    names = {
        specs.SHEETS[n].name.split()[0].lower().replace("é", "e"): specs.SHEETS[n].name
        for n in range(len(specs.SHEETS))
    }
    content = CONTENT | {names[sheet]: rows for sheet, rows in changes.items()}
    return write_workbook({name: dict(enumerate(rows)) for name, rows in content.items()})


def edited(content, *edits):
    """A workbook after a person has typed in it: (sheet, head of the column, row, value)."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    for name, head, row, value in edits:
        page = book[name]
        column = next(c.column for c in page[1] if str(c.value).rstrip(" *") == head)
        page.cell(row, column).value = value
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()
