"""A workbook as people send it, read into records; what cannot be read is said cell by cell."""

from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, Decimal
from functools import cached_property
from typing import Any

from jalons.core.errors import Refused, _
from jalons.planning.results.rules.heads import fold
from jalons.reporting.exchange.workbook import specs
from jalons.reporting.exchange.workbook.cells import YES, read
from jalons.reporting.exchange.workbook.formulas import unreckoned
from jalons.reporting.exchange.workbook.opening import cells, open_book
from jalons.reporting.exchange.workbook.records import Fields, Note, Reading, Row, letters
from jalons.reporting.exchange.workbook.specs import Column, Sheet

HEAD_WITHIN = 10  # rows in which the heads are looked for
UNRECKONED = _("Cette cellule contient une erreur, ou une formule sans résultat. Remplacez-la par sa valeur : copier, "
               "puis coller les valeurs.")  # fmt: skip
_OURS = {fold(name) for name in (specs.README, specs.LISTS, specs.FAULTS)}


def read_workbook(content: bytes, sheets: tuple[Sheet, ...] = specs.SHEETS) -> Reading:
    """Everything that a workbook says in these sheets; columns may come in any order."""
    ours = {fold(sheet.name): sheet for sheet in sheets}
    book, reading = open_book(content), Reading()
    hidden = unreckoned(content)
    for name in book.sheet_names:
        if known := ours.get(fold(name)):
            SheetReader(known, reading, hidden.get(name, set())).read(cells(book, name))
        elif fold(name) not in _OURS:
            reading.notes.append(Note(name, _("Feuille inconnue : elle n’est pas lue.")))
    if not reading.places:
        raise Refused(
            _("Aucune feuille n’est reconnue. Partez du modèle vide : ses feuilles s’appellent %(sheets)s."),
            sheets=", ".join(sheet.name for sheet in sheets),
        )
    return reading


@dataclass
class SheetReader:
    """Reads one sheet into a reading."""

    sheet: Sheet
    reading: Reading
    hidden: set[str] = field(default_factory=set)  # cells that show nothing although something is in them
    columns: dict[int, Column] = field(default_factory=dict)
    removal: int | None = None

    @cached_property
    def heads(self) -> dict[str, Column]:
        """What each folded head names."""
        return {fold(head): column for column in self.sheet.columns for head in (column.head, column.formerly) if head}

    def read(self, rows: list[list]) -> None:
        known = set(self.heads)
        heads = (n for n, row in enumerate(rows[:HEAD_WITHIN]) if sum(fold(cell) in known for cell in row) > 1)
        if (first := next(heads, None)) is None:
            if any(_filled(row) for row in rows):
                self.fault(1, None, _("Les titres des colonnes ne sont pas reconnus. Reprenez ceux du modèle."))
            return
        self.find_columns(rows[first], first + 1)
        if self.has_key(first + 1):
            for number, row in enumerate(rows[first + 1 :], start=first + 2):
                if _filled(row):
                    self.read_row(number, row)

    def find_columns(self, row: list, number: int) -> None:
        places, strange = self.reading.places.setdefault(self.sheet.name, {}), []
        for place, head in enumerate(row):
            column = self.heads.get(fold(head))
            if fold(head) == fold(specs.REMOVE):
                self.removal = places[specs.REMOVE] = place
            elif column and column.field in places:
                self.fault(number, column.field, _("La colonne « %(head)s » est là deux fois."), head=column.head)
            elif column:
                self.columns[place], places[column.field] = column, place
            elif fold(head):
                strange.append(str(head).strip())
        if strange:
            self.note(_("Colonnes inconnues, non lues : %(columns)s."), columns=", ".join(strange))

    def has_key(self, number: int) -> bool:
        """Whether the columns without which a row cannot be told from another are all there."""
        present = {column.field for column in self.columns.values()}
        lacking = [self.sheet.column(name).head for name in self.sheet.key if name not in present]
        if lacking:
            self.fault(number, None, _("Il manque la colonne « %(head)s ». Ajoutez-la."), head=lacking[0])
        return not lacking

    def read_row(self, number: int, row: list) -> None:
        removes = self.removal is not None and YES.get(fold(row[self.removal]), False)
        if removes and self.sheet.kept:
            self.fault(number, None, _("Un programme ne se supprime pas depuis un classeur."))
            return
        fields, wrong = self.fields(number, row, removes)
        if wrong:
            codes = [fields.get(name) for name in self.sheet.key]
            self.reading.failed.add((self.sheet.name, next(filter(None, reversed(codes)), "")))
            self.reading.unread.append((self.sheet.name, Row(fields, number, removes)))
            return
        key = self.sheet.key_of(fields)
        rows = self.reading.rows.setdefault(self.sheet.name, {})
        if key in rows:
            message = _("Cette ligne répète la ligne %(other)s. Gardez-en une seule.")
            self.fault(number, self.sheet.key[-1], message, other=rows[key].number)
        else:
            rows[key] = Row(fields, number, removes)

    def fields(self, number: int, row: list, removes: bool) -> tuple[Fields, bool]:
        """What the cells of a row say, and whether one of them is wrong. A row to remove only needs its key."""
        found, wrong = {}, False
        for place, column in self.columns.items():
            if removes and column.field not in (*self.sheet.key, "level"):
                continue
            try:
                if row[place] == "" and f"{letters(place)}{number}" in self.hidden:
                    raise Refused(UNRECKONED)
                value = self.rounded(column, number, read(column, row[place]))
                if column.required and value == "":
                    raise Refused(_("« %(head)s » est nécessaire. Complétez la cellule."), head=column.head)
                if not (column.kind == specs.RANK and value is None):
                    found[column.field] = value
            except Refused as refusal:
                wrong = True
                self.fault(number, column.field, refusal.message, **refusal.values)
        return found, wrong

    def rounded(self, column: Column, number: int, value: Any) -> Any:
        if not isinstance(value, Decimal) or -value.as_tuple().exponent <= column.decimals:
            return value
        rounded = value.quantize(Decimal(1).scaleb(-column.decimals), ROUND_HALF_EVEN)
        if rounded != value:
            message = _("Ligne %(row)s, « %(head)s » : %(value)s est arrondi à %(rounded)s.")
            self.note(message, row=number, head=column.head, value=value, rounded=rounded)
        return rounded

    def fault(self, row: int, name: str | None, message: str, **values: Any) -> None:
        self.reading.faults.append(self.reading.fault_at(self.sheet.name, row, name, message, values))

    def note(self, message: str, **values: Any) -> None:
        self.reading.notes.append(Note(self.sheet.name, message, values))


def _filled(row: list) -> bool:
    return any(cell != "" and str(cell).strip() for cell in row)
