"""OpenRosa, the protocol of phones: ODK Collect and KoboCollect list forms, fetch them and send what they filled.

A door of its own, before sessions and languages: a device signs each request, by a secret part of the address, or by
Basic or Digest. Nothing is acknowledged that a power cut could take away.

Source: OpenRosa HTTP Request, Form Discovery, Form Submission and Authentication API.
"""

import hashlib
import logging
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any, BinaryIO

from django.core import signing
from django.core.exceptions import SuspiciousOperation
from django.core.files.uploadhandler import FileUploadHandler
from django.db import Error
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParser, MultiPartParserError
from django.urls import path, resolve
from django.utils import translation
from django.utils.crypto import constant_time_compare
from django.utils.http import http_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from jalons.collection.forms.models import Form, FormVersion
from jalons.collection.forms.rules.media import files_named
from jalons.collection.submissions import arrivals
from jalons.collection.submissions.arrivals import Part, Sender
from jalons.collection.submissions.rules import instances, openrosa
from jalons.collection.submissions.rules.openrosa import MOST, Entry, MediaFile
from jalons.core import documents
from jalons.core.errors import Refused
from jalons.core.models import Document
from jalons.core.refusals import refusal_text

log = logging.getLogger(__name__)
PREFIX = "/openrosa/"
XML = "text/xml; charset=utf-8"
INSTANCE = "xml_submission_file"
NONCE = signing.TimestampSigner(salt="openrosa")
NONCE_LIVES = 300  # seconds
FULL_DISK = 507
TOO_LONG = lazy("Cet envoi dépasse %(limit)s Mo. Réduisez les photos et les vidéos.")

Door = Callable[[HttpRequest], HttpResponse]


class Stop(Exception):
    """The request goes no further: what to answer."""

    def __init__(self, status: int, message: str, *, challenged: bool = False, stale: bool = False) -> None:
        super().__init__(message)
        self.status, self.message, self.challenged, self.stale = status, message, challenged, stale


class OpenRosa:
    """Answers what phones ask before anything else does: no session, no cookie, no form token."""

    def __init__(self, get_response: Door) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path.startswith(PREFIX):
            return self.get_response(request)
        with translation.override(translation.get_language_from_request(request)):
            return _signed(request, _answered(request))


def _answered(request: HttpRequest) -> HttpResponse:
    try:
        view, positional, named = resolve(request.path, urlconf=__name__)
        return view(request, _device(request, named.pop("key", None)), *positional, **named)
    except Http404:
        return _told(404, _("Il n’y a rien à cette adresse. Vérifiez l’adresse du serveur dans les réglages."))
    except Stop as stop:
        response = _told(stop.status, stop.message)
        if stop.challenged:
            nonce = NONCE.sign("n")
            response["WWW-Authenticate"] = ", ".join(openrosa.challenges(nonce, PREFIX, stale=stop.stale))
        return response
    except Refused as refusal:
        full = refusal.message == documents.FULL_DISK
        return _told(FULL_DISK if full else 400, refusal_text(refusal))
    except Error:
        log.exception("openrosa: the database did not answer")
        return _told(503, _("Le serveur ne peut rien garder pour l’instant. Rien n’est perdu : renvoyez plus tard."))


