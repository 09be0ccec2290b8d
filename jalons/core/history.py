"""What happened to a row: each act with who, when and why, and the fields it changed."""

from collections import defaultdict
from datetime import datetime
from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import models
from django.utils.translation import gettext_lazy as _

from jalons.core.cells import shown
from jalons.core.fields import TranslatedField, translated
from jalons.core.models import Event

SHOWN = 200  # acts, latest first
SILENT = {"id", "created_at", "updated_at"}
# Last word of a verb -> what people call the act. A test holds every action to this table.
ACTS = {
    "added": _("Ajout"),
    "applied": _("Application"),
    "attached": _("Document joint"),
    "changed": _("Changement"),
    "corrected": _("Correction"),
    "cut": _("Découpage en périodes"),
    "declared": _("Déclaration"),
    "defined": _("Définition"),
    "delete": _("Suppression"),
    "direction_confirmed": _("Sens confirmé"),
    "drafted": _("Préparation"),
    "edited": _("Modification"),
    "granted": _("Rôle donné"),
    "imported": _("Import"),
    "insert": _("Ajout"),
    "invited": _("Invitation"),
    "issued": _("Émission"),
    "matched": _("Correspondance"),
    "measured": _("Calcul"),
    "opened": _("Ouverture"),
    "published": _("Publication"),
    "received": _("Réception"),
    "refreshed": _("Actualisation"),
    "rejected": _("Rejet"),
    "removed": _("Retrait"),
    "retired": _("Clôture"),
    "retried": _("Relance"),
    "sent_back": _("Renvoi"),
    "set": _("Enregistrement"),
    "started": _("Lancement"),
    "typed": _("Saisie"),
    "update": _("Modification"),
    "validated": _("Validation"),
    "verified": _("Vérification"),
}


def timeline(row: models.Model) -> list[dict[str, Any]]:
    """The acts on a row, latest first, as components/history.html expects them."""
    snapshots = _snapshots(row)
    acts = list(
        Event.objects.filter(target=row._meta.label, target_id=row.pk).select_related("by").order_by("-pk")[:SHOWN]
    )
    known = {act.context for act in acts if act.context}
    changes = defaultdict(list)
    for before, after in zip([None, *snapshots], snapshots, strict=False):
        changes[after.pgh_context_id or after.pgh_id] += _changes(type(row), before, after)
    lines = [_line(act.at, str(act.by), act.verb, act.why, changes[act.context]) for act in reversed(acts)]
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


def _line(at: datetime, by: str, verb: str, why: str, changes: list) -> dict[str, Any]:
    return {"at": at, "by": by, "label": ACTS.get(verb.rpartition(".")[2], verb), "why": why, "changes": changes}


def _changes(model: type[models.Model], before: models.Model | None, after: models.Model) -> list[dict[str, str]]:
    """Fields that differ between two snapshots; nothing when there is no earlier one to compare with."""
    if before is None:
        return []
    found = []
    for field in model._meta.concrete_fields:
        old, new = getattr(before, field.attname, None), getattr(after, field.attname, None)
        if field.name not in SILENT and old != new:
            texts = {"before": said(field, old), "after": said(field, new)}
            found.append({"field": field.verbose_name, **texts})
    return found


def said(field: models.Field, value: Any) -> str:
    """A stored value as people read it; an empty string when unknown."""
    if value is None or value == "":
        return ""
    if field.is_relation:
        return str(field.related_model._base_manager.filter(pk=value).first() or value)
    if field.flatchoices:
        return str(dict(field.flatchoices).get(value, value))
    return translated(value) if isinstance(field, TranslatedField) else shown(value).value


def model_named(label: str) -> type[models.Model] | None:
    """The model that an address names, if it is one of ours and filtered by user."""
    try:
        model = apps.get_model(label)
    except (LookupError, ValueError):
        return None
    return model if hasattr(model, "scope") or hasattr(model, "shared") else None
