"""Which reports a person may read."""

from typing import Any

from django.db.models import Q, QuerySet

from jalons.core.levels import Level
from jalons.reporting.reports.models import Report, ReportFile


def readable(user: Any) -> QuerySet[Report]:
    """Issued reports within one's rights, and the drafts of those that one may prepare."""
    prepared = Report.objects.for_user(user, Level.EDIT)
    return Report.objects.for_user(user).filter(Q(state=Report.State.ISSUED) | Q(pk__in=prepared.values("pk")))


def readable_files(user: Any) -> QuerySet[ReportFile]:
    """Files of issued reports within one's rights."""
    return ReportFile.objects.for_user(user).select_related("report")
