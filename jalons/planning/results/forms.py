"""What is asked of a person about promises."""

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from jalons.core.errors import Refused
from jalons.core.fields import DayInput, TranslatedInput, TranslatedText, brief, translated
from jalons.core.refusals import refusal_text
from jalons.foundation.programmes.models import Period, Programme
from jalons.foundation.territories.models import Territory
from jalons.planning.results.catalogue_file import entries
from jalons.planning.results.chain import Result
from jalons.planning.results.checking import checker
from jalons.planning.results.models import Catalogue, Dimension, Indicator, IndicatorVersion, VerificationSource
from jalons.planning.results.rules import aggregations, formulas, notation

EMPTY = [("", "—")]
FAULTS = 100  # of a file, told at once
MEASURES = {
    "count": _("nombre de lignes"), "persons": _("personnes, comptées une fois"),
    "distinct": _("nombre de valeurs distinctes"), "sum": _("somme"), "average": _("moyenne"),
    "median": _("médiane"), "minimum": _("minimum"), "maximum": _("maximum"),
    "share": _("part"), "latest": _("dernière valeur"),
}  # fmt: skip

TAKES = dict.fromkeys(("value", "numerator", "denominator", "filter", "splits"), "expression") | {"date": "name"}
SMALLEST = Decimal("0.000001")  # of a scale: none would make every figure a zero
GROUPS = (
    (_("Ce qui est mesuré"), (
        "title", "definition", "unit", "measure", "direction", "method", "counts_people", "gender_sensitive",
        "dimensions",
    )),
    (_("D’où, quand, par qui"), ("sources", "frequency", "responsible")),
    (_("Comment les valeurs s’ajoutent"), ("time_aggregation", "place_aggregation", "place_level")),
    (_("Formule, pour un calcul depuis un formulaire"), (
        "form", "repeat", "formula_measure", "value", "numerator", "denominator", "scale", "filter", "date", "splits",
    )),
)  # fmt: skip


def explained(label: Any, says: str) -> str:
    """A choice and what it means, for the person who chooses."""
    return f"{str(label).capitalize()}. {gettext(says)}"


