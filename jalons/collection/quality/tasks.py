"""Checks in the background: seconds after something came in, every night, and when a person asks."""

from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app as procrastinate_app

from jalons.collection.forms.models import Form
from jalons.collection.quality import actions, watching
from jalons.core.jobs import Progress, job
from jalons.foundation.accounts.models import User


@job("quality.check")
def check(*, progress: Progress, by: User, form: int) -> dict[str, Any]:
    """Apply all checks of a form again, as a person asked."""
    found = actions.check_form(form=Form.objects.get(pk=form), by=by, progress=progress)
    message = _("%(read)s soumissions contrôlées, %(found)s signalements nouveaux.")
    return {"message": message % found.checked, "url": f"{reverse('quality:flag-list')}?form={form}"}


@procrastinate_app.periodic(cron="* * * * * */5")  # croniter: seconds come last
@procrastinate_app.task(name="quality.check_new", lock="quality.check_new", queueing_lock="quality.check_new")
def check_new(timestamp: int) -> None:
    """Check what came in, a few seconds after."""
    watching.check_new()


@procrastinate_app.periodic(cron="20 2 * * *")
@procrastinate_app.task(name="quality.nightly", lock="quality.nightly", queueing_lock="quality.nightly")
def nightly(timestamp: int) -> None:
    """Apply again the checks whose findings depend on the other submissions, then tell who waits."""
    for form in Form.objects.filter(checks__isnull=False).distinct():
        with transaction.atomic():
            watching.check_all(form, [c for c in watching.in_force(form) if c.kind in watching.SHIFTING])
    actions.tell()
