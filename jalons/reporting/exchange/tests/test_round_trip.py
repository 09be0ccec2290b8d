"""What one installation exports comes back whole into another, still empty."""

import io

import openpyxl
import pytest
from django.db import transaction

from jalons.foundation.programmes.models import Funder, FundingAgreement, Programme
from jalons.planning.results.actions import load_dimensions
from jalons.planning.results.models import CatalogueIndicator, Indicator
from jalons.reporting.exchange.actions import check_workbook, import_workbook
from jalons.reporting.exchange.snapshot import snapshot
from jalons.reporting.exchange.tests.content import CONTENT, a_workbook, edited
from jalons.reporting.exchange.workbook import specs
from jalons.reporting.exchange.workbook.writer import write_workbook
from tests.builders import a_programme, a_user, an_operator

pytestmark = [pytest.mark.slow, pytest.mark.django_db]
REPORTING = {"code": "CMA-R1", "kind": "reporting", "label.fr": "Rapport 1", "agreement": "CMA 1, avenant",
             "starts_on": CONTENT[specs.PERIODS][0]["starts_on"],
             "ends_on": CONTENT[specs.PERIODS][0]["ends_on"]}  # fmt: skip
CATALOGUE = {"catalogue": "afd", "code": "", "title.fr": "Indicateurs agrégeables", "funder": "AFD"}


def brought_into_an_empty_installation(content):
    """The officer of a programme that the administration creates and who then fills it, as the README says."""
    load_dimensions()
    import_workbook(content=content, by=a_user("administrator"))
    officer = a_user("me_officer", Programme.objects.get())
    import_workbook(content=content, by=officer)
    return officer


def test_a_programme_exported_comes_back_whole_into_an_empty_installation():
    written = a_workbook(
        periodes=[*CONTENT[specs.PERIODS], REPORTING], catalogues=[*CONTENT[specs.CATALOGUES], CATALOGUE]
    )
    with transaction.atomic():
        brought_into_an_empty_installation(written)
        before = snapshot(Programme.objects.get())
        transaction.set_rollback(True)
    assert not Programme.objects.exists() and not Funder.objects.exists()

    brought_into_an_empty_installation(write_workbook(before))

    again = snapshot(Programme.objects.get())
    assert again == before
    assert all(again[sheet.name] for sheet in specs.SHEETS)
    agreement = FundingAgreement.objects.get()
    assert (agreement.funder.iati_identifier, agreement.amount, agreement.ends_on) == ("FR-3", 7200000.5, None)


def of_an_older_jalons(content):
    """A workbook in which a unit was one French text."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    for name in (specs.INDICATORS, specs.CATALOGUES):
        for column in reversed(list(book[name].iter_cols())):
            match str(column[0].value).rstrip(" *"):
                case "Unité (fr)":
                    column[0].value = "Unité"
                case "Unité (ar)" | "Unité (en)":
                    book[name].delete_cols(column[0].column)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def test_a_workbook_of_an_older_jalons_is_still_read_and_takes_no_translation_away():
    officer = brought_into_an_empty_installation(of_an_older_jalons(a_workbook()))
    [unit] = CatalogueIndicator.objects.values_list("unit", flat=True)
    older = of_an_older_jalons(write_workbook(snapshot(Programme.objects.get())))

    import_workbook(content=a_workbook(), by=officer)
    plan = check_workbook(content=older, by=officer)

    assert (unit, plan.changes, plan.faults, plan.notes) == ({"fr": "pays"}, [], [], [])
    assert CatalogueIndicator.objects.get().unit == {"fr": "pays", "en": "countries"}
    assert Indicator.objects.get(code="P1.1.1").current.unit == {"fr": "personnes"}


def test_a_unit_too_long_to_stand_beside_a_figure_is_refused_on_its_cell():
    officer = brought_into_an_empty_installation(a_workbook())
    content = edited(write_workbook(snapshot(Programme.objects.get())), ("Indicateurs", "Unité (en)", 2, "x" * 61),
                     ("Indicateurs", "Motif", 2, "Traduction"))  # fmt: skip

    [fault] = check_workbook(content=content, by=officer).faults

    assert fault.sheet == "Indicateurs" and fault.cell == "I2" and "61" in fault.text


def test_a_funder_or_an_agreement_that_no_row_describes_is_said_on_its_cell():
    content = a_workbook(
        bailleurs=[], conventions=[], periodes=[REPORTING], catalogues=[*CONTENT[specs.CATALOGUES], CATALOGUE],
    )  # fmt: skip
    load_dimensions()
    programme = a_programme(code="prim-2", operator=an_operator(code="EF"))

    faults = check_workbook(content=content, by=a_user("me_officer", programme)).faults

    told = [(fault.sheet, fault.cell, fault.text) for fault in faults if fault.sheet in ("Périodes", "Catalogues")]
    assert told == [
        ("Périodes", "I2", "« CMA 1, avenant » n’existe pas. Ajoutez sa ligne dans la feuille « Conventions », ou "
                           "corrigez le code."),
        ("Catalogues", "K4", "« AFD » n’existe pas. Ajoutez sa ligne dans la feuille « Bailleurs », ou corrigez le "
                             "code."),
    ]  # fmt: skip


def test_a_funder_that_has_promised_something_is_not_removed():
    officer = brought_into_an_empty_installation(a_workbook())

    plan = check_workbook(
        content=edited(write_workbook(snapshot(Programme.objects.get())), ("Bailleurs", "Supprimer", 2, "oui")),
        by=officer,
    )

    assert [(fault.sheet, fault.row) for fault in plan.faults] == [("Bailleurs", 2)]
    assert "conventions de financement" in plan.faults[0].text


def test_an_agreement_leaves_with_its_reporting_periods():
    officer = brought_into_an_empty_installation(a_workbook(periodes=[REPORTING], cibles=[]))

    import_workbook(
        content=edited(write_workbook(snapshot(Programme.objects.get())), ("Conventions", "Supprimer", 2, "oui"),
                       ("Périodes", "Supprimer", 2, "oui")), by=officer,
    )  # fmt: skip

    assert not FundingAgreement.objects.exists() and Funder.objects.count() == 1
