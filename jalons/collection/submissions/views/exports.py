"""Pages of exports: what to ask for, what is being made, what is ready; each person has their own."""

from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from jalons.collection.submissions import actions
from jalons.collection.submissions.actions.exports import reach
from jalons.collection.submissions.exports.about import CHOICES, IDENTITIES
from jalons.collection.submissions.models import Export
from jalons.collection.submissions.selection import Selection
from jalons.collection.submissions.views.asked import STATE_CHOICES, frame, opened
from jalons.core import ranges
from jalons.core.errors import Refused
from jalons.core.fields import OWN_NAMES
from jalons.core.levels import Level
from jalons.core.list_page import ListPage
from jalons.core.refusals import refusal_text
from jalons.core.views import ActionPage, DetailPage

WORDS = [("1", _("en clair, dans la langue choisie")), ("0", _("en codes, tels que le formulaire les nomme"))]


class AskForm(forms.Form):
    """What a file of answers holds. Filters come from the table that was explored."""

    format = forms.ChoiceField(label=_("format"), choices=Export.Format, initial="xlsx")
    labels = forms.ChoiceField(label=_("réponses"), choices=WORDS, initial="1")
    language = forms.ChoiceField(label=_("langue"), choices=OWN_NAMES.items())
    choices = forms.ChoiceField(
        label=_("choix multiples"), choices=CHOICES.items(), initial="both",
        help_text=_("Une colonne par choix compte sans formule ; les codes réunis se relisent."),
    )  # fmt: skip
    identities = forms.ChoiceField(label=_("identités"), choices=IDENTITIES.items(), initial="none")
    states = forms.MultipleChoiceField(
        label=_("états"), choices=STATE_CHOICES, widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    start = forms.DateField(label=_("du"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    end = forms.DateField(label=_("au"), required=False, widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *args: Any, chosen: Selection, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not chosen.sees_identities:
            self.fields["identities"].choices = [("none", IDENTITIES["none"])]
            self.fields["identities"].help_text = _("Votre rôle ne lit pas les réponses qui identifient.")

    def options(self, filters: tuple[str, ...]) -> dict[str, Any]:
        told = self.cleaned_data
        days = {name: told[name].isoformat() for name in ("start", "end") if told[name]}
        return {
            "labels": told["labels"] == "1", "language": told["language"], "choices": told["choices"],
            "identities": told["identities"], "states": told["states"], "filters": list(filters), **days,
        }  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for a file of the rows that the table shows."""
    chosen = opened(request, pk)
    initial = {"language": get_language()[:2], "states": list(chosen.states), "start": chosen.start, "end": chosen.end}
    form = AskForm(request.POST or None, initial=initial, chosen=chosen)
    if form.is_valid():
        options = form.options(chosen.asked)
        try:
            export = actions.ask_export(
                form=chosen.form, format=form.cleaned_data["format"], options=options, by=request.user
            )
            return redirect("submissions:export-detail", pk=export.pk)
        except Refused as refusal:
            form.add_error(None, refusal_text(refusal))
    own = Export.objects.for_user(request.user).filter(by=request.user, form=chosen.form).select_related("job")[:5]
    context = {"ask": form, "recent": own, **frame(request, chosen, "export", _("Exporter"))}
    return render(request, "submissions/explore_export.html", context, status=422 if form.errors else 200)


class ExportList(ListPage):
    model = Export
    columns = ("form", "format", "standing", "size", "created_at", "expires_at")
    filters = ("form", "format")
    empty_text = _("Un export se demande depuis la page d’un formulaire : « Explorer », puis « Exporter ».")

    def get_queryset(self):
        return super().get_queryset().filter(by=self.request.user).select_related("job")


class ExportDetail(DetailPage):
    model = Export
    fields = ("form", "format", "standing", "size", "created_at", "expires_at", "sha256")

    def get_queryset(self):
        return super().get_queryset().filter(by=self.request.user).select_related("job", "form")

    def get_context_data(self, **extra):
        given = self.object.is_kept and reach(self.request.user, self.object.form) == self.object.reach
        return super().get_context_data(
            job=self.object.job, given=given, lead=self.object.file_name,
            again_url=reverse("submissions:export-again", args=[self.object.pk]), **extra,
        )  # fmt: skip


class ExportAgain(ActionPage):
    """The same demand once more, on what is there today: after a failure, or once the file has expired."""

    model = Export
    level = Level.VIEW
    title = submit = _("Refaire cet export")

    def get_queryset(self):
        return super().get_queryset().filter(by=self.request.user)

    def save(self, form):
        kept = self.object
        return actions.ask_export(form=kept.form, format=kept.format, options=kept.options, by=self.request.user)

    def get_success_url(self, target):
        return reverse("submissions:export-detail", args=[target.pk])


class ExportDiscard(ActionPage):
    model = Export
    action = actions.discard_export
    title = submit = _("Jeter le fichier")
    danger = True
    done = _("Fichier jeté.")

    def get_queryset(self):
        return super().get_queryset().filter(by=self.request.user)


@require_safe
def download(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The file, to who asked for it and still sees what they saw then; a download that was cut goes on."""
    export = get_object_or_404(Export.objects.for_user(request.user).filter(by=request.user), pk=pk)
    if not export.is_kept or reach(request.user, export.form) != export.reach:
        raise Http404
    return ranges.send(request, export.path, name=export.file_name, tag=export.sha256)
