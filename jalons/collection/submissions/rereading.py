"""Submissions read again from their kept answers: place, day, collector, author and what draws attention in them.

What they answer does not change. Rows whose place, day or state changes are closed and written anew in the typed
tables, so that figures made of them begin new drafts, and those already told can be computed again as they were.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from itertools import repeat

from django.db import connection
from django.db.models import F, QuerySet

from jalons.collection.forms.models import Form
from jalons.collection.submissions import projection
from jalons.collection.submissions.flags import count_flags
from jalons.collection.submissions.intake import LONGEST_NAME, Draft, Intake, write_flags
from jalons.collection.submissions.known import Scope
from jalons.collection.submissions.models import Batch, Flag, Submission, SubmissionVersion
from jalons.collection.submissions.reading import ROW_TYPE, Record, Versions
from jalons.collection.submissions.rules import checks
from jalons.collection.submissions.rules.headers import MARKS
from jalons.collection.submissions.rules.instances import Reading
from jalons.collection.submissions.rules.review import author
from jalons.foundation.accounts.models import User

HANDFUL = 1_000
RENEW = """
update submissions_submission s
   set collector = n.collector, author_id = n.author, collected_on = n.day, territory_id = n.territory,
       region_id = n.region, flag_count = n.flags, updated_at = %s,
       state = case when n.reopened then 'received' else s.state end,
       reviewed_by_id = case when n.reopened then null else s.reviewed_by_id end,
       reviewed_at = case when n.reopened then null else s.reviewed_at end
  from unnest(%s::bigint[], %s::text[], %s::bigint[], %s::date[], %s::bigint[], %s::bigint[], %s::int[], %s::bool[])
       as n (id, collector, author, day, territory, region, flags, reopened)
 where s.id = n.id
