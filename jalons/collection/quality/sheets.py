"""What checks read in bulk from the typed tables: how numbers lie, who resembles whom, what another form holds."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.db import connection
from psycopg import sql

from jalons.collection.forms.models import Form
from jalons.collection.quality.rules.collectors import Pace
from jalons.collection.quality.rules.likeness import MOST, Sheet
from jalons.collection.quality.rules.outliers import Spread
from jalons.collection.quality.rules.timing import moment
from jalons.collection.submissions import projection
from jalons.collection.submissions.rules.schema import Schema

GONE = ("rejected", "withdrawn")
ALWAYS = {"gone": list(GONE), "most": MOST}
SPREAD = """
with v as (select {column}::float8 as x from {table}
            where _until > '-infinity' and _state <> 'closed' and _state <> all(%s) and {column} is not null),
     m as (select percentile_cont(0.5) within group (order by x) as x from v)
select count(v.x), m.x, percentile_cont(0.5) within group (order by abs(v.x - m.x)), avg(abs(v.x - m.x))
  from v, m group by m.x
"""
# every submission once, as it stands now: a correction in the place of what it corrects
NOW = """
from {table} t join submissions_submission s on s.id = t._submission
where t._row = 0 and s.state <> all(%(gone)s)
  and t._until = case when s.standing is null then 'infinity'::timestamptz else '-infinity'::timestamptz end
"""
# each row is hashed once: compared as they stand, rows would be hashed again for each new one
TWINS = """
with prints as materialized (select s.id, md5(row({columns})::text) as print {now} {near}),
     alike as materialized (
       select id from (select id, count(*) over same as held, bool_or(id = any(%(new)s)) over same as has_new
                         from prints window same as (partition by print)) as found
        where held > 1 and has_new)
select s.id, s.version, s.instance_id, null, {columns} {now} and s.id = any(array(select id from alike))
"""
# keys first: each row of the typed table is then found by its own
SAME_DAY = """
and s.id = any(array(
    select o.id from submissions_submission o
     where o.form_id = %(form)s and (o.collected_on is null or o.collected_on = any(array(
           select n.collected_on from submissions_submission n where n.id = any(%(new)s))))))
"""
SAME_WORK = """
and s.id = any(array(
    select o.id from submissions_submission o
     where o.form_id = %(form)s
       and o.collected_on = any(array(select n.collected_on from submissions_submission n where n.id = any(%(new)s)))
       and o.collector = any(array(select n.collector from submissions_submission n where n.id = any(%(new)s)))))
"""
ALL_TWINS = """
select id, version, instance_id, null, {outer} from (
  select s.id, s.version, s.instance_id, {columns}, count(*) over (partition by md5(row({columns})::text)) as same {now}
) as found where same > 1
"""
ALL_NEAR = """
select id, version, instance_id, block, {outer} from (
  select s.id, s.version, s.instance_id, {block} as block, {columns},
         row_number() over (partition by {block} order by s.id desc) as rank {now} and {block}::text <> '') as found
 where rank <= %(most)s order by block
"""
NEAR = """
with blocks as materialized (
       select distinct {block} as block from submissions_submission s where s.id = any(%(new)s)),
     latest as materialized (
       select l.id from blocks cross join lateral (
         select s.id from submissions_submission s
          where s.form_id = %(form)s and s.state <> all(%(gone)s) and {block} = blocks.block
          order by s.id desc limit %(most)s) l
        where blocks.block::text <> '')
