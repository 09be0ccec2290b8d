"""Which rows of the typed tables of a form a person asks for, among those open to them: what pages and exports read."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from django.conf import settings
from django.db import connection
from psycopg import sql

from jalons.collection.forms.models import Form
from jalons.collection.forms.queries import Field, fields
from jalons.collection.forms.rules.proposals import DIRECT, INDIRECT, NO
from jalons.collection.forms.rules.results import DAY, NUMBER, SQL_TYPES, WHOLE
from jalons.collection.submissions import projection
from jalons.collection.submissions.models import Submission
from jalons.collection.submissions.rules import filters as rules
from jalons.collection.submissions.rules.filters import Filter
from jalons.core.scope import reaches, sees_identities
from jalons.foundation.accounts.models import User

STATES = (Submission.State.RECEIVED, Submission.State.VALIDATED)  # shown unless another is asked for
SEEN = {"none": {NO}, "indirect": {NO, INDIRECT}, "all": {NO, INDIRECT, DIRECT}}  # what is kept -> degrees
ROW, MOST = sql.Identifier("r"), 5_000
# results of calculations that PostgreSQL casts without a fault
RESULTS = {
    NUMBER: r"^ *-?([0-9]{1,60}(\.[0-9]{0,60})?|\.[0-9]{1,60})([eE][-+]?[0-9]{1,2})? *$",
    WHOLE: r"^ *-?[0-9]{1,18} *$",
    DAY: r"^[12][0-9]{3}-((0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])|(0[13-9]|1[0-2])-(29|30)|(0[13578]|1[02])-31)$"
         r"|^[12][0-9](0[48]|[2468][048]|[13579][26])-02-29$|^2000-02-29$",
}  # fmt: skip


@dataclass(frozen=True)
class Selection:
    """The rows of a form that a person asks for.

    identities: how much is read of what identifies people: none, indirect, all; never more than their right.
    asked:      filters as an address holds them; on questions that they may read only.
    """

    form: Form
    user: User
    identities: str = "all"
    states: tuple[str, ...] = STATES
    start: date | None = None
    end: date | None = None
    asked: tuple[str, ...] = ()

    @cached_property
    def sees_identities(self) -> bool:
        """Whether this person reads identities in every row of the form that is open to them."""
        return sees_identities(self.user, "submissions", self.form.programme_id)

    @cached_property
    def tables(self) -> dict[str, projection.Target]:
        return projection.readable(self.form)

    @cached_property
    def all_fields(self) -> dict[str, list[Field]]:
        return fields(self.form)

    @cached_property
    def fields(self) -> dict[str, list[Field]]:
        """The questions that may be read, by table: those that identify are absent for who may not know."""
        seen = SEEN[self.identities] if self.sees_identities else SEEN["none"]
        return {
            table: [f for f in found if f.degree in seen and f.question.column in self.tables[table].columns]
            for table, found in self.all_fields.items()
            if table in self.tables
        }

    @cached_property
    def natures(self) -> dict[tuple[str, str], str]:
        """What may be asked of each question; of one that identifies, only whether it is answered: values are kept
        out of addresses and of what an export says of itself."""
        return {
            (table, f.question.column): rules.FILE if f.is_personal else nature_of(f)
            for table, found in self.fields.items()
            for f in found
        }

    @cached_property
    def filters(self) -> list[Filter]:
        """Error: Refused on one that cannot be read, or on a question that this person may not read."""
        return [rules.read(text, self.natures) for text in self.asked[: rules.MOST]]

    def field(self, place: str) -> Field | None:
        """A question that may be read, by its column, after the name of its repeat and a dot."""
        table, _dot, column = place.rpartition(".")
        return next((f for f in self.fields.get(table, ()) if f.question.column == column), None)

    def hidden(self, table: str) -> list[str]:
        """Columns that may not be read: they are told neither as asked nor as not asked."""
        shown = {f.question.column for f in self.fields.get(table, ())}
        return [column for column in self.tables[table].columns if column not in shown]

    def where(self) -> sql.Composed:
        """The condition on rows "r" of the form's own table."""
        return sql.SQL(" and ").join([
            sql.SQL("r._until = 'infinity'"), self._states(), *self._scope(), *self._period(),
            *(self._condition(one) for one in self.filters),
        ])  # fmt: skip

    def _states(self) -> sql.Composable:
        return sql.SQL("r._state = any({})").format(sql.Literal([str(state) for state in self.states]))

    def _scope(self) -> Iterable[sql.Composable]:
        if (None, None) not in reaches(self.user, "submissions", self.form.programme_id):
            open_to = Submission.objects.for_user(self.user).filter(form=self.form).order_by().values("pk")
            text = connection.ops.compose_sql(*open_to.query.sql_with_params())
            yield sql.SQL("r._submission in ({})").format(sql.SQL(text))

    def _period(self) -> Iterable[sql.Composable]:
        if self.start:
            yield sql.SQL("r._date >= {}").format(sql.Literal(self.start))
        if self.end:
            yield sql.SQL("r._date <= {}").format(sql.Literal(self.end))

    def _condition(self, asked: Filter) -> sql.Composable:
        found = self.field(f"{asked.table}.{asked.column}" if asked.table else asked.column)
        nature = self.natures[asked.table, asked.column]
        if not asked.table:
            return condition(asked, nature, ROW, typed(found, ROW))
        inner = condition(asked, nature, row := sql.Identifier("x"), typed(found, row))
        return sql.SQL(
            "exists (select 1 from {} x where x._submission = r._submission and x._until = r._until and {})"
        ).format(self.tables[asked.table].identifier, inner)

    def joined(self, table: str) -> sql.Composable:
        """Rows "r" of the form, with rows "x" of one of its repeats."""
        root = self.tables[""].identifier
        if not table:
            return sql.SQL("{} r").format(root)
        text = "{} r join {} x on x._submission = r._submission and x._until = r._until"
        return sql.SQL(text).format(root, self.tables[table].identifier)

    def count(self, most: int = MOST) -> tuple[int, bool]:
        """How many, and whether counting stopped at the limit."""
        if "" not in self.tables:
            return 0, False
        query = sql.SQL("select count(*) from (select 1 from {} r where {} limit {}) n")
        found = read(query.format(self.tables[""].identifier, self.where(), sql.Literal(most + 1)))[0][0]
        return min(found, most), found > most


