"""What the result of a calculation is: a number, a day, or only a text, as its form says it."""

import re
from collections.abc import Callable, Iterable, Mapping
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
DEEPEST = 50  # calculations read one through the other
BIND, ATTRIBUTE = re.compile(r"<bind\b[^>]*>"), re.compile(r'\b(nodeset|type)="([^"]*)"')


def results(questions: Mapping[str, tuple[str, str]]) -> dict[str, str]:
    """What each question is whatever the answers: NUMBER, DAY, or nothing when it may be a text.

    questions: name -> (kind, calculation) of the questions of a form, in its order.
    Missing:   an empty text is no result, and settles nothing.
    Error:     an expression that cannot be read, or that reads itself, is a text.
    Source:    ODK XForms specification, the types that XPath functions return.

    >>> found = results({"a": ("integer", ""), "b": ("text", ""), "c": ("calculate", "if(${a} > 1, ${a} * 2, '')"),
    ...     "d": ("calculate", "concat(${a}, '')"), "e": ("calculate", "once(today())"), "f": ("calculate", "${f}"),
    ...     "g": ("calculate", "coalesce(${c}, ${b})"), "h": ("calculate", "${c}")})
    >>> found["c"], found["d"], found["e"], found["f"], found["g"], found["h"]
    ('number', '', 'day', '', '', 'number')
    """
    known = {name: KINDS.get(kind, "") for name, (kind, _calculation) in questions.items() if kind != "calculate"}

    def named(name: str, depth: int) -> str:
        if name not in known and name in questions and depth < DEEPEST:
            known[name] = ""  # if it reads itself
            known[name] = told(questions[name][1], depth + 1)
        return known.get(name, "")

    def told(calculation: str, depth: int) -> str:
        try:
            node = parse(calculation) if calculation.strip() else None
        except Unreadable:
            return ""
        return (_of(node, lambda name: named(name, depth)) if node else "") or ""

    return {name: named(name, 0) for name in questions}


def _of(node: Node, named: Callable[[str], str]) -> str | None:
    """What a part of an expression gives; None when it gives no result at all."""
    match node:
        case Literal():
            return None if node.value == "" else NUMBER if isinstance(node.value, float) else ""
        case Question():
            return named(node.name)
        case Apply() if node.function in CHOOSING:
            return _same(_of(part, named) for part in node.arguments[CHOOSING[node.function] :])
        case Apply():
            return NUMBER if node.function in COUNTING else DAY if node.function in DATING else ""
    return ""


def _same(parts: Iterable[str | None]) -> str | None:
    found = {part for part in parts if part is not None}
    return found.pop() if len(found) == 1 else "" if found else None


@lru_cache(maxsize=8)
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
