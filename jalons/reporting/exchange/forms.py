"""What is asked of a person who brings a workbook."""

from django import forms
from django.utils.translation import gettext_lazy as _


class WorkbookForm(forms.Form):
    workbook = forms.FileField(
        label=_("classeur"), help_text=_("Fichier .xlsx, 10 Mo au plus. Rien ne change avant votre confirmation."),
    )  # fmt: skip
