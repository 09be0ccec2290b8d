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
from jalons.collection.submissions.actions.phones import (
    admit,
    bring_in,
    close_device,
    dismiss,
    open_device,
    renew_device,
    reopen_device,
    take_in,
)
from jalons.collection.submissions.actions.review import reject, reject_all, validate, validate_all

__all__ = [
    "admit", "bring_in", "close_device", "dismiss", "left", "match_columns", "open_batch", "open_device", "receive",
    "receive_batch", "receive_instances", "reject", "reject_all", "renew_device", "reopen", "reopen_device", "reread",
    "start", "start_rereading", "take_in", "validate", "validate_all", "withdraw",
]  # fmt: skip
