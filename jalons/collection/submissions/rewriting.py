"""A version of ours written over what another server holds of it: what to change there, all of it or nothing."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from jalons.collection.submissions.mending import Change, as_written, one_by_one, rewritten
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

IN_REPEAT = _(
    "Kobo ne laisse pas modifier d’ici les lignes d’une répétition (%(names)s). Faites-y la même correction, dans son "
    "tableau des données : le prochain relevé la reconnaîtra."
)
NO_FILE = _(
    "La correction change un fichier (%(names)s), ce qui ne s’envoie pas d’ici. Faites-y la même correction : le "
    "prochain relevé la reconnaîtra."
)
NOT_THERE = _(
    "Le formulaire de là-bas n’a pas cette question (%(names)s), ou en a plusieurs de ce nom. Déployez-y d’abord le "
    "formulaire d’ici."
)
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


def for_kobo(content: bytes, changes: Sequence[Change], paths: Sequence[str]) -> dict[str, str]:
    """{path there: answer}, an empty one erasing it; an answer given before its question moved stays where it is.

    Error: Unsendable when a change is in a repeat, changes a file, or has no place of its own there.
    """
    _check([c for c in changes if c.table.name], IN_REPEAT)
    _check_files(changes)
    said = [key for key, value in json.loads(content).items() if not isinstance(value, list)]
    places = {c.path: _place(c, said) or _place(c, paths) for c in changes}
    _check([c for c in changes if not places[c.path]], NOT_THERE)
    return {places[c.path]: as_written(c.value) or "" for c in changes}


def _place(change: Change, paths: Sequence[str]) -> str:
    if change.path in paths:
        return change.path
    found = [path for path in paths if path.rpartition("/")[2] == change.item.name]
    return found[0] if len(found) == 1 else ""


def applied(content: bytes, data: Mapping[str, str]) -> bytes:
    """What Kobo holds once changed."""
    said = {key: value for key, value in (json.loads(content) | data).items() if value != ""}
    return json.dumps(said, ensure_ascii=False).encode()


def for_central(content: bytes, ours: SubmissionVersion, ready: Ready, changes: Sequence[Change]) -> bytes:
    """The whole instance that takes the place of what Central holds.

    Error: Unsendable when a change changes a file.
    """
    _check_files(changes)
    there = instances.header(instances.parse(content), content).instance_id
    meta = {"instanceID": echo(ours.instance_id, ours.number, there), "deprecatedID": there}
    each = [one for change in changes for one in one_by_one(change, ours.answers, ready.schema)]
    return rewritten(content, ready, [change for change in changes if not change.item], each, meta)


def check_exact(content: bytes, ours: Mapping[str, Any], ready: Ready) -> None:
    """Refuse to send what would not be read back as ours: it would come back as another version."""
    theirs = heard(content, ready.schema)
    _check(differing(theirs, ours, ready.schema), INEXACT)


def _check_files(changes: Sequence[Change]) -> None:
    _check([c for c in changes if c.item and c.item.kind in FILES and c.value is not None], NO_FILE)


def _check(those: Sequence[Change], message: str) -> None:
    names = list(dict.fromkeys(change.path for change in those))
    if names:
        raise Unsendable(message, names=", ".join(names[:5]) + ("…" if len(names) > 5 else ""))
