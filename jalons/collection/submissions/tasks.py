"""What is too long for a page: background work that calls an action."""

from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app as procrastinate_app

from jalons.collection.forms.models import Form
from jalons.collection.submissions import actions, telling
from jalons.collection.submissions.models import Batch, Connection, Export, Rereading, Tie
from jalons.core.jobs import Progress, job
from jalons.core.models import Job
from jalons.foundation.accounts.models import User


@job("submissions.receive")
def receive(*, progress: Progress, by: User, batch: int) -> dict[str, Any]:
    """Bring a batch in."""
    done = actions.receive(batch=Batch.objects.get(pk=batch), by=by, progress=progress)
    message = _("%(received)s reçues, %(updated)s modifiées, %(unchanged)s inchangées, %(refused)s refusées.")
    if done.report["aside"]:
        message += " " + _("%(aside)s laissées à corriger.")
    return {"message": message % done.report, "url": reverse("submissions:batch-detail", args=[batch])}


@job("submissions.annotate")
def annotate(*, progress: Progress, by: User, batch: int, every: bool, told: dict[str, Any]) -> dict[str, Any]:
    """Make the workbook of what is to be corrected in a long file."""
    row = Batch.objects.select_related("form__programme", "form_version").get(pk=batch)
    kept = actions.annotate(batch=row, every=every, told=told, by=by, progress=progress)
    url = reverse("submissions:batch-annotated", args=[batch, progress.job.pk])
    return {"message": _("Le classeur est prêt."), "url": url, "sha256": kept}


@job("submissions.reread")
def reread(*, progress: Progress, by: User, rereading: int) -> dict[str, Any]:
    """Read the submissions of a form again."""
    done = actions.reread(rereading=Rereading.objects.get(pk=rereading), by=by, progress=progress)
    message = _("%(read)s soumissions relues, %(changed)s changées, %(reopened)s à revoir de nouveau.")
    return {"message": message % done.report, "url": reverse("submissions:rereading-detail", args=[rereading])}


@job("submissions.export")
def export(*, progress: Progress, by: User, export: int) -> dict[str, Any]:
    """Make a file of answers."""
    actions.make_export(export=Export.objects.get(pk=export), by=by, progress=progress)
    return {"message": _("Le fichier est prêt."), "url": reverse("submissions:export-detail", args=[export])}


@procrastinate_app.periodic(cron="23 * * * *")
@procrastinate_app.task(name="submissions.sweep_exports", queueing_lock="submissions.sweep_exports")
def sweep_exports(timestamp: int) -> None:
    """Erase the exports whose day has come."""
    actions.sweep_exports()


@procrastinate_app.periodic(cron="* * * * * */3")  # croniter: seconds come last
@procrastinate_app.task(name="submissions.bring_in", lock="submissions.bring_in", queueing_lock="submissions.bring_in")
def bring_in(timestamp: int) -> None:
    """Bring in what phones sent, a few seconds after it was acknowledged."""
    actions.bring_in()


@job("submissions.pull", in_steps=True)
def pull(*, progress: Progress, by: User, tie: int) -> dict[str, Any]:
    """Pull a project of another server, its whole list, with the rights of who gave its access."""
    row = Tie.objects.select_related("connection__by", "connection__programme", "form__programme").get(pk=tie)
    done = actions.pull_asked(row, progress)
    message = _(
        "%(received)s reçues, %(updated)s modifiées, %(unchanged)s inchangées, %(refused)s refusées, "
        "%(gone)s supprimées là-bas, %(files)s fichiers, %(sent)s corrections et %(told)s avis envoyés."
    )
    return {"message": message % vars(done), "url": reverse("submissions:tie-detail", args=[tie])}


@job("submissions.deploy", in_steps=True)
def deploy(*, progress: Progress, by: User, connection: int, form: int, project: str) -> dict[str, Any]:
    """Open a form to collection on another server."""
    there = Connection.objects.get(pk=connection)
    tie = actions.deploy(connection=there, form=Form.objects.get(pk=form), project=project, by=by)
    return {"message": _("Formulaire déployé."), "url": reverse("submissions:tie-detail", args=[tie.pk])}


@procrastinate_app.periodic(cron="* * * * *")
@procrastinate_app.task(name="submissions.pull_due", lock="submissions.pull_due", queueing_lock="submissions.pull_due")
def pull_due(timestamp: int) -> None:
    """Pull from the servers whose turn has come, one after the other, unless a person's own pull runs."""
    running = Job.objects.filter(name="submissions.pull", state__in=(Job.State.WAITING, Job.State.RUNNING))
    due = Connection.objects.filter(state=Connection.State.OPEN, next_at__lte=timezone.now(), ties__state="open")
    for connection in due.select_related("by", "programme").distinct() if not running.exists() else ():
        actions.pull_all(connection)


@procrastinate_app.periodic(cron="* * * * * */5")
@procrastinate_app.task(name="submissions.tell_all", lock="submissions.tell_all", queueing_lock="submissions.tell_all")
def tell_all(timestamp: int) -> None:
    """Tell other programs what happened to submissions, a few seconds after it did."""
    telling.tell_all()
