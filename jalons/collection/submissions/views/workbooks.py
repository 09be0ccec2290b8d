"""The workbook in which partners fill a form: what it is, and the file in each language."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from jalons.collection.forms.models import Form
from jalons.collection.forms.queries import latest_version
from jalons.collection.submissions.views.standing import crumbs
from jalons.collection.submissions.workbook.layout import layout
from jalons.collection.submissions.workbook.printable import is_printed
from jalons.collection.submissions.workbook.writer import ROOM, blank
from jalons.core.exports import XLSX
from jalons.core.fields import OWN_NAMES
from jalons.core.levels import Level


@require_safe
def workbook(request: HttpRequest, pk: int) -> HttpResponse:
    """What the workbook of a form asks, and in which languages it may be taken."""
    form = _form(request, pk)
    plan = layout(latest_version(form), request.LANGUAGE_CODE)
    languages = sorted(("fr", "ar"), key=lambda code: code != request.LANGUAGE_CODE)
    context = {
        "object": form, "version": plan.version, "title": _("Classeur à remplir"), "crumbs": crumbs(form),
        "pages": [{"name": page.name, "count": len(page.fields)} for page in plan.pages], "room": ROOM,
        "left_out": plan.left_out, "is_printed": is_printed(plan.pages),
        "languages": [(code, OWN_NAMES[code]) for code in languages],
        "import_url": f"{reverse('submissions:batch-add')}?form={pk}",
    }  # fmt: skip
    return render(request, "submissions/form_workbook.html", context)


@require_safe
def workbook_file(request: HttpRequest, pk: int, language: str) -> HttpResponse:
    """The workbook itself; each one taken has a name of its own."""
    form = _form(request, pk)
    if language not in OWN_NAMES:
        raise Http404
    version = latest_version(form)
    return spreadsheet(blank(version, language), f"{form.code}-{language}.xlsx")


def spreadsheet(content: bytes, name: str) -> HttpResponse:
    """A workbook to keep."""
    headers = {"Content-Disposition": content_disposition_header(True, name), "X-Content-Type-Options": "nosniff"}
    return HttpResponse(content, content_type=XLSX, headers=headers)


def _form(request: HttpRequest, pk: int) -> Form:
    rows = Form.objects.for_user(request.user, Level.EDIT, app="submissions").filter(versions__isnull=False)
    return get_object_or_404(rows.select_related("programme").distinct(), pk=pk)
