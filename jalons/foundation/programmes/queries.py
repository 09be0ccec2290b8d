"""Which programme and which period the reader has in sight."""

from datetime import date

from django.http import HttpRequest

from jalons.foundation.programmes.models import Period, Programme


def chosen_programme(request: HttpRequest) -> Programme | None:
    """The programme in sight: the one last chosen if still open to the reader, else the first of theirs."""
    programmes = Programme.objects.for_user(request.user).select_related("operator").order_by("code")
    chosen = request.session.get("programme")
    return (
        programmes.filter(pk=chosen).first() if chosen and programmes.filter(pk=chosen).exists() else programmes.first()
    )


def chosen_period(request: HttpRequest, programme: Programme | None) -> Period | None:
    """The period in sight: the one last chosen, else the last one that has begun."""
    if programme is None:
        return None
    periods = Period.objects.filter(programme=programme)
    chosen = periods.filter(pk=request.session.get("period") or 0).first()
    return chosen or current_period(programme, date.today())


def current_period(programme: Programme, on: date) -> Period | None:
    """The half-year (else any period) that has last begun on a day."""
    begun = Period.objects.filter(programme=programme, starts_on__lte=on).exclude(kind=Period.Kind.WHOLE)
    halves = begun.filter(kind=Period.Kind.HALF_YEAR).order_by("-starts_on")
    return halves.first() or begun.order_by("-starts_on").first()
