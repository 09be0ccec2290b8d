"""A backup brought back elsewhere is the same house: same rows, same bytes, same keys."""

import os
import subprocess
import sys
import tarfile
from datetime import date
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
from django.apps import apps
from django.core.files.base import ContentFile
from django.db import connection

from jalons.cli import safety
from jalons.cli.demo.forms import workbook
from jalons.collection.forms.actions import declare, import_form, publish
from jalons.collection.submissions.actions import receive_batch, validate_all
from jalons.collection.submissions.models import Submission
from jalons.core import documents
from jalons.core.errors import Refused
from jalons.core.history import timeline
from jalons.evidence.measurement import actions as values
from jalons.evidence.measurement.models import IndicatorValue
from jalons.foundation.territories.models import Territory
from jalons.reporting.reports import actions as reports
from jalons.reporting.reports.models import ReportFile
from tests.builders import PASSWORD, a_period, a_programme, a_region, a_user, an_indicator

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
PRESENT = {"source": {"form": "feuille_presence"}, "measure": "count", "time": "sum"}
SHEET = "date_activite;instanceID\n2026-02-03;uuid:a\n2026-02-04;uuid:b\n"


def a_lived_in_house():
    """Submissions, a document, values with their history, and an issued report; returns who manages it."""
    programme = a_programme()
    officer, manager = a_user("me_officer", programme), a_user("project_manager", programme, password=PASSWORD)
    period = a_period(programme, date(2026, 1, 1), date(2026, 6, 30))
    an_indicator(programme, formula=PRESENT)
    form = import_form(programme=programme, data=workbook("feuille_presence"), file_name="f.xlsx", by=officer).form
    declare(form=form, roles={"date": "date_activite"}, by=officer)
    publish(form=form, by=officer)
    receive_batch(form=form, file=SHEET.encode(), name="export.csv", by=officer)
    validate_all(form=form, submissions=Submission.objects.all(), by=manager)
    values.measure(programme=programme, by=officer)
    values.verify(indicatorvalue=IndicatorValue.objects.get(), by=officer)
    values.publish(indicatorvalue=IndicatorValue.objects.get(), by=manager)
    documents.attach(target=programme, document=ContentFile(b"%PDF-1.7 convention", "Convention.pdf"), by=manager)
    reports.issue(report=reports.draft(programme=programme, period=period, by=officer), by=manager)
    return manager


def what_is_there():
    """How many rows of each table, the typed answers, the bytes of the report, the history of a value."""
    with connection.cursor() as cursor:
        cursor.execute("select tablename from pg_tables where schemaname = 'projection' order by 1")
        projected = [name for (name,) in cursor.fetchall()]
        counts = {}
        for name in projected:
            cursor.execute(f'select count(*) from projection."{name}"')
            counts[name] = cursor.fetchone()[0]
    tables = connection.introspection.table_names()
    models = [model for model in apps.get_models() if model._meta.db_table in tables]
    counts |= {model._meta.label: model._base_manager.count() for model in models}
    files = [(file.name, documents.read(file.sha256)) for file in ReportFile.objects.order_by("pk")]
    history = [(str(line["label"]), line["by"]) for line in timeline(IndicatorValue.objects.get())]
    return counts, files, history


def elsewhere(name, folder, *words):
    """The command, on another database of the same server and another folder."""
    options = connection.settings_dict
    host = f"?host={quote(options['HOST'])}" if options["HOST"].startswith("/") else ""
    place = "" if host else f":{quote(options['PASSWORD'])}"
    address = "" if host else f"{options['HOST']}:{options['PORT'] or 5432}"
    url = f"postgresql://{options['USER']}{place}@{address}/{name}{host}"
    return subprocess.run(
        [Path(sys.executable).with_name("jalons"), *words], capture_output=True, text=True, check=False,
        env={**os.environ, "DATABASE_URL": url, "JALONS_DATA": str(folder), "COLUMNS": "200"},
    )  # fmt: skip


@pytest.fixture
def other(tmp_path):
    """Name of an empty database beside that of the tests."""
    name = f"{connection.settings_dict['NAME']}_elsewhere"
    known = {"password": connection.settings_dict["PASSWORD"], "autocommit": True}
    with psycopg.connect(safety._address(), **known) as server:
        server.execute(f'drop database if exists "{name}" with (force)')
        server.execute(f'create database "{name}"')
    yield name
    with psycopg.connect(safety._address(), **known) as server:
        server.execute(f'drop database "{name}" with (force)')


def test_a_backup_comes_back_whole_elsewhere_and_people_sign_in(tmp_path, other, settings, client):
    settings.DOCUMENTS, settings.PARTITIONS = tmp_path / "here/documents", tmp_path / "here/partitions"
    manager, file = a_lived_in_house(), tmp_path / "jalons.tar"
    before = what_is_there()
    safety.backup(file)

    answer = elsewhere(other, tmp_path / "there", "restore", str(file))
    again = elsewhere(other, tmp_path / "there", "restore", str(file))

    assert answer.returncode == 0, answer.stderr
    assert again.returncode == 1 and "pas vide" in again.stderr
    assert file.stat().st_mode & 0o077 == 0
    here = connection.settings_dict["NAME"]
    settings.DOCUMENTS = tmp_path / "there/documents"
    connection.close()
    connection.settings_dict["NAME"] = other
    try:
        assert what_is_there() == before
        assert client.post("/sign-in/login/", {"login": manager.email, "password": PASSWORD}).status_code == 302
    finally:
        connection.close()
        connection.settings_dict["NAME"] = here


def test_an_empty_database_is_not_said_to_be_saved(tmp_path, other):
    answer = elsewhere(other, tmp_path / "there", "backup", str(tmp_path / "nothing.tar"))

    assert answer.returncode == 1 and "rien à sauvegarder" in answer.stderr and "JALONS_DATA" in answer.stderr
    assert not (tmp_path / "nothing.tar").exists()


def spoilt(file, how):
    """The archive, harmed as a disk or a hand may harm it."""
    content = bytearray(file.read_bytes())
    if how == "cut":
        content = content[: len(content) // 2]
    elif how == "altered":
        content[content.index(b"PGDMP") + 5000] ^= 1
    elif how == "something else":
        content = b"Ceci est une lettre."
    file.write_bytes(content)


@pytest.mark.parametrize("how", ["cut", "altered", "something else"])
def test_a_damaged_archive_is_refused_and_nothing_changes(tmp_path, how):
    a_region()
    file = tmp_path / "jalons.tar"
    safety.backup(file)
    spoilt(file, how)

    with pytest.raises(Refused, match="abîmé"):
        safety.restore(file, replace=True)

    assert Territory.objects.count() == 1


def test_a_backup_that_PostgreSQL_does_not_take_changes_nothing(tmp_path):
    a_region()
    file, folder = tmp_path / "jalons.tar", tmp_path / "open"
    safety.backup(file)
    with tarfile.open(file) as archive:
        archive.extractall(folder, filter="data")
    dump = folder / safety.DUMP
    dump.write_bytes(dump.read_bytes()[:-2000])

    with pytest.raises(Refused, match="rien n’a changé"):
        safety._fill(dump, empty_first=True)

    assert Territory.objects.count() == 1


def test_a_backup_never_writes_over_a_file(tmp_path):
    file = tmp_path / "jalons.tar"
    file.write_text("précieux")

    with pytest.raises(Refused, match="Impossible d’écrire"):
        safety.backup(file)

    assert file.read_text() == "précieux"
