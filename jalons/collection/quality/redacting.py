"""What quality quotes of the answers of a submission, forgotten with someone whom they told of."""

from collections.abc import Collection

from django.db.models import Q

from jalons.collection.quality.models import Correction, CorrectionFile, Finding
from jalons.collection.submissions.models import Submission
from jalons.collection.submissions.redacting import erase_file


def forget(submission: Submission, questions: Collection[str]) -> None:
    """Take off what findings and corrections quote of some questions, and the logs that held it."""
    Finding.objects.filter(flag__submission=submission, flag__question__in=questions).update(why={})
    quoted = Correction.objects.filter(submission=submission, question__in=questions)
    refused = Q(report__refusals__contains=[{"uuid": submission.instance_id}])
    for kept in CorrectionFile.objects.filter(Q(pk__in=quoted.values("file")) | refused):
        erase_file(kept.sha256)
        kept.report = {**kept.report, "refusals": []}
        kept.save(update_fields=["report", "updated_at"])
        CorrectionFile.pgh_event_model.objects.filter(pgh_obj_id=kept.pk).update(report={})
    quoted.update(old_value="", new_value="")
