"""Files that nothing names: what a process killed halfway left, and what was shown to someone who did not confirm."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.db.models import CharField
from django.utils import timezone

UNFINISHED = timedelta(days=1)  # no file takes that long to arrive
UNNAMED = timedelta(days=30)  # longer than a session, which names the workbook that waits to be confirmed


def sweep() -> None:
    """Erase them, contents as well as beginnings. Every table that names a content does so in a field `sha256`."""
    for path in list(_leftovers(Path(settings.DOCUMENTS), timezone.now())):
        path.unlink(missing_ok=True)


def _leftovers(folder: Path, now: datetime) -> Iterator[Path]:
    yield from (path for path in folder.glob("tmp*") if _is_older(path, now - UNFINISHED))
    old = [path for path in folder.glob("*/*") if _is_older(path, now - UNNAMED)]
    named = _named() if old else set()
    yield from (path for path in old if path.name not in named)


def _is_older(path: Path, day: datetime) -> bool:
    try:
        return path.stat().st_mtime < day.timestamp()
    except FileNotFoundError:  # another process has just finished it
        return False


def _named() -> set[str]:
    found = set()
    for model in apps.get_models():
        if any(field.name == "sha256" and isinstance(field, CharField) for field in model._meta.fields):
            found |= set(model._base_manager.values_list("sha256", flat=True).distinct().iterator())
    return found
