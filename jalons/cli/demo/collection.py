"""What the demonstration receives: forms opened to collection, files brought in, submissions reviewed by others."""

from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from jalons.cli.demo.content import read
from jalons.cli.demo.deliveries import Delivery
from jalons.cli.demo.forms import titles, workbook
from jalons.cli.demo.foundation import person
from jalons.collection.forms import actions as forms
from jalons.collection.forms.models import Form
from jalons.collection.submissions import actions as submissions
from jalons.collection.submissions.models import Flag, Submission
from jalons.core.levels import Level
from jalons.foundation.accounts.models import User
from jalons.foundation.programmes.models import Programme

REVIEWED_UNTIL = date(2026, 10, 31)  # what came later still waits
LINKED = "feuille_presence"  # what associations without an account fill too
REASONS = {
    Flag.Check.CONSTRAINT: "Une réponse sort des bornes : vérifiez-la auprès de la personne et renvoyez la fiche.",
    Flag.Check.DATE: "La date manque ou n’existe pas : complétez-la d’après la feuille signée.",
    Flag.Check.DUPLICATE: "Cette fiche est déjà arrivée sous un autre identifiant.",
}


def open_forms(wanted: set[tuple[str, str]]) -> None:
    """Bring each form into each programme that uses it, declare its questions and open it to collection."""
    for programme, code in sorted(wanted):
        by = officer(programme)
        version = forms.import_form(
            programme=Programme.objects.get(code=programme), data=workbook(code), file_name=f"{code}.xlsx", by=by
        )
        forms.declare(form=version.form, roles=read("senders")["declared"][code], title=titles(code), by=by)
        form = forms.publish(form=version.form, by=by)
        if code == LINKED:
            until = timezone.localdate() + timedelta(days=90)
            submissions.open_link(form=form, name="Associations sans compte", expires_on=until, most_a_day=200, by=by)


def officer(programme: str) -> User:
    """Who keeps the monitoring of a programme."""
    return person(read("senders")["officers"][programme])


def receive(delivery: Delivery) -> None:
    """Bring one file in, as the person who holds it would."""
    form = Form.objects.get(programme__code=delivery.programme, code=delivery.form)
    version = form.versions.get()
    importer = read("senders")["importers"][delivery.programme][delivery.sender]
    submissions.receive_batch(form=form, file=delivery.content(version), name=delivery.name, by=person(importer))


def review(programme: str) -> None:
    """Each reviewer accepts what is sound in their scope, and sends back part of what is not."""
    for reviewer in map(person, read("senders")["reviewers"][programme]):
        for form in Form.objects.filter(programme__code=programme):
            waiting = _waiting(form, reviewer).filter(collected_on__lte=REVIEWED_UNTIL)
            _accept(form, waiting.filter(flag_count=0), reviewer)
            for check, reason in REASONS.items():
                _send_back(form, _waiting(form, reviewer).filter(flags__check_code=check), reason, reviewer)
            _accept(form, waiting.filter(flags__check_code__in=[Flag.Check.CHOICE, Flag.Check.TYPE]), reviewer)


def _waiting(form: Form, reviewer: User) -> Any:
    """What this person may decide on and did not write."""
    mine = Submission.objects.for_user(reviewer, Level.DECIDE).filter(form=form, state=Submission.State.RECEIVED)
    return mine.exclude(author=reviewer)


def _accept(form: Form, found: Any, by: User) -> None:
    if keys := list(found.values_list("pk", flat=True).distinct()):
        submissions.validate_all(form=form, submissions=Submission.objects.filter(pk__in=keys), by=by)


def _send_back(form: Form, found: Any, reason: str, by: User) -> None:
    """Two out of three; the others still wait for a decision."""
    if keys := [pk for pk in found.values_list("pk", flat=True).distinct() if pk % 3]:
        submissions.reject_all(form=form, submissions=Submission.objects.filter(pk__in=keys), reason=reason, by=by)
