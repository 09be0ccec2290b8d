"""The answers asked of a person about the register: what tells of persons, who is who, why someone is forgotten."""

from django import forms
from django.utils.translation import gettext_lazy as _

from jalons.collection.forms.models import Form, Question
from jalons.collection.forms.rules.columns import holds_answer
from jalons.collection.people.models import Pair
from jalons.core.fields import translated
from jalons.core.levels import Level
from jalons.foundation.accounts.models import User
from jalons.foundation.partners.models import Organisation

ROLES = {
    "given": _("Prénom"), "family": _("Nom de famille"), "given_ar": _("Prénom en arabe"),
    "family_ar": _("Nom de famille en arabe"), "full": _("Nom complet"), "sex": _("Sexe"),
    "birth": _("Date de naissance"), "year": _("Année de naissance"), "age": _("Âge"), "commune": _("Commune"),
    "phone": _("Téléphone"), "identifier": _("Identifiant de la personne"),
    "partner": _("Partenaire qui a vu la personne"),
}  # fmt: skip
HELP = {
    "given_ar": _("Lu quand l’autre est vide."),
    "partner": _("Une question de cette partie ou du formulaire. Sinon : l’organisation de qui a envoyé."),
    "full": _("Seulement si prénom et nom ne sont pas demandés à part."),
    "birth": _("Un 1er janvier ne dit que l’année."),
    "age": _("L’année s’en déduit, à un an près."),
    "commune": _("Celle de la personne, non celle de l’activité."),
    "identifier": _("Un numéro de bénéficiaire, par exemple ; il est gardé sous forme codée."),
}


class ChooseForm(forms.Form):
    """The form whose rows tell of persons."""

    form = forms.ModelChoiceField(Form.objects.none(), label=_("formulaire"))

    def __init__(self, *args: object, user: User, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["form"].queryset = Form.objects.for_user(user, Level.DECIDE, app="people")


class SourceForm(forms.Form):
    """Which question plays each role, and whose the rows are when nobody says."""

    def __init__(self, *args: object, questions: list[Question], around: list[Question], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        for role, label in ROLES.items():
            offered = [*questions, *around] if role == "partner" else questions
            asked = {q.name: f"{translated(q.labels) or q.name} ({q.name})" for q in offered if holds_answer(q.kind)}
            self.fields[role] = forms.ChoiceField(
                choices=[("", _("Aucune")), *asked.items()], label=label, required=False,
                help_text=HELP.get(role, ""),
            )  # fmt: skip
        self.fields["organisation"] = forms.ModelChoiceField(
            Organisation.objects.order_by("name"), label=_("Partenaire"), required=False,
            help_text=_("Celui dont viennent les fiches apportées par l’équipe, s’il y en a un seul."),
        )  # fmt: skip

    @property
    def roles(self) -> dict[str, str]:
        """The question of each role, "" where there is none."""
        return {role: self.cleaned_data.get(role, "") for role in ROLES}


class FindForm(forms.Form):
    name = forms.CharField(
        label=_("nom"), max_length=240, help_text=_("En arabe ou en lettres latines, dans n’importe quelle écriture.")
    )


class DecideForm(forms.Form):
    """Same person, two persons, or nobody knows."""

    verdict = forms.ChoiceField(
        choices=[(state.value, state.label) for state in Pair.State if state in Pair.DECIDED],
        widget=forms.RadioSelect, label=_("votre décision"),
    )  # fmt: skip
    reason = forms.CharField(label=_("motif"), required=False, max_length=500)


class SplitForm(forms.Form):
    reason = forms.CharField(label=_("motif"), required=False, max_length=500)


class EraseForm(forms.Form):
    why_erased = forms.CharField(
        label=_("motif"), max_length=500, help_text=_("Sans le nom de la personne : le motif reste écrit.")
    )


class KeyForm(forms.Form):
    """The key that two partners agreed on; nothing keeps it."""

    key = forms.CharField(
        label=_("clé convenue"), widget=forms.PasswordInput(attrs={"autocomplete": "off"}), max_length=200,
        help_text=_("Seize signes au moins, tirés au hasard, la même pour les deux listes ; elle n’est pas gardée."),
    )  # fmt: skip


class OverlapForm(KeyForm):
    """Codes that a partner sent, to compare with those of the register."""

    theirs = forms.FileField(
        label=_("codes du partenaire"), help_text=_("Le fichier .codes.csv qu’il a reçu de l’outil.")
    )
