"""The journal of acts: what narrows it, and the names of what each act was about."""

from collections import defaultdict
from functools import partial
from typing import Any

from django import forms
from django.apps import apps
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext as _

from jalons.core.history import may_read, model_named
from jalons.core.models import Document, Event
from jalons.core.verbs import ACTS, kind_of
from jalons.foundation.programmes.models import Programme

Filter = list[tuple[str, str, forms.Field]]  # name, lookup, field


def by_act(user: Any) -> Filter:
    """The act that the last word of a verb says."""
    choices = partial(_sorted, ACTS.items)
    last_word = forms.TypedChoiceField(
        choices=choices, coerce=r"(^|\.){}$".format, empty_value="", required=False, label=_("acte")
    )
    return [("act", "verb__regex", last_word)]


def by_kind(user: Any) -> Filter:
    """Kinds of rows that acts may be about."""
    labels = [model._meta.label for model in apps.get_models() if model_named(model._meta.label)]
    return _choice("kind", "target", _("objet"), lambda: [(label, kind_of(label)) for label in labels])


def by_programme(user: Any) -> Filter:
    return _choice("programme", "programme_id", _("programme"), lambda: _programmes(user))


def name_subjects(events: list[Event], user: Any) -> None:
    """Give each act the name and the history of what it is about, where this person may open it.

    A document is open to whoever may see what it is attached to: the act leads there.
    """
    documents = Document.objects.in_bulk([e.target_id for e in events if e.target == Document._meta.label])
    subjects = {e.pk: _subject(e, documents) for e in events}
    rows = _open_rows(set(subjects.values()), user)
    for event in events:
        label, pk = subjects[event.pk]
        if row := rows.get((label, pk)):
            event.named = _(" : ").join((str(kind_of(label)), str(row)))
            event.url = reverse("core:history", args=[label.lower(), pk])


def _subject(event: Event, documents: dict[int, Document]) -> tuple[str, int]:
    document = documents.get(event.target_id) if event.target == Document._meta.label else None
    return (document.target, document.target_id) if document else (event.target, event.target_id)


def _open_rows(subjects: set[tuple[str, int]], user: Any) -> dict[tuple[str, int], models.Model]:
    """The rows that this person may see, and read the name of: one query per kind, or one per row of the narrowest."""
    wanted = defaultdict(set)
    for label, pk in subjects:
        wanted[label].add(pk)
    found = {}
    for label, pks in wanted.items():
        model = model_named(label)
        if model and user.may(model._meta.app_label):
            rows = model.objects.for_user(user).filter(pk__in=pks).select_related()  # a row is named by its neighbours
            found |= {(label, row.pk): row for row in rows if may_read(row, user)}
    return found


def _programmes(user: Any) -> list[tuple[int, str]]:
    return [(programme.pk, str(programme)) for programme in Programme.objects.for_user(user, app="accounts")]


def _choice(name: str, lookup: str, label: str, known: Any) -> Filter:
    choices = partial(_sorted, known)
    return [(name, lookup, forms.ChoiceField(choices=choices, required=False, label=label))]


def _sorted(known: Any) -> list[tuple[Any, str]]:
    named = sorted(((value, str(label)) for value, label in known()), key=lambda choice: choice[1].lower())
    return [("", _("Tous")), *named]
