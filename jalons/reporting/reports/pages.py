"""What the page of a report shows, written out for its template."""

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from django.utils.translation import get_language, gettext_noop, ngettext
from django.utils.translation import gettext as _

from jalons.core.cells import listed
from jalons.core.levels import Level
from jalons.core.links import url_or_none
from jalons.reporting.reports.gathering import document, today, told_in
from jalons.reporting.reports.models import Report
from jalons.reporting.reports.rendering import MEDIA_TYPES, formats
from jalons.reporting.reports.rules.changes import changes
from jalons.reporting.reports.rules.disclosure import kept
from jalons.reporting.reports.rules.issuing import iati_gap, iati_remarks, unpublished
from jalons.reporting.reports.rules.logframe import MISSING, PUBLISHED, QUALITATIVE, UNPUBLISHED, Logframe
from jalons.reporting.reports.rules.telling import (
    NOT_SPLIT,
    SILENCES,
    Row,
    cut_rows,
    funder_rows,
    rows,
    standing,
)
from jalons.reporting.reports.rules.voice import Voice

STATES = {PUBLISHED: (gettext_noop("publiée"), "good"), UNPUBLISHED: (SILENCES[UNPUBLISHED], "watch"),
          MISSING: (SILENCES[MISSING], "none")}  # fmt: skip
LEVELS = {"impact": 0, "outcome": 1, "output": 2}  # stakes of the face


def contents(report: Report, user: Any) -> dict[str, Any]:
    """Everything that a report tells and hands over; little for a draft that holds no figure yet."""
    files = [_file(file) for file in report.files.all()]
    context = {"report": report, "files": files}
    logframe = told_in(report)
    if logframe is None:
        return context
    written, voice = document(report), Voice(get_language(), _, ngettext)
    return context | {
        "summary": _summary(logframe),
        "gap": "" if any(file["format"] == "xml" for file in files) else iati_gap(logframe),
        "remarks": iati_remarks(logframe),
        "publication_url": _publication(report, user),
        "waiting": [] if report.issued_at else unpublished(logframe),
        "funder_rows": [(row, _trace(row.key, user)) for row in funder_rows(logframe, voice)],
        "groups": list(_groups(logframe, voice, user)),
        "cuts": list(cut_rows(logframe, voice)),
        "masked": kept(logframe, voice),
        "changes": written.changes,
        "formats": list(formats(written)),
        "later": changes(logframe, today(report)),
    }


def _summary(logframe: Logframe) -> str:
    """How much of the logframe is told, in the reader's language; the files keep their French sentence."""
    number, found = standing(logframe)
    total = ngettext("%(n)s indicateur", "%(n)s indicateurs", number) % {"n": number}
    states = listed(f"{count} {_(words)}" for count, words in found)
    return _("%(total)s : %(states)s") % {"total": total, "states": states} if found else total


def _publication(report: Report, user: Any) -> str | None:
    """Where the IATI sheet of the programme is filled in, for those who may."""
    if report.issued_at or not report.programme.is_open_to(user, Level.EDIT):
        return None
    return url_or_none("programmes:programme-publication", report.programme_id)


def _trace(key: int | None, user: Any) -> str | None:
    """Where a figure comes from, for those who may follow it."""
    return url_or_none("measurement:indicatorvalue-trace", key) if key and user.may("measurement") else None


def _groups(logframe: Logframe, voice: Voice, user: Any) -> Iterator[dict[str, Any]]:
    """Each result with its rows, and the drawing of its level."""
    for result, found in groupby(rows(logframe, voice), lambda row: row.result):
        head, *lines = found
        yield {"result": result, "label": head.level, "level": LEVELS.get(result.level, 2),
               "rows": [_written(row, logframe.period, voice, user) for row in lines]}  # fmt: skip


def _written(row: Row, period: int, voice: Voice, user: Any) -> dict[str, Any]:
    measure, told = row.line.definition.measure, row.line.at(period).value
    word, tone = STATES[row.state]
    promised = (("baseline", row.line.baseline), ("target", row.line.at(period).target))
    return {
        "told": row,
        "value": (told and voice.amount(told.figure.number, measure)) or row.value,
        "notes": list(filter(None, (told and voice.parts(told.figure, measure), row.count))),
        "url": _trace(row.key, user),
        "bar": None if row.done is None else min(max(row.done, 0), 100),
        "progress": row.progress,
        "no_progress": row.lacks,
        "flagged": voice.say(NOT_SPLIT) in row.splits,
        "in_words": measure == QUALITATIVE,
        "numbers": [kind for kind, promise in promised if promise and promise.value is not None],
        "tone": tone,
        "state": _(word),
    }


def _file(file: Any) -> dict[str, Any]:
    return {
        "name": file.name, "format": file.format, "label": file.get_format_display(), "size": file.size,
        "sha256": file.sha256, "media_type": MEDIA_TYPES[file.format],
        "url": url_or_none("reports:reportfile-download", file.pk),
    }  # fmt: skip
