"""Answers changed in a copy of a version, byte for byte as its phone or its file would have sent them."""

import copy
import json
import uuid
from collections.abc import Sequence
from typing import Any, NamedTuple

from lxml import etree

from jalons.collection.quality.rules.cleaning_log import line_of
from jalons.collection.submissions.models import SubmissionVersion
from jalons.collection.submissions.reading import ROW_TYPE, XML_TYPE, Ready, Record
from jalons.collection.submissions.rules import instances
from jalons.collection.submissions.rules.asked import Expression, complete, lines
from jalons.collection.submissions.rules.instances import Reading
from jalons.collection.submissions.rules.schema import Item, Table


class Change(NamedTuple):
    """One answer to change. value: None erases it."""

    item: Item
    table: Table
    rows: tuple[int, ...]
    value: Any
    old: str
    new: str
    why: str


def mended(version: SubmissionVersion, ready: Ready, changes: Sequence[Change], reason: str) -> Record:
    """The record that a corrected version comes in as; calculations that depend on a changed answer are made again."""
    answers = copy.deepcopy(version.answers)
    for change in changes:
        line_of(answers, ready.schema, change.table, change.rows)[change.item.key] = change.value
    again = _recomputed(answers, ready, {change.item.name for change in changes}, version)
    gone = {change.item.name for change in changes}
    unread = [entry for entry in version.unread if entry["path"].rpartition("/")[2] not in gone]
    held, flat = version.submission, version.media_type == ROW_TYPE
    if version.media_type == XML_TYPE:
        name = f"uuid:{uuid.uuid4()}"
        content = _xml(version, ready, [*changes, *again], name)
        return Record("", name, version.instance_id, "", ready, held.collector, content, Reading(answers, unread),
                      flat=False, reason=reason)  # fmt: skip
    content = _json(version, changes)
    return Record("", held.instance_id, "", "", ready, held.collector, content, Reading(answers, unread), flat,
                  reason=reason)  # fmt: skip


def _recomputed(answers: dict[str, Any], ready: Ready, touched: set[str], version: SubmissionVersion) -> list[Change]:
    """Make again, in place, the calculations that read a changed answer; what cannot be computed here stays."""
    steps: list[tuple[Item, Table, Expression]] = []
    for item, table, calculation in ready.rulebook.calculations:
        if touched & set(calculation.names):
            steps.append((item, table, calculation))
            touched = touched | {item.name}
    before = []
    for item, table, _calculation in steps:
        for line in lines(answers, ready.schema, table):
            before.append((item, table, line.rows[0], line.index, line.rows[0].pop(item.key, None)))
    complete(answers, steps, ready.schema, ready.moment_of(answers))
    changed = []
    for item, table, row, index, value in before:
        if row.get(item.key) is None and value is not None:
            row[item.key] = value
        elif row.get(item.key) != value:
            changed.append(Change(item, table, index, row[item.key], str(value), str(row[item.key]), ""))
    return changed


def _json(version: SubmissionVersion, changes: Sequence[Change]) -> bytes:
    """What was received, and beside it what was corrected."""
    kept: dict[str, Any] = json.loads(bytes(version.content))
    told = [{"question": c.item.path, "rows": list(c.rows), "old": c.old, "new": c.new, "why": c.why} for c in changes]
    kept["corrections"] = [*kept.get("corrections", []), *told]
    return json.dumps(kept, ensure_ascii=False).encode()


def _xml(version: SubmissionVersion, ready: Ready, changes: Sequence[Change], name: str) -> bytes:
    """The same instance with other answers, under a new identifier that deprecates the former (OpenRosa)."""
    root = instances.parse(bytes(version.content))
    for change in changes:
        _node(root, ready, change).text = _written(change.value)
    meta = _child(root, "meta") if _child(root, "meta") is not None else _add(root, "meta")
    for tag, text in (("instanceID", name), ("deprecatedID", version.instance_id)):
        found = _child(meta, tag)
        (_add(meta, tag) if found is None else found).text = text
    return etree.tostring(root, encoding="utf-8", xml_declaration=True)


def _node(root: etree._Element, ready: Ready, change: Change) -> etree._Element:
    """The element of an answer, made where the phone had left it out."""
    repeats = {table.path: table.name for table in ready.schema.tables.values() if table.name}
    at, rows, path = root, list(change.rows), ()
    for step in change.item.path.split("/"):
        path = (*path, step)
        same = [e for e in at if isinstance(e.tag, str) and etree.QName(e).localname == step and not _is_template(e)]
        row = rows.pop(0) if path in repeats and rows else 0
        at = same[row] if row < len(same) else _add(at, step)
    return at


def _is_template(element: etree._Element) -> bool:
    return any(etree.QName(name).localname == "template" for name in element.attrib)


def _child(parent: etree._Element, tag: str) -> etree._Element | None:
    return next((e for e in parent if isinstance(e.tag, str) and etree.QName(e).localname == tag), None)


def _add(parent: etree._Element, tag: str) -> etree._Element:
    space = etree.QName(parent).namespace
    return etree.SubElement(parent, f"{{{space}}}{tag}" if space else tag)


def _written(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return " ".join(value) if isinstance(value, list) else str(value)