class SheetForm(forms.Form):
    """The whole sheet of an indicator, formula included."""

    title = TranslatedText(label=_("intitulé"))
    definition = TranslatedText(label=_("définition"), required=False)
    unit = TranslatedText(
        label=_("unité"), required=False, help_text=_("personnes, %, jours…"), validators=[brief],
        widget=TranslatedInput({"rows": 1}),
    )  # fmt: skip
    measure = forms.ChoiceField(label=_("mesure"), choices=IndicatorVersion.Measure)
    direction = forms.ChoiceField(
        label=_("sens"), choices=[*EMPTY, *IndicatorVersion.Direction.choices], required=False,
        help_text=_("Vide : proposé d’après la référence et la cible, jusqu’à ce qu’une personne le confirme."),
    )  # fmt: skip
    method = forms.CharField(label=_("méthode de calcul"), widget=forms.Textarea({"rows": 3}), required=False)
    dimensions = forms.MultipleChoiceField(
        label=_("désagrégations"), widget=forms.CheckboxSelectMultiple, required=False,
        help_text=_("Tout chiffre sur des personnes demande au moins le sexe."),
    )  # fmt: skip
    sources = forms.MultipleChoiceField(
        label=_("sources de vérification"), widget=forms.CheckboxSelectMultiple, required=False
    )
    frequency = forms.ChoiceField(
        label=_("fréquence"), choices=[*EMPTY, *IndicatorVersion.Frequency.choices], required=False
    )
    responsible = forms.CharField(label=_("responsable"), max_length=120, required=False)
    counts_people = forms.BooleanField(label=_("compte des personnes"), required=False)
    gender_sensitive = forms.BooleanField(label=_("sensible au genre"), required=False)
    time_aggregation = forms.ChoiceField(
        label=_("dans le temps"), choices=IndicatorVersion.Aggregation, widget=forms.RadioSelect,
        help_text=_("Comment les valeurs de plusieurs périodes font une valeur."),
    )  # fmt: skip
    place_aggregation = forms.ChoiceField(
        label=_("dans l’espace"), choices=IndicatorVersion.Aggregation, widget=forms.RadioSelect,
        help_text=_("Comment les valeurs de plusieurs lieux font une valeur."),
    )  # fmt: skip
    place_level = forms.ChoiceField(
        label=_("niveau de lieu"), choices=[*EMPTY, *Territory.Level.choices], required=False,
        help_text=_("Où l’on saisit, si « territoire » est coché. Vide : celui de la formule, ou la province."),
    )  # fmt: skip
    form = forms.CharField(label=_("formulaire"), max_length=249, required=False,
                           help_text=_("Vide : la valeur est saisie à la main."))  # fmt: skip
    repeat = forms.CharField(label=_("répétition"), max_length=249, required=False)
    formula_measure = forms.ChoiceField(
        label=_("ce qui est calculé"), choices=[*EMPTY, *MEASURES.items()], required=False
    )
    value = forms.CharField(label=_("valeur"), required=False, help_text="${heures}")
    numerator = forms.CharField(label=_("numérateur"), required=False)
    denominator = forms.CharField(label=_("dénominateur"), required=False)
    scale = forms.DecimalField(label=_("échelle"), required=False, help_text=_("100 pour un pourcentage."),
                               min_value=SMALLEST, max_digits=15)  # fmt: skip
    filter = forms.CharField(label=_("filtre"), required=False, help_text="${age} >= 15")
    date = forms.CharField(label=_("question de la date"), max_length=249, required=False)
    splits = forms.CharField(
        label=_("désagrégations de la formule"), widget=forms.Textarea({"rows": 3}), required=False,
        help_text="sex: ${sexe} {f=female; h=male}",
    )  # fmt: skip

    def __init__(self, *arguments: Any, programme: Programme, sheet: dict[str, Any] | None = None, **options: Any):
        super().__init__(*arguments, **options)
        self.programme, self.before = programme, (sheet or {}).get("formula") or {}
        sources = VerificationSource.objects.filter(programme=programme)
        self.fields["dimensions"].choices = [(d.code, str(d)) for d in self.known]
        for name, takes in TAKES.items():  # what a click on a question writes in it
            self.fields[name].widget.attrs["data-takes"] = takes
        self.fields["sources"].choices = [(source.code, str(source)) for source in sources]
        for name, says in aggregations.EXPLAINED.items():
            labels = dict(IndicatorVersion.Aggregation.choices)
            self.fields[name].choices = [(way, explained(labels[way], says[way])) for way in says]
            self.fields[name].help_text = f"{self.fields[name].help_text} {gettext(aggregations.SHARES)}"
            self.initial.setdefault(name, IndicatorVersion.Aggregation.SUM)
        if sheet:
            spelled = formulas.spelled(sheet["formula"])
            self.initial = {**self.initial, **spelled, **sheet, "formula_measure": spelled["measure"]}

    @cached_property
    def known(self) -> list[Dimension]:
        return list(Dimension.objects.order_by("code"))

    def groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        """Fields under the questions that they answer."""
        named = {name for _legend, names in GROUPS for name in names}
        rest = [name for name in self.fields if name not in named]
        return [
            (legend, [self[name] for name in names])
            for legend, names in [("", rest), *GROUPS]
            if any(name in self.fields for name in names)
        ]

    def is_measurable(self) -> bool:
        """Whether a formula that changes can be computed; what cannot is said beside its field."""
        try:
            record = self.formula()
            stays = record == {name: self.before[name] for name in self.before if name not in ("time", "place")}
            wrong = [] if stays else checker(self.programme)(record)
        except Refused as refusal:  # something lacks, or a disaggregation cannot be read
            wrong = [refusal]
        for fault in wrong:
            self.add_error(*fault_in_words(fault))
        return not wrong

    def sheet(self) -> dict[str, Any]:
        """The sheet as `define` takes it."""
        given = self.cleaned_data
        own = {name: given[name] for name in self.fields if name in given}
        return {**own, "direction": given["direction"] or None, "formula": self.formula()}

    def formula(self) -> dict[str, Any] | None:
        """The formula alone, even when the rest of the sheet is not filled in yet."""
        given = {**dict.fromkeys(formulas.spelled(None), ""), "scale": None, **self.cleaned_data}
        kinds = {dimension.code: (dimension.kind, dimension.categories) for dimension in self.known}
        return formulas.formula({**given, "measure": given.get("formula_measure", "")}, kinds)


def fault_in_words(fault: Refused) -> tuple[str, str]:
    """The field of the sheet where a formula is at fault, and the sentence that says so with the field's own name."""
    where, part = formulas.field_of(fault.values["place"]) if "place" in fault.values else (fault.field, "")
    name = "formula_measure" if where == "measure" else where
    label = str(SheetForm.base_fields[name].label)
    values = {**fault.values, "place": f"{label} › {part}" if part else label}
    values |= {kind: gettext(values[kind]) for kind in ("given", "needed") if isinstance(values.get(kind), str)}
    return name, gettext(fault.message) % values


class NewIndicatorForm(SheetForm):
    """An indicator and its first sheet."""

    code = forms.CharField(label=_("code"), max_length=30, help_text=_("Unique dans le programme, par exemple P1.1.1."))
    field_order = ("code", "title")


class DefineForm(SheetForm):
    """A sheet that follows another."""

    valid_from = forms.DateField(label=_("en vigueur depuis"), widget=DayInput, initial=date.today)
    reason = forms.CharField(
        label=_("motif du changement"), widget=forms.Textarea({"rows": 2}), required=False,
        help_text=_("Nécessaire dès qu’un champ change : la définition précédente reste, avec ses valeurs."),
    )  # fmt: skip
    field_order = ("valid_from", "reason", "title")


