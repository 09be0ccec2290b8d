"""The tables of an export, whatever its format: what each column is called, holds, and how it is read."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _
from psycopg import sql

from jalons.collection.forms.queries import Field
from jalons.collection.submissions.models import Submission
from jalons.collection.submissions.rules import filters as rules
from jalons.collection.submissions.selection import Selection, nature_of, read, typed
from jalons.core.cells import listed
from jalons.core.fields import translated
from jalons.foundation.territories.models import Territory

BOTH, CODES, COLUMNS = "both", "codes", "columns"  # several choices: in one column, in one for each, or both
YES, WHOLE = "yes", "whole"  # natures that only columns have: one choice of several, a whole number
MOST = 1_600  # columns that PostgreSQL reads at once
AT_ONCE = 2_000  # rows
PICKED = """
create temporary table export_picked on commit drop as
select r._submission, r._version, r._until, r._state, s.instance_id, v.number, f.version as form_version, s.created_at,
       t.code as territory, p.code as province, g.code as region
  from {root} r
  join submissions_submission s on s.id = r._submission
  join submissions_submissionversion v on v.id = r._version
  join forms_formversion f on f.id = v.form_version_id
  left join territories_territory t on t.id = r._territory
  left join territories_territory p on p.id = r._province
  left join territories_territory g on g.id = r._region
 where {where}
