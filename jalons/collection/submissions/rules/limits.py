"""What a spreadsheet can hold an answer to, out of the constraint of its question: the least, the most."""

import re
from dataclasses import dataclass
from datetime import date

from jalons.collection.forms.rules.expressions import Apply, Current, Literal, Node, Unreadable, parse

TODAY = "today"
TURNED = {">": "<", "<": ">", ">=": "<=", "<=": ">="}
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
Bound = float | date | str


@dataclass(frozen=True, slots=True)
class Limits:
    """Comparisons that an answer must all satisfy: (sign, a number, a day, or TODAY)."""

    tests: tuple[tuple[str, Bound], ...]


def limits(constraint: str) -> Limits | None:
    """The limits that a constraint states, when it states nothing else.

    Missing: None when there is no constraint, or when it says more than a spreadsheet can hold.
    Source:  XLSForm `constraint`; Excel data validation.

    >>> limits(". >= 0 and . <= 110")
    Limits(tests=(('>=', 0.0), ('<=', 110.0)))
    >>> limits(". <= today()"), limits("regex(., '[0-9]+')"), limits("")
    (Limits(tests=(('<=', 'today'),)), None, None)
    """
    try:
        node = parse(constraint) if constraint.strip() else None
    except Unreadable:
        return None
    parts = node.arguments if isinstance(node, Apply) and node.function == "and" else (node,)
    tests = [_test(part) for part in parts]
    return None if None in tests else Limits(tuple(tests))


def _test(node: Node | None) -> tuple[str, Bound] | None:
    if not isinstance(node, Apply) or node.function not in TURNED:
        return None
    left, right = node.arguments
    if isinstance(left, Current):
        sign, bound = node.function, _bound(right)
    elif isinstance(right, Current):
        sign, bound = TURNED[node.function], _bound(left)
    else:
        return None
    return None if bound is None else (sign, bound)


def _bound(node: Node) -> Bound | None:
    if isinstance(node, Apply):
        if node.function == "negative" and isinstance(node.arguments[0], Literal):
            value = node.arguments[0].value
            return -value if isinstance(value, float) else None
        if node.function in ("date", "date-time") and len(node.arguments) == 1:
            return _bound(node.arguments[0])
        return TODAY if node.function in ("today", "now") else None
    if not isinstance(node, Literal):
        return None
    if isinstance(node.value, str):
        return _day(node.value)
    return node.value


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if DAY.fullmatch(text) else None
    except ValueError:
        return None
