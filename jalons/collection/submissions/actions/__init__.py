"""What is done to submissions: bring them in, accept them, refuse them."""

from jalons.collection.submissions.actions.batches import (
    match_columns,
    open_batch,
    receive,
    receive_batch,
    receive_instances,
    start,
)
from jalons.collection.submissions.actions.review import reject, reject_all, validate, validate_all

__all__ = [
    "match_columns", "open_batch", "receive", "receive_batch", "receive_instances", "reject", "reject_all", "start",
    "validate", "validate_all",
]  # fmt: skip
