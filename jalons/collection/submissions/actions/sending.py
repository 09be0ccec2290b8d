"""Submissions that another program sends or corrects: in at once, or refused in words."""

from collections.abc import Mapping
from typing import Any

from jalons.collection.forms.models import Form
from jalons.collection.submissions import moments
from jalons.collection.submissions.intake import Intake
from jalons.collection.submissions.known import Scope
from jalons.collection.submissions.models import Batch, Submission, SubmissionVersion
from jalons.collection.submissions.reading import ROW_TYPE, Ready, Refusal, Versions, read_instance
from jalons.collection.submissions.rules import instances, writing
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
def send(*, form: Form, content: bytes, by: User) -> Submission:
    """Bring one instance in, with the rights and as the work of who sends it. The same bytes again change nothing.

    Error: Contradicts when its identifier is that of another content; Refused when it cannot be read or placed.
    """
    if form.state != Form.State.PUBLISHED:
        raise Refused(NOT_OPEN)
    head = instances.header(instances.parse(content), content)
    moments.receive_alone(form.pk)
    before = SubmissionVersion.objects.filter(submission__form=form, instance_id=head.instance_id)
    if known := before.exclude(submission__state="withdrawn").select_related("submission").first():
        if bytes(known.content) != content or not known.submission.is_open_to(by, Level.EDIT):
            raise Contradicts(SAME_NAME)
        return known.submission
    record = read_instance("", content, Versions(form, form.versions.order_by("-number").first()))
    if isinstance(record, Refusal):
        raise Refused(record.message, **record.values)
    now = moments.hold([form.programme_id])
    intake = Intake(Batch(form=form), Versions(form, record.version.version), Scope(form, by), now)
    for _done in intake.run([record]):
        pass
    for entry in intake.refused:
        raise Refused(entry["message"], **entry["values"])
    return Submission.objects.get(form=form, versions__instance_id=head.instance_id)


@action("submission.amended", needs=Level.EDIT)
def amend(*, submission: Submission, answers: Mapping[str, Any], version: int, reason: str, by: User) -> Submission:
    """Correct some answers: a new version, to review, which says why. `version` is the one that was read."""
    check_reason(reason)
    held = Submission.objects.select_for_update(of=("self",)).select_related("form").get(pk=submission.pk)
    if held.version != version:
        raise Contradicts(MOVED_ON)
    latest = held.current
    identity = {"instanceID": writing.new_identity(), "deprecatedID": latest.instance_id, "reason": reason}
    send(form=held.form, content=_corrected(latest, answers, identity), by=by)
    held.refresh_from_db()
    return held


def _corrected(latest: SubmissionVersion, answers: Mapping[str, Any], identity: dict[str, str]) -> bytes:
    ready = Ready(latest.form_version)
    content = bytes(latest.content)
    if latest.media_type == ROW_TYPE or content.startswith(b"{"):  # came in a table, or from Kobo in JSON
        form, name = latest.form_version.form.code, latest.form_version.version
        content = writing.instance(form, name, latest.answers, {"instanceID": latest.instance_id})
    return writing.corrected(instances.parse(content), answers, ready.schema, identity)
