"""What is done about quality: checks, what they find, corrections, spot checks, expectations and reminders."""

from jalons.collection.quality.actions.checks import (
    accept,
    add_check,
    change_check,
    check_form,
    dismiss,
    explain,
    fault,
    proposed,
    reopen,
    retire_check,
    start_checking,
)
from jalons.collection.quality.actions.corrections import apply_log, correct, open_log, report
from jalons.collection.quality.actions.follow_up import draw_sample, mark, remind
from jalons.collection.quality.actions.telling import tell

__all__ = [
    "accept", "add_check", "apply_log", "change_check", "check_form", "correct", "dismiss", "draw_sample",
    "explain", "fault", "mark", "open_log", "proposed", "remind", "reopen", "report",
    "retire_check", "start_checking", "tell",
]  # fmt: skip
