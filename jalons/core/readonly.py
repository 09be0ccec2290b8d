"""A page that is only read must not write: any INSERT, UPDATE or DELETE during a GET is a fault of ours."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

VERBS = "insert|update|delete|truncate|alter|drop|create|copy"
WRITES = re.compile(rf"^\s*({VERBS})\b|^\s*with\b.*\b(insert\s+into|update|delete\s+from)\s", re.IGNORECASE | re.DOTALL)
OWN_TABLES = ("django_session", "usersessions_", "django_cache")


class WroteDuringRead(Exception):
    """A page asked for with GET tried to change a row."""


def _refuse_writes(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
    text = str(sql)
    if WRITES.match(text) and not any(table in text for table in OWN_TABLES):
        raise WroteDuringRead(text[:200])
    return execute(sql, params, many, context)


@contextmanager
def readonly(active: bool = True) -> Iterator[None]:
    """Refuse writes inside the block, but for sessions and the cache."""
    if not active:
        yield
        return
    with connection.execute_wrapper(_refuse_writes):
        yield
