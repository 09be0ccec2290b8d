"""An export as CSV files, one per table: codes straight from the typed tables by COPY, words row by row."""

import csv
import io
from collections.abc import Callable, Iterator

from django.db import connection
from django.utils.translation import get_language
from psycopg import sql

from jalons.collection.submissions.exports.tables import Column, Table, cell
from jalons.collection.submissions.rules import filters as rules
from jalons.core.exports import csv_text

Progress = Callable[[int], None]
BUFFER = 1 << 18
# OWASP "CSV injection", as core/exports.py says it; a negative number is only a number
GUARDED = """case when left({0}, 1) in ('=', '+', '-', '@', e'\\t', e'\\r', e'\\n', '＝', '＋', '－', '＠')
and {0} !~ '^-[0-9][0-9 .,]*$' then '''' || {0} else {0} end"""


def codes(table: Table, progress: Progress) -> Iterator[bytes]:
    """A table in codes, by COPY: UTF-8, commas, decimal points, ISO dates with their offset."""
    heads = [sql.SQL("{} as {}").format(_expression(c), sql.Identifier(c.head[:63])) for c in table.columns]
    yield _line([column.head for column in table.columns], ",").encode()
    statement = sql.SQL("copy ({}) to stdout (format csv)").format(table.query(heads))
    with connection.cursor() as cursor, cursor.copy(statement.as_string(connection.connection)) as stream:
        kept, size = [], 0
        for row in stream:
            kept.append(row)
            size += len(row)
            if size > BUFFER:
                progress(len(kept))
                yield b"".join(kept)
                kept, size = [], 0
        progress(len(kept))
        yield b"".join(kept)


def words(table: Table, progress: Progress) -> Iterator[bytes]:
    """A table in the reader's words, as Excel opens it: separators and decimal sign of their language."""
    delimiter, point = (",", ".") if get_language() == "en" else (";", ",")
    yield ("\ufeff" + _line([csv_text(column.label, point) for column in table.columns], delimiter)).encode()
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=delimiter)
    for number, row in enumerate(table.rows(), start=1):
        cells = zip(table.columns, row, strict=True)
        writer.writerow([csv_text(cell(column, value, in_words=True), point) for column, value in cells])
        if buffer.tell() > BUFFER:
            yield _taken(buffer)
        if number % 1000 == 0:
            progress(1000)
    yield _taken(buffer)


def _expression(column: Column) -> sql.Composable:
    if column.nature == rules.SEVERAL:
        return sql.SQL("array_to_string({}, ' ')").format(column.expression)
    if column.nature in (rules.TEXT, rules.ONE, rules.FILE):
        return sql.SQL(GUARDED).format(column.expression)
    return column.expression


def _line(cells: list[str], delimiter: str) -> str:
    buffer = io.StringIO(newline="")
    csv.writer(buffer, delimiter=delimiter).writerow(cells)
    return buffer.getvalue()


def _taken(buffer: io.StringIO) -> bytes:
    content = buffer.getvalue().encode()
    buffer.seek(0)
    buffer.truncate()
    return content