def _signed(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """What every answer of the protocol bears."""
    for name, value in openrosa.HEADERS.items():
        response[name] = value
    response["Date"] = http_date()
    response["Content-Language"] = translation.get_language() or "fr"
    response["X-OpenRosa-Accept-Content-Length"] = str(MOST)
    response["Cache-Control"] = "no-store"
    if not response.streaming:
        response["Content-Length"] = str(len(response.content))
    return response


def _told(status: int, message: str, *, good: bool = False) -> HttpResponse:
    return HttpResponse(openrosa.answer(message, good=good), status=status, content_type=XML)


# Who asks


def _device(request: HttpRequest, key: str | None) -> Sender:
    """The device that signs a request, by the address or by its credentials.

    Error: Stop, 403 for an address that opens nothing, 401 with the ways to sign in otherwise.
    """
    if key is not None:
        if device := arrivals.sender(key=openrosa.key_digest(key)):
            return device
        raise Stop(403, _("Cette adresse est fermée. Demandez un nouveau code QR à la personne qui suit les données."))
    header = request.headers.get("Authorization", "")
    if given := openrosa.basic(header):
        device = arrivals.sender(user_name=given[0])
        if device and constant_time_compare(device.secret, given[1]):
            return device
    elif parts := openrosa.digest(header):
        device, stale = arrivals.sender(user_name=parts["username"]), not _is_fresh(parts["nonce"])
        good = parts["uri"] == request.get_full_path() and openrosa.answers_challenge(
            parts, device.secret if device else "", request.method or ""
        )
        if device and good and not stale:
            return device
        raise Stop(401, _("Identifiant ou mot de passe inconnu."), challenged=True, stale=bool(device and good))
    raise Stop(401, _("Identifiant ou mot de passe inconnu."), challenged=True)


def _is_fresh(nonce: str) -> bool:
    try:
        return bool(NONCE.unsign(nonce, max_age=NONCE_LIVES))
    except signing.BadSignature:
        return False


# What there is to fill


def form_list(request: HttpRequest, device: Sender) -> HttpResponse:
    """The published forms of the device's programme, each in its latest version."""
    base = _base(request)
    wanted = {"form__code": request.GET["formID"]} if request.GET.get("formID") else {}
    entries = [
        Entry(
            version.form.code, str(version.form), version.version, openrosa.md5(version.xform.encode()),
            f"{base}forms/{version.pk}/form.xml",
            f"{base}forms/{version.pk}/manifest" if files_named(version.xform) else None,
        )
        for version in _latest(device).filter(**wanted)
    ]  # fmt: skip
    return HttpResponse(openrosa.form_list(entries), content_type=XML)


def xform(request: HttpRequest, device: Sender, pk: int) -> HttpResponse:
    return HttpResponse(_version(device, pk).xform, content_type=XML)


def manifest(request: HttpRequest, device: Sender, pk: int) -> HttpResponse:
    """The files that a form names, among those attached to it; its lists of external choices come with it."""
    version = _version(device, pk)
    base = f"{_base(request)}forms/{pk}/files/"
    files = [MediaFile(name, _md5_of(kept), base + name) for name, kept in _files(version).items()]
    return HttpResponse(openrosa.manifest(files), content_type=XML)


def file(request: HttpRequest, device: Sender, pk: int, name: str) -> HttpResponse | FileResponse:
    kept = _files(_version(device, pk)).get(name)
    if kept is None:
        raise Http404
    if isinstance(kept, str):
        return HttpResponse(kept, content_type="text/csv; charset=utf-8")
    content = documents.path(kept.sha256).open("rb")
    return FileResponse(content, as_attachment=True, filename=name, content_type=kept.media_type)


def _base(request: HttpRequest) -> str:
    """The address that the others follow from: with the key of the device when it was asked so."""
    steps = request.path.removeprefix(PREFIX).split("/")
    return request.build_absolute_uri(PREFIX + (f"key/{steps[1]}/" if steps[0] == "key" else ""))


def _latest(device: Sender) -> Any:
    versions = FormVersion.objects.filter(form__programme=device.programme, form__state=Form.State.PUBLISHED)
    return versions.order_by("form_id", "-number").distinct("form_id").select_related("form")


def _version(device: Sender, pk: int) -> FormVersion:
    """Any version of a published form: a phone may fetch one that was replaced in the meantime."""
    found = FormVersion.objects.filter(
        pk=pk, form__programme=device.programme, form__state=Form.State.PUBLISHED
    ).select_related("form")
    if version := found.first():
        return version
    raise Http404


def _files(version: FormVersion) -> dict[str, Document | str]:
    """By name, the files that a version names and that its form holds: an attached document, or our own table."""
    named = files_named(version.xform)
    held: dict[str, Document | str] = {d.name: d for d in documents.documents_of(version.form) if d.name in named}
    itemsets = version.settings.get("itemsets")
    return held | ({"itemsets.csv": itemsets} if itemsets else {})


def _md5_of(kept: Document | str) -> str:
    return openrosa.md5(kept.encode()) if isinstance(kept, str) else _md5_on_disk(kept.sha256)


@cache
def _md5_on_disk(sha256: str) -> str:
    with documents.path(sha256).open("rb") as content:
        return hashlib.file_digest(content, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()


# What was filled


def submission(request: HttpRequest, device: Sender) -> HttpResponse:
    """Keep one instance with its files, and only then acknowledge it.

    HEAD says that the device may send. A POST may come again, or in several parts that repeat the same XML.
    """
    if request.method == "HEAD":
        return HttpResponse(status=204)
    if request.method != "POST":
        raise Stop(405, _("Cette adresse reçoit des soumissions : rien ne s’y lit."))
    if arrivals.is_over_quota(device):
        raise Stop(413, _("Cet appareil a envoyé aujourd’hui tout ce qu’il peut. Renvoyez demain, rien n’est perdu."))
    content, parts = _received(request)
    root = instances.parse(content)
    head = instances.header(root, content)
    sha256 = hashlib.sha256(content).digest()
    outcome = arrivals.put(device, head, content, sha256, parts)
    if outcome.is_kept:
        return _told(201 if outcome.is_put else 202, _("Bien reçu."), good=True)
    if outcome.form_state is None:
        raise Stop(404, _("Ce serveur n’a pas le formulaire « %(form)s ».") % {"form": head.form_id[:120]})
    if outcome.form_state != Form.State.PUBLISHED:
        raise Stop(403, _("Ce formulaire n’est pas ouvert à la collecte. Gardez la fiche et prévenez le suivi."))
    arrivals.put_aside(device, head, content, sha256, parts)
    raise Stop(409, _("Une autre fiche porte déjà cet identifiant. Celle-ci attend une décision : gardez-la."))


def _received(request: HttpRequest) -> tuple[bytes, list[Part]]:
    """The XML of a request, and its files, already durable under their SHA-256."""
    chunked = "chunked" in request.META.get("HTTP_TRANSFER_ENCODING", "").lower()
    length = MOST + 1 if chunked else int(request.META.get("CONTENT_LENGTH") or 0)
    if length > MOST and not chunked:
        raise Stop(413, TOO_LONG % {"limit": MOST // 10**6})
    handler, body = Kept(), Body(request.environ["wsgi.input"] if chunked else request)
    try:
        parser = MultiPartParser({**request.META, "CONTENT_LENGTH": length}, body, [handler], "utf-8")
        parser.parse()
        body.check_end(parser._boundary)
    except (MultiPartParserError, SuspiciousOperation, OSError):
        handler.drop()
        raise Stop(400, _("Cet envoi est incomplet ou mal formé : renvoyez-le.")) from None
    except BaseException:
        handler.drop()
        raise
    if handler.instance is None:
        raise Stop(400, _("Cet envoi ne contient pas de fiche (xml_submission_file)."))
    return bytes(handler.instance), handler.parts


class Body:
    """The body of a request, never longer than the limit, and known to have come to its end."""

    def __init__(self, source: BinaryIO) -> None:
        self.source, self.size, self.tail = source, 0, b""

    def read(self, size: int = -1) -> bytes:
        chunk = self.source.read(size if size > 0 else 1 << 16)
        self.size += len(chunk)
        if self.size > MOST:
            raise Stop(413, TOO_LONG % {"limit": MOST // 10**6})
        self.tail = (self.tail + chunk)[-200:]
        return chunk

    def check_end(self, boundary: bytes) -> None:
        """Django takes a last part cut short for a whole one.

        Source: RFC 2046 §5.1.1, closing delimiter.
        """
        if b"--" + boundary + b"--" not in self.tail:
            raise MultiPartParserError("cut short")


class Kept(FileUploadHandler):
    """Puts the XML in memory and each other file on disk under its SHA-256, as it comes."""

    def __init__(self) -> None:
        super().__init__()
        self.instance: bytearray | None = None
        self.parts: list[Part] = []
        self.incoming: documents.Incoming | None = None

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        if self.field_name == INSTANCE:
            self.instance = bytearray()
        else:
            self.incoming = documents.Incoming()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if self.incoming:
            self.incoming.write(raw_data)
            return
        self.instance += raw_data
        if len(self.instance) > instances.LARGEST:
            raise Stop(413, _("Cette fiche est trop longue : envoyez les photos à part."))

    def file_complete(self, file_size: int) -> Any:
        if self.incoming:
            sha256, size = self.incoming.keep()
            self.incoming = None
            with documents.path(sha256).open("rb") as content:
                kind = documents.media_type(content)
            self.parts.append(Part(documents.safe_name(self.file_name), sha256, kind, size))

    def drop(self) -> None:
        """Leave nothing of a file that did not come to its end."""
        if self.incoming:
            self.incoming.drop()


def _doors(start: str) -> Iterable[Any]:
    yield path(f"{start}formList", form_list)
    yield path(f"{start}submission", submission)
    yield path(f"{start}forms/<int:pk>/form.xml", xform)
    yield path(f"{start}forms/<int:pk>/manifest", manifest)
    yield path(f"{start}forms/<int:pk>/files/<str:name>", file)


urlpatterns = [*_doors("openrosa/"), *_doors("openrosa/key/<str:key>/")]
