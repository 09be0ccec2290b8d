"""Corrections: the log, logs brought in from files, one answer corrected by hand."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from jalons.collection.quality import actions, log, queries
from jalons.collection.quality.forms import CorrectForm, LogForm
from jalons.collection.quality.models import Correction, CorrectionFile
from jalons.collection.quality.rules.cleaning_log import COLUMNS
from jalons.collection.submissions.models import Submission
from jalons.collection.submissions.queries import identified
from jalons.collection.submissions.reading import Ready
from jalons.core.errors import Refused
from jalons.core.exports import FORMATS
from jalons.core.levels import Level
from jalons.core.list_page import ListPage
from jalons.core.lists import Order
from jalons.core.refusals import refusal_text
from jalons.core.views import ActionPage

SHOWN = 200  # lines of a log shown before it is applied


class CorrectionList(ListPage):
    """The log; its export is one that other tools read, and that comes in again."""

    model = Correction
    columns = ("uuid", "question", "old_value", "new_value", "kind", "why", "by", "created_at", "file")
    filters = ("kind", "by", "created_at")
    search = ("submission__instance_id", "question", "why")
    empty_text = gettext_lazy("Rien n’a encore été corrigé : importez un journal, ou corrigez depuis une soumission.")

    def get_queryset(self) -> Any:
        rows = super().get_queryset().select_related("submission__form")
        form = self.request.GET.get("form", "")
        return rows.filter(submission__form=form) if form.isdecimal() else rows

    def get_context_data(self, **extra: Any) -> dict[str, Any]:
        shown = super().get_context_data(**extra)
        rows = [row["object"] for row in shown["rows"]]
        veil(rows, self.request.user)
        for row in shown["rows"]:
            one = row["object"]
            row["cells"][2:4] = [one.old_value or "—", one.new_value or "—"]
        return shown

    def heads(self) -> list[str]:
        return [*COLUMNS, "by", "date"]

    def exported(self, rows: Any, order: Order) -> Iterator[list]:
        handful: list[Correction] = []
        for row in order.applied(rows).iterator(chunk_size=2000):
            handful.append(row)
            if len(handful) == 2000:
                yield from _lines(handful, self.request.user)
                handful = []
        yield from _lines(handful, self.request.user)

    def row_url(self, row: Correction) -> str:
        return reverse("submissions:submission-detail", args=[row.submission_id])


def veil(rows: list[Correction], user: Any) -> None:
    """Hide what identifies a person from who does not see identities."""
    readable = identified({row.submission_id for row in rows}, user)
    personal = queries.personal({row.submission.form_id for row in rows})
    for row in rows:
        name = row.question.rpartition("/")[2]
        if row.submission_id not in readable and (not name or (row.submission.form_id, name) in personal):
            row.old_value = row.new_value = row.why = row.feedback = _("masqué")


def _lines(rows: list[Correction], user: Any) -> Iterator[list]:
    veil(rows, user)
    for row in rows:
        index = ".".join(str(one + 1) for one in row.rows)
        yield [row.submission.instance_id, row.question, row.old_value, row.new_value, row.kind, row.why, row.feedback,
               index, str(row.by), row.created_at]  # fmt: skip


class FileList(ListPage):
    model = CorrectionFile
    columns = ("file_name", "form", "state", "by", "created_at")
    filters = ("form", "state")


@require_http_methods(["GET", "HEAD", "POST"])
def add_file(request: HttpRequest) -> HttpResponse:
    """Choose a form and a log. It is kept; nothing is corrected before its lines were seen."""
    if not request.user.may("quality", Level.EDIT):
        raise Http404
    form = LogForm(request.POST or None, request.FILES or None, user=request.user, initial=request.GET.dict())
    if form.is_valid():
        upload = form.cleaned_data["file"]
        try:
            kept = actions.open_log(form=form.cleaned_data["form"], file=upload, name=upload.name, by=request.user)
            return redirect("quality:correctionfile-detail", pk=kept.pk)
        except Refused as refusal:
            form.add_error("file", refusal_text(refusal))
    context = {
        "form": form, "title": _("Importer un journal de corrections"), "submit": _("Lire le journal"),
        "lead": _("Colonnes : uuid, question, old_value, new_value, change_type, issue, feedback ; en français aussi. "
                  "Vous verrez chaque ligne avant que rien ne soit corrigé."),
        "crumbs": crumbs(), "cancel_url": reverse("quality:correction-list"),
    }  # fmt: skip
    return render(request, "core/form.html", context, status=422 if form.errors else 200)


add_file.level = Level.EDIT


@require_safe
def file_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """What a log would do, line by line; or, once applied, what it did. `?format=` gives back the refused lines."""
    kept = _file(request, pk)
    told = kept.report if kept.state == CorrectionFile.State.DONE else _foreseen(kept, request.user)
    refusals = [{**one, "why": _(one["message"]) % one["values"] if one["values"] else _(one["message"])}
                for one in told.get("refusals", [])]  # fmt: skip
    if export := FORMATS.get(request.GET.get("format", "")):
        names = ("uuid", "question", "old_value", "new_value", "kind", "issue", "feedback", "place", "why")
        heads = [*COLUMNS[:7], _("ligne"), _("pourquoi elle est refusée")]
        return export("journal-refuse", heads, ([one[name] for name in names] for one in refusals))
    context = {
        "object": kept, "title": kept.file_name, "crumbs": crumbs(), "told": told, "refusals": refusals[:SHOWN],
        "is_open": kept.state == CorrectionFile.State.OPEN, "counts": counts(told),
    }  # fmt: skip
    return render(request, "quality/correctionfile_detail.html", context)


def counts(told: dict[str, Any]) -> list[tuple[Any, int]]:
    """How many lines of each kind."""
    labels = (("change", _("réponses à corriger")), ("submissions", _("soumissions touchées")),
              ("keep", _("gardées telles quelles")), ("remove", _("fiches écartées")),
              ("done", _("déjà faites")), ("refused", _("lignes refusées")))  # fmt: skip
    return [(label, told.get(name, 0)) for name, label in labels]


def _foreseen(kept: CorrectionFile, user: Any) -> dict[str, Any]:
    plan = log.plan(kept.form, log.read(kept.sha256, kept.file_name), user)
    lines = [line.change for line in plan.some("change")[:SHOWN]]
    shown = zip(plan.some("change"), lines, strict=False)
    others = [(line, Correction.Kind(line.entry.kind).label)
              for what in ("remove", "keep") for line in plan.some(what)[:SHOWN]]  # fmt: skip
    return {**actions.report(plan), "lines": [(line, change) for line, change in shown], "others": others}


@require_POST
def apply_file(request: HttpRequest, pk: int) -> HttpResponse:
    """Apply the lines of a log that can be."""
    kept = _file(request, pk)
    try:
        done = actions.apply_log(correctionfile=kept, by=request.user)
    except Refused as refusal:
        messages.error(request, refusal_text(refusal))
    else:
        messages.success(request, _done(done.report))
    return redirect("quality:correctionfile-detail", pk=pk)


def _done(report: dict[str, Any]) -> str:
    """What a log did, in a sentence."""
    if report["change"]:
        said = ngettext("%(change)s réponse corrigée ; une autre personne la revoit.",
                        "%(change)s réponses corrigées ; une autre personne les revoit.", report["change"])  # fmt: skip
        return said % report
    if report["remove"] or report["keep"]:
        return _("Aucune réponse corrigée. Fiches écartées : %(remove)s ; gardées telles quelles : %(keep)s.") % report
    return _("Il n’y avait rien à corriger : tout ce que dit ce journal était déjà fait.")


def _file(request: HttpRequest, pk: int) -> CorrectionFile:
    rows = CorrectionFile.objects.for_user(request.user, Level.EDIT).select_related("form__programme", "by")
    return get_object_or_404(rows, pk=pk)


def crumbs() -> list[tuple[str, str]]:
    """The way back to the log."""
    return [(_("Qualité"), reverse("quality:flag-list")), (_("Corrections"), reverse("quality:correction-list"))]


class SubmissionCorrect(ActionPage):
    """One answer of a submission, corrected by hand."""

    model = Submission
    app = "quality"
    action = actions.correct
    form_class = CorrectForm
    title = gettext_lazy("Corriger une réponse")
    submit = gettext_lazy("Corriger")
    done = gettext_lazy("Corrigée : une nouvelle version attend d’être revue par une autre personne.")

    def get_form_kwargs(self) -> dict[str, Any]:
        version = self.object.current
        readable = self.object.pk in identified([self.object.pk], self.request.user)
        hidden = set() if readable else {name for _form, name in queries.personal([self.object.form_id])}
        schema = Ready(version.form_version).schema
        return {**super().get_form_kwargs(), "version": version, "schema": schema, "hidden": hidden}

    def arguments(self, form: forms.Form) -> dict[str, Any]:
        return {"submission": self.object, **form.cleaned_data}

    def back_url(self, **_more: Any) -> str:
        return reverse("submissions:submission-detail", args=[self.object.pk])
