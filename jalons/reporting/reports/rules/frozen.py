"""From dataclasses to JSON and back, so that a report frozen today is read by the code of tomorrow."""

import re
from dataclasses import fields, is_dataclass
from datetime import date
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

    Missing: a field that an older report does not have takes its default; one that is no longer known is left out.
    Source:  product law "what was reported is frozen".
    """
    if value is None:
        return None
    if is_dataclass(kind):
        hints = get_type_hints(kind)
        return kind(**{f.name: thaw(hints[f.name], value[f.name]) for f in fields(kind) if f.name in value})
    parts = get_args(kind)
    if get_origin(kind) is tuple:
        return tuple(thaw(parts[0], item) for item in value)
    if get_origin(kind) is dict:
        return {key: thaw(parts[1], item) for key, item in value.items()}
    if isinstance(kind, UnionType):
        return thaw(next(part for part in parts if part is not NoneType), value)
    return kind.fromisoformat(value) if issubclass(kind, date) else value
