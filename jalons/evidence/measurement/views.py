"""Pages of values: list, one value, its path back to what happened, and the decisions on it."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from jalons.core import jobs
from jalons.core.errors import Refused
from jalons.core.levels import Level
from jalons.core.links import level_of, url_or_none
from jalons.core.list_page import ListPage
from jalons.core.readonly import readonly
from jalons.core.scope import reads_drafts
from jalons.core.views import ActionPage, DetailPage
from jalons.evidence.measurement import actions, entry, queries, telling, tracing
from jalons.evidence.measurement.checking import broken
from jalons.evidence.measurement.disclosure import withheld
from jalons.evidence.measurement.forms import OnePeriod, TypedValue
from jalons.evidence.measurement.models import IndicatorValue
from jalons.evidence.measurement.trial import Trial, told, trial
from jalons.foundation.programmes.models import Programme
from jalons.foundation.programmes.queries import chosen_programme
from jalons.planning.results.forms import DefineForm, fault_in_words
from jalons.planning.results.models import Indicator
from jalons.planning.results.rules.aggregations import check_adds


class IndicatorValueList(ListPage):
    model = IndicatorValue
    columns = ("indicator", "period", "number", "answered", "asked", "state", "origin", "computed_at")
    filters = ("period__programme", "period", "state", "origin")
    search = ("indicator__code", "indicator__current__title")
    ordering = "-pk"

    def get_queryset(self):
        return super().get_queryset().select_related("indicator__current", "definition")

    def get_context_data(self, **extra):
        """What may be done with all the values of the programme in sight, in the order in which it is done."""
        programme, user = chosen_programme(self.request), self.request.user
        words = {"measure": _("Calculer"), "verify": _("Vérifier une période"), "publish": _("Publier une période")}
        urls = {verb: reverse(f"measurement:programme-{verb}", args=[programme.pk]) for verb in words if programme}
        offered = [(words[verb], url) for verb, url in urls.items()
                   if programme.is_open_to(user, level_of(url), app="measurement")]  # fmt: skip
        if programme and programme.is_open_to(user, Level.EDIT, app="measurement"):
            offered = [*offered, (_("Saisir dans Excel"), url_or_none("exchange:values"))]
        return super().get_context_data(actions=offered, **extra)


class IndicatorValueDetail(DetailPage):
    model = IndicatorValue
    attach = True

    @property
    def fields(self):
        """Without the two terms of a ratio, where the measure is none; without words, where there is a number."""
        value = self.object
        terms = () if value.number is not None and value.numerator is None else ("numerator", "denominator")
        least = ("least",) if value.doubts else ()
        text = ("text",) if value.text or value.number is None else ()
        return (
            "indicator", "period", "number", *least, *terms, "answered", "asked", *text, "source_of_proof",
            "definition", "origin", "state", "computed_at", "author", "verified_by", "verified_at", "published_by",
            "published_at",
        )  # fmt: skip

    def get_queryset(self):
        people = ("author", "verified_by", "published_by")
        return super().get_queryset().select_related("indicator__current", "period", "definition", *people)

    @property
    def actions(self):
        """What can be done next, by its state."""
        steps = {"draft": [("verify", _("Vérifier"))], "published": [],
                 "verified": [("publish", _("Publier")), ("send_back", _("Renvoyer en brouillon"))]}  # fmt: skip
        return [("trace", _("D’où vient ce chiffre ?")), *steps[self.object.state]]

    def get_context_data(self, **extra):
        return super().get_context_data(
            cuts=telling.cuts(self.object, withheld(self.object, self.request.user)),
            **telling.proof(self.object),
            **extra,
        )


def indicatorvalue_trace(request: HttpRequest, pk: int) -> HttpResponse:
    """From a value back to the submissions that made it."""
    if not request.user.may("measurement"):
        raise Http404
    rows = IndicatorValue.objects.for_user(request.user)
    value = get_object_or_404(
        rows.select_related("indicator__result__programme", "indicator__current", "period", "definition", "author"),
        pk=pk,
    )
    with readonly():
        cell = queries.cell_asked(value, request.GET.dict())
        if cell is None or "|".join(cell.values()) in withheld(value, request.user).get(tuple(cell), ()):
            raise Http404
        found = tracing.trace(value, request.user, cell)
        context = telling.path(value, found, cell)
        return render(request, "measurement/trace.html", context)


class IndicatorValueVerify(ActionPage):
    model = IndicatorValue
    action = actions.verify
    title = _("Vérifier la valeur")
    submit = _("Vérifier")
    done = _("Valeur vérifiée. Une autre personne peut la publier.")


class IndicatorValuePublish(ActionPage):
    model = IndicatorValue
    action = actions.publish
    title = _("Publier la valeur")
    submit = _("Publier")
    done = _("Valeur publiée.")


class IndicatorValueSendBack(ActionPage):
    model = IndicatorValue
    action = actions.send_back
    title = _("Renvoyer en brouillon")
    submit = _("Renvoyer")
    done = _("La valeur est de nouveau un brouillon.")


class IndicatorType(ActionPage):
    """A value that no form gives, for one period; place by place where its definition says so."""

    model = Indicator
    app = "measurement"
    action = actions.type_value
    title = _("Saisir une valeur")
    done = _("Valeur enregistrée en brouillon ; une autre personne doit la vérifier.")

    def get_queryset(self):
        return super().get_queryset().filter(current__isnull=False).select_related("current", "result__programme")

    def get_form(self, form_class=None):
        self.asked, self.choice = entry.asked(self.object, self.request)
        return TypedValue(asked=self.asked, **self.get_form_kwargs())

    def arguments(self, form):
        return {"indicator": self.object, "period": self.asked.period, "said": form.said()}

    def get_context_data(self, **extra):
        context = super().get_context_data(**extra)
        return context | {"asked": self.asked, "choice": self.choice, **entry.told(self.asked)}


def indicator_progress(request: HttpRequest, pk: int) -> HttpResponse:
    """Fragment of the indicator's page: its last values, period by period."""
    if not request.user.may("measurement"):
        raise Http404
    rows = Indicator.objects.for_user(request.user).select_related("current", "result__programme")
    indicator = get_object_or_404(rows, pk=pk)
    programme = indicator.result.programme
    values = (
        IndicatorValue.objects.for_user(request.user).filter(indicator=indicator).select_related("period", "definition")
    )
    last = values.order_by("period__ends_on", "period__kind", "-computed_at").distinct(
        "period__ends_on", "period__kind"
    )
    context = {
        "indicator": indicator,
        "values": list(last)[-8:],
        "faults": [fault_in_words(fault)[1] for one in broken(programme, [indicator]) for fault in one.faults],
        "told_only": not reads_drafts(request.user, "measurement", indicator.owner_id),
        "may_type": request.user.may("measurement", Level.EDIT) and not indicator.current.formula,
    }
    return render(request, "measurement/indicator_progress.html", context)


