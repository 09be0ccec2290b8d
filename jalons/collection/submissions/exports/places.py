"""An export as GeoJSON (RFC 7946): a feature for each point, line or surface answered, with the row around it."""

import json
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any, BinaryIO

from jalons.collection.submissions.exports.about import About
from jalons.collection.submissions.exports.tables import Column, Dataset, Table, cell
from jalons.core.errors import Refused, _

POINTS = frozenset({"geopoint", "start-geopoint", "background-geopoint"})
KINDS = frozenset({*POINTS, "geotrace", "geoshape"})
NOWHERE = _("Ce formulaire n’a pas de question de position que vous puissiez lire, ou l’export les laisse de côté.")


def located(dataset: Dataset) -> list[tuple[Table, list[int]]]:
    """The tables that hold positions, and the places of those columns."""
    found = [(t, [n for n, c in enumerate(t.columns) if c.asked and c.asked.question.kind in KINDS])
             for t in dataset.tables]  # fmt: skip
    return [(table, columns) for table, columns in found if columns]


def write(file: BinaryIO, about: About, progress: Callable[[int], None], end: Callable[[About], None]) -> None:
    """One collection. What the export says of itself is a member of its own, which readers ignore."""
    tables = located(about.dataset)
    if not tables:
        raise Refused(NOWHERE)
    file.write(b'{"type": "FeatureCollection", "features": [')
    before = b"\n"
    for table, columns in tables:
        for row in table.rows():
            for feature in features(table, columns, row, about.labels):
                file.write(before + json.dumps(feature, ensure_ascii=False, default=_plain).encode())
                before = b",\n"
            progress(1)
    end(about)
    told = json.dumps([list(line) for line in about.lines()], ensure_ascii=False)
    file.write(b'\n], "about": ' + told.encode() + b"}\n")


def features(table: Table, columns: list[int], row: tuple, in_words: bool) -> Iterator[dict[str, Any]]:
    properties = {
        c.head: cell(c, value, in_words=in_words)
        for n, (c, value) in enumerate(zip(table.columns, row, strict=True))
        if n not in columns
    }
    for n in columns:
        if shape := geometry(table.columns[n], row[n]):
            named = {"_table": table.name, "_question": table.columns[n].head}
            yield {"type": "Feature", "geometry": shape, "properties": named | properties}


def geometry(column: Column, answer: str | None) -> dict[str, Any] | None:
    """The shape of an answer; none when it is not one: longitude first, altitude when it is told."""
    try:
        places = [_position(text) for text in (answer or "").split(";") if text.strip()]
    except (ValueError, IndexError):
        return None
    kind = column.asked.question.kind
    if not places:
        return None
    if kind in POINTS or len(places) == 1:
        return {"type": "Point", "coordinates": places[0]}
    if kind == "geoshape" and len(places) > 2:
        ring = places if places[0] == places[-1] else [*places, places[0]]
        return {"type": "Polygon", "coordinates": [ring]} if len(ring) > 3 else None
    return {"type": "LineString", "coordinates": places}


def _position(text: str) -> list[float]:
    latitude, longitude, *more = [float(part) for part in text.split()]
    return [longitude, latitude, *more[:1]]


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)
