"""Going back on what came in: read it again after a new declaration, take a wrong import back."""

from collections.abc import Callable
from datetime import datetime

from django.db import connection
from django.utils.translation import gettext

from jalons.collection.forms.models import Form
from jalons.collection.submissions import moments, projection, standing
from jalons.collection.submissions.known import Scope
from jalons.collection.submissions.models import Batch, Rereading, Submission
from jalons.collection.submissions.rereading import Rereader
from jalons.collection.submissions.rules.review import check_reason, check_withdrawal
from jalons.core import jobs
from jalons.core.actions import action
from jalons.core.errors import Refused, _
from jalons.core.levels import Level
from jalons.foundation.accounts.models import User

ROLES = ("territory", "date", "sex", "collector")
REPORT = ("read", "changed", "placed", "dated", "signed", "unplaced", "undated", "reopened")
# for each submission of a batch, the last version that another batch had brought in and that nobody refused (0: none),
# and the validated one that counts meanwhile
BEFORE = """
select s.id, coalesce((select max(v.number) from submissions_submissionversion v
                        where v.submission_id = s.id and v.created_at < own.created_at and v.rejected_at is null), 0),
       s.standing
  from submissions_submission s
  join submissions_submissionversion own on own.submission_id = s.id and own.number = s.version
 where s.batch_id = %s order by s.id
"""
# the import that brought in the version that a submission went back to, as its history tells
BROUGHT_BY = """
update submissions_submission s
   set batch_id = (select h.batch_id from submissions_submissionevent h join submissions_batch b on b.id = h.batch_id
                    where h.pgh_obj_id = s.id and h.version = s.version and b.state <> 'withdrawn' and b.id <> %s
                    order by h.pgh_id desc limit 1)
 where s.id = any(%s)
"""
WHOLE = _("Une relecture touche toutes les régions : demandez-la à une personne qui suit tout le programme.")
RUNNING = _("Ce formulaire est déjà en cours de relecture.")
NOTHING = _("Ce formulaire n’a encore rien reçu : il n’y a rien à relire.")
NOT_DONE = _("Seul un import terminé peut être retiré.")
NOT_YOURS = _("Cet import est d’une autre personne : demandez à elle, ou à une personne qui décide des soumissions.")


@action("rereading.started", needs=Level.EDIT)
def start_rereading(*, form: Form, by: User) -> Rereading:
    """Read all that a form received again, as background work, with the questions that it declares now."""
    _check_whole(form, by)
    form = Form.objects.select_for_update(of=("self",)).get(pk=form.pk)
    if form.rereadings.filter(state=Rereading.State.RUNNING).exclude(job__state="failed").exists():
        raise Refused(RUNNING)
    if not form.submissions.exists():
        raise Refused(NOTHING)
    roles = {role: getattr(form, f"{role}_question") for role in ROLES}
    rereading = Rereading.objects.create(form=form, by=by, roles=roles)
    label = gettext("Relecture de « %(form)s »") % {"form": form}
    rereading.job = jobs.enqueue(
        "submissions.reread", label=label[:200], by=by, programme_id=form.programme_id, rereading=rereading.pk
    )
    rereading.save(update_fields=["job", "updated_at"])
    return rereading


@action("submissions.reread", needs=Level.EDIT)
def reread(*, rereading: Rereading, by: User, progress: Callable[..., None] | None = None) -> Rereading:
    """Place, date and sign again every submission of a form, from the answers that were kept.

    Answers, versions and validations stay. A submission whose reviewer is now known to be its author waits to be
    reviewed by someone else. Figures made of rows that moved begin new drafts at the next measurement.
    """
    form = rereading.form
    _check_whole(form, by)
    reader = Rereader(form, by, moments.hold([form.programme_id]))
    rows = Submission.objects.filter(form=form)
    total = rows.count()
    for done in reader.run(rows):
        if progress:
            progress(done, total)
    rereading.report = {name: reader.counts[name] for name in REPORT}
    rereading.state = Rereading.State.DONE
    rereading.save(update_fields=["report", "state", "updated_at"])
    return rereading


def _check_whole(form: Form, by: User) -> None:
    if not Scope(form, by).whole:
        raise Refused(WHOLE)


@action("batch.withdrawn", needs=Level.EDIT)
def withdraw(*, batch: Batch, reason: str, by: User) -> Batch:
    """Take a wrong import back, before any of it is validated: what it brought in no longer waits for a review.

    What it had corrected goes back to the version before it, to be reviewed again unless it still counts. Everything
    received is kept; the same file may be imported again.
    """
    check_reason(reason)
    now = moments.hold([batch.form.programme_id])
    batch = Batch.objects.select_for_update(of=("self",)).select_related("form").get(pk=batch.pk)
    if batch.state != Batch.State.DONE:
        raise Refused(NOT_DONE)
    if batch.by_id != by.pk and not batch.is_open_to(by, Level.DECIDE):
        raise Refused(NOT_YOURS)
    rows = Submission.objects.select_for_update(of=("self",)).filter(batch=batch).order_by("pk")
    check_withdrawal(rows.values_list("state", flat=True))
    _take_back(batch, reason, by, now)
    batch.state, batch.withdrawn_by, batch.withdrawn_at = Batch.State.WITHDRAWN, by, now
    batch.withdrawal_reason = reason.strip()
    batch.save(update_fields=["state", "withdrawn_by", "withdrawn_at", "withdrawal_reason", "updated_at"])
    return batch


def _take_back(batch: Batch, reason: str, by: User, now: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(BEFORE, [batch.pk])
        found = cursor.fetchall()
    gone = [pk for pk, earlier, _standing in found if not earlier]
    still = [pk for pk, earlier, counting in found if earlier and earlier == counting]
    back = {pk: earlier for pk, earlier, counting in found if earlier and earlier != counting}
    own = {"reviewed_by": None, "reviewed_at": None, "updated_at": now}
    Submission.objects.filter(pk__in=gone).update(state="withdrawn", rejection_reason=reason.strip(), **own)
    projection.withdraw(batch.form, gone)
    standing.restore(batch.form, still, by, now)
    for number in set(back.values()):
        keys = [pk for pk, earlier in back.items() if earlier == number]
        Submission.objects.filter(pk__in=keys).update(
            state="received", version=number, batch=None, rejection_reason="", **own
        )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(BROUGHT_BY, [batch.pk, list(back)])
    reader = Rereader(batch.form, by, now, renewed=True)
    for _done in reader.run(Submission.objects.filter(pk__in=back)):
        pass
