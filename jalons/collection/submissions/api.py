"""Submissions for other programs: what changed since a cursor, one submission and its versions, sending, correcting,
reviewing. Rows by the rights of the token; answers that identify people only where its person reads them."""

from datetime import date, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Path, Query, Router, Schema, Status
from pydantic import Field

from jalons.collection.forms.models import Form
from jalons.collection.submissions import actions, feed, queries
from jalons.collection.submissions.models import Submission, SubmissionVersion
from jalons.core.api import REFUSALS, Key
from jalons.core.levels import Level

router = Router(tags=["submissions"])
MOST = 500


class SubmissionOut(Schema):
    """A submission as it is now.

    event:    what its last change was: created, edited, reviewed.
    answers:  {question: answer; repeat: [{…}]}. Questions that identify people are absent without the right to read
              them, and are then named in `hidden`.
    standing: number of the validated version that still counts while the latest is reviewed.
    """

    id: int
    form: int
    instance_id: str
    version: int
    form_version: int
    state: str
    event: str
    standing: int | None
    collected_on: date | None
    territory: str | None
    region: str | None
    flags: int
    rejection_reason: str
    reviewed_at: datetime | None
    created_at: datetime
    updated_at: datetime
    answers: dict[str, Any]
    hidden: list[str]


class Changes(Schema):
    """after: give it back next time. more: whether the next page can be asked at once."""

    items: list[SubmissionOut]
    after: str
    more: bool


class Asked(Schema):
    """form: of one form only. state: in one state only. after: the cursor of the last answer."""

    form: Key | None = None
    state: Submission.State | None = None
    after: str = Field("", max_length=200)
    limit: int = Field(100, ge=1, le=MOST)


class Sent(Schema):
    """answers: {question of the form itself, or its path (group/question): answer; repeat of the form itself: [{…}]}.
    Several choices are a list of codes. What the form computes is not given. instance_id: yours if you have one; the
    same again with the same answers changes nothing. version: of the form; the latest when empty."""

    answers: dict[str, Any]
    version: str = ""
    instance_id: str = Field("", max_length=249)


class Correction(Schema):
    """version: the one that was read. answers: as when sending, only those that change; null erases one; a repeat is
    given whole, the names of files that came with it included."""

    answers: dict[str, Any]
    version: int
    reason: str = Field(max_length=500)


class Reviewed(Schema):
    """reason: for a rejection."""

    state: Submission.State
    reason: str = Field("", max_length=500)


@router.get("/", response={200: Changes, **REFUSALS})
def changes(request: HttpRequest, asked: Query[Asked]) -> Any:
    """What changed since a cursor, oldest change first; from the beginning without one."""
    rows = Submission.objects.for_user(request.auth)
    if asked.form:
        rows = rows.filter(form=asked.form)
    if asked.state:
        rows = rows.filter(state=asked.state)
    found, after, more = feed.changes(rows, asked.after, asked.limit)
    return {"items": queries.told(found, request.auth), "after": after, "more": more}


@router.get("/{pk}", response={200: SubmissionOut, **REFUSALS})
def submission(request: HttpRequest, pk: Path[Key]) -> Any:
    """One submission."""
    return _one(request, pk)


@router.post("/forms/{form}", response={201: SubmissionOut, **REFUSALS})
def send(request: HttpRequest, form: Path[Key], sent: Sent) -> Any:
    """Send the answers to a form: a submission, received, to review by someone else.

    What is no answer to its question is refused (422, `field` names the question): an unknown or computed question, a
    text where a number is asked, an object or a list where one answer is, a file. What breaks a rule of the form (a
    constraint, a choice outside its list, a required answer left out) comes in and is flagged, as from a phone.
    """
    row = get_object_or_404(Form.objects.for_user(request.auth), pk=form)
    made = actions.send(form=row, by=request.auth, **sent.dict())
    return Status(201, _one(request, made.pk))


@router.patch("/{pk}", response={200: SubmissionOut, **REFUSALS})
def amend(request: HttpRequest, pk: Path[Key], correction: Correction) -> Any:
    """Correct some answers: a new version, with its reason, to review. What is refused and what is flagged: as when
    sending."""
    row = get_object_or_404(Submission.objects.for_user(request.auth), pk=pk)
    actions.amend(submission=row, by=request.auth, **correction.dict())
    return _one(request, pk)


@router.post("/{pk}/review", response={200: SubmissionOut, **REFUSALS})
def review(request: HttpRequest, pk: Path[Key], reviewed: Reviewed) -> Any:
    """Validate or reject, never one's own work."""
    row = get_object_or_404(Submission.objects.for_user(request.auth), pk=pk)
    if reviewed.state == Submission.State.VALIDATED:
        actions.validate(submission=row, by=request.auth)
    elif reviewed.state == Submission.State.REJECTED:
        actions.reject(submission=row, reason=reviewed.reason, by=request.auth)
    else:
        raise actions.Contradicts(actions.NOT_A_VERDICT)
    return _one(request, pk)


@router.get("/{pk}/versions/{number}/content", include_in_schema=False)
def content(request: HttpRequest, pk: Path[Key], number: Path[Key]) -> HttpResponse:
    """A version byte for byte as received, for those who read what identifies people."""
    open_to = SubmissionVersion.objects.for_user(request.auth, Level.EDIT)
    version = get_object_or_404(open_to.for_user(request.auth, app="identities"), submission=pk, number=number)
    return HttpResponse(bytes(version.content), content_type=version.media_type)


def _one(request: HttpRequest, pk: int) -> dict[str, Any]:
    row = get_object_or_404(Submission.objects.for_user(request.auth), pk=pk)
    return queries.told([row], request.auth)[0]
