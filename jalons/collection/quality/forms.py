"""The answers asked of a person about quality: the parameters of a check, why a flag is closed."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from django import forms
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from jalons.collection.forms.models import Form
from jalons.collection.quality.models import Check, Sample, SampleItem
from jalons.collection.quality.rules import outliers
from jalons.collection.quality.rules.found import said
from jalons.collection.quality.rules.proposals import NUMBERS
from jalons.collection.submissions.models import SubmissionVersion
from jalons.collection.submissions.rules.asked import Line, lines
from jalons.collection.submissions.rules.checks import UNASKED
from jalons.collection.submissions.rules.schema import Item, Schema
from jalons.core.cells import listed, shown
from jalons.core.fields import TranslatedText, translated
from jalons.core.levels import Level
from jalons.foundation.accounts.models import User
from jalons.foundation.accounts.roles import ROLES

SHARE = {"min_value": 0, "max_value": 1, "required": False, "widget": forms.NumberInput(attrs={"step": "0.01"})}
BOUND = {"min_value": -1e15, "max_value": 1e15, "required": False}
COUNT = {"min_value": 0, "required": False}


def _questions(schema: Schema, *kinds: str) -> list[tuple[str, str]]:
    """The questions of a form to choose among, of some kinds."""
    items = [i for i in schema.items() if (i.kind in kinds if kinds else i.kind not in UNASKED)]
    return [(item.name, f"{translated(dict(item.labels)) or item.name} ({item.name})") for item in items]


NONE_SUCH = _("Ce formulaire n’a aucune question de cette nature : ce contrôle n’y dirait rien.")


def _one(label: Any, choices: list[tuple[str, str]], **more: Any) -> forms.ChoiceField:
    more = {"required": False, "help_text": "" if choices else NONE_SUCH, **more}
    return forms.ChoiceField(label=label, choices=[("", "—"), *choices], **more)


def _some(label: Any, choices: list[tuple[str, str]]) -> forms.MultipleChoiceField:
    says = "" if choices else NONE_SUCH
    return forms.MultipleChoiceField(label=label, choices=choices, widget=forms.CheckboxSelectMultiple, help_text=says)


Fields = dict[str, forms.Field]


def parameter_fields(kind: str, schema: Schema, others: list[tuple[int, str]]) -> Fields:
    """The parameters that a kind of check asks."""
    if kind == Check.Kind.KEY:
        return _key(_questions(schema), others)
    return ASKED[kind](schema) if kind in ASKED else {}


def _expression(_schema: Schema) -> Fields:
    says = _("Comme une contrainte XLSForm, par exemple ${enfants} <= ${taille}. Une réponse vide ne contredit rien.")
    return {"expression": forms.CharField(label=_("ce qui doit être vrai"), max_length=1000, help_text=says)}


def _key(every: list[tuple[str, str]], others: list[tuple[int, str]]) -> Fields:
    modes = [("exists", _("doit y exister")), ("absent", _("ne doit pas y exister")),
             ("agrees", _("doit y exister et dire la même chose"))]  # fmt: skip
    return {
        "question": _one(_("question de ce formulaire"), every, required=True),
        "form": forms.TypedChoiceField(label=_("autre formulaire"), choices=others, coerce=int),
        "other": forms.CharField(label=_("sa question (nom)"), max_length=249),
        "mode": forms.ChoiceField(label=_("la valeur"), choices=modes),
        "agrees_here": _one(_("comparer cette question"), every),
        "agrees_there": forms.CharField(label=_("avec celle-là (nom)"), max_length=249, required=False),
    }


def _outlier(schema: Schema) -> Fields:
    threshold = forms.FloatField(
        label=_("écart au-delà duquel on signale"), min_value=1, initial=outliers.THRESHOLD,
        help_text=_("Score z modifié : 3,5 est l’usage."),
    )  # fmt: skip
    return {"questions": _some(_("questions"), _questions(schema, *NUMBERS)), "threshold": threshold}


def _range(schema: Schema) -> Fields:
    return {
        "question": _one(_("question"), _questions(schema, *NUMBERS, "calculate"), required=True),
        "least": forms.FloatField(label=_("minimum attendu"), **BOUND),
        "most": forms.FloatField(label=_("maximum attendu"), **BOUND),
    }


def _near(schema: Schema) -> Fields:
    among = [("collector", _("les fiches de la même personne")), ("day", _("les fiches du même jour")),
             ("all", _("toutes les fiches"))]  # fmt: skip
    return {
        "questions": _some(_("réponses comparées"), _questions(schema)),
        "share": forms.FloatField(label=_("part de réponses égales, de 0 à 1"), initial=0.95, **SHARE),
        "within": forms.ChoiceField(label=_("comparées parmi"), choices=among),
    }


def _timing(_schema: Schema) -> Fields:
    return {
        "shortest": forms.FloatField(label=_("au moins, en minutes"), **COUNT),
        "longest": forms.FloatField(label=_("au plus, en minutes"), **COUNT),
        "night": NightField(label=_("heures de nuit"), required=False, help_text=_("Par exemple 22-5.")),
    }


def _place(schema: Schema) -> Fields:
    return {
        "question": _one(_("question du point"), _questions(schema, "geopoint"), required=True),
        "tolerance": forms.FloatField(label=_("tolérance, en kilomètres"), initial=3, **COUNT),
        "accuracy": forms.FloatField(label=_("précision attendue, en mètres"), initial=100, **COUNT),
    }


def _collector(_schema: Schema) -> Fields:
    return {
        "straight": forms.IntegerField(label=_("mêmes réponses de suite, au moins"), **COUNT),
        "unknown_share": forms.FloatField(label=_("part de « ne sait pas », de 0 à 1"), **SHARE),
        "per_day": forms.IntegerField(label=_("fiches par jour, au plus"), **COUNT),
        "fast_share": forms.FloatField(label=_("durée face aux autres personnes, de 0 à 1"), **SHARE),
    }


def _twin(schema: Schema) -> Fields:
    return {"questions": _some(_("réponses comparées"), _questions(schema))}


ASKED: dict[str, Callable[[Schema], Fields]] = {
    "expression": _expression, "outlier": _outlier, "range": _range, "twin": _twin, "near": _near, "timing": _timing,
    "place": _place, "collector": _collector,
}  # fmt: skip


class NightField(forms.CharField):
    """Two hours, "22-5", kept as [22, 5]."""

    def clean(self, value: Any) -> Any:
        parts = str(value or "").replace("–", "-").split("-")
        if parts == [""]:
            return None
        if len(parts) != 2 or not all(part.strip().isdecimal() and int(part) < 24 for part in parts):
            raise forms.ValidationError(_("Deux heures de 0 à 23 séparées d’un tiret, par exemple 22-5."))
        return [int(part) for part in parts]

    def prepare_value(self, value: Any) -> Any:
        return "-".join(map(str, value)) if isinstance(value, list) else value


def _who(level: Level) -> Any:
    """The people whose role reads, or corrects, submissions."""
    roles = [role for role, levels in ROLES.items() if levels["quality"] >= level]
    return User.objects.filter(is_active=True, memberships__role__in=roles).distinct()


class CheckForm(forms.Form):
    """A check of one kind on one form."""

    name = TranslatedText(label=_("nom"))
    severity = forms.ChoiceField(label=_("gravité"), choices=Check.Severity.choices, initial="warning")
    told = forms.ModelChoiceField(
        _who(Level.VIEW), label=_("personne prévenue"), required=False,
        help_text=Check._meta.get_field("told").help_text,
    )  # fmt: skip
    valid_from = forms.DateField(label=_("appliqué aux soumissions reçues depuis le"), initial=localdate)

    def __init__(
        self, *args: Any, on: Form, kind: str, schema: Schema, others: list[tuple[int, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.on, self.kind = on, kind
        self.own = parameter_fields(kind, schema, others)
        self.fields = {"name": self.fields.pop("name"), **self.own, **self.fields}

    def clean(self) -> dict[str, Any]:
        """The answers that the action takes, with the parameters together."""
        given = super().clean()
        parameters = {name: given.pop(name, None) for name in self.own}
        return {**given, "parameters": parameters}


def initial(check: Check) -> dict[str, Any]:
    """What the form of a check shows at first."""
    plain: Mapping[str, Any] = {name: getattr(check, name) for name in ("name", "severity", "told", "valid_from")}
    return {**plain, **check.parameters}


def told_parameters(check: Check, schema: Schema, others: list[tuple[int, str]]) -> list[tuple[str, str]]:
    """The parameters of a check in the words of its form; those that it does not ask as they are written."""
    asked = parameter_fields(check.kind, schema, others)
    found = [(name, str(value)) for name, value in check.parameters.items() if name not in asked]
    for name, field in asked.items():
        if (value := check.parameters.get(name)) is not None:
            words = dict(getattr(field, "choices", ()))
            values = value if isinstance(value, list) and words else [field.prepare_value(value)]
            found.append((str(field.label), listed(words.get(one) or shown(one) for one in values)))
    return found


class ReasonForm(forms.Form):
    reason = forms.CharField(label=_("motif"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))


class SeverityFilter(forms.Form):
    """How grave what is listed must be, and who is told of it."""

    severity = forms.ChoiceField(
        label=_("gravité"), choices=[("", _("Toutes")), *Check.Severity.choices], required=False
    )


class FormChoice(forms.ModelChoiceField):
    """A form among those of several programmes, which may bear the same title."""

    def label_from_instance(self, form: Form) -> str:
        return f"{form} · {form.programme}"


class LogForm(forms.Form):
    """A cleaning log for one of the forms whose submissions the person may correct."""

    form = FormChoice(Form.objects.none(), label=_("formulaire"))
    file = forms.FileField(
        label=_("journal"), max_length=255, help_text=_("Excel (.xlsx) ou CSV."),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.xls,.csv,.tsv,.txt"}),
    )  # fmt: skip

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        forms_open = Form.objects.for_user(user, Level.EDIT, app="quality")
        self.fields["form"].queryset = forms_open.filter(versions__isnull=False).select_related("programme").distinct()


class CorrectForm(forms.Form):
    """Which answer of a submission becomes what, and why. hidden: names of questions that this person may not read."""

    question = forms.ChoiceField(label=_("question"))
    new_value = forms.CharField(
        label=_("nouvelle valeur"), max_length=2000, required=False,
        help_text=_("Le code d’un choix ou son libellé ; une date jj/mm/aaaa ; vide pour effacer la réponse."),
    )  # fmt: skip
    reason = forms.CharField(label=_("motif"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(
        self, *args: Any, version: SubmissionVersion, schema: Schema, hidden: Collection[str], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        offered = []
        for table in schema.tables.values():
            for line in lines(version.answers, schema, table):
                offered += [_choice(item, line) for item in table.items if item.kind not in UNASKED
                            and item.name not in hidden]  # fmt: skip
        self.fields["question"].choices = [("", "—"), *offered]

    def clean(self) -> dict[str, Any]:
        """The question apart from the rows of repeats around it."""
        given = super().clean()
        path, _mark, rows = given.get("question", "").partition("#")
        return {**given, "question": path, "rows": tuple(int(row) for row in rows.split(".") if row)}


def _choice(item: Item, line: Line) -> tuple[str, str]:
    """A question of one row, with what it says now."""
    place = " ".join(str(row + 1) for row in line.index)
    name = translated(dict(item.labels)) or item.name
    says = said(line.rows[0].get(item.key))[:60]
    return (f"{item.path}#{'.'.join(map(str, line.index))}", f"{name}{' ' + place if place else ''} : {says or '—'}")


class SampleForm(forms.Form):
    """How many submissions to draw, among which, and who verifies them."""

    form = FormChoice(Form.objects.order_by("code").select_related("programme"), label=_("formulaire"))
    size = forms.IntegerField(label=_("taille"), min_value=1, max_value=10_000, initial=10)
    percent = forms.BooleanField(label=_("en pour cent"), required=False)
    each = forms.ChoiceField(label=_("tirage"), choices=Sample.Each.choices, required=False)
    since = forms.DateField(label=_("collectées depuis le"), required=False)
    until = forms.DateField(label=_("jusqu’au"), required=False)
    assigned_to = forms.ModelChoiceField(_who(Level.EDIT), label=_("confié à"))


class MarkForm(forms.Form):
    outcome = forms.ChoiceField(label=_("résultat"), choices=SampleItem.Outcome.choices[1:])
    notes = forms.CharField(
        label=_("notes"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Ce qui diffère, question par question ; ou pourquoi la vérification n’a pas pu se faire."),
    )  # fmt: skip
