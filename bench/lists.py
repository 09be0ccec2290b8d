"""What a list costs at a million submissions: the whole page, against the bare indexed queries that it rests on."""

import os
import statistics
import time
from collections.abc import Callable

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from jalons.collection.forms.actions import import_form
from jalons.collection.forms.tests.builders import a_visit_form
from jalons.collection.submissions.models import Submission
from jalons.core.lists import Order, encode
from tests.builders import a_programme, a_user

ROUNDS = 15
LIST = "/submissions/submissions/"
FILL = """
insert into submissions_submission (created_at, updated_at, instance_id, form_id, state, version, collector, author_id,
                                    collected_on, region_id, flag_count, rejection_reason)
select now(), now(), 'uuid:' || gen_random_uuid(), %s, (array['received', 'validated'])[1 + n %% 2], 1,
       'Agent ' || n %% 40, %s, date '2026-01-01' + n %% 300, r.ids[1 + n %% cardinality(r.ids)], (n %% 7 = 0)::int, ''
  from generate_series(1, %s) n, (select array_agg(id) as ids from territories_territory where level = 'region') r
"""


def run(size: int = int(os.environ.get("SIZE", "1000000"))) -> list[dict]:
    """The first page, a page deep in the list and a filter, rendered for a person, at `size` submissions."""
    officer = a_user("me_officer", programme := a_programme())
    form = import_form(programme=programme, data=a_visit_form(), file_name="visite.xlsx", by=officer).form
    with connection.cursor() as cursor:
        cursor.execute(FILL, [form.pk, officer.pk, size])
        cursor.execute("analyze submissions_submission")
    client = Client(SERVER_NAME="localhost")
    client.force_login(officer)
    deep = encode(Submission.objects.order_by("pk")[size // 10], Order("pk", descending=True), back=False)
    pages = {
        "première page": LIST,
        "page profonde": f"{LIST}?after={deep}",
        "filtre par état et région": f"{LIST}?state=validated&region={Submission.objects.first().region_id}",
    }
    return [_figure(f"liste de {size} soumissions, {name}, ms", client, url) for name, url in pages.items()]


def _figure(name: str, client: Client, url: str) -> dict:
    bare = _queries_of(client, url)
    ours, theirs = [], []
    for _round in range(ROUNDS):
        ours.append(_timed(lambda: client.get(url)))
        theirs.append(_timed(lambda: _run(bare)))
    ours, theirs = statistics.median(ours) * 1000, statistics.median(theirs) * 1000
    return {"name": name, "ours": ours, "against": "requêtes nues de la page", "theirs": theirs,
            "ratio": ours / theirs, "target": 5, "better": "lower"}  # fmt: skip


def _queries_of(client: Client, url: str) -> list[str]:
    """The queries of the page on submissions: its rows, and their count as far as the page tells it."""
    if client.get(url).status_code != 200:
        raise RuntimeError(url)
    with CaptureQueriesContext(connection) as found:
        client.get(url)
    return [q["sql"] for q in found.captured_queries if 'FROM "submissions_submission"' in q["sql"]]


def _run(statements: list[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
            cursor.fetchall()


def _timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
