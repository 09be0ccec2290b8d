"""Background work that a person can follow: progress, reason of a failure, retry.

A domain registers a function in its tasks.py with `@job("app.verb")`; it receives `progress` and `by`, calls an
action, and returns what the page shows at the end: {"message": …, "url": …}.
"""

import logging
from collections.abc import Callable
from datetime import timedelta
from functools import cached_property
from typing import Any

from django.db import OperationalError, connection
from django.db.models import Q
from django.utils import timezone, translation
from procrastinate.contrib.django import app as procrastinate_app
from procrastinate.contrib.django.models import ProcrastinateJob

from jalons.core.actions import action
from jalons.core.errors import Refused, _
from jalons.core.levels import Level
from jalons.core.models import Job
from jalons.core.refusals import refusal_text

log = logging.getLogger(__name__)
SILENCE = timedelta(minutes=2)  # a live worker says so every ten seconds
REGISTRY: dict[str, Callable] = {}
INTERRUPTED = _("Le travail a été interrompu par un arrêt. Rien n’a été fait à moitié : relancez-le.")
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


def job(name: str) -> Callable:
    """Register a function as background work under a stable name."""

    def register(function: Callable) -> Callable:
        REGISTRY[name] = function
        return function

    return register


def enqueue(name: str, *, label: str, by: Any, programme_id: int | None, **arguments: Any) -> Job:
    """Queue a job; it starts as soon as a worker is free. Arguments must be JSON."""
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
    run(Job.objects.select_related("by").get(pk=job_id))


@procrastinate_app.periodic(cron="* * * * *")
@procrastinate_app.task(name="jalons.fail_interrupted", queueing_lock="jalons.fail_interrupted")
def fail_interrupted(timestamp: int) -> None:
    """Say of a job whose worker died that it failed, so that a person can try again."""
    silent = Q(worker=None) | Q(worker__last_heartbeat__lt=timezone.now() - SILENCE)
    doing = ProcrastinateJob.objects.filter(task_name="jalons.run", status="doing")
    lost, alive = ({found.args["job_id"] for found in doing.filter(which)} for which in (silent, ~silent))
    Job.objects.filter(pk__in=lost - alive, state=Job.State.RUNNING).update(
        state=Job.State.FAILED, finished_at=timezone.now(),
        reason=INTERRUPTED,
    )  # fmt: skip


def run(row: Job) -> Job:
    """Run a job now and keep its outcome. A refusal or a fault becomes the reason that its page shows."""
    row.state, row.started_at = Job.State.RUNNING, timezone.now()
    row.save(update_fields=["state", "started_at", "updated_at"])
    progress = Progress(row)
    with translation.override(row.by.language):
        try:
            row.result = REGISTRY[row.name](progress=progress, by=row.by, **row.arguments) or {}
            row.state = Job.State.DONE
        except Refused as refusal:
            row.state, row.reason = Job.State.FAILED, refusal_text(refusal)
            row.result = {"refused": refusal.message, "values": _plain(refusal.values)}
        except Exception:
            log.exception("job %s failed", row.pk)
            row.state = Job.State.FAILED
            row.reason = UNFORESEEN
        finally:
            progress.close()
    row.finished_at = timezone.now()
    row.save(update_fields=["state", "reason", "result", "finished_at", "updated_at"])
    return row


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    """What fills the places of a refusal, as JSON keeps it."""
    return {name: value if isinstance(value, int | float) else str(value) for name, value in values.items()}
