"""A sqlglot tree computed by NumPy: many trees become one list of steps, each computed once."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import partial, reduce
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
from sqlglot import exp

from jalons.collection.forms.rules.functions import FUNCTIONS as ON_ONE_ANSWER
from jalons.evidence.measurement.rules import arrays
from jalons.evidence.measurement.rules.arrays import Texts, Value

Step = Callable[..., Value]


class Operation(NamedTuple):
    """What tells an operation from others, what it does, and the trees that it applies to."""

    key: Any
    step: Step
    operands: list[exp.Expression]


class Program:
    """Steps in the order in which they are computed; a tree met twice, in one formula or in two, is one step."""

    def __init__(self) -> None:
        self.steps: list[tuple[Step | str, tuple[int, ...]]] = []
        self.places: dict[tuple, int] = {}

    def add(self, tree: exp.Expression) -> int:
        """The place of the tree's value in what `run` returns.

        Error:  KeyError for a tree that the compiler never makes.
        Source: value numbering; a filter shared by ten indicators is computed once.
        """
        while isinstance(tree, exp.Paren):
            tree = tree.this
        if isinstance(tree, exp.Column):
            return self._place(("column", tree.sql()), tree.sql(), ())
        if isinstance(tree, exp.Case):
            return self._case(tree)
        operation = OPERATIONS[type(tree)](tree)
        inner = tuple(self.add(operand) for operand in operation.operands)
        return self._place((type(tree), operation.key, inner), operation.step, inner)

    def _case(self, tree: exp.Case) -> int:
        place = self.add(tree.args["default"])
        for branch in reversed(tree.args["ifs"]):
            inner = (self.add(branch.this), self.add(branch.args["true"]), place)
            place = self._place(("case", inner), arrays.choose, inner)
        return place

    def _place(self, key: tuple, step: Step | str, inner: tuple[int, ...]) -> int:
        if key not in self.places:
            self.places[key] = len(self.steps)
            self.steps.append((step, inner))
        return self.places[key]

    def run(self, columns: Mapping[str, Value]) -> list[Value]:
        """The value of every step over the columns of a partition. Source: ours."""
        values: list[Value] = []
        for step, inner in self.steps:
            values.append(columns[step] if isinstance(step, str) else step(*(values[place] for place in inner)))
        return values


# What a step does with days, moments and words


def _read_number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return np.nan


def _to_double(value: Value) -> Value:
    return arrays.words_to_numbers(value, _read_number) if isinstance(value, Texts | str) else value


def _to_day(value: Value) -> Value:
    """A day written in the formula, or the day of a local moment."""
    if isinstance(value, str):
        return float((date.fromisoformat(value) - date(1970, 1, 1)).days)
    return arrays.computed(lambda seconds: np.floor(seconds / 86400))(value)


def _to_text(value: Value) -> Value:
    written = lambda number: str(int(number)) if number.is_integer() and abs(number) < 1e15 else repr(float(number))  # noqa: E731
    return value if isinstance(value, Texts | str) else arrays.numbers_to_words(value, written)


CASTS: dict[exp.DataType.Type, Step] = {
    exp.DataType.Type.DOUBLE: _to_double,
    exp.DataType.Type.DATE: _to_day,
    exp.DataType.Type.TEXT: _to_text,
}


def _local(zone: ZoneInfo, seconds: Value) -> Value:
    """Seconds of UTC as the clocks of a zone show them; offsets change on the hour."""

    def shifted(values: Any) -> Any:
        hours, places = np.unique(np.floor(np.atleast_1d(values) / 3600), return_inverse=True)
        offsets = [np.nan if np.isnan(hour) else _offset(zone, hour) for hour in hours]
        return values + np.array(offsets)[places].reshape(np.shape(values))

    return arrays.computed(shifted)(seconds)


def _offset(zone: ZoneInfo, hour: float) -> float:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(hours=hour)).astimezone(zone).utcoffset().total_seconds()


def _formatted(pattern: str, unit: float, value: Value) -> Value:
    write = ON_ONE_ANSWER["format-date"].compute
    start = datetime(1970, 1, 1)  # noqa: DTZ001  already local
    return arrays.numbers_to_words(value, lambda number: write(start + timedelta(seconds=number * unit), pattern))


# One entry for each kind of tree that the compiler makes


def _plain(step: Step) -> Callable[[exp.Expression], Operation]:
    def read(tree: exp.Expression) -> Operation:
        others = [tree.expression] if tree.args.get("expression") is not None else tree.args.get("expressions") or []
        return Operation(None, step, [tree.this, *others])

    return read


def _constant(tree: exp.Expression) -> Operation:
    value = None if isinstance(tree, exp.Null) else tree.this
    if isinstance(tree, exp.Literal) and not tree.is_string:
        value = float(value)
    return Operation((type(value), value), lambda: value, [])


def _cast(tree: exp.Cast) -> Operation:
    target = tree.to.this
    return Operation(target, CASTS.get(target, lambda value: value), [tree.this])


def _equal(tree: exp.EQ) -> Operation:
    if not isinstance(tree.expression, exp.Any):
        return Operation(None, arrays.equal, [tree.this, tree.expression])
    choice = tree.this.this
    step = partial(_on_words, arrays.words_to_truth, lambda made: choice in made)
    return Operation(("has", choice), step, [tree.expression.this])


def _on_words(apply: Callable, read: Callable[[Any], Any], value: Value) -> Value:
    return apply(value, read)


def _matches(tree: exp.RegexpLike) -> Operation:
    pattern = re.compile(tree.expression.this)
    step = partial(_on_words, arrays.words_to_truth, lambda text: pattern.search(text) is not None)
    return Operation(pattern.pattern, step, [tree.this])


def _zoned(tree: exp.AtTimeZone) -> Operation:
    zone = tree.args["zone"].this
    return Operation(zone, partial(_local, ZoneInfo(zone)), [tree.this])


def _call(tree: exp.Anonymous) -> Operation:
    name, operands = tree.this, tree.expressions
    if name == "to_char":
        moment = isinstance(operands[0].unnest(), exp.AtTimeZone)
        pattern = tree.meta["format"]
        return Operation((name, pattern), partial(_formatted, pattern, 1 if moment else 86400), operands[:1])
    return Operation(name, CALLS[name], operands)


def _on_pairs(apply: Callable, read: Callable[[tuple[str, str]], Any]) -> Step:
    return lambda left, right: apply(arrays.pairs(left, right), read)


CALLS: dict[str, Step] = {
    "trunc": arrays.computed(np.trunc),
    "floor": arrays.computed(np.floor),
    "abs": arrays.computed(np.abs),
    "cardinality": partial(_on_words, arrays.words_to_numbers, len),
    "length": partial(_on_words, arrays.words_to_numbers, len),
    "strpos": _on_pairs(arrays.words_to_numbers, lambda pair: pair[0].find(pair[1]) + 1),
    "starts_with": _on_pairs(arrays.words_to_truth, lambda pair: pair[0].startswith(pair[1])),
}
OPERATIONS: dict[type[exp.Expression], Callable[[Any], Operation]] = {
    exp.Literal: _constant,
    exp.Boolean: _constant,
    exp.Null: _constant,
    exp.Cast: _cast,
    exp.EQ: _equal,
    exp.RegexpLike: _matches,
    exp.AtTimeZone: _zoned,
    exp.Extract: lambda tree: Operation("epoch", lambda seconds: seconds, [tree.expression]),
    exp.Anonymous: _call,
    exp.Is: lambda tree: Operation("null", arrays.is_null, [tree.this]),
    exp.Not: _plain(arrays.negate),
    exp.And: _plain(arrays.both),
    exp.Or: _plain(arrays.either),
    exp.Coalesce: _plain(arrays.first_known),
    exp.Nullif: _plain(arrays.null_if),
    exp.NEQ: _plain(lambda left, right: arrays.negate(arrays.equal(left, right))),
    exp.LT: _plain(arrays.less),
    exp.LTE: _plain(arrays.less_or_equal),
    exp.GT: _plain(lambda left, right: arrays.less(right, left)),
    exp.GTE: _plain(lambda left, right: arrays.less_or_equal(right, left)),
    exp.Add: _plain(arrays.computed(np.add)),
    exp.Sub: _plain(arrays.computed(np.subtract)),
    exp.Mul: _plain(arrays.computed(np.multiply)),
    exp.Div: _plain(arrays.computed(np.divide)),
    exp.Neg: _plain(arrays.computed(np.negative)),
    exp.Least: _plain(arrays.computed(lambda *values: reduce(np.minimum, values))),
    exp.Greatest: _plain(arrays.computed(lambda *values: reduce(np.maximum, values))),
    exp.DPipe: _plain(_on_pairs(arrays.words_to_words, "".join)),
}
