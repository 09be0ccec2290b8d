"""The workbook given back: the rows to correct, their faults in the cells, and a first sheet that leads to each."""

import io
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import xlsxwriter
from django.utils.translation import get_language, gettext, override
from django.utils.translation import gettext_noop as _
from xlsxwriter.utility import xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from jalons.collection.submissions import known
from jalons.collection.submissions.faults import Explaining, Fault
from jalons.collection.submissions.intake import HANDFUL, Intake, faults
from jalons.collection.submissions.known import Scope
from jalons.collection.submissions.models import Batch
from jalons.collection.submissions.reading import Record, Refusal, TableFile
from jalons.collection.submissions.rules import filled
from jalons.collection.submissions.workbook.layout import Layout, layout, sheet_name
from jalons.collection.submissions.workbook.writer import FIRST, OPTIONS, RED, Writer
from jalons.core.spreadsheets import row_height
from jalons.foundation.accounts.models import User

SHEET = _("À corriger")
HEADS = (_("Feuille"), _("Cellule"), _("Ligne du fichier envoyé"), _("Question"), _("Ce qui est écrit"),
         _("Ce qui ne va pas, et que faire"))  # fmt: skip
LEAD = _("À corriger : %(count)s. Corrigez les cellules rouges, puis renvoyez ce classeur.")
CUT = _("Les %(count)s premières sont dans cette liste ; toutes sont dans les cellules.")
MOST_LISTED = 5_000
WIDTHS = (22, 9, 12, 30, 26, 90)
Cells = dict[str, Any]


@dataclass
class Returned:
    """Rows gathered by table, as they were typed, and what is wrong in them.

    faults: (table, row from 0 in what is given back, header, row in the file that was sent, fault).
    """

    rows: dict[str, list[Cells]] = field(default_factory=dict)
    faults: list[tuple[str, int, str, int | None, Fault]] = field(default_factory=list)

    @property
    def notes(self) -> dict[tuple[str, int, str], str]:
        notes: dict[tuple[str, int, str], str] = {}
        for table, row, header, _sent, fault in self.faults:
            before = notes.get((table, row, header))
            notes[table, row, header] = f"{before}\n{fault.message}" if before else fault.message
        return notes


def to_correct(
    batch: Batch, source: TableFile, by: User, *, every: bool, progress: Callable[..., None] | None = None
) -> bytes:
    """The workbook of what is to be corrected in a file, in the reader's language.

    every: all rows of the file, with their faults; else only those that have some.
    """
    found = gather(batch, source, by, every=every, progress=progress)
    if source.filled:
        plan = layout(source.versions.default.version, source.filled.language)
        return _Ours(plan, source.filled.language, found, source.filled).bytes()
    return _theirs(source, found)


def gather(
    batch: Batch, source: TableFile, by: User, *, every: bool, progress: Callable[..., None] | None = None
) -> Returned:
    """The rows of a file that have something to correct, as a file may hold them."""
    intake, found = Intake(batch, source.versions, Scope(batch.form, by)), Returned()
    telling = {pk: Explaining(ready.version) for pk, ready in source.versions.by_key.items()}
    records, done = iter(source), 0
    while handful := list(islice(records, HANDFUL)):
        done += len(handful)
        if progress:
            progress(done, source.total)
        read = [record for record in handful if isinstance(record, Record)]
        before = known.of(batch.form, read)
        for record in read:
            draft = intake.draft(record, before.get(id(record)), iter(lambda: 0, 1))
            wrong = faults(draft.flags) if draft else []
            if wrong or every:
                _keep(found, source, record, list(telling[record.version.pk].of(record, wrong)))
        for refusal in handful:
            if isinstance(refusal, Refusal):
                _keep_refusal(found, refusal)
        for told in intake.refused:
            _keep_refusal(found, Refusal(told["place"], told["message"], told["values"]))
        intake.refused.clear()
    return found


def _keep(found: Returned, source: TableFile, record: Record, wrong: list[Fault]) -> None:
    kept = json.loads(record.content)
    at: dict[tuple[str, tuple[int, ...]], int] = {}
    root = found.rows.setdefault("", [])
    at["", ()] = len(root)
    root.append({**kept["cells"], filled.INDEX: len(root) + 1})
    _keep_below(found, kept.get("repeats", {}), len(root), (), at)
    columns = {part.columns.table: part.columns.columns for part in source.plan_for(record.version).parts}
    for fault in wrong:
        headers = [c.header for c in columns.get(fault.table, ()) if c.item and c.item.key == fault.question]
        row = at.get((fault.table, fault.index), at["", ()])
        header = headers[0] if headers else ""
        found.faults.append((fault.table, row, header, record.numbers.get((fault.table, fault.index)), fault))


def _keep_below(found: Returned, repeats: Mapping[str, list], parent: int, above: tuple[int, ...], at: dict) -> None:
    """Rows of repeats, tied to the row above them by its new number."""
    for table, lines in repeats.items():
        rows = found.rows.setdefault(table, [])
        for place, line in enumerate(lines):
            cells = {header: cell for header, cell in line.items() if not isinstance(cell, list)}
            below = {name: inner for name, inner in line.items() if isinstance(inner, list)}
            at[table, (*above, place)] = len(rows)
            rows.append({**cells, filled.PARENT: parent, filled.INDEX: len(rows) + 1})
            _keep_below(found, below, len(rows), (*above, place), at)