class PlaceForm(forms.ModelForm):
    """Where an indicator stands in the chain."""

    class Meta:
        model = Indicator
        fields = ("result", "code", "position")


class ResultForm(forms.ModelForm):
    class Meta:
        model = Result
        fields = ("programme", "level", "code", "parent", "title", "description", "position")


class DirectionForm(forms.Form):
    direction = forms.ChoiceField(label=_("sens"), choices=IndicatorVersion.Direction, widget=forms.RadioSelect)
    reason = forms.CharField(
        label=_("motif"), required=False, help_text=_("Nécessaire seulement si un sens était déjà confirmé.")
    )


class PointForm(forms.Form):
    """A figure promised, in total or for one category of each dimension of the indicator."""

    value = forms.DecimalField(
        label=_("valeur"), max_digits=20, decimal_places=4, required=False,
        help_text=_("Vide si elle est inconnue : inconnu n’est pas zéro."),
    )  # fmt: skip
    text = forms.CharField(label=_("commentaire"), widget=forms.Textarea({"rows": 2}), required=False)
    why = forms.CharField(label=_("motif de la modification"), max_length=500, required=False)

    def __init__(self, *arguments: Any, indicator: Indicator, **options: Any):
        super().__init__(*arguments, **options)
        self.dimensions = [
            dimension for dimension in Dimension.objects.filter(code__in=indicator.current.dimensions)
            if dimension.kind != Dimension.Kind.TERRITORY
        ]  # fmt: skip
        for dimension in self.dimensions:
            choices = [("", _("total")), *((c["code"], translated(c["label"])) for c in dimension.categories)]
            self.fields[dimension.code] = forms.ChoiceField(label=str(dimension), choices=choices, required=False)

    @property
    def cell(self) -> dict[str, str]:
        return {d.code: chosen for d in self.dimensions if (chosen := self.cleaned_data[d.code])}


class BaselineForm(PointForm):
    on = forms.DateField(label=_("date de la mesure"), widget=DayInput, required=False)


class TargetForm(PointForm):
    period = forms.ModelChoiceField(Period.objects.none(), label=_("période"))
    field_order = ("period",)

    def __init__(self, *arguments: Any, indicator: Indicator, **options: Any):
        super().__init__(*arguments, indicator=indicator, **options)
        self.fields["period"].queryset = Period.objects.filter(programme=indicator.result.programme_id)


class DimensionForm(forms.ModelForm):
    """A disaggregation, its categories one per line: code: French label [from..to]."""

    lines = forms.CharField(
        label=_("catégories"), widget=forms.Textarea({"rows": 6}), required=False,
        help_text=_("Une par ligne, « code = libellé » ; pour une tranche, « 15-24 = 15 à 24 ans [15..24] »."),
    )  # fmt: skip

    class Meta:
        model = Dimension
        fields = ("code", "label", "kind", "about_people")

    def __init__(self, *arguments: Any, **options: Any):
        super().__init__(*arguments, **options)
        if self.instance.pk:
            self.initial["lines"] = notation.write_categories(self.instance.categories)

    def clean_lines(self) -> str:
        try:
            found = notation.read_categories(self.cleaned_data["lines"])
        except Refused as refusal:
            raise forms.ValidationError(refusal_text(refusal)) from None
        known = {category["code"]: category.get("label", {}) for category in self.instance.categories}
        self.instance.categories = [
            {**category, "label": {**known.get(category["code"], {}), **category["label"]}} for category in found
        ]
        return self.cleaned_data["lines"]


class CatalogueForm(forms.ModelForm):
    uri = forms.URLField(label=_("adresse"), required=False, assume_scheme="https")

    class Meta:
        model = Catalogue
        fields = ("code", "title", "funder", "iati_vocabulary", "uri")


class CatalogueFileForm(forms.Form):
    file = forms.FileField(
        label=_("fichier (Excel ou CSV)"),
        help_text=_(
            "Colonnes : préfixe, code, intitulé (fr), intitulé (ar), intitulé (en), unité (fr), unité (ar), "
            "unité (en), niveau, additif ; le code et un intitulé sont nécessaires. Rien n’est supprimé."
        ),
    )

    def clean_file(self) -> list[dict[str, Any]]:
        """The indicators of the file; refused with all that is wrong in it, row by row."""
        try:
            found, faults = entries(self.cleaned_data["file"].read())
        except Refused as refusal:
            raise forms.ValidationError(refusal_text(refusal)) from None
        if faults:
            raise forms.ValidationError([*map(refusal_text, faults[:FAULTS]), *_more(len(faults) - FAULTS)])
        return found


def _more(faults: int) -> list[str]:
    return [gettext("Autres lignes à corriger : %(count)s.") % {"count": faults}] if faults > 0 else []
