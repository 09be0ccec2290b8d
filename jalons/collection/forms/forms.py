"""The answers asked of a person about a form: which file, which questions play which role."""

from django import forms
from django.utils.translation import gettext_lazy as _

from jalons.collection.forms import shipped
from jalons.collection.forms.models import Question
from jalons.collection.forms.rules.roles import candidates
from jalons.core.fields import TranslatedText, translated
from jalons.core.levels import Level
from jalons.foundation.accounts.models import User
from jalons.foundation.programmes.models import Programme

ROLES = {
    "territory": (_("Territoire"), _("Le code ou le nom d’une commune, d’une province ou d’une région.")),
    "date": (_("Date"), _("Elle range chaque soumission dans une période.")),
    "sex": (_("Sexe"), _("Les chiffres sur des personnes se présentent par sexe.")),
    "collector": (_("Personne qui collecte"), _("Elle ne pourra pas valider ses propres soumissions.")),
}


class UploadForm(forms.Form):
    """A workbook for one of the programmes where the person may bring forms in."""

    programme = forms.ModelChoiceField(Programme.objects.none(), label=_("programme"))
    file = forms.FileField(
        label=_("classeur XLSForm"),
        help_text=_("Fichier .xlsx ou .xls aux feuilles survey, choices et settings, tel que Kobo et ODK le lisent."),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.xls,.xlsm,.csv,.md"}),
        allow_empty_file=True,
    )

    def __init__(self, *args: object, user: User, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["programme"].queryset = Programme.objects.for_user(user, Level.EDIT, app="forms")


class AdoptForm(forms.Form):
    """Into which programme a form that comes with Jalons is brought."""

    programme = forms.ModelChoiceField(Programme.objects.none(), label=_("programme"))
    code = forms.ChoiceField(choices=[(code, code) for code in shipped.CODES], widget=forms.HiddenInput)

    def __init__(self, *args: object, user: User, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["programme"].queryset = Programme.objects.for_user(user, Level.EDIT, app="forms")


class ConfirmForm(forms.Form):
    """Which file, already read, to bring into which programme."""

    programme = forms.ModelChoiceField(Programme.objects.none(), widget=forms.HiddenInput)
    sha256 = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args: object, user: User, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["programme"].queryset = Programme.objects.for_user(user, Level.EDIT, app="forms")


class DeclareForm(forms.Form):
    """What the form is called, and which question plays each role among those that may."""

    def __init__(self, *args: object, questions: list[Question], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["title"] = TranslatedText(
            label=_("Intitulé"), help_text=_("Chaque personne le lit dans sa langue.")
        )
        said = {q.name: f"{translated(q.labels) or q.name} ({q.name})" for q in questions}
        for role, (label, help_text) in ROLES.items():
            names = candidates(role, questions)
            self.fields[role] = forms.ChoiceField(
                choices=[("", _("Aucune")), *((name, said[name]) for name in names)],
                label=label, help_text=help_text, required=False,
            )  # fmt: skip


class MarkForm(forms.Form):
    """How far each question identifies a person: one choice for each name."""

    def __init__(self, *args: object, questions: list[Question], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        for question in questions:
            self.fields[question.name] = forms.ChoiceField(
                choices=Question.Identifies.choices, label=str(question), initial=question.identifies,
                widget=forms.Select(attrs={"aria-label": str(question)}),
            )  # fmt: skip
