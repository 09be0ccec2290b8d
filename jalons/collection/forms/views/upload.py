"""Bringing a workbook in: read it, show what it holds or why it is refused, and only then keep it."""

from hashlib import sha256

from django.contrib import messages
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from jalons.collection.forms import actions, queries, shipped
from jalons.collection.forms.forms import AdoptForm, ConfirmForm, UploadForm
from jalons.collection.forms.rules.coverage import coverage
from jalons.collection.forms.rules.faults import Refusals
from jalons.collection.forms.rules.reading import XlsForm, clean_file_name, read_form
from jalons.collection.forms.rules.repair import repair
from jalons.collection.forms.rules.workbook import MAX_BYTES
from jalons.collection.forms.views import display
from jalons.collection.forms.views.pages import attachment, crumbs
from jalons.core.errors import Refused
from jalons.core.fields import translated
from jalons.core.levels import Level
from jalons.core.refusals import refusal_text
from jalons.foundation.programmes.models import Programme
from jalons.foundation.programmes.queries import chosen_programme

WAITING = 3600  # seconds during which a file that was read waits for a yes
SHOWN = 200  # faults listed on the page; the count says how many there are


@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """Choose a workbook and see what it holds. Nothing is kept yet."""
    _check_right(request)
    initial = {"programme": chosen_programme(request)}
    form = UploadForm(request.POST or None, request.FILES or None, user=request.user, initial=initial)
    if not form.is_valid():
        context = {
            "form": form, "title": _("Apporter un formulaire"), "crumbs": crumbs(), "submit": _("Lire le classeur"),
            "lead": _("Rien n’est enregistré avant que vous ayez vu ce que contient le classeur."),
        }  # fmt: skip
        return render(request, "forms/form_add.html", {**context, "ready": _ready(request, initial)},
                      status=422 if form.errors else 200)  # fmt: skip
    upload, programme = form.cleaned_data["file"], form.cleaned_data["programme"]
    data, name = upload.read(MAX_BYTES + 1), clean_file_name(upload.name)
    read = read_form(data, name)
    key = _wait(request, data, name)
    if isinstance(read, Refusals):
        return _refusal(request, read, name, key)
    return _preview(request, read, name, key, programme)


add.level = Level.EDIT  # what links to this page asks before showing it


def _ready(request: HttpRequest, initial: dict) -> list[dict]:
    """The forms that come with Jalons, each with the button that adopts it."""
    found = [shipped.shipped(code) for code in shipped.CODES]
    return [
        {"title": translated(one.title), "about": translated(one.about),
         "form": AdoptForm(initial={**initial, "code": one.code}, user=request.user, prefix=one.code)}
        for one in found
    ]  # fmt: skip


@require_POST
def adopt(request: HttpRequest) -> HttpResponse:
    """Bring a form that comes with Jalons into a programme."""
    _check_right(request)
    code = next((code for code in shipped.CODES if f"{code}-code" in request.POST), "")
    form = AdoptForm(request.POST, user=request.user, prefix=code)
    if not form.is_valid():
        messages.error(request, _("Choisissez un programme."))
        return redirect("forms:form-add")
    try:
        adopted = actions.adopt(by=request.user, **form.cleaned_data)
    except Refused as refusal:
        messages.error(request, refusal_text(refusal))
        return redirect("forms:form-add")
    messages.success(request, _("Formulaire adopté. Ouvrez-le à la collecte quand il convient."))
    return redirect("forms:form-detail", pk=adopted.pk)


@require_POST
def confirm(request: HttpRequest) -> HttpResponse:
    """Keep a workbook that was just shown."""
    _check_right(request)
    form = ConfirmForm(request.POST, user=request.user)
    waiting = cache.get(_key(request, form.cleaned_data["sha256"])) if form.is_valid() else None
    if waiting is None:
        messages.warning(request, _("Ce classeur n’attend plus : choisissez-le de nouveau."))
        return redirect("forms:form-add")
    programme = form.cleaned_data["programme"]
    version = actions.import_form(programme=programme, by=request.user, **waiting)
    cache.delete(_key(request, form.cleaned_data["sha256"]))
    messages.success(request, _("Formulaire enregistré, version %(number)s.") % {"number": version.number})
    if version.number == 1:
        return redirect("forms:form-declare", pk=version.form_id)
    compare = reverse("forms:form-compare", args=[version.form_id])
    return redirect(f"{compare}?old={version.number - 1}&new={version.number}")


@require_safe
def repaired(request: HttpRequest, key: str) -> HttpResponse:
    """The corrected copy of a workbook that was just refused."""
    waiting = cache.get(_key(request, key))
    copy = waiting and _repair(waiting["data"], waiting["file_name"])
    if not copy:
        raise Http404
    return attachment(copy.data, f"{waiting['file_name'].rpartition('.')[0]}-corrigé.xlsx")


def _check_right(request: HttpRequest) -> None:
    if not request.user.may("forms", Level.EDIT):
        raise Http404


def _key(request: HttpRequest, digest: str) -> str:
    return f"form-waiting:{request.user.pk}:{digest[:64]}"


def _wait(request: HttpRequest, data: bytes, name: str) -> str:
    digest = sha256(data).hexdigest()
    if len(data) <= MAX_BYTES:
        cache.set(_key(request, digest), {"data": data, "file_name": name}, WAITING)
    return digest


def _repair(data: bytes, name: str):
    read = read_form(data, name)
    return repair(data, name, read) if isinstance(read, Refusals) else None


def _refusal(request: HttpRequest, read: Refusals, name: str, key: str) -> HttpResponse:
    waiting = cache.get(_key(request, key))
    copy = repair(waiting["data"], name, read) if waiting else None
    context = {
        "title": _("Ce classeur ne peut pas devenir un formulaire"), "crumbs": crumbs(), "file_name": name,
        "count": len(read.faults), "refusals": [display.fault(fault) for fault in read.faults[:SHOWN]],
        "originals": list(dict.fromkeys(fault.original for fault in read.faults if fault.original)),
        "repair": copy, "repair_url": reverse("forms:form-repaired", args=[key]),
    }  # fmt: skip
    return render(request, "forms/form_refused.html", context, status=422)


def _preview(request: HttpRequest, read: XlsForm, name: str, key: str, programme: Programme) -> HttpResponse:
    arrival = queries.arrival(programme, read, key)
    context = {
        "title": _("Ce que contient le classeur"), "crumbs": crumbs(), "file_name": name, "read": read,
        "arrival": arrival,
        "form": ConfirmForm(initial={"programme": programme, "sha256": key}, user=request.user),
        "programme": programme, "counts": display.counts(read.questions),
        "languages": display.languages([language.as_data() for language in coverage(read)]),
        "repeats": [section for section in read.sections if section.is_repeat],
        "changes": [display.change(change) for change in arrival.changes], **display.remarks(read.warnings()),
    }  # fmt: skip
    return render(request, "forms/form_preview.html", context)
