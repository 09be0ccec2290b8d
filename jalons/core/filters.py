"""The filters of a list, made from the fields it names."""

from collections import Counter
from functools import cache
from operator import attrgetter
from typing import Any

from django import forms
from django.db import models
from django.utils.translation import gettext_lazy as _

from jalons.core.fields import DayInput
from jalons.core.search import field_at

UNKNOWN = "unknown"


class RowChoice(forms.ChoiceField):
    """One of the rows that a person may see: all are read when shown, only the chosen one when the list is searched."""

    def __init__(self, *, rows: models.QuerySet, nullable: bool, **kwargs: Any) -> None:
        self.rows, self.nullable = rows, nullable
        super().__init__(choices=cache(lambda: _offered(named(rows), nullable)), **kwargs)

    def valid_value(self, value: str) -> bool:
        if value == UNKNOWN:
            return self.nullable
        return value.isdecimal() and len(value) < 19 and self.rows.filter(pk=int(value)).exists()


class Filters(forms.Form):
    """Choices that narrow a list. What cannot be read narrows nothing and says so beside the field."""

    lookups: dict[str, str]

    def chosen(self) -> dict[str, Any]:
        """Lookups to apply, for the fields that hold a valid choice."""
        self.is_valid()
        given = {name: value for name, value in self.cleaned_data.items() if value not in (None, "")}
        unknown = {f"{name}__isnull": True for name, value in given.items() if value == UNKNOWN}
        return unknown | {self.lookups[name]: value for name, value in given.items() if value != UNKNOWN}


def named(rows: models.QuerySet) -> list[tuple[Any, str]]:
    """Rows by their names; those that bear the same one with what they belong to."""
    found = [(row, str(row)) for row in rows]
    often = Counter(name for _row, name in found)
    return [(row.pk, f"{name} · {_above(row)}" if often[name] > 1 and hasattr(row, "scope") else name)
            for row, name in found]  # fmt: skip


def _above(row: Any) -> Any:
    return attrgetter(row.scope.replace("__", "."))(row)


def filter_form(page: Any) -> Filters:
    """A bound form with fields for each entry of `page.filters`; rows offered are those that the user may see.

    An entry is a path, or a function of the user that returns what `_fields` does, for what is no field of the model.
    """
    form = Filters(page.request.GET)
    form.lookups = {}
    for path in page.filters:
        for name, lookup, field in path(page.request.user) if callable(path) else _fields(page, path):
            form.fields[name], form.lookups[name] = field, lookup
    return form


def _fields(page: Any, path: str) -> list[tuple[str, str, forms.Field]]:
    """Name, lookup and form field: two days for a date, else one choice."""
    field = field_at(page.model, path)
    label = field.verbose_name
    if isinstance(field, models.DateField):
        day = f"{path}__date" if isinstance(field, models.DateTimeField) else path
        since, until = _("%(date)s, du") % {"date": label}, _("%(date)s, au") % {"date": label}
        return [
            (f"{path}_from", f"{day}__gte", forms.DateField(required=False, label=since, widget=DayInput)),
            (f"{path}_to", f"{day}__lte", forms.DateField(required=False, label=until, widget=DayInput)),
        ]
    if isinstance(field, models.BooleanField):
        choices = [("", _("Tous")), ("True", _("oui")), ("False", _("non"))]
        return [(path, path, forms.ChoiceField(choices=choices, required=False, label=label))]
    if field.is_relation:
        rows = field.related_model.objects.for_user(page.request.user).complex_filter(field.get_limit_choices_to())
        return [(path, path, RowChoice(rows=rows, nullable=field.null, required=False, label=label))]
    choices = _offered(field.flatchoices, field.null)
    return [(path, path, forms.ChoiceField(choices=choices, required=False, label=label))]


def _offered(known: list[tuple[Any, Any]], nullable: bool) -> list[tuple[Any, Any]]:
    return [("", _("Tous")), *known, *([(UNKNOWN, _("inconnu"))] if nullable else [])]
