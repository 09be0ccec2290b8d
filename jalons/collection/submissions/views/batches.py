"""Bringing submissions in, page by page: choose a file, see what it holds, confirm, follow, read the report."""

from itertools import islice
from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from jalons.collection.submissions import actions
from jalons.collection.submissions.faults import Explaining, Fault
from jalons.collection.submissions.forms import ImportForm, WithdrawForm
from jalons.collection.submissions.intake import Draft, faults
from jalons.collection.submissions.models import Batch
from jalons.collection.submissions.reading import TableFile, Versions, open_source, told_of
from jalons.collection.submissions.views import display, matching
from jalons.collection.submissions.views.matching import FORESEEN
from jalons.core import documents
from jalons.core.cells import listed
from jalons.core.errors import Refused
from jalons.core.levels import Level
from jalons.core.list_page import ListPage
from jalons.core.models import Job
from jalons.core.refusals import refusal_text
from jalons.core.views import ActionPage

FIRST = 5
TOLD = 20  # rows whose faults the page tells; the workbook to correct has them all
WIDE = 12  # columns of the first rows


class BatchList(ListPage):
    model = Batch
    columns = ("file_name", "form", "kind", "state", "by", "created_at")
    filters = ("form", "state")
    search = ("file_name",)


class BatchWithdraw(ActionPage):
    model = Batch
    action = actions.withdraw
    form_class = WithdrawForm
    title = gettext_lazy("Retirer cet import")
    submit = gettext_lazy("Retirer l’import")
    danger = True
    done = gettext_lazy(
        "Import retiré : ses soumissions n’attendent plus de revue. Le fichier reste, et peut être réimporté."
    )


@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """Choose a form and a file. The file is kept; nothing of it is brought in before it was seen."""
    if not request.user.may("submissions", Level.EDIT):
        raise Http404
    initial = {"form": request.GET.get("form")}
    form = ImportForm(request.POST or None, request.FILES or None, user=request.user, initial=initial)
    if form.is_valid():
        upload = form.cleaned_data["file"]
        try:
            batch = actions.open_batch(form=form.cleaned_data["form"], file=upload, name=upload.name, by=request.user)
            return redirect("submissions:batch-detail", pk=batch.pk)
        except Refused as refusal:
            form.add_error("file", refusal_text(refusal))
    context = {
        "form": form, "title": _("Importer des soumissions"), "submit": _("Lire le fichier"), "crumbs": crumbs(),
        "lead": _("Vous verrez ce que le fichier contient avant que rien ne soit importé."),
        "cancel_url": reverse("submissions:submission-list"),
    }  # fmt: skip
    return render(request, "core/form.html", context, status=422 if form.errors else 200)


add.level = Level.EDIT  # what links to this page asks before showing it


@require_safe
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """What a file holds before it is brought in, how far it is, or what became of it."""
    batch = batch_of(request, pk)
    may_keep = batch.is_open_to(request.user, Level.EDIT)
    is_here = documents.path(batch.sha256).exists()
    file_url = reverse("submissions:batch-file", args=[pk]) if may_keep and is_here else ""
    context = {"object": batch, "title": batch.file_name, "crumbs": crumbs(), "file_url": file_url}
    if batch.state == Batch.State.RUNNING and batch.job:
        failed = batch.job.state == Job.State.FAILED
        context |= {
            "job": batch.job,
            "may_reopen": may_keep and failed,
            "job_url": reverse("core:job-detail", args=[batch.job_id]),
        }
        return render(request, "submissions/batch_running.html", context)
    if batch.state in (Batch.State.DONE, Batch.State.WITHDRAWN):
        told = {"may_withdraw": may_keep and batch.state == Batch.State.DONE, "may_keep": may_keep}
        return render(request, "submissions/batch_report.html", context | report(batch) | told)
    if not may_keep:
        raise Http404
    return render(request, "submissions/batch_preview.html", context | preview(batch, request))


@require_POST
def receive(request: HttpRequest, pk: int) -> HttpResponse:
    """Bring a batch in, or look again at what it holds with the questions chosen for its columns."""
    batch = batch_of(request, pk, Level.EDIT)
    try:
        if not _match(request, batch):
            context = {"object": batch, "title": batch.file_name, "crumbs": crumbs()}
            page = context | preview(batch, request) | {"file_url": reverse("submissions:batch-file", args=[pk])}
            return render(request, "submissions/batch_preview.html", page, status=422)
        if "confirm" in request.POST:
            _start_or_receive(request, batch)
    except Refused as refusal:
        messages.error(request, refusal_text(refusal))
    return redirect("submissions:batch-detail", pk=pk)


@require_POST
def reopen(request: HttpRequest, pk: int) -> HttpResponse:
    """Go back from a failed import to its preview."""
    try:
        actions.reopen(batch=batch_of(request, pk, Level.EDIT), by=request.user)
    except Refused as refusal:
        messages.error(request, refusal_text(refusal))
    return redirect("submissions:batch-detail", pk=pk)


