"""Checks of each form: those applied, those proposed, how each is set."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from jalons.collection.forms.models import Form
from jalons.collection.forms.queries import latest_version
from jalons.collection.quality import actions
from jalons.collection.quality.forms import CheckForm, initial, told_parameters
from jalons.collection.quality.models import Check
from jalons.collection.submissions.models import Flag
from jalons.collection.submissions.reading import Versions
from jalons.core.errors import Refused
from jalons.core.levels import Level
from jalons.core.list_page import ListPage
from jalons.core.refusals import refusal_text
from jalons.core.views import ActionPage, DetailPage


class CheckList(ListPage):
    model = Check
    columns = ("name", "form", "kind", "severity", "told", "state", "valid_from")
    filters = ("form", "kind", "severity", "state")
    empty_text = gettext_lazy("Ouvrez « Formulaires et contrôles » : des contrôles y sont proposés.")


class CheckDetail(DetailPage):
    model = Check
    fields = ("form", "kind", "severity", "told", "valid_from", "state", "number")
    actions = (("change", gettext_lazy("Modifier")), ("retire", gettext_lazy("Retirer")))

    def get_context_data(self, **extra: Any) -> dict[str, Any]:
        counts = Flag.objects.for_user(self.request.user, app="quality").filter(finding__quality_check=self.object)
        states = [(label, n) for code, label in Flag.State.choices if (n := counts.filter(state=code).count())]
        form = tied(self.object.form, self.object.kind, self.request.user)
        parameters = told_parameters(self.object, form["schema"], form["others"])
        return super().get_context_data(
            parameters=parameters, states=states, runs=self.object.runs.all()[:20], fault=fault_of(self.object), **extra
        )

    def offered(self, verb: str) -> str | None:
        return (
            None if verb in ("change", "retire") and self.object.state == Check.State.RETIRED else super().offered(verb)
        )


class CheckAdd(ActionPage):
    """A check of the form and kind that the link names."""

    model = Check
    action = actions.add_check
    form_class = CheckForm
    submit = gettext_lazy("Appliquer ce contrôle")
    done = gettext_lazy("Contrôle enregistré : il s’applique en arrière-plan à ce qui a été reçu depuis le jour dit.")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.may("quality", Level.DECIDE) and not self.named():
            return redirect("quality:check-list")
        return super().dispatch(request, *args, **kwargs)

    def named(self) -> Form | None:
        """The form that the link names, if it has a version and the kind is one."""
        form, kind = self.request.GET.get("form", ""), self.request.GET.get("kind", "")
        rows = Form.objects.for_user(self.request.user, Level.DECIDE, app="quality").filter(versions__isnull=False)
        return rows.filter(pk=form).first() if form.isdecimal() and kind in Check.Kind.values else None

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), **tied(self.named(), self.request.GET["kind"], self.request.user)}

    def get_initial(self) -> dict[str, Any]:
        """From the first submission on, as proposed checks are."""
        return {**super().get_initial(), "valid_from": self.named().created_at.date()}

    def get_context_data(self, **extra: Any) -> dict[str, Any]:
        return super().get_context_data(lead=str(self.named()), **extra)

    def crumbs(self) -> list[tuple[str, str | None]]:
        return [(_("Qualité"), reverse("quality:flag-list")),
                (str(self.named()), reverse("quality:form-checks", args=[self.named().pk]))]  # fmt: skip

    def back_url(self, **_more: Any) -> str:
        return reverse("quality:form-checks", args=[self.named().pk])

    def arguments(self, form: forms.Form) -> dict[str, Any]:
        return {"form": form.on, "kind": form.kind, **form.cleaned_data}

    def _default_title(self) -> str:
        return Check.Kind(self.request.GET["kind"]).label.capitalize()

    def get_success_url(self, target: Check) -> str:
        return reverse("quality:form-checks", args=[target.form_id])


class CheckChange(ActionPage):
    model = Check
    action = actions.change_check
    form_class = CheckForm
    title = gettext_lazy("Modifier le contrôle")
    done = gettext_lazy("Contrôle modifié.")

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), **tied(self.object.form, self.object.kind, self.request.user)}

    def get_initial(self) -> dict[str, Any]:
        return {**super().get_initial(), **initial(self.object)}

    def arguments(self, form: forms.Form) -> dict[str, Any]:
        """What its form does not ask stays: the parts that a proposed check looks at."""
        unasked = {name: value for name, value in self.object.parameters.items() if name not in form.own}
        given = form.cleaned_data
        return {"check": self.object, **given, "parameters": {**unasked, **given["parameters"]}}


class CheckRetire(ActionPage):
    model = Check
    action = actions.retire_check
    title = submit = gettext_lazy("Retirer ce contrôle")
    danger = True
    done = gettext_lazy("Contrôle retiré. Ce qu’il a signalé et qui a été expliqué reste.")


def fault_of(check: Check) -> str:
    """Why a check that is applied says nothing of what arrives; empty when it does."""
    fault = actions.fault(check) if check.state == Check.State.OPEN else None
    return refusal_text(fault) if fault else ""


def tied(form: Form, kind: str, user: Any) -> dict[str, Any]:
    """What the form of a check needs to know of the form that it checks."""
    siblings = Form.objects.for_user(user, app="quality").filter(programme=form.programme_id).exclude(pk=form.pk)
    schema = Versions(form, latest_version(form)).default.schema
    return {"on": form, "kind": kind, "schema": schema, "others": [(row.pk, str(row)) for row in siblings]}


@require_http_methods(["GET", "HEAD", "POST"])
def of_form(request: HttpRequest, pk: int) -> HttpResponse:
    """The checks of a form: applied, proposed; accept those, write others, apply all of them again."""
    form = get_object_or_404(Form.objects.for_user(request.user, app="quality"), pk=pk)
    decides = form.is_open_to(request.user, Level.DECIDE, app="quality")
    if request.method == "POST":
        if not decides:
            raise Http404
        _press(request, form)
        return redirect("quality:form-checks", pk=pk)
    counts = Flag.objects.for_user(request.user, app="quality").filter(submission__form=form, state=Flag.State.OPEN)
    context = {
        "object": form, "title": str(form), "decides": decides, "kinds": Check.Kind.choices, "open": counts.count(),
        "checks": [(check, counts.filter(finding__quality_check=check).count(), check.runs.first(), fault_of(check))
                   for check in form.checks.order_by("state", "pk")],
        "proposals": [(one, _(one.name), Check.Kind(one.kind).label) for one in actions.proposed(form)],
        "crumbs": [(_("Qualité"), reverse("quality:flag-list")), (_("Formulaires"), reverse("quality:form-list"))],
    }  # fmt: skip
    return render(request, "quality/form_checks.html", context)


def _press(request: HttpRequest, form: Form) -> None:
    try:
        if "again" in request.POST:
            actions.start_checking(form=form, by=request.user)
            messages.success(request, _("Les contrôles s’appliquent en arrière-plan."))
        else:
            actions.accept(form=form, kinds=request.POST.getlist("kind"), by=request.user)
            messages.success(request, _("Contrôles acceptés : ils s’appliquent à tout ce qui a été reçu."))
    except Refused as refusal:
        messages.error(request, refusal_text(refusal))


class FormList(ListPage):
    """Forms, to reach their checks and the history of their processing."""

    model = Form
    app = "quality"
    columns = ("title", "code", "programme", "state")
    filters = ("programme", "state")
    ordering = "code"

    def get_template_names(self) -> list[str]:
        return ["quality/form_list.html#rows" if self.request.htmx else "quality/form_list.html"]

    def get_context_data(self, **extra: Any) -> dict[str, Any]:
        return super().get_context_data(**{**extra, "area": "forms", "title": _("Formulaires et contrôles")})

    def row_url(self, row: Form) -> str:
        return reverse("quality:form-checks", args=[row.pk])
