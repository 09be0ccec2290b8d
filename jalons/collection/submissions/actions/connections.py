"""Other servers: connected, their projects tied to our forms, our forms deployed, what went there decided here."""

import io
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from jalons.collection.forms.actions import import_form
from jalons.collection.forms.models import Form, FormVersion
from jalons.collection.submissions import moments, projection
from jalons.collection.submissions.actions.pulling import SERVERS, keep_standing, open_server
from jalons.collection.submissions.actions.returning import IS_THERE
from jalons.collection.submissions.actions.review import decide
from jalons.collection.submissions.models import Connection, Counterpart, Submission, Tie
from jalons.collection.submissions.rules import servers as rules
from jalons.collection.submissions.rules.review import check_reason
from jalons.collection.submissions.servers import Project, Server
from jalons.core import documents, jobs, vault
from jalons.core.actions import action
from jalons.core.errors import Refused, _
from jalons.core.levels import Level
from jalons.core.models import Document
from jalons.core.refusals import keep
from jalons.foundation.accounts.models import User
from jalons.foundation.programmes.models import Programme

NO_VERSION = _("« %(form)s » n’a encore aucune version : importez d’abord son XLSForm.")
NO_PROJECT = _("Ce formulaire n’est pas encore là-bas : donnez le numéro du projet de Central où l’ouvrir.")
NOT_DEPLOYED = _("« %(title)s » n’est pas encore déployé là-bas : il n’a pas de soumission.")
FROM_ELSEWHERE = _("Ce formulaire est d’un autre programme que la connexion.")
NOT_GONE = _("Cette fiche n’attend pas de décision.")
COUNTS = _("Cette soumission est validée, ou une version d’elle compte encore. Rejetez-la d’abord, avec un motif.")
NO_RIGHT = _("Reprendre un formulaire demande le droit de modifier les formulaires : choisissez un formulaire d’ici.")
NOTHING = _("Aucun avis de là-bas n’attend : tout est déjà revu ici.")
REJECTED_THERE = _("Refusée sur %(server)s.")


@dataclass(frozen=True)
class Access:
    """Where a server is, and the token or password that opens it."""

    protocol: str
    address: str
    account: str
    secret: str = field(repr=False)


@action("connection.opened", needs=Level.DECIDE)
def open_connection(
    *, programme: Programme, name: str, access: Access, every: int = 15, by: User
) -> Connection:  # fmt: skip
    """A server to pull from. Its secret is kept sealed, and is not shown again. `check_access` comes before."""
    row = Connection(
        programme=programme, protocol=access.protocol, name=name, address=rules.base_address(access.address),
        account=access.account, secret=vault.seal(access.secret), every=every, by=by, next_at=timezone.now(),
    )  # fmt: skip
    keep(row)
    return row


def check_access(access: Access) -> None:
    """Refuse an access that does not work, saying why: nothing is kept of it."""
    address = rules.base_address(access.address)
    server = SERVERS[access.protocol](address, access.account, access.secret, waits=True)
    try:
        server.test()
    finally:
        server.close()


@action("connection.renewed", needs=Level.DECIDE)
def renew_connection(*, connection: Connection, account: str, secret: str, by: User) -> Connection:
    """Another token or password: from now on what is pulled comes in with the rights of who gives it."""
    connection.account, connection.secret, connection.by = account, vault.seal(secret), by
    connection.failures, connection.problem, connection.troubled_at = 0, {}, None
    connection.state, connection.next_at = Connection.State.OPEN, timezone.now()
    connection.save()
    return connection


@action("connection.retired", needs=Level.DECIDE)
def close_connection(*, connection: Connection, by: User) -> Connection:
    """Nothing more is pulled; the secret is forgotten. What came in stays."""
    connection.state, connection.secret, connection.next_at = Connection.State.CLOSED, "", None
    connection.problem, connection.troubled_at = {}, None
    connection.save(update_fields=["state", "secret", "next_at", "problem", "troubled_at", "updated_at"])
    return connection


# Projects


