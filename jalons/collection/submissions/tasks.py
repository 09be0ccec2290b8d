"""Imports too large for a page: background work that calls the action."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from jalons.collection.submissions import actions
from jalons.collection.submissions.models import Batch
from jalons.core.jobs import Progress, job
from jalons.foundation.accounts.models import User


@job("submissions.receive")
def receive(*, progress: Progress, by: User, batch: int) -> dict[str, Any]:
    """Bring a batch in."""
    done = actions.receive(batch=Batch.objects.get(pk=batch), by=by, progress=progress)
    message = _("%(received)s reçues, %(updated)s modifiées, %(unchanged)s inchangées, %(refused)s refusées.")
    return {"message": message % done.report, "url": reverse("submissions:batch-detail", args=[batch])}
