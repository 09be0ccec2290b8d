"""Answers of a submission without what identifies one person told in it, and the instance that says no more."""

import copy
import json
from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from lxml import etree

from jalons.collection.submissions.rules import instances
from jalons.collection.submissions.rules.filters import FILES
from jalons.collection.submissions.rules.headers import MARKS
from jalons.collection.submissions.rules.kobo import tree
from jalons.collection.submissions.rules.schema import Item, Schema, Table
from jalons.collection.submissions.rules.writing import plain

KEPT = ("instanceID", "deprecatedID", "rootUuid")  # who an instance is; its name may be that of a person
Line = tuple[int | None, dict[str, Any]]  # number of the row around, and the row


class Redacted(NamedTuple):
    """answers: without what was blanked; rows: of each table, those that lost something; files: named by it."""

    answers: dict[str, Any]
    rows: dict[str, set[int]]
    files: set[str]


def redacted(
    answers: Mapping[str, Any], schema: Schema, table: str, row: int | None, names: Collection[str]
) -> Redacted:
    """Answers where the questions named have none, in one row of a table and in all that hangs from it.

    row: None for every row of the table.
    Source: product law: an erasure leaves the coded facts that no longer identify anyone.
    """
    kept = copy.deepcopy(dict(answers))
    lines, reached, files = _lines(kept, schema), {}, set()
    for one in schema.tables.values():
        above = reached.get(one.parent or "", set()) if one.name else set()
        numbered = [(n, parent) for n, (parent, _line) in enumerate(lines[one.name])]
        own = {n for n, _parent in numbered if row in (None, n)}
        reached[one.name] = own if one.name == table else {n for n, parent in numbered if parent in above}
        for item in (item for item in one.items if item.name in names):
            said = [lines[one.name][n][1].pop(item.key, None) for n in reached[one.name]]
            files |= {str(answer) for answer in said if answer is not None and item.kind in FILES}
    return Redacted(kept, {name: rows for name, rows in reached.items() if rows}, files)


def _lines(answers: dict[str, Any], schema: Schema) -> dict[str, list[Line]]:
    """The rows of each table in the order in which typed tables number them; tables come parents first."""
    found: dict[str, list[Line]] = {}
    for table in schema.tables.values():
        around = enumerate(line for _parent, line in found.get(table.parent or "", []))
        found[table.name] = (
            [(n, inner) for n, line in around for inner in line.get(table.name) or ()]
            if table.name
            else [(None, answers)]
        )
    return found


def instance(content: bytes, schema: Schema, answers: Mapping[str, Any]) -> bytes:
    """The XML of an instance that says these answers and nothing else, under the identifiers of another.

    Source: ODK XForms specification, primary instance; OpenRosa metadata schema.
    """
    before = instances.parse(content)
    root = tree(plain(_by_path(answers, schema, schema.tables[""])))
    for name in ("id", "version"):
        if said := before.get(name):
            root.set(name, said)
    if not before.get("id"):
        root.set("id", etree.QName(before).namespace or "")
    meta = etree.SubElement(root, "meta")
    for element in before.iter(etree.Element):
        if etree.QName(element).localname in KEPT and etree.QName(element.getparent()).localname == "meta":
            etree.SubElement(meta, etree.QName(element).localname).text = element.text
    return etree.tostring(root, encoding="utf-8")


def _by_path(answers: Mapping[str, Any], schema: Schema, table: Table) -> dict[str, Any]:
    """Answers under the paths of the form, as a phone places them."""
    items: dict[str, Item] = {item.key: item for item in table.items}
    below = {child.name: child for child in schema.children(table.name)}
    return {
        "/".join(below[key].path) if key in below else items[key].path: (
            [_by_path(row, schema, below[key]) for row in value or ()] if key in below else value
        )
        for key, value in answers.items()
        if key in below or key in items
    }


def row(content: bytes, *_answers: Any) -> bytes:
    """What is kept of the cells of a row of a table: who sent it. Its answers are kept apart.

    Source: as `redacted`.

    >>> row(b'{"cells": {"nom": "Alaoui", "_submitted_by": "equipe"}}')
    b'{"cells": {"_submitted_by": "equipe"}}'
    """
    cells = json.loads(content).get("cells", {})
    senders = {header: cell for header, cell in cells.items() if header.lower() in MARKS["collector"]}
    return json.dumps({"cells": senders}, ensure_ascii=False).encode()
