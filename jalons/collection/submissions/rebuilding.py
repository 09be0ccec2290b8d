"""The typed tables of a form made again: what its submissions say now and, from their history, what counted before."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import chain, groupby, islice
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.db.models import F

from jalons.collection.forms.models import Form
from jalons.collection.submissions import moments
from jalons.collection.submissions.models import Submission, SubmissionVersion
from jalons.collection.submissions.projection import CLOSED, COUNTS, VALIDITY, WAITING, Filler, Head, copy, empty
from jalons.collection.submissions.reading import ROW_TYPE, Versions
from jalons.collection.submissions.rules.checks import examine
from jalons.collection.submissions.rules.counted import Counted, Snapshot, counted
from jalons.collection.submissions.rules.territory import Lineage, gazetteer
from jalons.foundation.territories.models import Territory

HANDFUL = 1_000


class Stay(NamedTuple):
    """A version of a submission in the typed tables: in which state, dated and placed how, counting from when to when.

    until: "infinity" as long as it is the version that counts, WAITING for its correction meanwhile.
    """

    version: SubmissionVersion
    state: str
    day: Any
    territory: int | None
    since: datetime | None
    until: datetime | str


@transaction.atomic
def rebuild(form: Form) -> None:
    """Make the typed tables of a form again from its submissions and their history."""
    latest = form.versions.order_by("-number").first()
    if latest is None:
        return
    moments.hold([form.programme_id])
    wanted, versions = empty(form), Versions(form, latest)
    fillers = {pk: Filler(wanted, ready.schema) for pk, ready in versions.by_key.items()}
    around = gazetteer(Territory.objects.values_list("id", "code", "level", "name", "parent_id")).around
    for handful in _handfuls(chain(_present(form), _past(form))):
        rows: dict[str, list] = {name: [] for name in wanted}
        for stay in handful:
            version, ready = stay.version, versions.by_key[stay.version.form_version_id]
            flat, now = version.media_type == ROW_TYPE, ready.moment_of(version.answers)
            asked = examine(ready.rulebook, version.answers, flat=flat, now=now).asked
            lineage = around.get(stay.territory, Lineage())
            head = Head(version.submission_id, version.pk, stay.state, stay.day, lineage)
            for table, lines in fillers[ready.pk].rows(head, version.answers, asked).items():
                rows[table].extend((*line, stay.since, stay.until) for line in lines)
        with connection.cursor() as cursor:
            for table, lines in rows.items():
                copy(cursor, wanted[table].identifier, [*wanted[table].all_columns, *VALIDITY], lines)


def _present(form: Form) -> Iterator[Stay]:
    """The latest version of each submission: it counts, or would once validated."""
    rows = SubmissionVersion.objects.filter(submission__form=form, number=F("submission__version"))
    rows, last = rows.select_related("submission").defer("content", "unread").order_by("submission_id"), 0
    while handful := list(rows.filter(submission__gt=last)[:HANDFUL]):
        since = _since([version.submission for version in handful if version.submission.state == COUNTS])
        for version in handful:
            held = version.submission
            until = WAITING if held.standing else "infinity"
            yield Stay(version, held.state, held.collected_on, held.territory_id, since.get(held.pk), until)
        last = handful[-1].submission_id


def _since(validated: list[Submission]) -> dict[int, datetime]:
    """Since when each counts as it stands: its validation, or what placed it otherwise since then."""
    found = {held.pk: held.reviewed_at for held in validated}
    moved = [held.pk for held in validated if held.updated_at != held.reviewed_at]
    return found | {pk: span.since for pk, span in _histories(moved) if span.until is None}


def _past(form: Form) -> Iterator[Stay]:
    """The versions that counted and no longer do, and those that do until their correction is reviewed."""
    held = Submission.objects.filter(form=form).values("pk")
    standing = set(Submission.objects.filter(form=form, standing__isnull=False).values_list("pk", flat=True))
    for handful in _handfuls(story for story in _histories(held) if story[1].until or story[0] in standing):
        rows = SubmissionVersion.objects.filter(submission__in={pk for pk, _past in handful})
        versions = {(row.submission_id, row.number): row for row in rows.defer("content", "unread")}
        for pk, (was, since, until) in handful:
            version = versions[pk, was.version]
            yield Stay(version, CLOSED if until else COUNTS, was.day, was.territory, since, until or "infinity")


def _histories(held: Any) -> Iterator[tuple[int, Counted]]:
    """What counted, submission by submission; one that was deleted left nothing to count."""
    changes = Submission.pgh_event_model.objects.filter(pgh_obj__in=held, pgh_label="update")
    columns = ("version", "state", "reviewed_at", "updated_at", "collected_on", "territory_id", "standing")
    lines = changes.order_by("pgh_obj_id", "pgh_id").values_list("pgh_obj_id", *columns)
    for pk, story in groupby(lines.iterator(HANDFUL), key=lambda line: line[0]):
        for span in counted(Snapshot(*line[1:]) for line in story):
            yield pk, span


def _handfuls(stays: Iterable) -> Iterator[list]:
    left = iter(stays)
    while handful := list(islice(left, HANDFUL)):
        yield handful
