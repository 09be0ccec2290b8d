"""From dataclasses to JSON and back, so that a report frozen today is read by the code of tomorrow."""

import re
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from datetime import date
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

Kind = TypeVar("Kind")
UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # no XML file can hold them


def freeze(value: Any) -> Any:
    """A dataclass as plain JSON: dates in ISO 8601, texts without the characters that no XML file can hold.

    Source: XML 1.0, production 2 (Char); ISO 8601.

    >>> freeze((date(2026, 6, 30), "a\\x0bb", None))
    ['2026-06-30', 'ab', None]
    """
    if is_dataclass(value):
        return {field.name: freeze(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, dict):
        return {key: freeze(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [freeze(item) for item in value]
    if isinstance(value, str):
        return UNWRITABLE.sub("", value)
    return value.isoformat() if isinstance(value, date) else value


def thaw(kind: type[Kind], value: Any) -> Kind:
    """The dataclass that `freeze` turned into JSON.

    Missing: a field that an older report does not have takes its default; one that is no longer known is left out;
             a text that it knew in French alone stays so.
    Source:  product law "what was reported is frozen".
    """
    return _reader(kind)(value)


@cache
def _reader(kind: Any) -> Callable[[Any], Any]:
    """What turns JSON into this type; made once per type, a report holds tens of thousands of cells."""
    parts, origin = get_args(kind), get_origin(kind)
    if is_dataclass(kind):
        return _dataclass_reader(kind)
    if isinstance(kind, UnionType):
        read = _reader(next(part for part in parts if part is not NoneType))
        return lambda value: None if value is None else read(value)
    if origin is tuple:
        read = _reader(parts[0])
        return lambda value: tuple(map(read, value))
    if origin is dict:
        read = _reader(parts[1])
        return lambda value: {key: read(item) for key, item in _in_languages(value).items()}
    return kind.fromisoformat if issubclass(kind, date) else lambda value: value


def _in_languages(value: dict | str) -> dict:
    """A text of an older report, which knew it in French alone."""
    return value if isinstance(value, dict) else {"fr": value} if value else {}


def _dataclass_reader(kind: type) -> Callable[[dict], Any]:
    hints = get_type_hints(kind)
    readers = {field.name: _reader(hints[field.name]) for field in fields(kind)}
    return lambda value: kind(**{name: read(value[name]) for name, read in readers.items() if name in value})
