"""Answers as the typed tables hold them."""

from collections.abc import Callable, Iterable
from typing import Any

SEVERAL = "text[]"


def stored(value: Any, sql: str) -> Any:
    """An answer as COPY writes it into a column of a type.

    A question that changed type keeps one column, wide enough for all its versions: what is narrower is widened.
    Missing: None stays unknown.
    Source:  PostgreSQL manual, array input syntax.

    >>> stored(["a", 'b "c"'], "text[]"), stored("a", "text[]"), stored(5.0, "text"), stored(["a", "b"], "text")
    ('{"a","b \\\\"c\\\\""}', '{"a"}', '5', 'a b')
    """
    if value is None:
        return None
    return WRITERS[sql](value) if sql in WRITERS else value


def array(texts: Iterable[str]) -> str:
    """A list of texts as PostgreSQL reads an array.

    Source: PostgreSQL manual, array input syntax.

    >>> array([])
    '{}'
    """
    return "{" + ",".join('"' + t.replace("\\", "\\\\").replace('"', '\\"') + '"' for t in texts) + "}"


def _several(value: Any) -> str:
    return array(value if isinstance(value, list) else [_text(value)])


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return " ".join(value)
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


WRITERS: dict[str, Callable[[Any], Any]] = {SEVERAL: _several, "text": _text}
