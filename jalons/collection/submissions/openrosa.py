"""OpenRosa, the protocol of phones: ODK Collect and KoboCollect list forms, fetch them and send what they filled.

A door of its own, before sessions and languages: a device signs each request, by a secret part of the address, or by
Basic or Digest.

Source: OpenRosa HTTP Request, Form Discovery, Form Submission and Authentication API.
"""

import hashlib
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

from django.db import Error
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.urls import path, resolve
from django.utils import translation
from django.utils.translation import gettext as _

from jalons.collection.forms.models import Form, FormVersion
from jalons.collection.forms.rules.media import files_named
from jalons.collection.submissions import door
from jalons.collection.submissions.arrivals import Sender
from jalons.collection.submissions.door import PREFIX, XML, Answer, Stop
from jalons.collection.submissions.rules import openrosa
from jalons.collection.submissions.rules.openrosa import Entry, MediaFile
from jalons.core import documents
from jalons.core.errors import Refused
from jalons.core.models import Document

Door = Callable[[HttpRequest], HttpResponse]


class OpenRosa:
    """Answers what phones ask before anything else does: no session, no cookie, no form token."""

    def __init__(self, get_response: Door) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path.startswith(PREFIX):
            return self.get_response(request)
        with translation.override(translation.get_language_from_request(request)):
            response = _answered(request)
            for name, value in door.common().items():
                response[name] = value
            return response


def _answered(request: HttpRequest) -> HttpResponse:
    try:
        view, positional, named = resolve(request.path, urlconf=__name__)
        return view(request, named.pop("key", None), *positional, **named)
    except Http404:
        message = _("Il n’y a rien à cette adresse. Vérifiez l’adresse du serveur dans les réglages.")
        return _response(door.told(404, message))
    except (Stop, Refused, Error) as fault:
        return _response(door.refusal(fault))


def _response(answer: Answer) -> HttpResponse:
    return HttpResponse(answer.body, status=answer.status, headers=answer.headers)


def _device(request: HttpRequest, key: str | None) -> Sender:
    return door.device_of(request.META, request.get_full_path(), key)


# What there is to fill


def form_list(request: HttpRequest, key: str | None) -> HttpResponse:
    """The published forms of the device's programme, each in its latest version."""
    base = _base(request)
    wanted = {"form__code": request.GET["formID"]} if request.GET.get("formID") else {}
    entries = [
        Entry(
            version.form.code, str(version.form), version.version, openrosa.md5(version.xform.encode()),
            f"{base}forms/{version.pk}/form.xml",
            f"{base}forms/{version.pk}/manifest" if files_named(version.xform) else None,
        )
        for version in _latest(_device(request, key)).filter(**wanted)
    ]  # fmt: skip
    return HttpResponse(openrosa.form_list(entries), content_type=XML)


def xform(request: HttpRequest, key: str | None, pk: int) -> HttpResponse:
    return HttpResponse(_version(_device(request, key), pk).xform, content_type=XML)


def manifest(request: HttpRequest, key: str | None, pk: int) -> HttpResponse:
    """The files that a form names, among those attached to it; its lists of external choices come with it."""
    version = _version(_device(request, key), pk)
    base = f"{_base(request)}forms/{pk}/files/"
    files = [MediaFile(name, _md5_of(kept), base + name) for name, kept in files_of(version).items()]
    return HttpResponse(openrosa.manifest(files), content_type=XML)


def file(request: HttpRequest, key: str | None, pk: int, name: str) -> HttpResponse | FileResponse:
    kept = files_of(_version(_device(request, key), pk)).get(name)
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


def files_of(version: FormVersion) -> dict[str, Document | str]:
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


def submission(request: HttpRequest, key: str | None) -> HttpResponse:
    """HEAD says that the device may send; a POST that came through Django is kept as any other."""
    if request.method == "POST":
        return _response(door.take(request.META, key))
    _device(request, key)
    if request.method == "HEAD":
        return HttpResponse(status=204)
    raise Stop(405, _("Cette adresse reçoit des soumissions : rien ne s’y lit."))


def _doors(start: str) -> Iterable[Any]:
    yield path(f"{start}formList", form_list)
    yield path(f"{start}submission", submission)
    yield path(f"{start}forms/<int:pk>/form.xml", xform)
    yield path(f"{start}forms/<int:pk>/manifest", manifest)
    yield path(f"{start}forms/<int:pk>/files/<str:name>", file)


urlpatterns = [*_doors("openrosa/"), *_doors("openrosa/key/<str:key>/")]
