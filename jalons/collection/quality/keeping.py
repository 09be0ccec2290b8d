"""What was found, kept beside the submissions: new flags, those that follow a new version, those that it cured."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import F
from django.utils import timezone
from psycopg import sql
from psycopg.types.json import Json

from jalons.collection.quality.models import Check, Finding
from jalons.collection.quality.rules.found import Filled, Found
from jalons.collection.quality.rules.states import inherited
from jalons.collection.submissions.flags import count_flags
from jalons.collection.submissions.models import Flag
from jalons.collection.submissions.projection import copy

STANDING = ("open", "explained", "dismissed", "corrected")
FLAGS = (
    "id", "created_at", "updated_at", "submission_id", "version", "check_code", "question", "rows", "value", "state",
    "handled_by_id", "handled_at", "reason",
)  # fmt: skip
FINDINGS = ("flag_id", "created_at", "updated_at", "quality_check_id", "number", "why")


class Key(NamedTuple):
    """What makes two flags of one submission the same: who found it, in which answer, and what is wrong with it."""

    check: Any
    question: str
    rows: tuple[int, ...]
    message: str = ""


def keep(filled: Sequence[Filled], checks: Iterable[Check], found: Mapping[int, list[Found]]) -> Counter:
    """Keep what checks found in the latest version of some submissions; how many new flags of each check.

    What was explained of the same answer still is. A flag of an earlier version, open, is cured when nothing finds it
    any more, else followed by the new one.
    """
    latest = {one.pk: one.version for one in filled}
    held = _held(latest)
    before = {(flag.submission_id, _key(flag)): flag for flag in held if flag.version < latest[flag.submission_id]}
    now = {(flag.submission_id, _key(flag)): flag for flag in held if flag.version == latest[flag.submission_id]}
    arrived = [flag for flag in held if flag.version == latest[flag.submission_id] and not hasattr(flag, "finding")]
    new: dict[tuple[int, Key], tuple[Check, Found]] = {}
    again: dict[int, list[int]] = {}
    for check in checks:
        for one in found[check.pk]:
            where = (one.pk, Key(check.pk, one.question, tuple(one.rows), one.message))
            if where not in now:
                new.setdefault(where, (check, one))
            elif now[where].finding.number < check.number:
                again.setdefault(check.number, []).append(now[where].pk)
    _insert(new, before)
    _inherit(arrived, before)
    _close(before, {*now, *new})
    for number, keys in again.items():  # found with the parameters of today as well
        Finding.objects.filter(flag__in=keys).update(number=number)
    count_flags(latest)
    return Counter(check.pk for check, _one in new.values())


def lift(checks: Iterable[Check]) -> None:
    """Lift what checks found with other parameters and no longer find, or what retired ones found."""
    now, touched = timezone.now(), set()
    for check in checks:
        flags = Flag.objects.filter(finding__quality_check=check, state=Flag.State.OPEN)
        gone = flags if check.state == Check.State.RETIRED else flags.filter(finding__number__lt=check.number)
        touched |= set(gone.values_list("submission_id", flat=True))
        gone.update(state=Flag.State.LIFTED, updated_at=now)
    count_flags(touched)


def _held(latest: Mapping[int, int]) -> list[Flag]:
    rows = Flag.objects.filter(submission__in=list(latest), state__in=STANDING, version__lte=F("submission__version"))
    return list(rows.select_related("finding").order_by("version"))


def _key(flag: Flag) -> Key:
    if hasattr(flag, "finding"):
        return Key(flag.finding.quality_check_id, flag.question, tuple(flag.rows), flag.finding.why.get("message", ""))
    return Key(flag.check_code, flag.question, tuple(flag.rows))


def _insert(new: Mapping[tuple[int, Key], tuple[Check, Found]], before: Mapping[tuple[int, Key], Flag]) -> None:
    if not new:
        return
    now, flags, findings = timezone.now(), [], []
    with connection.cursor() as cursor:
        take = "select nextval(pg_get_serial_sequence('submissions_flag', 'id')) from generate_series(1, %s)"
        cursor.execute(take, [len(new)])
        for (pk,), (where, (check, one)) in zip(cursor.fetchall(), new.items(), strict=True):
            state, by, at, reason = _state(before.get(where), one.value)
            flags.append((pk, now, now, one.pk, one.version, check.kind, one.question[:1000], list(one.rows), one.value,
                          state, by, at, reason))  # fmt: skip
            why = Json({"message": one.message, "values": dict(one.values)})
            findings.append((pk, now, now, check.pk, check.number, why))
        copy(cursor, sql.Identifier(Flag._meta.db_table), FLAGS, flags)
        copy(cursor, sql.Identifier(Finding._meta.db_table), FINDINGS, findings)


def _state(before: Flag | None, value: str) -> tuple[str, Any, Any, str]:
    if before is None or inherited(before.state, value, before.value) == Flag.State.OPEN:
        return Flag.State.OPEN, None, None, ""
    return before.state, before.handled_by_id, before.handled_at, before.reason


def _inherit(arrived: Iterable[Flag], before: Mapping[tuple[int, Key], Flag]) -> None:
    """Flags that came with the new version take what was said of the same answer before."""
    changed = []
    for flag in arrived:
        earlier = before.get((flag.submission_id, _key(flag)))
        if flag.state == Flag.State.OPEN and earlier and earlier.state != Flag.State.OPEN:
            flag.state, flag.handled_by_id, flag.handled_at, flag.reason = _state(earlier, flag.value)
            changed.append(flag)
    Flag.objects.bulk_update(changed, ["state", "handled_by", "handled_at", "reason"])


def _close(before: Mapping[tuple[int, Key], Flag], still: set[tuple[int, Key]]) -> None:
    ends = {True: [], False: []}
    for where, flag in before.items():
        if flag.state == Flag.State.OPEN:
            ends[where in still].append(flag.pk)
    now = timezone.now()
    Flag.objects.filter(pk__in=ends[True]).update(state=Flag.State.FOLLOWED, updated_at=now)
    Flag.objects.filter(pk__in=ends[False]).update(state=Flag.State.CURED, updated_at=now)
