"""Files that came with submissions: who may open them, which are expected and missing, and their thumbnails."""

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from PIL import Image, ImageOps, UnidentifiedImageError

from jalons.collection.forms.models import Question
from jalons.collection.submissions.models import Attachment, Enclosure, Submission, SubmissionVersion
from jalons.core import documents
from jalons.foundation.accounts.models import User

RASTER = {"image/jpeg", "image/png", "image/webp", "image/gif"}  # what a page may show: nothing in them runs
SIDE = 320  # pixels
MOST_PIXELS = 60_000_000  # beyond, an image is a bomb or a poster: no thumbnail
Image.MAX_IMAGE_PIXELS = MOST_PIXELS


def of_submissions(submissions: Iterable[int]) -> dict[tuple[int, str], Attachment | Enclosure]:
    """The files that came with some submissions, by submission and name; the latest when a name came twice."""
    keys = list(submissions)
    sent = Attachment.objects.filter(arrival__submission__in=keys).select_related("arrival").order_by("pk")
    pulled = Enclosure.objects.filter(counterpart__submission__in=keys).exclude(sha256="").select_related("counterpart")
    found = {(row.counterpart.submission_id, row.name): row for row in pulled.order_by("pk")}
    return found | {(row.arrival.submission_id, row.name): row for row in sent}


def may_open(user: User, kept: Attachment | Enclosure) -> bool:
    """Whether this person reads the answer that this file is: all that identify, or a question that does not."""
    if kept.is_open_to(user, app="identities"):
        return True
    submission = kept.submission
    if submission is None:
        return False
    versions = SubmissionVersion.objects.filter(submission=submission).defer("content")
    return kept.name in plain_files(versions, submission.version)


def plain_files(versions: Iterable[SubmissionVersion], current: int) -> set[str]:
    """Names of files that answer, in the current version, questions which identify nobody, and no other in any version.

    A correction may give a new file the name of one that answered a question which identifies someone.
    """
    plain: set[str] = set()
    hidden: set[str] = set()
    for version in versions:
        marks = dict(Question.objects.filter(version=version.form_version_id).values_list("name", "is_personal"))
        for name, value in _answers(version.answers):
            if marks.get(name.rpartition("/")[2], True):
                hidden.add(value)
            elif version.number == current:
                plain.add(value)
    return plain - hidden


def _answers(answers: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in answers.items():
        if isinstance(value, list):
            rows = [row for row in value if isinstance(row, dict)]
            for row in rows:
                yield from _answers(row)
        elif isinstance(value, str):
            yield name, value


def as_dict(submission: Submission) -> dict[str, Attachment | Enclosure]:
    return {name: kept for (_pk, name), kept in of_submissions([submission.pk]).items()}


def of_version(submission: Submission, instance_id: str) -> dict[str, Attachment | Enclosure]:
    """The files of one version, by name: its own where another version has one of the same name."""
    own = Attachment.objects.filter(arrival__submission=submission, arrival__instance_id=instance_id).order_by("pk")
    return as_dict(submission) | {row.name: row for row in own.select_related("arrival")}


def is_raster(kept: Attachment | Enclosure) -> bool:
    """Whether a page may show this file: told by its bytes, not by its name nor by what a phone said."""
    with documents.path(kept.sha256).open("rb") as file:
        return documents.media_type(file) in RASTER


def thumbnail(kept: Attachment | Enclosure) -> Path | None:
    """A small picture of a photo, made once, without the place and device that a phone wrote in it; else None."""
    target = Path(settings.DATA) / "thumbnails" / kept.sha256[:2] / f"{kept.sha256}.jpg"
    if target.exists():
        return target
    if not is_raster(kept):
        return None
    try:
        with Image.open(documents.path(kept.sha256)) as image:
            if image.width * image.height > MOST_PIXELS:
                return None
            image.draft("RGB", (SIDE * 2, SIDE * 2))
            small = ImageOps.exif_transpose(image)
            small.thumbnail((SIDE, SIDE))
            clean = small.convert("RGB")
    except (OSError, UnidentifiedImageError, Image.DecompressionBombError, Image.DecompressionBombWarning, ValueError):
        return None
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_suffix(f".{os.getpid()}")
    clean.save(draft, "JPEG", quality=80)
    os.replace(draft, target)
    return target