@require_safe
def original(request: HttpRequest, pk: int) -> HttpResponse:
    """The file of a batch, whole, as received."""
    batch = batch_of(request, pk, Level.EDIT)
    content = documents.path(batch.sha256)
    if not content.exists():
        raise Http404
    response = FileResponse(content.open("rb"), as_attachment=True, filename=batch.file_name)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Type"] = "application/octet-stream"
    return response


def batch_of(request: HttpRequest, pk: int, level: Level = Level.VIEW) -> Batch:
    rows = Batch.objects.for_user(request.user, level).select_related(
        "form", "form_version", "by", "job", "withdrawn_by"
    )
    return get_object_or_404(rows, pk=pk)


def crumbs() -> list[tuple[str, str]]:
    """The way back."""
    steps = [(_("Soumissions"), "submissions:submission-list"), (_("Imports"), "submissions:batch-list")]
    return [(_("Données"), ""), *((label, reverse(name)) for label, name in steps)]


def _match(request: HttpRequest, batch: Batch) -> bool:
    """Keep what a person told of a file; whether it can be read so."""
    if batch.kind != Batch.Kind.TABLE or batch.state != Batch.State.OPEN:
        return True
    with documents.path(batch.sha256).open("rb") as file:
        source = source_of(batch, file)
        _intake, drafts = matching.foresee(batch, source, request.user)
        form = matching.form_of(source, drafts, request.POST)
    if not form.is_valid():
        return False
    told = {
        "mapping": form.mapping(batch.mapping), "meanings": form.meanings(batch.meanings),
        "heads": form.heads(batch.heads), "copy": request.POST.get("copy", batch.copy).strip()[:60],
    }  # fmt: skip
    if any(getattr(batch, name) != value for name, value in told.items()):
        actions.match_columns(batch=batch, by=request.user, **told)
    return True


def _start_or_receive(request: HttpRequest, batch: Batch) -> None:
    only_right = request.POST["confirm"] == "right"
    batch.refresh_from_db()
    with documents.path(batch.sha256).open("rb") as file:
        is_small = sum(1 for _record in islice(iter(source_of(batch, file)), FORESEEN + 1)) <= FORESEEN
    if is_small:
        actions.receive(batch=batch, by=request.user, only_right=only_right)
        messages.success(request, _("Import terminé."))
    else:
        actions.start(batch=batch, by=request.user, only_right=only_right)


def source_of(batch: Batch, file: Any) -> Any:
    return open_source(file, batch.file_name, batch.kind, Versions(batch.form, batch.form_version), told_of(batch))


def preview(batch: Batch, request: HttpRequest) -> dict[str, Any]:
    """What bringing the batch in would do, from its first rows."""
    with documents.path(batch.sha256).open("rb") as file:
        try:
            source = source_of(batch, file)
            intake, drafts = matching.foresee(batch, source, request.user)
        except Refused as refusal:
            return {"refusal": refusal_text(refusal)}
        is_table = isinstance(source, TableFile)
        return {
            "untied": is_table and not source.plan.form.columns.answered,
            "rows_twice": intake.clashes, "left": told_left(actions.left(intake), batch),
            "may_keep": True, **(matching.told(batch, source, drafts) if is_table else {}),
            "form": matching.form_of(source, drafts, request.POST or None),
            "sheets": [_sheet(part) for part in source.plan.parts] if is_table else [],
            "ignored": source.plan.ignored if is_table else [],
            "counts": counts(intake.counts), "refusals": _refusals(intake.refused, batch),
            "first": _first(drafts[:FIRST]),
            **_wrong(drafts, source), "older": _older(source), "total": source.total, "foreseen": FORESEEN,
            "is_cut": intake.counts["rows"] >= FORESEEN,
        }  # fmt: skip


def _wrong(drafts: list[Draft], source: Any) -> dict[str, Any]:
    """The rows of a table that have something to correct: how many, and the first of them with their faults."""
    wrong = [(draft, found) for draft in drafts if (found := faults(draft.flags))] if _is_table(source) else []
    telling = {pk: Explaining(ready.version) for pk, ready in source.versions.by_key.items()} if wrong else {}
    told = [
        {"place": _place(source, draft, fault), "label": fault.label, "message": fault.message}
        for draft, found in wrong[:TOLD]
        for fault in telling[draft.record.version.pk].of(draft.record, found)
    ]
    more = max(0, len(wrong) - TOLD)
    return {"wrong": told, "wrong_more": more, "wrong_count": len(wrong), "right_count": len(drafts) - len(wrong)}


def _place(source: TableFile, draft: Draft, fault: Fault) -> str:
    """The sheet and the row of what is to be corrected: a line of a repeat has its own."""
    number = draft.record.numbers.get((fault.table, fault.index))
    sheet = next((part.sheet.name for part in source.plan.repeats if part.columns.table == fault.table), "")
    return f"{sheet} · {number}" if sheet and number else draft.record.place