"""


@dataclass(frozen=True)
class Column:
    """One column. head: its name; label: the same in words; labels: code -> words, of its choices.

    expression: reads the typed row "r" and the picked submission "p"; choice: the code that it tells chosen or not.
    """

    head: str
    label: str
    expression: sql.Composable
    nature: str
    asked: Field | None = None
    choice: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Table:
    """The form itself (name "") or one of its repeats: a row per submission, or per row of the repeat."""

    name: str
    title: str
    columns: list[Column]
    source: sql.Composable

    def query(self, expressions: list[sql.Composable] | None = None) -> sql.Composed:
        columns = expressions or [column.expression for column in self.columns]
        order = sql.SQL("order by p._submission, r._row")
        return sql.SQL("select {} {} {}").format(sql.SQL(", ").join(columns), self.source, order)

    def rows(self) -> Iterator[tuple]:
        """The rows, read as they are asked for: memory does not grow with their number."""
        with connection.connection.cursor(name="export_rows") as cursor:
            cursor.itersize = AT_ONCE
            cursor.execute(self.query().as_string(connection.connection))
            yield from cursor

    @cached_property
    def count(self) -> int:
        return read(sql.SQL("select count(*) {}").format(self.source))[0][0]


@dataclass(frozen=True)
class Dataset:
    """What an export reads: a selection, and how its several choices are told."""

    selection: Selection
    choices: str = BOTH

    def pick(self) -> int:
        """Fix which submissions are exported, in which version; how many."""
        root = self.selection.tables[""].identifier
        with connection.cursor() as cursor:
            cursor.execute("drop table if exists export_picked")
            query = sql.SQL(PICKED).format(root=root, where=self.selection.where())
            cursor.execute(query.as_string(connection.connection))
            cursor.execute("create index on export_picked (_submission)")
            cursor.execute("analyze export_picked")
        return read(sql.SQL("select count(*) from export_picked"))[0][0]

    def moved(self) -> int:
        """How many submissions were changed by others while they were read: their rows may be missing from a table."""
        query = """select count(*) from export_picked p where not exists
            (select 1 from {} r where r._submission = p._submission and r._until = p._until
             and r._version = p._version)"""
        return read(sql.SQL(query).format(self.selection.tables[""].identifier))[0][0]

    @cached_property
    def tables(self) -> list[Table]:
        return [self._table(name) for name in self.selection.tables]

    @cached_property
    def places(self) -> dict[str, str]:
        found = Territory.objects.for_user(self.selection.user).values_list("code", "name")
        return {code: translated(name) for code, name in found}

    @property
    def hidden(self) -> list[str]:
        """Questions that are not in it, for they identify."""
        shown = {f.question.pk for found in self.selection.fields.values() for f in found}
        every = [f for found in self.selection.all_fields.values() for f in found]
        return [f.question.name for f in every if f.is_personal and f.question.pk not in shown]

    def splits(self, table: str) -> bool:
        """Whether each choice of several has a column: never so many that PostgreSQL could not read them at once."""
        found = self.selection.fields[table]
        return self.choices != CODES and len(found) + sum(len(f.choices) for f in found if several(f)) + 20 <= MOST

    @property
    def together(self) -> list[str]:
        """Tables whose several choices were asked for in a column each, and have too many of them to be given so."""
        asked = self.choices != CODES
        return [t.title for t in self.tables if asked and not self.splits(t.name) and any(map(several, self._of(t)))]

    @cached_property
    def odd(self) -> dict[str, list[str]]:
        """Calculations whose results should be numbers or days and are not all: they are given as texts, by table."""
        found = {}
        for table in self.selection.tables:
            alias = sql.Identifier("x" if table else "r")
            asked = [f for f in self.selection.fields[table] if f.gives]
            parts = [
                sql.SQL("bool_or({0} is not null and {0} <> 'NaN' and {1} is null)").format(
                    sql.SQL("{}.{}").format(alias, sql.Identifier(f.question.column)), typed(f, alias)
                )
                for f in asked
            ]
            if parts:
                query = sql.SQL("select {} from {} where {}")
                (told,) = read(query.format(sql.SQL(", ").join(parts), self.selection.joined(table),
                                            self.selection.where()))  # fmt: skip
                found[table] = [f.question.column for f, is_odd in zip(asked, told, strict=True) if is_odd]
        return found

    def _of(self, table: Table) -> list[Field]:
        return self.selection.fields[table.name]

    def _table(self, name: str) -> Table:
        target, root = self.selection.tables[name].identifier, self.selection.tables[""].identifier
        joined = "join {table} r on r._submission = p._submission and r._until = p._until"
        text = f"from export_picked p {joined}"
        before, after = self._row() if name else self._submission(), self._blanks(name)
        heads = Counter(f.question.name for f in self.selection.fields[name])
        ours = {column.head for column in (*before, *after)}
        asked = [column for f in self.selection.fields[name] for column in self._columns(f, head(f, heads, ours), name)]
        columns = [*before, *asked, *after]
        return Table(name, name or self.selection.form.code, columns, sql.SQL(text).format(table=target, root=root))

    def _columns(self, found: Field, name: str, table: str) -> Iterator[Column]:
        if found.gives and found.question.column in self.odd.get(table, ()):
            found = replace(found, gives="")
        expression = typed(found, sql.Identifier("r"))
        labels = {code: translated(labels) or code for code, labels in found.choices.items()}
        parts = several(found) and self.splits(table)
        if not (parts and self.choices == COLUMNS):
            nature = WHOLE if found.told_as == "bigint" else nature_of(found)
            yield Column(name, found.label, expression, nature, found, labels=labels)
        for code in found.choices if parts else ():
            chosen = sql.SQL("({} = any({}))::int").format(sql.Literal(code), expression)
            yield Column(f"{name}/{code}", f"{found.label} · {labels[code]}", chosen, YES, found, code)

    def _submission(self) -> list[Column]:
        states = {str(code): str(label) for code, label in Submission.State.choices}
        return [
            system("_id", _("identifiant d’instance"), "p.instance_id", rules.TEXT),
            system("_submission", _("numéro dans Jalons"), "p._submission", WHOLE),
            system("_version", _("version de la soumission"), "p.number", WHOLE),
            system("_form_version", _("version du formulaire"), "p.form_version", rules.TEXT),
            Column("_state", _("état"), sql.SQL("p._state"), rules.ONE, labels=states),
            system("_received", _("reçue le"), "p.created_at", rules.MOMENT),
            system("_date", _("date"), "r._date", rules.DAY),
            *(
                Column(f"_{name}", label, sql.SQL(f"p.{name}"), rules.ONE, labels=self.places)
                for name, label in (
                    ("territory", _("territoire")),
                    ("province", _("province")),
                    ("region", _("région")),
                )
            ),
        ]

    def _row(self) -> list[Column]:
        return [
            system("_id", _("identifiant d’instance"), "p.instance_id", rules.TEXT),
            system("_submission", _("numéro dans Jalons"), "p._submission", WHOLE),
            system("_row", _("ligne de la répétition, à partir de 1"), "r._row + 1", WHOLE),
            system("_parent_row", _("ligne qui la contient, à partir de 1"), "r._parent + 1", WHOLE),
        ]

    def _blanks(self, table: str) -> list[Column]:
        """Why an answer is absent; nothing is said of questions that may not be read."""
        hidden = self.selection.hidden(table)
        return [
            Column(name, label, without(f"r.{name}", hidden), rules.SEVERAL)
            for name, label in (("_not_asked", _("questions non posées")),
                                ("_maybe_asked", _("questions dont on ne sait si elles ont été posées")))
        ]  # fmt: skip


def cell(column: Column, value: Any, *, in_words: bool) -> Any:
    """A value as a file holds it: codes, or what they mean; nothing when there is no answer."""
    if value is None:
        return None
    if column.nature == rules.SEVERAL:
        return listed(column.labels.get(code, code) for code in value) if in_words else " ".join(value)
    if not in_words:
        return value
    if column.nature == YES:
        return _("oui") if value else _("non")
    return column.labels.get(value, value) if column.nature == rules.ONE else value


def head(found: Field, often: Counter, ours: set[str]) -> str:
    """What the column of a question is called: its name; its path when others have it; not one of our own columns."""
    name = found.question.name if often[found.question.name] == 1 else found.question.path
    return f"q{name}" if name in ours else name


def several(found: Field) -> bool:
    return found.question.kind == "select_multiple" and found.sql_type == "text[]"


def system(head: str, label: str, expression: str, nature: str) -> Column:
    return Column(head, label, sql.SQL(expression), nature)


def without(expression: str, names: list[str]) -> sql.Composable:
    """An array without some of its texts."""
    found: sql.Composable = sql.SQL(expression)
    for name in names:
        found = sql.SQL("array_remove({}, {})").format(found, sql.Literal(name))
    return found
