"""Pages of reports: what they tell, what changed, the files to hand over."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop
from django.views import View
from django.views.generic.detail import SingleObjectMixin

from jalons.core import jobs
from jalons.core.list_page import ListPage
from jalons.core.views import ActionPage, DetailPage, FormPage, Page
from jalons.foundation.programmes.models import Programme
from jalons.foundation.programmes.queries import chosen_period, chosen_programme
from jalons.reporting.reports import actions
from jalons.reporting.reports.forms import DraftForm, ReissueForm
from jalons.reporting.reports.gathering import document
from jalons.reporting.reports.keeping import Altered, kept
from jalons.reporting.reports.models import Report, ReportFile
from jalons.reporting.reports.pages import contents
from jalons.reporting.reports.queries import is_large, readable
from jalons.reporting.reports.rendering import MEDIA_TYPES, WRITERS, formats
from jalons.reporting.reports.rules.document import file_name

RELATED = ("programme__operator", "agreement__funder", "period", "previous", "supersedes", "author", "issued_by")
WAITS = gettext_noop("Ce rapport est long : il se prépare en tâche de fond. Vous pouvez fermer cette page.")


class ReportList(ListPage):
    model = Report
    columns = ("title", "programme", "agreement", "period", "state", "issued_at")
    filters = ("programme", "state")
    search = ("title",)

    def get_queryset(self):
        return super().get_queryset().filter(pk__in=readable(self.request.user).values("pk"))


class ReportDetail(DetailPage):
    model = Report
    actions = (("issue", gettext_lazy("Émettre")), ("refresh", gettext_lazy("Actualiser")),
               ("discard", gettext_lazy("Écarter")), ("reissue", gettext_lazy("Nouvelle version")))  # fmt: skip

    def get_queryset(self):
        return readable(self.request.user).select_related(*RELATED)

    def get_context_data(self, **extra):
        report = self.object
        issued = report.state == Report.State.ISSUED
        later = readable(self.request.user).filter(supersedes=report).first()
        self.actions = self.actions[3:] if issued and not later else () if issued else self.actions[:3]
        preview = None if issued else self.offered("preview")
        shown = {"preview_url": preview, "later_version": later, **contents(report, self.request.user)}
        return super().get_context_data(**shown, **extra)


class ReportAdd(FormPage):
    model = Report
    form_class = DraftForm
    title = gettext_lazy("Préparer un rapport")
    extra_context = {"submit": gettext_lazy("Préparer")}

    def get_form(self, form_class=None):
        form = super().get_form(form_class)
        self.programme = chosen_programme(self.request)
        form.offer(self.programme, chosen_period(self.request, self.programme))
        return form

    def form_valid(self, form):
        if self.programme and is_large(self.programme):
            keys = {name: row and row.pk for name, row in form.choices().items()}
            return _waits(self.request, "reports.draft", self.programme, {"programme": self.programme.pk, **keys})
        return super().form_valid(form)

    def save(self, form):
        return actions.draft(programme=self.programme, by=self.request.user, **form.choices())


class HeavyPage(ActionPage):
    """An action that a large programme does as background work."""

    model = Report
    job = ""

    def form_valid(self, form):
        if is_large(self.object.programme):
            return _waits(self.request, self.job, self.object.programme, {"report": self.object.pk})
        return super().form_valid(form)


class ReportRefresh(HeavyPage):
    action = actions.refresh
    job = "reports.refresh"
    title = gettext_lazy("Actualiser le brouillon")
    extra_context = {"submit": gettext_lazy("Actualiser")}
    done = gettext_lazy("Brouillon actualisé.")


class ReportIssue(HeavyPage):
    action = actions.issue
    job = "reports.issue"
    title = gettext_lazy("Émettre le rapport")
    extra_context = {"submit": gettext_lazy("Émettre")}
    done = gettext_lazy("Rapport émis : il ne changera plus.")


class ReportDiscard(ActionPage):
    model = Report
    action = actions.discard
    title = gettext_lazy("Écarter le brouillon")
    extra_context = {"submit": gettext_lazy("Écarter")}
    done = gettext_lazy("Brouillon écarté.")
    danger = True

    def get_success_url(self, target):
        return self.back_url(leaving=True)


class ReportReissue(ActionPage):
    model = Report
    action = actions.reissue
    form_class = ReissueForm
    title = gettext_lazy("Préparer une nouvelle version")
    extra_context = {"submit": gettext_lazy("Préparer")}
    done = gettext_lazy("Nouvelle version préparée : relisez-la, puis une autre personne l’émet.")

    def get_success_url(self, target):
        return self.url_of("detail", target.pk)


class ReportPreview(Page, SingleObjectMixin, View):
    """A draft as a file, which says that it is only a draft; nothing is kept."""

    model = Report
    level = actions.refresh.needs

    def get(self, request, pk):
        report = self.get_object()
        if report.state == Report.State.ISSUED or not report.figures:
            return redirect("reports:report-detail", pk)
        draft, extension = document(report), request.GET.get("format", "")
        if extension not in formats(draft):
            return redirect("reports:report-detail", pk)
        return _handed_over(WRITERS[extension](draft), file_name(draft, extension), extension)


class FileDownload(Page, SingleObjectMixin, View):
    """The same bytes each time, or a plain refusal when the disk no longer holds them."""

    model = ReportFile

    def get(self, request, pk):
        file = self.get_object()
        try:
            content = kept(file.sha256)
        except Altered:
            message = _("Le fichier conservé ne correspond plus à son empreinte : il n’est pas remis.")
            remedy = _("Prévenez l’administration de l’installation, qui le reprendra d’une sauvegarde.")
            words = {"message": message, "place": file.name, "remedy": remedy}
            return render(request, "core/refused.html", words, status=410)
        response = _handed_over(content, file.name, file.format)
        response["ETag"] = f'"{file.sha256}"'
        return response


def _waits(request: HttpRequest, name: str, programme: Programme, arguments: dict[str, int | None]) -> HttpResponse:
    """Queue the work and show its page, which follows it to the end."""
    label = _("Rapport de %(programme)s") % {"programme": programme}
    job = jobs.enqueue(name, label=label, by=request.user, programme_id=programme.pk, **arguments)
    messages.success(request, _(WAITS))
    return redirect("core:job-detail", job.pk)


def _handed_over(content: bytes, name: str, extension: str) -> HttpResponse:
    headers: dict[str, Any] = {
        "Content-Disposition": content_disposition_header(True, name),
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-cache",
    }
    return HttpResponse(content, content_type=MEDIA_TYPES[extension], headers=headers)
