"""What people fill in about values."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from jalons.core.fields import translated
from jalons.evidence.measurement.models import IndicatorValue
from jalons.evidence.measurement.rules import typed
from jalons.evidence.measurement.rules.aggregation import Figure
from jalons.evidence.measurement.rules.typed import Said
from jalons.evidence.measurement.storage import cells_of
from jalons.foundation.programmes.models import Period
from jalons.foundation.territories.models import Territory
from jalons.planning.results.models import Dimension, IndicatorVersion, VerificationSource

LABELS = {
    "number": _("valeur"), "numerator": _("numérateur"), "denominator": _("dénominateur"), "answered": _("réponses"),
    "female": _("femmes"), "male": _("hommes"),
}  # fmt: skip
SEXES = ("female", "male")


@dataclass(frozen=True)
class Asked:
    """What is asked of a value: its definition, its period, the places of this person, and the value typed before.

    narrowed: the regions that this person answers for, who then types no whole; empty when nothing limits them.
    """

    version: IndicatorVersion
    period: Period
    places: list[Territory]
    before: IndicatorValue | None
    narrowed: str = ""

    @property
    def is_in_words(self) -> bool:
        return self.version.measure == IndicatorVersion.Measure.QUALITATIVE

    @property
    def is_share(self) -> bool:
        return self.version.measure == IndicatorVersion.Measure.PERCENTAGE

    @property
    def by_sex(self) -> bool:
        return not self.is_share and (self.version.counts_people or "sex" in self.version.dimensions)

    @property
    def terms(self) -> tuple[str, ...]:
        """What makes a figure: a number, or the two terms of a share, which is never typed itself."""
        return ("numerator", "denominator") if self.is_share else ("number",)

    @property
    def columns(self) -> tuple[str, ...]:
        """What is asked of each place."""
        weighed = self.version.place_aggregation == IndicatorVersion.Aggregation.AVERAGE and not self.is_share
        return (*self.terms, *(("answered",) if weighed else ()), *(SEXES if self.by_sex else ()))

    @property
    def groups(self) -> list[dict[str, Any]]:
        """The target groups to tell apart, when the definition does."""
        if self.is_share or self.is_in_words or self.narrowed or "target_group" not in self.version.dimensions:
            return []
        return Dimension.objects.get(code="target_group").categories


class TypedValue(forms.Form):
    """A value that no form gives, in total or place by place, and where it comes from."""

    period = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, asked: Asked, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.asked, self.known = asked, cells_of(asked.before) if asked.before else {}
        self.initial |= {"period": asked.period.pk}
        for name, field, value in self._asked_fields():
            self.fields[name] = field
            whole = isinstance(value, float) and value.is_integer()
            self.initial.setdefault(name, int(value) if whole else value)

    def _asked_fields(self) -> Iterator[tuple[str, forms.Field, Any]]:
        asked, before = self.asked, self.asked.before
        if not asked.narrowed and not asked.is_in_words:
            by_place = typed.PLACES in self.known and asked.version.place_aggregation != typed.RECOMPUTE
            for name in asked.terms:
                yield name, number(LABELS[name]), getattr(before, name) if before and not by_place else None
            sexes = {} if by_place else self.known.get(typed.SEX, {})
            for sex in SEXES if asked.by_sex and not asked.groups else ():
                yield sex, number(LABELS[sex]), sexes.get(sex) and sexes[sex].number
        yield from self._grid_fields()
        sources = [(s.code, str(s)) for s in VerificationSource.objects.filter(
            programme=asked.period.programme_id, code__in=asked.version.sources)]  # fmt: skip
        if sources:
            choices = sources if len(sources) == 1 else [("", "—"), *sources]
            field = forms.ChoiceField(label=_("source de vérification"), choices=choices)
            yield "source", field, (before.source if before else "") or choices[0][0]
        yield "text", words(), typed.own_words(before.text, asked.narrowed) if before else ""
        yield "document", forms.FileField(
            label=_("pièce"), required=False,
            help_text=_("Registre, liste, procès-verbal : sans pièce, la valeur est signalée."),
        ), None  # fmt: skip

    def _grid_fields(self) -> Iterator[tuple[str, forms.Field, Any]]:
        for place in self.asked.places:
            for column in self.asked.columns:
                dims, cell, term = _cell_of(str(place.pk), column)
                known = self.known.get(dims, {}).get(cell)
                yield (
                    f"place_{place.pk}_{column}",
                    in_grid(f"{place}, {LABELS[column]}"),
                    known and getattr(known, term),
                )
        for group in self.asked.groups:
            for sex in SEXES:
                known = self.known.get(typed.GROUPS_BY_SEX, {}).get(f"{sex}|{group['code']}")
                label = f"{translated(group['label'])}, {LABELS[sex]}"
                yield f"group_{group['code']}_{sex}", in_grid(label), known and known.number

    def plain(self) -> list[forms.BoundField]:
        """The fields of the total; `rest`: where it comes from."""
        return [self[name] for name in (*self.asked.terms, *SEXES) if name in self.fields]

    def rest(self) -> list[forms.BoundField]:
        return [self[name] for name in ("source", "text", "document") if name in self.fields]

    def grids(self) -> list[dict[str, Any]]:
        """The fields to fill row by row: places, then target groups."""
        heads = [LABELS[column] for column in self.asked.columns]
        places = [(place, [self[f"place_{place.pk}_{c}"] for c in self.asked.columns]) for place in self.asked.places]
        groups = [(translated(group["label"]), [self[f"group_{group['code']}_{sex}"] for sex in SEXES])
                  for group in self.asked.groups]  # fmt: skip
        found = [
            (_("Par lieu"), heads, places),
            (_("Par groupe cible et par sexe"), [LABELS[s] for s in SEXES], groups),
        ]
        return [{"title": title, "heads": heads, "rows": rows} for title, heads, rows in found if rows]

    def said(self) -> Said:
        """What was typed; a share is computed from its two terms."""
        answers, cuts = self.cleaned_data, {}
        for place in self.asked.places:
            for column in self.asked.columns:
                dims, cell, _term = _cell_of(str(place.pk), column)
                cuts.setdefault(dims, {})[cell] = self._figure(f"place_{place.pk}_", column)
        for group in self.asked.groups:
            for sex in SEXES:
                cell = Figure(answers.get(f"group_{group['code']}_{sex}"))
                cuts.setdefault(typed.GROUPS_BY_SEX, {})[f"{sex}|{group['code']}"] = cell
        if sexes := {sex: Figure(answers[sex]) for sex in SEXES if answers.get(sex) is not None}:
            cuts[typed.SEX] = sexes
        return Said(self._figure("", "number"), answers["text"], cuts, answers.get("source", ""), answers["document"])

    def _figure(self, prefix: str, column: str) -> Figure:
        given = {name: self.cleaned_data.get(prefix + name) for name in LABELS}
        if column in SEXES:
            return Figure(given[column])
        top, bottom, answered = given["numerator"], given["denominator"], given["answered"]
        if bottom:
            return Figure(None if top is None else 100 * top / bottom, top, bottom)
        return Figure(given["number"], answered=None if answered is None else int(answered))


def number(label: Any) -> forms.FloatField:
    """A figure that may be unknown."""
    return forms.FloatField(label=label, required=False)


def in_grid(label: str) -> forms.FloatField:
    """The same in a table, whose heads say to the eye what the label says to the ear."""
    widget = forms.NumberInput({"aria-label": label, "step": "any"})
    return forms.FloatField(label=label, required=False, min_value=0, widget=widget)


def words() -> forms.CharField:
    return forms.CharField(
        label=_("d’où vient cette valeur"), widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Document, date, personne qui le tient ; pour une appréciation, le constat lui-même."),
    )  # fmt: skip


def _cell_of(place: str, column: str) -> tuple[tuple[str, ...], str, str]:
    """The cut, the cell and the term that a column of a place fills."""
    if column in SEXES:
        return typed.PLACES_BY_SEX, f"{column}|{place}", "number"
    return typed.PLACES, place, column


class Choice(forms.Form):
    """Which period is typed and, where places are many, within which one."""

    period = forms.ModelChoiceField(Period.objects.none(), label=_("période"), empty_label=None)
    within = forms.ModelChoiceField(Territory.objects.none(), label=_("dans"), empty_label=None, required=False)

    def __init__(self, *args: Any, periods: Any, wider: Iterable[Territory], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["period"].queryset = periods
        self.fields["within"].queryset = Territory.objects.filter(pk__in=[place.pk for place in wider])
        if not wider:
            del self.fields["within"]


class OnePeriod(forms.Form):
    """Which period a decision on many values is about."""

    period = forms.ModelChoiceField(Period.objects.none(), label=_("période"))

    def __init__(self, *args: Any, programme: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["period"].queryset = Period.objects.filter(programme=programme)
