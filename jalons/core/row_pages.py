"""Pages of any row, found by its model's label: its history, its documents."""

from typing import Any

from django import forms
from django.contrib import messages
from django.db import models
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from jalons.core import documents
from jalons.core.errors import Refused
from jalons.core.history import hidden_from, may_read, model_named, timeline
from jalons.core.levels import Level
from jalons.core.links import page_of, url_or_none
from jalons.core.models import Document
from jalons.core.refusals import refusal_text


class AttachForm(forms.Form):
    document = forms.FileField(label=gettext_lazy("fichier"), help_text=gettext_lazy("50 Mo au plus."))
    why = forms.CharField(label=gettext_lazy("motif"), required=False, max_length=500)


class DetachForm(forms.Form):
    why = forms.CharField(label=gettext_lazy("motif"), max_length=500)


@require_safe
def history(request: HttpRequest, label: str, pk: int) -> HttpResponse:
    """Who did what to a row, when and why; only the list for htmx.

    A shared row is seen by all, but its history names colleagues: it takes a right in its app. What a published row
    was before stays with those who read drafts.
    """
    row = row_open_to(request.user, label, pk)
    if not may_read(row, request.user):
        raise Http404
    events = timeline(row, hidden_from(row, request.user))
    context = {"title": _("Historique"), "lead": str(row), "events": events, "crumbs": _crumbs(row)}
    return render(request, "components/history.html" if request.htmx else "core/history.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def attach(request: HttpRequest, label: str, pk: int) -> HttpResponse:
    """Join a file to a row."""
    row = row_open_to(request.user, label, pk, Level.EDIT)
    form = AttachForm(request.POST or None, request.FILES or None)
    if form.is_valid():
        try:
            documents.attach(target=row, by=request.user, **form.cleaned_data)
        except Refused as refusal:
            form.add_error(refusal.field, refusal_text(refusal))
        else:
            return redirect(page_of(row) or "/")
    context = {"title": _("Joindre un document"), "lead": str(row), "form": form, "submit": _("Joindre"),
               "cancel_url": page_of(row), "crumbs": _crumbs(row)}  # fmt: skip
    return render(request, "core/form.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def detach(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a document off its row, with a reason."""
    document = get_object_or_404(Document, pk=pk, removed_at=None)
    row = row_open_to(request.user, document.target, document.target_id, Level.EDIT)
    form = DetachForm(request.POST or None)
    if form.is_valid():
        try:
            documents.detach(target=row, sha256=document.sha256, by=request.user, **form.cleaned_data)
        except Refused as refusal:
            form.add_error(None, refusal_text(refusal))
        else:
            messages.success(request, _("Document retiré. L’historique en garde la trace."))
            return redirect(page_of(row) or "/")
    context = {"title": _("Retirer le document"), "lead": document.name, "form": form, "submit": _("Retirer"),
               "danger": True, "cancel_url": page_of(row), "crumbs": _crumbs(row)}  # fmt: skip
    return render(request, "core/action.html", context, status=422 if form.errors else 200)


@require_safe
def download(request: HttpRequest, pk: int) -> FileResponse:
    """A document, as a file to keep and never as a page; open to whoever may see what it is attached to."""
    document = get_object_or_404(Document, pk=pk, removed_at=None)
    row_open_to(request.user, document.target, document.target_id)
    try:
        content = documents.path(document.sha256).open("rb")
    except FileNotFoundError:
        raise Http404 from None
    response = FileResponse(content, as_attachment=True, filename=document.name, content_type=document.media_type)
    response["X-Content-Type-Options"] = "nosniff"
    return response


def row_open_to(user: Any, label: str, pk: int, level: Level = Level.VIEW) -> models.Model:
    """The row, if this person may reach it at this level, and what it is attached to; else it does not exist."""
    model = model_named(label)
    if model is None:
        raise Http404
    row = get_object_or_404(model.objects.for_user(user, level), pk=pk)
    if model is Document:
        row_open_to(user, row.target, row.target_id, level)
    return row


def _crumbs(row: models.Model) -> list[tuple[str, str | None]]:
    noun = f"{row._meta.app_label}:{row._meta.model_name}"
    return [(row._meta.verbose_name_plural.capitalize(), url_or_none(f"{noun}-list")), (str(row), page_of(row))]