def _is_table(source: Any) -> bool:
    return isinstance(source, TableFile)


def _older(source: Any) -> str:
    """Said of a workbook of ours made for a version that is no longer the latest."""
    read, last = source.versions.default.version, max(r.version.number for r in source.versions.by_key.values())
    if not (isinstance(source, TableFile) and source.filled) or read.number == last:
        return ""
    newest = next(r.version for r in source.versions.by_key.values() if r.version.number == last)
    return _(
        "Ce classeur a été fait pour une version plus ancienne du formulaire (%(made)s ; la dernière est %(last)s). "
        "Il est lu avec sa version."
    ) % {"made": read, "last": newest}


def isolated(name: str) -> str:
    """A name inside a sentence that may run the other way (Unicode isolates)."""
    return f"\u2068{name}\u2069"


def _sheet(part: Any) -> dict[str, Any]:
    columns = [
        {"header": column.header, "label": display.name_of(column.item), "name": column.item.name,
         "choice": column.choice}
        for column in part.columns.columns if column.item
    ]  # fmt: skip
    return {
        "name": isolated(part.sheet.name),
        "repeat": part.columns.table,
        "count": part.sheet.count,
        "columns": columns,
    }


def _first(drafts: list[Draft]) -> dict[str, Any]:
    """The first rows as they were read, in the words of the form."""
    items = drafts[0].record.version.schema.tables[""].items if drafts else ()
    told = [item for item in items if not display.is_silent(item)]
    used = [i for i in told if any(d.record.reading.answers.get(i.key) is not None for d in drafts)][:WIDE]
    words = {draft.record.version.pk: display.Words(draft.record.version.version) for draft in drafts}
    rows = [
        {"place": draft.record.place, "cells": _cells(draft, used, words[draft.record.version.pk]),
         "flags": len(draft.flags)}
        for draft in drafts
    ]  # fmt: skip
    return {"columns": [display.name_of(item) for item in used], "rows": rows}


def _cells(draft: Draft, used: list[Any], words: display.Words) -> list[str]:
    """The answers of a row; one that is there and cannot be read says so."""
    answers = draft.record.reading.answers
    unreadable = _("illisible")
    return [words.say(item, answers.get(item.key)) or (unreadable if item.key in answers else "") for item in used]


def counts(found: Any) -> list[tuple[str, int, str]]:
    """The counts of an import that are worth a line: label, number, name of the count."""
    labels = [
        ("rows", _("lignes lues")), ("received", _("nouvelles")), ("updated", _("modifiées")),
        ("unchanged", _("inchangées")), ("aside", _("laissées à corriger")),
        ("reopened", _("à revoir de nouveau")), ("refused", _("refusées")),
        ("clashes", _("deux fois dans le fichier, différentes")),
        ("flagged", _("avec signalement")), ("unread", _("valeurs non lues")),
        ("unplaced", _("sans région reconnue")),
    ]  # fmt: skip
    always = ("rows", "received", "refused")
    return [(label, found.get(name, 0), name) for name, label in labels if found.get(name) or name in always]


def _refusals(refused: list[dict[str, Any]], batch: Batch) -> list[dict[str, str]]:
    """The rows that were refused or left aside, with their questions as the form words them."""
    words = {item.key: display.name_of(item) for item in _asked(batch)} if refused else {}
    return [{"place": one["place"], "message": _(one["message"]) % _worded(one["values"], words)} for one in refused]


def _worded(values: dict[str, str], words: dict[str, str]) -> dict[str, str]:
    if "questions" not in values:
        return values
    return {**values, "questions": listed(words.get(key, key) for key in values["questions"].split(", "))}


def _asked(batch: Batch) -> list[Any]:
    tables = Versions(batch.form, batch.form_version).default.schema.tables
    return [item for table in tables.values() for item in table.items]


def told_left(groups: list[dict[str, Any]], batch: Batch) -> list[dict[str, Any]]:
    """What could not be read, with the question as the form words it."""
    by_name = {item.name: item for item in _asked(batch)}
    named = [(group, by_name.get(group["path"].rpartition("/")[2])) for group in groups]
    return [
        {**group, "label": display.name_of(item) if item else group["path"], "said": _(group["reason"])}
        for group, item in named
    ]


def report(batch: Batch) -> dict[str, Any]:
    """What an import did."""
    told = batch.report
    return {
        "rows_twice": told.get("rows_twice", []), "left": told_left(told.get("left", []), batch),
        "counts": counts(told), "refusals": _refusals(told.get("refusals", []), batch),
        "unknown": told.get("unknown", {}),
        "aside": told.get("aside", 0), "ignored": told.get("ignored", []), "beyond": told.get("beyond", []),
        "list_url": f"{reverse('submissions:submission-list')}?batch={batch.pk}",
    }  # fmt: skip
