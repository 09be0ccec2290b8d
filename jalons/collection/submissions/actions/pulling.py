"""Bringing in what another server holds, handful by handful: each one whole, with how far it was read."""

import contextlib
import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connection as database
from django.utils import timezone

from jalons.collection.submissions import known, kobo, moments, odk
from jalons.collection.submissions.actions.returning import as_problem, send_corrections, tell_reviews
from jalons.collection.submissions.intake import Intake
from jalons.collection.submissions.known import Scope
from jalons.collection.submissions.models import Batch, Connection, Counterpart, Enclosure, Submission, Tie
from jalons.collection.submissions.reading import Record, Refusal, Versions
from jalons.collection.submissions.rules import servers as rules
from jalons.collection.submissions.servers import Absent, Entry, Server, Sight
from jalons.core import documents, vault
from jalons.core.actions import action
from jalons.core.errors import Refused, _
from jalons.core.levels import Level
from jalons.foundation.accounts.models import User

log = logging.getLogger(__name__)
KEY = 0x4A616C  # of the advisory lock that one pull of a project holds
BETWEEN = timedelta(hours=1)  # whole readings of a list, to see what changed or went without saying so
MOST_ASKED = 50  # submissions gone from the list that are asked one by one before being said deleted
SERVERS = {"kobo": kobo.Kobo, "odk": odk.Odk}
READERS = {"kobo": kobo.read, "odk": odk.read}
NO_RIGHT = _(
    "La personne qui a donné cet accès ne peut plus envoyer de soumissions dans ce programme : redonnez l’accès."
)
TO_SEND = (Submission.State.RECEIVED, Submission.State.VALIDATED)
CLOSED = _("Cette connexion est fermée, ou ce projet est détaché.")
ALREADY = _("Un relevé de ce projet est déjà en cours.")
SHORT = _(
    "Le serveur annonce %(announced)s fiches et n’en a montré que %(seen)s : rien n’est conclu de celles qui manquent."
)
NOT_SHOWN = _("Le serveur la montre dans sa liste, puis ne la donne pas.")
NOTHING_READ = _("Rien n’a pu y être lu.")
CROSSED = _(
    "Corrigée ici (version %(ours)s) et modifiée là-bas en même temps (version %(theirs)s, à revoir). La correction "
    "d’ici n’y a pas été écrite : si elle vaut encore, refaites-la avant de valider, ou rejetez leur version."
)
VERSIONED = _(
    "Le formulaire a changé là-bas (version %(version)s). Reprenez-le, pour que ses nouvelles questions se lisent."
)


@dataclass
class Pulled:
    """What a pull did."""

    received: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: int = 0
    gone: int = 0
    files: int = 0
    sent: int = 0
    told: int = 0
    seen: dict[str, Sight] = field(default_factory=dict)
    tried: set[str] = field(default_factory=set)


def open_server(connection: Connection, *, waits: bool = False) -> Server:
    """The server of a connection, with its secret unsealed in memory only. waits: a person waits for its answers."""
    secret = vault.unseal(connection.secret)
    return SERVERS[connection.protocol](connection.address, connection.account, secret, waits=waits)


@contextlib.contextmanager
def alone(tie: Tie) -> Iterator[None]:
    """Let nobody else pull the same project meanwhile; a process that dies lets go."""
    with database.cursor() as cursor:
        cursor.execute("select pg_try_advisory_lock(%s, %s)", [KEY, tie.pk])
        if not cursor.fetchone()[0]:
            raise Refused(ALREADY)
    try:
        yield
    finally:
        with database.cursor() as cursor:
            cursor.execute("select pg_advisory_unlock(%s, %s)", [KEY, tie.pk])


def pull(tie: Tie, by: User, *, whole: bool = False, progress: Callable[..., None] | None = None) -> Pulled:
    """Bring in what is new or changed in a project, say what is gone there, tell there what was corrected and decided.

    whole: read the whole list even if it was read not long ago.
    Error: Refused with what is wrong; what was brought in before that stays, and the next pull goes on from there.
    """
    if tie.connection.state != Connection.State.OPEN or tie.state != Tie.State.OPEN:
        raise Refused(CLOSED)
    if Scope(tie.form, by).is_closed:
        raise Refused(NO_RIGHT)
    server = open_server(tie.connection)
    try:
        with alone(tie):
            return _pull(tie, by, server, whole, progress)
    finally:
        server.close()


