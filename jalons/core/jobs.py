"""Background work that a person can follow: progress, reason of a failure, retry.

A domain registers a function in its tasks.py with `@job("app.verb")`; it receives `progress` and `by`, calls an
action, and returns what the page shows at the end: {"message": …, "url": …}.
"""

import logging
from collections.abc import Callable
from contextlib import nullcontext, suppress
from datetime import timedelta
from functools import cached_property
from typing import Any

import psycopg
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import Q
from django.utils import timezone, translation
from procrastinate.contrib.django import app as procrastinate_app
from procrastinate.contrib.django.models import ProcrastinateJob
from psycopg.errors import DiskFull

from jalons.core.actions import action
from jalons.core.errors import Refused, _
from jalons.core.levels import Level
from jalons.core.models import Job
from jalons.core.refusals import refusal_text

log = logging.getLogger(__name__)
SILENCE = timedelta(seconds=30)  # a live worker says so every ten
GONE = (OperationalError, InterfaceError, psycopg.OperationalError, psycopg.InterfaceError)
STOPPING = "57P"  # PostgreSQL, appendix A: it shuts down, crashed, or does not accept anyone yet
REGISTRY: dict[str, Callable] = {}
IN_STEPS: set[str] = set()
INTERRUPTED = _("Le travail a été interrompu par un arrêt. Rien n’a été fait à moitié : relancez-le.")
NO_DATABASE = _("La base de données s’est arrêtée pendant ce travail. Rien n’a été fait à moitié : relancez-le.")
NO_ROOM = _(
    "Le disque du serveur est plein. Rien n’a été fait à moitié : faites de la place, puis relancez ce travail."
)
UNFORESEEN = _("Une erreur imprévue a arrêté ce travail, sans rien laisser à moitié fait. Signalez-la.")


class Progress:
    """Where a job stands, written on a connection of its own so that it shows before the job's transaction ends."""

    def __init__(self, job: Job) -> None:
        self.job = job

    @cached_property
    def connection(self) -> Any:
        own = connection.copy()
        with own.cursor() as cursor:
            cursor.execute("set lock_timeout = '1s'")
        return own

    def __call__(self, done: int, total: int | None = None) -> None:
        try:
            with self.connection.cursor() as cursor:
                cursor.execute("update core_job set done = %s, total = %s where id = %s", [done, total, self.job.pk])
        except OperationalError:
            log.warning("progress of job %s not written", self.job.pk)

    def close(self) -> None:
        if "connection" in self.__dict__:
            self.connection.close()


def job(name: str, *, in_steps: bool = False) -> Callable:
    """Register a function as background work under a stable name.

    in_steps: each of its actions is whole by itself, and started again it goes on where it stopped. Else all or none.
    """

    def register(function: Callable) -> Callable:
        REGISTRY[name] = function
        if in_steps:
            IN_STEPS.add(name)
        return function

    return register


def enqueue(name: str, *, label: str, by: Any, programme_id: int | None, **arguments: Any) -> Job:
    """Queue a job; it starts as soon as a worker is free. Arguments must be JSON."""
    with transaction.atomic():
        row = Job.objects.create(name=name, label=label, by=by, programme_id=programme_id, arguments=arguments)
        run_queued.defer(job_id=row.pk)
    return row


@action("job.retried", needs=Level.EDIT)
def retry(*, job: Job, by: Any) -> Job:
    """Queue a failed job again, with the same arguments."""
    job = Job.objects.select_for_update(of=("self",)).get(pk=job.pk)
    if job.state != Job.State.FAILED:
        raise Refused(_("Seule une tâche échouée peut être relancée."))
    job.state, job.reason, job.result, job.done = Job.State.WAITING, "", {}, 0
    job.save(update_fields=["state", "reason", "result", "done", "updated_at"])
    run_queued.defer(job_id=job.pk)
    return job


@procrastinate_app.task(name="jalons.run")
def run_queued(job_id: int) -> None:
    if row := Job.objects.select_related("by").filter(pk=job_id, state=Job.State.WAITING).first():
        run(row)


@procrastinate_app.periodic(cron="* * * * *")
@procrastinate_app.task(name="jalons.fail_interrupted", queueing_lock="jalons.fail_interrupted")
def fail_interrupted(timestamp: int) -> None:
    """Say of a job that no living worker does nor will do that it failed, so that a person can try again."""
    open_jobs = Job.objects.filter(state__in=(Job.State.WAITING, Job.State.RUNNING))
    found = set(open_jobs.values_list("pk", flat=True))  # before the queue is read: what comes later is not lost
    kept = Q(status="todo") | Q(status="doing", worker__last_heartbeat__gte=timezone.now() - SILENCE)
    queue = ProcrastinateJob.objects.filter(kept, task_name="jalons.run")
    lost = found - {queued.args["job_id"] for queued in queue}
    open_jobs.filter(pk__in=lost).update(state=Job.State.FAILED, finished_at=timezone.now(), reason=INTERRUPTED)


def run(row: Job) -> Job:
    """Run a job now and keep its outcome. A refusal or a fault becomes the reason that its page shows."""
    row.state, row.started_at = Job.State.RUNNING, timezone.now()
    row.save(update_fields=["state", "started_at", "updated_at"])
    progress = Progress(row)
    with translation.override(row.by.language):
        try:
            # what is done and that it is done: both, or neither
            with nullcontext() if row.name in IN_STEPS else transaction.atomic():
                result = REGISTRY[row.name](progress=progress, by=row.by, **row.arguments)
                _end(row, Job.State.DONE, "", result or {})
        except Refused as refusal:
            kept = {"refused": refusal.message, "values": _plain(refusal.values)}
            _end(row, Job.State.FAILED, refusal_text(refusal), kept)
        except Exception as fault:
            reason = _reason(fault)
            log.error("job %s failed", row.pk, exc_info=reason == UNFORESEEN)
            with suppress(OperationalError, InterfaceError):  # still down: `fail_interrupted` says it, later
                _end(row, Job.State.FAILED, reason)
        finally:
            progress.close()
    return row


def _reason(fault: Exception) -> str:
    """What a fault is to the person who waits: the database stopped, its disk is full, or nobody foresaw it."""
    told = fault if isinstance(fault, psycopg.Error) else fault.__cause__  # COPY raises without Django
    code = getattr(told, "sqlstate", None)
    if code == DiskFull.sqlstate:
        return NO_ROOM
    is_gone = isinstance(fault, GONE) and (not code or code.startswith(STOPPING))
    return NO_DATABASE if is_gone else UNFORESEEN


def _end(row: Job, state: str, reason: str, result: dict[str, Any] | None = None) -> None:
    row.state, row.reason, row.result, row.finished_at = state, reason, result or {}, timezone.now()
    row.save(update_fields=["state", "reason", "result", "finished_at", "updated_at"])


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    """What fills the places of a refusal, as JSON keeps it."""
    return {name: value if isinstance(value, int | float) else str(value) for name, value in values.items()}
