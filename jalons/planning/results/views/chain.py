"""The results chain as a page, and the forms of its links."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from jalons.core.levels import Level
from jalons.core.links import url_or_none
from jalons.core.removal import RemovePage
from jalons.core.views import DetailPage, FormPage
from jalons.foundation.programmes.queries import chosen_programme
from jalons.planning.results import actions, queries
from jalons.planning.results.chain import Assumption, Result
from jalons.planning.results.forms import ResultForm


@require_safe
def result_list(request: HttpRequest) -> HttpResponse:
    """The whole logframe of the programme in sight."""
    if not request.user.may("results", Level.VIEW):
        raise Http404
    programme = chosen_programme(request)
    nodes = queries.framework(programme, request.user) if programme else []
    edits = bool(programme) and programme.is_open_to(request.user, Level.EDIT, app="results")
    lines = [line for node in nodes for line in node.lines if line.version]
    return render(request, "results/logframe.html", {
        "title": _("Cadre logique"), "programme": programme, "nodes": nodes, "edits": edits,
        "asked": [line for line in lines if line.awaits_direction],
        "unsexed": [line for line in lines if line.lacks_sex],
        "workbook_url": url_or_none("exchange:workbook") if request.user.may("exchange", Level.VIEW) else None,
    })  # fmt: skip


class ResultDetail(DetailPage):
    model = Result
    fields = ("level", "description", "parent", "position")
    actions = (("add-indicator", _("Ajouter un indicateur")), ("remove", _("Retirer")))
    sections = (("assumptions", ("code", "text")), ("indicators", ("code", "title")), ("children", ("code", "title")))


class ResultEdit(FormPage):
    model = Result
    form_class = ResultForm

    def save(self, form: Any) -> Result:
        why = form.cleaned_data.get("why", "")
        return actions.set_result(result=form.save(commit=False), by=self.request.user, why=why)


class ResultRemove(RemovePage):
    model = Result
    action = actions.remove


class AssumptionDetail(DetailPage):
    model = Assumption
    fields = ("result", "code", "text")
    actions = (("remove", _("Retirer")),)
    parent = "result"


class AssumptionEdit(FormPage):
    model = Assumption
    fields = ("result", "code", "text")
    parent = "result"

    def save(self, form: Any) -> Assumption:
        why = form.cleaned_data.get("why", "")
        return actions.set_assumption(assumption=form.save(commit=False), by=self.request.user, why=why)


class AssumptionRemove(RemovePage):
    model = Assumption
    action = actions.remove
    parent = "result"
