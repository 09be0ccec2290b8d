"""Talking to another server: only where a person said, never to a private network, and a clear word when it fails."""

import json
import re
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import urlsplit

import requests
from django.conf import settings
from requests.adapters import HTTPAdapter
from requests.exceptions import ChunkedEncodingError, ConnectionError, ContentDecodingError, SSLError, Timeout
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import NameResolutionError

from jalons.collection.submissions.mending import Change
from jalons.collection.submissions.models import SubmissionVersion
from jalons.collection.submissions.reading import Ready
from jalons.collection.submissions.rules.servers import LOCAL, NO_HTTPS, check_public
from jalons.core.errors import Refused, _

TIMEOUT, SHORT_TIMEOUT = (10, 90), (5, 15)  # seconds: to connect, and between two bytes; while a person waits
TRIES, PAUSE = 4, 1.5  # attempts of a reading, and seconds before the second; twice as long before each other
BUSY = (429, 500, 502, 503, 504)
LARGEST = 100_000_000  # bytes of one answer
CHUNK = 1 << 16
OPENROSA = re.compile(r"<message[^>]*>([^<]*)</message>")
DENIED = _("Ce serveur refuse cet accès : le jeton ou le mot de passe n’est pas le bon, ou ne sert plus. Redonnez-le.")
SECOND_FACTOR = _(
    "Ce compte a la double authentification, et ce serveur ne l’admet alors ni par mot de passe ni par jeton. Donnez "
    "le jeton d’un compte sans elle, avec qui les projets sont partagés."
)
FORBIDDEN = _(
    "Ce serveur dit que le compte n’a pas ce droit (%(where)s). Demandez-le à la personne qui tient le projet."
)
ABSENT = _(
    "Ce serveur n’a rien à cette adresse (%(where)s). Vérifiez-la ; si un projet a été supprimé là-bas, détachez-le."
)
NO_HOST = _("Aucun serveur ne porte le nom « %(host)s ». Vérifiez l’adresse.")
NO_TRUST = _("Le certificat de « %(host)s » n’est pas valable : rien n’a été envoyé. Prévenez qui tient ce serveur.")
TOO_SLOW = _("« %(host)s » n’a pas répondu à temps. Réessayez plus tard ; un relevé commencé reprend où il en est.")
NO_LINE = _(
    "La liaison avec « %(host)s » s’est coupée. L’adresse est-elle la bonne ? Un relevé commencé reprend où il en est."
)
OVERLOADED = _(
    "« %(host)s » est débordé ou en panne (%(status)s). Réessayez plus tard ; un relevé commencé reprend où il en est."
)
A_PAGE = _("« %(host)s » a répondu par une page web au lieu de données. L’adresse est-elle celle du bon serveur ?")
GARBLED = _("La réponse de « %(host)s » est illisible ou coupée. Rien n’en a été gardé : réessayez plus tard.")
TOO_LARGE = _("Une réponse de « %(host)s » dépasse %(limit)s Mo. Rien n’en a été gardé.")
UNEXPECTED = _("« %(host)s » a répondu %(status)s, ce qui n’était pas prévu : %(text)s")
STALE = _("La fiche a changé là-bas entre-temps : le prochain relevé la prend d’abord.")
CHANGED = _(
    "« %(host)s » n’a pas répondu dans la forme attendue (%(what)s). Sa version a peut-être changé : signalez-le."
)


class Absent(Refused):
    """The server says that what was asked is not there."""


class Denied(Refused):
    """The server does not know who asks, or does not let them."""


class TooLarge(Refused):
    """An answer larger than what is read at once."""


@dataclass(frozen=True, slots=True)
class Project:
    """A project of another server. code: the form_id of its form; count: its submissions, when the server says."""

    remote_id: str
    title: str
    code: str
    count: int | None
    version: str
    is_deployed: bool = True


@dataclass(frozen=True, slots=True)
class Sight:
    """A submission as a list tells it. marker: what changes with each of its versions; files: how many, if it says."""

    remote_id: str
    root: str
    marker: str
    review: str
    submitter: str
    files: int = 0