"""


@dataclass(slots=True)
class Change:
    """A submission, and what is now read of it. is_reopened: its reviewer is now known to be its author."""

    held: Submission
    version: SubmissionVersion
    draft: Draft
    is_reopened: bool

    @property
    def state(self) -> str:
        return "received" if self.is_reopened else self.held.state

    @property
    def moves(self) -> bool:
        """Whether figures may change: its place, its day or its state does."""
        before = (self.held.collected_on, self.held.territory_id)
        return self.is_reopened or before != (self.draft.day, self.draft.lineage.territory)


@dataclass
class Rereader:
    """Reads submissions of a form again, as it declares its questions now.

    now:     the moment at which what changes takes the place of what counted.
    renewed: whether another of their versions counts from now on, so that all is written anew.
    """

    form: Form
    by: User
    now: datetime
    renewed: bool = False
    counts: Counter = field(default_factory=Counter)

    @cached_property
    def intake(self) -> Intake:
        versions = Versions(self.form, self.form.versions.order_by("-number").first())
        return Intake(Batch(form=self.form), versions, Scope(self.form, self.by), self.now)

    def run(self, rows: QuerySet[Submission]) -> Iterator[int]:
        """Read rows again; yields how many were so far."""
        last = 0
        ordered = rows.select_for_update(of=("self",)).order_by("pk")
        while handful := list(ordered.filter(pk__gt=last)[:HANDFUL]):
            self.take(handful)
            last = handful[-1].pk
            yield self.counts["read"]

    def take(self, handful: list[Submission]) -> None:
        keys = [held.pk for held in handful]
        versions = {version.submission_id: version for version in _current(keys)}
        flags = _flags(keys)
        changes = []
        for held in handful:
            draft = self.read(held, versions[held.pk], flags[held.pk])
            change = Change(held, versions[held.pk], draft, held.reviewed_by_id == draft.author)
            self.count(change)
            if self.renewed or _told(held, flags[held.pk]) != _read(draft):
                changes.append(change)
        self.counts["changed"] += len(changes)
        self.write(changes)

    def read(self, held: Submission, version: SubmissionVersion, flags: list[checks.Flag]) -> Draft:
        """What its kept answers say, by the questions that the form declares now."""
        ready = self.intake.versions.by_key[version.form_version_id]
        flat = version.media_type == ROW_TYPE
        record = Record("", version.instance_id, "", "", ready, _sender(version) if flat else "", b"",
                        Reading(version.answers, version.unread), flat)  # fmt: skip
        draft = self.intake.examined(record, None, repeat(held.pk))
        draft.number, draft.version_pk = version.number, version.pk
        draft.author = author(self.intake.scope.account(draft.collector), version.by_id)
        draft.flags += [flag for flag in flags if flag.check == "duplicate"]
        return draft

    def count(self, change: Change) -> None:
        held, draft = change.held, change.draft
        self.counts["read"] += 1
        self.counts["placed"] += held.territory_id != draft.lineage.territory
        self.counts["dated"] += held.collected_on != draft.day
        self.counts["signed"] += (held.collector, held.author_id) != (draft.collector, draft.author)
        self.counts["unplaced"] += draft.lineage.region is None
        self.counts["undated"] += draft.day is None
        self.counts["reopened"] += change.is_reopened

    def write(self, changes: list[Change]) -> None:
        if not changes:
            return
        keys = [change.held.pk for change in changes]
        with connection.cursor() as cursor:
            cursor.execute(RENEW, [self.now, *map(list, zip(*map(_row, changes), strict=True))])
            held = Flag.objects.filter(check_code__in=Flag.ON_ARRIVAL, submission__in=keys)
            held.filter(version=F("submission__version")).delete()
            write_flags(cursor, self.now, [change.draft for change in changes])
        count_flags(keys)
        self.project([change for change in changes if self.renewed or change.moves])

    def project(self, changes: list[Change]) -> None:
        """Close the rows of those that counted, and write what is read now."""
        targets = self.intake.targets
        waiting = [change for change in changes if change.held.standing]
        projection.drop_waiting(self.form, [change.held.pk for change in waiting])
        projection.fill(targets, self._rows(waiting), projection.WAITING)
        others = [change for change in changes if not change.held.standing]
        projection.supersede(self.form, targets, [change.held.pk for change in others], self.now)
        projection.fill(targets, self._rows(others))
        projection.accept(self.form, [change.held.pk for change in others if change.state == "validated"], self.now)

    def _rows(self, changes: list[Change]) -> dict[str, list]:
        rows: dict[str, list] = defaultdict(list)
        for change in changes:
            draft = change.draft
            head = projection.Head(draft.pk, draft.version_pk, change.state, draft.day, draft.lineage)
            filler = self.intake.fillers[draft.record.version.pk]
            for table, lines in filler.rows(head, draft.record.reading.answers, draft.verdict.asked).items():
                rows[table].extend(lines)
        return rows


def _current(keys: list[int]) -> QuerySet[SubmissionVersion]:
    return SubmissionVersion.objects.filter(submission__in=keys, number=F("submission__version"))


def _flags(keys: list[int]) -> dict[int, list[checks.Flag]]:
    """What drew attention in the versions that count."""
    found: dict[int, list[checks.Flag]] = defaultdict(list)
    rows = Flag.objects.filter(check_code__in=Flag.ON_ARRIVAL, submission__in=keys, version=F("submission__version"))
    for pk, check, question, places, value in rows.values_list(
        "submission", "check_code", "question", "rows", "value"
    ):  # fmt: skip
        found[pk].append(checks.Flag(check, question, tuple(places), value))
    return found


def _told(held: Submission, flags: list[checks.Flag]) -> tuple:
    return held.collected_on, held.territory_id, held.region_id, held.collector, held.author_id, sorted(flags)


def _read(draft: Draft) -> tuple:
    lineage = draft.lineage
    return draft.day, lineage.territory, lineage.region, draft.collector, draft.author, sorted(draft.flags)


def _row(change: Change) -> tuple:
    draft, lineage = change.draft, change.draft.lineage
    return (draft.pk, draft.collector, draft.author, draft.day, lineage.territory, lineage.region, len(draft.flags),
            change.is_reopened)  # fmt: skip


def _sender(version: SubmissionVersion) -> str:
    """Who the row of an export says sent it."""
    cells = {header.lower(): cell for header, cell in json.loads(bytes(version.content))["cells"].items()}
    said = next((cells[name] for name in MARKS["collector"] if cells.get(name)), "")
    return str(said).strip().replace("\0", "")[:LONGEST_NAME]
