"""What checks look at, and what they find."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from jalons.collection.submissions.rules.asked import Line, lines
from jalons.collection.submissions.rules.schema import Item, Schema, Table


class Filled(NamedTuple):
    """One submission to check.

    places:   codes of its territory and of those around, when it was recognised.
    received: when its version arrived; moments that phones write are compared with it.
    is_flat:  it came from a table, whose blanks do not tell whether a question was put.
    """

    pk: int
    version: int
    answers: Mapping[str, Any]
    schema: Schema
    collector: str
    day: date | None
    received: datetime
    places: tuple[str, ...] = ()
    is_flat: bool = False


class Found(NamedTuple):
    """What a check found: in which submission, in which answer, and why, in a sentence with its values."""

    pk: int
    version: int
    question: str
    rows: tuple[int, ...]
    value: str
    message: str
    values: Mapping[str, Any]


def said(answer: Any) -> str:
    """An answer as a flag keeps it.

    Source: ours.

    >>> said(["eau", "toit"]), said(3.0), said(None)
    ('eau toit', '3', '')
    """
    if answer is None:
        return ""
    if isinstance(answer, float) and answer.is_integer():
        answer = int(answer)
    return (" ".join(map(str, answer)) if isinstance(answer, list) else str(answer))[:200]


def answers_to(filled: Filled, name: str) -> Iterator[tuple[Item, Line, Any]]:
    """The answers to a question, with the rows of repeats that hold them; nothing where it was left blank.

    Missing: nothing when this version of the form does not ask it.
    Source:  ours.
    """
    item, table = find(filled.schema, name)
    if item is None or table is None:
        return
    for line in lines(filled.answers, filled.schema, table):
        if (answer := line.rows[0].get(item.key)) is not None:
            yield item, line, answer


def find(schema: Schema, name: str) -> tuple[Item | None, Table | None]:
    """The question of this name, in the form itself, else in the first repeat that asks it.

    Source: XLSForm names.
    """
    for table in schema.tables.values():
        if item := schema.item(name, table.name):
            return item, table
    return None, None


def numeric(answer: Any) -> float | None:
    """An answer as a number; None when it is none.

    Source: ours.

    >>> numeric(3), numeric("2.5"), numeric("beaucoup"), numeric(True)
    (3.0, 2.5, None, None)
    """
    if isinstance(answer, bool) or not isinstance(answer, int | float | str):
        return None
    try:
        return float(answer)
    except ValueError:
        return None
