"""The indicator table: a whole page of sixty indicators against the one query that fetches the same arrays as JSON."""

import json
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from statistics import median

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from jalons.evidence.measurement.models import Disaggregation
from jalons.foundation.programmes.models import Programme
from jalons.planning.results.models import Baseline, Target
from tests.builders import a_period, a_programme, a_result, a_user, a_value, an_indicator

INDICATORS, QUARTERS, ROUNDS, QUERIES = 60, 8, 15, 8
NOW = datetime(2027, 11, 1, tzinfo=UTC)
BARE = """
select json_agg(json_build_object('code', i.code, 'sheet', to_json(d), 'result', r.title,
    'baseline', (select b.value from results_baseline b where b.indicator_id = i.id and b.cell = '{}'),
    'targets', (select json_agg(json_build_array(p.ends_on, t.value)) from results_target t
                  join programmes_period p on p.id = t.period_id where t.indicator_id = i.id),
    'values', (select json_agg(json_build_array(p.ends_on, v.number, v.numerator, v.denominator, v.answered, v.asked,
                                                v.state, c.cells, c.numbers) order by p.ends_on)
                 from measurement_indicatorvalue v join programmes_period p on p.id = v.period_id
                 left join measurement_disaggregation c on c.value_id = v.id and c.dimensions = '{sex}'
                where v.indicator_id = i.id and p.kind = 'cumulative')) order by r.code, i.code)
  from results_indicator i join results_indicatorversion d on d.id = i.current_id
  join results_result r on r.id = i.result_id
 where r.programme_id = %s
"""


def run() -> list[dict]:
    """Median time of the page, all included but the network, against the bare query decoded from JSON."""
    programme = sixty_indicators()
    client = Client(headers={"host": "localhost"})
    client.force_login(a_user("project_manager", programme))
    url = reverse("dashboards:indicators")
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert client.get(url).status_code == 200
    pages, queries = [], []
    for _round in range(ROUNDS):
        pages.append(timed(lambda: client.get(url)))
        queries.append(timed(lambda: bare(programme)))
    ours, theirs = median(pages), median(queries)
    return [
        {"name": "indicator table", "ours": ours, "against": "one query, the same arrays as JSON", "theirs": theirs,
         "ratio": ours / theirs, "target": 6, "better": "lower"},
        {"name": "indicator table, queries", "ours": len(asked), "against": "limit", "theirs": QUERIES,
         "ratio": len(asked) / QUERIES, "target": 1, "better": "lower"},
    ]  # fmt: skip


def timed(act: Callable) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def bare(programme: Programme) -> list:
    with connection.cursor() as cursor:
        cursor.execute(BARE, [programme.pk])
        found = cursor.fetchone()[0]
    return found if isinstance(found, list) else json.loads(found)


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
