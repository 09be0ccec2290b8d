"""What a list costs at a million submissions: its rows and their count, and its whole page.

The work of the list (scope, filters, order; its rows, then their count) is held against the bare query that it comes
down to, run and fetched. What a page costs besides does not depend on the size: the whole page is held against the
same at a few thousand rows.
"""

import os
import statistics
import time
from collections.abc import Callable

from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext

from jalons.collection.forms.actions import import_form
from jalons.collection.forms.tests.builders import a_visit_form
from jalons.collection.submissions.models import Submission
from jalons.collection.submissions.views.pages import SubmissionList
from jalons.core import lists
from jalons.foundation.accounts.models import User
from tests.builders import a_programme, a_user

ROUNDS = 15
FEW = 5_000  # enough for every one of these pages to be full
LIST = "/submissions/submissions/"
FILL = """
insert into submissions_submission (created_at, updated_at, instance_id, form_id, state, version, collector, author_id,
                                    collected_on, region_id, flag_count, rejection_reason)
select now(), now(), 'uuid:' || gen_random_uuid(), %s, (array['received', 'validated'])[1 + n %% 2], 1,
       'Agent ' || n %% 40, %s, date '2026-01-01' + n %% 300, r.ids[1 + n / 2 %% cardinality(r.ids)], (n %% 7 = 0)::int,
       ''
  from generate_series(1, %s) n, (select array_agg(id) as ids from territories_territory where level = 'region') r
"""


def run(size: int = int(os.environ.get("SIZE", "1000000"))) -> list[dict]:
    """The first page, a page deep in the list and a filter, at `size` submissions."""
    officer = a_user("me_officer", programme := a_programme())
    form = import_form(programme=programme, data=a_visit_form(), file_name="visite.xlsx", by=officer).form
    client = Client(SERVER_NAME="localhost")
    client.force_login(officer)
    _fill(form, officer, FEW)
    before = {name: _median(lambda url=url: client.get(url)) for name, url in _pages(FEW).items()}
    _fill(form, officer, size - FEW)
    figures = []
    for name, url in _pages(size).items():
        figures += _list_figures(f"liste de {size} soumissions, {name}", url, officer)
        ours, theirs = _median(lambda url=url: client.get(url)), before[name]
        figures.append(_told(f"page de {size} soumissions, {name}, ms", ours, f"la même à {FEW} lignes", theirs, 1.5))
    return figures


def _fill(form, officer, count: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(FILL, [form.pk, officer.pk, count])
        cursor.execute("vacuum analyze")


def _pages(size: int) -> dict[str, str]:
    row = Submission.objects.order_by("pk")[size // 10]
    deep = lists.encode(row, lists.Order("pk", descending=True), back=False)
    return {
        "première page": LIST,
        "page profonde": f"{LIST}?after={deep}",
        "filtre par état et région": f"{LIST}?state=validated&region={row.region_id}",
    }


def _list_figures(name: str, url: str, officer: User) -> list[dict]:
    """The rows of a list and their count, each against its own statement run bare and fetched."""
    statements = _statements(lambda: _count(_list(url, officer))) + _statements(lambda: _rows(_list(url, officer)))
    count, rows = (s for s in statements if 'FROM "submissions_submission"' in s)
    figures = []
    for part, work, bare in (("lignes", _rows, rows), ("compte", _count, count)):
        ours, theirs = [], []
        for _round in range(ROUNDS):
            page = _list(url, officer)
            ours.append(_timed(lambda work=work, page=page: work(page)))
            theirs.append(_timed(lambda bare=bare: _run(bare)))
        given = statistics.median(ours), "la même requête, nue", statistics.median(theirs)
        figures.append(_told(f"{name}, {part}, ms", *given, 5))
    return figures


def _list(url: str, officer: User) -> SubmissionList:
    page = SubmissionList()
    page.setup(RequestFactory().get(url))
    page.request.user = officer
    return page


def _rows(page: SubmissionList) -> lists.Slice:
    return lists.page(page.get_queryset(), page.order(many=True), page.request.GET.get("after"))


def _count(page: SubmissionList) -> tuple[int, bool]:
    return lists.count(page.get_queryset())


def _statements(work: Callable[[], object]) -> list[str]:
    with CaptureQueriesContext(connection) as found:
        work()
    return [query["sql"] for query in found.captured_queries]


def _run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        cursor.fetchall()


def _told(name: str, ours: float, against: str, theirs: float, target: float) -> dict:
    return {"name": name, "ours": ours * 1000, "against": against, "theirs": theirs * 1000, "ratio": ours / theirs,
            "target": target, "better": "lower"}  # fmt: skip


def _median(work: Callable[[], object]) -> float:
    return statistics.median(_timed(work) for _round in range(ROUNDS))


def _timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
