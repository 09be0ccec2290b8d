"""Reads of submissions that several pages share."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import F, Prefetch, prefetch_related_objects
from django.db.models.fields.json import KeyTextTransform

from jalons.collection.forms.models import Question
from jalons.collection.submissions.feed import event_of
from jalons.collection.submissions.models import Submission, SubmissionVersion
from jalons.collection.submissions.reading import XML_TYPE
from jalons.collection.submissions.rules.naming import asked_by, instance_name
from jalons.collection.submissions.rules.written import written

PLAIN = (
    "id", "instance_id", "version", "state", "standing", "collected_on", "rejection_reason", "reviewed_at",
    "created_at", "updated_at",
)  # fmt: skip
LATEST = Prefetch(
    "versions",
    SubmissionVersion.objects.filter(number=F("submission__version")).select_related("form_version").defer("content"),
    to_attr="latest",
)


def names(submissions: Iterable[int], user: Any) -> dict[int, str]:
    """The name that its form gives to each submission, when it has one and this person may read what it says.

    A name made of a question that identifies a person is for those who see identities.
    """
    found = list(
        SubmissionVersion.objects.filter(submission__in=list(submissions), number=F("submission__version"))
        .annotate(expression=KeyTextTransform("instance_name", "form_version__settings"))
        .filter(expression__gt="")
        .values_list("submission_id", "form_version_id", "expression", "answers")
    )
    personal = _personal({version for _pk, version, _expression, _answers in found})
    closed = {pk for pk, version, expression, _answers in found if asked_by(expression) & personal[version]}
    if closed:
        closed -= identified(closed, user)
    return {pk: instance_name(expression, answers) for pk, _v, expression, answers in found if pk not in closed}


def identified(submissions: Iterable[int], user: Any) -> set[int]:
    """Those of which this person may read what identifies people."""
    open_to = Submission.objects.for_user(user, app="identities").filter(pk__in=list(submissions))
    return set(open_to.values_list("pk", flat=True))


def told(rows: list[Submission], user: Any) -> list[dict[str, Any]]:
    """Submissions as another program reads them, with the answers that this person may read.

    hidden: names of the questions left out, because they identify people.
    """
    prefetch_related_objects(rows, "territory", "region", LATEST)
    open_to = identified([row.pk for row in rows], user)
    personal = _personal({row.latest[0].form_version_id for row in rows if row.pk not in open_to})
    return [_told(row, set() if row.pk in open_to else personal[row.latest[0].form_version_id]) for row in rows]


def _told(row: Submission, hidden: set[str]) -> dict[str, Any]:
    latest = row.latest[0]
    return {
        **{name: getattr(row, name) for name in PLAIN}, "form": row.form_id, "form_version": latest.form_version.number,
        "event": event_of(row), "flags": row.flag_count, "territory": row.territory and row.territory.code,
        "region": row.region and row.region.code, **_without(latest.answers, hidden),
    }  # fmt: skip


def _without(answers: Mapping[str, Any], names: set[str]) -> dict[str, Any]:
    hidden: set[str] = set()

    def kept(row: Mapping[str, Any]) -> dict[str, Any]:
        out = {}
        for key, answer in row.items():
            if key.rpartition("/")[2] in names:
                hidden.add(key)
            elif isinstance(answer, list) and answer and isinstance(answer[0], dict):
                out[key] = [kept(line) for line in answer]
            else:
                out[key] = answer
        return out

    return {"answers": kept(answers), "hidden": sorted(hidden)}


def _personal(versions: set[int]) -> dict[int, set[str]]:
    marked = defaultdict(set)
    if versions:
        rows = Question.objects.filter(version__in=versions, is_personal=True)
        for version, name in rows.values_list("version_id", "name"):
            marked[version].add(name)
    return marked


def as_instance(version: SubmissionVersion) -> str:
    """A version as XML: its own, or one written from what was read in it."""
    if version.media_type == XML_TYPE:
        return bytes(version.content).decode()
    return written(version.form_version.xform, version.answers, version.instance_id)