@dataclass(slots=True)
class Entry:
    """A submission whole: the content of each of its versions, the oldest first, and the name and path of its files."""

    sight: Sight
    contents: list[bytes]
    files: list[tuple[str, str]] = field(default_factory=list)


class Server(Protocol):
    """What both kinds of servers can be asked.

    announced: how many submissions the last whole list was said to have.
    handful:   how many submissions are fetched, then brought in, at once.
    rewrite:   what to write there to have a version of ours over what it holds; Unsendable when it cannot be written.
    amend:     writes that; gives the marker that the submission has there from then on.
    """

    announced: int | None
    handful: int

    def test(self) -> None: ...
    def projects(self) -> Iterator[Project]: ...
    def project(self, remote_id: str) -> Project: ...
    def workbook(self, remote_id: str) -> tuple[bytes, str]: ...
    def asked(self, remote_id: str) -> list[str]: ...
    def media(self, remote_id: str) -> Iterator[tuple[str, str]]: ...
    def sights(self, remote_id: str, cursor: dict) -> Iterator[tuple[list[Sight], dict]]: ...
    def fetch(self, remote_id: str, sights: list[Sight]) -> list[Entry]: ...
    def is_gone(self, remote_id: str, row: str) -> bool: ...
    def stream(self, path: str) -> Iterator[bytes]: ...
    def review(self, remote_id: str, row: str, review: str) -> None: ...
    def rewrite(
        self, remote_id: str, content: bytes, ours: SubmissionVersion, ready: Ready, changes: list[Change]
    ) -> Any: ...
    def amend(self, remote_id: str, sight: Sight, written: Any) -> str: ...
    def deploy(self, remote_id: str, name: str, workbook: tuple[bytes, str], files: list[tuple[str, bytes]]) -> str: ...
    def close(self) -> None: ...


