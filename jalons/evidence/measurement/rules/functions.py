"""What each operator and function of an expression compiles to: one table."""

import re
from collections.abc import Callable
from functools import reduce
from typing import NamedTuple, Protocol

from sqlglot import exp

from jalons.collection.forms.rules.expressions import Apply, Literal, Node
from jalons.core.errors import _
from jalons.evidence.measurement.rules.formula import Faulty
from jalons.evidence.measurement.rules.trees import (
    BLANK,
    CHOICES,
    DATE,
    DATE_FORMATS,
    MOMENT,
    NUMBER,
    TEXT,
    TRUTH,
    Typed,
    binary,
    both,
    call,
    choose,
    day,
    either,
    formatted,
    group,
    has,
    is_null,
    local,
    negate,
    number,
    string,
)


class Compiler(Protocol):
    """What a function needs of the compiler: its place, the day, conversions and refusals."""

    today: object
    source: object

    def turn(self, value: Typed, kind: str, node: Node) -> exp.Expression: ...
    def fault(self, node: Node, message: str, **values: object) -> Faulty: ...
    def check_choice(self, question: Node, choice: Node) -> None: ...


Build = Callable[[Compiler, Apply, list[Typed]], Typed]


class Signature(NamedTuple):
    """How many arguments, and what they compile to."""

    least: int
    most: int
    build: Build


def _fixed(kinds: tuple[str, ...], result: str, build: Callable[..., exp.Expression]) -> Signature:
    """A function whose arguments have each their kind."""

    def run(compiler: Compiler, node: Apply, values: list[Typed]) -> Typed:
        wanted = zip(values, kinds, node.arguments, strict=True)
        return Typed(build(*(compiler.turn(value, kind, part) for value, kind, part in wanted)), result)

    return Signature(len(kinds), len(kinds), run)


def _each(kind: str, result: str, build: Callable[..., exp.Expression], least: int = 2) -> Signature:
    """A function of any number of arguments of one kind."""

    def run(compiler: Compiler, node: Apply, values: list[Typed]) -> Typed:
        parts = zip(values, node.arguments, strict=True)
        return Typed(build(*(compiler.turn(value, kind, part) for value, part in parts)), result)

    return Signature(least, 10_000, run)


def _chain(kind: type[exp.Binary]) -> Callable[..., exp.Expression]:
    return lambda *trees: reduce(lambda left, right: binary(kind, left, right), trees)


def _divide(left: exp.Expression, right: exp.Expression) -> exp.Expression:
    """What is divided by zero is unknown; XPath says infinity."""
    return binary(exp.Div, left, exp.Nullif(this=right, expression=number(0)))


def _remainder(left: exp.Expression, right: exp.Expression) -> exp.Expression:
    whole = call("trunc", _divide(left, right))
    return binary(exp.Sub, left, binary(exp.Mul, right.copy(), whole))


def _rounded(value: exp.Expression, digits: int = 0) -> exp.Expression:
    if not digits:
        return call("floor", binary(exp.Add, value, number(0.5)))
    scale = number(10.0**digits)
    return binary(exp.Div, _rounded(binary(exp.Mul, value, scale)), scale.copy())


def _round(compiler: Compiler, node: Apply, values: list[Typed]) -> Typed:
    digits = node.arguments[1] if len(values) == 2 else Literal(0.0)
    if not isinstance(digits, Literal) or not isinstance(digits.value, float) or abs(digits.value) > 12:
        raise compiler.fault(node, _("Caractère %(position)s : le nombre de décimales s’écrit en chiffres."))
    return Typed(_rounded(compiler.turn(values[0], NUMBER, node.arguments[0]), int(digits.value)), NUMBER)


def _extreme(kind: type[exp.Expression]) -> Callable[..., exp.Expression]:
    """Unknown when one of the values is; PostgreSQL's own leave unknown values out."""

    def build(first: exp.Expression, *others: exp.Expression) -> exp.Expression:
        found = kind(this=first, expressions=list(others), ignore_nulls=True)
        unknown = either(*(is_null(tree.copy()) for tree in (first, *others)))
        return choose((unknown, exp.Null()), default=found)

    return build


