"""What was told of a file made by someone else: found again by its headings, kept once its rows came in."""

from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from jalons.collection.submissions.models import Batch, Correspondence
from jalons.collection.submissions.reading import TableFile
from jalons.collection.submissions.rules.headers import KEY
from jalons.collection.submissions.rules.heads import fingerprint
from jalons.collection.submissions.rules.schema import fold
from jalons.foundation.accounts.models import User


def remembered(source: TableFile, kept: Mapping[str, Correspondence]) -> dict[str, Any]:
    """What a new batch starts from: where the headings are, and what was told of headings like them."""
    if source.filled:
        return {}
    told: dict[str, Any] = {"mapping": {}, "meanings": {}, "heads": {}}
    for sheet in source.sheets:
        if sheet.first > 2:
            told["heads"][sheet.name] = sheet.first - 1
        if known := kept.get(fingerprint(sheet.header)):
            told["mapping"][sheet.name] = _spelled(known.columns, sheet.header)
            told["meanings"] |= known.meanings
    return told


def remember(batch: Batch, source: TableFile, by: User) -> None:
    """Keep what was told of each sheet of a batch, for the next file that has the same headings."""
    for part in source.plan.parts:
        columns = batch.mapping.get(part.sheet.name, {})
        paths = {column.item.path for column in part.columns.columns if column.item}
        meanings = {path: said for path, said in batch.meanings.items() if path in paths and said}
        if any(columns.values()) or meanings:
            Correspondence.objects.update_or_create(
                form=batch.form,
                fingerprint=fingerprint(part.sheet.header),
                defaults={"columns": columns, "meanings": meanings, "by": by, "used_at": timezone.now(),
                          "headings": list(filter(None, part.sheet.header)), "name": batch.file_name},
            )  # fmt: skip


def _spelled(columns: Mapping[str, str], header: tuple[str, ...]) -> dict[str, str]:
    """The columns by the headings of this file, which may be spelled with other accents or blanks."""
    own = {fold(name): name for name in header if name}
    spelled = {own.get(fold(name), name): path for name, path in columns.items() if name != KEY}
    key = columns.get(KEY, "")
    return {**spelled, KEY: own.get(fold(key), key)} if key else spelled
