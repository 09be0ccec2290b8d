"""Refusals in the reader's language, whether a rule or the database says no."""

from django.apps import apps
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import IntegrityError, models
from django.db.models import ProtectedError
from django.utils.translation import gettext as _

from jalons.core.errors import Refused
from jalons.core.fields import plausible_day


def refusal_text(refusal: Refused) -> str:
    """The sentence of a refusal in the reader's language; a `remedy` among its values is a sentence of ours too."""
    values = {name: _(value) if name == "remedy" else value for name, value in refusal.values.items()}
    return _(refusal.message) % values if values else _(refusal.message)


def keep(row: models.Model) -> None:
    """Save a row that every field and constraint accepts; else Refused, with the field at fault."""
    try:
        row.full_clean()
        _check_days(row)
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise Refused(str(messages[0]), field=None if field == NON_FIELD_ERRORS else field) from None
    row.save()


def _check_days(row: models.Model) -> None:
    for field in row._meta.fields:
        if type(field) is models.DateField:
            try:
                plausible_day(getattr(row, field.attname))
            except ValidationError as error:
                raise ValidationError({field.name: error}) from None


def violated(error: IntegrityError) -> str:
    """The sentence of the constraint that PostgreSQL names in an error."""
    if isinstance(error, ProtectedError):
        kinds = sorted({str(row._meta.verbose_name_plural) for row in error.protected_objects})
        return _("D’autres données en dépendent (%(kinds)s). Retirez-les d’abord.") % {"kinds": _(", ").join(kinds)}
    name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", "")
    for model in apps.get_models():
        for constraint in model._meta.constraints:
            if name and constraint.name == name:
                return str(constraint.get_violation_error_message())
    return _("Cette valeur contredit une autre donnée déjà enregistrée ; vérifiez les champs et recommencez.")
