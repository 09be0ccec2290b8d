"""The workbook that tells what to correct in a long file: asked for, then made in the background."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext

from jalons.collection.submissions.models import Batch
from jalons.collection.submissions.reading import Versions, open_source, told_of
from jalons.collection.submissions.workbook import returned
from jalons.core import documents, jobs
from jalons.core.actions import action
from jalons.core.levels import Level
from jalons.core.models import Job
from jalons.foundation.accounts.models import User


@action("annotation.asked", needs=Level.EDIT)
def ask_annotated(*, batch: Batch, every: bool, told: Mapping[str, Any], by: User) -> Job:
    """Ask for the rows to correct of a long file, in a workbook.

    told: what its columns and words mean, as the person sees it now: mapping, meanings.
    """
    label = gettext("Lignes à corriger de %(file)s") % {"file": batch.file_name}
    return jobs.enqueue(
        "submissions.annotate", label=label[:200], by=by, programme_id=batch.form.programme_id, batch=batch.pk,
        every=every, told=dict(told),
    )  # fmt: skip


def annotate(*, batch: Batch, every: bool, told: Mapping[str, Any], by: User, progress: Callable[..., None]) -> str:
    """Make the workbook; the SHA-256 under which it is kept, some days. It changes nothing."""
    if not batch.is_open_to(by, Level.EDIT):
        raise PermissionDenied
    versions = Versions(batch.form, batch.form_version)
    with documents.path(batch.sha256).open("rb") as file:
        how = replace(told_of(batch), mapping=told["mapping"], meanings=told["meanings"])
        source = open_source(file, batch.file_name, batch.kind, versions, how)
        content = returned.to_correct(batch, source, by, every=every, progress=progress)
    return documents.store([content])[0]
