"""One import under way: for whom, into which programme, and the rows it names by their codes."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.db.models import Model

from jalons.core.errors import Refused
from jalons.foundation.programmes.models import Programme
from jalons.planning.results.checking import Check, checker
from jalons.reporting.exchange.workbook.records import UNKNOWN, Change, Fields, Note, Reading


class Missing(Refused):
    """A row names another that is not there; it follows from a fault of that other row when it has one."""

    def __init__(self, sheet: str, code: str, name: str) -> None:
        super().__init__(UNKNOWN, field=name, code=code, sheet=sheet)
        self.sheet, self.code = sheet, code


class Several(Refused):
    """All that one step refuses."""

    def __init__(self, refusals: list[Refused]) -> None:
        super().__init__(refusals[0].message, **refusals[0].values)
        self.refusals = refusals


@dataclass
class Run:
    """What the steps of an import share.

    programme: None until its row has created it. idle, notes: those of the plan.
    """

    by: Any
    reading: Reading
    programme: Programme | None
    idle: dict[tuple[str, tuple], Fields] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)
    known: dict[tuple, Model] = field(default_factory=dict)

    @cached_property
    def check_formula(self) -> Check:
        """What keeps a formula of the programme from being measured."""
        return checker(self.programme)

    def find(self, model: type[Model], sheet: str, name: str, **lookup: Any) -> Model:
        """The row that a code names, read once; refused on the cell `name` when there is none."""
        key = (model, *sorted(lookup.items()))
        if key not in self.known:
            row = model.objects.filter(**lookup).first()
            if row is None:
                raise Missing(sheet, list(lookup.values())[-1], name)
            self.known[key] = row
        return self.known[key]

    def remember(self, row: Model, **lookup: Any) -> None:
        """Keep a row read with others, so that `find` need not read it alone."""
        self.known[(type(row), *sorted(lookup.items()))] = row

    def fresh(self, model: type[Model], change: Change, **lookup: Any) -> Model:
        """The row that a change is about, or a new one."""
        return (change.before and model.objects.filter(**lookup).first()) or model(**lookup)

    def forget(self, model: type[Model]) -> None:
        """Read again the rows of a model that a step has just changed."""
        self.known = {key: row for key, row in self.known.items() if key[0] is not model}


def fill(row: Model, fields: Fields, *names: str) -> Model:
    """Give a row its fields; columns of one text in several languages are put together again."""
    for name in names:
        setattr(row, name, gathered(fields, name))
    return row


def gathered(fields: Fields, name: str) -> Any:
    """A field, or the text in several languages that its columns make; None when they are all empty."""
    parts = {path.split(".")[1]: text for path, text in fields.items() if path.startswith(f"{name}.") and text}
    if name not in fields:
        return parts or None
    return list(fields[name]) if isinstance(fields[name], tuple) else fields[name]
