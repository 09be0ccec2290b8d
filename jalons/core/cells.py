"""One value of a row as the reader sees it, on a page or in a file."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from jalons.core.fields import TranslatedField, translated

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
    try:
        field = model._meta.get_field(column)
    except FieldDoesNotExist:
        return False
    return isinstance(field, NUMERIC) and not field.is_relation


def plain_cell(row: models.Model, column: str) -> Any:
    """The value for a file: numbers and dates stay typed, codes become labels, texts come in the reader's language."""
    display = getattr(row, f"get_{column}_display", None)
    value = display() if display else getattr(row, column)
    if _is_translated(row, column):
        return translated(value)
    return str(value) if isinstance(value, models.Model) else value


def cell(row: models.Model, column: str) -> Cell:
    """The value for a page; unknown is said, it is never an empty cell nor a zero."""
    value = plain_cell(row, column)
    if value is None or value == "":
        return Cell(_("inconnu"), "unknown")
    if isinstance(value, bool):
        return Cell(_("oui") if value else _("non"))
    if isinstance(value, int | float | Decimal):
        return Cell(formats.number_format(value, use_l10n=True, force_grouping=True), "number")
    if isinstance(value, datetime):
        return Cell(formats.date_format(timezone.localtime(value), "SHORT_DATETIME_FORMAT"), "date")
    if isinstance(value, date):
        return Cell(formats.date_format(value, "SHORT_DATE_FORMAT"), "date")
    if hasattr(row, f"get_{column}_display"):
        return Cell(str(value), "code", str(getattr(row, column)))
    return Cell(str(value))


def _is_translated(row: models.Model, column: str) -> bool:
    try:
        return isinstance(row._meta.get_field(column), TranslatedField)
    except FieldDoesNotExist:
        return False
