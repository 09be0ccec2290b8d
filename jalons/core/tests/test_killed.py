"""What a job leaves when it is killed: nothing half done, nothing « running » for ever; tried again, it finishes."""

import os
import signal
import subprocess
import sys
from urllib.parse import quote

import pytest
from django.db import connection

from jalons.core import jobs
from jalons.core.models import Job
from jalons.core.tests.things import Office, a_job
from tests.builders import a_programme, a_user

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
WORKER = """
import os, signal, sys, django
django.setup()
from jalons.core import jobs
from jalons.core.models import Job
from jalons.core.tests import test_killed
from jalons.core.tests.things import Office

def killed(*_, **__):
    assert Office.objects.filter(name="Oujda").exists()
    os.kill(os.getpid(), signal.SIGKILL)

if sys.argv[2] == "at work":
    test_killed.then = killed
else:
    jobs._end = killed
jobs.run(Job.objects.get(pk=sys.argv[1]))
"""


def then():
    pass


@jobs.job("test.opens")
def opens(*, progress, by, programme):
    Office.objects.create(programme_id=programme, name="Oujda")
    progress(1, 2)
    then()
    return {"message": "Oujda"}


@pytest.fixture
def row():
    programme = a_programme()
    return a_job(programme, a_user("me_officer", programme), name="test.opens", arguments={"programme": programme.pk})


@pytest.mark.parametrize("when", ["at work", "before it is said to be done"])
def test_a_worker_killed_leaves_nothing_and_the_job_tried_again_finishes(row, when):
    ended = subprocess.run([sys.executable, "-c", WORKER, str(row.pk), when], env=environment(), check=False)

    assert ended.returncode == -signal.SIGKILL
    row.refresh_from_db()
    assert row.state == "running" and not Office.objects.exists()
    jobs.fail_interrupted(0)
    row.refresh_from_db()
    assert row.state == "failed" and "relancez" in row.why
    done = jobs.run(jobs.retry(job=row, by=row.by))
    assert (done.state, done.reason, Office.objects.count()) == ("done", "", 1)


def environment():
    """That of another process on the database of this test."""
    at = connection.settings_dict
    host = f"?host={quote(at['HOST'])}" + (f"&port={at['PORT']}" if at["PORT"] else "")
    url = f"postgresql://{at['USER']}:{quote(at['PASSWORD'])}@/{at['NAME']}{host}"
    return {**os.environ, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "config.settings"}


def test_a_database_that_stops_under_a_job_is_its_reason(row, monkeypatch):
    def stops():
        with connection.cursor() as cursor:
            cursor.execute("select pg_terminate_backend(pg_backend_pid())")

    monkeypatch.setattr(sys.modules[__name__], "then", stops)

    ended = jobs.run(row)

    ended.refresh_from_db()
    assert (ended.state, ended.reason) == ("failed", jobs.NO_DATABASE) and not Office.objects.exists()
    monkeypatch.undo()
    assert jobs.run(jobs.retry(job=Job.objects.get(pk=row.pk), by=row.by)).state == "done"
