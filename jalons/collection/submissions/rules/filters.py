"""What one may ask of the answers to a question: operators by nature, and a filter as an address holds it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from jalons.collection.submissions.rules.answers import Unreadable, convert
from jalons.collection.submissions.rules.schema import Item
from jalons.core.errors import Refused, _

ONE, SEVERAL, NUMBER, DAY, MOMENT, TEXT, FILE = "one", "several", "number", "day", "moment", "text", "file"
FILES = frozenset({"image", "audio", "video", "file", "background-audio", "audit"})
BLANKS = ("answered", "empty", "not_asked")
OPERATORS = {
    ONE: ("in", "not_in", *BLANKS),
    SEVERAL: ("has", "has_not", *BLANKS),
    NUMBER: ("is", "between", *BLANKS),
    DAY: ("between", *BLANKS),
    MOMENT: ("between", *BLANKS),
    TEXT: ("contains", "is", *BLANKS),
    FILE: BLANKS,
}
WORDS = {
    "in": _("est l’un de"),
    "not_in": _("n’est aucun de"),
    "has": _("comprend l’un de"),
    "has_not": _("ne comprend aucun de"),
    "is": _("est"),
    "between": _("entre"),
    "contains": _("contient"),
    "answered": _("a une réponse"),
    "empty": _("sans réponse"),
    "not_asked": _("non posée"),
}
SEPARATOR = "~"
MOST = 20  # filters at once
UNKNOWN = _("Ce filtre ne se lit pas, ou sa question n’est pas de celles que vous pouvez lire : retirez-le.")
BLANK = _("Donnez une valeur à ce filtre.")


@dataclass(frozen=True)
class Filter:
    """One condition on the answers to a question. values: typed; None for an open end of a range."""

    table: str
    column: str
    operator: str
    values: tuple[Any, ...]


def nature(kind: str, sql_type: str, has_choices: bool) -> str:
    """What can be asked of the answers to a question.

    Source: XLSForm question types, and the columns that hold them.

    >>> nature("select_one", "text", True), nature("integer", "bigint", False), nature("image", "text", False)
    ('one', 'number', 'file')
    """
    if sql_type == "text[]":
        return SEVERAL
    if sql_type in ("bigint", "double precision"):
        return NUMBER
    if sql_type in ("date", "timestamptz"):
        return DAY if sql_type == "date" else MOMENT
    return ONE if has_choices else FILE if kind in FILES else TEXT


def read(text: str, natures: Mapping[tuple[str, str], str]) -> Filter:
    """A filter from its text: question~operator~value~value, a question of a repeat as repeat.question.

    natures: (table, column) -> nature, of the questions that this person may read.
    Missing: a range may lack one end.
    Error:   Refused on anything else: a filter that is dropped in silence shows rows that nobody asked for.
    Source:  ours.

    >>> read("age~between~18~", {("", "age"): "number"}).values
    (18.0, None)
    """
    place, _sep, rest = text.partition(SEPARATOR)
    operator, *values = rest.split(SEPARATOR)
    table, _dot, column = place.rpartition(".")
    kind = natures.get((table, column), "")
    if operator not in OPERATORS.get(kind, ()):
        raise Refused(UNKNOWN)
    return Filter(table, column, operator, () if operator in BLANKS else _typed(kind, operator, values))


def written(place: tuple[str, str], operator: str, values: list[str]) -> str:
    """A filter as an address holds it.

    Source: `read`.

    >>> written(("membre", "age"), "is", ["4"])
    'membre.age~is~4'
    """
    table, column = place
    kept = [] if operator in BLANKS else [value.replace(SEPARATOR, " ") for value in values]
    return SEPARATOR.join([f"{table}.{column}" if table else column, operator, *kept])


def _typed(kind: str, operator: str, values: list[str]) -> tuple[Any, ...]:
    given = [value.strip() for value in values]
    if not any(given):
        raise Refused(BLANK)
    if kind == NUMBER:
        return _ends([_answer("decimal", value) for value in given], operator)
    if kind in (DAY, MOMENT):
        days = [_answer("date", value) for value in given]
        return _ends([day and date.fromisoformat(day) for day in days], operator)
    return tuple(value for value in given if value)


def _ends(values: list[Any], operator: str) -> tuple[Any, ...]:
    if operator != "between":
        return tuple(value for value in values if value is not None)[:1]
    low, high = (values + [None])[:2]
    if low is not None and high is not None and high < low:
        low, high = high, low
    return low, high


def _answer(kind: str, value: str) -> Any:
    try:
        return convert(Item("", "", "", "", "", kind, 0), value)
    except Unreadable as fault:
        raise Refused(_("« %(value)s » : %(remedy)s"), value=value, remedy=str(fault)) from None