def _pull(tie: Tie, by: User, server: Server, whole: bool, progress: Callable | None) -> Pulled:
    there, done, tie.problem = server.project(tie.remote_id), Pulled(), {}
    is_first = not tie.cursor  # the list is read from its beginning
    is_old = tie.swept_at is None or tie.swept_at < timezone.now() - BETWEEN
    for sights, cursor in server.sights(tie.remote_id, tie.cursor):
        _bring(tie, by, server, sights, cursor, done)
        if progress:
            progress(len(done.seen), server.announced or there.count)
    mine = tie.counterparts.exclude(state__in=Counterpart.DELETED).count()
    if is_first:
        _conclude(tie, by, server, done)
    elif whole or is_old or (there.count is not None and there.count != mine):
        _sweep(tie, by, server, done)
    fetch_files(tie, server, done)
    done.sent, moved = send_corrections(tie, server)
    _bring(tie, by, server, moved, tie.cursor, done)
    done.told = tell_reviews(tie, server)
    is_new = bool(there.version) and there.version not in tie.versions
    values = {"message": VERSIONED, "values": {"version": there.version}} if is_new and tie.versions else {}
    now, problem = timezone.now(), tie.problem or values
    since = (tie.troubled_at or now) if problem else None
    keep_standing(tie, newest=there.version[:249], problem=problem, troubled_at=since, pulled_at=now)
    return done


def _bring(tie: Tie, by: User, server: Server, sights: list[Sight], cursor: dict, done: Pulled) -> None:
    """Fetch what is unknown or changed of a part of the list and bring it in; the cursor moves with the last of it."""
    done.seen |= {sight.remote_id: sight for sight in sights}
    held = {row.remote_id: row for row in tie.counterparts.filter(remote_id__in=[s.remote_id for s in sights])}
    wanted = [s for s in sights if s.remote_id not in done.tried and _differs(s, held.get(s.remote_id))]
    done.tried |= {sight.remote_id for sight in wanted}
    handfuls = [wanted[n : n + server.handful] for n in range(0, len(wanted), server.handful)]
    for number, handful in enumerate(handfuls, start=1):
        entries = server.fetch(tie.remote_id, handful)
        moved = cursor if number == len(handfuls) else tie.cursor
        take(tie=tie, entries=entries, wanted=handful, cursor=moved, counts=done, by=by)
        tie.cursor = moved
    if not handfuls and cursor != tie.cursor:
        keep_standing(tie, cursor=cursor)
    changed = [s for s in sights if (row := held.get(s.remote_id)) and not _differs(s, row) and s.review != row.review]
    for sight in changed:
        held[sight.remote_id].review = sight.review
    Counterpart.objects.bulk_update([held[s.remote_id] for s in changed], ["review"], batch_size=1000)


def _differs(sight: Sight, row: Counterpart | None) -> bool:
    return row is None or row.marker != sight.marker or row.state in (Counterpart.State.REFUSED, *Counterpart.DELETED)


@action("tie.received", needs=Level.EDIT)
def take(*, tie: Tie, entries: Sequence[Entry], wanted: Sequence[Sight], cursor: dict, counts: Pulled, by: User) -> Tie:
    """Bring a handful in: stored, checked and projected, with its counterparts, its files to fetch and the cursor."""
    moments.receive_alone(tie.form_id)
    now = moments.hold([tie.form.programme_id])
    held = Tie.objects.select_for_update(of=("self",)).select_related("connection", "form__programme").get(pk=tie.pk)
    if held.state != Tie.State.OPEN or held.connection.state != Connection.State.OPEN:
        raise Refused(CLOSED)
    form = held.form
    versions = Versions(form, form.versions.order_by("-number").first())
    read = {e.sight.remote_id: list(READERS[held.connection.protocol](e, versions, held.versions)) for e in entries}
    before = {row.remote_id: row for row in _before(held, wanted)}
    for name, row in before.items():
        for record in read.get(name, ()):
            if isinstance(record, Record):
                record.there = tuple(number for number in (row.holds, row.sending) if number)
    intake = Intake(Batch(form=form), versions, Scope(form, by), now)
    for _done in intake.run(record for records in read.values() for record in records):
        pass
    for name in ("received", "updated", "unchanged", "refused"):
        setattr(counts, name, getattr(counts, name) + intake.counts[name])
    _write(held, entries, wanted, read, {entry["place"]: entry for entry in intake.refused}, before)
    held.cursor = cursor
    held.save(update_fields=["cursor", "updated_at"])
    return held


