"""One value of a row as the reader sees it, on a page or in a file."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from jalons.core.fields import TranslatedField, translated
from jalons.core.search import field_at

NUMERIC = (models.IntegerField, models.FloatField, models.DecimalField)


@dataclass(frozen=True)
class Cell:
    """value: text to show; kind: text, number, date, code, unknown; code: the stable code behind a label."""

    value: str
    kind: str = "text"
    code: str = ""

    @property
    def numeric(self) -> bool:
        return self.kind == "number"

    def __str__(self) -> str:
        return self.value


def head(model: type[models.Model], column: str) -> str:
    """Title of a column: the field's name, or the `short_description` of a property."""
    try:
        return str(model._meta.get_field(column).verbose_name)
    except (FieldDoesNotExist, AttributeError):
        prop = getattr(model, column)
        return str(getattr(getattr(prop, "fget", prop), "short_description", column.replace("_", " ")))


def is_numeric(model: type[models.Model], column: str) -> bool:
    """Whether a column is a number, to align it on its units."""
    field = field_at(model, column)
    return isinstance(field, NUMERIC) and not field.is_relation and not field.choices


def is_measured(model: type[models.Model], column: str) -> bool:
    """Whether a column says something of the world, which may be unknown; a text or a link is only left blank."""
    field = field_at(model, column)
    return field is None or isinstance(field, models.DateField) or is_numeric(model, column)


def plain_cell(row: models.Model, column: str) -> Any:
    """The value for a file: numbers and dates stay typed, codes become labels, texts come in the reader's language."""
    display = getattr(row, f"get_{column}_display", None)
    value = display() if display else getattr(row, column)
    if _is_translated(row, column):
        return translated(value)
    if isinstance(value, bool):
        return _("oui") if value else _("non")
    if isinstance(value, list | tuple):
        return listed(value)
    return str(value) if isinstance(value, models.Model) else value


def cell(row: models.Model, column: str) -> Cell:
    """The value for a page."""
    value = plain_cell(row, column)
    if value == "" and field_at(type(row), column) is None:
        return Cell("")  # what is said of the row has nothing to say of it
    if value in (None, ""):
        return Cell(absence(type(row), column), "unknown")
    if write := getattr(row, f"written_{column}", None):
        return Cell(write(), "number")
    if hasattr(row, f"get_{column}_display"):
        return Cell(str(value), "code", str(getattr(row, column)))
    return shown(value)


def absence(model: type[models.Model], column: str) -> str:
    """What an empty column means: the moment of an act is yet to come, a measure is unknown, the rest is left blank."""
    field = field_at(model, column)
    people = field is not None and field.related_model is get_user_model() and column.endswith("_by")
    if people or isinstance(field, models.DateTimeField):
        return _("pas encore")
    return _("inconnu") if is_measured(model, column) else _("non renseigné")


def shown(value: Any) -> Cell:
    """A value as the reader's language writes it; unknown is said, it is never an empty cell nor a zero."""
    if value is None or value == "":
        return Cell(_("inconnu"), "unknown")
    if isinstance(value, bool):
        return Cell(_("oui") if value else _("non"))
    if isinstance(value, int | float | Decimal):
        return Cell(number_text(value), "number")
    if isinstance(value, datetime):
        return Cell(formats.date_format(timezone.localtime(value), "SHORT_DATETIME_FORMAT"), "date")
    if isinstance(value, date):
        return Cell(formats.date_format(value, "SHORT_DATE_FORMAT"), "date")
    return Cell(str(value))


def table_column(model: type[models.Model], column: str) -> dict[str, Any]:
    """A column as components/table.html expects it."""
    return {"name": column, "head": head(model, column), "numeric": is_numeric(model, column)}


def table_row(row: models.Model, columns: tuple[str, ...], url: str | None) -> dict[str, Any]:
    """A row as components/table.html expects it."""
    return {"object": row, "url": url, "cells": [cell(row, column) for column in columns]}


def listed(items: Iterable[Any]) -> str:
    """Several things in one text, parted as the reader's language does: the Arabic comma is a sign of its own."""
    return _(", ").join(map(str, items))


def number_text(value: float | Decimal, digits: int | None = None) -> str:
    """A number as the reader's language writes it; without `digits`, as many as its size makes worth reading."""
    if not math.isfinite(value):
        return str(value)
    if digits is None:
        digits = 0 if value == int(value) else 2 if abs(value) >= 1 else 4
    return formats.number_format(round(value, digits), decimal_pos=digits, use_l10n=True, force_grouping=True)


def _is_translated(row: models.Model, column: str) -> bool:
    return isinstance(field_at(type(row), column), TranslatedField)
