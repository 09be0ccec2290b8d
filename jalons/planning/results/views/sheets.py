"""The sheet of an indicator: read, defined, told in figures and in funders' words."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from jalons.core.cells import Cell, absence, head, listed, shown
from jalons.core.errors import Refused
from jalons.core.fields import translated
from jalons.core.levels import Level
from jalons.core.links import page_of, url_or_none
from jalons.core.refusals import refusal_text
from jalons.core.removal import RemovePage
from jalons.core.views import ActionPage, DetailPage, FormPage
from jalons.foundation.territories.models import Territory
from jalons.planning.results import actions, queries
from jalons.planning.results.chain import Result
from jalons.planning.results.forms import (
    BaselineForm,
    DefineForm,
    DirectionForm,
    NewIndicatorForm,
    PlaceForm,
    TargetForm,
    explained,
)
from jalons.planning.results.models import Baseline, Indicator, IndicatorVersion, Mapping, Target
from jalons.planning.results.rules import formulas
from jalons.planning.results.rules.aggregations import EXPLAINED
from jalons.planning.results.rules.definitions import Change

TOLD = ("definition", "unit", "measure", "method", "frequency", "responsible", "counts_people", "gender_sensitive",
        "time_aggregation", "place_aggregation", "place_level")  # fmt: skip


class IndicatorDetail(DetailPage):
    model = Indicator
    actions = (("define", gettext_lazy("Changer la définition")), ("remove", gettext_lazy("Retirer")))

    def get_context_data(self, **extra: Any) -> dict[str, Any]:
        row: Indicator = self.object
        line = queries.line_of(row)
        periods, cuts = queries.promises_of(row)
        return super().get_context_data(
            title=row.title or row.code, line=line, facts=sheet_facts(line),
            formula=formula_facts(row.current), periods=periods, cuts=cuts, mappings=queries.mappings_of(row),
            versions=[(v, [told(c) for c in changes]) for v, changes in queries.versions_of(row)],
            offers={verb: self.offered(verb) for verb in ("target", "baseline", "direction")},
            mapping_url=self.offered("target") and url_or_none("results:mapping-add"),
            crumbs=[(_("Cadre logique"), url_or_none("results:result-list")), (str(row.result), page_of(row.result))],
            progress_url=self.request.user.may("measurement") and url_or_none("measurement:indicator-progress", row.pk),
            values_url=self.request.user.may("measurement") and url_or_none("dashboards:indicator", row.pk), **extra,
        )  # fmt: skip


def sheet_facts(line: queries.Line) -> list[tuple[str, Any]]:
    """What the definition in force says, field by field."""
    version = line.version
    if version is None:
        return []
    dimensions, sources = queries.named(version)
    facts = [(head(IndicatorVersion, name), in_words(name, getattr(version, name))) for name in TOLD]
    facts = [(label, meant(name, version) or told) for name, (label, told) in zip(TOLD, facts, strict=True)]
    facts.insert(3, (head(IndicatorVersion, "direction"), line.direction_label))
    listed = (("dimensions", dimensions), ("sources", sources))
    return facts + [(head(IndicatorVersion, name), "\n".join(map(str, rows)) or blank(name)) for name, rows in listed]


def meant(name: str, version: IndicatorVersion) -> str:
    """An aggregation with the sentence that explains it, or the level of places in force; empty for other fields."""
    if name in EXPLAINED:
        way = getattr(version, name)
        return explained(IndicatorVersion.Aggregation(way).label, EXPLAINED[name][way])
    return str(Territory.Level(version.cut_by).label) if name == "place_level" and version.cut_by else ""


def formula_facts(version: IndicatorVersion | None) -> list[tuple[str, Any]]:
    """The formula, field by field, without what it does not say."""
    return named_parts(version.formula) if version else []


def named_parts(formula: dict[str, Any] | None) -> list[tuple[str, Any]]:
    """What a formula says, each part under the name that it bears in the sheet."""
    labels = DefineForm.base_fields
    spelled = formulas.spelled(formula)
    spelled["formula_measure"] = dict(labels["formula_measure"].choices).get(spelled.pop("measure"), "")
    return [(labels[name].label, spelled[name]) for name in labels if spelled.get(name) not in (None, "")]


def blank(name: str) -> Cell:
    """What an empty field of a sheet means: only a measure is unknown."""
    return Cell(absence(IndicatorVersion, name), "unknown")


def in_words(name: str, value: Any) -> Cell | str:
    """A field of a sheet as the reader says it."""
    field = IndicatorVersion._meta.get_field(name)
    if isinstance(value, dict):
        return translated(value) or blank(name)
    if isinstance(value, list | tuple):
        return listed(value) or blank(name)
    return blank(name) if value in (None, "") else shown(dict(field.flatchoices).get(value, value))


def told(change: Change) -> dict[str, Any]:
    """A change of definition for components/history.html."""
    label = head(IndicatorVersion, change.field)
    if change.field == "formula":
        return {"field": label, **_parts_that_differ(change)}
    return {
        "field": label,
        "before": in_words(change.field, change.before),
        "after": in_words(change.field, change.after),
    }


def _parts_that_differ(change: Change) -> dict[str, str]:
    """The parts of a formula that one version has otherwise than the other, before and after."""
    before, after = named_parts(change.before), named_parts(change.after)
    return {
        side: _(" ; ").join(_(" : ").join(map(str, part)) for part in own if part not in other) or shown(None)
        for side, own, other in (("before", before, after), ("after", after, before))
    }


@require_http_methods(["GET", "HEAD", "POST"])
def add_indicator(request: HttpRequest, pk: int) -> HttpResponse:
    """A new indicator under a result, with its first sheet."""
    result = get_object_or_404(Result.objects.for_user(request.user, Level.DECIDE), pk=pk)
    form = NewIndicatorForm(request.POST or None, programme=result.programme)
    if form.is_valid() and form.is_measurable():
        try:
            row = actions.add_indicator(
                result=result, code=form.cleaned_data["code"], sheet=form.sheet(), by=request.user
            )
            return redirect("results:indicator-detail", row.pk)
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal_text(refusal))
    return _sheet_page(request, form, title=_("Ajouter un indicateur"), lead=str(result), back=result)


@require_http_methods(["GET", "HEAD", "POST"])
def define(request: HttpRequest, pk: int) -> HttpResponse:
    """Another version of a definition, from a date and for a reason."""
    rows = Indicator.objects.for_user(request.user, Level.DECIDE).select_related("current", "result__programme")
    row = get_object_or_404(rows, pk=pk)
    sheet = row.current.sheet if row.current else None
    form = DefineForm(request.POST or None, programme=row.result.programme, sheet=sheet)
    if form.is_valid() and form.is_measurable():
        told = {name: form.cleaned_data[name] for name in ("valid_from", "reason")}
        try:
            actions.define(indicator=row, sheet=form.sheet(), by=request.user, why=told["reason"], **told)
            return redirect("results:indicator-detail", row.pk)
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal_text(refusal))
    return _sheet_page(request, form, title=_("Changer la définition"), lead=str(row), back=row)


add_indicator.level = define.level = Level.DECIDE  # what links to these pages asks before showing them


def _sheet_page(request: HttpRequest, form: Any, *, title: str, lead: str, back: Indicator | Result) -> HttpResponse:
    noun, programme = back._meta.model_name, back.owner_id
    context = {
        "questions_url": url_or_none("forms:programme-questions", programme),
        "trial_url": request.user.may("measurement") and url_or_none("measurement:programme-try", programme),
        "indicator": back if noun == "indicator" else None,
        "form": form, "title": title, "lead": lead, "cancel_url": url_or_none(f"results:{noun}-detail", back.pk),
        "crumbs": [(_("Cadre logique"), url_or_none("results:result-list")),
                   (str(back), url_or_none(f"results:{noun}-detail", back.pk))],
    }  # fmt: skip
    return render(request, "results/sheet_form.html", context, status=422 if form.errors else 200)


class IndicatorEdit(FormPage):
    model = Indicator
    form_class = PlaceForm

    def save(self, form: Any) -> Indicator:
        why = form.cleaned_data.get("why", "")
        return actions.set_indicator(indicator=form.save(commit=False), by=self.request.user, why=why)


class IndicatorDirection(ActionPage):
    model = Indicator
    form_class = DirectionForm
    action = actions.confirm_direction
    title = gettext_lazy("Confirmer le sens")
    submit = gettext_lazy("Confirmer")
    done = gettext_lazy("Sens confirmé.")

    def get_initial(self) -> dict[str, Any]:
        return {"direction": queries.line_of(self.object).direction}

    def arguments(self, form: DirectionForm) -> dict[str, Any]:
        return {**super().arguments(form), "why": form.cleaned_data["reason"]}


class IndicatorTarget(ActionPage):
    model = Indicator
    form_class = TargetForm
    action = actions.set_target
    title = gettext_lazy("Fixer une cible")
    done = gettext_lazy("Cible enregistrée.")

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "indicator": self.object}

    def arguments(self, form: TargetForm) -> dict[str, Any]:
        given = form.cleaned_data
        about = {"indicator": self.object, "period": given["period"], "cell": form.cell}
        target = Target.objects.filter(**about).first() or Target(**about)
        target.value, target.text = given["value"], given["text"]
        return {"target": target, "why": given["why"]}


class IndicatorBaseline(ActionPage):
    model = Indicator
    form_class = BaselineForm
    action = actions.set_baseline
    title = gettext_lazy("Dire la référence")
    done = gettext_lazy("Référence enregistrée.")

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "indicator": self.object}

    def arguments(self, form: BaselineForm) -> dict[str, Any]:
        given = form.cleaned_data
        about = {"indicator": self.object, "cell": form.cell}
        baseline = Baseline.objects.filter(**about).first() or Baseline(**about)
        baseline.value, baseline.text, baseline.on = given["value"], given["text"], given["on"]
        return {"baseline": baseline, "why": given["why"]}


class IndicatorRemove(RemovePage):
    model = Indicator
    action = actions.remove
    parent = "result"


class TargetRemove(RemovePage):
    model = Target
    action = actions.remove
    parent = "indicator"


class BaselineRemove(RemovePage):
    model = Baseline
    action = actions.remove
    parent = "indicator"


class MappingDetail(DetailPage):
    model = Mapping
    fields = ("indicator", "entry", "factor", "coverage", "valid_from", "valid_to", "frozen_from", "note")
    actions = (("remove", gettext_lazy("Retirer")),)
    parent = "indicator"


class MappingEdit(FormPage):
    model = Mapping
    fields = ("indicator", "entry", "factor", "coverage", "valid_from", "valid_to", "frozen_from", "note")
    parent = "indicator"

    def save(self, form: Any) -> Mapping:
        why = form.cleaned_data.get("why", "")
        return actions.set_mapping(mapping=form.save(commit=False), by=self.request.user, why=why)


class MappingRemove(RemovePage):
    model = Mapping
    action = actions.remove
    parent = "indicator"
