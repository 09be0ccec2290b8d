"""Entry in the browser: who sends by theirs, and the public links that open one form."""

import secrets
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from jalons.collection.forms.models import Form
from jalons.collection.submissions.models import Device, EntryLink
from jalons.collection.submissions.rules import openrosa
from jalons.core.actions import action
from jalons.core.errors import Refused, _
from jalons.core.levels import Level
from jalons.foundation.accounts.models import User

LONGEST = 366  # days that a link may stay open
MEGABYTES = 200  # a day, by a link that anybody may open
NOT_PUBLISHED = _("Ce formulaire n’est pas publié : publiez-le d’abord.")
NOT_A_DAY = _("Choisissez un jour entre aujourd’hui et dans un an.")


def link_key(token: str) -> str:
    """What is stored of a link's secret; never what a phone's address would come down to."""
    return openrosa.key_digest(f"link {token}")


@action("browser.opened", needs=Level.EDIT)
def open_browser(*, form: Form, by: User) -> Device:
    """What a person's browser sends with, in the programme of a form; made the first time."""
    found, _new = Device.objects.get_or_create(
        programme=form.programme, holder=by, kind=Device.Kind.BROWSER,
        defaults={"name": by.name[:120], **_shut()},
    )  # fmt: skip
    return found


@action("entry_link.opened", needs=Level.DECIDE)
def open_link(*, form: Form, name: str, expires_on: date, most_a_day: int, by: User) -> EntryLink:
    """A link by which anybody fills a form until the end of a day. Its token is on the returned row, this once.

    What comes by it comes in with the rights of who opened it, as their work: somebody else reviews it.
    """
    if form.state != Form.State.PUBLISHED:
        raise Refused(NOT_PUBLISHED)
    token, end = secrets.token_urlsafe(24), _end(expires_on)
    link = EntryLink.objects.create(
        programme=form.programme, form=form, holder=by, kind=Device.Kind.LINK, name=name, expires_at=end,
        most_a_day=most_a_day, megabytes_a_day=MEGABYTES, **_shut() | {"key": link_key(token)},
    )  # fmt: skip
    link.given_token = token
    return link


@action("entry_link.extended", needs=Level.DECIDE)
def extend_link(*, entrylink: EntryLink, expires_on: date, by: User) -> EntryLink:
    """The same address until another day: what waits on devices since it expired or was closed can go."""
    entrylink.state, entrylink.expires_at = EntryLink.State.OPEN, _end(expires_on)
    entrylink.save(update_fields=["state", "expires_at", "updated_at"])
    return entrylink


def _end(day: date) -> datetime:
    """The last second of a near day. Error: Refused."""
    today = timezone.localdate()
    if not today <= day <= today + timedelta(days=LONGEST):
        raise Refused(NOT_A_DAY, field="expires_on")
    return timezone.make_aware(datetime.combine(day, time(23, 59, 59)))


@action("entry_link.retired", needs=Level.DECIDE)
def close_link(*, entrylink: EntryLink, by: User) -> EntryLink:
    """A link opens nothing any more. What came by it stays."""
    entrylink.state = EntryLink.State.CLOSED
    entrylink.save(update_fields=["state", "updated_at"])
    return entrylink


def _shut() -> dict[str, str]:
    """Credentials that nobody knows: a browser and a link never sign as a phone."""
    return {"user_name": secrets.token_hex(16), "secret": secrets.token_hex(16), "key": secrets.token_hex(32)}
