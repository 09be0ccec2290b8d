"""The values that people type for a period, as a sheet: what the page of each one asks, row by row."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db import transaction

from jalons.core.errors import Refused, _
from jalons.core.fields import translated
from jalons.core.levels import Level
from jalons.evidence.measurement.actions import type_value
from jalons.evidence.measurement.entry import asked_of, typed_periods
from jalons.evidence.measurement.forms import TypedValue
from jalons.foundation.programmes.models import Period, Programme
from jalons.planning.results.models import Indicator
from jalons.reporting.exchange.workbook import specs
from jalons.reporting.exchange.workbook.reader import read_workbook
from jalons.reporting.exchange.workbook.records import ADDED, Change, Content, Fields, Plan, Reading, compare
from jalons.reporting.exchange.workbook.writer import NOT_ASKED, write_workbook

FIGURES = ("number", "numerator", "denominator", "answered", "female", "male", "source", "text")
README = (
    "Valeurs à saisir",
    "Une ligne par indicateur, puis une par lieu et par groupe cible. Les cases grises ne sont pas demandées.",
    "Une case vide ne dit rien et n’efface rien : inconnu n’est pas zéro. Une valeur se retire sur sa page.",
    "La source et l’origine de la valeur se disent sur la ligne de l’ensemble, celle qui n’a ni lieu ni groupe.",
    "Importer ce classeur montre d’abord ce qui changerait ; rien ne change avant votre confirmation.",
    "Les valeurs arrivent en brouillon, à votre nom ; une autre personne les vérifie.",
    "Une ligne absente ne change rien.",
)
Key = tuple[str, ...]
Place = tuple[str, str, str]  # code of the place, code of the group, column


@dataclass
class Entry:
    """One value to type: an indicator, a period, and what its page would ask of this person."""

    indicator: Indicator
    period: Period
    person: Any
    programme: Programme
    form: TypedValue = field(init=False)

    def __post_init__(self) -> None:
        self.asked = asked_of(self.person, self.indicator, self.period)
        self.form = TypedValue(asked=self.asked)

    @property
    def is_open(self) -> bool:
        """Whether this person types something here: no form measures it, and it is not kept from their region."""
        reached = self.asked.places or self.asked.is_in_words or not self.asked.narrowed
        return not self.asked.version.formula and bool(reached)

    @cached_property
    def names(self) -> dict[Place, str]:
        """The field of the page that each cell fills."""
        codes = {str(place.pk): place.code for place in self.asked.places}
        found = {}
        for name in self.form.fields:
            kind, _sign, rest = name.partition("_")
            one, _sign, column = rest.rpartition("_")
            if kind == "place":
                found[codes[one], "", column] = name
            elif kind == "group":
                found["", one, column] = name
            elif name in FIGURES:
                found["", "", name] = name
        return found

    def key(self, place: str, group: str) -> Key:
        return (self.programme.code, self.period.code, self.indicator.code, place, group)

    def rows(self) -> Iterator[Fields]:
        """What is known today, in the order of the page, the whole first."""
        named = {("", ""): self.indicator.title}
        named |= {(place.code, ""): str(place) for place in self.asked.places}
        named |= {("", group["code"]): translated(group["label"]) for group in self.asked.groups}
        for (place, group), what in named.items():
            own = dict(zip(specs.TYPED.key, self.key(place, group), strict=True))
            columns = {column: self.names.get((place, group, column)) for column in FIGURES}
            told = {column: _said(self.form.initial.get(name), column) for column, name in columns.items()}
            blank = {NOT_ASKED: [column for column, name in columns.items() if name is None]}
            yield {**own, "what": what, "unit": self.indicator.unit, **told, **blank}

    def typed(self, cells: dict[Place, Any]) -> TypedValue:
        """The page filled in with what was known, then with what the rows say."""
        filled = {name: _answer(self.form.initial.get(name)) for name in self.form.fields}
        filled |= {self.names[cell]: _answer(value) for cell, value in cells.items()}
        return TypedValue(filled, asked=self.asked)


def entries(programme: Programme, periods: Iterable[Period], by: Any) -> list[Entry]:
    """The values that a person may type in a programme, for some periods."""
    rows = Indicator.objects.for_user(by, Level.EDIT, app="measurement").filter(
        result__programme=programme, current__isnull=False
    )
    order = ("result__position", "result__code", "position", "code")
    found = rows.select_related("current", "result__programme").prefetch_related("versions").order_by(*order)
    every = (Entry(indicator, period, by, programme) for period in periods for indicator in found)
    return [entry for entry in every if entry.is_open]


def template(programme: Programme, period: Period, by: Any) -> bytes:
    """The workbook of a period, for this person to fill in."""
    return write_workbook(_content(entries(programme, [period], by)), (specs.TYPED,), README)


def check_values(*, content: bytes, programme: Programme, by: Any) -> Plan:
    """What importing a workbook of values would do: tried for good, then undone."""
    with transaction.atomic():
        plan = _performed(content, programme, by)
        transaction.set_rollback(True)
    return plan


@transaction.atomic
def import_values(*, content: bytes, programme: Programme, by: Any, mark: str = "") -> Plan:
    """Type what the rows say, each value as its page does, all or nothing.

    Error: Refused when anything is wrong in them, or no longer as it was shown.
    """
    plan = _performed(content, programme, by)
    if mark and plan.mark != mark:
        raise Refused(_("Les valeurs ont changé depuis cet aperçu. Relisez ce qui changerait, puis confirmez."))
    if plan.faults:
        first = plan.faults[0]
        raise Refused(
            _("Rien n’a été changé. Points à corriger dans le classeur : %(count)s. Le premier, feuille %(sheet)s, "
              "ligne %(row)s : %(reason)s"),
            count=len(plan.faults), sheet=first.sheet, row=first.row, reason=first.text,
        )  # fmt: skip
    return plan


def _performed(content: bytes, programme: Programme, by: Any) -> Plan:
    reading = read_workbook(content, (specs.TYPED,))
    _leave_blanks(reading)
    codes = {key[1] for key in reading.rows.get(specs.VALUES, {})}
    found = entries(programme, typed_periods(programme).filter(code__in=codes), by)
    current = _content(found)
    plan = compare(current, reading)
    strange = [change for change in plan.changes if change.kind == ADDED and _says_something(change.after)]
    plan.changes = [change for change in plan.changes if change.kind != ADDED]
    plan.faults += [_stranger(reading, change, set(current[specs.VALUES])) for change in strange]
    for entry in found:
        changes = [change for change in plan.changes if change.key[:3] == entry.key("", "")[:3]]
        if changes:
            _type(entry, changes, plan, reading)
    for change in plan.changes:
        if not _says_something(change.before):
            change.kind = ADDED
    return plan


def _leave_blanks(reading: Reading) -> None:
    """A blank cell says nothing: what is known stays, whenever the workbook was taken away."""
    for row in reading.rows.get(specs.VALUES, {}).values():
        row.fields = {name: told for name, told in row.fields.items()
                      if name not in FIGURES or told not in (None, "")}  # fmt: skip


def _type(entry: Entry, changes: list[Change], plan: Plan, reading: Reading) -> None:
    """Type one value; what its page would refuse is said on its cell."""
    cells = {(*change.key[3:], d.column.field): d.after for change in changes for d in change.differences}
    if strange := [cell for cell in cells if cell not in entry.names]:
        message = _("Rien n’est demandé dans cette case. Videz-la.")
        plan.faults += [_fault(entry, changes, reading, cell, message) for cell in strange]
        return
    form, places = entry.typed(cells), {name: cell for cell, name in entry.names.items()}
    if not form.is_valid():
        wrong = [(places.get(name), error) for name, errors in form.errors.items() for error in errors]
        plan.faults += [_fault(entry, changes, reading, cell, str(error)) for cell, error in wrong]
        return
    try:
        with transaction.atomic():
            type_value(indicator=entry.indicator, period=entry.period, said=form.said(), by=entry.person)
    except Refused as refusal:
        cell = places.get(refusal.field or "")
        plan.faults.append(_fault(entry, changes, reading, cell, refusal.message, refusal.values))


def _fault(entry: Entry, changes: list[Change], reading: Reading, cell: Place | None, message: str,
           values: dict[str, Any] | None = None) -> Any:  # fmt: skip
    """A fault on a cell, or on the first row that changes when the cell has none in this file."""
    row = reading.rows[specs.VALUES].get(entry.key(*cell[:2])) if cell else None
    number, name = (row.number, cell[2]) if row else (changes[0].row, cell and cell[2])
    return reading.fault_at(specs.VALUES, number, name, message, values or {})


def _stranger(reading: Reading, change: Change, known: set[Key]) -> Any:
    """A row that this person is not asked, on the first of its codes that leads nowhere."""
    place = next(n for n in range(len(change.key)) if not any(key[: n + 1] == change.key[: n + 1] for key in known))
    message = _("« %(code)s » n’est pas à saisir ici par vous. Partez du modèle de ce programme et de cette période.")
    values = {"code": change.key[place] or "–"}
    return reading.fault_at(specs.VALUES, change.row, specs.TYPED.key[place], message, values)


def _says_something(row: Fields) -> bool:
    """Whether a row holds more than the source that its indicator always has."""
    return any(row.get(name) not in (None, "") for name in FIGURES if name != "source")


def _content(found: Iterable[Entry]) -> Content:
    return {specs.VALUES: {specs.TYPED.key_of(row): row for entry in found for row in entry.rows()}}


def _said(value: Any, column: str) -> Any:
    if column in ("source", "text"):
        return value or ""
    return None if value is None else Decimal(str(value))


def _answer(value: Any) -> str:
    return "" if value is None else format(value, "f") if isinstance(value, Decimal) else str(value)
