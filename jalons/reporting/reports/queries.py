"""Which reports a person may read."""

from typing import Any

from django.db.models import Q, QuerySet

from jalons.core.levels import Level
from jalons.planning.results.models import Indicator
from jalons.reporting.reports.models import Report

LARGE = 100  # indicators that a page has time for: about two seconds


def readable(user: Any) -> QuerySet[Report]:
    """Issued reports within one's rights, and the drafts of those that one may prepare."""
    prepared = Report.objects.for_user(user, Level.EDIT)
    return Report.objects.for_user(user).filter(Q(state=Report.State.ISSUED) | Q(pk__in=prepared.values("pk")))


def is_large(programme: Any) -> bool:
    """Whether reports of this programme are prepared and written as background work."""
    return Indicator.objects.filter(result__programme=programme).count() > LARGE