def tie_project(*, connection: Connection, remote_id: str, by: User, form: Form | None = None) -> Tie:
    """Tie a project to a form; without one, to the form that is taken from there, with its files."""
    server = open_server(connection, waits=True)
    try:
        there = server.project(remote_id)
        if not there.is_deployed:
            raise Refused(NOT_DEPLOYED, title=there.title)
        if form is not None:
            _check_fit(connection, server, there, form)
            return tie(connection=connection, there=there, form=form, by=by)
        workbook, files = server.workbook(remote_id), _media(server, remote_id)
    finally:
        server.close()
    with transaction.atomic():
        version = _taken(connection.programme, workbook, files, by)
        row = tie(connection=connection, there=there, form=version.form, by=by)
        keep_standing(row, versions={there.version: version.pk} if there.version else {})
    return row


def _check_fit(connection: Connection, server: Server, there: Project, form: Form) -> None:
    if connection.protocol == Connection.Protocol.ODK and there.code != form.code:
        raise Refused(rules.OTHER_CODE, field="form", there=there.code, here=form.code)
    names = {question.name for version in form.versions.all() for question in version.questions.all()}
    rules.check_fit(str(form), server.asked(there.remote_id), names)


def _media(server: Server, remote_id: str) -> list[tuple[str, bytes]]:
    return [(name, b"".join(server.stream(path))) for name, path in server.media(remote_id)]


def _taken(programme: Programme, workbook: tuple[bytes, str], files: list[tuple[str, bytes]], by: User) -> FormVersion:
    """Our version of a form of there, and its files beside it."""
    if not by.may("forms", Level.EDIT):
        raise Refused(NO_RIGHT, field="form")
    data, name = workbook
    version = import_form(programme=programme, data=data, file_name=name, by=by)
    held = set(documents.documents_of(version.form).values_list("name", flat=True))
    for title, content in files:
        if title not in held:
            documents.attach(target=version.form, document=_Upload(title, content), by=by)
    return version


class _Upload:
    """A file of another server, as an upload is."""

    def __init__(self, name: str, content: bytes) -> None:
        self.name, self.size, self.file, self._content = name, len(content), io.BytesIO(content), content

    def chunks(self) -> list[bytes]:
        return [self._content]


@action("project.tied", needs=Level.DECIDE)
def tie(*, connection: Connection, there: Project, form: Form, by: User) -> Tie:
    """From now on what this project collects comes into this form; a project that was untied goes on where it was."""
    if form.programme_id != connection.programme_id:
        raise Refused(FROM_ELSEWHERE, field="form")
    if not form.versions.exists():
        raise Refused(NO_VERSION, field="form", form=str(form))
    row = connection.ties.filter(remote_id=there.remote_id, form=form).first()
    row = row or Tie(connection=connection, remote_id=there.remote_id, form=form)
    row.title, row.newest, row.state = there.title, there.version[:249], Tie.State.OPEN
    keep(row)
    return row


@action("project.untied", needs=Level.DECIDE)
def untie(*, tie: Tie, by: User) -> Tie:
    """Stop pulling a project. What came in stays, with what it was there."""
    tie.state = Tie.State.CLOSED
    tie.save(update_fields=["state", "updated_at"])
    return tie


@action("project.refreshed", needs=Level.DECIDE)
def take_version(*, tie: Tie, by: User) -> Tie:
    """Take the form again as it is there now: a new version of ours, if it changed."""
    server = open_server(tie.connection)
    try:
        there = server.project(tie.remote_id)
        workbook, files = server.workbook(tie.remote_id), _media(server, tie.remote_id)
    finally:
        server.close()
    version = _taken(tie.connection.programme, workbook, files, by)
    if version.form_id != tie.form_id:
        raise Refused(rules.OTHER_CODE, there=version.form.code, here=tie.form.code)
    keep_standing(tie, versions=tie.versions | {there.version: version.pk}, newest=there.version[:249], problem={})
    return tie


@action("project.requested", needs=Level.DECIDE)
def request_pull(*, tie: Tie, by: User) -> Tie:
    """Pull a project now, its whole list, as background work that shows its progress."""
    label = gettext("Relevé de « %(title)s »") % {"title": tie.title}
    tie.job = jobs.enqueue(
        "submissions.pull", label=label[:200], by=by, programme_id=tie.connection.programme_id, tie=tie.pk
    )
    tie.save(update_fields=["job", "updated_at"])
    return tie


@action("connection.deployment_requested", needs=Level.DECIDE)
def request_deployment(*, connection: Connection, form: Form, project: str = "", by: User) -> Connection:
    """Deploy a form there as background work."""
    is_new = not connection.ties.filter(form=form).exists()
    if connection.protocol == Connection.Protocol.ODK and is_new and not project.strip().isdecimal():
        raise Refused(NO_PROJECT, field="project")
    label = gettext("Déploiement de « %(form)s »") % {"form": form}
    jobs.enqueue(
        "submissions.deploy", label=label[:200], by=by, programme_id=connection.programme_id,
        connection=connection.pk, form=form.pk, project=project,
    )  # fmt: skip
    return connection


