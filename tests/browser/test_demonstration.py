"""The demonstration that is served holds the whole story, and loading it again changes nothing."""

import subprocess
from pathlib import Path

import psycopg

from jalons.cli import postgres
from jalons.collection.submissions.models import Submission
from jalons.evidence.measurement.models import IndicatorValue
from tests.browser.conftest import JALONS, ROOT

FACTS = {
    "indicators": "select count(*) from results_indicator where current_id is not null",
    "submissions": "select count(*) from submissions_submission",
    "states of submissions": "select array_agg(distinct state::text) from submissions_submission",
    "states of values": "select array_agg(distinct state::text) from measurement_indicatorvalue",
    "reports after another": "select count(*) from reports_report where state = 'issued' and previous_id is not null",
    "evidence": "select count(*) from core_document where target = 'measurement.IndicatorValue'",
    "acts": "select count(*) from core_event where verb <> 'form.checked'",  # the worker checks by itself
}


def facts(environment):
    url = environment.get("DATABASE_URL") or postgres.url(Path(environment["JALONS_DATA"]) / "postgres")
    with psycopg.connect(url) as connection:
        return {name: connection.execute(question).fetchone()[0] for name, question in FACTS.items()}


def test_the_demonstration_is_whole_and_every_role_signs_in_and_sees_its_pages(demonstration, environment):
    found = facts(environment)

    again = subprocess.run([JALONS, "demo", "--check"], cwd=ROOT, env=environment, capture_output=True, text=True)

    assert again.returncode == 0, again.stdout + again.stderr
    assert facts(environment) == found
    assert found["indicators"] == 61 and found["submissions"] > 2900
    assert set(found["states of submissions"]) >= set(Submission.State.values) - {Submission.State.WITHDRAWN}
    assert set(found["states of values"]) == set(IndicatorValue.State.values)
    assert found["reports after another"] and found["evidence"]
