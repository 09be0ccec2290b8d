"""What is received: batches, submissions and their versions; what phones send, before it comes in."""

from jalons.collection.submissions.models.arrivals import Arrival, Attachment, Device
from jalons.collection.submissions.models.correspondences import Correspondence
from jalons.collection.submissions.models.submissions import Batch, Flag, Rereading, Submission, SubmissionVersion

__all__ = [
    "Arrival", "Attachment", "Batch", "Correspondence", "Device", "Flag", "Rereading", "Submission",
    "SubmissionVersion",
]  # fmt: skip
