"""Reads of quality that several pages share."""

from collections.abc import Iterable
from typing import Any

from django.db.models import F, Q, QuerySet

from jalons.collection.forms.models import Form, Question
from jalons.collection.submissions.models import Flag
from jalons.core.fields import translated
from jalons.core.levels import Level


def flags(user: Any, level: Level = Level.VIEW) -> QuerySet[Flag]:
    """What draws attention in the latest version of submissions that may count, open to a person."""
    rows = Flag.objects.for_user(user, level, app="quality")
    return rows.filter(version=F("submission__version")).exclude(submission__state="withdrawn")


def awaiting(user: Any) -> QuerySet[Flag]:
    """What waits for this person: told to them by name or, told to nobody, for who decides on these submissions."""
    mine = Q(finding__quality_check__told=user)
    everyone = Q(finding__quality_check__told=None, finding__isnull=False)
    decided = flags(user, Level.DECIDE).filter(everyone)
    return flags(user).filter(mine | Q(pk__in=decided.values("pk")), state=Flag.State.OPEN)


def labels(form: Form) -> dict[str, str]:
    """The questions of a form in the reader's words, by name and by path."""
    found: dict[str, str] = {}
    for question in Question.objects.filter(version__form=form).order_by("version__number"):
        found[question.name] = found[question.path] = translated(question.labels) or question.name
    return found


def personal(forms: Iterable[int]) -> set[tuple[int, str]]:
    """The questions that identify a person: (form, name)."""
    rows = Question.objects.filter(version__form__in=set(forms), is_personal=True)
    return set(rows.values_list("version__form", "name"))
