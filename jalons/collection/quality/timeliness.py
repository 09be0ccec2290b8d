"""What came in against what was expected: how many, how many late, since when, validated, flagged."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Count, F, Max, Q, QuerySet

from jalons.collection.forms.models import Form
from jalons.collection.quality.sheets import GONE
from jalons.collection.submissions.models import Submission

NOTHING: dict[str, Any] = {"received": 0, "late": 0, "last": None, "validated": 0, "flagged": 0}


def received(expectations: Iterable[int]) -> dict[int, dict[str, Any]]:
    """What came in for each expectation, by the day of collection: how many, how many late, validated and flagged.

    What was rejected or withdrawn is not received; what has no day belongs to no period. All that came in counts,
    whoever reads: what is expected is of the whole, and a part of it would read as late.
    """
    within = "form__expectations__"
    whose = Q(**{f"{within}organisation": None}) | Q(**{f"{within}organisation": F("organisation")})
    rows = Submission.objects.exclude(state__in=GONE).filter(
        whose,
        **{f"{within}in": list(expectations)},
        collected_on__gte=F(f"{within}period__starts_on"),
        collected_on__lte=F(f"{within}period__ends_on"),
    )
    found = rows.order_by().values("form__expectations").annotate(
        **_counts(), late=Count("pk", filter=Q(created_at__date__gt=F(f"{within}due_on")))
    )  # fmt: skip
    return {row.pop("form__expectations"): row for row in found}


def by_partner(user: Any, forms: QuerySet[Form]) -> QuerySet[Submission]:
    """What came in of each form and partner since the beginning."""
    rows = Submission.objects.for_user(user, app="quality").exclude(state__in=GONE).filter(form__in=forms)
    named = rows.values("form", "form__title", "form__programme__short_name", "organisation__name")
    return named.annotate(**_counts()).order_by("form__code", "organisation__name")


def _counts() -> dict[str, Any]:
    return {
        "received": Count("pk"), "last": Max("created_at"),
        "validated": Count("pk", filter=Q(state="validated")), "flagged": Count("pk", filter=Q(flag_count__gt=0)),
    }  # fmt: skip