def _before(tie: Tie, sights: Sequence[Sight]) -> Iterable[Counterpart]:
    return tie.counterparts.filter(remote_id__in=[s.remote_id for s in sights]).select_related("submission")


def _write(
    tie: Tie,
    entries: Sequence[Entry],
    wanted: Sequence[Sight],
    read: dict[str, list[Record | Refusal]],
    refused: dict,
    before: dict[str, Counterpart],
) -> None:
    """Say of each submission there what it became here, or why it did not come in; name its files."""
    records = [record for those in read.values() for record in those if isinstance(record, Record)]
    found = known.of(tie.form, records)
    became = {r.place: found[id(r)].pk for r in records if id(r) in found}
    rows = [_counterpart(tie, sight, became.get(sight.remote_id), refused, read) for sight in wanted]
    for row in rows:
        _stand(row, before.get(row.remote_id), read.get(row.remote_id, []))
    told = ["root", "marker", "submitter", "submission", "state", "reason", "review", "holds", "sending", "unsent",
            "updated_at"]  # fmt: skip
    Counterpart.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["tie", "remote_id"], update_fields=told, batch_size=1000
    )
    files = [(entry.sight.remote_id, name, address) for entry in entries for name, address in entry.files]
    if files:
        keys = dict(tie.counterparts.filter(remote_id__in={f[0] for f in files}).values_list("remote_id", "pk"))
        Enclosure.objects.bulk_create(
            (Enclosure(counterpart_id=keys[row], name=documents.safe_name(name)[:255], address=address[:1000])
             for row, name, address in files), ignore_conflicts=True,
        )  # fmt: skip


def _counterpart(
    tie: Tie, sight: Sight, submission: int | None, refused: dict, read: dict[str, list[Record | Refusal]]
) -> Counterpart:
    row = Counterpart(
        tie=tie, remote_id=sight.remote_id, root=sight.root, marker=sight.marker, submitter=sight.submitter,
        submission_id=submission, review=sight.review,
    )  # fmt: skip
    entry = refused.get(sight.remote_id)
    if entry or submission is None:
        missing = NOTHING_READ if read.get(sight.remote_id) else NOT_SHOWN
        row.state = Counterpart.State.REFUSED
        row.reason = {"message": entry["message"], "values": entry["values"]} if entry else {"message": missing}
    return row


def _stand(row: Counterpart, before: Counterpart | None, read: list[Record | Refusal]) -> None:
    """Say which version here the server holds now, and whether it changed there what was corrected here meanwhile."""
    became = [record.became for record in read if isinstance(record, Record) and record.became]
    if not became:
        if before:
            row.holds, row.sending, row.unsent = before.holds, before.sending, before.unsent
        return
    row.holds = became[-1]
    if before and before.submission and before.holds not in (None, row.holds):
        ours, is_new = before.submission.version, row.holds > before.submission.version
        if is_new and ours != before.holds and before.submission.state in TO_SEND:
            row.unsent = {"message": CROSSED, "values": {"ours": ours, "theirs": row.holds}}


# What changed or went without saying so


def _sweep(tie: Tie, by: User, server: Server, done: Pulled) -> None:
    """Read the whole list: bring in what was missed, and find what is no more there."""
    done.seen = {}
    for sights, _cursor in server.sights(tie.remote_id, {}):
        _bring(tie, by, server, sights, tie.cursor, done)
    _conclude(tie, by, server, done)


