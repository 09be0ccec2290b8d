"""An export as one Excel workbook: a sheet per table, continued beyond what Excel holds; then its codebook."""

from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import xlsxwriter
from django.utils.translation import gettext as _

from jalons.collection.submissions.exports import codebook
from jalons.collection.submissions.exports.about import About
from jalons.collection.submissions.exports.sheets import BOOK, ROWS, sheet_names, start
from jalons.collection.submissions.exports.tables import Table, cell


def write(path: Path, about: About, progress: Callable[[int], None], end: Callable[[About], None]) -> None:
    """Rows leave memory as they are written: a hundred thousand take what ten thousand do.

    end: completes what the export says of itself, once all tables are read.
    """
    taken = sheet_names()
    with (
        TemporaryDirectory(dir=path.parent, prefix="tmp") as folder,  # beside the file: /tmp may be memory
        xlsxwriter.Workbook(str(path), {**BOOK, "tmpdir": folder}) as book,
    ):
        for table in about.dataset.tables:
            parts = _table(book, table, taken, about, progress)
            if parts > 1:
                about.notes.append(
                    _("Excel : au plus %(limit)s lignes par feuille ; « %(table)s » en occupe %(count)s.")
                    % {"limit": ROWS, "table": table.title, "count": parts}
                )
        end(about)
        codebook.add(book, about, taken, {})


def _table(book: Any, table: Table, taken: Callable, about: About, progress: Callable[[int], None]) -> int:
    """The sheets of a table; how many."""
    heads = [column.label if about.labels else column.head for column in table.columns]
    parts, number, sheet, put = 0, ROWS, None, None
    for row in _rows(table, about.labels):
        if number >= ROWS:
            parts, number = parts + 1, 1
            sheet, put = start(book, taken(table.title), heads)
        put(sheet, number, row)
        number += 1
        progress(1)
    if not parts:
        start(book, taken(table.title), heads)
    return max(parts, 1)


def _rows(table: Table, in_words: bool) -> Iterator[list[Any]]:
    columns = table.columns
    for row in table.rows():
        yield [cell(column, value, in_words=in_words) for column, value in zip(columns, row, strict=True)]