class Guarded(HTTPAdapter):
    """Sends nothing in clear, and nothing to a private network, wherever a redirection leads."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}

    def send(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        parts = urlsplit(request.url)
        if parts.scheme != "https" and parts.hostname not in LOCAL:
            raise Refused(NO_HTTPS, field="address")
        return super().send(request, *args, **kwargs)


def _checked(connection: Any, connect: Callable[[], Any]) -> Any:
    """The machine that really answers, whatever its name resolved to a moment ago.

    A private one is not even knocked at: whether it answers would tell what this network holds.
    """
    if settings.PRIVATE_SERVERS:
        return connect()
    with suppress(OSError):  # a name of no machine: connecting says so
        for found in socket.getaddrinfo(connection.host, connection.port, type=socket.SOCK_STREAM):
            check_public(str(found[4][0]), connection.host)
    opened = connect()
    try:
        check_public(opened.getpeername()[0], connection.host)
    except Refused:
        opened.close()
        raise
    return opened


class _Connection(HTTPConnection):
    def _new_conn(self) -> Any:
        return _checked(self, super()._new_conn)


class _SecureConnection(HTTPSConnection):
    def _new_conn(self) -> Any:
        return _checked(self, super()._new_conn)


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


class Line:
    """A guarded session with one server: each answer is what was expected, or a Refused that says what is wrong.

    waits: a person waits for the answer: it is asked once, and not for long.
    """

    def __init__(self, base: str, session: requests.Session, *, waits: bool = False) -> None:
        self.timeout, self.tries = (SHORT_TIMEOUT, 1) if waits else (TIMEOUT, TRIES)
        self.base, self.host, self.session = base, urlsplit(base).hostname or base, session
        session.trust_env = False  # neither proxies nor passwords of the machine
        for scheme in ("https://", "http://"):
            session.mount(scheme, Guarded())

    def json(self, path: str, **options: Any) -> Any:
        return self.sent("GET", path, **options)[1]

    def content(self, path: str, **options: Any) -> bytes:
        return self.sent("GET", path, raw=True, **options)[0]

    def sent(self, method: str, path: str, *, raw: bool = False, **options: Any) -> tuple[bytes, Any]:
        """The bytes of an answer and what they say in JSON; a reading is tried again when the server stumbles."""
        for attempt in range(self.tries):
            try:
                return self._once(method, path, raw, options)
            except _Stumbled as fault:
                if method != "GET" or attempt == self.tries - 1:
                    raise fault.refusal from None
                time.sleep(PAUSE * 2**attempt)
        raise AssertionError

    def _once(self, method: str, path: str, raw: bool, options: dict[str, Any]) -> tuple[bytes, Any]:
        try:
            with self.session.request(
                method, self.address(path), timeout=self.timeout, stream=True, **options
            ) as response:
                self.check(response, path)
                content = b"".join(self._bounded(response))
        except (ConnectionError, Timeout, ChunkedEncodingError, ContentDecodingError) as fault:
            raise self._failure(fault) from None
        return content, None if raw else self._parsed(content)

    def stream(self, path: str) -> Iterator[bytes]:
        """A file, piece by piece."""
        try:
            with self.session.get(self.address(path), timeout=self.timeout, stream=True) as response:
                self.check(response, path)
                yield from response.iter_content(CHUNK)
        except _Stumbled as fault:
            raise fault.refusal from None
        except (ConnectionError, Timeout, ChunkedEncodingError, ContentDecodingError) as fault:
            raise self._failure(fault).refusal from None

    def address(self, path: str) -> str:
        """Only the path of an address that a server gives is used: the token goes nowhere else."""
        parts = urlsplit(path)
        return f"{self.base}{parts.path}" + (f"?{parts.query}" if parts.query else "")

    def check(self, response: Any, path: str) -> None:
        status = response.status_code
        if status in BUSY:
            raise _Stumbled(Refused(OVERLOADED, host=self.host, status=status))
        if status < 300:
            return
        text = response.raw.read(2000, decode_content=True).decode("utf-8", "replace")
        where = urlsplit(path).path[-100:]
        is_second = "multi-factor" in text.lower()
        if status == 401 or (status == 403 and (is_second or "token" in text.lower())):
            raise Denied(SECOND_FACTOR if is_second else DENIED)
        if status == 403:
            raise Denied(FORBIDDEN, where=where)
        if status in (404, 410):
            raise Absent(ABSENT, where=where)
        raise Refused(UNEXPECTED, host=self.host, status=status, text=_reason(text))

    def _bounded(self, response: Any) -> Iterator[bytes]:
        size = 0
        for chunk in response.iter_content(CHUNK):
            size += len(chunk)
            if size > LARGEST:
                raise TooLarge(TOO_LARGE, host=self.host, limit=LARGEST // 10**6)
            yield chunk

    def _parsed(self, content: bytes) -> Any:
        if not content.strip():
            return None
        try:
            return json.loads(content)
        except (ValueError, RecursionError):
            if content.lstrip()[:1] == b"<":
                raise Refused(A_PAGE, host=self.host) from None
            raise _Stumbled(Refused(GARBLED, host=self.host)) from None

    def _failure(self, fault: Exception) -> "_Stumbled":
        if isinstance(fault, SSLError):
            raise Refused(NO_TRUST, field="address", host=self.host) from None
        if isinstance(getattr(fault.args[0] if fault.args else None, "reason", None), NameResolutionError):
            raise Refused(NO_HOST, field="address", host=self.host) from None
        return _Stumbled(Refused(TOO_SLOW if isinstance(fault, Timeout) else NO_LINE, host=self.host))

    def changed(self, what: str) -> Refused:
        """The answer has not the shape that is known."""
        return Refused(CHANGED, host=self.host, what=what)


class _Stumbled(Exception):  # noqa: N818 (a passing failure, tried again)
    def __init__(self, refusal: Refused) -> None:
        super().__init__(str(refusal))
        self.refusal = refusal


def _reason(text: str) -> str:
    """What an answer says of its refusal, never at length."""
    try:
        found = json.loads(text)
        told = next((found[k] for k in ("message", "detail", "error") if isinstance(found.get(k), str)), text)
    except (ValueError, AttributeError):
        said = OPENROSA.search(text)
        told = said[1] if said else "" if text.lstrip().startswith("<") else text
    return told[:200]
