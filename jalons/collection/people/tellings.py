"""What typed tables tell of persons, read row by row into aliases: what is new, and what changed since."""

import hashlib
import hmac
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils.timezone import localdate
from psycopg import sql

from jalons.collection.forms.queries import latest_version, schema
from jalons.collection.people.models import Alias, Source
from jalons.collection.people.rules.names import Name
from jalons.collection.people.rules.records import Record, sex_of
from jalons.collection.people.rules.sources import Telling, told
from jalons.collection.submissions.projection import SCHEMA, table_name
from jalons.core.fields import translated

HANDFUL = 5_000
# rows that count or wait for their first review, and that no alias tells yet in this version
UNREAD = """
select p._submission, p._row, v.number, p._date, a.id, {columns}
  from {table} p
  join {root} r on r._submission = p._submission and r._until = p._until
  join submissions_submissionversion v on v.id = p._version
  left join people_alias a on a.submission_id = p._submission and a.source_id = %s and a.row = p._row
 where p._until = 'infinity' and p._state not in ('rejected', 'withdrawn')
   and a.version is distinct from v.number and a.is_erased is not true {among}
 order by p._submission, p._row
 limit %s
"""
KEPT = [
    "version", "given", "family", "sex", "year", "is_age", "birth", "phone", "commune", "partner", "place",
    "identifier", "given_form", "given_key", "given_heard", "given_barred", "family_form", "family_key",
    "family_heard", "family_barred", "pair",
]  # fmt: skip
COMPARED = [name for name in KEPT if name != "version"]


def unread(source: Source, among: Sequence[int] | None = None, most: int = HANDFUL) -> list[Alias]:
    """Aliases of the rows of a source not read yet, unsaved when they are new. among: submissions; all by default."""
    columns = _columns(source)
    with connection.cursor() as cursor:
        cursor.execute("select to_regclass(%s)", [f'{SCHEMA}."{table_name(source.form_id, source.table)}"'])
        if not columns or cursor.fetchone()[0] is None:
            return []
        statement = sql.SQL(UNREAD).format(
            table=sql.Identifier(SCHEMA, table_name(source.form_id, source.table)),
            root=sql.Identifier(SCHEMA, table_name(source.form_id)),
            columns=sql.SQL(", ").join(sql.Identifier(*column) for column in columns.values()),
            among=sql.SQL("" if among is None else "and p._submission = any(%s)"),
        )
        cursor.execute(statement.as_string(None), [source.pk, *([] if among is None else [list(among)]), most])
        rows = cursor.fetchall()
    return list(_aliases(source, rows, list(columns)))


def _columns(source: Source) -> dict[str, tuple[str, str]]:
    """Where each role is told: in the row of the person, else, for a partner, in the form around it."""
    tables, found = schema(source.form), {}
    for role, name in source.roles.items():
        for alias, table in (("p", source.table), ("r", "")):
            column = next((c.column for c in tables.get(table, {}).values() if c.name == name), None)
            if column:
                found.setdefault(role, (alias, column))
    return found


def _aliases(source: Source, rows: Iterable[tuple], roles: list[str]) -> Iterator[Alias]:
    labels, today = _labels(source), localdate()
    operator = source.form.programme.operator_id
    for submission, row, version, day, pk, *answers in rows:
        said = {role: _said(role, answer, labels) for role, answer in zip(roles, answers, strict=True)}
        telling = told(said, day or today, today)
        place = {"operator_id": operator, "source_id": source.pk, "submission_id": submission, "row": row}
        yield Alias(pk=pk, version=version, **place, **_kept(telling, operator))


def _labels(source: Source) -> dict[str, Mapping[str, str]]:
    """Codes and labels of the choices that tell the sex and the commune."""
    version = latest_version(source.form)
    lists = {q.name: q.list_name for q in version.questions.all()} if version else {}
    found = {}
    for role in ("sex", "commune"):
        rows = version.choices.get(lists.get(source.roles.get(role, ""), ""), ()) if version else ()
        found[role] = {str(row["name"]): translated(row.get("labels")) or str(row["name"]) for row in rows}
    return found


def _said(role: str, answer: Any, labels: Mapping[str, Mapping[str, str]]) -> Any:
    if role == "sex" and answer is not None and sex_of(str(answer)):
        return answer
    return labels.get(role, {}).get(str(answer), answer)


def _kept(telling: Telling, operator: int) -> dict[str, Any]:
    """The columns of an alias."""
    record = telling.record
    return {
        "given": telling.given, "family": telling.family, "commune": telling.commune, "partner": telling.partner,
        "sex": record.sex, "year": record.year, "is_age": record.is_age, "birth": record.birth, "phone": record.phone,
        "place": record.commune and record.commune[:80],
        "identifier": record.identifier and coded(record.identifier, operator),
        **_name("given", record.given), **_name("family", record.family), "pair": record.pair,
    }  # fmt: skip


def _name(part: str, name: Name | None) -> dict[str, Any]:
    form, key, heard, barred = name or (None, None, 0, 0)
    return {f"{part}_form": form, f"{part}_key": key, f"{part}_heard": heard, f"{part}_barred": barred}


def coded(identifier: str, operator: int) -> str:
    """An identifier as it is compared: its keyed code, from which it cannot be found again without the key."""
    said = "".join(c for c in identifier.upper() if c.isalnum())
    key = f"people:{operator}:{settings.SECRET_KEY}".encode()
    return hmac.new(key, said.encode(), hashlib.sha256).hexdigest()[:32]


def record_of(alias: Alias) -> Record:
    """An alias as the rules compare it."""
    given = Name(alias.given_form, alias.given_key, alias.given_heard, alias.given_barred) if alias.given_key else None
    family = (
        Name(alias.family_form, alias.family_key, alias.family_heard, alias.family_barred) if alias.family_key else None
    )
    return Record(given, family, alias.sex, alias.year, alias.is_age, alias.birth, alias.phone, alias.place,
                  alias.identifier)  # fmt: skip


def keep(read: Iterable[Alias]) -> list[int]:
    """Store aliases; the identifiers of those that are new, or that tell otherwise than before."""
    rows = list(read)
    new, known = [row for row in rows if row.pk is None], {row.pk: row for row in rows if row.pk}
    before = Alias.objects.in_bulk(list(known))
    changed = [pk for pk, row in known.items() if any(_differ(row, before[pk], name) for name in COMPARED)]
    Alias.objects.bulk_update([known[pk] for pk in changed], KEPT, batch_size=1_000)
    same = [row for pk, row in known.items() if pk not in set(changed)]
    Alias.objects.bulk_update(same, ["version"], batch_size=1_000)
    Alias.objects.bulk_create(new, batch_size=1_000)
    return [row.pk for row in new] + changed


def _differ(one: Alias, other: Alias, name: str) -> bool:
    return getattr(one, name) != getattr(other, name)
