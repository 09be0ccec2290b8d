"""Submissions that another program sends or corrects: in at once, or refused in words."""

from collections.abc import Mapping
from typing import Any

from jalons.collection.forms.models import Form
from jalons.collection.forms.queries import latest_version
from jalons.collection.submissions import moments
from jalons.collection.submissions.intake import Intake
from jalons.collection.submissions.known import Scope
from jalons.collection.submissions.mending import changes_of, composed, mended
from jalons.collection.submissions.models import Batch, Submission, SubmissionVersion
from jalons.collection.submissions.reading import Record, Refusal, Versions, read_instance
from jalons.collection.submissions.rules.review import check_reason
from jalons.core.actions import action
from jalons.core.errors import Refused, _
from jalons.core.levels import Level
from jalons.foundation.accounts.models import User

NOT_OPEN = _("Ce formulaire n’est pas ouvert à la collecte.")
NOT_A_VERDICT = _("Une revue valide ou rejette.")
SAME_NAME = _("Une autre fiche porte déjà cet identifiant. Pour la corriger, modifiez-la.")
MOVED_ON = _("Cette soumission a changé depuis : relisez-la, puis corrigez.")


class Contradicts(Refused):
    """What is sent contradicts what is known."""


@action("submission.sent", needs=Level.EDIT)
def send(*, form: Form, answers: Mapping[str, Any], version: str, instance_id: str, by: User) -> Submission:
    """Bring one submission in, with the rights and as the work of who sends it. The same again changes nothing.

    Error: Contradicts when its identifier is that of another content; Refused when it cannot be read or placed.
    """
    if form.state != Form.State.PUBLISHED:
        raise Refused(NOT_OPEN)
    moments.receive_alone(form.pk)
    versions = Versions(form, latest_version(form))
    content = composed(form.code, version, versions.named(version), answers, instance_id)
    record = read_instance("", content, versions)
    if isinstance(record, Refusal):
        raise Refused(record.message, **record.values)
    before = SubmissionVersion.objects.filter(submission__form=form, instance_id=record.instance_id)
    if known := before.exclude(submission__state="withdrawn").select_related("submission").first():
        if bytes(known.content) != content or not known.submission.is_open_to(by, Level.EDIT):
            raise Contradicts(SAME_NAME)
        return known.submission
    _bring(record, versions, by)
    return Submission.objects.get(form=form, versions__instance_id=record.instance_id)


@action("submission.amended", needs=Level.EDIT)
def amend(*, submission: Submission, answers: Mapping[str, Any], version: int, reason: str, by: User) -> Submission:
    """Correct some answers: a new version, to review, which says why. `version` is the one that was read."""
    check_reason(reason)
    held = Submission.objects.select_for_update(of=("self",)).select_related("form").get(pk=submission.pk)
    if held.version != version:
        raise Contradicts(MOVED_ON)
    moments.receive_alone(held.form_id)
    latest = held.current
    versions = Versions(held.form, latest_version(held.form))
    ready = versions.by_key[latest.form_version_id]
    changes = changes_of(answers, latest, ready)
    _bring(mended(latest, ready, changes, reason), versions, by)
    held.refresh_from_db()
    return held


def _bring(record: Record, versions: Versions, by: User) -> None:
    """Bring one record in, or say why not."""
    form = versions.form
    intake = Intake(Batch(form=form), versions, Scope(form, by), moments.hold([form.programme_id]))
    for _done in intake.run([record]):
        pass
    for entry in intake.refused:
        raise Refused(entry["message"], **entry["values"])
