"""The door by which phones send: nothing is acknowledged that a power cut could take away.

Called by the web server before Django, which would spend on each submission as long again as keeping it takes.
What is not an ordinary submission goes the long way, to the same function.

Source: OpenRosa Form Submission and Authentication API.
"""

import hashlib
import logging
import re
from collections.abc import Callable, Iterable
from http import HTTPStatus
from types import SimpleNamespace
from typing import Any, NamedTuple

from django.conf import settings
from django.core import signing
from django.db import Error
from django.utils import translation
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from psycopg.errors import DiskFull

from jalons.collection.submissions import arrivals, parts
from jalons.collection.submissions.arrivals import Outcome, Part, Sender
from jalons.collection.submissions.rules import instances, openrosa
from jalons.collection.submissions.rules.openrosa import MOST
from jalons.core import documents
from jalons.core.errors import Refused
from jalons.core.refusals import refusal_text

log = logging.getLogger(__name__)
PREFIX = "/openrosa/"
SENDING = re.compile(rf"{PREFIX}(?:key/([^/]+)/)?submission")
XML = "text/xml; charset=utf-8"
NONCE = signing.TimestampSigner(salt="openrosa")
NONCE_LIVES = 300  # seconds
FULL_DISK = 507
TOO_LONG = gettext_lazy("Cet envoi dépasse %(limit)s Mo. Réduisez les photos et les vidéos.")
CLOSED = gettext_lazy("Cette adresse est fermée. Demandez un nouveau code QR à la personne qui suit les données.")
OTHER = gettext_lazy("Une autre fiche porte déjà cet identifiant. Celle-ci attend une décision : gardez-la.")
SHUT = gettext_lazy("Ce formulaire n’est pas ouvert à la collecte. Gardez la fiche et prévenez le suivi.")
CIPHERED = gettext_lazy(
    "Le téléphone chiffre cette fiche, et Jalons ne pourrait pas la lire. Gardez-la et prévenez le suivi : la clé "
    "public_key est à retirer du formulaire."
)
UNKNOWN = gettext_lazy("Identifiant ou mot de passe inconnu.")
ACKNOWLEDGED = {Outcome.PUT: 201, Outcome.KNOWN: 202}
NOT_ACKNOWLEDGED = {
    Outcome.OTHER: (409, OTHER),
    Outcome.SHUT: (403, SHUT),
    Outcome.NO_FORM: (404, gettext_lazy("Ce serveur n’a pas le formulaire « %(form)s ».")),
    Outcome.NO_DEVICE: (403, CLOSED),
}
Environ = dict[str, Any]


class Stop(Exception):
    """The request goes no further: what to answer."""

    def __init__(self, status: int, message: Any, *, challenged: bool = False, stale: bool = False) -> None:
        super().__init__(message)
        self.status, self.message, self.challenged, self.stale = status, message, challenged, stale


class Answer(NamedTuple):
    """What the phone is told, in the words of the protocol."""

    status: int
    body: bytes
    headers: dict[str, str]


class Door:
    """The application that the web server calls: a submission is kept here, all else goes to Django."""

    def __init__(self, django: Callable[..., Iterable[bytes]]) -> None:
        self.django = django

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        asked = SENDING.fullmatch(environ["PATH_INFO"]) if environ["REQUEST_METHOD"] == "POST" else None
        if asked is None or settings.SECURE_SSL_REDIRECT and not _is_private(environ):
            return self.django(environ, start_response)
        with translation.override(translation.get_language_from_request(SimpleNamespace(META=environ, COOKIES={}))):
            status, body, headers = take(environ, asked[1])
        start_response(f"{status} {HTTPStatus(status).phrase}", [*headers.items()])
        return [body]


def _is_private(environ: Environ) -> bool:
    name, value = settings.SECURE_PROXY_SSL_HEADER
    return environ.get(name) == value


def take(environ: Environ, key: str | None) -> Answer:
    """Keep what a phone sends, and only then acknowledge it; or say why not, in its language."""
    try:
        query = environ.get("QUERY_STRING")
        device = device_of(environ, environ["PATH_INFO"] + (f"?{query}" if query else ""), key)
        return _kept(environ, device)
    except (Stop, Refused, Error) as fault:
        return refusal(fault)


def refusal(fault: Stop | Refused | Error) -> Answer:
    """What a phone is told of what was not done."""
    nonce = NONCE.sign("n") if isinstance(fault, Stop) and fault.challenged else ""
    ways = {"WWW-Authenticate": ", ".join(openrosa.challenges(nonce, PREFIX, stale=fault.stale))} if nonce else {}
    status, message = sentence(fault)
    return told(status, message, **ways)


def sentence(fault: Stop | Refused | Error) -> tuple[int, str]:
    """The status and the words of what was not done, for a phone and for a browser alike."""
    if isinstance(fault, Stop):
        return fault.status, str(fault.message)
    if isinstance(fault, Refused):
        return FULL_DISK if fault.message == documents.FULL_DISK else 400, refusal_text(fault)
    if isinstance(fault.__cause__, DiskFull):
        return FULL_DISK, _(documents.FULL_DISK)
    log.error("submissions: the database did not answer", exc_info=fault)
    return 503, _("Le serveur ne peut rien garder pour l’instant. Rien n’est perdu : renvoyez plus tard.")


