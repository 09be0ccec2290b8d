"""Answers corrected after they came in, one by one or from a cleaning log: always a new version, to be reviewed."""

from collections.abc import Iterable
from typing import Any, BinaryIO

from django.db.models import F
from django.utils import timezone

from jalons.collection.forms.models import Form
from jalons.collection.forms.queries import latest_version
from jalons.collection.quality import log
from jalons.collection.quality.log import Line, Plan
from jalons.collection.quality.models import Correction, CorrectionFile
from jalons.collection.quality.rules.cleaning_log import MOVED, Entry
from jalons.collection.submissions import actions as submissions
from jalons.collection.submissions import moments
from jalons.collection.submissions.flags import count_flags
from jalons.collection.submissions.intake import Intake
from jalons.collection.submissions.known import Scope
from jalons.collection.submissions.mending import mended
from jalons.collection.submissions.models import Batch, Flag, Submission, SubmissionVersion
from jalons.collection.submissions.reading import Record, Versions
from jalons.collection.submissions.rules.asked import NO_CHANGE
from jalons.core import documents
from jalons.core.actions import action
from jalons.core.errors import Refused, _
from jalons.core.levels import Level
from jalons.foundation.accounts.models import User

CHUNK = 1 << 20
DONE = _("Ce journal est déjà appliqué. Pour recommencer, déposez-le à nouveau.")
NOTHING = _("Aucune ligne de ce journal ne peut être appliquée.")
MEANWHILE = _(
    "La réponse a changé entre-temps : elle est maintenant « %(now)s ». Relisez la fiche, puis corrigez-la si elle "
    "doit encore l’être."
)
MOST_TOLD = 500


@action("correctionfile.opened", needs=Level.EDIT)
def open_log(*, form: Form, file: BinaryIO, name: str, by: User) -> CorrectionFile:
    """Keep a cleaning log whole, once it is known to be one. Nothing of it is applied yet."""
    name = documents.safe_name(name)
    sha256, _size = documents.store(iter(lambda: file.read(CHUNK), b""))
    log.read(sha256, name)
    return CorrectionFile.objects.create(form=form, file_name=name, sha256=sha256, by=by)


@action("correctionfile.applied", needs=Level.EDIT)
def apply_log(*, correctionfile: CorrectionFile, by: User) -> CorrectionFile:
    """Apply the lines of a log that can be; the others are told with their place. The same log twice does nothing."""
    rows = CorrectionFile.objects.select_for_update(of=("self",)).select_related("form__programme")
    kept = rows.get(pk=correctionfile.pk)
    if kept.state != CorrectionFile.State.OPEN:
        raise Refused(DONE)
    plan = _apply(kept.form, log.read(kept.sha256, kept.file_name), by, kept)
    if not any(plan.some(what) for what in ("change", "done", "keep", "remove")):
        raise Refused(NOTHING)
    kept.report = report(plan)
    kept.state = CorrectionFile.State.DONE
    kept.save(update_fields=["report", "state", "updated_at"])
    return kept


@action("submission.corrected", needs=Level.EDIT)
def correct(
    *, submission: Submission, question: str, new_value: str, reason: str, by: User, rows: tuple[int, ...] = ()
) -> Submission:
    """Correct one answer of a submission: a new version of it, that another person reviews."""
    kind = "change_response" if new_value else "blank_response"
    entry = Entry("", submission.instance_id, question, log.now(submission, question, rows), new_value, kind, reason,
                  "", rows)  # fmt: skip
    (line,) = _apply(submission.form, [Line(entry)], by, None).lines
    if line.refusal and line.refusal.message == MOVED:
        raise Refused(MEANWHILE, now=line.refusal.values["now"])
    if line.refusal or line.is_done:
        raise line.refusal or Refused(NO_CHANGE, field="new_value")
    submission.refresh_from_db()
    return submission


