"""Reports too large for a page: background work that calls the same actions."""

from typing import Any

from django.urls import reverse

from jalons.core.jobs import Progress, job
from jalons.foundation.accounts.models import User
from jalons.foundation.programmes.models import FundingAgreement, Period, Programme
from jalons.reporting.reports import actions
from jalons.reporting.reports.models import Report


@job("reports.draft")
def draft(
    *, progress: Progress, by: User, programme: int, period: int, agreement: int | None, previous: int | None
) -> dict[str, Any]:
    """Prepare a report."""
    return _told(actions.draft(
        programme=Programme.objects.get(pk=programme), period=Period.objects.get(pk=period),
        agreement=FundingAgreement.objects.filter(pk=agreement).first(),
        previous=Report.objects.filter(pk=previous).first(), by=by, progress=progress,
    ))  # fmt: skip


@job("reports.refresh")
def refresh(*, progress: Progress, by: User, report: int) -> dict[str, Any]:
    """Prepare a draft again."""
    return _told(actions.refresh(report=Report.objects.get(pk=report), by=by, progress=progress))


@job("reports.issue")
def issue(*, progress: Progress, by: User, report: int) -> dict[str, Any]:
    """Freeze a report and write its files."""
    return _told(actions.issue(report=Report.objects.get(pk=report), by=by, progress=progress))


def _told(report: Report) -> dict[str, Any]:
    return {"message": report.title, "url": reverse("reports:report-detail", args=[report.pk])}