def deploy(*, connection: Connection, form: Form, project: str, by: User) -> Tie:
    """Open our form to collection there, or its new version, with its files; and tie the project to it.

    project: the number of the Central project where a new form goes; unused on Kobo.
    """
    version = form.versions.order_by("-number").first()
    if version is None:
        raise Refused(NO_VERSION, field="form", form=str(form))
    if not connection.is_open_to(by, Level.DECIDE):
        raise Refused(FROM_ELSEWHERE)
    held = connection.ties.filter(form=form).first()
    remote_id = held.remote_id if held else "" if connection.protocol == Connection.Protocol.KOBO else project
    files = [(d.name, documents.read(d.sha256)) for d in _named(form, version)]
    server = open_server(connection)
    try:
        uid = server.deploy(remote_id, str(form), (documents.read(version.sha256), version.file_name), files)
        there = server.project(uid)
    finally:
        server.close()
    row = tie(connection=connection, there=there, form=form, by=by)
    keep_standing(row, versions=row.versions | ({there.version: version.pk} if there.version else {}), problem={})
    return row


def _named(form: Form, version: FormVersion) -> list[Document]:
    """The documents of a form that its version names."""
    return [d for d in documents.documents_of(form) if d.name in version.xform]


# What was decided or went there


@action("counterpart.settled", needs=Level.DECIDE)
def settle_deletion(*, counterpart: Counterpart, withdraws: bool, reason: str, by: User) -> Counterpart:
    """Decide of a submission that was deleted there: keep it here, or withdraw it, with a reason.

    Error: Refused while it counts: it is rejected first, by a review.
    """
    check_reason(reason)
    moments.hold([counterpart.tie.connection.programme_id])
    row = Counterpart.objects.select_for_update(of=("self",)).select_related("tie").get(pk=counterpart.pk)
    if row.state != Counterpart.State.GONE:
        raise Refused(NOT_GONE)
    row.state = Counterpart.State.LET_GO if withdraws else Counterpart.State.KEPT
    row.reason = {"message": reason.strip(), "values": {}}
    if withdraws:
        _withdraw(row.submission_id, reason)
    row.save(update_fields=["state", "reason", "updated_at"])
    return row


def _withdraw(submission: int, reason: str) -> None:
    held = Submission.objects.select_for_update(of=("self",)).get(pk=submission)
    if held.state == Submission.State.VALIDATED or held.standing:
        raise Refused(COUNTS)
    held.state, held.rejection_reason = Submission.State.WITHDRAWN, reason.strip()
    held.reviewed_by = held.reviewed_at = None
    held.save(update_fields=["state", "rejection_reason", "reviewed_by", "reviewed_at", "updated_at"])
    projection.withdraw(held.form, [held.pk])


def reviews_to_follow(tie: Tie, by: User) -> dict[str, list[int]]:
    """What was decided there of the very version that waits here, by somebody else's work: {review: submissions}."""
    waiting = tie.counterparts.filter(
        IS_THERE, state=Counterpart.State.IN, submission__state=Submission.State.RECEIVED,
        review__in=["approved", "rejected"],
    ).exclude(submission__author=by)  # fmt: skip
    open_ones = Submission.objects.for_user(by, Level.DECIDE)
    chosen: dict[str, list[int]] = {"approved": [], "rejected": []}
    for pk, review in waiting.filter(submission__in=open_ones).values_list("submission", "review"):
        chosen[review].append(pk)
    return chosen


@action("reviews.followed", needs=Level.DECIDE)
def follow_reviews(*, tie: Tie, by: User) -> Tie:
    """Decide here as it was decided there, for all that waits and is not one's own work."""
    chosen = reviews_to_follow(tie, by)
    if not any(chosen.values()):
        raise Refused(NOTHING)
    if chosen["approved"]:
        decide(chosen["approved"], Submission.State.VALIDATED, by)
    if chosen["rejected"]:
        told: Any = gettext(REJECTED_THERE) % {"server": tie.connection.name}
        decide(chosen["rejected"], Submission.State.REJECTED, by, told)
    return tie
