"""Cleaning logs, in the columns that REACH and IMPACT write: which answer of which submission becomes what, and why."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from jalons.collection.quality.rules.found import find, said
from jalons.collection.submissions.rules.answers import Unreadable, convert
from jalons.collection.submissions.rules.asked import COMPUTED
from jalons.collection.submissions.rules.identity import canonical
from jalons.collection.submissions.rules.schema import Item, Schema, Table, fold
from jalons.core.errors import Refused, _

COLUMNS = ("uuid", "question", "old_value", "new_value", "change_type", "issue", "feedback", "index")
# how each column is called in the logs of IMPACT's packages, of field teams, and in French
HEADS = {
    "uuid": ("uuid", "_uuid", "x_uuid", "key", "instance_id", "instanceid", "identifiant"),
    "question": ("question", "question.name", "question name", "variable", "name", "nom de la question"),
    "old_value": ("old_value", "old.value", "old value", "ancienne valeur", "valeur actuelle", "current value"),
    "new_value": ("new_value", "new.value", "new value", "nouvelle valeur", "value"),
    "change_type": ("change_type", "change type", "type", "action", "type de changement", "nature"),
    "issue": ("issue", "problème", "motif", "pourquoi", "reason"),
    "feedback": ("feedback", "retour", "retour du terrain", "explanation", "other.explanation"),
    "index": ("index", "loop_index", "ligne", "row"),
}
KINDS = {
    "change_response": ("change_response", "change response", "réponse changée", "changer", "modifier"),
    "blank_response": ("blank_response", "blank response", "réponse effacée", "effacer"),
    "no_action": ("no_action", "no action", "aucune action", "gardée telle quelle", "garder"),
    "remove_survey": ("remove_survey", "remove survey", "fiche écartée", "écarter la fiche", "supprimer la fiche"),
}
BLANKS = frozenset({"na", "n a", "null"})  # how R writes a blank
NO_COLUMN = _("Il manque la colonne « %(column)s ». Un journal a au moins uuid, question, old_value et new_value.")
NO_KIND = _("« %(kind)s » n’est pas une nature de changement : change_response, blank_response, no_action ou "
            "remove_survey.")  # fmt: skip
NO_UUID = _("Cette ligne ne nomme pas sa soumission (uuid).")
NO_QUESTION = _("Le formulaire n’a pas de question « %(name)s ».")
NO_ROW = _("La question « %(name)s » est dans une répétition : donnez le numéro de la ligne dans la colonne index.")
STRANGER = _("« %(value)s » n’est pas un choix de cette question.")
MOVED = _("L’ancienne valeur ne correspond plus : le journal dit « %(log)s », la soumission dit « %(now)s ».")
NO_VALUE = _("Il manque la nouvelle valeur. Pour effacer la réponse, écrivez blank_response dans change_type.")
NO_REASON = _("Dites pourquoi la réponse change (colonne issue).")


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a log. rows: the row of each repeat around the answer, from 0."""

    place: str
    uuid: str
    question: str
    old_value: str
    new_value: str
    kind: str
    issue: str
    feedback: str = ""
    rows: tuple[int, ...] = ()


def entries(header: Iterable[str], rows: Iterable[tuple[str, list[Any]]]) -> Iterator[Entry | tuple[str, Refused]]:
    """The lines of a log; or, with its place, why one cannot be read.

    rows:    the cells of each line, with its place in the file.
    Missing: a line with neither a change type nor a new value was left as it was given: nothing comes of it. With a
             new value alone it changes the answer.
    Error:   Refused when a column without which nothing can be said is not there.
    Source:  IMPACT Initiatives cleaningtools and butteR: uuid, question, old_value, new_value, change_type, issue.
    """
    at = columns(header)
    for place, cells in rows:
        told = {name: _text(cells, n) for name, n in at.items()}
        if not any(told.values()) or not (told["new_value"] or told.get("change_type")):
            continue
        try:
            yield _entry(place, told)
        except Refused as refusal:
            yield place, refusal


