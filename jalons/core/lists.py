"""What every list does: sort, search, and page by key so that the last page costs what the first does."""

import base64
import binascii
import json
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from jalons.core.search import matching, sort_key, words

PAGE = 50
COUNT_LIMIT = 5_000  # beyond this, "plus de 5 000" is said instead of counting a million rows


@dataclass(frozen=True)
class Order:
    """How a list is sorted: a field path, a direction, and the key that breaks ties.

    Unknown values are the greatest, as in PostgreSQL's own indexes.
    """

    path: str
    descending: bool

    def applied(self, rows: models.QuerySet) -> models.QuerySet:
        """The rows in this order, each with its `sort_key`."""
        sign = "-" if self.descending else ""
        if self.path == "pk":
            return rows.order_by(f"{sign}pk")
        return rows.annotate(sort_key=sort_key(rows.model, self.path)).order_by(f"{sign}sort_key", f"{sign}pk")


@dataclass(frozen=True)
class Mark:
    """Where a page begins: beside this row, going forwards or back."""

    value: Any
    pk: int
    back: bool


@dataclass(frozen=True)
class Slice:
    """One page of a list, and the cursors of its neighbours (None at either end)."""

    rows: list
    previous: str | None
    next: str | None


def search(rows: models.QuerySet, query: str, paths: tuple[str, ...]) -> models.QuerySet:
    """Rows where every word of the query is found, accents and Arabic variants ignored."""
    if not words(query) or not paths:
        return rows
    names, condition = matching(rows.model, query, paths)
    return rows.alias(**names).filter(condition)


def page(rows: models.QuerySet, order: Order, cursor: str | None) -> Slice:
    """The page that a cursor points at; the first one without cursor or with one that cannot be read."""
    sorted_rows = order.applied(rows)
    mark = decode(cursor, order, sorted_rows)
    backwards = bool(mark and mark.back)
    walk = Order(order.path, order.descending != backwards)
    found: list = []
    for condition in _steps(walk, mark):
        if len(found) <= PAGE:
            found += walk.applied(rows).filter(condition)[: PAGE + 1 - len(found)]
    more, found = len(found) > PAGE, found[:PAGE]
    if backwards:
        found.reverse()
    before, after = (more, True) if backwards else (bool(mark), more)
    return Slice(
        found,
        encode(found[0], order, back=True) if before and found else None,
        encode(found[-1], order, back=False) if after and found else None,
    )


def count(rows: models.QuerySet) -> tuple[int, bool]:
    """Number of rows, and whether it stopped counting at the limit."""
    found = rows.order_by()[: COUNT_LIMIT + 1].values("pk").count()
    return min(found, COUNT_LIMIT), found > COUNT_LIMIT


def _steps(order: Order, mark: Mark | None) -> list[Q]:
    """What comes after a mark, as conditions that an index answers one after the other.

    Unknown values are the greatest: one condition that covered them too would read the table from its start.
    """
    if mark is None:
        return [Q()]
    step = "lt" if order.descending else "gt"
    beyond = Q(**{f"pk__{step}": mark.pk})
    if order.path == "pk":
        return [beyond]
    unknown = Q(sort_key__isnull=True)
    if mark.value is None:
        return [unknown & beyond, ~unknown] if order.descending else [unknown & beyond]
    known = Q(**{f"sort_key__{step}e": mark.value}) & (Q(**{f"sort_key__{step}": mark.value}) | beyond)
    return [known] if order.descending else [known, unknown]


def encode(row: models.Model, order: Order, *, back: bool) -> str:
    """A cursor: the order it belongs to, the sorted value and key of a row, and the direction to go from there."""
    value = getattr(row, "sort_key", None)
    text = json.dumps([order.path, order.descending, value if value is None else str(value), row.pk, back])
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode(cursor: str | None, order: Order, rows: models.QuerySet) -> Mark | None:
    """What a cursor says; None when it is absent, damaged, or made for another order."""
    try:
        text = base64.urlsafe_b64decode((cursor or "") + "=" * (-len(cursor or "") % 4)).decode()
        path, descending, value, pk, back = json.loads(text)
        if (path, descending) != (order.path, order.descending) or "\x00" in str(value):
            return None
        if value is not None and path != "pk":
            value = rows.query.annotations["sort_key"].output_field.to_python(value)
        return Mark(value, int(pk), bool(back))
    except (ValueError, TypeError, OverflowError, binascii.Error, ValidationError):
        return None
