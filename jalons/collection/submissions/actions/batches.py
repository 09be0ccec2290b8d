"""Bringing submissions in from files: keep the file, understand it, then all its rows or none."""

import io
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

from django.db import transaction
from django.utils.translation import gettext

from jalons.collection.forms.models import Form, FormVersion
from jalons.collection.submissions import moments
from jalons.collection.submissions.intake import Intake
from jalons.collection.submissions.known import Scope
from jalons.collection.submissions.models import Batch
from jalons.collection.submissions.reading import TableFile, Told, Versions, kind_of, open_source, told_of
from jalons.collection.submissions.remembering import remember, remembered
from jalons.core import documents, jobs
from jalons.core.actions import action
from jalons.core.errors import Refused, _
from jalons.core.levels import Level
from jalons.core.models import Job
from jalons.foundation.accounts.models import User

CHUNK = 1 << 20
MOST_GROUPS = 300  # questions and reasons of what could not be read
MOST_BEYOND = 100  # expressions out of reach that the report lists
UNCHANGING = (1980, 1, 1, 0, 0, 0)  # the same folder makes the same archive
NO_VERSION = _("Le formulaire « %(form)s » n’a pas encore de version : importez d’abord son XLSForm.")
DONE = _("Cet import est déjà fait. Pour recommencer, déposez le fichier à nouveau.")
NOT_FAILED = _("Cet import n’a pas échoué : il n’y a rien à reprendre.")
NOTHING = _("« %(name)s » ne contient aucune soumission lisible : %(reason)s")
NO_ROW = _("aucune ligne.")
ALL_ASIDE = _("toutes ses lignes sont à corriger. Prenez le classeur annoté.")


@action("batch.opened", needs=Level.EDIT)
def open_batch(*, form: Form, file: BinaryIO, name: str, by: User, version: FormVersion | None = None) -> Batch:
    """Keep a file of submissions whole, once it is known to be readable. Nothing of it is brought in yet.

    version: the version of the form that rows are read against when they name none; the latest by default.
    Error:   Refused, saying what is wrong with the file and what to do.
    """
    version = version or form.versions.order_by("-number").first()
    if version is None or version.form_id != form.pk:
        raise Refused(NO_VERSION, form=form.code)
    name, kind = documents.safe_name(name), kind_of(file)
    kept = {one.fingerprint: one for one in form.correspondences.all()}
    source = open_source(file, name, kind, Versions(form, version), Told(known=frozenset(kept)))
    source.check()
    file.seek(0)
    sha256, _size = documents.store(iter(lambda: file.read(CHUNK), b""))
    told = remembered(source, kept) if isinstance(source, TableFile) else {}
    return Batch.objects.create(
        form=form, form_version=version, kind=kind, file_name=name, sha256=sha256, by=by, **told
    )


@action("batch.matched", needs=Level.EDIT)
def match_columns(
    *, batch: Batch, mapping: Mapping, by: User, meanings: Mapping | None = None, heads: Mapping | None = None,
    copy: str | None = None,
) -> Batch:  # fmt: skip
    """Say which question answers each column, what its words mean, where headings are, which copy it is."""
    batch = _still_open(batch, Batch.State.OPEN)
    batch.mapping = mapping
    for name, told in (("meanings", meanings), ("heads", heads), ("copy", copy)):
        if told is not None:
            setattr(batch, name, told)
    batch.save(update_fields=["mapping", "meanings", "heads", "copy", "updated_at"])
    return batch


@action("batch.started", needs=Level.EDIT)
def start(*, batch: Batch, by: User, only_right: bool = False) -> Batch:
    """Bring a batch in as background work, which shows its progress and survives closing the page."""
    batch = _still_open(batch, Batch.State.OPEN)
    batch.only_right = only_right
    label = gettext("Import de %(file)s") % {"file": batch.file_name}
    batch.state = Batch.State.RUNNING
    batch.job = jobs.enqueue(
        "submissions.receive", label=label, by=by, programme_id=batch.form.programme_id, batch=batch.pk
    )
    batch.save(update_fields=["state", "job", "only_right", "updated_at"])
    return batch


@action("batch.reopened", needs=Level.EDIT)
def reopen(*, batch: Batch, by: User) -> Batch:
    """Go back from an import that failed to what its file holds: nothing of it came in, the file is kept."""
    batch = Batch.objects.select_for_update(of=("self",)).select_related("form", "job").get(pk=batch.pk)
    if batch.state != Batch.State.RUNNING or (batch.job and batch.job.state != Job.State.FAILED):
        raise Refused(NOT_FAILED)
    batch.state, batch.job = Batch.State.OPEN, None
    batch.save(update_fields=["state", "job", "updated_at"])
    return batch


