"""Every fault of a workbook is told at once, each on its cell with what to do."""

import pytest

from jalons.planning.results.actions import load_dimensions
from jalons.planning.results.models import Indicator
from jalons.reporting.exchange import telling
from jalons.reporting.exchange.actions import check_workbook, import_workbook
from jalons.reporting.exchange.snapshot import snapshot
from jalons.reporting.exchange.tests.content import a_workbook, edited
from jalons.reporting.exchange.workbook.writer import write_workbook
from tests.builders import a_form, a_period, a_programme, a_user, a_value, an_operator

pytestmark = [pytest.mark.slow, pytest.mark.django_db]


@pytest.fixture
def programme():
    load_dimensions()
    programme = a_programme(code="prim-2", operator=an_operator(code="EF", name="Expertise France"))
    for code in ("2026-S1", "FIN"):
        a_period(programme, code=code)
    return programme


def cells(plan):
    return sorted((fault.sheet, fault.cell) for fault in plan.faults)


def test_two_bad_cells_of_one_row_are_both_told(programme):
    content = edited(
        a_workbook(), ("Indicateurs", "Mesure", 2, "bidon"), ("Indicateurs", "Résultat", 2, "ZZZ"),
        ("Indicateurs", "Résultat", 3, "YYY"), ("Indicateurs", "Sources de vérification", 3, "S1; S9"),
    )  # fmt: skip

    plan = check_workbook(content=content, by=a_user("me_officer", programme))

    assert cells(plan) == [("Indicateurs", "A2"), ("Indicateurs", "A3"), ("Indicateurs", "L2"), ("Indicateurs", "P3")]
    assert all(all(telling.sentences(fault)) for fault in plan.faults)


def test_every_question_that_its_form_does_not_ask_is_told_in_its_cell(programme):
    a_form(programme, [("heures", "integer")], code="presence")
    content = edited(
        a_workbook(), ("Formules", "Répétition", 2, None), ("Formules", "Mesure", 2, "somme"),
        ("Formules", "Valeur", 2, "${bidon}"), ("Formules", "Filtre", 2, "${heurs} > 1"),
        ("Formules", "Date", 2, "jour"), ("Indicateurs", "Unité (fr)", 2, None),
    )  # fmt: skip

    plan = check_workbook(content=content, by=a_user("me_officer", programme))

    assert cells(plan) == [("Formules", cell) for cell in ("E2", "I2", "J2", "K2")] + [("Indicateurs", "I2")]
    assert all(all(telling.sentences(fault)) for fault in plan.faults)


def test_a_removal_that_cannot_be_is_told_on_the_cell_that_asks_for_it(programme):
    officer = a_user("me_officer", programme)
    import_workbook(content=a_workbook(), by=officer)
    a_value(Indicator.objects.get(code="E1.1"), programme.periods.get(code="FIN"), officer)

    plan = check_workbook(
        content=edited(write_workbook(snapshot(programme)), ("Indicateurs", "Supprimer", 2, "oui")), by=officer
    )

    [fault] = plan.faults
    message, remedy = telling.sentences(fault)
    assert telling.place(fault).startswith("Feuille « Indicateurs », cellule ") and fault.cell.endswith("2")
    assert "valeurs" in message and remedy == "Retirez-les d’abord."
