"""Typed tables that indicators are computed from: one per form and one per repeat, in the schema `projection`.

A submission has there the rows of its latest version, in its state; and, closed, those of the versions that
counted before, from when to when: what was computed then can be computed again. While a correction is reviewed, its
rows wait beside those that count: they end before all time.
They hold nothing that is not in the submissions and in their history: `rebuilding.rebuild` makes them again.
"""

import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple
from zlib import crc32

from django.conf import settings
from django.db import connection
from psycopg import sql

from jalons.collection.forms.models import Form
from jalons.collection.forms.queries import schema as columns_of
from jalons.collection.submissions.rules.checks import Asked
from jalons.collection.submissions.rules.columns import names, writer
from jalons.collection.submissions.rules.schema import Schema
from jalons.collection.submissions.rules.territory import Lineage
from jalons.core.errors import Refused, _

SCHEMA = "projection"
LONGEST = 63  # PostgreSQL cuts identifiers beyond it, silently
MOST_COLUMNS = 1_500
COUNTS, CLOSED = "validated", "closed"  # states of the rows that count, and of those that counted
SYSTEM = {
    "_submission": "bigint not null",
    "_version": "bigint not null",
    "_row": "integer not null",
    "_parent": "integer",
    "_state": "text not null",
    "_date": "date",
    "_territory": "bigint",
    "_province": "bigint",
    "_region": "bigint",
    "_country": "bigint",
    "_not_asked": "text[] not null default '{}'",
    "_maybe_asked": "text[] not null default '{}'",
}
# from when to when a row counts: never without _since, still without an end
WAITING = "-infinity"  # end of the rows of a correction that is not reviewed yet
VALIDITY = {"_since": "timestamptz", "_until": "timestamptz not null default 'infinity'"}
TOO_WIDE = _("Ce formulaire a plus de %(limit)s questions dans une même table : coupez-le en plusieurs formulaires.")
# type a column had, type it takes -> how what it holds is carried over; a plain cast otherwise
CARRIED = {("text[]", "text"): "array_to_string({column}, ' ')", ("text", "text[]"): "string_to_array({column}, ' ')"}


class Head(NamedTuple):
    """What every row of a submission repeats: who it is, its state, its day and its place."""

    submission: int
    version: int
    state: str
    day: Any
    lineage: Lineage


@dataclass(frozen=True)
class Target:
    """One typed table: its name, and its question columns with their SQL type, in the order they are written."""

    name: str
    columns: Mapping[str, str]

    @cached_property
    def identifier(self) -> sql.Identifier:
        return sql.Identifier(SCHEMA, self.name)

    @cached_property
    def all_columns(self) -> list[str]:
        return [*SYSTEM, *self.columns]


def table_name(form: int, repeat: str = "") -> str:
    """Name of the typed table of a form, or of one of its repeats."""
    name = f"form_{form}_{repeat}" if repeat else f"form_{form}"
    if len(name.encode()) <= LONGEST:
        return name
    return f"{name.encode()[: LONGEST - 9].decode(errors='ignore')}_{crc32(name.encode()):08x}"


def targets(form: Form) -> dict[str, Target]:
    """The typed tables of a form, all its versions together: "" and the name of each repeat."""
    return {
        repeat: Target(table_name(form.pk, repeat), {c.column: c.sql_type for c in columns.values()})
        for repeat, columns in columns_of(form).items()
    }


def readable(form: Form) -> dict[str, Target]:
    """The typed tables that are there, with the columns that they have: a page that only reads makes nothing."""
    with connection.cursor() as cursor:
        wanted = targets(form)
        found = _existing(cursor, [target.name for target in wanted.values()])
    return {
        repeat: Target(target.name, {c: kind for c, kind in target.columns.items() if c in found[target.name]})
        for repeat, target in wanted.items()
        if target.name in found
    }


def ensure(form: Form) -> dict[str, Target]:
    """Make the typed tables of a form, and the columns that its new versions ask; widen those whose type changed."""
    wanted = targets(form)
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s, %s)", [crc32(b"projection") >> 1, form.pk])
        run(cursor, "create schema if not exists {schema}", schema=sql.Identifier(SCHEMA))
        found = _existing(cursor, [target.name for target in wanted.values()])
        for target in wanted.values():
            if target.name not in found:
                _create(cursor, target)
            else:
                _extend(cursor, target, found[target.name])
    return wanted


def run(cursor: Any, statement: str, values: Sequence | None = None, **names: sql.Composable) -> None:
    """Run a statement whose {names} are quoted as identifiers; as text, which the history's context can precede."""
    cursor.execute(sql.SQL(statement).format(**names).as_string(None), values)


