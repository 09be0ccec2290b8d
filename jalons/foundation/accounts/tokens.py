"""Tokens by which programs act in the name of a person: given once, known by their digest."""

import hashlib
import secrets
from datetime import date, timedelta

from django.utils import timezone

from jalons.core.actions import recorded
from jalons.core.errors import Refused, _
from jalons.core.refusals import keep
from jalons.foundation.accounts.models import ApiToken, User
from jalons.foundation.programmes.models import Programme

LONGEST = 366  # days
NOT_A_DAY = _("Choisissez un jour entre aujourd’hui et dans un an.")
NOT_YOURS = _("Vous n’avez pas de rôle dans ce programme : un jeton n’y ouvrirait rien.")


def open_token(*, programme: Programme, name: str, reads_only: bool, expires_on: date, by: User) -> ApiToken:
    """A new token for oneself. The token itself is on the returned row, this once: given.

    Not an @action: whatever their role, people give their own rights to a program of theirs, and no more.
    """
    today = timezone.localdate()
    if not today <= expires_on <= today + timedelta(days=LONGEST):
        raise Refused(NOT_A_DAY, field="expires_on")
    if all(held.programme_id != programme.pk for held in by.held):
        raise Refused(NOT_YOURS, field="programme")
    given = secrets.token_urlsafe(32)
    token = ApiToken(
        user=by, programme=programme, name=name, key=_digest(given), reads_only=reads_only, expires_on=expires_on
    )
    with recorded("token.opened", by) as leave:
        keep(token)
        leave(token)
    token.given = given
    return token


def close_token(*, token: ApiToken, by: User) -> ApiToken:
    """A token opens nothing any more."""
    with recorded("token.retired", by) as leave:
        token.state = ApiToken.State.CLOSED
        token.save(update_fields=["state", "updated_at"])
        leave(token)
    return token


def holder(given: str) -> User | None:
    """The person in whose name a token acts, with what the token leaves of their rights; None when it opens nothing."""
    rows = ApiToken.objects.filter(
        key=_digest(given), state=ApiToken.State.OPEN, expires_on__gte=timezone.localdate(), user__is_active=True
    )
    token = rows.select_related("user").first()
    if token is None:
        return None
    _keep_use(token)
    user = token.user
    user.held = list(user.memberships.filter(programme=token.programme_id))
    user.reads_only = token.reads_only
    return user


def _keep_use(token: ApiToken) -> None:
    """When a token served, so that its person sees one that nobody uses; no more than once a minute."""
    now = timezone.now()
    if token.used_at is None or token.used_at < now - timedelta(minutes=1):
        ApiToken.objects.filter(pk=token.pk).update(used_at=now)


def _digest(given: str) -> str:
    return hashlib.sha256(given.encode()).hexdigest()
