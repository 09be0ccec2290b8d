"""The answers asked of a person about submissions: which file, which question behind a column, why a refusal."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from jalons.collection.forms.models import Form
from jalons.collection.submissions.arrivals import SENDERS
from jalons.collection.submissions.models import Device, Flag
from jalons.collection.submissions.rules.tables import MAX_BYTES
from jalons.core.levels import Level
from jalons.foundation.accounts.models import User
from jalons.foundation.programmes.models import Programme


class ImportForm(forms.Form):
    """A file for one of the forms where the person may bring submissions in."""

    form = forms.ModelChoiceField(Form.objects.none(), label=_("formulaire"))
    file = forms.FileField(
        label=_("fichier"),
        help_text=_("Export Kobo ou ODK (.xlsx, .xls, .csv, ou .zip de CSV), ou instances XML (.xml, ou .zip)."),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.xls,.xlsm,.csv,.tsv,.txt,.xml,.zip"}),
        allow_empty_file=True,
        max_length=255,
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        forms_open = Form.objects.for_user(user, Level.EDIT, app="submissions")
        self.fields["form"].queryset = forms_open.filter(versions__isnull=False).distinct()

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:
            limit = MAX_BYTES // 10**6
            raise forms.ValidationError(_("Ce fichier dépasse %(limit)s Mo. Coupez-le."), params={"limit": limit})
        return file


class MatchForm(forms.Form):
    """For each column without a question, the question that a person chooses."""

    def __init__(self, *args: Any, columns: Iterable[tuple[str, str, list[tuple[str, str]]]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.columns = list(columns)
        for number, (sheet, header, offered) in enumerate(self.columns):
            self.fields[f"column_{number}"] = forms.ChoiceField(
                choices=[("", _("Aucune question")), *offered],
                label=_("colonne « %(header)s », feuille « %(sheet)s »") % {"header": header, "sheet": sheet},
                required=False,
            )

    def mapping(self) -> dict[str, dict[str, str]]:
        """What was chosen, by sheet and header."""
        chosen: dict[str, dict[str, str]] = {}
        for number, (sheet, header, _offered) in enumerate(self.columns):
            if path := self.cleaned_data.get(f"column_{number}"):
                chosen.setdefault(sheet, {})[header] = path
        return chosen


class RejectForm(forms.Form):
    reason = forms.CharField(
        label=_("motif du rejet"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("La personne qui a collecté la soumission le lira : dites ce qui ne va pas et quoi faire."),
    )  # fmt: skip


class DeviceForm(forms.Form):
    """A phone to prepare: its name, and the person whose work it sends."""

    programme = forms.ModelChoiceField(Programme.objects.order_by("short_name"), label=_("programme"))
    name = Device._meta.get_field("name").formfield()
    holder = forms.ModelChoiceField(
        User.objects.filter(is_active=True, memberships__role__in=SENDERS).distinct(),
        label=_("confié à"),
        help_text=Device._meta.get_field("holder").help_text,
    )


class DismissForm(forms.Form):
    reason = forms.CharField(label=_("motif"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}))


class WithdrawForm(forms.Form):
    reason = forms.CharField(
        label=_("motif du retrait"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Par exemple : mauvais fichier, mauvais formulaire, colonnes mal choisies."),
    )  # fmt: skip


class FlagFilter(forms.Form):
    """Which signal a submission must carry to be listed."""

    flag = forms.ChoiceField(
        choices=[
            ("", _("Tous")), ("any", _("au moins un")), ("none", _("aucun")), *Flag.Check.choices,
        ], label=_("signalement"), required=False,
    )  # fmt: skip