def _existing(cursor: Any, names: list[str]) -> dict[str, dict[str, str]]:
    cursor.execute(
        """select c.relname, a.attname, format_type(a.atttypid, a.atttypmod)
             from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
            where n.nspname = %s and c.relname = any(%s) and a.attnum > 0 and not a.attisdropped""",
        [SCHEMA, names],
    )
    found: dict[str, dict[str, str]] = {}
    for table, column, kind in cursor.fetchall():
        found.setdefault(table, {})[column] = "timestamptz" if kind == "timestamp with time zone" else kind
    return found


def _create(cursor: Any, target: Target) -> None:
    columns = [f"{name} {kind}" for name, kind in (SYSTEM | VALIDITY).items()]
    parts = [sql.SQL(column) for column in columns]
    parts += [sql.SQL("{} " + kind).format(sql.Identifier(name)) for name, kind in target.columns.items()]
    if len(parts) > MOST_COLUMNS:
        raise Refused(TOO_WIDE, limit=MOST_COLUMNS)
    create = "create table {table} ({columns}, primary key (_submission, _row, _until))"
    run(cursor, create, table=target.identifier, columns=sql.SQL(", ").join(parts))
    run(cursor, "create index on {table} (_state, _date)", table=target.identifier)


def _extend(cursor: Any, target: Target, found: Mapping[str, str]) -> None:
    for name, kind in target.columns.items():
        names = {"table": target.identifier, "column": sql.Identifier(name), "kind": sql.SQL(kind)}
        if name not in found:
            run(cursor, "alter table {table} add column {column} {kind}", **names)
        elif found[name] != kind:
            carried = CARRIED.get((found[name], kind), "{column}::{kind}")
            run(cursor, "alter table {table} alter column {column} type {kind} using " + carried, **names)


class Filler:
    """Turns the answers of one version of a form into rows of its typed tables."""

    def __init__(self, wanted: Mapping[str, Target], schema: Schema) -> None:
        self.schema, self.tables = schema, []
        for table in schema.tables.values():
            if table.name in wanted:
                items = {item.column: item for item in table.items}
                columns = [(items.get(name), kind) for name, kind in wanted[table.name].columns.items()]
                keys = [item.key if item else "" for item, _kind in columns]
                writers = [(n, w) for n, (item, kind) in enumerate(columns) if item and (w := writer(item.kind, kind))]
                self.tables.append((table, keys, writers))

    def rows(self, head: Head, answers: Mapping[str, Any], asked: Mapping[str, Sequence[Asked]]) -> dict[str, list]:
        """The rows of one submission, by table: system columns, then questions in the order of the target."""
        found: dict[str, list] = {}
        lines: dict[str, list[Mapping[str, Any]]] = {"": [answers]}
        day = head.day and head.day.isoformat()
        for table, keys, writers in self.tables:
            parents: list[int | None] = [None]
            if table.name:
                parents, lines[table.name] = _below(lines.get(table.parent or "", []), table.name)
            found[table.name] = [
                (
                    head.submission,
                    head.version,
                    number,
                    parent,
                    head.state,
                    day,
                    *head.lineage,
                    names(told.not_asked),
                    names(told.maybe_asked),
                    *_written(line, keys, writers),
                )
                for number, (line, parent, told) in enumerate(
                    zip(lines[table.name], parents, asked[table.name], strict=True)
                )
            ]
        return found


def _written(line: Mapping[str, Any], keys: list[str], writers: list[tuple[int, Callable[[Any], Any]]]) -> list[Any]:
    """The answers of a row in the order of the columns; nothing in those that its version does not have."""
    answers = list(map(line.get, keys))
    for place, write in writers:
        if answers[place] is not None:
            answers[place] = write(answers[place])
    return answers


def _below(around: Iterable[Mapping[str, Any]], repeat: str) -> tuple[list[int | None], list[Mapping[str, Any]]]:
    """The rows of a repeat and the number of the row around each."""
    parents, lines = [], []
    for number, line in enumerate(around):
        for inner in line.get(repeat) or ():
            parents.append(number)
            lines.append(inner)
    return parents, lines


def fill(wanted: Mapping[str, Target], rows: Mapping[str, list], until: str = "infinity") -> None:
    """Write rows of typed tables, in bulk; WAITING for those of corrections to be reviewed."""
    with connection.cursor() as cursor:
        for table, lines in rows.items():
            if lines:
                columns = [*wanted[table].all_columns, "_until"]
                copy(cursor, wanted[table].identifier, columns, ((*line, until) for line in lines))


