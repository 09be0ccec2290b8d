"""Answers changed in a copy of a version, byte for byte as its phone or its file would have sent them."""

import copy
import json
import uuid
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from lxml import etree

from jalons.collection.forms.rules.evaluation import EMPTY, UNKNOWN
from jalons.collection.submissions.given import files_of, understood
from jalons.collection.submissions.models import SubmissionVersion
from jalons.collection.submissions.reading import ROW_TYPE, XML_TYPE, Ready, Record
from jalons.collection.submissions.rules import instances, writing
from jalons.collection.submissions.rules.asked import NO_CHANGE, Step, as_before, complete, line_of, lines
from jalons.collection.submissions.rules.instances import Reading
from jalons.collection.submissions.rules.schema import Item, Schema, Table
from jalons.core.errors import Refused

Seen = dict[tuple[etree._Element, str], list[etree._Element]]


class Change(NamedTuple):
    """One answer to change, or all the rows of a repeat that the form itself holds (item: None, value: the rows).

    value:    None erases it.
    old, new: as a person reads them.
    """

    item: Item | None
    table: Table
    rows: tuple[int, ...]
    value: Any
    old: str
    new: str
    why: str = ""

    @property
    def path(self) -> str:
        return self.item.path if self.item else "/".join(self.table.path)


def mended(version: SubmissionVersion, ready: Ready, changes: Sequence[Change], reason: str) -> Record:
    """The record that a corrected version comes in as; calculations that depend on a changed answer are made again."""
    answers = copy.deepcopy(version.answers)
    for change in changes:
        if change.item:
            line_of(answers, ready.schema, change.table, change.rows)[change.item.key] = change.value
        else:
            answers[change.table.name] = change.value or []
    gone = {name for change in changes for name in _names(change, ready.schema)}
    held, flat = version.submission, version.media_type == ROW_TYPE
    again = recomputed(answers, ready, gone, UNKNOWN if flat else EMPTY)
    unread = [entry for entry in version.unread if entry["path"].rpartition("/")[2] not in gone]
    if version.media_type == XML_TYPE:
        name = f"uuid:{uuid.uuid4()}"
        written = [one for change in changes for one in one_by_one(change, answers, ready.schema)]
        replaced = [change for change in changes if not change.item]
        meta = {"instanceID": name, "deprecatedID": version.instance_id}
        content = rewritten(bytes(version.content), ready, replaced, [*written, *again], meta)
        return Record("", name, version.instance_id, "", ready, held.collector, content, Reading(answers, unread),
                      flat=False, reason=reason)  # fmt: skip
    content = _json(version, changes)
    return Record("", held.instance_id, "", "", ready, held.collector, content, Reading(answers, unread), flat,
                  reason=reason)  # fmt: skip


def composed(form: str, version: str, ready: Ready, given: Mapping[str, Any], instance_id: str) -> bytes:
    """The instance that a phone would send of answers told in JSON: with what the form computes from them.

    version:     the name of the version, empty when it was not said; ready is the one that it is read with.
    instance_id: empty makes a new one.
    Error:       Refused as `understood`.
    """
    content = writing.instance(form, version, instance_id or f"uuid:{uuid.uuid4()}")
    root, seen = instances.parse(content), {}
    told = list(understood(given, ready.schema, frozenset()))
    answers = {found.name if isinstance(found, Table) else found.key: value for found, value in told}
    for found, value in told:
        for change in one_by_one(_change(found, value, ready.schema, "", ""), answers, ready.schema):
            node = _node(root, ready, change, seen)
            node.text = as_written(change.value) if change.item else node.text
    read = instances.read(root, ready.schema).answers
    for change in recomputed(read, ready, {step.item.name for step in ready.rulebook.calculations}, EMPTY):
        _node(root, ready, change, seen).text = as_written(change.value)
    return etree.tostring(root, encoding="utf-8")


def changes_of(given: Mapping[str, Any], version: SubmissionVersion, ready: Ready) -> list[Change]:
    """What answers told in JSON change in a version. Error: Refused as `understood`, or when nothing changes."""
    changes = []
    for found, value in understood(given, ready.schema, files_of(version.answers, ready.schema)):
        is_table = isinstance(found, Table)
        old = version.answers.get(found.name if is_table else found.key)
        seen = (str(old), str(value)) if is_table else (as_written(old) or "", as_written(value) or "")
        changes.append(_change(found, value, ready.schema, *seen))
    if not (changes := [change for change in changes if change.old != change.new]):
        raise Refused(NO_CHANGE)
    return changes


def _change(found: Item | Table, value: Any, schema: Schema, old: str, new: str) -> Change:
    if isinstance(found, Table):
        return Change(None, found, (), value, old, new)
    return Change(found, schema.tables[""], (), value, old, new)


