"""Reads of submissions that several pages share."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.db.models import F
from django.db.models.fields.json import KeyTextTransform

from jalons.collection.forms.models import Question
from jalons.collection.submissions.models import Submission, SubmissionVersion
from jalons.collection.submissions.reading import XML_TYPE
from jalons.collection.submissions.rules.naming import asked_by, instance_name
from jalons.collection.submissions.rules.written import written


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