def broken_formulas(request: HttpRequest) -> HttpResponse:
    """Fragment of the list of indicators: those of this reader whose definition must be looked at again, and why."""
    if not request.user.may("measurement"):
        raise Http404
    rows = Indicator.objects.for_user(request.user).filter(current__formula__isnull=False).select_related("current")
    found = [
        (one.indicator, [fault_in_words(fault)[1] for fault in one.faults])
        for programme in Programme.objects.for_user(request.user, app="results")
        for one in broken(programme, rows.filter(result__programme=programme))
    ]
    return render(request, "measurement/broken.html", {"broken": found})


@require_POST
def programme_try(request: HttpRequest, pk: int) -> HttpResponse:
    """Fragment of the page of a definition: what it would give. It computes, and keeps nothing."""
    programmes = Programme.objects.for_user(request.user, Level.DECIDE, app="results")
    programme = get_object_or_404(programmes, pk=pk) if request.user.may("measurement") else None
    if programme is None:
        raise Http404
    chosen = request.POST.get("indicator", "")
    rows = Indicator.objects.for_user(request.user).filter(result__programme=programme).prefetch_related("versions")
    indicator = rows.filter(pk=chosen).first() if chosen.isdecimal() else None
    form = DefineForm(request.POST, programme=programme)
    form.full_clean()
    valid_from, measure = form.cleaned_data.get("valid_from"), form.cleaned_data.get("measure", "")
    with readonly():
        try:
            record = form.formula()
            ways = (form.cleaned_data.get(f"{over}_aggregation", "") for over in ("time", "place"))
            check_adds((record or {}).get("measure", ""), *ways)
            found = trial(record, programme, indicator, valid_from or date.min) if record else None
        except Refused as refusal:  # a disaggregation that cannot be read, figures that do not add up
            found = Trial([refusal])
        context = {"trial": found, "faults": [fault_in_words(fault)[1] for fault in found.faults] if found else [],
                   "lines": [told(line, measure) for line in found.lines] if found else []}  # fmt: skip
        return render(request, "measurement/trial.html", context)


class Decision(ActionPage):
    """A decision on all the values of one period of a programme."""

    model = Programme
    app = "measurement"
    form_class = OnePeriod

    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "programme": self.object}

    def get_initial(self):
        return {"period": self.request.GET.get("period")}

    def arguments(self, form):
        values = IndicatorValue.objects.filter(period=form.cleaned_data["period"])
        return {"programme": self.object, "values": values}

    def get_success_url(self, target):
        return telling.list_url(self.request.POST.get("period"))


class ProgrammeVerify(Decision):
    action = actions.verify_all
    title = _("Vérifier toutes les valeurs d’une période")
    submit = _("Vérifier")
    done = _("Valeurs vérifiées, sauf celles que vous avez saisies vous-même.")


class ProgrammePublish(Decision):
    action = actions.publish_all
    title = _("Publier toutes les valeurs d’une période")
    submit = _("Publier")
    done = _("Valeurs publiées, sauf celles que vous avez vérifiées vous-même.")


class ProgrammeMeasure(ActionPage):
    model = Programme
    app = "measurement"
    action = actions.measured
    title = _("Calculer les indicateurs")
    submit = _("Calculer")

    def form_valid(self, form) -> Any:
        label = gettext("Calcul des indicateurs de %(programme)s") % {"programme": self.object}
        arguments = {"label": label, "by": self.request.user, "programme_id": self.object.pk}
        job = jobs.enqueue("measurement.measure", **arguments, programme=self.object.pk)
        messages.success(self.request, gettext("Calcul lancé ; vous pouvez fermer cette page."))
        return redirect("core:job-detail", job.pk)
