"""Prepare a report, prepare it again, discard it, issue it for ever, say it anew in a next version."""

from typing import Any

from django.utils import timezone

from jalons.core import documents
from jalons.core.actions import action
from jalons.core.errors import Refused, _
from jalons.core.levels import Level
from jalons.foundation.programmes.models import FundingAgreement, Period, Programme
from jalons.reporting.reports.gathering import Advance, document, last_issued, prepare, still, today, told_in
from jalons.reporting.reports.models import Report, ReportFile
from jalons.reporting.reports.rendering import WRITERS, formats
from jalons.reporting.reports.rules import issuing
from jalons.reporting.reports.rules.document import Document, file_name


@action("report.drafted", needs=Level.EDIT)
def draft(
    *, programme: Programme, period: Period, by: Any, agreement: FundingAgreement | None = None,
    previous: Report | None = None, progress: Advance = still,
) -> Report:  # fmt: skip
    """Prepare a report from what is published today; without `previous`, after the last one issued to this reader."""
    issuing.check_belongs(
        programme.pk, period=period.programme_id, agreement=agreement and agreement.programme_id,
        previous=previous and previous.programme_id,
    )  # fmt: skip
    _hold(programme)
    previous = previous or last_issued(programme, agreement)
    same_reader = previous is not None and previous.agreement_id == (agreement and agreement.pk)
    issuing.check_previous(previous and previous.state, same_reader)
    return _drafted(
        Report(programme=programme, agreement=agreement, period=period, previous=previous, author=by), progress
    )


@action("report.reissued", needs=Level.EDIT)
def reissue(*, report: Report, reason: str, by: Any) -> Report:
    """Prepare the next version of an issued report: it will supersede it, say why, and leave it as it is."""
    _hold(report.programme)
    issuing.check_reissue(report.state, superseded=Report.objects.filter(supersedes=report).exists(), reason=reason)
    return _drafted(
        Report(
            programme=report.programme, agreement=report.agreement, period=report.period, previous=report,
            supersedes=report, version=report.version + 1, reason=reason.strip(), author=by,
        ), still,
    )  # fmt: skip


@action("report.refreshed", needs=Level.EDIT)
def refresh(*, report: Report, by: Any, progress: Advance = still) -> Report:
    """Prepare a draft again from what is published now. Whoever does it becomes its author."""
    report = _locked(report)
    issuing.check_draft(report.state)
    report.author = by
    prepare(report, progress)
    report.save()
    return report


@action("report.discarded", needs=Level.EDIT)
def discard(*, report: Report, by: Any) -> Report:
    """Throw a draft away; an issued report stays for ever."""
    kept = _locked(report)
    issuing.check_draft(kept.state)
    Report.objects.filter(pk=kept.pk).delete()
    return report


@action("report.issued", needs=Level.DECIDE)
def issue(*, report: Report, by: Any, progress: Advance = still) -> Report:
    """Freeze a report: its figures, its list of changes and its files never move again."""
    report = _locked(report)
    issuing.check_draft(report.state)
    drafted = told_in(report)
    issuing.check_issue(prepared_by=report.author_id, issued_by=by.pk, drafted=drafted, today=today(report))
    report.number = _next_number(report)
    report.title = issuing.title(drafted, report.number, report.version)
    report.state, report.issued_by, report.issued_at = Report.State.ISSUED, by, timezone.now()
    written = document(report)
    wanted = list(formats(written))
    for done, extension in enumerate(wanted, start=1):
        _keep(report, written, extension)
        progress(done, len(wanted))
    report.save(update_fields=["number", "title", "state", "issued_by", "issued_at", "updated_at"])
    return report


def _drafted(report: Report, progress: Advance) -> Report:
    """A new draft, filled from what is published now, unless one is already being prepared."""
    drafts = Report.objects.filter(
        programme=report.programme, agreement=report.agreement, period=report.period, state=Report.State.DRAFT,
        kind=Report.Kind.LOGFRAME,
    )  # fmt: skip
    if drafts.exists():
        raise Refused(
            _("Un brouillon existe déjà pour cette convention et cette période : actualisez-le ou écartez-le."),
            field="period",
        )
    report.number = _next_number(report)
    prepare(report, progress)
    report.save()
    return report


def _hold(programme: Programme) -> None:
    """Keep a programme until the end: two people cannot prepare or issue the same report at once."""
    Programme.objects.select_for_update().get(pk=programme.pk)


def _locked(report: Report) -> Report:
    _hold(report.programme)
    related = ("programme__operator", "agreement__funder", "period", "previous", "supersedes", "author")
    return Report.objects.select_for_update(of=("self",)).select_related(*related).get(pk=report.pk)


def _next_number(report: Report) -> int:
    if report.supersedes:
        return report.supersedes.number
    last = last_issued(report.programme, report.agreement)
    return last.number + 1 if last else 1


def _keep(report: Report, written: Document, extension: str) -> None:
    """Write one file and keep it under its SHA-256."""
    sha256, size = documents.store([WRITERS[extension](written)])
    ReportFile.objects.create(
        report=report, format=extension, name=file_name(written, extension), sha256=sha256, size=size
    )