def _conclude(tie: Tie, by: User, server: Server, done: Pulled) -> None:
    """What the whole list tells once read: how many there are, and what is no more there."""
    announced, seen = server.announced, len(done.seen)
    if announced is not None and seen < announced:
        keep_standing(tie, problem={"message": SHORT, "values": {"announced": announced, "seen": seen}})
        return
    known_there = tie.counterparts.exclude(state__in=Counterpart.DELETED).values_list("pk", "remote_id")
    lost = {pk: name for pk, name in known_there if name not in done.seen}
    if lost and all(server.is_gone(tie.remote_id, name) for name in list(lost.values())[:MOST_ASKED]):
        miss(tie=tie, keys=list(lost), by=by)
        done.gone = len(lost)
    keep_standing(tie, counted=seen, swept_at=timezone.now(), problem={})


@action("tie.missed", needs=Level.EDIT)
def miss(*, tie: Tie, keys: Sequence[int], by: User) -> Tie:
    """Say that submissions are no more on the server that held them. Nothing changes here until a person decides."""
    those = tie.counterparts.filter(pk__in=keys)
    those.filter(submission__isnull=False).update(state=Counterpart.State.GONE, updated_at=timezone.now())
    those.filter(submission__isnull=True).delete()  # never came in: nothing to decide
    return tie


def keep_standing(tie: Tie, **told: Any) -> None:
    """How far a project was read, and how it went: no act of a person."""
    for name, value in told.items():
        setattr(tie, name, value)
    tie.save(update_fields=[*told, "updated_at"])


# Files


def fetch_files(tie: Tie, server: Server, done: Pulled) -> None:
    """Fetch the files that are named and not here yet, one by one; what fails is tried again at the next pull."""
    waiting = Enclosure.objects.filter(counterpart__tie=tie, sha256="").order_by("pk")
    for row in waiting.iterator(chunk_size=200):
        try:
            row.sha256, row.size = documents.store(server.stream(row.address))
            with documents.path(row.sha256).open("rb") as content:
                row.media_type = documents.media_type(content)[:127]
            row.problem, done.files = {}, done.files + 1
        except Refused as refusal:
            row.sha256, row.problem = "", as_problem(refusal)
        row.save(update_fields=["sha256", "size", "media_type", "problem", "updated_at"])


# How it went


def settle(connection: Connection, refusal: Refused | None) -> None:
    """Keep how an attempt went, and when to try again."""
    now: datetime = timezone.now()
    if refusal:
        connection.failures, connection.problem = connection.failures + 1, as_problem(refusal)
        connection.troubled_at = connection.troubled_at or now
    else:
        connection.failures, connection.problem, connection.troubled_at, connection.pulled_at = 0, {}, None, now
    connection.next_at = now + timedelta(minutes=rules.wait(connection.every, connection.failures))
    fields = ["failures", "problem", "troubled_at", "pulled_at", "next_at", "updated_at"]
    connection.save(update_fields=fields)


def _keep_trouble(tie: Tie, refusal: Refused) -> None:
    keep_standing(tie, problem=as_problem(refusal), troubled_at=tie.troubled_at or timezone.now())


def pull_asked(tie: Tie, progress: Callable[..., None]) -> Pulled:
    """Pull the whole list of a project because a person asked, and keep how it went as at each turn."""
    try:
        done = pull(tie, tie.connection.by, whole=True, progress=progress)
    except Refused as refusal:
        _keep_trouble(tie, refusal)
        settle(tie.connection, None if isinstance(refusal, Absent) else refusal)
        raise
    settle(tie.connection, None)
    return done


def pull_all(connection: Connection) -> None:
    """Pull every project of a connection, as its turn came; one that is no more there does not hold the others back."""
    failed: Refused | None = None
    for tie in ties_of(connection):
        try:
            pull(tie, connection.by)
        except Refused as refusal:
            _keep_trouble(tie, refusal)
            failed = failed or (None if isinstance(refusal, Absent) else refusal)
    settle(connection, failed)


def ties_of(connection: Connection) -> Iterable[Tie]:
    """The projects of a connection that are pulled."""
    open_ones = connection.ties.filter(state=Tie.State.OPEN)
    return open_ones.select_related("connection__by", "connection__programme", "form__programme")
