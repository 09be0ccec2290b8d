"""What is done to submissions: bring them in, accept them, refuse them, go back on what came in."""

from jalons.collection.submissions.actions.again import reread, start_rereading, withdraw
from jalons.collection.submissions.actions.annotating import annotate, ask_annotated
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
from jalons.collection.submissions.actions.connections import (
    Access,
    check_access,
    close_connection,
    deploy,
    follow_reviews,
    open_connection,
    renew_connection,
    request_deployment,
    request_pull,
    settle_deletion,
    take_version,
    tie_project,
    untie,
)
from jalons.collection.submissions.actions.entry import close_link, extend_link, open_browser, open_link
from jalons.collection.submissions.actions.exports import ask_export, discard_export, make_export, sweep_exports
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
from jalons.collection.submissions.actions.pulling import pull, pull_all, pull_asked
from jalons.collection.submissions.actions.review import reject, reject_all, validate, validate_all
from jalons.collection.submissions.actions.sending import NOT_A_VERDICT, Contradicts, amend, send
from jalons.collection.submissions.actions.webhooks import close_webhook, open_webhook, try_webhook

__all__ = [
    "Access", "Contradicts", "NOT_A_VERDICT", "admit", "amend", "annotate", "ask_annotated", "ask_export", "bring_in",
    "check_access", "close_connection", "close_device", "close_link", "close_webhook", "deploy", "discard_export",
    "dismiss", "extend_link", "follow_reviews", "left", "make_export", "match_columns", "open_batch", "open_browser",
    "open_connection", "open_device", "open_link", "open_webhook", "pull", "pull_all", "pull_asked", "receive",
    "receive_batch", "receive_instances", "reject", "reject_all", "renew_connection", "renew_device", "reopen",
    "reopen_device", "request_deployment", "request_pull", "reread", "send", "settle_deletion", "start",
    "start_rereading", "sweep_exports", "take_in", "take_version", "tie_project", "try_webhook", "untie", "validate",
    "validate_all", "withdraw",
]  # fmt: skip
