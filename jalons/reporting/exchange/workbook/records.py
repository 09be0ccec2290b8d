"""What a workbook holds once read, what differs from the programme, and what is wrong, with its place."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from jalons.core.errors import _
from jalons.reporting.exchange.workbook.specs import BY_NAME, FORMULAS, INDICATORS, REMOVE, Column, Sheet

Fields = dict[str, Any]
Content = dict[str, dict[tuple, Fields]]  # sheet -> key -> fields

UNKNOWN = _("« %(code)s » n’existe pas. Ajoutez sa ligne dans la feuille « %(sheet)s », ou corrigez le code.")
ADDED, CHANGED, REMOVED = "added", "changed", "removed"


@dataclass(frozen=True)
class Fault:
    """Something that a person must correct: where, what is wrong, what to do. `row` counts from 1, as in Excel."""

    sheet: str
    row: int
    column: int | None
    message: str
    values: dict[str, Any] = field(default_factory=dict)

    @property
    def text(self) -> str:
        return self.message % self.values if self.values else self.message

    @property
    def cell(self) -> str:
        """Name of the cell, "" when the whole row or sheet is at fault."""
        return f"{letters(self.column)}{self.row}" if self.column is not None and self.row else ""


@dataclass(frozen=True)
class Note:
    """Something that a person should know and that stops nothing."""

    sheet: str
    message: str
    values: dict[str, Any] = field(default_factory=dict)


@dataclass
class Row:
    """One row of a sheet: what it says, where it lies, and whether it asks for a removal."""

    fields: Fields
    number: int
    removes: bool = False


@dataclass
class Reading:
    """A workbook as read: rows by sheet and key, the place of its columns, faults and notes."""

    rows: dict[str, dict[tuple, Row]] = field(default_factory=dict)
    places: dict[str, dict[str, int]] = field(default_factory=dict)  # sheet -> field -> index of the column
    faults: list[Fault] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    failed: set[tuple[str, str]] = field(default_factory=set)  # sheet and code of the rows that are refused
    unread: list[tuple[str, Row]] = field(default_factory=list)  # rows with a cell that cannot be read, by sheet

    def fault_at(self, sheet: str, row: int, name: str | None, message: str, values: dict[str, Any]) -> Fault:
        """A fault on the cell of a field, or on the row when the field has no column."""
        own = name if name in (None, REMOVE) else BY_NAME[sheet].column(name).field
        column = self.places.get(sheet, {}).get(own)
        return Fault(sheet, row, column, message, values)


@dataclass(frozen=True)
class Difference:
    """One cell that changes."""

    column: Column
    before: Any
    after: Any


@dataclass
class Change:
    """One row that changes something: added, changed or removed."""

    sheet: str
    key: tuple
    kind: str
    before: Fields
    after: Fields
    row: int
    differences: list[Difference] = field(default_factory=list)

    @property
    def code(self) -> str:
        """What other rows call it."""
        return next((part for part in reversed(self.key) if part), "")

    @property
    def label(self) -> str:
        """What the row is known by, for a reader."""
        return " · ".join(str(part) for part in self.key if part)


@dataclass
class Plan:
    """What importing a workbook would do: changes, faults that forbid it, notes.

    idle: whole fields of the rows that change nothing themselves, by sheet and key.
    """

    changes: list[Change] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    idle: dict[tuple[str, tuple], Fields] = field(default_factory=dict)

    def of(self, sheet: str) -> list[Change]:
        return [change for change in self.changes if change.sheet == sheet]

    def count(self, sheet: str, kind: str) -> int:
        return sum(change.kind == kind for change in self.of(sheet))

    @property
    def mark(self) -> str:
        """Fingerprint of what would change: what a person confirms is what is done."""
        told = [(c.sheet, c.key, c.kind, [(d.column.field, d.before, d.after) for d in c.differences])
                for c in self.changes]  # fmt: skip
        return hashlib.sha256(repr(told).encode()).hexdigest()


def compare(current: Content, reading: Reading) -> Plan:
    """What the rows of a workbook would add, change and remove. A row or a column that is absent changes nothing."""
    plan = Plan(faults=list(reading.faults), notes=list(reading.notes))
    idle = []
    for name, rows in reading.rows.items():
        known = current.get(name, {})
        for key, row in rows.items():
            if change := _change(BY_NAME[name], key, row, known.get(key)):
                plan.changes.append(change)
            else:
                idle.append((BY_NAME[name], key, row, known.get(key)))
    plan.idle = {(sheet.name, key): known | row.fields for sheet, key, row, known in idle if known}
    reckoned = {change.key for change in plan.of(FORMULAS)}
    plan.notes += [note for sheet, key, row, known in idle if (note := _idle(sheet, row, known, key in reckoned))]
    return plan


def unknown_references(current: Content, reading: Reading) -> Iterator[Fault]:
    """Cells of the sheets as read that name a row which is nowhere, even in rows refused for another cell."""
    known = {name: {sheet.code_of(key) for key in [*current.get(name, {}), *reading.rows.get(name, {})]}
             for name, sheet in BY_NAME.items()}  # fmt: skip
    for name, code in reading.failed:
        known[name].add(code)
    whole = ((name, row) for name, rows in reading.rows.items() for row in rows.values())
    for name, row in [*whole, *reading.unread]:
        for column in BY_NAME[name].columns if not row.removes else ():
            told = row.fields.get(column.field) if column.refers else None
            codes = told if isinstance(told, tuple) else filter(None, [told])
            for code in codes:
                if code not in known[column.refers]:
                    yield reading.fault_at(name, row.number, column.field, UNKNOWN,
                                           {"code": code, "sheet": column.refers})  # fmt: skip


def _idle(sheet: Sheet, row: Row, known: Fields | None, reckoned: bool) -> Note | None:
    """What to say of a row that changes nothing and yet seemed to want something."""
    if row.removes:
        return Note(sheet.name, _("Ligne %(row)s : à supprimer, mais n’existe pas."), {"row": row.number})
    told = [column.field for column in sheet.columns if column.told and column.field in row.fields]
    if sheet.name != INDICATORS or reckoned or all(row.fields[name] in (None, "", known.get(name)) for name in told):
        return None
    message = _("Ligne %(row)s : la date ou le motif changent, pas la définition. Rien n’est enregistré.")
    return Note(sheet.name, message, {"row": row.number})


def _change(sheet: Sheet, key: tuple, row: Row, known: Fields | None) -> Change | None:
    if row.removes:
        return Change(sheet.name, key, REMOVED, known, {}, row.number) if known else None
    if known is None:
        after = {column.field: column.blank for column in sheet.columns} | row.fields
        return Change(sheet.name, key, ADDED, {}, after, row.number, list(_differences(sheet, {}, after)))
    after = known | row.fields
    differences = list(_differences(sheet, known, after))
    return Change(sheet.name, key, CHANGED, known, after, row.number, differences) if differences else None


def _differences(sheet: Sheet, before: Fields, after: Fields) -> Iterator[Difference]:
    for column in sheet.columns:
        old, new = (_said(fields.get(column.field), column) for fields in (before, after))
        if not column.told and _as_a_set(old) != _as_a_set(new):
            yield Difference(column, old, new)


def _as_a_set(value: Any) -> Any:
    """Several codes in one cell say the same in any order."""
    return frozenset(value) if isinstance(value, tuple) else value


def _said(value: Any, column: Column) -> Any:
    """What an empty cell means, when nothing is said."""
    return column.blank if value is None else value


def letters(index: int) -> str:
    """Letters of a column of a spreadsheet, from its index: 0 is A, 27 is AB."""
    name = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        name = chr(65 + rest) + name
    return name
