"""The functions and operators of XLSForm expressions, on values in Python: one table."""

import math
import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from math import floor, isnan, nan, trunc
from typing import Any, NamedTuple

import regex

from jalons.core.errors import Refused, _

EPOCH = date(1970, 1, 1)
LONGEST_MATCH = 0.2  # seconds: a pattern that tries every way to match may take years
NUMBER = re.compile(r"\s*-?(\d+(\.\d*)?|\.\d+)\s*")
DATE_PARTS: dict[str, Callable[[date], str]] = {
    "%Y": lambda day: f"{day.year:04}",
    "%y": lambda day: f"{day.year % 100:02}",
    "%m": lambda day: f"{day.month:02}",
    "%n": lambda day: f"{day.month}",
    "%d": lambda day: f"{day.day:02}",
    "%e": lambda day: f"{day.day}",
    "%H": lambda day: f"{getattr(day, 'hour', 0):02}",
    "%h": lambda day: f"{getattr(day, 'hour', 0)}",
    "%M": lambda day: f"{getattr(day, 'minute', 0):02}",
    "%S": lambda day: f"{getattr(day, 'second', 0):02}",
}


class Unsupported(Refused):
    """A function, or a walk in the form's XML, that Jalons does not compute. `name` says which."""

    def __init__(self, name: str) -> None:
        super().__init__(
            _("« %(name)s » ne se calcule pas ici. Faites-en un calcul du formulaire, puis employez sa réponse."),
            name=name,
        )
        self.name = name


def is_blank(value: Any) -> bool:
    """Whether nothing was answered.

    Source: ODK XForms: a blank is an empty text; XPath: a failed computation is not a number.

    >>> is_blank(""), is_blank([]), is_blank(0)
    (True, True, False)
    """
    return value is None or value == "" or value == [] or (isinstance(value, float) and isnan(value))


# What a value is worth as a number, a text, a truth, a list, a day (XPath 1.0 §4)


def number(value: Any) -> float:
    """A value as a number; days since 1970 for a date; not a number when it is none.

    Missing: a blank is not a number.
    Source:  XPath 1.0 §4.4; ODK XForms, dates count in days.

    >>> number("12.5"), number("1970-01-03"), number(True)
    (12.5, 2.0, 1.0)
    """
    if isinstance(value, bool | int | float):
        return float(value)
    if isinstance(value, str) and NUMBER.fullmatch(value):
        return float(value)
    moment = _moment(value)
    return nan if moment is None else _days(moment)


def _days(moment: date) -> float:
    day = moment.date() if isinstance(moment, datetime) else moment
    seconds = (moment.hour * 60 + moment.minute) * 60 + moment.second if isinstance(moment, datetime) else 0
    return (day - EPOCH).days + seconds / 86400


def _moment(value: Any) -> date | None:
    if isinstance(value, date):
        return value
    try:
        if isinstance(value, int | float):
            return EPOCH + timedelta(days=floor(value))
        return date.fromisoformat(value) if len(value) == 10 else datetime.fromisoformat(value)
    except (TypeError, ValueError, OverflowError):
        return None


def text(value: Any) -> str:
    """A value as a text: whole numbers without decimals, choices separated by a space.

    Source: XPath 1.0 §4.2.

    >>> text(5.0), text(True), text(["a", "b"])
    ('5', 'true', 'a b')
    """
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return " ".join(text(item) for item in value)
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else str(value).replace("nan", "NaN")
    return value.isoformat() if isinstance(value, date) else "" if value is None else str(value)


def truth(value: Any) -> bool | None:
    """A value as a condition: a number is true unless zero, a text unless empty.

    Missing: unknown stays unknown.
    Source:  XPath 1.0 §4.3.

    >>> truth(0.0), truth("no"), truth(None)
    (False, True, None)
    """
    if value is None or isinstance(value, bool):
        return value
    return value != 0 and not isnan(value) if isinstance(value, float | int) else bool(value)