def _same_kind(compiler: Compiler, node: Apply, values: list[Typed], parts: tuple[Node, ...]) -> Typed:
    """The trees of several values turned into the kind of the first that has one; numbers and texts do not mix."""
    kinds = {value.kind for value in values} - {BLANK}
    kind = next((value.kind for value in values if value.kind != BLANK), TEXT)
    if len(kinds) > 1 and kinds != {NUMBER, TRUTH}:
        raise compiler.fault(node, _("Caractère %(position)s : « %(name)s » mélange des valeurs de types différents."))
    kind = NUMBER if len(kinds) > 1 else kind
    trees = [compiler.turn(value, kind, part) for value, part in zip(values, parts, strict=True)]
    return Typed(exp.Tuple(expressions=trees), kind)


def _if(compiler: Compiler, node: Apply, values: list[Typed]) -> Typed:
    """An unknown condition gives an unknown value; `case` alone would give the second."""
    condition = compiler.turn(values[0], TRUTH, node.arguments[0])
    branches, kind = _same_kind(compiler, node, values[1:], node.arguments[1:])
    then, otherwise = branches.expressions
    return Typed(choose((condition, then), (negate(condition.copy()), otherwise)), kind)


def _coalesce(compiler: Compiler, node: Apply, values: list[Typed]) -> Typed:
    branches, kind = _same_kind(compiler, node, values, node.arguments)
    first, *others = branches.expressions
    return Typed(exp.Coalesce(this=first, expressions=others), kind)


def _compare(kind: type[exp.Binary]) -> Signature:
    """Equality compares texts, days, conditions or numbers; order compares days or numbers."""
    equality = kind in (exp.EQ, exp.NEQ)

    def build(compiler: Compiler, node: Apply, values: list[Typed]) -> Typed:
        left, right = values
        if equality and BLANK in (left.kind, right.kind):
            known = right if left.kind == BLANK else left
            return Typed(is_null(known.tree) if kind is exp.EQ else negate(is_null(known.tree)), TRUTH)
        common = _common_kind({left.kind, right.kind}, equality)
        if common == TEXT:
            compiler.check_choice(*node.arguments)
            compiler.check_choice(*reversed(node.arguments))
        trees = [compiler.turn(value, common, part) for value, part in zip(values, node.arguments, strict=True)]
        return Typed(binary(kind, *trees), TRUTH)

    return Signature(2, 2, build)


def _common_kind(kinds: set[str], equality: bool) -> str:
    """What two values are compared as: a moment and a day written in the formula, as days; two moments, as numbers."""
    if kinds <= {DATE, TEXT, MOMENT} and (DATE in kinds or kinds == {TEXT, MOMENT}):
        return DATE
    return next(iter(kinds)) if equality and kinds in ({TEXT}, {TRUTH}) else NUMBER


def _selected(compiler: Compiler, node: Apply, values: list[Typed]) -> Typed:
    question, choice = node.arguments
    if not isinstance(choice, Literal) or not isinstance(choice.value, str):
        raise compiler.fault(node, _("Caractère %(position)s : le choix de selected() s’écrit entre guillemets."))
    compiler.check_choice(question, choice)
    if values[0].kind == CHOICES:
        return Typed(has(choice.value.strip(), values[0].tree), TRUTH)
    return Typed(binary(exp.EQ, compiler.turn(values[0], TEXT, question), string(choice.value.strip())), TRUTH)


def _count_selected(compiler: Compiler, node: Apply, values: list[Typed]) -> Typed:
    if values[0].kind != CHOICES:
        message = _("Caractère %(position)s : count-selected() attend une question à plusieurs choix.")
        raise compiler.fault(node, message)
    return Typed(exp.cast(call("cardinality", values[0].tree), "double"), NUMBER)


def _regex(compiler: Compiler, node: Apply, values: list[Typed]) -> Typed:
    pattern = node.arguments[1]
    try:
        re.compile(pattern.value)
    except (AttributeError, TypeError, re.error):
        message = _("Caractère %(position)s : le motif de regex() ne se lit pas. Écrivez-le entre guillemets.")
        raise compiler.fault(node, message) from None
    tree = compiler.turn(values[0], TEXT, node.arguments[0])
    return Typed(exp.RegexpLike(this=group(tree), expression=string(f"^(?:{pattern.value})$")), TRUTH)


