"""Answers told in JSON, understood one by one: what is no answer to its question is refused, with its name."""

from collections.abc import Iterator, Mapping, Set
from typing import Any

from jalons.collection.submissions.rules.answers import Unreadable, convert
from jalons.collection.submissions.rules.asked import COMPUTED, SEVERAL, lines
from jalons.collection.submissions.rules.filters import FILES
from jalons.collection.submissions.rules.schema import Item, Schema, Table
from jalons.collection.submissions.rules.writing import plain
from jalons.core.errors import Refused, _

UNKNOWN = _("Le formulaire n’a pas la question « %(name)s ».")
AMBIGUOUS = _("Plusieurs questions s’appellent « %(name)s » : nommez-la par son chemin (groupe/question).")
NEEDS_ROWS = _("« %(name)s » est une répétition : donnez toutes ses lignes, [{question: réponse}].")
NO_ROWS = _("« %(name)s » est une question : donnez sa réponse.")
ONE_ANSWER = _("« %(name)s » attend une seule réponse, pas une liste.")
NO_FILE = _("« %(name)s » attend un fichier, qui ne vient pas ainsi : envoyez la fiche comme un téléphone (OpenRosa).")


def understood(given: Mapping[str, Any], schema: Schema, files: Set[str]) -> Iterator[tuple[Item | Table, Any]]:
    """Each question, or repeat of the form itself, with its answer as it is kept.

    given:   {question of the form itself, or its path: answer; repeat of the form itself: all its rows}.
    files:   the names of files that may be told: those that came with the submission.
    Missing: None, and a repeat without rows, answer nothing.
    Error:   Refused when the form has no such question, or several of that name, or computes it, or when the value is
             no answer to it. A value that breaks a rule of the form is an answer: a check flags it.
    """
    for name, answer in plain(given).items():
        found = _named_so(name, schema)
        yield found, _rows(answer, found, schema, files) if isinstance(found, Table) else _answer(answer, found, files)


def files_of(answers: Mapping[str, Any], schema: Schema) -> set[str]:
    """The names of files that answers tell."""
    held = [(table, item.key) for table in schema.tables.values() for item in table.items if item.kind in FILES]
    return {line.rows[0].get(key) for table, key in held for line in lines(answers, schema, table)} - {None}


def _named_so(name: str, schema: Schema) -> Item | Table:
    if (table := schema.tables.get(name)) and table.parent == "":
        return table
    found = [item for item in schema.tables[""].items if name in (item.path, item.name)]
    if len(found) != 1:
        raise Refused(AMBIGUOUS if found else UNKNOWN, field=name, name=name[:100])
    if found[0].kind == "calculate":
        raise Refused(COMPUTED, field=name, name=name)
    return found[0]


def _answer(given: Any, item: Item, files: Set[str]) -> Any:
    is_list = isinstance(given, list)
    if isinstance(given, dict) or (is_list and not all(isinstance(one, str) for one in given)):
        raise Refused(NO_ROWS, field=item.name, name=item.name)
    if is_list and item.kind not in SEVERAL:
        raise Refused(ONE_ANSWER, field=item.name, name=item.name)
    if given and item.kind in FILES and given not in files:
        raise Refused(NO_FILE, field=item.name, name=item.name)
    try:
        return convert(item, " ".join(given) if is_list else given)
    except Unreadable as verdict:
        raise Refused(str(verdict), field=item.name) from verdict


def _rows(given: Any, table: Table, schema: Schema, files: Set[str]) -> list[dict[str, Any]]:
    """The rows of a repeat, with the keys that answers have. What the form computes is left to be made again."""
    rows = [] if given is None else given
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise Refused(NEEDS_ROWS, field=table.name, name=table.name)
    names = {name: item for item in table.items for name in (item.key, item.name, item.path)}
    below = {child.name: child for child in schema.children(table.name)}
    if strange := next((name for row in rows for name in row if name not in names and name not in below), None):
        raise Refused(UNKNOWN, field=table.name, name=strange[:100])
    return [
        {(names[name].key if name in names else name): (
            _answer(value, names[name], files) if name in names else _rows(value, below[name], schema, files))
         for name, value in row.items() if name in below or names[name].kind != "calculate"}
        for row in rows
    ]  # fmt: skip
