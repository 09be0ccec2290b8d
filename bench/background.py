"""Whether what follows the acknowledgement keeps up: stored, projected and checked, on one core.

Phones have sent a few thousand forms of sixty questions; `size` others came before. Two works follow one another in
the background: bringing in, and the checks. The limit is what they must take together.
"""

import os
import time
from datetime import timedelta
from hashlib import sha256

from django.db import connection
from django.utils import timezone

from bench.exports import copy_rows
from bench.imports import a_survey, archive_of, bring_in, instances
from jalons.collection.forms.actions import import_form
from jalons.collection.forms.models import Form
from jalons.collection.quality import actions as quality
from jalons.collection.quality import watching
from jalons.collection.submissions import actions
from jalons.collection.submissions.models import Arrival, Device, Flag, Submission
from jalons.foundation.accounts.models import User
from tests.builders import a_programme, a_user

BEFORE, SENT = 2_000, 6_000
LIMIT = 300  # submissions a second
FURTHER = {
    "expression": {"expression": "${size} < 9 or ${income} > 100"},
    "range": {"question": "size", "least": 1, "most": 12},
}


def run(size: int = int(os.environ.get("SIZE", "1000000"))) -> list[dict]:
    """Submissions a second that come in and are checked, with `size` others in the form."""
    officer = a_user("me_officer", programme := a_programme())
    form = import_form(programme=programme, data=a_survey(), file_name="enquete.xlsx", by=officer).form
    form.territory_question, form.date_question, form.collector_question = "place", "day", "collector"
    form.state = "published"
    form.save()
    contents = list(instances(BEFORE + SENT))
    bring_in(form, archive_of(contents[:BEFORE]), officer)
    copy_rows(form, 1, size // BEFORE, {"content": "''::bytea", "unread": "'[]'::jsonb", "computed": "'[]'::jsonb"})
    _hold(form, officer)
    _send(form, officer, contents[BEFORE:])
    _on_one_core()
    start = time.perf_counter()
    assert actions.bring_in() == SENT
    middle = time.perf_counter()
    watching.check_new()
    end = time.perf_counter()
    assert Submission.objects.count() == size + SENT and Flag.objects.filter(check="timing").exists() is not None
    name = f"fiches par seconde, sur un cœur, {size} reçues"
    return [
        _told(f"{name} : entrées, projetées et contrôlées", SENT / (end - start)),
        _told(f"{name} : entrées et projetées", SENT / (middle - start)),
        _told(f"{name} : contrôlées ({form.checks.count()} contrôles)", SENT / (end - middle)),
    ]


def _hold(form: Form, officer: User) -> None:
    """The checks that the form calls for, and two more; what is there already has been checked."""
    quality.accept(form=form, kinds=[one.kind for one in quality.proposed(form)], by=officer)
    for kind, parameters in FURTHER.items():
        quality.add_check(form=form, kind=kind, name={"fr": kind}, severity="warning", told=None, by=officer,
                          valid_from=timezone.localdate() - timedelta(days=1), parameters=parameters)  # fmt: skip
    quality.check_form(form=form, by=officer)
    with connection.cursor() as cursor:
        cursor.execute(watching.UNWATCHED)
        cursor.execute("update quality_watch set seen = (select max(id) from submissions_submissionversion)")
        cursor.execute("vacuum analyze")


def _send(form: Form, officer: User, contents: list[bytes]) -> None:
    device = Device.objects.create(programme=form.programme, name="Banc", holder=officer, user_name="banc", key="banc")
    Arrival.objects.bulk_create(
        Arrival(device=device, form=form, instance_id=f"uuid:{number}", sha256=sha256(content).digest(),
                size=len(content), content=content)
        for number, content in enumerate(contents)
    )  # fmt: skip


def _on_one_core() -> None:
    """This process and the one that serves it in PostgreSQL share a core."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_backend_pid()")
        served_by = cursor.fetchone()[0]
    for process in (0, served_by):
        os.sched_setaffinity(process, {0})


def _told(name: str, ours: float) -> dict:
    return {"name": name, "ours": ours, "against": "ce qu’il faut suivre", "theirs": LIMIT, "ratio": ours / LIMIT,
            "target": 1, "better": "higher"}  # fmt: skip
