"""What is received: batches, submissions, their versions; what phones, browsers, servers send before it comes in."""

from jalons.collection.submissions.models.arrivals import Arrival, Attachment, Device, EntryLink
from jalons.collection.submissions.models.connections import Connection, Counterpart, Enclosure, Tie
from jalons.collection.submissions.models.correspondences import Correspondence
from jalons.collection.submissions.models.exports import Export
from jalons.collection.submissions.models.submissions import Batch, Flag, Rereading, Submission, SubmissionVersion
from jalons.collection.submissions.models.webhooks import Webhook

__all__ = [
    "Arrival", "Attachment", "Batch", "Connection", "Correspondence", "Counterpart", "Device", "Enclosure",
    "EntryLink", "Export", "Flag", "Rereading", "Submission", "SubmissionVersion", "Tie", "Webhook",
]  # fmt: skip
