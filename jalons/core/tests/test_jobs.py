import psycopg
import pytest
from django.db import connection
from django.urls import reverse
from procrastinate.contrib.django import app as procrastinate_app
from procrastinate.contrib.django.models import ProcrastinateJob

from jalons.core import jobs
from jalons.core.errors import Refused, _
from jalons.core.models import Job
from jalons.core.tests.things import a_job
from tests.builders import a_programme, a_user


@jobs.job("test.counted")
def counted(*, progress, by, upto):
    for n in range(upto):
        progress(n + 1, upto)
    return {"message": f"{upto} lignes", "url": "/"}


@jobs.job("test.refused")
def refused(*, progress, by):
    raise Refused(_("Le fichier « %(name)s » est vide."), name="a.csv")


@jobs.job("test.broken")
def broken(*, progress, by):
    raise KeyError("secret value")


@jobs.job("test.full")
def full(*, progress, by):
    with connection.cursor() as cursor:
        cursor.execute("do $$ begin raise disk_full; end $$")


@jobs.job("test.copied")
def copied(*, progress, by):
    raise psycopg.errors.DiskFull  # as COPY does, without Django


@pytest.fixture
def programme(db):
    return a_programme()


@pytest.fixture
def officer(programme):
    return a_user("me_officer", programme)


def test_a_job_is_queued_with_its_arguments(programme, officer):
    row = jobs.enqueue("test.counted", label="Import", by=officer, programme_id=programme.pk, upto=3)

    assert (row.state, row.arguments) == ("waiting", {"upto": 3})
    assert ProcrastinateJob.objects.get().args == {"job_id": row.pk}


def test_a_job_that_ends_says_what_it_did(programme, officer):
    row = jobs.run(a_job(programme, officer, name="test.counted", arguments={"upto": 3}))

    assert (row.state, row.result["message"]) == ("done", "3 lignes")
    assert row.started_at <= row.finished_at


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_progress_shows_before_the_job_ends(transactional_db):
    programme = a_programme()
    row = a_job(programme, a_user("me_officer", programme))
    progress = jobs.Progress(row)

    progress(40, 100)

    row.refresh_from_db()
    assert (row.done, row.total) == (40, 100)
    progress.close()


def test_a_refusal_is_the_reason_shown_in_the_person_s_language(programme, officer):
    row = jobs.run(a_job(programme, officer, name="test.refused"))

    assert (row.state, row.reason) == ("failed", "Le fichier « a.csv » est vide.")


@pytest.mark.parametrize(
    ("name", "said"), [("test.refused", "The file “a.csv” is empty."), ("test.broken", "An unexpected error")]
)
def test_why_it_failed_is_said_in_the_language_of_whoever_reads(client, programme, officer, name, said):
    row = jobs.run(a_job(programme, officer, name=name))
    officer.language = "en"
    officer.save()
    client.force_login(officer)

    pages = [client.get(reverse("core:job-detail", args=[row.pk])), client.get(reverse("core:job-list"))]
    assert all(said in page.content.decode() for page in pages)


def test_a_fault_says_nothing_of_what_it_held(programme, officer, caplog):
    row = jobs.run(a_job(programme, officer, name="test.broken"))

    assert row.state == "failed" and "secret" not in row.reason and row.reason


@pytest.mark.parametrize("name", ["test.full", "test.copied"])
def test_a_full_disk_is_said_with_its_remedy(programme, officer, name):
    row = jobs.run(a_job(programme, officer, name=name))

    assert row.state == "failed" and row.reason == jobs.NO_ROOM


def test_only_a_failed_job_is_tried_again(programme, officer):
    failed = a_job(programme, officer, state="failed", reason="x", done=5)

    jobs.retry(job=failed, by=officer)

    row = Job.objects.get(pk=failed.pk)
    assert (row.state, row.reason, row.done) == ("waiting", "", 0)
    with pytest.raises(Refused):
        jobs.retry(job=row, by=officer)


@pytest.mark.parametrize(("state", "status"), [("running", "doing"), ("waiting", "doing"), ("running", "failed")])
def test_a_job_that_nobody_does_any_more_is_said_to_have_failed(programme, officer, state, status):
    row = queued(programme, officer)
    Job.objects.filter(pk=row.pk).update(state=state)
    hand_over(row, status)

    jobs.fail_interrupted(0)

    row.refresh_from_db()
    assert row.state == "failed" and "relancez" in row.reason
    again = jobs.retry(job=row, by=officer)
    jobs.fail_interrupted(0)
    again.refresh_from_db()
    assert again.state == "waiting"


def test_a_job_that_waits_or_that_a_living_worker_does_goes_on(programme, officer):
    waiting, tried_again, running = (queued(programme, officer) for _n in range(3))
    hand_over(tried_again, "doing")
    jobs.run_queued.defer(job_id=tried_again.pk)
    hand_over(running, "doing", a_worker())
    Job.objects.filter(pk=running.pk).update(state="running")

    jobs.fail_interrupted(0)

    states = [Job.objects.get(pk=row.pk).state for row in (waiting, tried_again, running)]
    assert states == ["waiting", "waiting", "running"]


def queued(programme, officer):
    return jobs.enqueue("test.counted", label="Import", by=officer, programme_id=programme.pk, upto=3)


def a_worker():
    with connection.cursor() as cursor:
        cursor.execute("insert into procrastinate_workers default values returning id")
        return cursor.fetchone()[0]


def hand_over(row, status, worker=None):
    """Put a queued job in the hands of a worker: one that is gone, unless it is given."""
    with connection.cursor() as cursor:
        cursor.execute(
            "update procrastinate_jobs set status = %s, worker_id = %s where args->>'job_id' = %s",
            [status, worker, str(row.pk)],
        )


def test_the_worker_knows_the_task_without_any_page_loaded():
    assert "jalons.run" in procrastinate_app.tasks


def test_a_job_is_followed_and_tried_again_from_its_page(client, programme, officer):
    row = a_job(programme, officer, state="failed", reason="Ligne 12")
    client.force_login(officer)
    page = client.get(reverse("core:job-detail", args=[row.pk]))
    assert "Ligne 12" in page.content.decode() and page.context["actions"]

    client.post(reverse("core:job-retry", args=[row.pk]))

    fragment = client.get(reverse("core:job-detail", args=[row.pk]), headers={"hx-request": "true"}).content.decode()
    assert "<html" not in fragment and "every 2s" in fragment


def test_who_may_not_see_submissions_does_not_see_which_files_of_them_came_in(programme, officer):
    received = a_job(programme, officer, name="submissions.receive", label="Import de suivi_amzil.xlsx")
    measured = a_job(programme, officer, name="measurement.measure")

    assert list(Job.objects.for_user(a_user("funder", programme))) == [measured]
    assert set(Job.objects.for_user(a_user("project_manager", programme))) == {received, measured}
    assert set(Job.objects.for_user(officer)) == {received, measured}
