"""A version of ours written over what another server holds of it: what to change there, all of it or nothing."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from lxml import etree

from jalons.collection.submissions.mending import Change, one_by_one, rewritten
from jalons.collection.submissions.models import SubmissionVersion
from jalons.collection.submissions.reading import Ready
from jalons.collection.submissions.rules import instances
from jalons.collection.submissions.rules.asked import line_of, lines
from jalons.collection.submissions.rules.filters import FILES
from jalons.collection.submissions.rules.identity import echo
from jalons.collection.submissions.rules.instances import answered
from jalons.collection.submissions.rules.kobo import tree
from jalons.collection.submissions.rules.schema import Schema, Table
from jalons.core.errors import Refused, _

NO_FILE = _(
    "La correction change un fichier (%(names)s), ce qui ne s’envoie pas d’ici. Faites-y la même correction : le "
    "prochain relevé la reconnaîtra."
)
NOT_THERE = _("Le formulaire de là-bas n’a pas cette question (%(names)s). Déployez-y d’abord le formulaire d’ici.")
INEXACT = _(
    "Écrite là-bas, la fiche ne se relirait pas comme ici (%(names)s). Faites-y la même correction : le prochain "
    "relevé la reconnaîtra."
)


class Unsendable(Refused):
    """What no other attempt would send: a person does it there, or leaves it."""


def heard(content: bytes, schema: Schema) -> dict[str, Any]:
    """The answers in a submission as a server holds it, XML or Kobo's JSON."""
    root = tree(json.loads(content)) if content.startswith(b"{") else instances.parse(content)
    return answered(instances.read(root, schema).answers)


def differing(theirs: Mapping[str, Any], ours: Mapping[str, Any], schema: Schema) -> list[Change]:
    """What to change in theirs to have ours: answer by answer; a repeat that has not as many rows, whole."""
    changes: list[Change] = []
    whole = {
        table.name for table in schema.children("") if _shape(theirs, table, schema) != _shape(ours, table, schema)
    }
    for table in schema.tables.values():
        if table.name in whole:
            changes.append(Change(None, table, (), ours.get(table.name) or [], "", ""))
        elif not whole & {step for step in table.path if step in schema.tables}:
            changes += _in_rows(theirs, ours, table, schema)
    return changes


def _in_rows(theirs: Mapping[str, Any], ours: Mapping[str, Any], table: Table, schema: Schema) -> list[Change]:
    changes = []
    for line in lines(ours, schema, table):
        there = line_of(theirs, schema, table, line.index)
        for item in table.items:
            mine = line.rows[0].get(item.key)
            if there.get(item.key) != mine:
                changes.append(Change(item, table, line.index, mine, "", ""))
    return changes


def _shape(row: Mapping[str, Any], table: Table, schema: Schema) -> list[Any]:
    """How many rows a repeat has, and those inside each."""
    below = list(schema.children(table.name))
    return [[_shape(inner, child, schema) for child in below] for inner in row.get(table.name) or ()]


def whole(
    content: bytes,
    ours: SubmissionVersion,
    ready: Ready,
    changes: Sequence[Change],
    asked: Collection[str],
    **meta: str,
) -> bytes:
    """The whole instance that takes the place of what a server holds (OpenRosa, deprecatedID).

    content: the instance there. asked: the names of the questions there.
    Error:   Unsendable when a change changes a file, answers what is not asked there, or would not be read back as
             ours: it would come back as another version.
    """
    _check([c for c in changes if c.item and c.item.kind in FILES and c.value is not None], NO_FILE)
    each = [one for change in changes for one in one_by_one(change, ours.answers, ready.schema)]
    _check([one for one in each if one.item and one.item.name not in asked], NOT_THERE)
    root = instances.parse(content)
    there = instances.header(root, content).instance_id
    spelt = root.findtext("{*}meta/{*}instanceID", there)  # as it is there: servers compare it letter by letter
    meta = {"instanceID": echo(ours.instance_id, ours.number, there), "deprecatedID": spelt, **meta}
    placed = [_where_it_is(one, root) for one in each]
    written = rewritten(content, ready, [change for change in changes if not change.item], placed, meta)
    _check(differing(heard(written, ready.schema), answered(ours.answers), ready.schema), INEXACT)
    return written


def _where_it_is(change: Change, root: etree._Element) -> Change:
    """The same change; an answer given before its question moved to another group stays where it is."""
    if change.item is None or change.table.name:
        return change
    found = [[*reversed([*e.iterancestors()][:-1]), e] for e in root.iter(f"{{*}}{change.item.name}")]
    paths = ["/".join(etree.QName(step).localname for step in steps) for steps in found]
    if change.path in paths or len(paths) != 1:
        return change
    return change._replace(item=replace(change.item, path=paths[0]))


def _check(those: Sequence[Change], message: str) -> None:
    names = list(dict.fromkeys(change.path for change in those))
    if names:
        raise Unsendable(message, names=", ".join(names[:5]) + ("…" if len(names) > 5 else ""))
