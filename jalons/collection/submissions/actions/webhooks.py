"""Programs told of what happens to submissions: opened, tried, closed."""

import uuid

from django.conf import settings

from jalons.collection.forms.models import Form
from jalons.collection.submissions import feed
from jalons.collection.submissions.models import Webhook
from jalons.collection.submissions.posting import post
from jalons.collection.submissions.rules import signing
from jalons.collection.submissions.rules.servers import base_address, check_written
from jalons.core import vault
from jalons.core.actions import action
from jalons.core.levels import Level
from jalons.core.refusals import keep
from jalons.core.scope import check_one_programme
from jalons.foundation.accounts.models import User
from jalons.foundation.programmes.models import Programme


@action("webhook.opened", needs=Level.DECIDE)
def open_webhook(*, programme: Programme, form: Form | None, name: str, address: str, by: User) -> Webhook:
    """Tell an address what happens from now on. The secret that signs is on the returned row, this once: given."""
    base_address(address)
    if not settings.PRIVATE_SERVERS:
        check_written(address)
    given = signing.new_secret()
    webhook = Webhook(programme=programme, form=form, name=name, address=address, by=by, secret=vault.seal(given))
    check_one_programme(webhook, [form])
    webhook.cursor = feed.from_now()
    keep(webhook)
    webhook.given = given
    return webhook


@action("webhook.retired", needs=Level.DECIDE)
def close_webhook(*, webhook: Webhook, by: User) -> Webhook:
    """Tell this address nothing more."""
    webhook.state = Webhook.State.CLOSED
    webhook.save(update_fields=["state", "updated_at"])
    return webhook


@action("webhook.tried", needs=Level.DECIDE)
def try_webhook(*, webhook: Webhook, by: User) -> Webhook:
    """Send a message that says nothing, to see whether the address answers; what waits leaves at once after it."""
    post(webhook, f"ping-{uuid.uuid4()}", {"event": "ping"})
    webhook.next_at = None
    webhook.save(update_fields=["next_at", "updated_at"])
    return webhook
