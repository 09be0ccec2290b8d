"""Files of answers: asked for, made in the background, thrown away after some days."""

import hashlib
import os
import shutil
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.utils import timezone, translation
from django.utils.text import slugify
from django.utils.translation import gettext

from jalons.collection.forms.models import Form
from jalons.collection.forms.queries import fields
from jalons.collection.submissions.exports import places, writing
from jalons.collection.submissions.exports.about import About
from jalons.collection.submissions.exports.tables import BOTH, CODES, COLUMNS, Dataset
from jalons.collection.submissions.models import Export, Submission
from jalons.collection.submissions.models.exports import KEPT, folder
from jalons.collection.submissions.selection import SEEN, STATES, Selection
from jalons.core import jobs
from jalons.core.actions import action
from jalons.core.documents import full_disk_said
from jalons.core.errors import Refused, _
from jalons.core.fields import LANGUAGES
from jalons.core.levels import Level
from jalons.core.scope import reaches, sees_identities
from jalons.foundation.accounts.models import User

EVERY = 2_000  # rows between two tellings of the progress
NO_RIGHT = _("Votre rôle ne lit pas les réponses qui identifient : exportez sans elles.")
NOTHING = _("Ce formulaire n’a encore reçu aucune soumission.")
ODD = _("Cette demande d’export ne se lit pas : recommencez depuis la page d’export.")


@action("export.asked", needs=Level.VIEW)
def ask_export(*, form: Form, format: str, options: dict[str, Any], by: User) -> Export:
    """Ask for a file of answers; it is made in the background, for this person alone.

    options: labels, identities, language, states, start, end, filters, choices; each may be left out.
    Error:   Refused when a filter cannot be read, or when identities are asked for without the right.
    """
    check(form, format, options, by)
    export = Export.objects.create(form=form, by=by, format=format, options=options, reach=reach(by, form))
    label = gettext("Export de « %(form)s »") % {"form": form}
    export.job = jobs.enqueue(
        "submissions.export", label=label[:200], by=by, programme_id=form.programme_id, export=export.pk
    )
    export.save(update_fields=["job", "updated_at"])
    return export


@action("export.made", needs=Level.VIEW)
def make_export(*, export: Export, by: User, progress: Callable[..., None] | None = None) -> Export:
    """Make the file, and keep it some days. Made again, it replaces the one before."""
    kept = Export.objects.select_for_update(of=("self",)).select_related("form__programme", "by").get(pk=export.pk)
    if by.pk != kept.by_id or reach(by, kept.form) != kept.reach:
        raise Refused(ODD)
    about = about_of(kept, timezone.now())
    folder().mkdir(parents=True, exist_ok=True)
    draft = folder() / f"tmp-{kept.pk}-{os.getpid()}"
    try:
        with translation.override(about.language), full_disk_said():
            writing.write(draft, kept.format, about, _told(about, progress))
            kept.report = [list(line) for line in about.lines()]
        kept.sha256, kept.size = _digest(draft), draft.stat().st_size
        os.replace(draft, kept.path)
    finally:
        draft.unlink(missing_ok=True)
    day = f"{timezone.localdate():%Y-%m-%d}"
    kept.file_name = f"{slugify(kept.form.code) or 'export'}-{kept.format}-{day}.{writing.FORMATS[kept.format]}"
    kept.expires_at = timezone.now() + KEPT
    kept.save(update_fields=["report", "sha256", "size", "file_name", "expires_at", "updated_at"])
    return kept


@action("export.discarded", needs=Level.VIEW)
def discard_export(*, export: Export, by: User) -> Export:
    """Throw the file away before its day; that it was made stays told."""
    if by.pk != export.by_id:
        raise Refused(ODD)
    export.expires_at = timezone.now()
    export.save(update_fields=["expires_at", "updated_at"])
    export.path.unlink(missing_ok=True)
    return export


def sweep_exports() -> None:
    """Erase the files whose day has come, and those that a process killed halfway left."""
    kept = set(Export.objects.filter(expires_at__gt=timezone.now()).values_list("pk", flat=True))
    running = {f"tmp-{pk}" for pk in Export.objects.filter(job__state="running").values_list("pk", flat=True)}
    for path in folder().glob("*"):
        name = path.name.rpartition("-")[0] if path.name.startswith("tmp-") else path.name
        if name not in running and not (name.isdecimal() and int(name) in kept) and path.is_file():
            path.unlink(missing_ok=True)
        elif path.is_dir() and not running:
            shutil.rmtree(path, ignore_errors=True)


def check(form: Form, format: str, options: dict[str, Any], by: User) -> Selection:
    """Refuse what cannot be exported before any work is queued."""
    if format not in writing.FORMATS or options.get("identities", "none") not in SEEN:
        raise Refused(ODD)
    if options.get("language", "fr") not in LANGUAGES or options.get("choices", BOTH) not in (BOTH, CODES, COLUMNS):
        raise Refused(ODD)
    if not set(options.get("states", STATES)) <= set(Submission.State.values):
        raise Refused(ODD)
    chosen = selection(form, options, by)
    if format == "codebook":
        return chosen
    if "" not in chosen.tables:
        raise Refused(NOTHING)
    if chosen.identities != "none" and not chosen.sees_identities:
        raise Refused(NO_RIGHT)
    chosen.where()  # reads the filters: each is refused here when it must be
    if format == "geojson" and not places.located(Dataset(chosen)):
        raise Refused(places.NOWHERE)
    return chosen


def selection(form: Form, options: dict[str, Any], by: User) -> Selection:
    """The rows that a demand names."""
    start, end = (date.fromisoformat(day) if (day := options.get(name)) else None for name in ("start", "end"))
    return Selection(
        form, by, identities=options.get("identities", "none"), states=tuple(options.get("states", STATES)),
        start=start, end=end, asked=tuple(options.get("filters", ())),
    )  # fmt: skip


def about_of(export: Export, now: datetime) -> About:
    options = export.options
    dataset = Dataset(selection(export.form, options, export.by), options.get("choices", BOTH))
    return About(dataset, bool(options.get("labels", True)), options.get("language", "fr"), now)


def reach(user: User, form: Form) -> list[Any]:
    """What limits a person's sight of a form: kept with the file, compared before it is given.

    For who reads nothing that identifies, the questions that are marked so too: one marked since takes the file back.
    """
    found = (reaches(user, app, form.programme_id) for app in ("submissions", "identities"))
    limits: list[Any] = [sorted([list(pair) for pair in pairs], key=str) for pairs in found]
    if sees_identities(user, "submissions", form.programme_id):
        return limits
    kept_back = [[table, f.question.column] for table, some in fields(form).items() for f in some if f.is_personal]
    return [*limits, sorted(kept_back)]


def _told(about: About, progress: Callable[..., None] | None) -> Callable[[int], None]:
    done, total = 0, 0

    def add(rows: int) -> None:
        nonlocal done, total
        total = total or sum(table.count for table in about.dataset.tables)
        before, done = done, done + rows
        if progress and before // EVERY != done // EVERY:
            progress(min(done, total), total)

    return add


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
