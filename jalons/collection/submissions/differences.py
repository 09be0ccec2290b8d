"""What one server has and the other has not, each row with its reason: nobody has to guess where two figures part."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Exists, F, Min, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext as _

from jalons.collection.submissions.models import (
    Attachment,
    Connection,
    Counterpart,
    Enclosure,
    Submission,
    Tie,
    Webhook,
)
from jalons.collection.submissions.models.connections import said
from jalons.collection.submissions.rules.servers import OURS
from jalons.core.levels import Level
from jalons.foundation.programmes.models import Programme

IS_BEHIND = Q(holds__isnull=False) & ~Q(holds=F("submission__version"))
SHOWN = 200  # rows of a group; all are counted


@dataclass(slots=True)
class Line:
    """One row that differs. submission: its key here, None when it is not; settle: the key of what a person decides."""

    name: str
    why: str
    submission: int | None = None
    settle: int | None = None


@dataclass(slots=True)
class Group:
    """Rows that differ for one reason. effect: what they add to our figure, seen from theirs."""

    title: str
    count: int
    effect: int
    lines: list[Line] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Comparison:
    """There, here, and the groups that lead from one figure to the other; `others` change neither."""

    there: int
    here: int
    groups: list[Group]
    others: list[Group]


def compare(tie: Tie, user: Any) -> Comparison:
    """A project and its form side by side, as they were when the project was last counted and as it is now here.

    The effects of the groups add up to the difference exactly.
    """
    rows = tie.counterparts.select_related("submission")
    live = rows.exclude(state__in=Counterpart.DELETED)
    there = tie.counted if tie.counted is not None else live.count()
    mine = Submission.objects.filter(form=tie.form).exclude(state=Submission.State.WITHDRAWN)
    groups = [
        _missing(there - live.count()), _refused(live), _withdrawn(live), _doubles(live), *_deleted(rows, live),
        *_elsewhere(tie, mine, user),
    ]  # fmt: skip
    others = [_versions(live), _corrections(live), _reviews(live), _untold(live), _unfetched(tie)]
    return Comparison(there, mine.count(), [g for g in groups if g.effect], [g for g in others if g.count])


def _missing(count: int) -> Group:
    title = _("comptées là-bas, pas encore relevées") if count > 0 else _("relevées depuis le dernier comptage")
    return Group(title, abs(count), -count)


def _refused(live: QuerySet) -> Group:
    found = live.filter(submission__isnull=True)
    lines = [Line(row.root, row.why) for row in found[:SHOWN]]
    return Group(_("là-bas, refusées ici"), count := found.count(), -count, lines)


def _withdrawn(live: QuerySet) -> Group:
    found = live.filter(submission__state=Submission.State.WITHDRAWN)
    lines = [Line(row.root, row.submission.rejection_reason, row.submission_id) for row in found[:SHOWN]]
    return Group(_("là-bas, retirées ici"), count := found.count(), -count, lines)


def _doubles(live: QuerySet) -> Group:
    held = live.filter(submission__isnull=False).exclude(submission__state=Submission.State.WITHDRAWN)
    many = held.values("submission").annotate(times=Count("pk")).filter(times__gt=1).order_by("submission")
    extra = sum(one["times"] - 1 for one in many)
    keys = [one["submission"] for one in many[:SHOWN]]
    lines = [
        Line(f"{row.root} · {row.remote_id}", _("La même fiche, deux fois là-bas : une seule ici."), row.submission_id)
        for row in held.filter(submission__in=keys).order_by("submission", "pk")
    ]
    return Group(_("deux fois là-bas, une fois ici"), extra, -extra, lines)


def _deleted(rows: QuerySet, live: QuerySet) -> Iterable[Group]:
    still = Exists(live.filter(submission=OuterRef("submission")).order_by())
    found = rows.filter(~still).exclude(submission__state=Submission.State.WITHDRAWN)
    waiting, kept = found.filter(state=Counterpart.State.GONE), found.filter(state=Counterpart.State.KEPT)
    asked = _("Supprimée là-bas. Personne n’a encore décidé de ce qu’elle devient ici.")
    lines = [Line(row.root, asked, row.submission_id, row.pk) for row in waiting[:SHOWN]]
    yield Group(_("supprimées là-bas, à décider ici"), count := waiting.count(), count, lines)
    lines = [Line(row.root, row.why, row.submission_id) for row in kept[:SHOWN]]
    yield Group(_("supprimées là-bas, gardées ici sur décision"), count := kept.count(), count, lines)


def _elsewhere(tie: Tie, mine: QuerySet, user: Any) -> Iterable[Group]:
    known = Counterpart.objects.filter(tie=tie, submission=OuterRef("pk")).order_by()
    others = Counterpart.objects.filter(tie__form=tie.form, submission=OuterRef("pk")).exclude(tie=tie).order_by("pk")
    found = mine.filter(~Exists(known)).annotate(project=Subquery(others.values("tie__title")[:1]))
    for title, those in (
        (_("ici, venues d’autres projets"), found.filter(project__isnull=False)),
        (_("ici, venues par un autre chemin"), found.filter(project__isnull=True)),
    ):
        yield _of_ours(title, those, tie, user)


def _of_ours(title: str, found: QuerySet, tie: Tie, user: Any) -> Group:
    shown = found.filter(pk__in=Submission.objects.for_user(user).filter(form=tie.form).values("pk"))
    lines = [
        Line(row.instance_id, _origin(row), row.pk) for row in shown.select_related("batch").order_by("pk")[:SHOWN]
    ]
    return Group(title, count := found.count(), count, lines)


def _origin(row: Submission) -> str:
    if row.project:
        return _("Projet « %(project)s ».") % {"project": f"\u2068{row.project}\u2069"}
    if row.batch:
        return _("Import « %(file)s ».") % {"file": f"\u2068{row.batch.file_name}\u2069"}
    return _("Téléphone, page ou logiciel.")


# What differs without changing a count


def _versions(live: QuerySet) -> Group:
    found = live.filter(state=Counterpart.State.REFUSED, submission__isnull=False)
    lines = [Line(row.root, row.why, row.submission_id) for row in found[:SHOWN]]
    return Group(_("modifiées là-bas, dont la nouvelle version est refusée ici"), found.count(), 0, lines)


def _corrections(live: QuerySet) -> Group:
    those = live.filter(state=Counterpart.State.IN, submission__state__in=["received", "validated"])
    found = those.filter(IS_BEHIND | Q(submission__state="received") & ~Q(unsent={}))
    lines = [Line(row.root, row.lag, row.submission_id) for row in found[:SHOWN]]
    return Group(_("corrigées ici, pas modifiées là-bas"), found.count(), 0, lines)


def _reviews(live: QuerySet) -> Group:
    there = [Counterpart.Review.APPROVED, Counterpart.Review.REJECTED, Counterpart.Review.ON_HOLD]
    same = Q()
    for state, review in OURS.items():
        same |= Q(submission__state=state, review=review)
    found = live.filter(review__in=there, submission__isnull=False, untold={}).exclude(same)
    lines = [
        Line(row.root, _("Là-bas : %(there)s ; ici : %(here)s.")
             % {"there": row.get_review_display(), "here": row.submission.get_state_display()}, row.submission_id)
        for row in found[:SHOWN]
    ]  # fmt: skip
    return Group(_("revues autrement là-bas"), found.count(), 0, lines)


def _untold(live: QuerySet) -> Group:
    found = live.exclude(untold={})
    lines = [Line(row.root, row.why_untold, row.submission_id) for row in found[:SHOWN]]
    return Group(_("revues ici, pas encore dites là-bas"), found.count(), 0, lines)


def _unfetched(tie: Tie) -> Group:
    found = Enclosure.objects.filter(counterpart__tie=tie, sha256="").select_related("counterpart")
    waits = _("Pas encore pris.")
    lines = [
        Line(row.counterpart.root, said(row.problem) or waits, row.counterpart.submission_id) for row in found[:SHOWN]
    ]
    return Group(_("fichiers pas encore pris"), found.count(), 0, lines)


# What other pages tell of other servers


def files_of(submission: Submission) -> list[Attachment | Enclosure]:
    """The files that came with a submission, whatever way it came."""
    pulled = Enclosure.objects.filter(counterpart__submission=submission).exclude(sha256="")
    return [*Attachment.objects.filter(arrival__submission=submission), *pulled]


def elsewhere(submission: Submission, user: Any) -> list[Counterpart]:
    """What this submission is on other servers, for those who decide."""
    rows = Counterpart.objects.for_user(user, Level.DECIDE).filter(submission=submission)
    return list(rows.select_related("tie__connection"))


def broken_servers(programme: Programme, user: Any) -> list[Connection | Tie | Webhook]:
    """Other servers, and their projects, that no longer give what they hold, and programs that no longer hear what they
    are told, for who decides of submissions."""
    connections = Connection.objects.for_user(user, Level.DECIDE).filter(programme=programme, state="open")
    ties = Tie.objects.for_user(user, Level.DECIDE).filter(connection__in=connections, state="open")
    of_ties = ties.filter(connection__problem={}).exclude(problem={})
    deaf = Webhook.objects.for_user(user, Level.DECIDE).filter(programme=programme, state="open").exclude(problem={})
    return [*connections.exclude(problem={}), *of_ties.select_related("connection"), *deaf]


def gone_elsewhere(programme: Programme, user: Any) -> QuerySet:
    """Submissions deleted on another server, of which this person may decide, by project: how many, since when."""
    return _by_project(programme, user, Q(state=Counterpart.State.GONE))


def stuck_elsewhere(programme: Programme, user: Any) -> QuerySet:
    """Validated corrections that another server did not take, by project: how many, since when."""
    stuck = Q(state=Counterpart.State.IN, submission__state=Submission.State.VALIDATED) & IS_BEHIND & ~Q(unsent={})
    return _by_project(programme, user, stuck)


def _by_project(programme: Programme, user: Any, which: Q) -> QuerySet:
    mine = Counterpart.objects.for_user(user, Level.DECIDE).filter(which, tie__connection__programme=programme)
    told = mine.order_by().values("tie", "tie__title")
    return told.annotate(count=Count("pk"), oldest=Min("updated_at")).order_by("tie__title")
