"""The file given back with its faults in the cells: at once when it is small, else made in the background."""

from itertools import islice
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from jalons.collection.submissions import actions
from jalons.collection.submissions.models import Batch
from jalons.collection.submissions.views import matching
from jalons.collection.submissions.views.batches import batch_of, source_of
from jalons.collection.submissions.views.workbooks import spreadsheet
from jalons.collection.submissions.workbook import returned
from jalons.core import documents
from jalons.core.errors import Refused
from jalons.core.levels import Level
from jalons.core.models import Job
from jalons.core.refusals import refusal_text

FEW = 500  # rows of a file read while the person waits


@require_safe
def to_correct(request: HttpRequest, pk: int) -> HttpResponse:
    """The rows of a file that have something to correct, told in the cells, ready to be sent again."""
    batch, every = batch_of(request, pk, Level.EDIT), request.GET.get("all") == "1"
    if batch.kind != Batch.Kind.TABLE:
        raise Http404
    with documents.path(batch.sha256).open("rb") as file:
        try:
            source = source_of(batch, file)
            if batch.state == Batch.State.OPEN:
                matching.foresee(batch, source, request.user)  # read as the page shows it
            if sum(1 for _row in islice(iter(source), FEW + 1)) > FEW:
                told = {"mapping": source.told.mapping, "meanings": source.told.meanings}
                job = actions.ask_annotated(batch=batch, every=every, told=told, by=request.user)
                return redirect("core:job-detail", job.pk)
            content = returned.to_correct(batch, source, request.user, every=every)
        except Refused as refusal:
            messages.error(request, refusal_text(refusal))
            return redirect("submissions:batch-detail", pk=pk)
    return spreadsheet(content, _name(batch))


@require_safe
def annotated(request: HttpRequest, pk: int, job: int) -> HttpResponse:
    """The workbook that background work made, for whoever asked for it."""
    batch = batch_of(request, pk, Level.EDIT)
    made = Job.objects.filter(name="submissions.annotate", by=request.user, arguments__batch=pk, state=Job.State.DONE)
    path = documents.path(get_object_or_404(made, pk=job).result["sha256"])
    if not path.exists():
        messages.error(request, _("Ce classeur n’est plus gardé : demandez-le de nouveau."))
        return redirect("submissions:batch-detail", pk=pk)
    return spreadsheet(path.read_bytes(), _name(batch))


def _name(batch: Any) -> str:
    return f"{batch.file_name.rpartition('.')[0][:80]}-" + _("à corriger") + ".xlsx"
