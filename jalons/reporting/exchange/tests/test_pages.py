"""The workbook's pages: away, back, preview, confirmation."""

import io

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from jalons.planning.results.actions import load_dimensions
from jalons.planning.results.models import Indicator, Target
from jalons.reporting.exchange.tests.content import a_workbook, edited
from tests.builders import a_period, a_programme, a_user, an_operator

pytestmark = pytest.mark.slow


@pytest.fixture
def programme(db):
    load_dimensions()
    programme = a_programme(code="prim-2", operator=an_operator(code="EF", name="Expertise France"))
    for code in ("2026-S1", "FIN"):
        a_period(programme, code=code)
    return programme


@pytest.fixture
def officer(client, programme):
    officer = a_user("me_officer", programme)
    client.force_login(officer)
    return officer


def bring(client, content, name="classeur.xlsx"):
    return client.post(reverse("exchange:workbook"), {"workbook": SimpleUploadedFile(name, content)})


def confirm(client, response):
    return client.post(reverse("exchange:apply"), {"sha256": response.context["kept"]["sha256"]}, follow=True)


def test_a_workbook_is_shown_then_confirmed_then_done(client, programme, officer):
    shown = bring(client, a_workbook())
    before = Indicator.objects.count()

    done = confirm(client, shown)

    text = shown.content.decode()
    assert "Confirmer l’import" in text
    assert "Agents formés" in text
    assert (before, Indicator.objects.count()) == (0, 2)
    assert "Classeur importé." in done.content.decode()
    assert "Les régions agissent" in done.content.decode()


def test_what_was_taken_away_unchanged_changes_nothing(client, programme, officer):
    confirm(client, bring(client, a_workbook()))

    content = client.get(reverse("exchange:download")).content

    assert "Rien ne changerait" in bring(client, content).content.decode()


def test_a_change_is_told_cell_by_cell(client, programme, officer):
    confirm(client, bring(client, a_workbook()))
    content = client.get(reverse("exchange:download")).content

    text = bring(client, edited(content, ("Cibles", "Valeur", 3, 25))).content.decode()

    assert "<del>30</del>" in text and "<ins>25</ins>" in text
    assert "cible · E1.1 · FIN" in text


def test_faults_are_told_with_cell_and_remedy_and_given_back_in_red(client, programme, officer):
    shown = bring(client, edited(a_workbook(), ("Cibles", "Valeur", 2, "douze")))

    text = shown.content.decode()
    copy = openpyxl.load_workbook(io.BytesIO(client.get(reverse("exchange:faults")).content))
    assert "Feuille « Cibles », cellule E2" in text
    assert "« douze » n’est pas un nombre." in text
    assert "Écrivez-le en chiffres" in text
    assert "Confirmer l’import" not in text
    assert "douze" in copy["Cibles"]["E2"].comment.text
    assert "Rien n’a été changé" in confirm(client, shown).content.decode()
    assert Indicator.objects.count() == 0


@pytest.mark.parametrize("content", [b"%PDF-1.7", bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600), b"PK\x03\x04"])
def test_a_file_that_is_no_workbook_is_refused_on_its_field(client, programme, officer, content):
    response = bring(client, content)

    assert response.status_code == 422
    assert "lisible" in response.content.decode()


def test_only_what_was_shown_to_this_person_is_done(client, programme, officer):
    shown = bring(client, a_workbook())
    sha256 = shown.context["kept"]["sha256"]
    client.force_login(a_user("me_officer", programme))

    assert client.post(reverse("exchange:apply"), {"sha256": sha256}).status_code == 404


def test_a_preview_that_is_no_longer_true_is_not_done(client, programme, officer):
    confirm(client, bring(client, a_workbook()))
    content = client.get(reverse("exchange:download")).content
    shown = bring(client, edited(content, ("Cibles", "Valeur", 3, 25)))
    Target.objects.update(value=1)

    assert "a changé depuis cet aperçu" in confirm(client, shown).content.decode()
    assert Target.objects.filter(value=25).count() == 0


def test_the_template_is_empty_but_for_what_all_share(client, programme, officer):
    book = openpyxl.load_workbook(io.BytesIO(client.get(reverse("exchange:template")).content))

    assert book["Dimensions"].max_row > 4
    assert book["Indicateurs"].max_row == 1


@pytest.mark.parametrize(
    ("role", "page", "download", "upload"),
    [
        ("project_manager", 200, 200, 200),
        ("head_office", 200, 200, 404),
        ("grants_officer", 200, 200, 404),
        ("funder", 404, 404, 404),
        ("grantee", 404, 404, 404),
    ],
)
def test_who_takes_and_who_brings(client, programme, role, page, download, upload):
    client.force_login(a_user(role, programme))

    assert client.get(reverse("exchange:workbook")).status_code == page
    assert client.get(reverse("exchange:download")).status_code == download
    assert bring(client, a_workbook()).status_code == upload


def test_the_workbook_of_another_programme_is_not_touched(client, programme):
    client.force_login(a_user("me_officer", a_programme()))

    response = bring(client, a_workbook())

    assert response.status_code == 422
    assert "Aucun programme « prim-2 » ne vous est ouvert" in response.content.decode()


def test_an_installation_without_programme_begins_with_a_workbook(client, db):
    load_dimensions()
    administrator = a_user("administrator")
    client.force_login(administrator)

    first, empty = client.get(reverse("dashboards:home")), client.get(reverse("exchange:template"))
    done = confirm(client, bring(client, edited(a_workbook(), ("Programme", "Opérateur (nom)", 2, "Expertise France"))))

    assert reverse("exchange:workbook") in first.content.decode()
    assert reverse("accounts:membership-add") in client.get(reverse("dashboards:home")).content.decode()
    assert openpyxl.load_workbook(io.BytesIO(empty.content)).sheetnames[0] == "Lisez-moi"
    assert done.status_code == 200 and "PRIM 2" in done.content.decode()
    assert client.get(reverse("exchange:download")).status_code == 404
