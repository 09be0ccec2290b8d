"""What the result of a calculation is: a number, a day, or only a text, as its form says it."""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

from jalons.collection.forms.rules.expressions import Apply, Literal, Node, Question, Unreadable, parse

NUMBER, WHOLE, DAY = "number", "whole", "day"
SQL_TYPES = {NUMBER: "double precision", WHOLE: "bigint", DAY: "date"}
KINDS = {"integer": NUMBER, "decimal": NUMBER, "range": NUMBER, "date": DAY, "today": DAY}
BOUND = {"int": WHOLE, "integer": WHOLE, "long": WHOLE, "decimal": NUMBER, "double": NUMBER, "date": DAY}
COUNTING = frozenset((
    "+", "-", "*", "div", "mod", "negative", "number", "int", "round", "abs", "pow", "min", "max", "sum", "count",
    "count-non-empty", "count-selected", "string-length", "decimal-date-time", "decimal-time", "ceiling", "floor",
    "exp", "exp10", "log", "log10", "sqrt", "area", "distance", "random", "position",
))  # fmt: skip
DATING = frozenset(("today", "date"))
CHOOSING = {"if": 1, "coalesce": 0, "once": 0}  # function -> its first argument that may be the result
DEEPEST = 8  # calculations read one through the other
BIND, ATTRIBUTE = re.compile(r"<bind\b[^>]*>"), re.compile(r'\b(nodeset|type)="([^"]*)"')


def result(expression: str, questions: Mapping[str, tuple[str, str]], depth: int = 0) -> str:
    """What a calculation gives whatever the answers: NUMBER, DAY, or nothing when it may be a text.

    questions: name -> (kind, calculation) of the questions of the form.
    Missing:   an empty text is no result, and settles nothing.
    Error:     an expression that cannot be read is a text.
    Source:    ODK XForms specification, the types that XPath functions return.

    >>> asked = {"a": ("integer", ""), "b": ("text", ""), "c": ("calculate", "${a} * 2")}
    >>> result("if(${a} > 1, ${c} + 1, '')", asked), result("concat(${a}, '')", asked), result("today()", asked)
    ('number', '', 'day')
    >>> result("if(${a} > 1, ${a}, ${b})", asked)
    ''
    """
    try:
        found = _of(parse(expression), questions, depth) if expression.strip() and depth < DEEPEST else ""
    except Unreadable:
        return ""
    return found or ""


def _of(node: Node, questions: Mapping[str, tuple[str, str]], depth: int) -> str | None:
    """The same of a part; None when it gives no result at all."""
    match node:
        case Literal():
            return None if node.value == "" else NUMBER if isinstance(node.value, float) else ""
        case Question():
            kind, calculation = questions.get(node.name, ("", ""))
            return result(calculation, questions, depth + 1) if kind == "calculate" else KINDS.get(kind, "")
        case Apply() if node.function in CHOOSING:
            return _same(_of(part, questions, depth) for part in node.arguments[CHOOSING[node.function] :])
        case Apply():
            return NUMBER if node.function in COUNTING else DAY if node.function in DATING else ""
    return ""


def _same(parts: Iterable[str | None]) -> str | None:
    found = {part for part in parts if part is not None}
    return found.pop() if len(found) == 1 else "" if found else None


@lru_cache(maxsize=64)
def bound(xform: str) -> Mapping[str, str]:
    """Path of a question -> NUMBER, WHOLE or DAY, where its bind says it.

    Source: ODK XForms specification, data types; XLSForm `bind::type`.

    >>> bound('<bind nodeset="/data/g/total" type="int" calculate="1"/><bind nodeset="/data/x" type="string"/>')
    {'g/total': 'whole'}
    """
    binds = [dict(ATTRIBUTE.findall(tag)) for tag in BIND.findall(xform)]
    return {
        one["nodeset"].strip("/").partition("/")[2]: BOUND[one["type"]]
        for one in binds
        if "nodeset" in one and one.get("type") in BOUND
    }
