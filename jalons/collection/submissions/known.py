"""What is already known when records come in: submissions of the same identifiers, places, people, and one's scope."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.db import connection

from jalons.collection.forms.models import Form
from jalons.collection.submissions.models import SubmissionVersion
from jalons.collection.submissions.reading import Record
from jalons.collection.submissions.rules.identity import echo
from jalons.collection.submissions.rules.instances import answered
from jalons.collection.submissions.rules.schema import fold
from jalons.collection.submissions.rules.territory import Gazetteer, gazetteer
from jalons.core.errors import _
from jalons.core.levels import Level
from jalons.foundation.accounts.models import User
from jalons.foundation.territories.models import Territory

FIND = """
select s.instance_id, s.id, s.instance_id, s.version, s.standing, s.state, s.region_id, s.organisation_id
  from submissions_submission s where s.form_id = %s and s.instance_id = any(%s)
 union
select v.instance_id, s.id, s.instance_id, s.version, s.standing, s.state, s.region_id, s.organisation_id
  from submissions_submissionversion v join submissions_submission s on s.id = v.submission_id
 where v.number > 1 and s.form_id = %s and v.instance_id = any(%s)
"""
VERSIONS = """
select submission_id, number, instance_id, coalesce(original, sha256(content)), redacted_at is not null
  from submissions_submissionversion where submission_id = any(%s)
"""

FORGOTTEN = _(
    "Quelqu’un en a été effacé à sa demande : ce qui vient encore de cette fiche n’entre pas. Corrigez-la ici."
)
GONE = {"message": FORGOTTEN, "values": {}}


@dataclass(slots=True)
class Known:
    """A submission that a record names: its versions, and where it stands.

    is_redacted: someone told in it was forgotten: what another server or phone still holds would tell of them again.
    """

    pk: int
    name: str
    version: int
    standing: int | None
    state: str
    region: int | None
    organisation: int | None
    last: int = 0
    digests: dict[bytes, int] = field(default_factory=dict)
    instances: dict[int, str] = field(default_factory=dict)
    is_redacted: bool = False
    said: dict[int, tuple[Any, Any]] = field(default_factory=dict)  # answers and unread of the versions compared

    @property
    def is_gone(self) -> bool:
        """Whether the import that brought it in was taken back: the same content may come again."""
        return self.state == "withdrawn"

    @property
    def counts(self) -> bool:
        """Whether a version of it counts, and goes on until what comes now is reviewed."""
        return self.state == "validated" or self.standing is not None

    def holds(self, record: Record) -> int:
        """Number of the version that a record is, byte for byte or as it was sent where it comes from; 0 for none."""
        if number := self.digests.get(digest(record.content)):
            return number
        sent = (n for n, name in self.instances.items() if echo(name, n, record.deprecated_id) == record.instance_id)
        return next(sent, 0) if record.deprecated_id else 0

    def says(self, record: Record) -> int:
        """Number of the version that says the same, whatever the other columns of its row were; 0 for none.

        It is the version that counts, or one that the server it comes from was known to hold.
        """
        said = (answered(record.reading.answers), record.reading.unread)
        return next((n for n in (self.version, *record.there) if self.said.get(n) == said), 0)


def names(record: Record) -> list[str]:
    """The identifiers by which a record may be known, the surest first."""
    return [name for name in (record.root_id, record.instance_id, record.deprecated_id) if name]


def digest(content: bytes) -> bytes:
    """What two equal contents share."""
    return hashlib.sha256(content).digest()


def of(form: Form, records: Iterable[Record]) -> dict[int, Known]:
    """The submission that each record names, by the record's id(); those that name none are left out."""
    records = list(records)
    wanted = [name for record in records for name in names(record)]
    with connection.cursor() as cursor:
        cursor.execute(FIND, [form.pk, wanted, form.pk, wanted])
        found: dict[str, Known] = {}
        by_pk: dict[int, Known] = {}
        for name, pk, *rest in cursor.fetchall():
            found[name] = by_pk.setdefault(pk, Known(pk, *rest))
        if by_pk:
            cursor.execute(VERSIONS, [list(by_pk)])
            for pk, number, instance, content, is_redacted in cursor.fetchall():
                before = by_pk[pk]
                before.last = max(before.last, number)
                before.instances[number] = instance
                before.is_redacted |= is_redacted
                before.digests[bytes(content)] = number
    matches = [(r, next((found[name] for name in names(r) if name in found), None)) for r in records]
    _hear([(r, b) for r, b in matches if b and (r.flat or r.again) and not b.holds(r)])
    return {id(r): before for r, before in matches if before}


def _hear(those: list[tuple[Record, Known]]) -> None:
    """What the versions say that records which came again with other bytes are compared with."""
    by_pk = {before.pk: before for _record, before in those}
    numbers = {number for record, before in those for number in (before.version, *record.there)}
    for row in SubmissionVersion.objects.filter(submission__in=list(by_pk), number__in=numbers) if those else ():
        by_pk[row.submission_id].said[row.number] = (answered(row.answers), row.unread)


class Scope:
    """What the person who brings records in may touch, and what they are resolved by."""

    def __init__(self, form: Form, by: User) -> None:
        self.form, self.by = form, by
        grants = [g for g in by.grants("submissions", Level.EDIT) if g.programme_id in (None, form.programme_id)]
        self.is_closed = not grants
        self.whole = any(not (g.region_id or g.organisation_id) for g in grants)
        self.regions = {g.region_id for g in grants if g.region_id}
        self.organisations = {g.organisation_id for g in grants if g.organisation_id}

    @property
    def organisation(self) -> int | None:
        """The organisation that a row brought in belongs to: its member sees only its own."""
        return None if self.whole else min(self.organisations, default=None)

    def allows(self, region: int | None, organisation: int | None) -> bool:
        """Whether a submission already known may be given a new version."""
        return self.whole or region in self.regions or (organisation is not None and organisation in self.organisations)

    def takes(self, region: int | None) -> bool:
        """Whether a row of a region may come in; a row without a region may, and waits for programme-wide roles."""
        return self.whole or region is None or not self.regions or region in self.regions

    @cached_property
    def gazetteer(self) -> Gazetteer:
        return gazetteer(Territory.objects.values_list("id", "code", "level", "name", "parent_id"))

    @cached_property
    def accounts(self) -> dict[str, int]:
        people: dict[str, int] = {}
        rows: Any = User.objects.filter(memberships__programme=self.form.programme_id).distinct()
        for pk, name, email in rows.values_list("pk", "name", "email"):
            people |= {fold(name): pk, email.lower(): pk}
        return people

    def account(self, collector: str) -> int | None:
        """The account of a collector, by e-mail address or by name."""
        return self.accounts.get(collector.strip().lower()) or self.accounts.get(fold(collector)) if collector else None
