"""What every list does: filter, sort, search, and page by key so that the last page costs what the first does."""

import base64
import binascii
import json
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models import Q

from jalons.core.search import matching

PAGE = 50
COUNT_LIMIT = 10_000  # beyond this, "plus de 10 000" is said instead of counting a million rows


@dataclass(frozen=True)
class Order:
    """How a list is sorted: a field path, a direction, and the key that breaks ties.

    Unknown values are the greatest, as in PostgreSQL's own indexes.
    """

    path: str
    descending: bool

    @property
    def fields(self) -> tuple[str, ...]:
        sign = "-" if self.descending else ""
        return (sign + self.path,) if self.path == "pk" else (sign + self.path, sign + "pk")


@dataclass(frozen=True)
class Slice:
    """One page of a list, and the cursors of its neighbours (None at either end)."""

    rows: list
    previous: str | None
    next: str | None


def search(rows: models.QuerySet, query: str, paths: tuple[str, ...]) -> models.QuerySet:
    """Rows where every word of the query is found, accents and Arabic variants ignored."""
    if not query.strip() or not paths:
        return rows
    names, condition = matching(query, paths)
    return rows.alias(**names).filter(condition)


def page(rows: models.QuerySet, order: Order, cursor: str | None) -> Slice:
    """The page that a cursor points at; the first one without cursor or with one that cannot be read."""
    mark = decode(cursor)
    backwards = bool(mark and mark["back"])
    walk = Order(order.path, order.descending != backwards)
    if mark:
        rows = rows.filter(_after(walk, mark["value"], mark["pk"]))
    found = list(rows.order_by(*walk.fields)[: PAGE + 1])
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


def _after(order: Order, value: Any, pk: int) -> Q:
    """Rows that come after a key, in an order where unknown values are the greatest."""
    step = "lt" if order.descending else "gt"
    beyond = Q(**{f"pk__{step}": pk})
    if order.path == "pk":
        return beyond
    if value is None:
        later = Q(**{f"{order.path}__isnull": False}) if order.descending else Q(pk__in=[])
        return (Q(**{f"{order.path}__isnull": True}) & beyond) | later
    rest = Q(**{f"{order.path}__{step}e": value}) & (Q(**{f"{order.path}__{step}": value}) | beyond)
    return rest if order.descending else rest | Q(**{f"{order.path}__isnull": True})


def encode(row: models.Model, order: Order, *, back: bool) -> str:
    """A cursor: the sorted value and key of a row, and the direction to go from there."""
    value: Any = row
    for step in order.path.split("__"):
        value = getattr(value, step, None)
    text = json.dumps([value if value is None else str(value), row.pk, back])
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode(cursor: str | None) -> dict | None:
    """What a cursor says, or None when it is absent or damaged."""
    try:
        value, pk, back = json.loads(base64.urlsafe_b64decode((cursor or "") + "=" * (-len(cursor or "") % 4)))
        return {"value": value, "pk": int(pk), "back": bool(back)}
    except (ValueError, TypeError, binascii.Error):
        return None
