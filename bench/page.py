"""The indicator table: a whole page of sixty indicators against the one query that serialises the same data as JSON.

The page goes through every middleware, for a person signed in, compressed as a browser asks, and always answers 200.
It is measured twice: for a reader of rows that somebody has already read since they last changed (the process keeps
them), and for the first reader after everything has changed. The query's JSON is written by PostgreSQL, the fastest way
found (building it in Python takes twice as long), and only received, not read.
"""

import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from statistics import median

from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from jalons.evidence.measurement.models import Disaggregation
from jalons.foundation.programmes.models import Programme
from jalons.planning.results.models import Baseline, Target
from jalons.reporting.dashboards.views.lines import row
from tests.builders import a_period, a_programme, a_result, a_user, a_value, an_indicator

INDICATORS, QUARTERS, ROUNDS, QUERIES = 60, 8, 15, 8
NOW = datetime(2027, 11, 1, tzinfo=UTC)
BARE = """
select json_agg(json_build_object('code', i.code, 'sheet', to_json(d), 'result', r.title,
    'baseline', (select b.value from results_baseline b where b.indicator_id = i.id and b.cell = '{}'),
    'targets', (select json_agg(json_build_array(p.ends_on, p.kind, t.value)) from results_target t
                  join programmes_period p on p.id = t.period_id where t.indicator_id = i.id),
    'values', (select json_agg(json_build_array(p.ends_on, v.number, v.numerator, v.denominator, v.answered, v.asked,
                                                v.text, v.state, v.origin, v.definition_id,
                                                c.cells, c.numbers, c.numerators, c.denominators) order by p.ends_on)
                 from measurement_indicatorvalue v join programmes_period p on p.id = v.period_id
                 left join measurement_disaggregation c on c.value_id = v.id and c.dimensions = '{sex}'
                where v.indicator_id = i.id and p.kind = 'cumulative')) order by r.code, i.code)::text
  from results_indicator i join results_indicatorversion d on d.id = i.current_id
  join results_result r on r.id = i.result_id
 where r.programme_id = %s
"""


def run() -> list[dict]:
    """Median times of the page, in turn with the bare query."""
    programme = sixty_indicators()
    client = reader(programme)
    queries = checked(client)
    ways: dict[str, Callable] = {"again": lambda: page(client), "first": lambda: first(client),
                                 "bare": lambda: bare(programme)}  # fmt: skip
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for _round in range(ROUNDS):
        for name, way in ways.items():
            if name == "again":
                page(client)
            seconds[name].append(timed(way))
    times = {name: median(found) for name, found in seconds.items()}
    against = {"against": "one query, the same data as JSON", "theirs": times["bare"], "better": "lower"}
    return [
        {"name": "indicator table, 60 rows of 8 quarters, unchanged since last read", "ours": times["again"],
         "ratio": times["again"] / times["bare"], "target": 6, **against},
        {"name": "indicator table, first read after every row changed", "ours": times["first"],
         "ratio": times["first"] / times["bare"], "target": 24, **against},
        {"name": "indicator table, queries", "ours": queries, "against": "limit", "theirs": QUERIES,
         "ratio": queries / QUERIES, "target": 1, "better": "lower"},
    ]  # fmt: skip


def reader(programme: Programme) -> Client:
    """Someone signed in, with the last quarter in sight."""
    client = Client(headers={"host": "localhost", "accept-encoding": "gzip"})
    client.force_login(a_user("project_manager", programme))
    session = client.session
    session["period"] = programme.periods.filter(kind="quarter").latest("ends_on").pk
    session.save()
    return client


def checked(client: Client) -> int:
    """How many queries a page takes, once it is known to show everything."""
    shown = Client(headers={"host": "localhost"})
    shown.cookies = client.cookies
    text = page(shown).content.decode()
    assert (
        text.count('class="measure"') == text.count(f"{QUARTERS} périodes") == text.count('class="women"') == INDICATORS
    )
    with CaptureQueriesContext(connection) as asked:
        page(client)
        return len(asked)


def page(client: Client) -> HttpResponse:
    response = client.get(reverse("dashboards:indicators"))
    assert response.status_code == 200
    return response


def first(client: Client) -> HttpResponse:
    row.cache_clear()
    return page(client)


def timed(act: Callable) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def bare(programme: Programme) -> str:
    with connection.cursor() as cursor:
        cursor.execute(BARE, [programme.pk])
        return cursor.fetchone()[0]


def sixty_indicators() -> Programme:
    """A programme of two years: results, sixty indicators on people with targets, values by quarter since the start."""
    programme = a_programme(starts_on=date(2026, 1, 1), ends_on=date(2027, 12, 31))
    author = a_user("me_officer", programme)
    ends = [date(2026 + q // 4, 3 * (q % 4) + 3, 30 if q % 4 in (1, 2) else 31) for q in range(QUARTERS)]
    for end in ends:
        a_period(programme, date(end.year, end.month - 2, 1), end, kind="quarter")
    since = [a_period(programme, programme.starts_on, end, kind="cumulative", accumulates="quarter") for end in ends]
    whole = a_period(programme, programme.starts_on, programme.ends_on, kind="whole")
    results = [a_result(programme) for _ in range(INDICATORS // 5)]
    for number in range(INDICATORS):
        indicator = an_indicator(programme, results[number // 5], dimensions=["sex"], counts_people=True)
        Baseline.objects.create(indicator=indicator, value=0)
        Target.objects.create(indicator=indicator, period=whole, value=1000)
        for rank, period in enumerate(since, 1):
            count = 90.0 * rank + number
            value = a_value(indicator, period, author, number=count, answered=count, asked=count + 3, computed_at=NOW)
            Disaggregation.objects.create(
                value=value, dimensions=["sex"], cells=["female", "male"], numbers=[count * 0.6, count * 0.4],
                answered=[count * 0.6, count * 0.4], asked=[None, None],
            )  # fmt: skip
    return programme