def _keep_refusal(found: Returned, refusal: Refusal) -> None:
    """A row that no cell answers for: told on the first sheet, where it was."""
    number = refusal.place.rpartition(" · ")[2]
    message = gettext(refusal.message) % refusal.values if refusal.values else gettext(refusal.message)
    fault = Fault(refusal.place.rpartition(" · ")[0], (), "", "", "", message)
    found.faults.append(("", -1, "", int(number) if number.isdecimal() else None, fault))


class _Ours(Writer):
    """A workbook of ours again, with its lists and limits, holding only what is to be corrected."""

    def __init__(self, plan: Layout, language: str, found: Returned, identity: filled.Filled) -> None:
        rows = {table: [self._bare(cells, identity) for cells in lines] for table, lines in found.rows.items()}
        super().__init__(plan, language, rows, found.notes, identity)
        self.found, self.reader = found, get_language()

    @staticmethod
    def _bare(cells: Cells, identity: filled.Filled) -> Cells:
        """The row by its own name: the name of the copy is on the cover again."""
        name = str(cells.get(filled.UUID, "")).removesuffix(f"@{identity.copy}")
        return {**cells, filled.UUID: name} if name else cells

    def add_before(self) -> None:
        names = {page.table: page.name for page in self.plan.pages}
        places = {page.table: {f.header: n for n, f in enumerate(page.fields, len(self.own_columns(page)))}
                  for page in self.plan.pages}  # fmt: skip
        with override(self.reader):
            sheet = self.book.add_worksheet(gettext(SHEET))
            _list(self.book, sheet, self.found, names, places, FIRST)
        sheet.activate()


def _theirs(source: TableFile, found: Returned) -> bytes:
    """A plain workbook with the columns of the file that was sent, under the same names."""
    parts, buffer, taken = {part.columns.table: part for part in source.plan.parts}, io.BytesIO(), set()
    with xlsxwriter.Workbook(buffer, OPTIONS) as book:
        first = book.add_worksheet(sheet_name(gettext(SHEET), taken))
        names = {table: sheet_name(part.sheet.name, taken) for table, part in parts.items()}
        places = {t: {h: n for n, h in enumerate(part.sheet.header)} for t, part in parts.items()}
        _list(book, first, found, names, places, 1)
        for table, part in parts.items():
            _plain_sheet(book, book.add_worksheet(names[table]), part.sheet.header, table, found)
    return buffer.getvalue()


def _plain_sheet(book: Any, sheet: Worksheet, header: tuple[str, ...], table: str, found: Returned) -> None:
    red, notes = book.add_format({"bg_color": RED}), found.notes
    sheet.write_row(0, 0, header, book.add_format({"bold": True, "bottom": 1, "text_wrap": True}))
    sheet.freeze_panes(1, 0)
    for number, cells in enumerate(found.rows.get(table, ()), start=1):
        for place, name in enumerate(header):
            note = notes.get((table, number - 1, name)) if name else None
            value, shape = cells.get(name), red if note else None
            if isinstance(value, str):
                sheet.write_string(number, place, value[:32_767], shape)
            elif value is not None or note:
                sheet.write(number, place, value, shape)
            if note:
                sheet.write_comment(number, place, note, {"author": "Jalons", "x_scale": 2.2})


def _list(book: Any, sheet: Worksheet, found: Returned, names: Mapping, places: Mapping, first: int) -> None:
    """What is to be corrected, one line each, with a link to the cell."""
    bold, wrap = book.add_format({"bold": True, "bottom": 1, "text_wrap": True}), book.add_format({"text_wrap": True})
    sheet.write_string(0, 0, gettext(LEAD) % {"count": len(found.faults)}, book.add_format({"bold": True}))
    sheet.write_row(2, 0, [gettext(head) for head in HEADS], bold)
    for column, width in enumerate(WIDTHS):
        sheet.set_column(column, column, width)
    if len(found.faults) > MOST_LISTED:
        sheet.write_string(1, 0, gettext(CUT) % {"count": MOST_LISTED})
    for line, (table, row, header, sent, fault) in enumerate(islice(_in_order(found), MOST_LISTED), start=3):
        sheet.set_row(line, row_height([(fault.message, WIDTHS[-1])], 15))
        if row >= 0 and table in names:
            cell = xl_rowcol_to_cell(first + row, places[table].get(header, 0))
            sheet.write_string(line, 0, names[table], wrap)
            sheet.write_url(line, 1, f"internal:'{names[table]}'!{cell}", string=cell)
        else:
            sheet.write_string(line, 0, fault.table, wrap)
        if sent is not None:
            sheet.write_number(line, 2, sent)
        for column, text in enumerate((fault.label, fault.value, fault.message), start=3):
            sheet.write_string(line, column, text, wrap)
    if get_language() == "ar":
        sheet.right_to_left()
    sheet.freeze_panes(3, 0)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)


def _in_order(found: Returned) -> Iterator[tuple]:
    yield from sorted(found.faults, key=lambda one: (one[3] is None, one[3] or 0))
