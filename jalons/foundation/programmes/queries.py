"""Which programme and which period the reader has in sight; each list is read once per request."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.http import HttpRequest

from jalons.foundation.programmes.models import Period, Programme


def programmes_of(request: HttpRequest) -> list[Programme]:
    """The programmes open to the reader."""
    rows = Programme.objects.for_user(request.user).select_related("operator").order_by("code")
    return _once(request, "programmes_open", lambda: list(rows))


def periods_of(request: HttpRequest, programme: Programme) -> list[Period]:
    """The periods of a programme, oldest first."""
    rows = Period.objects.filter(programme=programme)
    return _once(request, f"periods_{programme.pk}", lambda: list(rows))


def chosen_programme(request: HttpRequest) -> Programme | None:
    """The programme in sight: the one last chosen if still open to the reader, else the first of theirs."""
    programmes, chosen = programmes_of(request), request.session.get("programme")
    return next((p for p in programmes if p.pk == chosen), programmes[0] if programmes else None)


def open_sight(request: HttpRequest, user: Any, **_signal: Any) -> None:
    """Put a programme in sight from sign-in on: forms propose it."""
    if programme := Programme.objects.for_user(user).order_by("code").first():
        request.session["programme"] = programme.pk


def chosen_period(request: HttpRequest, programme: Programme | None) -> Period | None:
    """The period in sight: the one last chosen, else the last one that has begun."""
    if programme is None:
        return None
    periods, chosen = periods_of(request, programme), request.session.get("period")
    return next((p for p in periods if p.pk == chosen), current_period(periods, date.today()))


def current_period(periods: list[Period], on: date) -> Period | None:
    """The half-year (else any period) that has last begun on a day."""
    broad = (Period.Kind.WHOLE, Period.Kind.CUMULATIVE)
    begun = [p for p in periods if p.starts_on <= on and p.kind not in broad]
    halves = [p for p in begun if p.kind == Period.Kind.HALF_YEAR]
    return max(halves or begun, key=lambda p: p.starts_on, default=None)


def _once(request: HttpRequest, name: str, read: Callable[[], Any]) -> Any:
    if name not in request.__dict__:
        setattr(request, name, read())
    return getattr(request, name)