def _format(compiler: Compiler, node: Apply, values: list[Typed]) -> Typed:
    value, pattern = values[0], node.arguments[1]
    try:
        only_day = set(re.findall(r"%\w", pattern.value)) <= set(DATE_FORMATS)
        if value.kind == MOMENT and not only_day:
            return Typed(formatted(local(value.tree, compiler.source.zone), pattern.value), TEXT)
        return Typed(formatted(compiler.turn(value, DATE, node.arguments[0]), pattern.value), TEXT)
    except (AttributeError, TypeError, KeyError):
        message = _("Caractère %(position)s : ce format de date ne se calcule pas. Employez %%Y, %%m, %%d, %%H, %%M.")
        raise compiler.fault(node, message) from None


def _as_itself(compiler: Compiler, node: Apply, values: list[Typed]) -> Typed:
    return values[0]


def _today(compiler: Compiler, node: Apply, values: list[Typed]) -> Typed:
    return Typed(day(compiler.today), DATE)


def _contains(text: exp.Expression, part: exp.Expression) -> exp.Expression:
    return binary(exp.GT, call("strpos", text, part), exp.Literal.number(0))


FUNCTIONS: dict[str, Signature] = {
    "or": _each(TRUTH, TRUTH, either),
    "and": _each(TRUTH, TRUTH, both),
    "not": _fixed((TRUTH,), TRUTH, negate),
    "=": _compare(exp.EQ),
    "!=": _compare(exp.NEQ),
    "<": _compare(exp.LT),
    "<=": _compare(exp.LTE),
    ">": _compare(exp.GT),
    ">=": _compare(exp.GTE),
    "+": _each(NUMBER, NUMBER, _chain(exp.Add)),
    "-": _fixed((NUMBER, NUMBER), NUMBER, _chain(exp.Sub)),
    "*": _fixed((NUMBER, NUMBER), NUMBER, _chain(exp.Mul)),
    "div": _fixed((NUMBER, NUMBER), NUMBER, _divide),
    "mod": _fixed((NUMBER, NUMBER), NUMBER, _remainder),
    "negative": _fixed((NUMBER,), NUMBER, lambda tree: exp.Neg(this=group(tree))),
    "true": _fixed((), TRUTH, exp.true),
    "false": _fixed((), TRUTH, exp.false),
    "if": Signature(3, 3, _if),
    "coalesce": Signature(1, 10_000, _coalesce),
    "once": Signature(1, 1, _as_itself),
    "boolean": _fixed((TRUTH,), TRUTH, lambda tree: tree),
    "number": _fixed((NUMBER,), NUMBER, lambda tree: tree),
    "string": _fixed((TEXT,), TEXT, lambda tree: tree),
    "int": _fixed((NUMBER,), NUMBER, lambda tree: call("trunc", tree)),
    "round": Signature(1, 2, _round),
    "abs": _fixed((NUMBER,), NUMBER, lambda tree: call("abs", tree)),
    "min": _each(NUMBER, NUMBER, _extreme(exp.Least)),
    "max": _each(NUMBER, NUMBER, _extreme(exp.Greatest)),
    "selected": Signature(2, 2, _selected),
    "count-selected": Signature(1, 1, _count_selected),
    "string-length": _fixed((TEXT,), NUMBER, lambda tree: exp.cast(call("length", tree), "double")),
    "contains": _fixed((TEXT, TEXT), TRUTH, _contains),
    "starts-with": _fixed((TEXT, TEXT), TRUTH, lambda tree, part: call("starts_with", tree, part)),
    "concat": _each(TEXT, TEXT, _chain(exp.DPipe)),
    "regex": Signature(2, 2, _regex),
    "today": Signature(0, 0, _today),
    "date": _fixed((DATE,), DATE, lambda tree: tree),
    "decimal-date-time": _fixed((NUMBER,), NUMBER, lambda tree: tree),
    "format-date": Signature(2, 2, _format),
    "format-date-time": Signature(2, 2, _format),
}
