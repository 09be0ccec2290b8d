"""What narrows the table of indicators."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from jalons.planning.results.chain import Result

STATES = {
    "reached": _("cible atteinte"),
    "on_track": _("en bonne voie"),
    "watch": _("à surveiller"),
    "late": _("en retard"),
    "regression": _("en recul"),
    "unmatched": _("non comparé"),
    "no_data": _("sans donnée"),
}
ALL = ("", _("Tous"))


class IndicatorFilters(forms.Form):
    """Level, state, funder, words. What cannot be read narrows nothing and says so."""

    level = forms.ChoiceField(label=_("niveau"), required=False, choices=[ALL, *Result.Level.choices])
    state = forms.ChoiceField(label=_("état"), required=False, choices=[ALL, *STATES.items()])
    funder = forms.ChoiceField(label=_("bailleur"), required=False)

    def __init__(self, data: Any, funders: list[str]) -> None:
        super().__init__(data)
        self.fields["funder"].choices = [ALL, *((code, code) for code in funders)]

    def chosen(self) -> dict[str, str]:
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}