def nature_of(field: Field) -> str:
    """What can be asked of the answers to a question."""
    return rules.nature(field.question.kind, field.told_as, bool(field.choices))


def typed(found: Field, row: sql.Identifier) -> sql.Composable:
    """The answers to a question; the result of a calculation that is a number or a day as such, nothing when it
    is not one (NaN)."""
    column = sql.SQL("{}.{}").format(row, sql.Identifier(found.question.column))
    if not found.gives:
        return column
    template = sql.SQL("case when {0} ~ {1} then {0}::{2} end")
    return template.format(column, sql.Literal(RESULTS[found.gives]), sql.SQL(SQL_TYPES[found.gives]))


def condition(asked: Filter, nature: str, row: sql.Identifier, told: sql.Composable) -> sql.Composable:
    """One filter on one row. told: what is compared; whether there is an answer is asked of the column itself."""
    column = told if asked.values else sql.SQL("{}.{}").format(row, sql.Identifier(asked.column))
    values = list(asked.values)
    if asked.operator == "not_asked":
        return sql.SQL("{} = any({}._not_asked)").format(sql.Literal(asked.column), row)
    if asked.operator == "between":
        return _between(column, nature, *values)
    template = {
        "answered": "{0} is not null",
        "empty": "{0} is null",
        "in": "{0} = any({1})",
        "not_in": "{0} <> all({1})",
        "has": "{0} && {1}::text[]",
        "has_not": "not {0} && {1}::text[]",
        "is": "{0} = {2}",
        "contains": "strpos(public.jalons_fold({0}), public.jalons_fold({2})) > 0",
    }[asked.operator]
    first = values[0] if values else None
    return sql.SQL(template).format(column, sql.Literal(values), sql.Literal(first))


def _between(column: sql.Composable, nature: str, low: Any, high: Any) -> sql.Composable:
    value, parts = (local_day(column) if nature == rules.MOMENT else column), []
    if low is not None:
        parts.append(sql.SQL("{} >= {}").format(value, sql.Literal(low)))
    if high is not None:
        parts.append(sql.SQL("{} <= {}").format(value, sql.Literal(high)))
    return sql.SQL(" and ").join(parts)


def local_day(moment: sql.Composable) -> sql.Composable:
    """The day of a moment where the programme is."""
    return sql.SQL("({} at time zone {})::date").format(moment, sql.Literal(settings.TIME_ZONE))


def read(query: sql.Composable) -> list[tuple]:
    """The rows of a query, at once."""
    with connection.cursor() as cursor:
        cursor.execute(query.as_string(connection.connection))
        return cursor.fetchall()
