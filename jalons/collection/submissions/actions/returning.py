"""What was corrected and decided here, told to the server that the submission came from: each once, until it is."""

from collections.abc import Callable
from typing import Any

from django.db.models import F, Q

from jalons.collection.submissions.models import Counterpart, SubmissionVersion, Tie
from jalons.collection.submissions.reading import Ready
from jalons.collection.submissions.rewriting import Unsendable, differing, heard
from jalons.collection.submissions.rules import servers as rules
from jalons.collection.submissions.rules.instances import answered
from jalons.collection.submissions.servers import Denied, Entry, Server, Sight
from jalons.core.errors import Refused, _

HANDFUL = 100
MOVED = _("La fiche a été modifiée là-bas entre-temps : le prochain relevé prend d’abord cette version, à revoir ici.")
FORGOTTEN = _(
    "Quelqu’un a été oublié dans cette fiche : la correction n’y est pas écrite d’ici. Effacez là-bas ce qui nomme "
    "cette personne, ou supprimez-y la fiche."
)
IS_THERE = Q(holds=F("submission__version")) | Q(holds__isnull=True)


class _Moved(Exception):  # noqa: N818
    """What is there is neither what we knew nor what we would write."""


def send_corrections(tie: Tie, server: Server) -> tuple[int, list[Sight]]:
    """Write there what was corrected here and validated; how many went, and what moved there meanwhile.

    What moved there is not written over: it is pulled, as a version to review. A refusal of the right to write ends
    it: all others would be refused too.
    """
    rows = tie.counterparts.filter(~IS_THERE, state=Counterpart.State.IN, submission__state="validated")
    found = rows.select_related("submission").order_by("pk")
    waiting = [row for row in found if row.unsent.get("version") != row.submission.version]
    ready_for, sent, moved = _reader(), 0, []
    for start in range(0, len(waiting), HANDFUL):
        handful = waiting[start : start + HANDFUL]
        entries = {e.sight.remote_id: e for e in server.fetch(tie.remote_id, [_sight(row) for row in handful])}
        for row in handful:
            if row.remote_id not in entries:
                continue  # no more there: the next whole reading says so
            try:
                sent += _send(row, tie, entries[row.remote_id], server, ready_for)
            except _Moved:
                _keep(row, unsent=as_problem(Refused(MOVED)))
                moved.append(entries[row.remote_id].sight)
            except Unsendable as refusal:
                _keep(row, unsent=as_problem(refusal) | {"version": row.submission.version})
            except Refused as refusal:
                _keep(row, unsent=as_problem(refusal))
                if isinstance(refusal, Denied):
                    return sent, moved
    return sent, moved


def _sight(row: Counterpart) -> Sight:
    return Sight(row.remote_id, row.root, row.marker, row.review, row.submitter)


def _reader() -> Callable[[SubmissionVersion], Ready]:
    """What reads a version, made once for each version of the form."""
    made: dict[int, Ready] = {}

    def ready_for(version: SubmissionVersion) -> Ready:
        if version.form_version_id not in made:
            made[version.form_version_id] = Ready(version.form_version)
        return made[version.form_version_id]

    return ready_for


def _send(
    row: Counterpart, tie: Tie, entry: Entry, server: Server, ready_for: Callable[[SubmissionVersion], Ready]
) -> bool:
    """Write one there, unless it is there already; whether it was written."""
    ours, content, marker = row.submission.current, entry.contents[-1], entry.sight.marker
    if ours.redacted_at:
        raise Unsendable(FORGOTTEN)
    ready = ready_for(ours)
    changes = differing(heard(content, ready.schema), answered(ours.answers), ready.schema)
    if changes:
        numbers = (row.holds, row.sending or 0)
        known = row.submission.versions.select_related("form_version").filter(number__in=numbers)
        if not any(heard(content, ready_for(one).schema) == answered(one.answers) for one in known):
            raise _Moved
        written = server.rewrite(tie.remote_id, content, ours, ready, changes)
        _keep(row, sending=ours.number)
        marker = server.amend(tie.remote_id, entry.sight, written)
    _keep(row, holds=ours.number, sending=None, unsent={}, marker=marker, review=Counterpart.Review.NONE, told=None)
    return bool(changes)


def tell_reviews(tie: Tie, server: Server) -> int:
    """Tell there what was decided here since last time, each decision once; how many were told.

    An approval waits until what was approved is what is there.
    """
    told, rows = 0, tie.counterparts.filter(state=Counterpart.State.IN, submission__state__in=rules.OURS)
    rows = rows.filter(IS_THERE | ~Q(submission__state="validated"), submission__reviewed_at__isnull=False)
    for row in rows.select_related("submission").order_by("pk").iterator(chunk_size=500):
        submission = row.submission
        if row.told and row.told >= submission.reviewed_at:
            continue
        review = rules.OURS[submission.state]
        try:
            if row.review != review:
                server.review(tie.remote_id, row.remote_id, review)
            _keep(row, told=submission.reviewed_at, review=review, untold={})
            told += 1
        except Refused as refusal:
            _keep(row, untold=as_problem(refusal))
    return told


def _keep(row: Counterpart, **told: Any) -> None:
    for name, value in told.items():
        setattr(row, name, value)
    row.save(update_fields=[*told, "updated_at"])


def as_problem(refusal: Refused) -> dict[str, Any]:
    """A refusal as it is kept."""
    return {
        "message": refusal.message,
        "values": {k: v if isinstance(v, int) else str(v) for k, v in refusal.values.items()},
    }
