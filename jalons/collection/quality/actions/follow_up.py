"""Spot checks drawn and marked; partners asked, once a day, for what is missing."""

import secrets
from collections.abc import Iterable

from django.utils import timezone
from django.utils.timezone import localdate
from django.utils.translation import gettext, override

from jalons.collection.forms.models import Form
from jalons.collection.quality import sheets, timeliness
from jalons.collection.quality.actions.telling import send
from jalons.collection.quality.models import Expectation, Reminder, Sample, SampleItem
from jalons.collection.quality.rules.sampling import Drawing, draw
from jalons.collection.submissions.models import Submission
from jalons.core.actions import action
from jalons.core.errors import Refused, _
from jalons.core.levels import Level
from jalons.foundation.accounts.models import User
from jalons.foundation.partners.models import Contact

NOT_A_VERIFIER = _("Cette personne ne voit pas les soumissions de ce programme.")
NOT_YOURS = _("Cette contre-vérification est confiée à une autre personne.")
OWN = _("Vous avez collecté ou importé cette soumission : une autre personne doit la vérifier.")
NO_NOTES = _("Dites ce qui diffère.")
NOTHING = _("Rien ne manque : il n’y a pas de relance à faire.")
TODAY = _("Ce partenaire a déjà été relancé aujourd’hui.")


@action("sample.drawn", needs=Level.DECIDE)
def draw_sample(*, form: Form, drawing: Drawing, assigned_to: User, by: User, seed: int | None = None) -> Sample:
    """Draw submissions at random, for someone else to verify again. The seed draws the same ones from the same list.

    What the verifier collected or brought in, or may not see, is left out of the draw.
    """
    if not form.is_open_to(assigned_to, Level.EDIT, app="quality"):
        raise Refused(NOT_A_VERIFIER, field="assigned_to")
    rows = Submission.objects.for_user(by, Level.DECIDE, app="quality").filter(form=form)
    open_to = Submission.objects.for_user(assigned_to, Level.EDIT, app="quality").filter(form=form)
    rows = rows.filter(pk__in=open_to.values("pk")).exclude(state__in=sheets.GONE).exclude(author=assigned_to)
    rows = rows.filter(collected_on__gte=drawing.since) if drawing.since else rows
    rows = rows.filter(collected_on__lte=drawing.until) if drawing.until else rows
    population = list(rows.order_by().values_list("pk", drawing.each or "form"))
    seed = secrets.randbelow(2**31) if seed is None else seed
    chosen = draw(population, drawing, seed)
    sample = Sample.objects.create(
        form=form, seed=seed, population=len(population), assigned_to=assigned_to, **drawing._asdict()
    )
    SampleItem.objects.bulk_create(SampleItem(sample=sample, submission_id=key) for key in chosen)
    return sample


@action("sampleitem.verified", needs=Level.EDIT)
def mark(*, sampleitem: SampleItem, outcome: str, notes: str, by: User) -> SampleItem:
    """Say whether what is found again agrees with a submission."""
    item = (
        SampleItem.objects.select_for_update(of=("self",)).select_related("sample", "submission").get(pk=sampleitem.pk)
    )
    if by.pk != item.sample.assigned_to_id and not item.is_open_to(by, Level.DECIDE):
        raise Refused(NOT_YOURS)
    if item.submission.author_id == by.pk:
        raise Refused(OWN)
    if outcome == SampleItem.Outcome.DIFFERS and not notes.strip():
        raise Refused(NO_NOTES, field="notes")
    item.outcome, item.notes, item.seen_by, item.seen_at = outcome, notes.strip(), by, timezone.now()
    item.save(update_fields=["outcome", "notes", "seen_by", "seen_at", "updated_at"])
    sample = Sample.objects.select_for_update(of=("self",)).get(pk=item.sample_id)  # two last ones at once
    if not sample.items.filter(outcome=SampleItem.Outcome.PENDING).exists():
        Sample.objects.filter(pk=sample.pk).update(state=Sample.State.DONE)
    return item


@action("expectation.reminded", needs=Level.EDIT)
def remind(*, expectation: Expectation, by: User) -> Reminder:
    """Ask a partner for what is missing: kept, and written to its people when mail is set up. Once a day."""
    expectation = Expectation.objects.select_for_update(of=("self",)).get(pk=expectation.pk)
    received = timeliness.received([expectation.pk]).get(expectation.pk, timeliness.NOTHING)
    missing = expectation.count - received["received"]
    if missing <= 0:
        raise Refused(NOTHING)
    if expectation.reminders.filter(day=localdate()).exists():
        raise Refused(TODAY)
    left = sum(_write(expectation, missing, address, language) for address, language in _people(expectation))
    return Reminder.objects.create(expectation=expectation, by=by, day=localdate(), missing=missing, recipients=left)


def _people(expectation: Expectation) -> Iterable[tuple[str, str]]:
    """The accounts of the partner in this programme, else its contacts; without a partner, nobody."""
    where = {"organisation": expectation.organisation_id, "programme": expectation.form.programme_id}
    if not expectation.organisation_id:
        return []
    accounts = User.objects.filter(
        is_active=True, memberships__organisation=where["organisation"], memberships__programme=where["programme"]
    )
    people = sorted(set(accounts.values_list("email", "language")))
    contacts = Contact.objects.filter(**where).exclude(email="")
    return people or sorted({(address, "fr") for address in contacts.values_list("email", flat=True)})


def _write(expectation: Expectation, missing: int, address: str, language: str) -> int:
    with override(language):
        told = {"form": expectation.form, "period": expectation.period, "n": missing, "count": expectation.count}
        text = gettext("« %(form)s », %(period)s : %(n)s soumissions manquent sur les %(count)s attendues. Merci de "
                       "les envoyer, ou de dire pourquoi elles manquent.") % told  # fmt: skip
        return send(gettext("Jalons : des données sont attendues"), text, [address])
