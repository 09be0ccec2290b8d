"""What phones sent comes in; devices are opened, closed, and given new credentials."""

import logging
import secrets
from collections.abc import Iterable, Sequence

from django.db import InterfaceError, OperationalError, connection

from jalons.collection.forms.models import Form
from jalons.collection.submissions import known, moments
from jalons.collection.submissions.intake import Intake
from jalons.collection.submissions.known import Scope
from jalons.collection.submissions.models import Arrival, Batch, Device
from jalons.collection.submissions.reading import Record, Refusal, Versions, read_instance
from jalons.collection.submissions.rules import openrosa
from jalons.collection.submissions.rules.review import check_reason
from jalons.core.actions import action
from jalons.core.errors import Refused, _
from jalons.core.levels import Level
from jalons.foundation.accounts.models import Grant, User
from jalons.foundation.programmes.models import Programme

log = logging.getLogger(__name__)
HANDFUL = 400
TAKEN = """
update submissions_arrival a
   set state = %s, content = null, reason = '{}', submission_id = t.submission, updated_at = now()
  from unnest(%s::bigint[], %s::bigint[]) as t (arrival, submission) where a.id = t.arrival
"""
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # read aloud and typed on a phone
UNFORESEEN = _("Une erreur imprévue l’a empêchée d’entrer. Signalez-la ; rien n’est perdu.")
CLOSED = _("La personne à qui l’appareil est confié n’a plus le droit d’envoyer des soumissions dans ce programme.")
NOT_ASIDE = _("Cette arrivée n’attend plus de décision.")
NOT_A_SENDER = _("Cette personne ne peut pas envoyer de soumissions dans ce programme : donnez-lui d’abord un rôle.")
NOT_A_PHONE = _("Ce n’est pas un téléphone : il n’a pas de code QR à donner.")
BEYOND = _("Cette personne envoie pour plus que votre région ou votre organisation : choisissez-en une qui s’y limite.")


def bring_in() -> int:
    """Bring in all that waits, form by form and person by person; how many arrivals were dealt with.

    One that fails is set aside with its reason, and does not keep the others waiting.
    """
    count = 0
    waiting = Arrival.objects.filter(state=Arrival.State.WAITING)
    for form, holder in waiting.values_list("form", "device__holder").distinct().order_by("form"):
        mine = waiting.filter(form=form, device__holder=holder).order_by("pk")
        while keys := list(mine.values_list("pk", flat=True)[:HANDFUL]):
            _bring(Form.objects.select_related("programme").get(pk=form), User.objects.get(pk=holder), keys)
            count += len(keys)
    return count


def _bring(form: Form, by: User, keys: Sequence[int]) -> None:
    if Scope(form, by).is_closed:
        _set_aside(keys, CLOSED)
        return
    try:
        take_in(form=form, keys=keys, by=by)
    except Exception as fault:
        if _is_away(fault):
            raise  # they wait
        if len(keys) == 1:
            log.exception("arrival %s did not come in", keys[0])
            _set_aside(keys, UNFORESEEN)
        else:
            for key in keys:
                _bring(form, by, [key])


def _is_away(fault: Exception) -> bool:
    """Whether PostgreSQL is away or full, rather than unable to hold what was sent.

    Source: PostgreSQL error codes, class 54: program limit exceeded.
    """
    code = getattr(fault.__cause__, "sqlstate", None) or ""
    return isinstance(fault, (OperationalError, InterfaceError)) and not code.startswith("54")


def _set_aside(keys: Iterable[int], message: str) -> None:
    reason = {"message": message, "values": {}}
    Arrival.objects.filter(pk__in=keys).update(state=Arrival.State.ASIDE, reason=reason)


@action("arrivals.taken", needs=Level.EDIT)
def take_in(*, form: Form, keys: Sequence[int], by: User, admitted: bool = False) -> Form:
    """Store, check and project what a person's phones sent for a form, in the order in which it came.

    What cannot be read, or is not for this person to bring, is set aside with its reason.
    admitted: a person decided it, of what had been set aside or contradicts what is known.
    """
    moments.receive_alone(form.pk)
    now = moments.hold([form.programme_id])
    rows = Arrival.objects.select_for_update(of=("self",)).select_related("device").filter(pk__in=keys, form=form)
    open_rows = [row for row in rows.order_by("pk") if row.content and row.state != Arrival.State.DISMISSED]
    latest = form.versions.order_by("-number").first()
    versions = Versions(form, latest)
    read = [(row, _read(row, versions)) for row in open_rows]
    intake = Intake(Batch(form=form), versions, Scope(form, by), now)
    for _done in intake.run(found for _row, found in read):
        pass
    _close(form, read, {entry["place"]: entry for entry in intake.refused}, admitted)
    return form


def _read(row: Arrival, versions: Versions) -> Record | Refusal:
    found = read_instance(str(row.pk), bytes(row.content), versions)
    if isinstance(found, Record):
        found.is_public = row.device.kind == Device.Kind.LINK
    return found


