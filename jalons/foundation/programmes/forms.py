"""What is asked of a person about programmes."""

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from jalons.foundation.programmes.models import Programme
from jalons.foundation.territories.models import Territory


class ProgrammeForm(forms.ModelForm):
    territories = forms.ModelMultipleChoiceField(
        Territory.objects.filter(Q(level="region") | Q(code__in=["MA", "FR"])).order_by("level", "code"),
        required=False, label=_("territoires"), widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip

    class Meta:
        model = Programme
        fields = (
            "code", "short_name", "title", "purpose", "operator", "starts_on", "ends_on", "iati_identifier",
            "territories",
        )  # fmt: skip
        help_texts = {"operator": _("S’il n’est pas dans la liste, ajoutez-le d’abord : Programmes › Opérateurs.")}


class PublicationForm(forms.ModelForm):
    """What the IATI file of a programme says beside its results."""

    class Meta:
        model = Programme
        fields = (
            "iati_identifier", "sectors", "recipients", "status", "collaboration", "flow", "finance", "aid", "tied",
        )  # fmt: skip
        help_texts = {
            "sectors": _("Codes à cinq chiffres du CAD et leur part : 15190=60; 15150=40. Un seul code vaut 100 %."),
            "recipients": _("Codes ISO des pays et leur part : MA=80; FR=20. Vide : celui des territoires."),
            "status": _("Vide : d’après les dates du programme."),
        }


class LeastPeopleForm(forms.Form):
    least_people = Programme._meta.get_field("least_people").formfield(
        help_text=_("En dessous, une case est masquée aux bailleurs, aux partenaires et dans les rapports."),
    )
    why = forms.CharField(label=_("motif"), max_length=500)


class RhythmForm(forms.Form):
    months = forms.TypedChoiceField(
        choices=[(3, _("tous les trois mois")), (6, _("tous les six mois")), (12, _("tous les ans"))],
        coerce=int, initial=12, label=_("rythme des rapports"),
    )  # fmt: skip
