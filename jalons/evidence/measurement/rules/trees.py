"""Pieces of sqlglot trees, the kinds of value that they give, and how one kind turns into another."""

import re
from collections.abc import Callable
from datetime import date
from functools import reduce
from typing import NamedTuple

from sqlglot import exp

from jalons.core.errors import _

NUMBER, TEXT, CHOICES, DATE, MOMENT, TRUTH, BLANK = "number", "text", "choices", "date", "moment", "truth", "blank"
# kind of answer in the typed tables -> kind of value
KINDS = {
    "integer": NUMBER,
    "decimal": NUMBER,
    "text": TEXT,
    "select_one": TEXT,
    "select_multiple": CHOICES,
    "date": DATE,
    "datetime": MOMENT,
}
WORDS = {
    NUMBER: _("un nombre"),
    TEXT: _("un texte"),
    CHOICES: _("une liste de choix"),
    DATE: _("une date"),
    MOMENT: _("une date avec l’heure"),
    TRUTH: _("une condition"),
}
SQL_TYPES = {NUMBER: "double", TEXT: "text", DATE: "date", MOMENT: "timestamptz", TRUTH: "boolean", CHOICES: "text[]"}
NUMERIC_TEXT = r"^ *-?([0-9]+(\.[0-9]*)?|\.[0-9]+) *$"


class Typed(NamedTuple):
    """A sqlglot tree and the kind of value that it gives."""

    tree: exp.Expression
    kind: str


def group(tree: exp.Expression) -> exp.Expression:
    """The tree, in parentheses when what stands around could break it. Source: sqlglot adds none by itself."""
    return exp.Paren(this=tree) if isinstance(tree, exp.Binary | exp.Unary) else tree


def binary(kind: type[exp.Binary], left: exp.Expression, right: exp.Expression) -> exp.Expression:
    """Two trees joined by an operator. Source: SQL:1992."""
    typed = {"typed": True} if kind is exp.Div else {}  # both are doubles: sqlglot need not cast
    return kind(this=group(left), expression=group(right), **typed)


def call(name: str, *arguments: exp.Expression) -> exp.Expression:
    """A PostgreSQL function by its name. Source: PostgreSQL manual, chapter 9."""
    return exp.Anonymous(this=name, expressions=list(arguments))


def string(value: str) -> exp.Expression:
    """A text, escaped when written. Source: SQL:1992."""
    return exp.Literal.string(value)


def double(tree: exp.Expression) -> exp.Expression:
    """The tree in double precision. Source: XPath 1.0 §3.5: numbers are IEEE 754 doubles; 1 div 2 is 0.5."""
    return exp.cast(tree, "double")


def number(value: float) -> exp.Expression:
    """A number. Source: XPath 1.0 §3.5."""
    tree = double(exp.Literal.number(repr(abs(float(value)))))
    return exp.Neg(this=tree) if value < 0 else tree


def day(value: date) -> exp.Expression:
    """A day. Source: ISO 8601."""
    return exp.cast(string(value.isoformat()), "date")


def is_null(tree: exp.Expression) -> exp.Expression:
    """Whether a value is unknown. Source: SQL:1992."""
    return exp.Is(this=group(tree), expression=exp.Null())


def negate(tree: exp.Expression) -> exp.Expression:
    """The contrary of a condition. Source: SQL:1992, not unknown is unknown."""
    return exp.Not(this=group(tree))


def both(*trees: exp.Expression) -> exp.Expression:
    """All these conditions; true when there is none. Source: SQL:1992."""
    return reduce(lambda left, right: binary(exp.And, left, right), trees) if trees else exp.true()


def either(*trees: exp.Expression) -> exp.Expression:
    """At least one of these conditions; false when there is none. Source: SQL:1992."""
    return reduce(lambda left, right: binary(exp.Or, left, right), trees) if trees else exp.false()


