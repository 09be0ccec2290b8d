"""What people fill in about values."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from jalons.evidence.measurement.rules.aggregation import Figure
from jalons.foundation.programmes.models import Period
from jalons.planning.results.models import IndicatorVersion


class TypedValue(forms.Form):
    """A value that no form gives, and where it comes from."""

    period = forms.ModelChoiceField(Period.objects.none(), label=_("période"))
    number = forms.FloatField(label=_("valeur"), required=False, help_text=_("Laissez vide si elle est inconnue."))
    numerator = forms.FloatField(label=_("numérateur"), required=False)
    denominator = forms.FloatField(label=_("dénominateur"), required=False, min_value=0)
    female = forms.FloatField(label=_("femmes"), required=False)
    male = forms.FloatField(label=_("hommes"), required=False)
    text = forms.CharField(
        label=_("d’où vient cette valeur"), widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Document, date, personne qui le tient ; pour une appréciation, le constat lui-même."),
    )  # fmt: skip

    def __init__(self, *args: Any, indicator: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        periods = Period.objects.filter(programme=indicator.owner_id)
        self.fields["period"].queryset = periods.exclude(kind=Period.Kind.CUMULATIVE)
        sheet = indicator.current
        shares = sheet.measure == IndicatorVersion.Measure.PERCENTAGE
        kept = {"numerator", "denominator"} if shares else {"number"}
        kept |= {"female", "male"} if sheet.counts_people and not shares else set()
        if sheet.measure == IndicatorVersion.Measure.QUALITATIVE:
            kept = set()
        for name in {"number", "numerator", "denominator", "female", "male"} - kept:
            del self.fields[name]

    def figure(self) -> Figure:
        """The figure typed; a share is computed from its two terms, never typed."""
        answers = self.cleaned_data
        top, bottom = answers.get("numerator"), answers.get("denominator")
        if bottom:
            return Figure(None if top is None else 100 * top / bottom, top, bottom)
        return Figure(answers.get("number"), top, bottom)

    def split(self) -> dict[str, float]:
        """Women and men, those that were given."""
        return {sex: self.cleaned_data[sex] for sex in ("female", "male") if self.cleaned_data.get(sex) is not None}


class OnePeriod(forms.Form):
    """Which period a decision on many values is about."""

    period = forms.ModelChoiceField(Period.objects.none(), label=_("période"))

    def __init__(self, *args: Any, programme: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["period"].queryset = Period.objects.filter(programme=programme)
