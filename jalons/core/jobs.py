"""Background work that a person can follow: progress, reason of a failure, retry.

A domain registers a function in its tasks.py with `@job("app.verb")`; it receives `progress` and `by`, calls an
action, and returns what the page shows at the end: {"message": …, "url": …}.
"""

import logging
from collections.abc import Callable
from functools import cached_property
from typing import Any

from django.db import connection
from django.utils import timezone
from procrastinate.contrib.django import app as procrastinate_app

from jalons.core.errors import Refused, _
from jalons.core.models import Job

log = logging.getLogger(__name__)
REGISTRY: dict[str, Callable] = {}


class Progress:
    """Where a job stands, written on a connection of its own so that it shows before the job's transaction ends."""

    def __init__(self, job: Job) -> None:
        self.job = job

    @cached_property
    def connection(self) -> Any:
        return connection.copy()

    def __call__(self, done: int, total: int | None = None) -> None:
        with self.connection.cursor() as cursor:
            cursor.execute("update core_job set done = %s, total = %s where id = %s", [done, total, self.job.pk])

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


def retry(row: Job) -> Job:
    """Queue a failed job again, with the same arguments."""
    if row.state != Job.State.FAILED:
        raise Refused(_("Seule une tâche échouée peut être relancée."))
    row.state, row.reason, row.done = Job.State.WAITING, "", 0
    row.save(update_fields=["state", "reason", "done", "updated_at"])
    run_queued.defer(job_id=row.pk)
    return row


@procrastinate_app.task(name="jalons.run")
def run_queued(job_id: int) -> None:
    run(Job.objects.select_related("by").get(pk=job_id))


def run(row: Job) -> Job:
    """Run a job now and keep its outcome. A refusal or a fault becomes the reason that its page shows."""
    row.state, row.started_at = Job.State.RUNNING, timezone.now()
    row.save(update_fields=["state", "started_at", "updated_at"])
    progress = Progress(row)
    try:
        row.result = REGISTRY[row.name](progress=progress, by=row.by, **row.arguments) or {}
        row.state = Job.State.DONE
    except Refused as refusal:
        row.state, row.reason = Job.State.FAILED, str(refusal)
    except Exception as fault:
        log.exception("job %s failed", row.pk)
        row.state, row.reason = Job.State.FAILED, f"{type(fault).__name__}"
    finally:
        progress.close()
    row.finished_at = timezone.now()
    row.save(update_fields=["state", "reason", "result", "finished_at", "updated_at"])
    return row
