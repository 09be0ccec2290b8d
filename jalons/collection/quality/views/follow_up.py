"""What is expected and what came, who was reminded; submissions drawn to be verified again; the history of a form."""

from collections import defaultdict
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from jalons.collection.forms.models import Form
from jalons.collection.quality import actions, history, timeliness
from jalons.collection.quality.forms import MarkForm, SampleForm
from jalons.collection.quality.models import Expectation, Sample, SampleItem
from jalons.collection.quality.rules.sampling import Drawing, outcome
from jalons.core.exports import FORMATS
from jalons.core.levels import Level
from jalons.core.list_page import ListPage
from jalons.core.views import ActionPage, DetailPage, FormPage

MOST_STEPS = 500


class ExpectationList(ListPage):
    """The board: expected against received, late, last, validated, flagged."""

    model = Expectation
    columns = ("form", "organisation", "period", "count", "due_on")
    filters = ("form", "organisation", "period")
    ordering = "due_on"
    empty_text = gettext_lazy("Dites ce que chaque partenaire doit envoyer, et pour quand : ce qui manque paraît ici.")

    def get_context_data(self, **extra: Any) -> dict[str, Any]:
        shown = super().get_context_data(**extra)
        keys = [row["object"].pk for row in shown["rows"]]
        came = timeliness.received(keys)
        writes = set(
            Expectation.objects.for_user(self.request.user, Level.EDIT).filter(pk__in=keys).values_list("pk", flat=True)
        )
        for row in shown["rows"]:
            held = row["object"]
            row |= told(came.get(held.pk, timeliness.NOTHING), held.count)
            row["last_reminder"] = held.reminders.first()
            today = row["last_reminder"] is not None and row["last_reminder"].day == localdate()
            row["may_remind"] = held.pk in writes and row["missing"] > 0 and not today
        forms = Form.objects.for_user(self.request.user, app="quality").filter(expectations=None)
        others = [{**one, **told(one, None)} for one in timeliness.by_partner(self.request.user, forms)]
        return {**shown, "others": others, "area": "board", "title": _("Complétude et délais")}


def told(came: dict[str, Any], expected: int | None) -> dict[str, Any]:
    """Shares with their counts; unknown when nothing came."""
    n = came["received"]
    return {
        "received": n, "late": came.get("late"), "last": came["last"],
        "missing": max(0, expected - n) if expected is not None else 0,
        "done": min(1, n / expected) if expected else None,
        "validated": came["validated"], "flagged": came["flagged"],
        "validated_share": came["validated"] / n if n else None, "flagged_share": came["flagged"] / n if n else None,
    }  # fmt: skip


class ExpectationAdd(FormPage):
    model = Expectation
    level = Level.DECIDE
    fields = ("form", "organisation", "period", "count", "due_on")


class ExpectationEdit(FormPage):
    model = Expectation
    level = Level.DECIDE
    fields = ("count", "due_on")


class ExpectationRemind(ActionPage):
    model = Expectation
    action = actions.remind
    title = gettext_lazy("Relancer le partenaire")
    submit = gettext_lazy("Rappeler")

    def save(self, form: Any) -> Any:
        kept = super().save(form)
        if kept.recipients:
            said = _("Relance gardée ; message parti à %(n)s personnes.") % {"n": kept.recipients}
        else:
            said = _("Relance gardée. Aucun message n’est parti : pas d’adresse connue, ou pas de courrier réglé.")
        messages.success(self.request, said)
        return kept

    def get_success_url(self, target: Any) -> str:
        return reverse("quality:expectation-list")


class SampleList(ListPage):
    model = Sample
    columns = ("form", "created_at", "population", "assigned_to", "state")
    filters = ("form", "state")
    empty_text = gettext_lazy("Tirez au sort quelques soumissions : une autre personne les vérifie, l’écart se mesure.")


class SampleAdd(ActionPage):
    model = Sample
    action = actions.draw_sample
    form_class = SampleForm
    title = gettext_lazy("Tirer des soumissions au sort")
    submit = gettext_lazy("Tirer")

    def arguments(self, form: Any) -> dict[str, Any]:
        given = dict(form.cleaned_data)
        kept = {name: given.pop(name) for name in ("form", "assigned_to")}
        return {**kept, "drawing": Drawing(**given)}

    def get_success_url(self, target: Sample) -> str:
        return reverse("quality:sample-detail", args=[target.pk])


class SampleDetail(DetailPage):
    model = Sample

    @property
    def fields(self) -> tuple[str, ...]:
        """Without the limits that nobody set."""
        limits = (name for name in ("each", "since", "until") if getattr(self.object, name))
        return ("form", "assigned_to", "state", "population", "seed", *limits, "created_at")

    def get_context_data(self, **extra: Any) -> dict[str, Any]:
        items = list(SampleItem.objects.for_user(self.request.user).filter(sample=self.object)
                     .select_related("submission__organisation", "seen_by"))  # fmt: skip
        groups: dict[str, list[str]] = defaultdict(list)
        for item in items:
            groups[str(getattr(item.submission, self.object.each or "pk", "") or "—")].append(item.outcome)
        each = [(name, outcome(marks)) for name, marks in sorted(groups.items())] if self.object.each else []
        marks = self.request.user.may("quality", Level.EDIT)
        whole = outcome(item.outcome for item in items)
        return super().get_context_data(items=items, whole=whole, by_group=each, marks=marks, **extra)


class SampleItemMark(ActionPage):
    model = SampleItem
    action = actions.mark
    form_class = MarkForm
    title = gettext_lazy("Vérifier une soumission tirée")
    submit = gettext_lazy("Enregistrer")

    def get_initial(self) -> dict[str, Any]:
        return {**super().get_initial(), "outcome": self.object.outcome, "notes": self.object.notes}

    def back_url(self, **_more: Any) -> str:
        return reverse("quality:sample-detail", args=[self.object.sample_id])

    def crumbs(self) -> list[tuple[str, str]]:
        return [(str(self.object.sample), self.back_url())]


@require_safe
def form_history(request: HttpRequest, pk: int) -> HttpResponse:
    """How the dataset of a form came to be what it is; `?format=` gives it whole as a file."""
    form = get_object_or_404(Form.objects.for_user(request.user, app="quality"), pk=pk)
    found = history.steps(form, request.user)
    if export := FORMATS.get(request.GET.get("format", "")):
        heads = [_("Date"), _("Nature"), _("Ce qui a été fait"), _("Par")]
        return export(f"traitement-{form.pk}", heads, ([s.at, s.kind, s.text, s.by] for s in found))
    context = {
        "object": form, "title": _("Historique du traitement"), "lead": str(form), "steps": found[-MOST_STEPS:],
        "left_out": max(0, len(found) - MOST_STEPS),
        "crumbs": [(_("Qualité"), reverse("quality:flag-list")),
                   (str(form), reverse("quality:form-checks", args=[pk]))],
    }  # fmt: skip
    return render(request, "quality/form_history.html", context)
