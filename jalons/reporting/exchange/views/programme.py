"""The workbook's pages: take it away, bring it back, see what it would change, confirm."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from jalons.core import documents
from jalons.core.errors import Refused
from jalons.core.levels import Level
from jalons.core.refusals import refusal_text
from jalons.foundation.programmes.models import Programme
from jalons.foundation.programmes.queries import chosen_programme
from jalons.reporting.exchange import telling
from jalons.reporting.exchange.actions import check_workbook, import_workbook
from jalons.reporting.exchange.forms import WorkbookForm
from jalons.reporting.exchange.snapshot import snapshot
from jalons.reporting.exchange.workbook.annotation import annotated
from jalons.reporting.exchange.workbook.opening import LIMIT
from jalons.reporting.exchange.workbook.records import Plan
from jalons.reporting.exchange.workbook.writer import write_workbook

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
KEPT = "workbook"  # what the session keeps between the preview and its confirmation


@require_http_methods(["GET", "HEAD", "POST"])
def workbook(request: HttpRequest) -> HttpResponse:
    """Download, or bring a workbook back and see what it would change."""
    programme = in_sight(request)
    form = WorkbookForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        if not may_import(request):
            raise Http404
        upload = form.cleaned_data["workbook"]
        try:
            return preview(request, upload.name, bring(upload))
        except Refused as refusal:
            form.add_error("workbook", refusal_text(refusal))
    return render(request, "exchange/workbook.html", {
        "title": _("Classeur du programme"), "programme": programme, "form": form if may_import(request) else None,
    }, status=422 if form.errors else 200)  # fmt: skip


@require_POST
def apply(request: HttpRequest) -> HttpResponse:
    """Do what was shown, if nothing has moved since."""
    kept = request.session.get(KEPT) or {}
    if not may_import(request) or not kept or kept["sha256"] != request.POST.get("sha256"):
        raise Http404
    try:
        plan = import_workbook(
            content=documents.read(kept["sha256"]), by=request.user, mark=kept["mark"], name=kept["name"]
        )
    except Refused as refusal:
        messages.error(request, refusal_text(refusal))
        return redirect("exchange:workbook")
    request.session.pop(KEPT)
    messages.success(request, telling.done(plan))
    return redirect("results:result-list" if request.user.may("results") else "programmes:programme-list")


@require_safe
def download(request: HttpRequest) -> HttpResponse:
    """The programme in sight as a workbook."""
    programme = in_sight(request)
    if programme is None:
        raise Http404
    return as_file(write_workbook(snapshot(programme)), f"{programme.code}-{date.today():%Y-%m-%d}.xlsx")


@require_safe
def template(request: HttpRequest) -> HttpResponse:
    """A workbook without programme, with its drop-down lists and what all programmes share."""
    in_sight(request)
    return as_file(write_workbook(snapshot(None)), "jalons-modele.xlsx")


@require_safe
def faults(request: HttpRequest) -> HttpResponse:
    """The file last brought by this person, with its faults in red."""
    kept = request.session.get(KEPT) or {}
    if "annotated" not in kept:
        raise Http404
    return as_file(documents.read(kept["annotated"]), f"a-corriger-{kept['name']}")


def in_sight(request: HttpRequest) -> Programme | None:
    """The programme in sight, for those who may see its workbook; none for who may only create programmes."""
    if not (request.user.may("exchange", Level.VIEW) or may_import(request)):
        raise Http404
    programme = chosen_programme(request)
    return programme if programme and programme.is_open_to(request.user, Level.VIEW, app="exchange") else None


def may_import(request: HttpRequest) -> bool:
    return request.user.may("exchange", Level.DECIDE) or request.user.may("programmes", Level.DECIDE)


def bring(upload: Any) -> bytes:
    if upload.size > LIMIT:
        raise Refused(_("Le classeur est trop gros (plus de %(limit)s Mo)."), limit=LIMIT // 1024**2)
    return upload.read()


def preview(request: HttpRequest, name: str, content: bytes) -> HttpResponse:
    """What the workbook would change; it is kept by its fingerprint until confirmed."""
    plan = check_workbook(content=content, by=request.user)
    sha256, _size = documents.store([content])
    kept = {"sha256": sha256, "mark": plan.mark, "name": documents.safe_name(name)}
    if plan.faults:
        kept["annotated"], _size = documents.store([annotated(content, plan.faults, telling.sentence)])
    request.session[KEPT] = kept
    return render(
        request, "exchange/preview.html", {
            "title": _("Ce que ce classeur changerait"), "kept": kept, **told(plan),
            "crumb": _("Classeur du programme"),
            "back": reverse("exchange:workbook"), "apply": reverse("exchange:apply"),
            "faults_url": reverse("exchange:faults"),
        },
    )  # fmt: skip


def told(plan: Plan) -> dict[str, Any]:
    return {
        "sheets": telling.sheets(plan), "faults": len(plan.faults),
        "refusals": [telling.refusal(fault) for fault in plan.faults[: telling.SHOWN]],
        "notes": [telling.remark(note) for note in plan.notes], "count": len(plan.changes),
    }  # fmt: skip


def as_file(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
