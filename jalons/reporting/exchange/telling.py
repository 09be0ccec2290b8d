"""What a workbook would do and what is wrong in it, in the reader's words."""

from typing import Any

from django.utils.translation import gettext as _

from jalons.core.cells import Cell, listed, shown
from jalons.reporting.exchange.workbook import specs
from jalons.reporting.exchange.workbook.records import ADDED, CHANGED, REMOVED, Change, Difference, Fault, Note, Plan

SHOWN = 100  # rows told for each sheet; the rest is counted


def sheets(plan: Plan) -> list[dict[str, Any]]:
    """Sheets where something changes: how many rows of each kind, and what changes in each."""
    return [
        {"name": name, "counts": [plan.count(name, kind) for kind in (ADDED, CHANGED, REMOVED)],
         "rows": [row(change) for change in changes[:SHOWN]], "more": max(len(changes) - SHOWN, 0)}
        for name in specs.BY_NAME if (changes := plan.of(name))
    ]  # fmt: skip


def row(change: Change) -> dict[str, Any]:
    """One row that changes: what it is, what becomes of it, cell by cell when it is only changed."""
    kinds = {ADDED: _("ajout"), CHANGED: _("modification"), REMOVED: _("suppression")}
    differences = change.differences if change.kind == CHANGED or change.sheet == specs.VALUES else []
    return {"label": label(change), "kind": change.kind, "told": kinds[change.kind], "number": change.row,
            "title": title(change), "changes": [difference(d) for d in differences]}  # fmt: skip


def label(change: Change) -> str:
    """The key of a row, codes of lists in words."""
    columns = specs.BY_NAME[change.sheet].key
    words = (
        word(specs.BY_NAME[change.sheet].column(name), part) for name, part in zip(columns, change.key, strict=True)
    )
    return " · ".join(str(text) for text, part in zip(words, change.key, strict=True) if part)


def title(change: Change) -> str:
    fields = change.after or change.before
    return change.before.get("what") or fields.get("title.fr") or fields.get("label.fr") or str(word_of(change, fields))


def word_of(change: Change, fields: dict[str, Any]) -> Any:
    """The figure of a target that comes or goes; one that changes is told cell by cell."""
    told = change.sheet == specs.TARGETS and change.kind != CHANGED and fields.get("value") is not None
    return shown(fields["value"]) if told else ""


def difference(changed: Difference) -> dict[str, Any]:
    """One cell that changes, as components/history.html shows it."""
    return {"field": changed.column.head, "before": word(changed.column, changed.before),
            "after": word(changed.column, changed.after)}  # fmt: skip


def word(column: specs.Column, value: Any) -> Cell | str:
    """The value of a column as the reader's language says it."""
    if column.choices:
        return str(column.choices.get(value, value)) or "–"
    if isinstance(value, tuple):
        return listed(value) or "–"
    return shown(value) if value != "" else "–"


def refusal(fault: Fault) -> dict[str, str]:
    """A fault as components/refusals.html shows it: where, what is wrong, what to do."""
    message, remedy = sentences(fault)
    return {"place": place(fault), "message": message, "remedy": remedy}


def sentences(fault: Fault) -> tuple[str, str]:
    """What is wrong, then what to do: the first sentence of a refusal, then the others."""
    first, point, rest = _(fault.message).partition(". ")
    texts = (first + point.strip(), rest)
    return tuple(text % fault.values if fault.values else text for text in texts)


def place(fault: Fault) -> str:
    values = {"sheet": fault.sheet, "cell": fault.cell, "row": fault.row}
    if fault.cell:
        return _("Feuille « %(sheet)s », cellule %(cell)s") % values
    return _("Feuille « %(sheet)s », ligne %(row)s") % values


def sentence(fault: Fault) -> str:
    """A fault in one go, for the comment of a cell."""
    return " ".join(filter(None, sentences(fault)))


def done(plan: Plan) -> str:
    """What an import has done, in one sentence."""
    return _(
        "Classeur importé. Ajouts : %(added)s ; modifications : %(changed)s ; suppressions : %(removed)s."
    ) % tally(plan)


def tally(plan: Plan) -> dict[str, int]:
    """How many rows a plan adds, changes and removes."""
    return {kind: sum(change.kind == kind for change in plan.changes) for kind in (ADDED, CHANGED, REMOVED)}


def remark(note: Note) -> str:
    return f"{note.sheet} : {_(note.message) % note.values if note.values else _(note.message)}"
