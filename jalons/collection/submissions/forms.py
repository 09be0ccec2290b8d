"""The answers asked of a person about submissions: which file, which question behind a column, why a refusal."""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from jalons.collection.forms.models import Form
from jalons.collection.submissions.arrivals import SENDERS
from jalons.collection.submissions.models import Connection, Device, Flag, Webhook
from jalons.collection.submissions.rules.headers import KEY
from jalons.collection.submissions.rules.tables import MAX_BYTES
from jalons.core.levels import Level
from jalons.foundation.accounts.models import User
from jalons.foundation.programmes.models import Programme

TWICE = _("Cette question est déjà lue dans la colonne « %(other)s » : reliez d’abord celle-là à « Aucune question ».")


class ImportForm(forms.Form):
    """A file for one of the forms where the person may bring submissions in."""

    form = forms.ModelChoiceField(Form.objects.none(), label=_("formulaire"))
    file = forms.FileField(
        label=_("fichier"),
        help_text=_(
            "Classeur rempli, fichier d’un partenaire, export Kobo ou ODK (.xlsx, .xls, .ods, .csv, ou .zip de CSV), "
            "ou instances XML (.xml, ou .zip)."
        ),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.xls,.xlsm,.xlsb,.ods,.csv,.tsv,.txt,.xml,.zip"}),
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
    """What a person tells of a file made by someone else: the question of each column, the choice of each word.

    columns: sheet, header, questions to choose among, the one chosen before or proposed.
    words:   path and name of a question, word, choices to choose among, the one chosen before or proposed.
    sheets:  name, row of the headings, headings, the one whose column names each row, {heading: (path, name) of the
             question that its name gave it}, all questions.
    Fields are named by what they are about: a page shown before another answer never ties the wrong column.
    """

    def __init__(
        self, *args: Any, columns: Iterable[Any] = (), words: Iterable[Any] = (), sheets: Iterable[Any] = (),
        **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        self.columns, self.words, self.sheets = list(columns), list(words), list(sheets)
        for sheet, header, offered, chosen in self.columns:
            self.fields[named("column", sheet, header)] = forms.ChoiceField(
                choices=[("", _("Aucune question")), *offered], initial=chosen, required=False,
                label=_("colonne « %(header)s », feuille « %(sheet)s »") % {"header": header, "sheet": sheet},
            )  # fmt: skip
        for path, question, word, offered, chosen in self.words:
            self.fields[named("word", path, word)] = forms.ChoiceField(
                choices=[("", _("Refuser ce mot")), *offered], initial=chosen, required=False,
                label=_("« %(word)s » dans « %(question)s »") % {"word": word, "question": question},
            )  # fmt: skip
        for sheet, row, headings, key, recognised, offered in self.sheets:
            if headings:
                self.fields[named("key", sheet)] = self._key(sheet, headings, key)
            self.fields[named("head", sheet)] = forms.IntegerField(
                min_value=1, max_value=1_000, initial=row, required=False,
                label=_("ligne des en-têtes de « %(sheet)s »") % {"sheet": sheet},
            )  # fmt: skip
            if recognised:
                self._add_change(sheet, recognised, offered)

    def _add_change(self, sheet: str, recognised: Mapping[str, tuple[str, str]], offered: list[Any]) -> None:
        """A column that its own name tied can be tied otherwise: one at a time, however many there are."""
        known = [(header, f"{header} → {name}") for header, (_path, name) in recognised.items()]
        self.fields[named("change", sheet)] = forms.ChoiceField(
            choices=[("", _("Aucune")), *known], initial="", required=False,
            label=_("colonne reconnue de « %(sheet)s » à relier autrement") % {"sheet": sheet},
        )  # fmt: skip
        self.fields[named("changed", sheet)] = forms.ChoiceField(
            choices=[("", _("Aucune question")), *offered], initial="", required=False,
            label=_("la relier, dans « %(sheet)s », à") % {"sheet": sheet},
        )  # fmt: skip

    @staticmethod
    def _key(sheet: str, headings: Iterable[str], chosen: str) -> forms.ChoiceField:
        named = [(heading, heading) for heading in headings if heading]
        return forms.ChoiceField(
            choices=[("", _("Aucune : chaque ligne est reconnue à son contenu")), *named],
            initial=chosen,
            required=False,
            label=_("colonne qui identifie chaque ligne de « %(sheet)s »") % {"sheet": sheet},
            help_text=_("Un numéro de dossier, un code : une ligne renvoyée avec le même code devient une correction."),
        )  # fmt: skip

    def _of(self, kind: str) -> list[Any]:
        return [self[name] for name in self.fields if name.startswith(kind)]

    def column_fields(self) -> list[Any]:
        return self._of("column_")

    def change_fields(self) -> list[Any]:
        return self._of("change")

    def word_fields(self) -> list[Any]:
        return self._of("word_")

    def head_fields(self) -> list[Any]:
        return self._of("head_")

    def key_fields(self) -> list[Any]:
        return self._of("key_")

    def clean(self) -> dict[str, Any]:
        """Two columns never answer the same question: which one is right would be chosen by chance."""
        said = super().clean()
        for sheet, *_row, recognised, _offered in self.sheets:
            ties = self._ties(sheet)
            by_name = {path: header for header, (path, _name) in recognised.items() if header not in ties}
            for header, (field, path) in ties.items():
                other = by_name.setdefault(path, header)
                if path and other != header:
                    self.add_error(field, TWICE % {"other": other})
        return said

    def _ties(self, sheet: str) -> dict[str, tuple[str, str]]:
        """What is chosen of a sheet's columns: {heading: (field, path)}."""
        fields = {header: named("column", sheet, header) for name, header, *_rest in self.columns if name == sheet}
        ties = {h: (name, self.cleaned_data.get(name, "")) for h, name in fields.items() if name in self.data}
        if header := self.cleaned_data.get(named("change", sheet)):
            ties[header] = (named("changed", sheet), self.cleaned_data.get(named("changed", sheet), ""))
        return ties

    def mapping(self, before: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
        """What was chosen, by sheet and header; an empty choice leaves the column out, and is not asked again."""
        chosen = {sheet: dict(columns) for sheet, columns in before.items()}
        for sheet, *_rest in self.sheets:
            for header, (_field, path) in self._ties(sheet).items():
                chosen.setdefault(sheet, {})[header] = path
            if (name := named("key", sheet)) in self.data:
                chosen.setdefault(sheet, {})[KEY] = self.cleaned_data.get(name, "")
        return chosen

    def meanings(self, before: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
        """What words mean, by question; an empty choice refuses the word."""
        chosen = {path: dict(words) for path, words in before.items()}
        for path, _question, word, *_rest in self.words:
            if (name := named("word", path, word)) in self.data:
                chosen.setdefault(path, {})[word] = self.cleaned_data.get(name, "")
        return chosen

    def heads(self, before: dict[str, int]) -> dict[str, int]:
        """The rows of headings that a person moved."""
        told = {sheet: self.cleaned_data.get(named("head", sheet)) for sheet, *_rest in self.sheets}
        moved = {sheet: told[sheet] for sheet, row, *_rest in self.sheets if told[sheet] and told[sheet] != row}
        return {**before, **moved}


def named(kind: str, *about: str) -> str:
    """The name of the field that is about something, whatever the order in which a page lists them."""
    return f"{kind}_{hashlib.sha256(chr(0).join(about).encode()).hexdigest()[:12]}"


class RejectForm(forms.Form):
    reason = forms.CharField(
        label=_("motif du rejet"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("La personne qui a collecté la soumission le lira : dites ce qui ne va pas et quoi faire."),
    )  # fmt: skip


class DeviceForm(forms.Form):
    """A phone to prepare: its name, and the person whose work it sends."""

    programme = forms.ModelChoiceField(Programme.objects.order_by("short_name"), label=_("programme"))
    name = Device._meta.get_field("name").formfield(label=_("nom de l’appareil"))
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


# Other servers


def _secret() -> forms.CharField:
    return forms.CharField(
        label=_("jeton ou mot de passe"), max_length=500,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("Kobo : le jeton de « Paramètres du compte › Sécurité ». Central : le mot de passe d’un compte à "
                    "lui. Il est gardé scellé et ne sera plus montré."),
    )  # fmt: skip


def _account() -> forms.CharField:
    return forms.CharField(
        label=_("compte"), max_length=249, required=False,
        help_text=_("ODK Central seulement : l’adresse électronique du compte."),
    )  # fmt: skip


class ConnectionForm(forms.Form):
    """Where a server is, and what opens it."""

    programme = forms.ModelChoiceField(Programme.objects.order_by("short_name"), label=_("programme"))
    protocol = forms.ChoiceField(choices=Connection.Protocol.choices, label=_("serveur"))
    name = Connection._meta.get_field("name").formfield()
    address = Connection._meta.get_field("address").formfield()
    account = _account()
    secret = _secret()
    every = forms.IntegerField(label=_("relevé toutes les (minutes)"), min_value=5, max_value=1440, initial=15)

    def clean(self) -> dict[str, Any]:
        said = super().clean()
        if said.get("protocol") == Connection.Protocol.ODK and not said.get("account"):
            self.add_error("account", _("ODK Central s’ouvre avec un compte : donnez son adresse électronique."))
        return said


class RenewForm(forms.Form):
    """Another token or password for the same server."""

    account = _account()
    secret = _secret()


class ProjectForm(forms.Form):
    """A project of another server, and the form of ours that it feeds; none to take its own."""

    remote_id = forms.CharField(max_length=300, widget=forms.HiddenInput)
    form = forms.ModelChoiceField(
        Form.objects.none(), label=_("formulaire"), required=False, empty_label=_("Reprendre celui de là-bas")
    )

    def __init__(self, *args: Any, forms: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["form"].queryset = forms


class DeployForm(forms.Form):
    """A form of ours to open to collection on another server."""

    form = forms.ModelChoiceField(
        Form.objects.all(), label=_("formulaire"),
        help_text=_("Il s’ouvre là-bas à la collecte, avec les fichiers qu’il nomme, et y est relié. Déjà déployé "
                    "d’ici, sa dernière version y prend la place de la précédente."),
    )  # fmt: skip
    project = forms.CharField(
        label=_("projet de Central"), max_length=20, required=False,
        help_text=_("Le numéro du projet où va un formulaire nouveau : il est dans son adresse (…/projects/3)."),
    )  # fmt: skip


class SettleForm(forms.Form):
    """What becomes here of a submission deleted there."""

    withdraws = forms.TypedChoiceField(
        label=_("ici"), coerce=lambda said: said == "1", widget=forms.RadioSelect,
        choices=[("0", _("la garder : la suppression était une erreur, ou ne nous concerne pas")),
                 ("1", _("la retirer : elle ne compte plus, et reste lisible avec son motif"))],
    )  # fmt: skip
    reason = forms.CharField(label=_("motif"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}))


class LinkForm(forms.Form):
    """A public link to open: one form, a name to know it by, until when, and how much it may bring a day."""

    form = forms.ModelChoiceField(
        Form.objects.filter(state=Form.State.PUBLISHED).order_by("code"), label=_("formulaire")
    )
    name = forms.CharField(
        label=_("nom du lien"), max_length=120, help_text=_("Par exemple : « Inscriptions, atelier d’Oujda, mars ».")
    )
    expires_on = forms.DateField(
        label=_("ouvert jusqu’au"), help_text=_("Dans un an au plus. Le lien se ferme avant d’un bouton.")
    )
    most_a_day = forms.IntegerField(label=_("fiches par jour, au plus"), min_value=1, max_value=10_000, initial=500)


class ExtendForm(forms.Form):
    """Until when a public link goes on, at the same address."""

    expires_on = forms.DateField(label=_("ouvert jusqu’au"), help_text=_("Dans un an au plus."))


class WebhookForm(forms.Form):
    """An address to tell what happens."""

    programme = forms.ModelChoiceField(Programme.objects.order_by("short_name"), label=_("programme"))
    form = Webhook._meta.get_field("form").formfield(queryset=Form.objects.all())
    name = Webhook._meta.get_field("name").formfield()
    address = forms.URLField(
        label=_("adresse"), max_length=500, assume_scheme="https",
        help_text=Webhook._meta.get_field("address").help_text,
    )  # fmt: skip
