"""The installation that phones send to, and what is found in it once the load is over."""

import hashlib
import time
from collections import Counter
from typing import Any

from django.db import connection

from jalons.collection.submissions.actions import open_device
from jalons.collection.submissions.models import Arrival, Attachment, Submission, SubmissionVersion
from jalons.collection.submissions.tests.builders import a_received_form, two_regions
from jalons.core import documents
from tests.builders import a_user


def a_phone() -> str:
    """The key of a phone of a published form."""
    form, officer = a_received_form()
    two_regions()
    form.state = "published"
    form.save()
    holder = a_user("project_officer", form.programme)
    device = open_device(programme=form.programme, name="Chaos", holder=holder, by=officer)
    device.most_a_day = device.megabytes_a_day = 10**9
    device.save()
    return device.given_key


def counted(acknowledged: dict[str, Any]) -> dict[str, int]:
    """What was acknowledged and stored, byte for byte; what is lost, what is there twice.

    The worker, killed as the rest was, has a minute to bring everything in.
    """
    connection.close()  # it may have died with PostgreSQL
    for _second in range(60):
        if not Arrival.objects.filter(state="waiting").exists():
            break
        time.sleep(1)
    stored: Counter[str] = Counter()
    same: set[str] = set()
    for instance, content in SubmissionVersion.objects.values_list("instance_id", "content"):
        stored[instance] += 1
        if instance in acknowledged and bytes(content) == acknowledged[instance].content:
            same.add(instance)
    files = {
        (instance, name): sha256
        for instance, name, sha256 in Attachment.objects.values_list("arrival__instance_id", "name", "sha256")
    }
    lost = acknowledged.keys() - same
    lost |= {i for i, filled in acknowledged.items() if not _holds(files, i, filled.photos)}
    names = Counter(Submission.objects.values_list("instance_id", flat=True))
    doubled = sum(n - 1 for n in stored.values()) + sum(n - 1 for n in names.values())
    waiting = Arrival.objects.exclude(state="in").count()
    return {"acknowledged": len(acknowledged), "stored": len(stored), "lost": len(lost), "doubled": doubled,
            "waiting": waiting}  # fmt: skip


def _holds(files: dict[tuple[str, str], str], instance: str, photos: dict[str, bytes]) -> bool:
    for name, content in photos.items():
        sha256 = files.get((instance, name), "")
        if sha256 != hashlib.sha256(content).hexdigest() or documents.read(sha256) != content:
            return False
    return True
