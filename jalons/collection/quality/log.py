"""What a cleaning log would do, line by line, before anything is done."""

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from itertools import chain, islice

from django.db.models import F

from jalons.collection.forms.models import Form
from jalons.collection.forms.queries import latest_version
from jalons.collection.quality.models import Correction
from jalons.collection.quality.rules.cleaning_log import Entry, check_old, entries, heads_a_log, new_answer, target
from jalons.collection.quality.rules.found import said
from jalons.collection.submissions.known import Scope
from jalons.collection.submissions.mending import Change
from jalons.collection.submissions.models import Submission, SubmissionVersion
from jalons.collection.submissions.reading import Ready, Versions
from jalons.collection.submissions.rules.asked import line_of
from jalons.collection.submissions.rules.schema import Item
from jalons.collection.submissions.rules.tables import Sheet, sheets
from jalons.core import documents
from jalons.core.errors import Refused, _
from jalons.foundation.accounts.models import User

MOST = 20_000  # lines of one log
TITLES = 10  # rows that may stand above its headings
TOO_LONG = _("Ce journal a plus de %(limit)s lignes. Coupez-le en plusieurs fichiers.")
UNKNOWN = _("Aucune soumission de ce formulaire ne porte cet identifiant.")
GONE = _("Cette soumission a été retirée avec son import.")
NOT_YOURS = _("Cette soumission est hors de ce que vous pouvez modifier.")
TWICE = _("Une autre ligne de ce journal corrige déjà cette réponse.")


@dataclass
class Line:
    """One line of a log and what would become of it: a change, nothing left to do, or a refusal."""

    entry: Entry
    submission: Submission | None = None
    item: Item | None = None
    change: Change | None = None
    is_done: bool = False
    refusal: Refused | None = None

    @property
    def place(self) -> str:
        return self.entry.place


@dataclass
class Plan:
    """What a log would do to the submissions of a form."""

    lines: list[Line] = field(default_factory=list)

    @cached_property
    def by_submission(self) -> dict[int, list[Line]]:
        found: dict[int, list[Line]] = {}
        for line in self.lines:
            if line.change and line.submission:
                found.setdefault(line.submission.pk, []).append(line)
        return found

    def some(self, what: str) -> list[Line]:
        """The lines that are to be applied, done already, refused, or of another kind than a change."""
        tests = {
            "change": lambda line: line.change is not None,
            "done": lambda line: line.is_done,
            "refused": lambda line: line.refusal is not None,
            "keep": lambda line: _is_of(line, "no_action"),
            "remove": lambda line: _is_of(line, "remove_survey"),
        }
        return [line for line in self.lines if tests[what](line)]


def _is_of(line: Line, kind: str) -> bool:
    return line.entry.kind == kind and line.refusal is None and not line.is_done


def read(sha256: str, name: str) -> list[Line]:
    """The lines of a log that is kept as a document.

    Error: Refused when the file is no table, or has none of the columns of a log.
    """
    sheet = _sheet(sheets(io.BytesIO(documents.read(sha256)), name))
    rows = ((f"{sheet.name} · {n}", cells) for n, cells in enumerate(sheet.rows(), start=sheet.first))
    found = []
    for told in entries(sheet.header, rows):
        line = told if isinstance(told, Entry) else Entry(told[0], "", "", "", "", "change_response", "")
        found.append(Line(line, refusal=None if isinstance(told, Entry) else told[1]))
        if len(found) > MOST:
            raise Refused(TOO_LONG, limit=MOST)
    return found


def _sheet(found: Sequence[Sheet]) -> Sheet:
    """The sheet whose name says that it is the log, else the first one that has its columns."""
    named = sorted(found, key=lambda one: not ("log" in one.name.lower() or "journal" in one.name.lower()))
    return next((headed for one in named if (headed := _headed(one))), named[0])


def _headed(sheet: Sheet) -> Sheet | None:
    """A sheet from the row of its headings on: titles may stand above it. None when no row heads a log."""
    for n, cells in enumerate(islice(chain([sheet.header], sheet.rows()), TITLES + 1)):
        names = tuple("" if cell is None else str(cell) for cell in cells)
        if heads_a_log(names):
            return replace(sheet, header=names, rows=partial(_below, sheet, n), first=sheet.first + n)
    return None


