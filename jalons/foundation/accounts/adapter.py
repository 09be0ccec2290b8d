"""How signing in differs from the library's habits."""

import logging
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from django.contrib import messages
from django.db import IntegrityError
from django.http import HttpRequest
from django.utils.translation import gettext as _

from jalons.core.actions import recorded

log = logging.getLogger(__name__)


class Adapter(DefaultAccountAdapter):
    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """A message that does not leave neither fails the page nor tells whose address is known: the log says it."""
        try:
            self.deliver(template_prefix, email, context)
        except OSError as fault:  # its words may quote the address
            log.error("the message %s did not leave: %s", template_prefix, type(fault).__name__)

    def deliver(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Error: OSError when the message does not leave."""
        super().send_mail(template_prefix, email, context)

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Accounts are opened by a project manager, never by oneself."""
        return False

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        """The person's new address, from now on: an act of theirs, told in the history."""
        try:
            with recorded("user.edited", email_address.user) as leave:
                confirmed = super().confirm_email(request, email_address)
                if confirmed:
                    leave(email_address.user)
        except IntegrityError:  # someone was given this address since the link left
            messages.error(request, _("Cette adresse est déjà celle d’un autre compte."))
            return False
        return confirmed