@action("batch.received", needs=Level.EDIT)
def receive(*, batch: Batch, by: User, progress: Callable[..., None] | None = None, only_right: bool = False) -> Batch:
    """Bring in every submission of a batch: stored, checked and projected, all or none.

    A submission already known with the same content does not change; with another content it takes a new version,
    and waits to be reviewed again.
    only_right: rows with something to correct are left aside, and come back as a workbook; the others come in.
    Error: Refused when the file cannot be read to its end, or holds no submission; nothing is kept of it then.
    """
    batch = _still_open(batch, Batch.State.OPEN, Batch.State.RUNNING)
    batch.only_right = only_right or batch.only_right
    versions = Versions(batch.form, batch.form_version)
    moments.receive_alone(batch.form_id)
    now = moments.hold([batch.form.programme_id])  # before the lock of the typed tables, as measurements do
    intake = Intake(batch, versions, Scope(batch.form, by), now, batch.only_right)
    with documents.path(batch.sha256).open("rb") as file:
        source = open_source(file, batch.file_name, batch.kind, versions, told_of(batch))
        for done in intake.run(source):
            if progress:
                progress(done, source.total)
    brought = sum(intake.counts[name] for name in ("received", "updated", "unchanged"))
    if not brought:
        told = intake.refused[0] if intake.refused else {"message": NO_ROW, "values": {}}
        reason = ALL_ASIDE if intake.counts["aside"] else gettext(told["message"]) % told["values"]
        raise Refused(NOTHING, name=batch.file_name, reason=reason)
    if isinstance(source, TableFile) and not source.filled:
        remember(batch, source, by)
    batch.report, batch.state = _report(intake, source), Batch.State.DONE
    batch.save(update_fields=["report", "state", "only_right", "updated_at"])
    return batch


def _still_open(batch: Batch, *states: str) -> Batch:
    batch = Batch.objects.select_for_update(of=("self",)).select_related("form", "form_version", "by").get(pk=batch.pk)
    if batch.state not in states:
        raise Refused(DONE)
    return batch


def _report(intake: Intake, source: Any) -> dict[str, Any]:
    plan = source.plan if isinstance(source, TableFile) else None
    used = {ready.pk: ready for ready in intake.versions.by_key.values() if "rulebook" in ready.__dict__}
    beyond = sorted({pair for ready in used.values() for pair in ready.rulebook.beyond})
    names = ("rows", "received", "updated", "unchanged", "refused", "flagged", "unread", "unplaced", "reopened",
             "clashes", "aside")  # fmt: skip
    return {
        **{name: intake.counts[name] for name in names},
        "refusals": intake.refused,
        "rows_twice": intake.clashes,
        "left": left(intake),
        "unknown": plan.unknown if plan else {},
        "ignored": list(plan.ignored) if plan else [],
        "beyond": [list(pair) for pair in beyond[:MOST_BEYOND]],
    }


def left(intake: Intake) -> list[dict[str, Any]]:
    """What could not be read: question, reason, how many times, and one example with its place; the most first."""
    groups = [{"path": path, "reason": reason, **group} for (path, reason), group in intake.unread.items()]
    return sorted(groups, key=lambda group: -group["count"])[:MOST_GROUPS]


def receive_batch(
    *, form: Form, file: BinaryIO | bytes, name: str, by: User, mapping: Mapping | None = None,
    version: FormVersion | None = None,
) -> Batch:  # fmt: skip
    """Open a batch and bring it in at once: what commands and other programs call."""
    content = io.BytesIO(file) if isinstance(file, bytes) else file
    with transaction.atomic():
        batch = open_batch(form=form, file=content, name=name, by=by, version=version)
        if mapping:
            batch = match_columns(batch=batch, mapping=mapping, by=by)
        return receive(batch=batch, by=by)


def receive_instances(*, form: Form, folder: Path, by: User) -> Batch:
    """Bring in the XML instances of a folder, as one batch kept as a ZIP."""
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in _instances(folder):
            archive.writestr(zipfile.ZipInfo(str(path.relative_to(folder)), UNCHANGING), path.read_bytes())
    return receive_batch(form=form, file=kept.getvalue(), name=f"{folder.resolve().name}.zip", by=by)


def _instances(folder: Path) -> Iterator[Path]:
    yield from sorted(path for path in folder.rglob("*.xml") if path.is_file() and not path.is_symlink())