def copy(cursor: Any, table: sql.Composable, columns: Iterable[str], rows: Iterable[Sequence]) -> None:
    """COPY rows into a table."""
    statement = sql.SQL("copy {} ({}) from stdin").format(table, sql.SQL(", ").join(map(sql.Identifier, columns)))
    with cursor.copy(statement.as_string(None)) as stream:
        for row in rows:
            stream.write_row(row)


def accept(form: Form, submissions: Sequence[int], at: datetime) -> None:
    """Tell the typed tables that some submissions count from a moment on."""
    with connection.cursor() as cursor:
        for target in ensure(form).values():
            update = "update {table} set _state = %s, _since = %s where _submission = any(%s) and _until = 'infinity'"
            run(cursor, update, [COUNTS, at, list(submissions)], table=target.identifier)


def promote(form: Form, submissions: Sequence[int], at: datetime) -> None:
    """Tell the typed tables that corrections count from a moment on, in the place of what they correct."""
    wanted = ensure(form)
    close(form, wanted, submissions, at)
    with connection.cursor() as cursor:
        for target in wanted.values():
            update = (
                "update {table} set _state = %s, _since = %s, _until = 'infinity' "
                "where _submission = any(%s) and _until = '-infinity'"
            )
            run(cursor, update, [COUNTS, at, list(submissions)], table=target.identifier)


def drop_waiting(form: Form, submissions: Sequence[int]) -> None:
    """Tell the typed tables that corrections were refused, taken back or replaced: what they corrected counts on."""
    with connection.cursor() as cursor:
        for target in ensure(form).values():
            delete = "delete from {table} where _submission = any(%s) and _until = '-infinity'"
            run(cursor, delete, [list(submissions)], table=target.identifier)


def refuse(form: Form, submissions: Sequence[int], at: datetime) -> None:
    """Tell the typed tables that some submissions are rejected; those that counted did so until that moment."""
    wanted = ensure(form)
    close(form, wanted, submissions, at)
    with connection.cursor() as cursor:
        for target in wanted.values():
            columns = sql.SQL(", ").join(sql.Identifier(name) for name in target.all_columns if name != "_state")
            again = (
                "insert into {table} (_state, {columns}) select 'rejected', {columns} from {table} "
                "where _submission = any(%s) and _until = %s"
            )
            run(cursor, again, [list(submissions), at], table=target.identifier, columns=columns)
            update = "update {table} set _state = 'rejected' where _submission = any(%s) and _until = 'infinity'"
            run(cursor, update, [list(submissions)], table=target.identifier)


def withdraw(form: Form, submissions: Sequence[int]) -> None:
    """Tell the typed tables that some submissions, which never counted, were taken back."""
    with connection.cursor() as cursor:
        for target in ensure(form).values():
            update = "update {table} set _state = 'withdrawn' where _submission = any(%s) and _until = 'infinity'"
            run(cursor, update, [list(submissions)], table=target.identifier)


def supersede(form: Form, wanted: Mapping[str, Target], submissions: Sequence[int], at: datetime) -> None:
    """Make room for new versions of some submissions; those that counted did so until that moment."""
    close(form, wanted, submissions, at)
    with connection.cursor() as cursor:
        for target in wanted.values():
            delete = "delete from {table} where _submission = any(%s) and _until = 'infinity'"
            run(cursor, delete, [list(submissions)], table=target.identifier)


def close(form: Form, wanted: Mapping[str, Target], submissions: Sequence[int], at: datetime) -> None:
    """What counted of some submissions no longer does: its rows are kept, closed; its copies in files are not."""
    closed = 0
    with connection.cursor() as cursor:
        for target in wanted.values():
            update = "update {table} set _state = %s, _until = %s where _submission = any(%s) and _state = %s"
            run(cursor, update, [CLOSED, at, list(submissions), COUNTS], table=target.identifier)
            closed += cursor.rowcount
    if closed:
        forget_copies(form)


def copies(form: Form) -> Path:
    """The folder of the files that hold rows of a form as the engine reads them (evidence/measurement/engine.py)."""
    return Path(settings.PARTITIONS) / connection.settings_dict["NAME"] / str(form.pk)


def forget_copies(form: Form) -> None:
    """Erase the files that hold rows of a form; the next measurement makes those that it needs again."""
    shutil.rmtree(copies(form), ignore_errors=True)


def empty(form: Form) -> dict[str, Target]:
    """Make the typed tables of a form again, without a row."""
    forget_copies(form)
    with connection.cursor() as cursor:
        for target in targets(form).values():
            run(cursor, "drop table if exists {table}", table=target.identifier)
    return ensure(form)