def _names(change: Change, schema: Schema) -> set[str]:
    """The questions that a change answers again."""
    if change.item:
        return {change.item.name}
    return {item.name for table in _inside(change.table, schema) for item in table.items} | {change.table.name}


def _inside(table: Table, schema: Schema) -> Iterator[Table]:
    yield table
    for child in schema.children(table.name):
        yield from _inside(child, schema)


def recomputed(answers: dict[str, Any], ready: Ready, touched: set[str], blank: str | None) -> list[Change]:
    """Make again, in place, the calculations that read a changed answer; what cannot be computed here stays."""
    steps: list[Step] = []
    for step in ready.rulebook.calculations:
        if touched & {*step.calculation.names, step.item.name}:
            steps.append(step)
            touched = touched | {step.item.name}
    before = []
    for item, table, *_rest in steps:
        for line in lines(answers, ready.schema, table):
            before.append((item, table, line.rows[0], line.index, line.rows[0].pop(item.key, None)))
    complete(answers, steps, ready.schema, ready.moment_of(answers), blank)
    changed = []
    for item, table, row, index, value in before:
        made = row.get(item.key)
        row[item.key] = value if made is None else as_before(value, made)
        if row[item.key] is None:
            del row[item.key]
        elif row[item.key] != value:
            changed.append(Change(item, table, index, row[item.key], str(value), str(row[item.key])))
    return changed


def one_by_one(change: Change, answers: Mapping[str, Any], schema: Schema) -> Iterator[Change]:
    """A change itself, or each answer of the rows that it puts."""
    if change.item:
        yield change
        return
    for table in _inside(change.table, schema):
        for line in lines(answers, schema, table):
            yield Change(None, table, line.index, None, "", "")  # a row may answer nothing
            for item in table.items:
                if (value := line.rows[0].get(item.key)) is not None:
                    yield Change(item, table, line.index, value, "", "")


def _json(version: SubmissionVersion, changes: Sequence[Change]) -> bytes:
    """What was received, and beside it what was corrected."""
    kept: dict[str, Any] = json.loads(bytes(version.content))
    told = [{"question": c.path, "rows": list(c.rows), "old": c.old, "new": c.new, "why": c.why} for c in changes]
    kept["corrections"] = [*kept.get("corrections", []), *told]
    return json.dumps(kept, ensure_ascii=False).encode()


def rewritten(
    content: bytes, ready: Ready, replaced: Sequence[Change], changes: Sequence[Change], meta: Mapping[str, str]
) -> bytes:
    """The same instance with other answers, under a new identifier that deprecates the former (OpenRosa).

    replaced: repeats whose rows are all taken off first. meta: what its `meta` says from now on.
    """
    root, seen = instances.parse(content), {}
    for change in replaced:
        _remove(root, change.table.path)
    for change in changes:
        node = _node(root, ready, change, seen)
        if change.item:
            node.text = as_written(change.value)
    head = _child(root, "meta") if _child(root, "meta") is not None else _add(root, "meta")
    for tag, text in meta.items():
        found = _child(head, tag)
        (_add(head, tag) if found is None else found).text = text
    return etree.tostring(root, encoding="utf-8", xml_declaration=True)


def _remove(node: etree._Element, path: Sequence[str]) -> None:
    """Take all rows of a repeat off."""
    for child in _named(node, path[0]):
        if len(path) == 1:
            node.remove(child)
        else:
            _remove(child, path[1:])


def _node(root: etree._Element, ready: Ready, change: Change, seen: Seen) -> etree._Element:
    """The element of an answer or of a row, made where the phone had left it out.

    seen: the rows found so far under each element, kept from one change to the next: a repeat may have thousands.
    """
    repeats = {table.path for table in ready.schema.tables.values() if table.name}
    at, rows, path = root, list(change.rows), ()
    for step in change.path.split("/"):
        path = (*path, step)
        if (same := seen.get((at, step))) is None:
            same = seen[at, step] = [e for e in _named(at, step) if not _is_template(e)]
        row = rows.pop(0) if path in repeats and rows else 0
        if row >= len(same):
            same.append(_add(at, step))
        at = same[min(row, len(same) - 1)]
    return at


def _is_template(element: etree._Element) -> bool:
    return any(etree.QName(name).localname == "template" for name in element.attrib)


def _named(parent: etree._Element, tag: str) -> list[etree._Element]:
    return [e for e in parent if isinstance(e.tag, str) and etree.QName(e).localname == tag]


def _child(parent: etree._Element, tag: str) -> etree._Element | None:
    return next(iter(_named(parent, tag)), None)


def _add(parent: etree._Element, tag: str) -> etree._Element:
    space = etree.QName(parent).namespace
    return etree.SubElement(parent, f"{{{space}}}{tag}" if space else tag)


def as_written(value: Any) -> str | None:
    """An answer as a phone writes it in XML."""
    if value is None:
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return " ".join(value) if isinstance(value, list) else str(value)
