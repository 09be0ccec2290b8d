"""Columns in NumPy and the operations on them: each knows what is unknown, as PostgreSQL does."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

Bools = np.ndarray
Scalar = float | str | bool | None


@dataclass(slots=True, frozen=True)
class Numbers:
    """Doubles, NaN where unknown. Days count from 1970; moments are seconds from 1970, UTC."""

    values: np.ndarray
    complete: bool = False  # no NaN


@dataclass(slots=True, frozen=True)
class Texts:
    """Texts, or lists of choices: a place in `words` for each row, -1 where unknown."""

    codes: np.ndarray
    words: list
    complete: bool = False

    def known(self) -> Bools:
        return self.codes >= 0


@dataclass(slots=True, frozen=True)
class Truth:
    """Conditions: where they are true, where they are false (None: wherever they are not true)."""

    yes: Bools
    no: Bools | None = None

    def false(self) -> Bools:
        return ~self.yes if self.no is None else self.no


Value = Numbers | Texts | Truth | Scalar


def raw(value: Numbers | float | None) -> np.ndarray | float:
    """What NumPy computes with. Source: IEEE 754: an unknown number is NaN."""
    return value.values if isinstance(value, Numbers) else np.nan if value is None else value


def is_complete(value: Value) -> bool:
    """Whether nothing is unknown in it. Source: ours."""
    if isinstance(value, Truth):
        return value.no is None
    return value.complete if isinstance(value, Numbers | Texts) else value is not None


# Conditions (SQL:1992, three-valued)


def negate(value: Value) -> Value:
    """Not. Source: SQL:1992."""
    if isinstance(value, Truth):
        return Truth(~value.yes) if value.no is None else Truth(value.no, value.yes)
    return None if value is None else not value


def both(left: Value, right: Value) -> Value:
    """And: false wins over unknown. Source: SQL:1992."""
    if not isinstance(left, Truth):
        left, right = right, left
    if not isinstance(left, Truth):
        return False if False in (left, right) else None if None in (left, right) else True
    if not isinstance(right, Truth):
        nowhere = np.zeros(len(left.yes), bool)
        return {True: left, False: False}.get(right, Truth(nowhere, left.false()))
    yes = left.yes & right.yes
    return Truth(yes) if left.no is None and right.no is None else Truth(yes, left.false() | right.false())


def either(left: Value, right: Value) -> Value:
    """Or: true wins over unknown. Source: SQL:1992."""
    if isinstance(left, Truth) and isinstance(right, Truth):
        yes = left.yes | right.yes
        return Truth(yes) if left.no is None and right.no is None else Truth(yes, left.false() & right.false())
    return negate(both(negate(left), negate(right)))


def is_null(value: Value) -> Value:
    """Whether it is unknown. Source: SQL:1992."""
    if is_complete(value):
        return False
    match value:
        case Numbers():
            unknown = np.isnan(value.values)
        case Texts():
            unknown = ~value.known()
        case Truth():
            unknown = ~(value.yes | value.no)
        case _:
            return True
    return Truth(unknown) if unknown.any() else False


# Comparisons

Compare = Callable[[Any, Any], Any]


def compared(holds: Compare, fails: Compare) -> Callable[[Value, Value], Value]:
    """A comparison of two numbers, unknown where one of them is. Source: SQL:1992."""

    def run(left: Value, right: Value) -> Value:
        if left is None or right is None:
            return None
        a, b = raw(left), raw(right)
        if not isinstance(left, Numbers) and not isinstance(right, Numbers):
            return bool(holds(a, b))
        complete = is_complete(left) and is_complete(right)
        return Truth(holds(a, b), None if complete else fails(a, b))

    return run


def _differ(left: Any, right: Any) -> Any:
    """Unlike `!=`, false when one is NaN."""
    return (left < right) | (left > right)


numbers_equal = compared(np.equal, _differ)
less = compared(np.less, np.greater_equal)
less_or_equal = compared(np.less_equal, np.greater)


def equal(left: Value, right: Value) -> Value:
    """Whether two numbers, texts or conditions are the same. Source: SQL:1992."""
    if isinstance(right, Texts) or isinstance(left, Truth):
        left, right = right, left
    if left is None or right is None:
        return None
    if isinstance(left, Texts):
        return _texts_equal(left, right)
    if isinstance(right, Truth):
        same = both(left, right)
        return either(same, both(negate(left), negate(right)))
    return left == right if isinstance(left, str | bool) else numbers_equal(left, right)


def _texts_equal(left: Texts, right: Texts | str) -> Truth:
    if isinstance(right, Texts):
        place = {word: code for code, word in enumerate(left.words)}
        there = np.array([place.get(word, -2) for word in right.words] + [-1])[right.codes]
        known = left.known() & right.known()
        yes = (left.codes == there) & known
        return Truth(yes, known & ~yes)
    yes = left.codes == (left.words.index(right) if right in left.words else -2)
    return Truth(yes, None if left.complete else left.known() & ~yes)


# Choices between values


def choose(condition: Value, then: Value, otherwise: Value) -> Value:
    """`then` where the condition is true, else `otherwise`. Source: SQL:1992, `case`."""
    if not isinstance(condition, Truth):
        return then if condition is True else otherwise
    if then is None and otherwise is None:
        return None
    kinds = {type(then), type(otherwise)}
    if kinds & {Truth, bool}:
        return _choose_truth(condition.yes, then, otherwise)
    if kinds & {Texts, str}:
        return _choose_text(condition.yes, then, otherwise)
    values = np.where(condition.yes, raw(then), raw(otherwise))
    return Numbers(values, is_complete(then) and is_complete(otherwise))


def _choose_truth(where: Bools, then: Value, otherwise: Value) -> Truth:
    (yes, no), (other_yes, other_no) = (_two_sides(value, len(where)) for value in (then, otherwise))
    complete = is_complete(then) and is_complete(otherwise)
    return Truth(np.where(where, yes, other_yes), None if complete else np.where(where, no, other_no))


def _two_sides(value: Value, length: int) -> tuple[Bools, Bools]:
    if isinstance(value, Truth):
        return value.yes, value.false()
    return np.full(length, value is True), np.full(length, value is False)


def _choose_text(where: Bools, then: Value, otherwise: Value) -> Texts:
    words: dict[str, int] = {}
    codes = [_codes_among(value, words, len(where)) for value in (then, otherwise)]
    return Texts(np.where(where, *codes), list(words), is_complete(then) and is_complete(otherwise))


def _codes_among(value: Value, words: dict[Any, int], length: int) -> np.ndarray:
    """The codes of a text value among `words`, which grows as needed."""
    if isinstance(value, Texts):
        return np.array([words.setdefault(word, len(words)) for word in value.words] + [-1], np.int32)[value.codes]
    return np.full(length, -1 if value is None else words.setdefault(value, len(words)), np.int32)


def first_known(value: Value, *others: Value) -> Value:
    """The first value that is known. Source: SQL:1992, `coalesce`."""
    for other in others:
        if isinstance(value, Truth) and other is False:
            value = Truth(value.yes)
        elif not is_complete(value):
            value = choose(is_null(value), other, value)
    return value


# Arithmetic


def computed(operate: Callable[..., Any]) -> Callable[..., Value]:
    """An operation on numbers, unknown where one of them is. Source: SQL:1992."""

    def run(*values: Value) -> Value:
        if any(value is None for value in values):
            return None
        with np.errstate(all="ignore"):
            result = operate(*map(raw, values))
        if not isinstance(result, np.ndarray):
            return None if np.isnan(result) else float(result)
        return Numbers(result, all(map(is_complete, values)))

    return run


def null_if(value: Value, excluded: float) -> Value:
    """The value, unknown where it is the excluded one. Source: SQL:1992, `nullif`."""
    if not isinstance(value, Numbers):
        return None if value == excluded else value
    found = value.values == excluded
    return Numbers(np.where(found, np.nan, value.values)) if found.any() else value


# Texts, word by word


def words_to_numbers(value: Value, read: Callable[[Any], float]) -> Value:
    """A number for each word, NaN where there is none. Source: ours; each word is read once."""
    if not isinstance(value, Texts):
        return None if value is None else read(value)
    numbers = np.array([*map(read, value.words), np.nan])
    return Numbers(numbers[value.codes], value.complete and not np.isnan(numbers[:-1]).any())


def words_to_truth(value: Value, holds: Callable[[Any], bool]) -> Value:
    """A condition on each word, unknown where the text is. Source: ours; each word is looked at once."""
    if not isinstance(value, Texts):
        return None if value is None else holds(value)
    table = np.array([*map(holds, value.words), False], bool)
    if value.complete and not table.any():
        return False
    yes = table[value.codes]
    return Truth(yes, None if value.complete else value.known() & ~yes)


def numbers_to_words(value: Value, write: Callable[[float], str]) -> Value:
    """A text for each number. Source: ours; each distinct number is written once."""
    if not isinstance(value, Numbers):
        return None if value is None else write(value)
    numbers, codes = np.unique(value.values, return_inverse=True)
    words: dict[str, int] = {}
    table = np.array([-1 if np.isnan(n) else words.setdefault(write(n), len(words)) for n in numbers] or [-1], np.int32)
    return Texts(table[codes], list(words), value.complete)


def words_to_words(value: Value, write: Callable[[Any], str]) -> Value:
    """A text for each word. Source: ours; each word is read once."""
    if not isinstance(value, Texts):
        return None if value is None else write(value)
    words: dict[str, int] = {}
    table = np.array([words.setdefault(write(word), len(words)) for word in value.words] + [-1], np.int32)
    return Texts(table[value.codes], list(words), value.complete)


def pairs(left: Value, right: Value) -> Value:
    """Two texts as a text of pairs, unknown where one of them is. Source: ours; each pair of words is met once."""
    if left is None or right is None:
        return None
    if not isinstance(left, Texts) or not isinstance(right, Texts):
        return _pairs_with_one(left, right)
    known, width = left.known() & right.known(), max(len(right.words), 1)
    found, codes = np.unique(
        np.where(known, left.codes.astype(np.int64) * width + right.codes, -1), return_inverse=True
    )
    first = 1 if found.size and found[0] < 0 else 0
    words = [(left.words[pair // width], right.words[pair % width]) for pair in found[first:]]
    return Texts((codes - first).astype(np.int32), words, left.complete and right.complete)


def _pairs_with_one(left: Texts | str, right: Texts | str) -> Texts | tuple[str, str]:
    if isinstance(left, Texts):
        return Texts(left.codes, [(word, right) for word in left.words], left.complete)
    if isinstance(right, Texts):
        return Texts(right.codes, [(left, word) for word in right.words], right.complete)
    return left, right


def texts(values: Iterable[Any]) -> Texts:
    """A column of texts or lists of choices, from Python; None is unknown.

    Source: ours.

    >>> texts(["a", None, "a"]).codes.tolist()
    [0, -1, 0]
    """
    place: dict[Any, int] = {None: -1}
    codes = np.array([place.setdefault(value, len(place) - 1) for value in values], np.int32)
    words = list(place)[1:]
    return Texts(codes, words, not (codes < 0).any())


def numbers(values: Iterable[Any]) -> Numbers:
    """A column of numbers, from Python; None is unknown.

    Source: ours.

    >>> numbers([1, None]).complete
    False
    """
    array = np.array([np.nan if value is None else value for value in values], np.float64)
    return Numbers(array, not np.isnan(array).any())
