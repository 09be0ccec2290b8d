"""Which submissions are still to be checked, form by form, a few seconds after they came in."""

import logging
from collections.abc import Callable
from datetime import date
from zlib import crc32

from django.db import InterfaceError, OperationalError, connection, transaction

from jalons.collection.forms.models import Form
from jalons.collection.quality import checking
from jalons.collection.quality.models import Check, Run, Watch
from jalons.collection.submissions.moments import ARRIVALS

LOG = logging.getLogger(__name__)
HANDFUL = 1_000
OWN = crc32(b"quality") >> 1
# what they find depends on the other submissions
SHIFTING = (Check.Kind.OUTLIER, Check.Kind.TWIN, Check.Kind.NEAR, Check.Kind.COLLECTOR, Check.Kind.KEY)
# each form reads on from where it stopped; the least of these is where all of them are read from
NEW = """
select v.id from submissions_submissionversion v join submissions_submission s on s.id = v.submission_id
 where v.id > %s and v.id <= %s and s.form_id = %s order by v.id limit %s
"""
BEHIND = """
select s.form_id from submissions_submissionversion v join submissions_submission s on s.id = v.submission_id
 where v.id > coalesce((select min(seen) from quality_watch), 0) group by s.form_id
"""
UNWATCHED = """
insert into quality_watch (created_at, updated_at, form_id, seen)
select now(), now(), f.id, 0 from forms_form f where not exists (select 1 from quality_watch w where w.form_id = f.id)
    on conflict do nothing
"""


def check_new() -> int:
    """Check all versions that came in since the last time; how many were read."""
    with connection.cursor() as cursor:
        cursor.execute(UNWATCHED)
        cursor.execute(BEHIND)
        behind = {row[0] for row in cursor.fetchall()}
    count = 0
    for form in Form.objects.filter(watch__isnull=False).select_related("programme") if behind else ():
        if (last := _settled(form)) is not None:
            count += _check_up_to(form, last)
    return count


def _check_up_to(form: Form, last: int) -> int:
    """Check all versions of a form up to a key. One that cannot be checked does not keep the others waiting."""
    count, done = 0, HANDFUL
    try:
        while done == HANDFUL:
            count += (done := _check(form, last))
    except (OperationalError, InterfaceError):
        raise  # PostgreSQL is away: the next seconds try again
    except Exception as fault:  # what an answer makes of a rule is not foreseen; answers stay out of the log
        LOG.error("checks of form %s stopped: %s", form.pk, type(fault).__name__)
    return count


def _settled(form: Form) -> int | None:
    """The key up to which no version of a form is still to come; None while something of it is being imported.

    Imports of one form follow one another, each taking its keys once the one before is done.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_xact_lock(%s, %s)", [ARRIVALS, form.pk])
        if not cursor.fetchone()[0]:
            return None
        cursor.execute("select coalesce(max(id), 0) from submissions_submissionversion")
        return cursor.fetchone()[0]


@transaction.atomic
def _check(form: Form, last: int) -> int:
    """Check a handful of the versions of a form up to a key; how many."""
    lock(form)
    watch = Watch.objects.get(form=form)
    with connection.cursor() as cursor:
        cursor.execute(NEW, [watch.seen, last, form.pk, HANDFUL])
        keys = [row[0] for row in cursor.fetchall()]
    if keys:
        checker = checking.Checker(form, in_force(form), whole=False)
        checker.take(checking.of(keys))
        checker.end()
    Watch.objects.filter(pk=watch.pk).update(seen=keys[-1] if len(keys) == HANDFUL else max(last, watch.seen))
    return len(keys)


def lock(form: Form) -> None:
    """One at a time checks the submissions of a form."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s, %s)", [OWN, form.pk])


def in_force(form: Form) -> list[Check]:
    """The checks that are applied to a form today."""
    return list(form.checks.filter(state=Check.State.OPEN, valid_from__lte=date.today()))


def check_all(form: Form, checks: list[Check], progress: Callable[..., None] | None = None) -> list[Run]:
    """Apply checks to every submission of a form again; what they found before and no longer find stays, unless they
    changed."""
    lock(form)
    checker, done, total = checking.Checker(form, checks, whole=True), 0, form.submissions.count()
    for handful in checking.whole(form):
        checker.take(handful)
        done += len(handful)
        if progress:
            progress(done, total)
    return checker.end()