def choices(value: Any) -> list[str]:
    """The choices made in a question of several choices.

    Source: XLSForm select_multiple: names separated by spaces.

    >>> choices("a b"), choices(["a"])
    (['a', 'b'], ['a'])
    """
    return [text(item) for item in value] if isinstance(value, list) else text(value).split()


def _day(value: Any) -> Any:
    moment = _moment(value)
    return "" if moment is None else date(moment.year, moment.month, moment.day)


def _formatted(value: Any, pattern: Any) -> str:
    moment = _moment(value)
    return "" if moment is None else re.sub(r"%\w", lambda part: _date_part(part[0], moment), text(pattern))


def _date_part(code: str, moment: date) -> str:
    if code not in DATE_PARTS:
        raise Unsupported(f"format-date(…, '{code}')")
    return DATE_PARTS[code](moment)


# Operators and functions


def _equal(left: Any, right: Any) -> bool | float:
    if isinstance(left, list) or isinstance(right, list):
        return text(left) == text(right)
    if isinstance(left, bool) or isinstance(right, bool):
        return truth(left) == truth(right)
    if isinstance(left, int | float) or isinstance(right, int | float):
        return _in_order(lambda a, b: a == b)(left, right)
    return text(left) == text(right)


def _unequal(left: Any, right: Any) -> bool | float:
    same = _equal(left, right)
    return same if isinstance(same, float) else not same


def _in_order(holds: Callable[[float, float], bool]) -> Callable[[Any, Any], bool | float]:
    """A comparison of numbers; not a number when one of them is not: nobody can tell."""

    def run(left: Any, right: Any) -> bool | float:
        a, b = number(left), number(right)
        return nan if isnan(a) or isnan(b) else holds(a, b)

    return run


def _computed(compute: Callable[..., float]) -> Callable[..., float]:
    """A computation on numbers; one that has no result (0 div 0, too large) is not a number."""

    def run(*values: Any) -> float:
        numbers = [number(value) for value in values]
        try:
            return nan if any(map(isnan, numbers)) else float(compute(*numbers))
        except (ArithmeticError, ValueError):
            return nan

    return run


def _and(*values: Any) -> bool | None:
    truths = [truth(value) for value in values]
    return False if False in truths else None if None in truths else True


def _or(*values: Any) -> bool | None:
    truths = [truth(value) for value in values]
    return True if True in truths else None if None in truths else False


def _if(condition: Any, then: Any, otherwise: Any) -> Any:
    holds = truth(condition)
    return None if holds is None else then if holds else otherwise


def _coalesce(*values: Any) -> Any:
    return next((value for value in values if not is_blank(value)), values[-1])


def _rounded(value: float, digits: float = 0) -> float:
    return floor(value * 10**digits + 0.5) / 10**digits


def _node_set(*values: Any) -> list[Any]:
    """One argument that is a list stands for its items."""
    return list(values[0]) if len(values) == 1 and isinstance(values[0], list) else list(values)


def _numbers(*values: Any) -> list[float]:
    return [n for n in map(number, _node_set(*values)) if not isnan(n)]


def _extreme(choose: Callable[[list[float]], float]) -> Callable[..., float]:
    """min and max leave out the blanks of a repeat, but are unknown when one of several arguments is."""

    def run(*values: Any) -> float:
        numbers = _numbers(*values)
        incomplete = len(values) > 1 and len(numbers) < len(values)
        return nan if incomplete or not numbers else choose(numbers)

    return run


def _selected_at(value: Any, index: Any) -> str:
    made, place = choices(value), number(index)
    return made[int(place)] if 0 <= place < len(made) else ""


def _matches(value: Any, pattern: Any) -> bool:
    try:
        return regex.fullmatch(text(pattern), text(value), timeout=LONGEST_MATCH) is not None
    except (regex.error, TimeoutError):
        raise Unsupported(f"regex(…, '{text(pattern)}')") from None


