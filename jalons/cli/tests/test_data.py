"""What a programme workbook brings on the command line: what it would change, and each fault with its cell."""

import pytest
from typer.testing import CliRunner

from jalons.cli.commands import app
from jalons.core.errors import Refused
from jalons.planning.results.actions import load_dimensions
from jalons.planning.results.models import Indicator
from jalons.reporting.exchange.tests.content import a_workbook, edited
from tests.builders import a_period, a_programme, a_user, an_operator

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer():
    load_dimensions()
    programme = a_programme(code="prim-2", operator=an_operator(code="EF", name="Expertise France"))
    for code in ("2026-S1", "FIN"):
        a_period(programme, code=code)
    return a_user("me_officer", programme)


def bring(tmp_path, content, officer, *options):
    file = tmp_path / "classeur.xlsx"
    file.write_bytes(content)
    return CliRunner().invoke(app, ["programme", "import", str(file), "--by", officer.email, *options])


def test_what_a_workbook_would_change_is_told_in_words_then_done(tmp_path, officer):
    tried = bring(tmp_path, a_workbook(), officer, "--dry-run")

    assert (tried.exit_code, Indicator.objects.count()) == (0, 0), tried.output
    assert "Indicateurs ajout : P1.1.1" in tried.output
    done = bring(tmp_path, a_workbook(), officer)
    assert (done.exit_code, Indicator.objects.count()) == (0, 2), done.output


def test_a_fault_of_a_workbook_is_told_with_its_cell(tmp_path, officer):
    refused = bring(tmp_path, edited(a_workbook(), ("Cibles", "Valeur", 2, "[douze]")), officer)

    assert refused.exit_code == 1
    assert "Cibles E2 « [douze] » n’est pas un nombre." in refused.output


def test_a_known_address_keeps_its_password_until_its_replacement_is_asked_for():
    known = a_user(password="une phrase assez longue")
    again = ["user", "add", known.email.upper(), "--name", "Autre", "--password", "une tout autre phrase"]

    refused = CliRunner().invoke(app, again)
    known.refresh_from_db()
    assert isinstance(refused.exception, Refused) and "user password" in str(refused.exception)
    assert known.check_password("une phrase assez longue") and not known.memberships.exists()

    assert (
        CliRunner().invoke(app, ["user", "password", known.email, "--password", "une tout autre phrase"]).exit_code == 0
    )
    known.refresh_from_db()
    assert known.check_password("une tout autre phrase")