def told(status: int, message: Any, *, good: bool = False, **headers: str) -> Answer:
    """A sentence in the words of the protocol, with the headers that every answer bears."""
    body = openrosa.answer(str(message), good=good).encode()
    return Answer(status, body, {"Content-Type": XML, "Content-Length": str(len(body)), **common(), **headers})


def common() -> dict[str, str]:
    return {**openrosa.HEADERS, "Content-Language": translation.get_language() or "fr"}


def _kept(environ: Environ, device: Sender) -> Answer:
    """A POST may come again, or in several parts that repeat the same XML."""
    if arrivals.is_over_quota(device):
        raise Stop(413, _("Cet appareil a envoyé aujourd’hui tout ce qu’il peut. Renvoyez demain, rien n’est perdu."))

    def check(content: bytes) -> None:
        _check_open(device, content)

    return told(keep(device, *received(environ, check)), _("Bien reçu."), good=True)


def _check_open(device: Sender, content: bytes) -> None:
    """Refuse what would not be put nor set aside, before its files are kept: nothing would name them, nor count them.

    Error: Stop; Refused when it is no instance.
    """
    head = header(content)
    outcome = arrivals.foreseen(device, head, content, hashlib.sha256(content).digest())
    if outcome in NOT_ACKNOWLEDGED and outcome is not Outcome.OTHER:
        raise _not_acknowledged(outcome, head)


def keep(device: Sender, content: bytes, files: list[Part]) -> int:
    """Make an instance durable, whoever sends it: the status that acknowledges it.

    Error: Stop when it is not acknowledged; Refused when it is no instance.
    """
    head = header(content)
    sha256 = hashlib.sha256(content).digest()
    outcome = arrivals.put(device, head, content, sha256, files)
    if status := ACKNOWLEDGED.get(outcome):
        return status
    if outcome is Outcome.OTHER:
        arrivals.put_aside(device, head, content, sha256, files)
    raise _not_acknowledged(outcome, head)


def _not_acknowledged(outcome: Outcome, head: instances.Header) -> Stop:
    status, message = NOT_ACKNOWLEDGED[outcome]
    return Stop(status, message % {"form": head.form_id[:120]})


def header(content: bytes) -> instances.Header:
    """What the XML of a request says of itself. Error: Refused when it is no instance; Stop when it is ciphered."""
    try:
        return instances.header(instances.parse(content), content)
    except Refused as fault:
        if fault.message == instances.CIPHERED:
            raise Stop(400, CIPHERED) from None
        raise


def received(environ: Environ, check: Callable[[bytes], object]) -> tuple[bytes, list[Part]]:
    """The XML of a request, and its files, already durable under their SHA-256; `check` as in `parts.read`."""
    is_chunked = "chunked" in environ.get("HTTP_TRANSFER_ENCODING", "").lower()
    length = None if is_chunked else int(environ.get("CONTENT_LENGTH") or 0)
    try:
        content, files = parts.read(environ["wsgi.input"], environ.get("CONTENT_TYPE", ""), length, MOST, check)
    except parts.InstanceTooLong:
        raise Stop(413, _("Cette fiche est trop longue : envoyez les photos à part.")) from None
    except parts.TooLong:
        raise Stop(413, TOO_LONG % {"limit": MOST // 10**6}) from None
    except parts.Unreadable:
        raise Stop(400, _("Cet envoi est incomplet ou mal formé : renvoyez-le.")) from None
    if content is None:
        raise Stop(400, _("Cet envoi ne contient pas de fiche (xml_submission_file)."))
    return content, files


# Who asks


def device_of(environ: Environ, uri: str, key: str | None) -> Sender:
    """The device that signs a request, by the address or by its credentials.

    Error: Stop, 403 for an address that opens nothing, 401 with the ways to sign in otherwise.
    """
    # what it sends is checked again by the statement that keeps it
    find = arrivals.remembered if environ["REQUEST_METHOD"] == "POST" else arrivals.sender
    if key is not None:
        device = find(key=openrosa.key_digest(key))
        if device is None:
            raise Stop(403, CLOSED)
    elif given := openrosa.basic(header := environ.get("HTTP_AUTHORIZATION", "")):
        device = _by_password(find, *given) or _by_password(arrivals.sender, *given)  # it may have been renewed
    else:
        device = _by_digest(header, uri, environ["REQUEST_METHOD"])
    if device is None:
        raise Stop(401, UNKNOWN, challenged=True)
    return device


def _by_password(find: Callable[..., Sender | None], user_name: str, secret: str) -> Sender | None:
    device = find(user_name=user_name)
    return device if device and constant_time_compare(device.secret, secret) else None


def _by_digest(header: str, uri: str, method: str) -> Sender | None:
    said = openrosa.digest(header)
    if said is None:
        return None
    device = arrivals.sender(user_name=said["username"])
    good = said["uri"] == uri and openrosa.answers_challenge(said, device.secret if device else "", method)
    if device and good and not _is_fresh(said["nonce"]):
        raise Stop(401, UNKNOWN, challenged=True, stale=True)
    return device if good else None


def _is_fresh(nonce: str) -> bool:
    try:
        return bool(NONCE.unsign(nonce, max_age=NONCE_LIVES))
    except signing.BadSignature:
        return False