def _substring(value: Any, *bounds: Any) -> str:
    places = [number(bound) for bound in bounds]
    if not all(map(math.isfinite, places)):
        return ""
    return text(value)[slice(*map(int, places), *([None] if len(places) == 1 else []))]


def _joined(separator: Any, *values: Any) -> str:
    return text(separator).join(text(value) for value in _node_set(*values))


class Function(NamedTuple):
    """How many arguments, what it does, whether an unknown argument makes it unknown."""

    least: int
    most: int
    compute: Callable[..., Any]
    strict: bool = True


ANY = 10_000
# What comparing with something that is not a number gives on the phone (XPath 1.0 §3.4)
ON_PHONE = {"=": False, "!=": True, "<": False, "<=": False, ">": False, ">=": False}
FUNCTIONS: dict[str, Function] = {
    "or": Function(2, ANY, _or, strict=False),
    "and": Function(2, ANY, _and, strict=False),
    "not": Function(1, 1, lambda value: not truth(value)),
    "=": Function(2, 2, _equal),
    "!=": Function(2, 2, _unequal),
    "<": Function(2, 2, _in_order(lambda left, right: left < right)),
    "<=": Function(2, 2, _in_order(lambda left, right: left <= right)),
    ">": Function(2, 2, _in_order(lambda left, right: left > right)),
    ">=": Function(2, 2, _in_order(lambda left, right: left >= right)),
    "+": Function(2, ANY, _computed(lambda *values: sum(values))),
    "-": Function(2, 2, _computed(lambda left, right: left - right)),
    "*": Function(2, 2, _computed(lambda left, right: left * right)),
    "div": Function(2, 2, _computed(lambda left, right: left / right)),
    "mod": Function(2, 2, _computed(lambda left, right: left - right * trunc(left / right))),
    "negative": Function(1, 1, _computed(lambda value: -value)),
    "true": Function(0, 0, lambda: True),
    "false": Function(0, 0, lambda: False),
    "if": Function(3, 3, _if, strict=False),
    "coalesce": Function(1, ANY, _coalesce, strict=False),
    "boolean": Function(1, 1, truth),
    "number": Function(1, 1, number),
    "string": Function(1, 1, text),
    "int": Function(1, 1, _computed(trunc)),
    "round": Function(1, 2, _computed(_rounded)),
    "abs": Function(1, 1, _computed(abs)),
    "pow": Function(2, 2, _computed(math.pow)),
    "min": Function(1, ANY, _extreme(min), strict=False),
    "max": Function(1, ANY, _extreme(max), strict=False),
    "sum": Function(1, 1, lambda value: sum(_numbers(value)), strict=False),
    "count": Function(1, 1, lambda value: 0 if is_blank(value) else len(_node_set(value)), strict=False),
    "count-non-empty": Function(1, 1, lambda value: sum(not is_blank(item) for item in _node_set(value)), strict=False),
    "join": Function(2, ANY, _joined, strict=False),
    "selected": Function(2, 2, lambda value, choice: text(choice).strip() in choices(value)),
    "selected-at": Function(2, 2, _selected_at),
    "count-selected": Function(1, 1, lambda value: len(choices(value))),
    "string-length": Function(1, 1, lambda value: len(text(value))),
    "contains": Function(2, 2, lambda value, part: text(part) in text(value)),
    "starts-with": Function(2, 2, lambda value, part: text(value).startswith(text(part))),
    "ends-with": Function(2, 2, lambda value, part: text(value).endswith(text(part))),
    "substr": Function(2, 3, _substring),
    "concat": Function(1, ANY, lambda *values: "".join(text(value) for value in _node_set(*values))),
    "regex": Function(2, 2, _matches),
    "date": Function(1, 1, _day),
    "decimal-date-time": Function(1, 1, number),
    "format-date": Function(2, 2, _formatted),
    "format-date-time": Function(2, 2, _formatted),
}
