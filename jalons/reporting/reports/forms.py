"""What is asked to prepare a report."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from jalons.foundation.programmes.models import Period, Programme
from jalons.reporting.reports.models import Report


class DraftForm(forms.ModelForm):
    """For whom, about when, after which. All choices belong to the programme in sight."""

    class Meta:
        model = Report
        fields = ("agreement", "period", "previous")

    def offer(self, programme: Programme | None, period: Period | None) -> None:
        """Offer only what belongs to a programme; a previous report is one that was issued."""
        for field in self.fields.values():
            field.queryset = field.queryset.filter(programme=programme)
        self.fields["previous"].queryset = self.fields["previous"].queryset.filter(state=Report.State.ISSUED)
        self.fields["period"].initial = period
        self.fields["agreement"].empty_label = _("Aucune : pour tous les bailleurs")
        self.fields["previous"].empty_label = _("Le dernier émis pour la même convention")

    def choices(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.Meta.fields}


class ReissueForm(forms.Form):
    reason = forms.CharField(
        label=_("motif de la nouvelle version"), max_length=1000, widget=forms.Textarea({"rows": 3}),
        help_text=_("Par exemple : une valeur corrigée à la demande du bailleur. Le lecteur du rapport le lira."),
    )  # fmt: skip