def surely(tree: exp.Expression) -> exp.Expression:
    """Whether a condition is true, unknown counting as no. Source: SQL:1992, `is true`."""
    return tree if isinstance(tree, exp.Boolean) else exp.Coalesce(this=tree, expressions=[exp.false()])


def choose(*branches: tuple[exp.Expression, exp.Expression], default: exp.Expression | None = None) -> exp.Expression:
    """The value of the first branch whose condition is true. Source: SQL:1992, `case`."""
    ifs = [exp.If(this=condition, true=value) for condition, value in branches]
    return exp.Case(ifs=ifs, default=default or exp.Null())


def has(choice: str, choices: exp.Expression) -> exp.Expression:
    """Whether a list of choices holds one. Source: XLSForm select_multiple."""
    return exp.EQ(this=string(choice), expression=exp.Any(this=exp.Paren(this=choices)))


def _number_of_text(tree: exp.Expression, zone: str) -> exp.Expression | None:
    if not isinstance(tree, exp.Literal):
        return choose((exp.RegexpLike(this=group(tree), expression=string(NUMERIC_TEXT)), double(tree)))
    return number(float(tree.this)) if re.match(NUMERIC_TEXT, tree.this) else None


def _day_of_text(tree: exp.Expression, zone: str) -> exp.Expression | None:
    try:
        return day(date.fromisoformat(tree.this)) if isinstance(tree, exp.Literal) else None
    except ValueError:
        return None


def _days(tree: exp.Expression, zone: str) -> exp.Expression:
    return double(exp.Paren(this=binary(exp.Sub, tree, day(date(1970, 1, 1)))))


def _days_of_moment(tree: exp.Expression, zone: str) -> exp.Expression:
    return binary(exp.Div, double(exp.Extract(this=exp.var("epoch"), expression=tree)), number(86400))


def local(tree: exp.Expression, zone: str) -> exp.Expression:
    """A moment as the clocks of a zone show it. Source: IANA time zones; Morocco changes hour for Ramadan."""
    return exp.AtTimeZone(this=group(tree), zone=string(zone))


# (from, to) -> how; a missing pair, or None, is refused
CONVERSIONS: dict[tuple[str, str], Callable[[exp.Expression, str], exp.Expression | None]] = {
    (TEXT, NUMBER): _number_of_text,
    (TRUTH, NUMBER): lambda tree, zone: choose((tree, number(1)), (negate(tree), number(0))),
    (DATE, NUMBER): _days,
    (MOMENT, NUMBER): _days_of_moment,
    (NUMBER, TEXT): lambda tree, zone: exp.cast(tree, "text"),
    (DATE, TEXT): lambda tree, zone: formatted(tree, "%Y-%m-%d"),
    (NUMBER, TRUTH): lambda tree, zone: binary(exp.NEQ, tree, number(0)),
    (TEXT, DATE): _day_of_text,
    (MOMENT, DATE): lambda tree, zone: exp.cast(local(tree, zone), "date"),
}

DATE_FORMATS = {"%Y": "YYYY", "%y": "YY", "%m": "MM", "%n": "FMMM", "%d": "DD", "%e": "FMDD"}
TIME_FORMATS = {"%H": "HH24", "%h": "FMHH24", "%M": "MI", "%S": "SS"}


def formatted(tree: exp.Expression, pattern: str) -> exp.Expression:
    """A day or a moment as a text.

    Error:  KeyError on a part that the formats do not know.
    Source: ODK XForms format-date.

    >>> print(formatted(exp.column("d"), "%d/%m").sql("postgres"))
    TO_CHAR(d, 'DD"/"MM')
    """
    known = DATE_FORMATS | TIME_FORMATS
    parts = [part for part in re.split(r"(%\w)", pattern) if part]
    written = "".join(known[part] if part.startswith("%") else f'"{part}"' for part in parts)
    made = call("to_char", tree, string(written))
    made.meta["format"] = pattern
    return made