def _apply(form: Form, lines: list[Line], by: User, file: CorrectionFile | None) -> Plan:
    moments.receive_alone(form.pk)
    now = moments.hold([form.programme_id])
    plan = log.plan(form, lines, by)
    before = {pk: some[0].submission.version for pk, some in plan.by_submission.items()}
    _close_flags(plan, by)
    versions = Versions(form, latest_version(form))
    intake = Intake(Batch(form=form), versions, Scope(form, by), now)
    held = SubmissionVersion.objects.filter(submission__in=before, number=F("submission__version"))
    records = [_record(version, plan, versions) for version in held.select_related("submission").order_by("pk")]
    for _done in intake.run(records):
        pass
    _refuse_those_left(plan, before)
    _remove(plan, by)
    _keep(plan, by, file)
    count_flags({line.submission.pk for line in plan.lines if line.submission})
    return plan


def _refuse_those_left(plan: Plan, before: dict[int, int]) -> None:
    """A submission whose new version would leave what this person may bring in stays as it was."""
    for pk, number in Submission.objects.filter(pk__in=before).values_list("pk", "version"):
        for line in plan.by_submission[pk] if number == before[pk] else ():
            line.refusal, line.change = Refused(log.NOT_YOURS), None


def _record(version: SubmissionVersion, plan: Plan, versions: Versions) -> Record:
    lines = plan.by_submission[version.submission_id]
    why = "; ".join(dict.fromkeys(line.change.why for line in lines))
    return mended(version, versions.by_key[version.form_version_id], [line.change for line in lines], why)


def _close_flags(plan: Plan, by: User) -> None:
    """Flags on a corrected answer are so, those on an answer that is kept are explained: the next version tells."""
    now = timezone.now()
    for line in plan.lines:
        if line.change or (line.entry.kind == "no_action" and line.submission and not line.refusal):
            state = Flag.State.CORRECTED if line.change else Flag.State.EXPLAINED
            key = line.item.key if line.item else line.entry.question
            flags = Flag.objects.filter(submission=line.submission, version=line.submission.version, question=key)
            flags.filter(state=Flag.State.OPEN, rows=list(line.entry.rows)).update(
                state=state, handled_by=by, handled_at=now, reason=line.entry.issue or line.entry.feedback
            )


def _remove(plan: Plan, by: User) -> None:
    """Submissions that a log sets aside are rejected, with its reason, by who may and did not collect them."""
    for line in plan.some("remove"):
        try:
            submissions.reject(submission=line.submission, reason=line.entry.issue or line.entry.feedback, by=by)
        except Refused as refusal:
            line.refusal = refusal


def _keep(plan: Plan, by: User, file: CorrectionFile | None) -> None:
    lines = [*plan.some("change"), *plan.some("keep"), *plan.some("remove")]
    versions = dict(
        Submission.objects.filter(pk__in={line.submission.pk for line in lines}).values_list("pk", "version")
    )
    Correction.objects.bulk_create(
        Correction(
            submission=line.submission, version=versions[line.submission.pk], rows=list(line.entry.rows),
            question=line.item.path if line.item else line.entry.question, kind=line.entry.kind,
            old_value=line.change.old if line.change else line.entry.old_value,
            new_value=line.change.new if line.change else line.entry.new_value,
            why=line.entry.issue, feedback=line.entry.feedback, by=by, file=file,
        )
        for line in lines
    )  # fmt: skip


def report(plan: Plan) -> dict[str, Any]:
    """How many lines of each kind, and those refused, with their place."""
    counts = {what: len(plan.some(what)) for what in ("change", "done", "keep", "remove", "refused")}
    return {**counts, "submissions": len(plan.by_submission), "refusals": list(_told(plan.some("refused")))}


def _told(lines: Iterable[Line]) -> list[dict[str, Any]]:
    return [
        {"place": line.place, "uuid": line.entry.uuid, "question": line.entry.question,
         "old_value": line.entry.old_value, "new_value": line.entry.new_value, "kind": line.entry.kind,
         "issue": line.entry.issue, "feedback": line.entry.feedback, "message": line.refusal.message,
         "values": {name: str(value) for name, value in line.refusal.values.items()}}
        for line in list(lines)[:MOST_TOLD] if line.refusal
    ]  # fmt: skip
