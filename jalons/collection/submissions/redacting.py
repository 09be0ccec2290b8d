"""A person forgotten in a submission: what identifies them leaves every version, what counts stays.

The bytes received are replaced by what is left of the answers. Their digest stays, with the day: the same bytes coming
again are known, and other ones do not come in (intake.py).
"""

import hashlib
from collections.abc import Callable, Collection
from contextlib import suppress
from datetime import datetime
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection
from django.db.models import Q
from psycopg import sql

from jalons.collection.forms.models import Form, Question
from jalons.collection.submissions import known, projection
from jalons.collection.submissions.models import (
    Arrival,
    Attachment,
    Batch,
    Enclosure,
    Export,
    Flag,
    Submission,
)
from jalons.collection.submissions.models import SubmissionVersion as Version
from jalons.collection.submissions.reading import ROW_TYPE, XML_TYPE, Ready
from jalons.collection.submissions.rules import redacting as rules
from jalons.core import documents

BLANK = "update {table} set {blank} where _submission = %s and _version = %s and _row = any(%s)"
# what stands for the bytes received, by their type
LEFT: dict[str, Callable[..., bytes]] = {XML_TYPE: rules.instance, ROW_TYPE: rules.row}


class Told(NamedTuple):
    """Where a submission tells of a person: a row of a table, "" for the form itself, in the version that was read.

    What other versions hold in that row may be of someone else: in them, every row of the table is redacted.
    """

    submission: Submission
    table: str
    row: int
    version: int


def redact(told: Told, roles: Collection[str], now: datetime) -> set[str]:
    """Forget a person in a submission. roles: questions that name them, marked personal or not.

    Returns the names and paths of the questions whose answers are gone.
    """
    form = told.submission.form
    marked = Question.objects.filter(version__form=form, is_personal=True).values_list("name", flat=True)
    names = {*marked, *roles}
    files: set[str] = set()
    for version in told.submission.versions.select_related("form_version").select_for_update(of=("self",)):
        row = told.row if version.number == told.version else None
        files |= _redact_version(version, told.table, row, names, now)
    Submission.objects.filter(pk=told.submission.pk).update(updated_at=now)
    _drop_files(told.submission, files)
    paths = Question.objects.filter(version__form=form, name__in=names).values_list("path", flat=True)
    questions = {"", *names, *paths}
    Flag.objects.filter(submission=told.submission, question__in=questions).update(value="")
    _drop_batches(told.submission)
    _drop_arrivals(told.submission)
    projection.forget_copies(form)
    return questions


def _nothing(*_what: Any) -> bytes:
    """Of a content whose answers alone are told anew."""
    return b"{}"


def _redact_version(version: Version, table: str, row: int | None, names: set[str], now: datetime) -> set[str]:
    schema = Ready(version.form_version).schema
    if table not in schema.tables:  # a version of the form from before the repeat
        table, row = "", None
    left = rules.redacted(version.answers, schema, table, row, names)
    content = bytes(version.content)
    version.original = version.original or hashlib.sha256(content).digest()
    version.answers, version.unread, version.redacted_at = left.answers, [], now
    version.content = LEFT.get(version.media_type, _nothing)(content, schema, left.answers)
    version.save(update_fields=["original", "answers", "unread", "redacted_at", "content", "updated_at"])
    form = version.form_version.form_id
    for name, rows in left.rows.items():
        columns = [item.column for item in schema.tables[name].items if item.name in names]
        _blank(projection.table_name(form, name), columns, version, rows)
    return left.files


def _blank(table: str, columns: list[str], version: Version, rows: set[int]) -> None:
    """Take answers off the typed rows of a version, whether they count, counted or wait."""
    with connection.cursor() as cursor:
        cursor.execute("select to_regclass(%s)", [f'{projection.SCHEMA}."{table}"'])
        if not columns or cursor.fetchone()[0] is None:
            return
        blank = sql.SQL(", ").join(sql.SQL("{} = null").format(sql.Identifier(column)) for column in columns)
        where = sql.Identifier(projection.SCHEMA, table)
        projection.run(cursor, BLANK, [version.submission_id, version.pk, list(rows)], table=where, blank=blank)


def _drop_files(submission: Submission, names: set[str]) -> None:
    for rows in (
        Attachment.objects.filter(arrival__submission=submission, name__in=names),
        Enclosure.objects.filter(counterpart__submission=submission, name__in=names),
    ):
        for sha256 in set(rows.values_list("sha256", flat=True)) - {""}:
            erase_file(sha256)
        rows.delete()


def _drop_batches(submission: Submission) -> None:
    """The files that held the submission, whole: each of its rows is kept apart. What their reports quote goes too."""
    history = Submission.pgh_event_model.objects.filter(pgh_obj_id=submission.pk).values("batch_id")
    for batch in Batch.objects.filter(Q(pk=submission.batch_id) | Q(pk__in=history)):
        erase_file(batch.sha256)
        batch.report = {**batch.report, "left": [], "refusals": []}
        batch.save(update_fields=["report", "updated_at"])


def _drop_arrivals(submission: Submission) -> None:
    """What came under its identifiers and was not taken in."""
    instances = submission.versions.values_list("instance_id", flat=True)
    kept = Arrival.objects.filter(form=submission.form_id, instance_id__in=[*instances, submission.instance_id])
    kept.filter(content__isnull=False).update(content=b"", state=Arrival.State.DISMISSED, reason=known.GONE)


def drop_exports(form: Form) -> None:
    """Files of answers that somebody asked for and that are still kept; they are made again on demand."""
    for export in Export.objects.filter(form=form):
        export.path.unlink(missing_ok=True)


def erase_file(sha256: str) -> None:
    """Erase a content, and the small picture made of it, at once."""
    documents.path(sha256).unlink(missing_ok=True)
    with suppress(FileNotFoundError):
        (settings.DATA / "thumbnails" / sha256[:2] / f"{sha256}.jpg").unlink()
