"""Whether what follows the acknowledgement keeps up: stored, projected and checked, on one core.

Phones have sent a few thousand forms of sixty questions; `size` others came before. Two works follow one another in
the background: bringing in, and the checks. The limit is what they must take together.
"""

import os
import re
import time
from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

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

BEFORE, FIRST, SENT = 2_000, 1_000, 6_000
DAY = re.compile(rb"(?<=[>])2026-\d\d-\d\d")  # of the collection: what is sent is of the last days
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
    contents = list(instances(BEFORE + FIRST + SENT))
    contents[BEFORE:] = [
        DAY.sub(rb"2026-11-%02d" % (1 + n % 14), content) for n, content in enumerate(contents[BEFORE:])
    ]
    bring_in(form, archive_of(contents[:BEFORE]), officer)
    copy_rows(form, 1, size // BEFORE, {"content": "''::bytea", "unread": "'[]'::jsonb", "computed": "'[]'::jsonb"})
    _hold(form, officer)
    device = Device.objects.create(programme=programme, name="Banc", holder=officer, user_name="banc", key="banc")
    _send(device, form, contents[BEFORE : BEFORE + FIRST])
    actions.bring_in()
    watching.check_new()  # takes the figures of the day, that numbers are compared with
    _send(device, form, contents[BEFORE + FIRST :])
    entered = _core_seconds(actions.bring_in)
    checked = _core_seconds(watching.check_new)
    assert Submission.objects.count() == size + FIRST + SENT and Flag.objects.exists()
    name = f"fiches par seconde d’un cœur, {size} reçues"
    return [
        _told(f"{name} : entrées, projetées et contrôlées", SENT / (entered + checked)),
        _told(f"{name} : entrées et projetées", SENT / entered),
        _told(f"{name} : contrôlées ({form.checks.count()} contrôles)", SENT / checked),
    ]


def _hold(form: Form, officer: User) -> None:
    """The checks that the form calls for, and two more; what is there already counts as checked."""
    quality.accept(form=form, kinds=[one.kind for one in quality.proposed(form)], by=officer)
    for kind, parameters in FURTHER.items():
        quality.add_check(form=form, kind=kind, name={"fr": kind}, severity="warning", told=None, by=officer,
                          valid_from=timezone.localdate() - timedelta(days=1), parameters=parameters)  # fmt: skip
    with connection.cursor() as cursor:
        for table in ("submission", "submissionversion"):
            cursor.execute(f"select setval('submissions_{table}_id_seq', (select max(id) from submissions_{table}))")
        cursor.execute(watching.UNWATCHED)
        cursor.execute("update quality_watch set seen = (select max(id) from submissions_submissionversion)")
        cursor.execute("vacuum analyze")


def _send(device: Device, form: Form, contents: list[bytes]) -> None:
    Arrival.objects.bulk_create(
        Arrival(device=device, form=form, instance_id=f"uuid:{uuid4()}", sha256=sha256(content).digest(),
                size=len(content), content=content)
        for content in contents
    )  # fmt: skip


def _core_seconds(work: Callable[[], object]) -> float:
    """What a core spends on a work: this process, and the one that serves it in PostgreSQL."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_backend_pid()")
        there = Path(f"/proc/{cursor.fetchone()[0]}/schedstat")
    start, started = time.process_time(), int(there.read_text().split()[0])
    work()
    return time.process_time() - start + (int(there.read_text().split()[0]) - started) / 10**9


def _told(name: str, ours: float) -> dict:
    return {"name": name, "ours": ours, "against": "ce qu’il faut suivre", "theirs": LIMIT, "ratio": ours / LIMIT,
            "target": 1, "better": "higher"}  # fmt: skip
