"""Whether the demonstration stands: each role signs in, and opens its first page and the table of indicators."""

from collections.abc import Iterator
from typing import Any

from django.test import Client
from django.urls import reverse

from jalons.cli.demo.accounts import demo_accounts
from jalons.core.levels import Level
from jalons.foundation.accounts.models import User

TABLE, OPEN = "dashboards:indicators", 200


def check() -> list[str]:
    """What is wrong, one sentence per fault; nothing when every role gets in and sees what it may."""
    return [f"{account['email']} : {fault}" for account in demo_accounts() for fault in _faults(account)]


def _faults(account: dict[str, Any]) -> Iterator[str]:
    browser = Client(headers={"host": "localhost"})
    entered = browser.post(reverse("account_login"), {"login": account["email"], "password": account["password"]})
    if entered.status_code != 302:
        yield "ne se connecte pas."
        return
    first = browser.get(entered.url, follow=True)
    if first.status_code != OPEN:
        yield f"sa première page répond {first.status_code}."
    if User.objects.get(email=account["email"]).may("measurement", Level.VIEW):
        table = browser.get(reverse(TABLE))
        if table.status_code != OPEN:
            yield f"le tableau des indicateurs répond {table.status_code}."
