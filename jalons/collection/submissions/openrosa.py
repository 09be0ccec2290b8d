"""OpenRosa, the protocol of phones: ODK Collect and KoboCollect list forms, fetch them and send what they filled.

A door of its own, before sessions and languages: a device signs each request, by a secret part of the address, or by
Basic or Digest. Nothing is acknowledged that a power cut could take away.

Source: OpenRosa HTTP Request, Form Discovery, Form Submission and Authentication API.
"""

import hashlib
import logging
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

from django.core import signing
from django.db import Error
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.urls import path, resolve
from django.utils import translation
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from jalons.collection.forms.models import Form, FormVersion
from jalons.collection.forms.rules.media import files_named
from jalons.collection.submissions import arrivals, parts
from jalons.collection.submissions.arrivals import Outcome, Part, Sender
from jalons.collection.submissions.rules import instances, openrosa
from jalons.collection.submissions.rules.openrosa import MOST, Entry, MediaFile
from jalons.core import documents
from jalons.core.errors import Refused
from jalons.core.models import Document
from jalons.core.refusals import refusal_text

log = logging.getLogger(__name__)
PREFIX = "/openrosa/"
XML = "text/xml; charset=utf-8"
NONCE = signing.TimestampSigner(salt="openrosa")
NONCE_LIVES = 300  # seconds
FULL_DISK = 507
TOO_LONG = lazy("Cet envoi dépasse %(limit)s Mo. Réduisez les photos et les vidéos.")
CLOSED = lazy("Cette adresse est fermée. Demandez un nouveau code QR à la personne qui suit les données.")
UNKNOWN = lazy("Identifiant ou mot de passe inconnu.")
ACKNOWLEDGED = {Outcome.PUT: 201, Outcome.KNOWN: 202}
NOT_ACKNOWLEDGED = {
    Outcome.OTHER: (409, lazy("Une autre fiche porte déjà cet identifiant. Celle-ci attend une décision : gardez-la.")),
    Outcome.SHUT: (403, lazy("Ce formulaire n’est pas ouvert à la collecte. Gardez la fiche et prévenez le suivi.")),
    Outcome.NO_FORM: (404, lazy("Ce serveur n’a pas le formulaire « %(form)s ».")),
    Outcome.NO_DEVICE: (403, CLOSED),
}

Door = Callable[[HttpRequest], HttpResponse]


class Stop(Exception):
    """The request goes no further: what to answer."""

    def __init__(self, status: int, message: Any, *, challenged: bool = False, stale: bool = False) -> None:
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
    response["Content-Language"] = translation.get_language() or "fr"
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
        device = _asked(request)(key=openrosa.key_digest(key))
        if device is None:
            raise Stop(403, CLOSED)
    elif given := openrosa.basic(header := request.headers.get("Authorization", "")):
        device = _by_password(request, *given)
    else:
        device = _by_digest(request, header)
    if device is None:
        raise Stop(401, UNKNOWN, challenged=True)
    return device


def _asked(request: HttpRequest) -> Callable[..., Sender | None]:
    """How to find a device: what it sends is checked again by the statement that keeps it."""
    return arrivals.remembered if request.method == "POST" else arrivals.sender


def _by_password(request: HttpRequest, user_name: str, secret: str) -> Sender | None:
    for find in {_asked(request), arrivals.sender}:  # its password may have been renewed since it was remembered
        device = find(user_name=user_name)
        if device and constant_time_compare(device.secret, secret):
            return device
    return None


def _by_digest(request: HttpRequest, header: str) -> Sender | None:
    said = openrosa.digest(header)
    if said is None:
        return None
    device = arrivals.sender(user_name=said["username"])
    good = said["uri"] == request.get_full_path() and openrosa.answers_challenge(
        said, device.secret if device else "", request.method or ""
    )
    if device and good and not _is_fresh(said["nonce"]):
        raise Stop(401, UNKNOWN, challenged=True, stale=True)
    return device if good else None


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
    content, files = _received(request)
    head = instances.header(instances.parse(content), content)
    sha256 = hashlib.sha256(content).digest()
    outcome = arrivals.put(device, head, content, sha256, files)
    if status := ACKNOWLEDGED.get(outcome):
        return _told(status, _("Bien reçu."), good=True)
    if outcome is Outcome.OTHER:
        arrivals.put_aside(device, head, content, sha256, files)
    status, message = NOT_ACKNOWLEDGED[outcome]
    raise Stop(status, message % {"form": head.form_id[:120]})


def _received(request: HttpRequest) -> tuple[bytes, list[Part]]:
    """The XML of a request, and its files, already durable under their SHA-256."""
    chunked = "chunked" in request.META.get("HTTP_TRANSFER_ENCODING", "").lower()
    source = request.environ["wsgi.input"] if chunked else request
    try:
        if not chunked and int(request.META.get("CONTENT_LENGTH") or 0) > MOST:
            raise parts.TooLong
        content, files = parts.read(source, request.META.get("CONTENT_TYPE", ""), MOST)
    except parts.InstanceTooLong:
        raise Stop(413, _("Cette fiche est trop longue : envoyez les photos à part.")) from None
    except parts.TooLong:
        raise Stop(413, TOO_LONG % {"limit": MOST // 10**6}) from None
    except parts.Unreadable:
        raise Stop(400, _("Cet envoi est incomplet ou mal formé : renvoyez-le.")) from None
    if content is None:
        raise Stop(400, _("Cet envoi ne contient pas de fiche (xml_submission_file)."))
    return content, files


def _doors(start: str) -> Iterable[Any]:
    yield path(f"{start}formList", form_list)
    yield path(f"{start}submission", submission)
    yield path(f"{start}forms/<int:pk>/form.xml", xform)
    yield path(f"{start}forms/<int:pk>/manifest", manifest)
    yield path(f"{start}forms/<int:pk>/files/<str:name>", file)


urlpatterns = [*_doors("openrosa/"), *_doors("openrosa/key/<str:key>/")]
