"""Records into the database, by handfuls: submissions, versions, flags and typed tables, in one transaction."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from itertools import islice, repeat
from typing import Any

from django.db import connection
from django.utils.timezone import localdate
from psycopg import sql

from jalons.collection.submissions import known, projection
from jalons.collection.submissions.known import Known, Scope
from jalons.collection.submissions.models import Batch
from jalons.collection.submissions.reading import Record, Refusal, Versions
from jalons.collection.submissions.rules import checks
from jalons.collection.submissions.rules.answers import day_of
from jalons.collection.submissions.rules.checks import Flag, Verdict
from jalons.collection.submissions.rules.columns import array
from jalons.collection.submissions.rules.review import author
from jalons.collection.submissions.rules.rows import NO_COLUMN
from jalons.collection.submissions.rules.schema import Item
from jalons.collection.submissions.rules.territory import Lineage, resolve
from jalons.core.errors import _
from jalons.core.years import LAST_YEAR

HANDFUL = 1_000
MOST_TOLD = 500  # refused rows told one by one; all are counted
LONGEST_NAME = 120
AHEAD = timedelta(days=1)  # of a clock; a later day has not come yet
ROW_NUMBER = re.compile(r"\[\d+\]")
SUBMISSION = (
    "id", "created_at", "updated_at", "instance_id", "form_id", "state", "version", "collector", "author_id",
    "organisation_id", "batch_id", "collected_on", "territory_id", "region_id", "flag_count", "rejection_reason",
)  # fmt: skip
VERSION = (
    "id", "created_at", "updated_at", "submission_id", "number", "instance_id", "form_version_id", "content",
    "media_type", "answers", "unread", "computed", "by_id", "reason",
)  # fmt: skip
FLAG = ("created_at", "updated_at", "submission_id", "version", "check_code", "question", "rows", "value")
RENEW = """
update submissions_submission s
   set standing = case when s.state = 'validated' then s.version else s.standing end,
       version = n.version, state = 'received', reviewed_by_id = null, reviewed_at = null, rejection_reason = '',
       collector = n.collector, author_id = n.author, batch_id = %s, collected_on = n.day, territory_id = n.territory,
       region_id = n.region, flag_count = n.flags, updated_at = %s
  from unnest(%s::bigint[], %s::int[], %s::text[], %s::bigint[], %s::date[], %s::bigint[], %s::bigint[], %s::int[])
       as n (id, version, collector, author, day, territory, region, flags)
 where s.id = n.id
