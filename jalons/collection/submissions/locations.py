"""Where submissions are: points that phones took, gathered when they are many; else counts by province."""

from dataclasses import dataclass
from typing import Any

from psycopg import sql

from jalons.collection.forms.queries import Field
from jalons.collection.submissions.selection import Selection, read

MANY = 1_500  # points drawn one by one; beyond, those of one square are gathered
SQUARES = 70  # along the longer side


@dataclass(frozen=True)
class Point:
    latitude: float
    longitude: float
    count: int


def points(chosen: Selection, table: str, found: Field) -> tuple[list[Point], int]:
    """The points answered to a question, and how many rows of it have none."""
    column = sql.SQL("{}.{}").format(sql.Identifier("x" if table else "r"), sql.Identifier(found.question.column))
    source = sql.SQL(
        "select split_part({0}, ' ', 1)::float8 as y, split_part({0}, ' ', 2)::float8 as x from {1} "
        "where {2} and {0} ~ '^-?[0-9.]+ -?[0-9.]+( |$)'"
    ).format(column, chosen.joined(table), chosen.where())
    total = read(sql.SQL("select count(*) from {} where {}").format(chosen.joined(table), chosen.where()))[0][0]
    query = sql.SQL("select count(*), min(y), max(y), min(x), max(x) from ({}) p").format(source)
    count, south, north, west, east = read(query)[0]
    if not count:
        return [], total
    size = max(north - south, east - west) / SQUARES if count > MANY else 0
    squared = sql.SQL("floor(y / {0}), floor(x / {0})").format(sql.Literal(size)) if size else sql.SQL("y, x")
    query = sql.SQL("select avg(y), avg(x), count(*) from ({}) p group by {}").format(source, squared)
    return [Point(*row) for row in read(query)], total - count


def by_province(chosen: Selection) -> dict[str | None, int]:
    """How many submissions of each province, by its code; None for those whose place is not known so finely."""
    query = sql.SQL(
        "select p.code, count(*) from {} left join territories_territory p on p.id = r._province where {} group by 1"
    )
    if "" not in chosen.tables:
        return {}
    return dict(read(query.format(chosen.joined(""), chosen.where())))


def frame_of(found: list[Point], shapes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The shapes around some points: those whose box holds one of them."""
    kept = []
    for shape in shapes:
        xs, ys = zip(*shape["geometry"]["coordinates"][0], strict=True)
        west, east, south, north = min(xs), max(xs), min(ys), max(ys)
        if any(west <= p.longitude <= east and south <= p.latitude <= north for p in found):
            kept.append(shape)
    return kept
