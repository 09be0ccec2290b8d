"""What every page is framed with: navigation by shelf, programme, period, and what awaits the reader."""

from itertools import groupby
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from config.navigation import SHELVES
from jalons.cli.demo.accounts import demo_accounts
from jalons.core.links import level_of
from jalons.foundation.programmes.models import Period
from jalons.foundation.programmes.queries import chosen_period, chosen_programme, periods_of, programmes_of


def frame(request: HttpRequest) -> dict[str, Any]:
    """The `frame` variable of templates; nearly empty for visitors."""
    user = getattr(request, "user", None)
    if not (user and user.is_authenticated):
        accounts = demo_accounts() if settings.DEMONSTRATION else []
        return {"frame": {"navigation": [], "demonstration": settings.DEMONSTRATION}, "demo_accounts": accounts}
    programme = chosen_programme(request)
    period = chosen_period(request, programme)
    return {
        "frame": {
            "navigation": navigation(request, user),
            "programmes": programmes_of(request),
            "programme": programme,
            "periods": switchable(periods_of(request, programme)) if programme else [],
            "period": period,
            "search_url": reverse("core:search"),
            "demonstration": settings.DEMONSTRATION,
        }
    }


def switchable(periods: list[Period]) -> list[tuple[str, list[Period]]]:
    """The periods one may switch to, under the name of their kind; values since the beginning follow any of them."""
    shown = sorted((p for p in periods if p.kind != Period.Kind.CUMULATIVE), key=lambda p: p.kind)
    return [(Period.Kind(kind).label, list(alike)) for kind, alike in groupby(shown, key=lambda p: p.kind)]


def navigation(request: HttpRequest, user: Any) -> list[dict[str, Any]]:
    """The shelves that this person may open, each with its pages."""
    shelves = []
    for label, entries in SHELVES:
        items = [item for entry in entries if (item := _item(request, user, *entry))]
        if items:
            alone = len(entries) == 1 and entries[0][0] == label
            shelves.append({"label": label, "url": items[0]["url"] if alone else None, "items": [] if alone else items,
                            "current": alone and items[0]["current"]})  # fmt: skip
    return shelves


def _item(request: HttpRequest, user: Any, label: str, app: str, name: str) -> dict[str, Any] | None:
    try:
        url = reverse(name)
    except NoReverseMatch:
        return None
    if not user.may(app, level_of(url)):
        return None
    here = request.path == url or (url != "/" and request.path.startswith(url))
    return {"label": label, "url": url, "current": here}
