"""Someone forgotten where they were told of: in each submission, in every version, and in what quotes it."""

from collections.abc import Sequence
from datetime import datetime

from jalons.collection.people.models import Alias
from jalons.collection.people.rules.decisions import check_forgetting
from jalons.collection.quality import redacting as quality
from jalons.collection.submissions import redacting
from jalons.core.actions import recorded
from jalons.foundation.accounts.models import User

NAMING = ("given", "given_ar", "family", "family_ar", "full", "birth", "phone", "identifier")  # marked personal or not
OUT = ("rejected", "withdrawn")


def forget(aliases: Sequence[Alias], now: datetime, by: User, why: str) -> None:
    """Redact the submissions that tell of a person; an act is recorded on each."""
    check_forgetting([str(a.submission) for a in aliases if _is_moving(a)])
    for alias in aliases:
        roles = {name for role, name in alias.source.roles.items() if role in NAMING}
        told = redacting.Told(alias.submission, alias.source.table, alias.row, alias.version)
        with recorded("submission.redacted", by, why) as leave:
            questions = redacting.redact(told, roles, now)
            quality.forget(alias.submission, questions)
            leave(alias.submission)
    for form in {alias.source.form for alias in aliases}:
        redacting.drop_exports(form)


def _is_moving(alias: Alias) -> bool:
    """Whether another version than the one read here counts, or is about to: its rows may be of others."""
    held = alias.submission
    return held.state not in OUT and alias.version != held.version
