"""Expressions computed on one set of answers: as the phone does, or with blanks that stay unknown."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from jalons.collection.forms.rules.expressions import Apply, Current, Literal, Node, Path, Question, walk
from jalons.collection.forms.rules.functions import FUNCTIONS, ON_PHONE, Function, Unsupported, is_blank, number, truth

UNKNOWN = None  # a blank stays unknown, and so does what is computed from it (SQL's NULL)
EMPTY = ""  # a blank is an empty text, as on the phone: `'' = '1'` is false, and so is `'' > 5`


class Scope(Mapping):
    """Answers seen from one row: its own, then those of the rows around it, then lists from the repeats below."""

    def __init__(self, *rows: Mapping[str, Any], position: int | None = None) -> None:
        """`rows`: the innermost first. `position`: index from 1 of the innermost row in its repeat."""
        self.rows, self.position = rows, position

    def __getitem__(self, name: str) -> Any:
        for row in self.rows:
            if name in row:
                return row[name]
        for row in self.rows:
            if found := [_blank_or(line.get(name)) for line in _lines_holding(row, name)]:
                return found
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter({name: None for row in self.rows for name in row})

    def __len__(self) -> int:
        return len(set(self))


def _lines_holding(row: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """The lines of the repeat below `row` that asks `name`, at any depth."""
    repeats = [value for value in row.values() if isinstance(value, list) and value and isinstance(value[0], dict)]
    for lines in repeats:
        if any(name in line for line in lines):
            return lines
        if deeper := [found for line in lines for found in _lines_holding(line, name)]:
            return deeper
    return []


@dataclass(frozen=True)
class Place:
    """Where an expression is computed: the answers around it, the answer being given, the day, what a blank means."""

    answers: Mapping[str, Any]
    current: Any = None
    now: datetime | None = None
    blank: str | None = UNKNOWN


def evaluate(node: Node, place: Place) -> Any:
    """What an expression is worth.

    Missing: with UNKNOWN a blank makes unknown (None) whatever needs it; `and`, `or`, `coalesce`, `= ''` and `!= ''`
             can still answer. With EMPTY a blank is an empty text, as in XForms: comparisons with it are false,
             `not(selected(…))` is true, arithmetic gives NaN. XForms has no unknown: the two differ there.
    Error:   Unsupported names a function outside `FUNCTIONS`, or called with too few or too many arguments.
    Source:  ODK XForms specification, XPath functions; three-valued logic of SQL:1992.

    >>> from jalons.collection.forms.rules.expressions import parse
    >>> evaluate(parse("${age} >= 18 or ${works} = 'yes'"), Place({"works": "yes"}))
    True
    >>> evaluate(parse("not(${age} >= 18)"), Place({}, blank=EMPTY))
    True
    """
    match node:
        case Literal():
            return node.value
        case Question():
            return _answer(place.answers.get(node.name), place)
        case Current():
            return _answer(place.current, place)
        case Path():
            raise Unsupported(node.text)
    return _apply(node, place)


def _answer(value: Any, place: Place) -> Any:
    return place.blank if is_blank(value) else value


def _apply(node: Apply, place: Place) -> Any:
    function = FUNCTIONS.get(node.function) or LOOKING.get(node.function)
    if function is None or not function.least <= len(node.arguments) <= function.most:
        raise Unsupported(f"{node.function}()")
    if node.function in LOOKING:
        return function.compute(place, *node.arguments)
    if node.function in ("=", "!=") and any(part == Literal("") for part in node.arguments):
        return _compare_with_blank(node, place)
    values = [evaluate(part, place) for part in node.arguments]
    if function.strict and any(value is None for value in values):
        return None
    return _settled(node.function, function.compute(*values), place.blank)


def _settled(function: str, value: Any, blank: str | None) -> Any:
    """What is not a number, or is an empty text, is unknown where blanks are."""
    if not is_blank(value):
        return value
    return None if blank is UNKNOWN else ON_PHONE.get(function, value)


def _compare_with_blank(node: Apply, place: Place) -> bool | None:
    other = next((part for part in node.arguments if part != Literal("")), Literal(""))
    value = evaluate(other, place)
    if value is None and isinstance(other, Apply) and other.function != "coalesce":
        return None  # what is computed from a blank may be no blank: concat(${name}, '!')
    return is_blank(value) == (node.function == "=")


def _blank_or(value: Any) -> Any:
    return None if is_blank(value) else value


# Functions that look around them


def _today(place: Place) -> date:
    if place.now is None:
        raise Unsupported("today()")
    return place.now.date()


def _now(place: Place) -> datetime:
    if place.now is None:
        raise Unsupported("now()")
    return place.now


def _once(place: Place, node: Node) -> Any:
    return evaluate(node, place) if is_blank(place.current) else place.current


def _position(place: Place, node: Node) -> float:
    index = getattr(place.answers, "position", None)
    if node != Path("..") or index is None:
        raise Unsupported("position()")
    return float(index)


def _indexed_repeat(place: Place, question: Node, repeat: Node, index: Node) -> Any:
    lines = place.answers.get(repeat.name) if isinstance(repeat, Question) else None
    wanted = number(evaluate(index, place))
    if not isinstance(lines, list) or not isinstance(question, Question) or not 1 <= wanted <= len(lines):
        return place.blank
    return _answer(lines[int(wanted) - 1].get(question.name), place)


LOOKING: dict[str, Function] = {
    "today": Function(0, 0, _today),
    "now": Function(0, 0, _now),
    "once": Function(1, 1, _once),
    "position": Function(1, 1, _position),
    "indexed-repeat": Function(3, 3, _indexed_repeat),
}


# What the server asks of an expression


def beyond(node: Node) -> str:
    """The first function or walk in the form's XML that Jalons does not compute; nothing when it computes them all.

    Source: FUNCTIONS and LOOKING; XPath walks are not computed, but for `position(..)`.

    >>> from jalons.collection.forms.rules.expressions import parse
    >>> beyond(parse("${age} > 3")), beyond(parse("pulldata('a', 'b')")), beyond(parse("selected(${a})"))
    ('', 'pulldata()', 'selected()')
    """
    for part in walk(node):
        if isinstance(part, Apply):
            function = FUNCTIONS.get(part.function) or LOOKING.get(part.function)
            if function is None or not function.least <= len(part.arguments) <= function.most:
                return f"{part.function}()"
        if isinstance(part, Path) and part != Path(".."):
            return part.text
    return ""


def asked(node: Node | None, answers: Mapping[str, Any], now: datetime | None = None) -> bool | None:
    """Whether a question was put to the person, from its `relevant`.

    Missing: blanks are empty texts, as on the phone that decided. None when the expression cannot be computed here:
             the question may have been asked or not.
    Source:  XLSForm `relevant`; a question without one is always asked.

    >>> from jalons.collection.forms.rules.expressions import parse
    >>> asked(None, {}), asked(parse("${sex} = 'f'"), {}), asked(parse("pulldata('a', 'b', 'c', 'd')"), {})
    (True, False, None)
    """
    if node is None:
        return True
    try:
        return truth(evaluate(node, Place(answers, now=now, blank=EMPTY)))
    except Unsupported:
        return None
