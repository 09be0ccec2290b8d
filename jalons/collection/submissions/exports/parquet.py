"""An export as Parquet files, one per table, written batch by batch."""

from collections.abc import Callable
from itertools import islice
from pathlib import Path

import pyarrow as pa
from pyarrow import parquet

from jalons.collection.submissions.exports.tables import WHOLE, YES, Table, cell
from jalons.collection.submissions.rules import filters as rules

BATCH = 10_000  # rows
TYPES = {
    WHOLE: pa.int64(), YES: pa.int8(), rules.NUMBER: pa.float64(), rules.DAY: pa.date32(),
    rules.MOMENT: pa.timestamp("us", tz="UTC"),
}  # fmt: skip


def write(path: Path, table: Table, in_words: bool, progress: Callable[[int], None]) -> None:
    """One table; the words of each column are kept with it, under "label"."""
    schema = pa.schema([
        pa.field(c.head, pa.string() if in_words and c.nature == YES else TYPES.get(c.nature, pa.string()),
                 metadata={"label": c.label})
        for c in table.columns
    ])  # fmt: skip
    with parquet.ParquetWriter(path, schema, compression="zstd") as file:
        source = table.rows()
        while rows := list(islice(source, BATCH)):
            columns = [
                pa.array([cell(column, value, in_words=in_words) for value in values], type=asked.type)
                for column, asked, values in zip(table.columns, schema, zip(*rows, strict=True), strict=True)
            ]
            file.write_batch(pa.record_batch(columns, schema=schema))
            progress(len(rows))
