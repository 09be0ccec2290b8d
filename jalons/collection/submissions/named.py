"""Submissions found by what names them on the screen: the name that their form makes of its answers."""

from collections.abc import Iterator

from django.db import connection
from psycopg import sql

from jalons.collection.forms.models import Form
from jalons.collection.forms.queries import Field, latest_version
from jalons.collection.submissions.models import Submission
from jalons.collection.submissions.projection import Target
from jalons.collection.submissions.rules.naming import asked_by
from jalons.collection.submissions.selection import MOST, Selection, read
from jalons.core.search import words
from jalons.foundation.accounts.models import User

READ = 50_000  # rows of a form beyond which its names are not read through: half a second


def by_name(query: str, user: User) -> list[int]:
    """Submissions open to this person whose name holds every word of a query, latest first; MOST of a form.

    What is searched stands in the address: questions that identify a person are left out of it. Forms of more than
    READ submissions are found by their identifier alone.
    """
    wanted = words(query)
    return [pk for form in Form.objects.for_user(user, app="submissions") for pk in _found(form, wanted, user)]


def unsearched(user: User) -> list[Form]:
    """Forms open to this person whose names are too many to be read through."""
    found = [
        (form, Selection(form, user, identities="none")) for form in Form.objects.for_user(user, app="submissions")
    ]
    return [form for form, chosen in found if "" in chosen.tables and _size(chosen.tables[""]) > READ]


def _found(form: Form, wanted: list[str], user: User) -> Iterator[int]:
    chosen = Selection(form, user, identities="none", states=tuple(Submission.State.values))
    columns = [sql.SQL("r.{}::text").format(sql.Identifier(f.question.column)) for f in _asked(chosen)]
    if not columns or _size(chosen.tables[""]) > READ:
        return
    name = sql.SQL("public.jalons_fold(concat_ws(' ', {}))").format(sql.SQL(", ").join(columns))
    holds = [sql.SQL("strpos({}, public.jalons_fold({})) > 0").format(name, sql.Literal(word)) for word in wanted]
    query = sql.SQL("select r._submission from {} where {} order by 1 desc limit {}").format(
        chosen.joined(""), sql.SQL(" and ").join([chosen.where(), *holds]), sql.Literal(MOST)
    )
    for (pk,) in read(query):
        yield pk


def _asked(chosen: Selection) -> list[Field]:
    """The questions that make the name, among those that identify nobody."""
    latest = latest_version(chosen.form)
    names = asked_by(latest.settings.get("instance_name") or "") if latest else set()
    return [f for f in chosen.fields.get("", ()) if f.question.name in names] if names else []


def _size(table: Target) -> int:
    """About how many rows it has, as PostgreSQL last counted them."""
    with connection.cursor() as cursor:
        cursor.execute("select reltuples from pg_class where oid = to_regclass(%s)", [table.identifier.as_string(None)])
        return int(cursor.fetchone()[0])