select s.id, s.version, s.instance_id, {block}, {columns} {now} and s.id = any(array(select id from latest))
"""
WORK = """
select s.id, s.version, s.collector, s.collected_on, {start}, {end} {now} and s.collector <> '' {among}
"""
BLOCKS = {"collector": "s.collector", "day": "s.collected_on", "all": "'all'"}


def spreads(form: Form, schema: Schema, names: Iterable[str]) -> dict[str, Spread]:
    """How the answers to each question lie, over all that counts or may count; one query a question."""
    wanted, found = projection.targets(form), {}
    with connection.cursor() as cursor:
        for name in names:
            where = _column(schema, name)
            if where and wanted[where[0]].columns.get(where[1]) in ("bigint", "double precision"):
                query = _query(SPREAD, table=wanted[where[0]].identifier, column=sql.Identifier(where[1]))
                cursor.execute(query, [list(GONE)])
                if row := cursor.fetchone():
                    found[name] = Spread(*row)
    return found


def twins(form: Form, schema: Schema, names: Sequence[str], new: Sequence[int] | None) -> list[Sheet]:
    """New submissions, or all, and those that say exactly the same."""
    columns = _columns(form, schema, names)
    if not columns:
        return []
    if new is None:
        return _sheets(_laid(ALL_TWINS, form, columns), {})
    near = sql.SQL(SAME_DAY if form.date_question in names else "")
    return _sheets(_laid(TWINS, form, columns, near=near), {"new": list(new), "form": form.pk})


def alike(form: Form, schema: Schema, names: Sequence[str], new: Sequence[int], within: str) -> list[Sheet]:
    """New submissions and the latest ones of the same collector or day, to compare them."""
    columns = _columns(form, schema, names)
    return (
        _sheets(_laid(NEAR, form, columns, block=sql.SQL(BLOCKS[within])), {"new": list(new), "form": form.pk})
        if columns
        else []
    )


def all_alike(form: Form, schema: Schema, names: Sequence[str], within: str) -> Iterator[list[Sheet]]:
    """The latest submissions of each collector or day, one after the other."""
    if columns := _columns(form, schema, names):
        with connection.connection.cursor("alike") as cursor:  # rows come as they are read
            cursor.execute(_laid(ALL_NEAR, form, columns, block=sql.SQL(BLOCKS[within])), ALWAYS)
            for _block, rows in groupby(cursor, key=itemgetter(3)):
                yield [Sheet(*row[:4], tuple(row[4:])) for row in rows]


def work(form: Form, schema: Schema, new: Sequence[int] | None) -> list[Pace]:
    """The work of all collectors; or of those of new submissions, on the same days."""
    table = projection.targets(form)[""]
    items = {item.kind: item.column for item in schema.tables[""].items if item.kind in ("start", "end")}
    start, end = (sql.Identifier("t", items[k]) if k in items else sql.SQL("null::text") for k in ("start", "end"))
    among = sql.SQL("" if new is None else SAME_WORK)
    now = sql.SQL(NOW).format(table=table.identifier)
    with connection.cursor() as cursor:
        cursor.execute(
            _query(WORK, start=start, end=end, now=now, among=among),
            {**ALWAYS, "new": list(new or ()), "form": form.pk},
        )
        return [Pace(*row[:4], _minutes(*row[4:])) for row in cursor.fetchall()]


def held(form: Form, schema: Schema, key: str, agrees: str, values: Iterable[str]) -> dict[str, set[str]]:
    """Which of some keys another form holds, and what it says of another question beside each."""
    where, other = _column(schema, key), _column(schema, agrees) if agrees else None
    if where is None:
        return {}
    said = sql.SQL("array_to_string({c}, ' ')" if _is_list(form, other) else "{c}::text").format(
        c=sql.Identifier(other[1])
    ) if other and other[0] == where[0] else sql.SQL("null")  # fmt: skip
    query = _query(
        "select {key}::text, {said} from {table} where _until > '-infinity' and _state <> 'closed' "
        "and _state <> all(%s) and {key}::text = any(%s)",
        key=sql.Identifier(where[1]), said=said, table=projection.targets(form)[where[0]].identifier,
    )  # fmt: skip
    found: dict[str, set[str]] = {}
    with connection.cursor() as cursor:
        cursor.execute(query, [list(GONE), list(values)])
        for name, answer in cursor.fetchall():
            found.setdefault(name, set()).add(answer or "")
    return found


def _is_list(form: Form, where: tuple[str, str] | None) -> bool:
    return where is not None and projection.targets(form)[where[0]].columns.get(where[1]) == "text[]"


def _minutes(start: Any, end: Any) -> float | None:
    start, end = (moment(mark) if isinstance(mark, str) else mark for mark in (start, end))
    return (end - start).total_seconds() / 60 if start and end else None


def _column(schema: Schema, name: str) -> tuple[str, str] | None:
    """Table and column of a question."""
    return next(((t.name, i.column) for t in schema.tables.values() if (i := schema.item(name, t.name))), None)


def _columns(form: Form, schema: Schema, names: Sequence[str]) -> list[str]:
    """The columns of questions asked once per submission."""
    own = projection.targets(form)[""].columns
    found = [_column(schema, name) for name in names]
    return [where[1] for where in found if where and not where[0] and where[1] in own]


def _laid(statement: str, form: Form, columns: list[str], **more: sql.Composable) -> str:
    table = projection.targets(form)[""].identifier
    return _query(
        statement,
        now=sql.SQL(NOW).format(table=table),
        columns=sql.SQL(", ").join(sql.Identifier("t", column) for column in columns),
        outer=sql.SQL(", ").join(map(sql.Identifier, columns)),
        **more,
    )


def _sheets(query: str, values: Mapping[str, Any]) -> list[Sheet]:
    with connection.cursor() as cursor:
        cursor.execute(query, {**ALWAYS, **values})
        return [Sheet(*row[:4], tuple(row[4:])) for row in cursor.fetchall()]


def _query(statement: str, **names: sql.Composable) -> str:
    return sql.SQL(statement).format(**names).as_string(None)
