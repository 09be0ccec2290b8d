"""What is asked of a person about partners."""

from django import forms

from jalons.foundation.partners.models import Organisation
from jalons.foundation.territories.forms import TerritoryField


class OrganisationForm(forms.ModelForm):
    territory = TerritoryField(required=False, label=Organisation._meta.get_field("territory").verbose_name)

    class Meta:
        model = Organisation
        fields = ("name", "short_name", "name_ar", "kind", "territory", "purpose")
