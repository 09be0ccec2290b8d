"""What an export costs: zipped CSV in codes against PostgreSQL's own COPY of the same tables, Excel in memory.

A few thousand submissions are brought in, then their rows are copied under other numbers: what is read is what counts.
"""

import os
import statistics
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from django.db import connection
from psycopg import sql

from bench.imports import a_survey, archive_of, bring_in, instances
from jalons.collection.forms.actions import import_form
from jalons.collection.forms.models import Form
from jalons.collection.submissions.actions import ask_export, make_export
from jalons.collection.submissions.models import Export, Submission
from jalons.collection.submissions.projection import ensure
from jalons.foundation.accounts.models import User
from tests.builders import a_programme, a_user

ROUNDS = 3
BROUGHT, FEW = 2_000, 10_000
FAR = 10_000_000  # as below; between the number of a row and that of its first copy
PAGE = os.sysconf("SC_PAGE_SIZE") / 1024**2


def run(size: int = int(os.environ.get("SIZE", "100000"))) -> list[dict]:
    """Zipped CSV and Excel of `size` submissions with their repeats."""
    officer = a_user("me_officer", programme := a_programme())
    form = import_form(programme=programme, data=a_survey(), file_name="foyer.xlsx", by=officer).form
    bring_in(form, archive_of(list(instances(BROUGHT))), officer)
    copy_rows(form, 1, FEW // BROUGHT)
    few = _peak(lambda: _made(form, "xlsx", officer))
    copy_rows(form, FEW // BROUGHT, size // BROUGHT)
    assert Submission.objects.count() == size
    ours = statistics.median(_timed(lambda: _made(form, "csv", officer)) for _round in range(ROUNDS))
    theirs = statistics.median(_timed(lambda: _copied(form)) for _round in range(ROUNDS))
    many = _peak(lambda: _made(form, "xlsx", officer))
    return [
        _told(f"CSV en zip de {size} soumissions, s", ours, "COPY des tables typées, sans compression", theirs, 8),
        _told(f"Excel de {size} soumissions, mémoire au plus haut, Mo", many, f"le même de {FEW}", few, 1.3),
    ]


def copy_rows(form: Form, first: int, last: int, instead: Mapping[str, str] | None = None) -> None:
    """Copies `first` to `last` - 1 of every row that was brought in, each under numbers of its own.

    instead: what some columns hold in the copies, in SQL.
    """
    shift = sql.SQL("{} + n::bigint * 10000000")
    ours = {"id": shift, "submission_id": shift, "_submission": shift, "_version": shift,
            "instance_id": sql.SQL("{} || '-' || n")}  # fmt: skip
    ours |= {column: sql.SQL(text) for column, text in (instead or {}).items()}
    tables = [sql.Identifier("submissions_submission"), sql.Identifier("submissions_submissionversion")]
    keys = ["id", "id", *["_submission"] * 9]
    for table, key in zip([*tables, *(t.identifier for t in ensure(form).values())], keys, strict=False):
        with connection.cursor() as cursor:
            cursor.execute(sql.SQL("select * from {} limit 0").format(table).as_string(None))
            names = [column.name for column in cursor.description]
            values = [ours.get(name, sql.SQL("{}")).format(sql.Identifier(name)) for name in names]
            insert = sql.SQL("insert into {} ({}) select {} from {}, generate_series({}, {}) n where {} < {}")
            statement = insert.format(
                table, sql.SQL(", ").join(map(sql.Identifier, names)), sql.SQL(", ").join(values), table,
                sql.Literal(first), sql.Literal(last - 1), sql.Identifier(key), sql.Literal(FAR),
            )  # fmt: skip
            cursor.execute(statement.as_string(None))
    with connection.cursor() as cursor:
        cursor.execute("vacuum analyze")


def _made(form: Form, format: str, officer: User) -> Export:
    """The file, as the background work makes it."""
    options = {"labels": False, "identities": "all"}
    return make_export(export=ask_export(form=form, format=format, options=options, by=officer), by=officer)


def _copied(form: Form) -> None:
    for target in ensure(form).values():
        statement = sql.SQL("copy {} to stdout (format csv, header)").format(target.identifier)
        with connection.cursor() as cursor, cursor.copy(statement.as_string(None)) as stream:
            for _row in stream:
                pass


def _peak(work: Callable[[], object]) -> float:
    """Resident memory of this process at its highest while it works, in megabytes."""
    found, over = [0.0], threading.Event()

    def watch() -> None:
        while not over.wait(0.02):
            found[0] = max(found[0], int(Path("/proc/self/statm").read_text().split()[1]) * PAGE)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        work()
    finally:
        over.set()
        watcher.join()
    return found[0]


def _timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _told(name: str, ours: float, against: str, theirs: float, target: float) -> dict:
    return {"name": name, "ours": ours, "against": against, "theirs": theirs, "ratio": ours / theirs,
            "target": target, "better": "lower"}  # fmt: skip
