"""The validated version that counts while its correction is reviewed, back in its place when the correction falls."""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection
from django.db.models import F

from jalons.collection.forms.models import Form
from jalons.collection.submissions import projection
from jalons.collection.submissions.models import Submission, SubmissionVersion
from jalons.collection.submissions.rereading import Rereader
from jalons.foundation.accounts.models import User

# the row of each submission as it was last, validated, in the version that still counts
RESTORE = """
update submissions_submission s
   set version = s.standing, standing = null, state = 'validated', collector = e.collector, author_id = e.author_id,
       batch_id = e.batch_id, collected_on = e.collected_on, territory_id = e.territory_id, region_id = e.region_id,
       flag_count = e.flag_count, reviewed_by_id = e.reviewed_by_id, reviewed_at = e.reviewed_at,
       rejection_reason = '', updated_at = %s
  from (select distinct on (h.pgh_obj_id) h.*
          from submissions_submissionevent h
          join submissions_submission c on c.id = h.pgh_obj_id and c.standing = h.version
         where h.pgh_obj_id = any(%s) and h.state = 'validated'
         order by h.pgh_obj_id, h.pgh_id desc) e
 where s.id = e.pgh_obj_id
"""


def restore(form: Form, submissions: Sequence[int], by: User, at: datetime) -> None:
    """Put the version that counts back in its place, placed and dated as the form declares its questions now."""
    projection.drop_waiting(form, submissions)
    with connection.cursor() as cursor:
        cursor.execute(RESTORE, [at, list(submissions)])
    for _done in Rereader(form, by, at).run(Submission.objects.filter(pk__in=submissions)):
        pass


def refuse(form: Form, corrections: Sequence[Submission], reason: str, by: User, at: datetime) -> None:
    """Refuse corrections, with the reason that stays beside each; what they corrected goes on counting."""
    keys = [row.pk for row in corrections]
    latest = SubmissionVersion.objects.filter(submission__in=keys, number=F("submission__version"))
    latest.update(rejected_by=by, rejected_at=at, rejection_reason=reason, updated_at=at)
    restore(form, keys, by, at)
