"""What is done to submissions: bring them in, accept them, refuse them, go back on what came in."""

from jalons.collection.submissions.actions.again import reread, start_rereading, withdraw
from jalons.collection.submissions.actions.batches import (
    left,
    match_columns,
    open_batch,
    receive,
    receive_batch,
    receive_instances,
    reopen,
    start,
)
from jalons.collection.submissions.actions.review import reject, reject_all, validate, validate_all

__all__ = [
    "left", "match_columns", "open_batch", "receive", "receive_batch", "receive_instances", "reject", "reject_all",
    "reopen", "reread", "start", "start_rereading", "validate", "validate_all", "withdraw",
]  # fmt: skip