def _close(form: Form, read: list[tuple[Arrival, Record | Refusal]], refused: dict[str, dict], admitted: bool) -> None:
    """Say of each arrival which submission it became, or why it did not."""
    found = known.of(form, [record for _row, record in read if isinstance(record, Record)])
    taken, left = [], []
    for row, record in read:
        if entry := refused.get(str(row.pk)):
            row.reason = {"message": entry["message"], "values": entry["values"]}
            row.state = row.state if admitted else Arrival.State.ASIDE
            left.append(row)
        else:
            taken.append((row.pk, found[id(record)].pk))
    Arrival.objects.bulk_update(left, ["state", "reason"])
    with connection.cursor() as cursor:
        keys, submissions = map(list, zip(*taken, strict=True)) if taken else ([], [])
        cursor.execute(TAKEN, [Arrival.State.ADMITTED if admitted else Arrival.State.IN, keys, submissions])


@action("arrival.admitted", needs=Level.DECIDE)
def admit(*, arrival: Arrival, by: User) -> Arrival:
    """Bring in what was set aside, with the rights of who decides it: a new version of what it names, to review."""
    arrival = _waiting_for_decision(arrival)
    take_in(form=arrival.form, keys=[arrival.pk], by=by, admitted=True)
    arrival.refresh_from_db()
    if arrival.state != Arrival.State.ADMITTED:
        raise Refused(arrival.reason["message"], **arrival.reason["values"])
    return arrival


@action("arrival.dismissed", needs=Level.DECIDE)
def dismiss(*, arrival: Arrival, reason: str, by: User) -> Arrival:
    """Leave out what was set aside. It is kept as received, unless it tells of someone forgotten."""
    check_reason(reason)
    arrival = _waiting_for_decision(arrival)
    if arrival.reason == known.GONE:
        arrival.content = b""
    arrival.state, arrival.reason = Arrival.State.DISMISSED, {"message": reason.strip(), "values": {}}
    arrival.save(update_fields=["state", "content", "reason", "updated_at"])
    return arrival


def _waiting_for_decision(arrival: Arrival) -> Arrival:
    row = Arrival.objects.select_for_update(of=("self",)).select_related("form__programme").get(pk=arrival.pk)
    if row.state not in Arrival.UNDECIDED:
        raise Refused(NOT_ASIDE)
    return row


# Devices


@action("device.opened", needs=Level.DECIDE)
def open_device(*, programme: Programme, name: str, holder: User, by: User) -> Device:
    """A new device, which sends as `holder`. Its credentials are on the returned row, this once: key, password."""
    _check_holder(programme, holder, by)
    device = Device(programme=programme, name=name, holder=holder, user_name=_letters(8))
    _give_credentials(device)
    device.save()
    return device


@action("device.renewed", needs=Level.DECIDE)
def renew_device(*, device: Device, by: User) -> Device:
    """New credentials: those of before open nothing any more."""
    _check_phone(device)
    _give_credentials(device)
    device.save(update_fields=["secret", "key", "updated_at"])
    return device


@action("device.retired", needs=Level.DECIDE)
def close_device(*, device: Device, by: User) -> Device:
    """Nothing more comes from a device that was lost or given back."""
    device.state = Device.State.CLOSED
    device.save(update_fields=["state", "updated_at"])
    return device


@action("device.reopened", needs=Level.DECIDE)
def reopen_device(*, device: Device, by: User) -> Device:
    """Let a device send again, with new credentials."""
    _check_phone(device)
    _check_holder(device.programme, device.holder, by)
    device.state = Device.State.OPEN
    _give_credentials(device)
    device.save(update_fields=["state", "secret", "key", "updated_at"])
    return device


def _check_phone(device: Device) -> None:
    """A browser and a link never sign as a phone, which reads every form of the programme."""
    if device.kind != Device.Kind.PHONE:
        raise Refused(NOT_A_PHONE)


def _check_holder(programme: Programme, holder: User, by: User) -> None:
    """Whoever prepares a device learns its credentials: it must not send beyond what they decide on themselves."""
    sends, decides = (
        [grant for grant in person.grants("submissions", level) if grant.programme_id == programme.pk]
        for person, level in ((holder, Level.EDIT), (by, Level.DECIDE))
    )
    if not sends:
        raise Refused(NOT_A_SENDER, field="holder")
    if not all(any(_lies_within(sent, own) for own in decides) for sent in sends):
        raise Refused(BEYOND, field="holder")


def _lies_within(one: Grant, other: Grant) -> bool:
    limits = ((one.region_id, other.region_id), (one.organisation_id, other.organisation_id))
    return all(limit in (None, own) for own, limit in limits)


def _give_credentials(device: Device) -> None:
    """Set the digests on the row, and what they come from beside them, never stored."""
    device.given_key, device.given_password = secrets.token_urlsafe(24), _letters(12)
    device.key = openrosa.key_digest(device.given_key)
    device.secret = openrosa.secret(device.user_name, device.given_password)


def _letters(count: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _n in range(count))