def columns(header: Iterable[str]) -> dict[str, int]:
    """Where each column of a log is.

    Error:  Refused when the identifier, the question or a value has no column.
    Source: names of columns as IMPACT's packages and field teams write them; French ones are ours.

    >>> columns(["UUID", "Question", "old.value", "Nouvelle valeur"])
    {'uuid': 0, 'question': 1, 'old_value': 2, 'new_value': 3}
    """
    spelled = [fold(name) for name in header]
    found = {}
    for name, spellings in HEADS.items():
        place = next((spelled.index(fold(one)) for one in spellings if fold(one) in spelled), None)
        if place is not None:
            found[name] = place
    for name in ("uuid", "question", "old_value", "new_value"):
        if name not in found:
            raise Refused(NO_COLUMN, column=name)
    return found


def heads_a_log(header: Iterable[str]) -> bool:
    """Whether a row names the columns without which a log says nothing.

    Source: as `columns`.

    >>> heads_a_log(["uuid", "question", "old_value", "new_value"]), heads_a_log(["Journal du 12 mars"])
    (True, False)
    """
    try:
        return bool(columns(header))
    except Refused:
        return False


def _entry(place: str, told: Mapping[str, str]) -> Entry:
    if not told["uuid"]:
        raise Refused(NO_UUID)
    kind = _kind(told)
    rows = tuple(int(part) - 1 for part in told.get("index", "").replace(",", ".").split(".") if part.isdecimal())
    return Entry(place, canonical(told["uuid"]), told["question"], told["old_value"], told["new_value"], kind,
                 told.get("issue", ""), told.get("feedback", ""), rows)  # fmt: skip


def _kind(told: Mapping[str, str]) -> str:
    spelled = fold(told.get("change_type", ""))
    if not spelled:
        return "change_response"
    for kind, names in KINDS.items():
        if spelled in map(fold, names):
            return kind
    raise Refused(NO_KIND, kind=told["change_type"])


def _text(cells: list[Any], place: int) -> str:
    value = cells[place] if place < len(cells) else None
    text = said(value).strip() if isinstance(value, float) else "" if value is None else str(value).strip()
    return "" if fold(text) in BLANKS and text.upper() == text else text


def target(entry: Entry, schema: Schema) -> tuple[Item, Table]:
    """The question that a line names, by its name or its path.

    Error:  Refused when the form does not ask it, when a repeat has no row for it, or when it is computed.
    Source: ours; names of columns in Kobo exports are names or paths.
    """
    item, table = find(schema, entry.question.rpartition("/")[2])
    if item is None or table is None:
        raise Refused(NO_QUESTION, name=entry.question)
    if item.kind == "calculate":
        raise Refused(COMPUTED, name=entry.question)
    if table.name and not entry.rows:
        raise Refused(NO_ROW, name=entry.question)
    return item, table


def new_answer(entry: Entry, item: Item) -> Any:
    """What the answer becomes.

    Missing: None when it is erased; a new value left blank erases nothing unless the line says so.
    Error:   Refused when the new value is no answer to the question, or no choice of its list, or when nothing says
             why.
    Source:  XLSForm question types.
    """
    if not entry.issue:
        raise Refused(NO_REASON)
    if entry.kind == "blank_response":
        return None
    if not entry.new_value:
        raise Refused(NO_VALUE)
    try:
        answer = convert(item, entry.new_value)
    except Unreadable as verdict:
        raise Refused(str(verdict)) from verdict
    if item.choices:
        for code in answer if isinstance(answer, list) else [answer]:
            if code is not None and code not in item.choices.codes:
                raise Refused(STRANGER, value=code)
    return answer


def check_old(entry: Entry, item: Item, now: Any, unread: str = "") -> None:
    """Refuse a line whose old value is not what the submission says.

    unread: what was received and could not be read as an answer: a log may name it.
    Source: ours; IMPACT's packages write over whatever is there.
    """
    if entry.old_value == (said(now) or unread) or (now is None and entry.old_value == unread):
        return
    try:
        if convert(item, entry.old_value) == now:
            return
    except Unreadable:
        pass
    raise Refused(MOVED, log=entry.old_value, now=said(now) or unread)
