"""The filters of a list, made from the fields it names."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class Filters(forms.Form):
    """Choices that narrow a list. What cannot be read narrows nothing and says so beside the field."""

    def chosen(self) -> dict[str, Any]:
        """Lookups to apply, for the fields that hold a valid choice."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value not in (None, "")}


def filter_form(page: Any) -> Filters:
    """A bound form with one field for each name in `page.filters`; rows offered are those that the user may see."""
    form = Filters(page.request.GET)
    for name in page.filters:
        form.fields[name] = _field(page, name)
    return form


def _field(page: Any, name: str) -> forms.Field:
    field = page.model._meta.get_field(name)
    if field.is_relation:
        rows = field.related_model.objects.for_user(page.request.user)
        return forms.ModelChoiceField(rows, required=False, label=field.verbose_name, empty_label=_("Tous"))
    choices = [("", _("Tous")), *field.flatchoices]
    return forms.ChoiceField(choices=choices, required=False, label=field.verbose_name)
