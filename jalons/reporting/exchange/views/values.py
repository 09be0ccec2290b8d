"""Pages of the workbook of values: take away what is to be typed for a period, bring it back filled in."""

from datetime import date

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
from jalons.evidence.measurement.entry import typed_periods
from jalons.foundation.programmes.models import Period, Programme
from jalons.foundation.programmes.queries import chosen_period, chosen_programme
from jalons.reporting.exchange import telling, values
from jalons.reporting.exchange.forms import WorkbookForm
from jalons.reporting.exchange.views.programme import as_file, bring, told
from jalons.reporting.exchange.workbook.annotation import annotated

KEPT = "values"  # what the session keeps between the preview and its confirmation


@require_http_methods(["GET", "HEAD", "POST"])
def workbook(request: HttpRequest) -> HttpResponse:
    """Take the workbook of the period in sight, or bring one back and see what it would change."""
    programme = in_sight(request)
    form = WorkbookForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        upload = form.cleaned_data["workbook"]
        try:
            return preview(request, programme, upload.name, bring(upload))
        except Refused as refusal:
            form.add_error("workbook", refusal_text(refusal))
    return render(request, "exchange/values.html", {
        "title": _("Saisir les valeurs dans Excel"), "form": form, "period": period_in_sight(request, programme),
    }, status=422 if form.errors else 200)  # fmt: skip


@require_safe
def download(request: HttpRequest) -> HttpResponse:
    """The values to type for the period in sight, with what is known of them."""
    programme = in_sight(request)
    period = period_in_sight(request, programme)
    if period is None:
        raise Http404
    name = f"{programme.code}-{period.code}-valeurs-{date.today():%Y-%m-%d}.xlsx"
    return as_file(values.template(programme, period, request.user), documents.safe_name(name))


def preview(request: HttpRequest, programme: Programme, name: str, content: bytes) -> HttpResponse:
    """What the workbook would change; it is kept by its fingerprint until confirmed."""
    plan = values.check_values(content=content, programme=programme, by=request.user)
    sha256, _size = documents.store([content])
    kept = {"sha256": sha256, "mark": plan.mark, "name": documents.safe_name(name), "programme": programme.pk}
    if plan.faults:
        kept["annotated"], _size = documents.store([annotated(content, plan.faults, telling.sentence)])
    request.session[KEPT] = kept
    return render(request, "exchange/preview.html", {
        "title": _("Ce que ce classeur changerait"), "kept": kept, **told(plan),
        "crumb": _("Saisir les valeurs dans Excel"), "back": reverse("exchange:values"),
        "apply": reverse("exchange:values-apply"), "faults_url": reverse("exchange:values-faults"),
    })  # fmt: skip


@require_POST
def apply(request: HttpRequest) -> HttpResponse:
    """Type what was shown, if nothing has moved since."""
    programme, kept = in_sight(request), request.session.get(KEPT) or {}
    if not kept or (kept["sha256"], kept["programme"]) != (request.POST.get("sha256"), programme.pk):
        raise Http404
    try:
        content = documents.read(kept["sha256"])
        plan = values.import_values(content=content, programme=programme, by=request.user, mark=kept["mark"])
    except Refused as refusal:
        messages.error(request, refusal_text(refusal))
        return redirect("exchange:values")
    request.session.pop(KEPT)
    messages.success(request, telling.done(plan))
    return redirect("measurement:indicatorvalue-list")


@require_safe
def faults(request: HttpRequest) -> HttpResponse:
    """The file last brought by this person, with its faults in red."""
    kept = request.session.get(KEPT) or {}
    if "annotated" not in kept:
        raise Http404
    return as_file(documents.read(kept["annotated"]), f"a-corriger-{kept['name']}")


def period_in_sight(request: HttpRequest, programme: Programme) -> Period | None:
    """The period in sight; none when nothing is typed for it."""
    chosen = chosen_period(request, programme)
    return typed_periods(programme).filter(pk=chosen and chosen.pk).first()


def in_sight(request: HttpRequest) -> Programme:
    """The programme in sight, for those who type its values."""
    programme = chosen_programme(request)
    if programme is None or not programme.is_open_to(request.user, Level.EDIT, app="measurement"):
        raise Http404
    return programme
