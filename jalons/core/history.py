"""What happened to a row: each act with who, when and why, and the fields it changed."""

from collections import defaultdict
from datetime import datetime
from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import models
from django.db.models import Q

from jalons.core.cells import absence, shown
from jalons.core.fields import TranslatedField, translated
from jalons.core.levels import Level
from jalons.core.links import level_of, page_of
from jalons.core.models import Document, Event
from jalons.core.scope import Row, has_history_open
from jalons.core.verbs import act

SHOWN = 200  # acts, latest first
SILENT = {"id", "created_at", "updated_at"}


def timeline(row: models.Model, hidden: frozenset[str] = frozenset()) -> list[dict[str, Any]]:
    """The acts on a row, latest first, as components/history.html expects them; without the hidden fields."""
    snapshots = _snapshots(row)
    documents = dict(Document.objects.filter(target=row._meta.label, target_id=row.pk).values_list("pk", "name"))
    here = Q(target=row._meta.label, target_id=row.pk) | Q(target=Document._meta.label, target_id__in=documents)
    acts = list(Event.objects.filter(here).select_related("by").order_by("-pk")[:SHOWN])
    known = {event.context for event in acts if event.context}
    changes = defaultdict(list)
    earlier = [None] if len(snapshots) <= SHOWN else []  # beyond, the first one is only there to be compared with
    for before, after in zip([*earlier, *snapshots], snapshots if earlier else snapshots[1:], strict=False):
        changes[after.pgh_context_id or after.pgh_id] += _changes(type(row), before, after, hidden)
    lines = [_line(event.at, str(event.by), event.verb, event.why, changes[event.context],
                   documents.get(event.target_id, "") if event.target == Document._meta.label else "")
             for event in reversed(acts)]  # fmt: skip
    silent = [s for s in snapshots if s.pgh_context_id not in known]
    lines += [_from_snapshot(s, changes[s.pgh_context_id or s.pgh_id]) for s in silent]
    return sorted(lines, key=lambda line: line["at"])[::-1][:SHOWN]


def _snapshots(row: models.Model) -> list[models.Model]:
    """The row as it was after each change, oldest first; none when its table is not followed."""
    model = getattr(row, "pgh_event_model", None)
    if model is None:
        return []
    found = model.objects.filter(pgh_obj_id=row.pk).select_related("pgh_context").order_by("-pgh_id")
    return list(found[: SHOWN + 1])[::-1]


def _from_snapshot(snapshot: models.Model, changes: list) -> dict[str, Any]:
    """A change that no act on this very row explains: made by an act on another row, or outside any act."""
    told = snapshot.pgh_context.metadata if snapshot.pgh_context else {}
    by = get_user_model()._base_manager.filter(pk=told.get("user")).first()
    verb = told.get("verb") or snapshot.pgh_label
    return _line(snapshot.pgh_created_at, str(by) if by else "", verb, told.get("why", ""), changes)


def _line(at: datetime, by: str, verb: str, why: str, changes: list, document: str = "") -> dict[str, Any]:  # noqa: PLR0913
    return {"at": at, "by": by, "label": act(verb), "why": why, "changes": changes, "document": document}


def _changes(
    model: type[models.Model], before: models.Model | None, after: models.Model, hidden: frozenset[str] = frozenset()
) -> list[dict[str, str]]:
    """Fields that differ between two snapshots; without an earlier one, those known of any row at its beginning."""
    born = getattr(model, "born", {})
    found = []
    for field in model._meta.concrete_fields:
        if before is None and field.name not in born:
            continue
        old = born[field.name] if before is None else getattr(before, field.attname, None)
        new = getattr(after, field.attname, None)
        if field.name not in SILENT | hidden and old != new:
            texts = {"before": said(field, old), "after": said(field, new)}
            found.append({"field": field.verbose_name, **texts})
    return found


def said(field: models.Field, value: Any) -> str:
    """A stored value as people read it, or what its absence means."""
    if value in (None, "", []):
        return absence(field.model, field.name)
    if field.is_relation:
        return str(field.related_model._base_manager.filter(pk=value).first() or value)
    if field.flatchoices:
        return str(dict(field.flatchoices).get(value, value))
    if isinstance(value, list):
        return ", ".join(translated(one["label"]) if isinstance(one, dict) and "label" in one else str(one)
                         for one in value)  # fmt: skip
    return translated(value) if isinstance(field, TranslatedField) else shown(value).value


def model_named(label: str) -> type[models.Model] | None:
    """The model that an address names, if it is one of ours and filtered by user."""
    try:
        model = apps.get_model(label)
    except (LookupError, ValueError):
        return None
    is_filtered = issubclass(model, Row) and (hasattr(model, "scope") or hasattr(model, "shared"))
    return model if is_filtered else None


def may_read(row: models.Model, user: Any) -> bool:
    """Whether this person, to whom a row is open, reads its name and its history.

    It asks what the page of the row asks. A row that has none and tells of people asks as much as changing it.
    """
    if not has_history_open(row, user):
        return False
    tells = any(not row._meta.get_field(name).is_relation for name in row.personal)
    page = page_of(row)
    level = level_of(page) if page else Level.EDIT if tells else Level.VIEW
    return level <= Level.VIEW or row.is_open_to(user, level)


def hidden_from(row: models.Model, user: Any) -> frozenset[str]:
    """The fields of a row that identify people, for who does not read these."""
    return frozenset() if not row.identifying or row.is_open_to(user, app="identities") else row.identifying