"""
ELSEWHERE = _(
    "Cette ligne est d’une autre région que la vôtre. Une personne qui suit tout le programme peut l’importer."
)
NOT_YOURS = _(
    "Cet identifiant est celui d’une soumission que vous ne pouvez pas modifier. Une personne qui suit tout le "
    "programme peut l’importer."
)
ASIDE = _("Laissée à corriger : %(questions)s.")
REIMPORT = _("réimport")
CORRECTION = _("correction envoyée par la personne qui a collecté")
LATE = _("original arrivé après sa correction")
_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@dataclass(slots=True)
class Draft:
    """A record on its way in: what is known of it, and what was found in it.

    counts: False for an original that comes after its correction: it is kept, and the correction still counts.
    """

    record: Record
    before: Known | None
    pk: int
    number: int
    counts: bool
    verdict: Verdict
    flags: list[Flag]
    lineage: Lineage
    day: date | None
    collector: str
    author: int
    version_pk: int = 0

    @property
    def reason(self) -> str:
        if self.before is None:
            return ""
        return (
            LATE if not self.counts else self.record.reason or (CORRECTION if self.record.deprecated_id else REIMPORT)
        )


@dataclass
class Intake:
    """What one batch brings in.

    now: the moment at which it takes the place of what counted; None to foresee what it would do.
    only_right: what draws attention is left aside, to be corrected, instead of coming in with its signals.
    """

    batch: Batch
    versions: Versions
    scope: Scope
    now: datetime | None = None
    only_right: bool = False
    counts: Counter = field(default_factory=Counter)
    refused: list[dict[str, Any]] = field(default_factory=list)
    clashes: list[dict[str, str]] = field(default_factory=list)
    unread: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    touched: dict[int, str] = field(default_factory=dict)
    places: dict[tuple[str, ...], Lineage] = field(default_factory=dict)

    @cached_property
    def targets(self) -> dict[str, projection.Target]:
        return projection.ensure(self.batch.form)

    @cached_property
    def fillers(self) -> dict[int, projection.Filler]:
        return {pk: projection.Filler(self.targets, ready.schema) for pk, ready in self.versions.by_key.items()}

    @cached_property
    def declared(self) -> dict[int, dict[str, Item | None]]:
        """The questions that the form declares, in each version."""
        form = self.batch.form
        names = {"territory": form.territory_question, "date": form.date_question, "collector": form.collector_question}
        return {
            pk: {role: ready.schema.item(name) if name else None for role, name in names.items()}
            | {"moment": ready.moment, "username": ready.first_of("username", "email")}
            for pk, ready in self.versions.by_key.items()
        }

    def run(self, records: Iterable[Record | Refusal]) -> Iterator[int]:
        """Bring everything in; yields how many records were read so far."""
        handful: list[Record] = []
        held: set[str] = set()
        for record in records:
            self.counts["rows"] += 1
            if isinstance(record, Refusal):
                self.refuse(record)
                continue
            own = known.names(record)
            if len(handful) >= HANDFUL or not held.isdisjoint(own):
                self.take(handful)
                handful, held = [], set()
                yield self.counts["rows"]
            handful.append(record)
            held.update(own)
        self.take(handful)
        yield self.counts["rows"]

    def foresee(self, records: Iterable[Record | Refusal]) -> Iterator[Draft]:
        """What bringing these in would do, without doing it: fills the counts, yields what would come in."""
        met: dict[str, Record] = {}
        for handful in _handfuls(records):
            read = [record for record in handful if isinstance(record, Record)]
            found = known.of(self.batch.form, read)
            for record in handful:
                self.counts["rows"] += 1
                if isinstance(record, Refusal):
                    self.refuse(record)
                elif twin := next((met[name] for name in known.names(record) if name in met), None):
                    self.meet(record, twin)
                elif draft := self.draft(record, found.get(id(record)), repeat(0)):
                    met |= dict.fromkeys(known.names(record), record)
                    yield draft

    def meet(self, record: Record, twin: Record) -> None:
        """Foresee a record of a submission that the same file already holds."""
        same = record.content == twin.content or record.reading == twin.reading
        self.counts["unchanged" if same else "updated"] += 1
        if not same and not record.deprecated_id:
            self.clash(record, twin.place)

    def clash(self, record: Record, other: str) -> None:
        """Two rows of one file are the same submission and do not say the same."""
        self.counts["clashes"] += 1
        if len(self.clashes) < MOST_TOLD:
            self.clashes.append({"name": record.instance_id, "first": other, "last": record.place})

    def refuse(self, refusal: Refusal) -> None:
        self.counts["refused"] += 1
        if len(self.refused) < MOST_TOLD:
            self.refused.append(refusal.as_data())

    def take(self, records: list[Record]) -> None:
        """Bring in records of which no two are the same submission."""
        found = known.of(self.batch.form, records)
        keys = iter(_keys("submissions_submission", len(records)))
        drafts = [d for record in records if (d := self.draft(record, found.get(id(record)), keys))]
        for draft, pk in zip(drafts, _keys("submissions_submissionversion", len(drafts)), strict=True):
            draft.version_pk = pk
        with connection.cursor() as cursor:
            _write_submissions(cursor, self, [d for d in drafts if d.before is None])
            _write_versions(cursor, self, drafts)
            _renew(cursor, self, [d for d in drafts if d.before and d.counts])
            write_flags(cursor, self.now, drafts)
        self.project(drafts)

    def draft(self, record: Record, before: Known | None, keys: Iterator[int]) -> Draft | None:
        """What to do with a record; None when nothing is: it is known already, or not for this person to bring."""
        is_known = before is not None and not before.is_gone
        if is_known and (number := before.holds(record)):
            record.became, self.counts["unchanged"] = number, self.counts["unchanged"] + 1
            return None
        draft = self.examined(record, before, keys)
        if is_known and (number := before.says(record)):
            record.became, self.counts["unchanged"] = number, self.counts["unchanged"] + 1
        elif before and before.is_redacted and not record.reason:  # no correction made of what is left
            self.refuse(Refusal(record.place, known.FORGOTTEN, {}))
        elif before and not self.scope.allows(before.region, before.organisation):
            self.refuse(Refusal(record.place, NOT_YOURS, {}))
        elif not self.scope.takes(draft.lineage.region):
            self.refuse(Refusal(record.place, ELSEWHERE, {}))
        elif self.only_right and (found := faults(draft.flags)):
            self.leave_aside(record, found)
        else:
            self.count(draft)
            return draft
        return None

    def leave_aside(self, record: Record, found: list[Flag]) -> None:
        """Count a row that is left to be corrected, and tell which of its questions are at fault."""
        self.counts["aside"] += 1
        if len(self.refused) < MOST_TOLD:
            names = dict.fromkeys(flag.question for flag in found if flag.question)
            self.refused.append(Refusal(record.place, ASIDE, {"questions": ", ".join(names)}).as_data())

    def count(self, draft: Draft) -> None:
        draft.record.became = draft.number
        is_known = draft.before is not None and not draft.before.is_gone
        self.counts["updated" if is_known else "received"] += 1
        self.counts["flagged"] += bool(draft.flags)
        self.leave(draft.record)
        self.counts["unplaced"] += draft.lineage.region is None
        self.counts["reopened"] += is_known and draft.counts and draft.before.state != "received"
        if is_known and draft.pk in self.touched and not draft.record.deprecated_id:
            self.clash(draft.record, self.touched[draft.pk])
        if self.now:
            self.touched[draft.pk] = draft.record.place

    def leave(self, record: Record) -> None:
        """Count what could not be read, question by question and reason by reason, with one example of each."""
        for entry in record.reading.unread:
            if entry["reason"] != NO_COLUMN:  # told once for the whole column
                self.counts["unread"] += 1
                key = (ROW_NUMBER.sub("", entry["path"]), entry["reason"])
                group = self.unread.setdefault(key, {"count": 0, "value": entry["value"], "place": record.place})
                group["count"] += 1

    def examined(self, record: Record, before: Known | None, keys: Iterator[int]) -> Draft:
        ready, answers = record.version, record.reading.answers
        verdict = checks.examine(ready.rulebook, answers, flat=record.flat, now=ready.moment_of(answers))
        declared = self.declared[ready.pk]
        lineage, day, named = self.place(declared, answers), _day(declared, answers), _collector(declared, record)
        flags = [*verdict.flags, *checks.unreadable(record.reading.unread, ready.schema)]
        flags += _declared_flags(declared, answers, lineage, day)
        if before and before.pk in self.touched and not record.deprecated_id:
            flags.append(Flag("duplicate", value=record.instance_id))
        pk, number = (before.pk, before.last + 1) if before else (next(keys), 1)
        whose = author(None if record.is_public else self.scope.account(named), self.scope.by.pk)
        counts = not (before and _is_late(record, before))
        return Draft(record, before, pk, number, counts, verdict, flags, lineage, day, named, whose)

    def place(self, declared: dict[str, Item | None], answers: dict[str, Any]) -> Lineage:
        """The territory that the declared question names, by its code, then by the label of its choice."""
        item = declared["territory"]
        answer = answers.get(item.key) if item else None
        if answer is None:
            return Lineage()
        codes = answer if isinstance(answer, list) else [str(answer)]
        labels = [label for code in codes if item.choices for label in item.choices.labels.get(code, ())]
        said = (*codes, *labels)
        if said not in self.places:
            self.places[said] = resolve(self.scope.gazetteer, said)
        return self.places[said]

    def project(self, drafts: list[Draft]) -> None:
        renewed = [d for d in drafts if d.before and d.counts]
        corrections = [d.pk for d in renewed if d.before.counts]
        if renewed:
            projection.supersede(
                self.batch.form, self.targets, [d.pk for d in renewed if not d.before.counts], self.now
            )
        if corrections:
            projection.drop_waiting(self.batch.form, corrections)
        rows, waiting = ({name: [] for name in self.targets} for _kind in "rw")
        for draft in drafts:
            if draft.counts:
                head = projection.Head(draft.pk, draft.version_pk, "received", draft.day, draft.lineage)
                filler = self.fillers[draft.record.version.pk]
                found = filler.rows(head, draft.record.reading.answers, draft.verdict.asked)
                for table, lines in found.items():
                    (waiting if draft.before and draft.before.counts else rows)[table].extend(lines)
        projection.fill(self.targets, rows)
        projection.fill(self.targets, waiting, projection.WAITING)


def faults(flags: Iterable[Flag]) -> list[Flag]:
    """What the person who filled a row can correct in it."""
    return [flag for flag in flags if flag.check != "duplicate"]


def _day(declared: dict[str, Item | None], answers: dict[str, Any]) -> date | None:
    item = declared["date"] or declared["moment"]
    answer = answers.get(item.key) if item else None
    return day_of(answer) if answer is not None else None


def _collector(declared: dict[str, Item | None], record: Record) -> str:
    for role in ("collector", "username"):
        item = declared[role]
        if item and (answer := record.reading.answers.get(item.key)) is not None:
            return str(answer)[:LONGEST_NAME]
    return record.collector[:LONGEST_NAME]


def _declared_flags(
    declared: dict[str, Item | None], answers: dict[str, Any], lineage: Lineage, day: date | None
) -> Iterator[Flag]:
    place, when = declared["territory"], declared["date"]
    if place and lineage.territory is None:
        yield Flag("territory", place.key, (), str(answers.get(place.key) or "")[: checks.LONGEST_VALUE])
    if when and (day is None or day - localdate() > AHEAD and day.year <= LAST_YEAR):  # beyond, the checks say it
        said = str(answers.get(when.key) or "")[: checks.LONGEST_VALUE]
        yield Flag("unlikely" if day else "date", when.key, (), said)


def _is_late(record: Record, before: Known) -> bool:
    """An original that comes after its correction: it names the submission, and no version has its identifier."""
    is_first = not record.deprecated_id and record.instance_id == before.name
    return is_first and record.instance_id not in before.instances.values()


def _handfuls(records: Iterable[Record | Refusal]) -> Iterator[list[Record | Refusal]]:
    left = iter(records)
    while handful := list(islice(left, HANDFUL)):
        yield handful


# Writing


def _keys(table: str, count: int) -> list[int]:
    """Primary keys taken in advance, so that rows of several tables can be copied together."""
    with connection.cursor() as cursor:
        take = "select nextval(pg_get_serial_sequence(%s, 'id')) from generate_series(1, %s)"
        cursor.execute(take, [table, count])
        return [row[0] for row in cursor.fetchall()]


def _write_submissions(cursor: Any, intake: Intake, drafts: list[Draft]) -> None:
    batch, now = intake.batch, str(intake.now)  # written once, not once per row
    projection.copy(
        cursor, sql.Identifier("submissions_submission"), SUBMISSION,
        ((d.pk, now, now, d.record.root_id or d.record.deprecated_id or d.record.instance_id, batch.form_id, "received",
          1, d.collector, d.author, intake.scope.organisation, batch.pk, d.day, d.lineage.territory, d.lineage.region,
          len(d.flags), "") for d in drafts),
    )  # fmt: skip


def _write_versions(cursor: Any, intake: Intake, drafts: list[Draft]) -> None:
    by, now = intake.scope.by.pk, str(intake.now)
    projection.copy(
        cursor, sql.Identifier("submissions_submissionversion"), VERSION,
        ((d.version_pk, now, now, d.pk, d.number, d.record.instance_id, d.record.version.pk, d.record.content,
          d.record.media_type, _json(d.record.reading.answers), _json(d.record.reading.unread),
          _json(d.verdict.computed), by, d.reason) for d in drafts),
    )  # fmt: skip


def write_flags(cursor: Any, now: datetime, drafts: list[Draft]) -> None:
    """What draws attention in each, beside the version in which it was found."""
    at = str(now)
    projection.copy(
        cursor, sql.Identifier("submissions_flag"), FLAG,
        ((at, at, d.pk, d.number, flag.check, flag.question, array(map(str, flag.rows)), flag.value)
         for d in drafts for flag in d.flags),
    )  # fmt: skip


def _renew(cursor: Any, intake: Intake, drafts: list[Draft]) -> None:
    """A new version is the latest from now on, and waits to be reviewed; one that was validated counts until then."""
    if not drafts:
        return
    rows = [
        (d.pk, d.number, d.collector, d.author, d.day, d.lineage.territory, d.lineage.region, len(d.flags))
        for d in drafts
    ]
    cursor.execute(RENEW, [intake.batch.pk, intake.now, *map(list, zip(*rows, strict=True))])
