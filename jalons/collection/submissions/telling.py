"""Programs told of what happens to submissions: each change in order, again until it is heard."""

import time
from datetime import datetime, timedelta

from django.utils import timezone

from jalons.collection.submissions import feed, queries
from jalons.collection.submissions.actions.pulling import as_problem
from jalons.collection.submissions.models import Submission, Webhook
from jalons.collection.submissions.posting import post
from jalons.collection.submissions.rules.servers import wait
from jalons.core.errors import Refused

HANDFUL, LONGEST = 50, 20  # changes read at once; seconds given to one address before the next one's turn


def tell_all() -> None:
    """Tell each open address what it has not been told, unless it failed a moment ago."""
    due = Webhook.objects.filter(state=Webhook.State.OPEN).exclude(next_at__gt=timezone.now())
    for webhook in due.select_related("by", "programme"):
        _settle(webhook, _tell(webhook))


def _tell(webhook: Webhook) -> Refused | None:
    """What went wrong; nothing when all was told, or when others' turn has come."""
    rows = Submission.objects.for_user(webhook.by).filter(form__programme=webhook.programme)
    rows = rows.filter(form=webhook.form_id) if webhook.form_id else rows
    end, more = time.monotonic() + LONGEST, True
    while more and time.monotonic() < end:
        found, _last, more = feed.changes(rows, webhook.cursor, HANDFUL)
        for row, told in zip(found, queries.told(found, webhook.by), strict=True):
            identifier = f"{webhook.pk}-{row.pk}-{row.updated_at:%Y%m%d%H%M%S%f}"
            try:
                post(webhook, identifier, {"event": told["event"], "submission": told})
            except Refused as refusal:
                return refusal
            webhook.cursor = feed.cursor_at(row)
            Webhook.objects.filter(pk=webhook.pk).update(cursor=webhook.cursor, told_at=timezone.now())
    return None


def _settle(webhook: Webhook, refusal: Refused | None) -> None:
    """Keep how it went, and when to try again."""
    if refusal is None and not webhook.failures:
        return
    now: datetime = timezone.now()
    failures = webhook.failures + 1 if refusal else 0
    Webhook.objects.filter(pk=webhook.pk).update(
        failures=failures, problem=as_problem(refusal) if refusal else {},
        troubled_at=(webhook.troubled_at or now) if refusal else None,
        next_at=now + timedelta(minutes=wait(1, failures)) if refusal else None,
    )  # fmt: skip
