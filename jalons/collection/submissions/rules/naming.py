"""What people call a submission: the name that its form makes from its answers."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from jalons.collection.forms.rules.evaluation import EMPTY, Place, evaluate
from jalons.collection.forms.rules.expressions import Node, Question, Unreadable, parse, walk
from jalons.collection.forms.rules.functions import Unsupported


@lru_cache(maxsize=200)
def _parsed(expression: str) -> Node | None:
    try:
        return parse(expression)
    except Unreadable:
        return None


def asked_by(expression: str) -> set[str]:
    """The questions that a name reads.

    Source: XLSForm settings `instance_name`.

    >>> sorted(asked_by("concat(${code}, ' ', ${jour})"))
    ['code', 'jour']
    """
    node = _parsed(expression)
    return {part.name for part in walk(node) if isinstance(part, Question)} if node else set()


def instance_name(expression: str, answers: Mapping[str, Any]) -> str:
    """The name of a submission, as the phone makes it.

    Missing: a blank answer leaves its place empty; with nothing but blanks there is no name.
    Error:   an expression outside what Jalons computes gives no name.
    Source:  XLSForm settings `instance_name`.

    >>> instance_name("concat(${code}, ' ', ${jour})", {"code": "SM-0042", "jour": "2026-10-02"})
    'SM-0042 2026-10-02'
    >>> instance_name("concat(${code}, ' ', ${jour})", {}), instance_name("pulldata('a', 'b')", {})
    ('', '')
    """
    node = _parsed(expression)
    if node is None or not any(answers.get(name) not in (None, "") for name in asked_by(expression)):
        return ""
    try:
        return " ".join(str(evaluate(node, Place(answers, blank=EMPTY)) or "").split())
    except (Unsupported, TypeError, ValueError):
        return ""


def short_identifier(identifier: str) -> str:
    """The beginning of an identifier, by which it is found again.

    Source: RFC 4122; the first eight digits tell apart what one list shows.

    >>> short_identifier("uuid:06d369ea-f085-46b7-ab04-352cd3377cfd"), short_identifier("fiche 12")
    ('06d369ea…', 'fiche 12')
    """
    bare = identifier.removeprefix("uuid:")
    return f"{bare[:8]}…" if len(bare) == 36 else bare if len(bare) <= 24 else f"{bare[:23]}…"
