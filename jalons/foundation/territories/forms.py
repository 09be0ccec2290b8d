"""How a place is chosen in a form."""

from django import forms

from jalons.foundation.territories.models import Territory


class TerritoryField(forms.ModelChoiceField):
    """Any place, each said with its level: many provinces bear the name of a commune."""

    def __init__(self, **options):
        super().__init__(Territory.objects.order_by("level", "code"), **options)

    def label_from_instance(self, place):
        return f"{place} ({place.get_level_display()})"
