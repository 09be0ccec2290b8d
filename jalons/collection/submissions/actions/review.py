"""Accepting and refusing submissions, one or many, never by the person whose work they are."""

from collections.abc import Iterable

from django.db.models import QuerySet

from jalons.collection.forms.models import Form
from jalons.collection.submissions import moments, projection, standing
from jalons.collection.submissions.models import Submission
from jalons.collection.submissions.rules.review import Stand, check_reason, check_review
from jalons.core.actions import action
from jalons.core.levels import Level
from jalons.foundation.accounts.models import User


@action("submission.validated", needs=Level.DECIDE)
def validate(*, submission: Submission, by: User) -> Submission:
    """Accept a submission as evidence. From here it counts in indicators."""
    decide([submission.pk], Submission.State.VALIDATED, by)
    submission.refresh_from_db()
    return submission


@action("submission.rejected", needs=Level.DECIDE)
def reject(*, submission: Submission, reason: str, by: User) -> Submission:
    """Refuse a submission, with the reason that its collector will read. It no longer counts.

    A correction refused leaves the version that it corrects validated, and counting.
    """
    check_reason(reason)
    decide([submission.pk], Submission.State.REJECTED, by, reason)
    submission.refresh_from_db()
    return submission


@action("submissions.validated", needs=Level.DECIDE)
def validate_all(*, form: Form, submissions: QuerySet[Submission], by: User) -> Form:
    """Accept many submissions of a form at once: all of them, or none."""
    decide(submissions.filter(form=form).values_list("pk", flat=True), Submission.State.VALIDATED, by)
    return form


@action("submissions.rejected", needs=Level.DECIDE)
def reject_all(*, form: Form, submissions: QuerySet[Submission], reason: str, by: User) -> Form:
    """Refuse many submissions of a form at once, for one reason: all of them, or none."""
    check_reason(reason)
    decide(submissions.filter(form=form).values_list("pk", flat=True), Submission.State.REJECTED, by, reason)
    return form


def decide(keys: Iterable[int], state: str, by: User, reason: str = "") -> None:
    """Move submissions to a state, on the word of a person; what the rules forbid moves none."""
    chosen = Submission.objects.filter(pk__in=list(keys))
    moments.hold(chosen.values_list("form__programme", flat=True).distinct())
    rows = chosen.select_for_update(of=("self",)).order_by("pk")
    held = list(rows.only("form", "state", "author", "version", "standing"))
    check_review([Stand(row.state, row.author_id) for row in held], state, by.pk)
    now = moments.now()
    validates = state == Submission.State.VALIDATED
    corrections = [row for row in held if row.standing]
    plain = [row.pk for row in held if validates or not row.standing]
    Submission.objects.filter(pk__in=plain).update(
        state=state, standing=None, reviewed_by=by, reviewed_at=now, rejection_reason=reason.strip(), updated_at=now
    )
    tell = projection.accept if validates else projection.refuse
    for form in Form.objects.filter(pk__in={row.form_id for row in held}):
        own = [row for row in corrections if row.form_id == form.pk]
        tell(form, [row.pk for row in held if row.form_id == form.pk and not row.standing], now)
        if own and validates:
            projection.promote(form, [row.pk for row in own], now)
        elif own:
            standing.refuse(form, own, reason.strip(), by, now)
