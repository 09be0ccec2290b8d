"""What is too long for a page: background work that calls an action."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app as procrastinate_app

from jalons.collection.submissions import actions
from jalons.collection.submissions.models import Batch, Rereading
from jalons.core.jobs import Progress, job
from jalons.foundation.accounts.models import User


@job("submissions.receive")
def receive(*, progress: Progress, by: User, batch: int) -> dict[str, Any]:
    """Bring a batch in."""
    done = actions.receive(batch=Batch.objects.get(pk=batch), by=by, progress=progress)
    message = _("%(received)s reçues, %(updated)s modifiées, %(unchanged)s inchangées, %(refused)s refusées.")
    if done.report["aside"]:
        message += " " + _("%(aside)s laissées à corriger.")
    return {"message": message % done.report, "url": reverse("submissions:batch-detail", args=[batch])}


@job("submissions.reread")
def reread(*, progress: Progress, by: User, rereading: int) -> dict[str, Any]:
    """Read the submissions of a form again."""
    done = actions.reread(rereading=Rereading.objects.get(pk=rereading), by=by, progress=progress)
    message = _("%(read)s soumissions relues, %(changed)s changées, %(reopened)s à revoir de nouveau.")
    return {"message": message % done.report, "url": reverse("submissions:rereading-detail", args=[rereading])}


@procrastinate_app.periodic(cron="* * * * * */3")  # croniter: seconds come last
@procrastinate_app.task(name="submissions.bring_in", lock="submissions.bring_in", queueing_lock="submissions.bring_in")
def bring_in(timestamp: int) -> None:
    """Bring in what phones sent, a few seconds after it was acknowledged."""
    actions.bring_in()
