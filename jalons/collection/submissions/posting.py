"""A message to a program: signed, sent where a person said, never to a private network."""

import json
import time
from typing import Any
from urllib.parse import urlsplit

import requests
from django.core.serializers.json import DjangoJSONEncoder
from requests.exceptions import RequestException

from jalons.collection.submissions.models import Webhook
from jalons.collection.submissions.rules import signing
from jalons.collection.submissions.servers import Guarded
from jalons.core import vault
from jalons.core.errors import Refused, _

TIMEOUT = (5, 15)  # seconds: to connect, and to answer
SILENT = _("« %(host)s » n’a pas répondu.")
REFUSES = _("« %(host)s » a répondu %(status)s : un avis est entendu quand la réponse est un 2xx, sans redirection.")


def post(webhook: Webhook, identifier: str, said: dict[str, Any]) -> None:
    """Send a message. Error: Refused when it is not heard."""
    body = json.dumps(said, cls=DjangoJSONEncoder, ensure_ascii=False).encode()
    signed = signing.headers(vault.unseal(webhook.secret), identifier, int(time.time()), body)
    host = urlsplit(webhook.address).hostname
    try:
        with requests.Session() as session:
            session.trust_env = False
            for scheme in ("https://", "http://"):
                session.mount(scheme, Guarded())
            answer = session.post(
                webhook.address, data=body, headers={"Content-Type": "application/json", **signed}, timeout=TIMEOUT,
                allow_redirects=False, stream=True,
            )  # fmt: skip
    except RequestException:
        raise Refused(SILENT, host=host) from None
    if not 200 <= answer.status_code < 300:
        raise Refused(REFUSES, host=host, status=answer.status_code)
