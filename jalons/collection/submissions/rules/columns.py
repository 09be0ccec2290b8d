"""Answers as the typed tables hold them."""

from collections.abc import Callable, Iterable
from typing import Any

from jalons.collection.forms.rules.columns import sql_type

AS_TEXT = ("text", "date", "timestamptz")  # types whose answers are kept as texts
SEVERAL = "text[]"


def writer(kind: str, sql: str) -> Callable[[Any], Any] | None:
    """What turns an answer to a kind of question into what COPY writes; None when it is written as it is.

    A question that changed type keeps one column, wide enough for all its versions: what is narrower is widened.
    Source: XLSForm question types; PostgreSQL manual, array input syntax.

    >>> writer("select_multiple", "text[]")(["a", 'b "c"']), writer("integer", "text")(5), writer("integer", "bigint")
    ('{"a","b \\\\"c\\\\""}', '5', None)
    """
    if sql == "text":
        return None if sql_type(kind) in AS_TEXT else _text
    return _several if sql == SEVERAL else None


def names(columns: list[str]) -> str:
    """Names of columns as PostgreSQL reads an array; they hold no letter that needs care.

    Source: forms.rules.columns, column_name.

    >>> names([]), names(["age", "null"])
    ('{}', '{"age","null"}')
    """
    return '{"' + '","'.join(columns) + '"}' if columns else "{}"


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