def _below(sheet: Sheet, n: int) -> Iterator[list]:
    return islice(sheet.rows(), n, None)


def plan(form: Form, lines: list[Line], by: User) -> Plan:
    """What each line would do, one query for all submissions and one for what was corrected before."""
    scope, versions = Scope(form, by), Versions(form, latest_version(form))
    held = _held(form, {line.entry.uuid for line in lines})
    known = set(
        Correction.objects.filter(submission__in=[version.submission_id for version in held.values()])
        .values_list("submission__instance_id", "question", "old_value", "new_value", "kind")
    )  # fmt: skip
    seen: dict[tuple[str, str, tuple[int, ...]], str] = {}
    for line in lines:
        if line.refusal is None:
            try:
                _settle(line, held, versions.by_key, scope)
                _once(line, seen)
                line.is_done = line.is_done or (line.change is None and _was_done(line, known))
            except Refused as refusal:
                line.change, line.is_done = None, _was_done(line, known)
                line.refusal = None if line.is_done else refusal
    return Plan(lines)


def _held(form: Form, names: Iterable[str]) -> dict[str, SubmissionVersion]:
    rows = SubmissionVersion.objects.filter(
        submission__form=form, submission__instance_id__in=list(names), number=F("submission__version")
    ).select_related("submission")
    return {row.submission.instance_id: row for row in rows}


def _settle(line: Line, held: Mapping[str, SubmissionVersion], ready: Mapping[int, Ready], scope: Scope) -> None:
    entry, version = line.entry, held.get(line.entry.uuid)
    if version is None:
        raise Refused(UNKNOWN)
    line.submission = version.submission
    if version.submission.state == Submission.State.WITHDRAWN:
        raise Refused(GONE)
    if not scope.allows(version.submission.region_id, version.submission.organisation_id):
        raise Refused(NOT_YOURS)
    if entry.kind in ("no_action", "remove_survey"):
        return
    schema = ready[version.form_version_id].schema
    line.item, table = target(entry, schema)
    answer = line_of(version.answers, schema, table, entry.rows).get(line.item.key)
    value, unread = new_answer(entry, line.item), _unread(version, line.item)
    line.is_done = value == answer and not unread
    if not line.is_done:
        check_old(entry, line.item, answer, unread)
        line.change = Change(line.item, table, entry.rows, value, said(answer) or unread, said(value), entry.issue)


def _unread(version: SubmissionVersion, item: Item) -> str:
    """What was received for a question and could not be read."""
    return next((one["value"] for one in version.unread if one["path"].rpartition("/")[2] == item.name), "")


def now(submission: Submission, question: str, rows: tuple[int, ...]) -> str:
    """What a submission answers to a question now, as a log says it.

    Error: Refused when its form does not ask it.
    """
    version = submission.versions.select_related("form_version").get(number=submission.version)
    schema = Ready(version.form_version).schema
    item, table = target(Entry("", "", question, "", "", "change_response", "", "", rows), schema)
    return said(line_of(version.answers, schema, table, rows).get(item.key)) or _unread(version, item)


def _once(line: Line, seen: dict[tuple[str, str, tuple[int, ...]], str]) -> None:
    """An answer is corrected by one line; another that says the same of it leaves nothing to do."""
    if line.change is None:
        return
    where = (line.entry.uuid, line.change.path, line.entry.rows)
    if where not in seen:
        seen[where] = line.change.new
    elif seen[where] != line.change.new:
        raise Refused(TWICE)
    else:
        line.change, line.is_done = None, True


def _was_done(line: Line, known: set[tuple[str, str, str, str, str]]) -> bool:
    """Whether this very line was applied before: the same log sent again changes nothing."""
    entry = line.entry
    key = line.item.path if line.item else entry.question
    return (entry.uuid, key, entry.old_value, entry.new_value, entry.kind) in known
