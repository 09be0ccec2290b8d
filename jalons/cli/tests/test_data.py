"""What a programme workbook brings on the command line: what it would change, and each fault with its cell."""

import os
import subprocess
import sys

import pytest
from django.db import connection
from typer.testing import CliRunner

from jalons.cli import commands, start
from jalons.cli.commands import app
from jalons.core.errors import Refused
from jalons.foundation.accounts.models import Membership
from jalons.planning.results.actions import load_dimensions
from jalons.planning.results.models import Indicator
from jalons.reporting.exchange.tests.content import a_workbook, edited
from tests.builders import a_period, a_programme, a_territory, a_user, an_indicator, an_operator, an_organisation

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
    assert "Rien n’a été changé. Ajouts : 21 ;" in tried.output.replace("\n", " ")
    done = bring(tmp_path, a_workbook(), officer)
    assert (done.exit_code, Indicator.objects.count()) == (0, 2), done.output


def test_a_fault_of_a_workbook_is_told_with_its_cell(tmp_path, officer):
    refused = bring(tmp_path, edited(a_workbook(), ("Cibles", "Valeur", 2, "[douze]")), officer)

    assert refused.exit_code == 1
    assert "Feuille « Cibles », cellule E2 : « [douze] » n’est pas un nombre." in refused.output


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


def test_an_unchanged_export_says_that_nothing_would_change(tmp_path, officer):
    bring(tmp_path, a_workbook(), officer)
    file = tmp_path / "export.xlsx"
    assert CliRunner().invoke(app, ["programme", "export", "prim-2", str(file), "--by", officer.email]).exit_code == 0

    tried = bring(tmp_path, file.read_bytes(), officer, "--dry-run")

    assert (tried.exit_code, tried.output.startswith("Rien à changer")) == (0, True), tried.output


def test_values_to_type_go_out_and_come_back_unchanged(tmp_path, officer):
    programme = officer.memberships.get().programme
    an_indicator(programme)
    file, by = str(tmp_path / "valeurs.xlsx"), ["--by", officer.email]

    taken = CliRunner().invoke(app, ["values", "export", "prim-2", "2026-S1", file, *by])
    brought = CliRunner().invoke(app, ["values", "import", file, "--programme", "prim-2", *by])

    assert taken.exit_code == 0, taken.output
    assert "Rien à changer" in brought.output


def test_a_file_that_cannot_be_written_is_refused_in_words(tmp_path, officer):
    nowhere = tmp_path / "nulle-part" / "x.xlsx"

    refused = CliRunner().invoke(app, ["programme", "export", "prim-2", str(nowhere), "--by", officer.email])

    assert isinstance(refused.exception, Refused) and "Choisissez un dossier qui existe" in str(refused.exception)


def test_a_mistyped_address_shows_nobody_elses(tmp_path, officer):
    refused = CliRunner().invoke(app, ["measure", "prim-2", "--by", "personne@ailleurs.example"])

    assert "Aucun compte ouvert" in str(refused.exception) and officer.email not in str(refused.exception)


def test_a_role_limited_to_an_organisation_or_a_region_is_given_with_it(officer):
    a_user("administrator")
    an_organisation(name="Association Anwar")
    a_territory("region", code="04")
    add = ["user", "add", "a@b.example", "--name", "Anwar", "--password", "une phrase assez longue", "--programme",
           "prim-2", "--role"]  # fmt: skip

    without = CliRunner().invoke(app, [*add, "grantee"])
    done = CliRunner().invoke(app, [*add, "grantee", "--organisation", "Association Anwar"])
    add[2] = "c@b.example"
    placed = CliRunner().invoke(app, [*add, "desk_agent", "--region", "04"])

    assert "Ajoutez --organisation" in str(without.exception)
    assert (done.exit_code, placed.exit_code) == (0, 0), done.output + placed.output
    granted = Membership.objects.get(role="grantee"), Membership.objects.get(role="desk_agent")
    assert (str(granted[0].organisation), granted[1].region.code) == ("Association Anwar", "04")


def test_measuring_fails_when_an_indicator_cannot_be_computed(tmp_path, officer):
    bring(tmp_path, a_workbook(), officer)  # its form is not there yet

    done = CliRunner().invoke(app, ["measure", "prim-2", "--by", officer.email])

    assert done.exit_code == 1 and "P1.1.1 " in done.output
    assert "n’ont pas pu être calculés : 1" in str(done.exception)


@pytest.mark.parametrize(
    ("language", "said"), [("fr", "P1.1.1 Le programme n’a pas"), ("en", "P1.1.1 The programme has no")]
)
def test_what_keeps_a_formula_from_being_measured_is_said_in_the_language_of_whoever_asks(
    tmp_path, officer, language, said
):
    bring(tmp_path, a_workbook(), officer)
    officer.language = language
    officer.save()

    done = CliRunner().invoke(app, ["measure", "prim-2", "--by", officer.email])

    assert said in done.output


def test_a_database_that_does_not_answer_is_said_in_words():
    done = subprocess.run(
        [sys.executable, "-c", "from jalons.cli import main; main()", "measure", "prim-2", "--by", "a@b.example"],
        env={**os.environ, "DATABASE_URL": "postgresql://x@127.0.0.1:1/x"}, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert "La base de données ne répond pas" in done.stderr


def test_a_full_disk_is_said_in_words(monkeypatch, capsys):
    def full():
        with connection.cursor() as cursor:
            cursor.execute("do $$ begin raise disk_full; end $$")

    monkeypatch.setattr(commands, "app", full)

    with pytest.raises(SystemExit):
        start._obey()
    assert "Le disque est plein" in capsys.readouterr().err.replace("\n", " ")


def test_what_is_no_file_is_refused_in_words(tmp_path, officer):
    for name in ("absent.xlsx", "."):
        refused = CliRunner().invoke(app, ["programme", "import", str(tmp_path / name), "--by", officer.email])
        assert isinstance(refused.exception, Refused) and "Vérifiez son chemin" in str(refused.exception)


def test_the_command_helps_in_french():
    told = subprocess.run(
        [sys.executable, "-c", "from jalons.cli import main; main()", "user", "add", "--help"],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip

    assert "Montre cette aide" in told and "obligatoire" in told and "desk_agent" in told
    assert "Show this" not in told and "required" not in told and "default" not in told
