"""Forms, their versions and their questions, for other programs."""

from datetime import datetime
from typing import Any

from django.db.models import Max
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Path, Router, Schema

from jalons.collection.forms.models import Form, FormVersion
from jalons.core.api import REFUSALS, Key

router = Router(tags=["forms"])


class FormOut(Schema):
    """latest: number of its latest version."""

    id: int
    programme: int
    code: str
    title: dict[str, str]
    state: str
    latest: int | None
    updated_at: datetime


class QuestionOut(Schema):
    """repeat: name of the repeat that holds it, empty for the form itself. is_personal: its answers may identify."""

    name: str
    path: str
    repeat: str
    kind: str
    list_name: str
    labels: dict[str, Any]
    is_personal: bool
    required: str
    relevant: str
    constraint: str
    calculation: str


class VersionOut(Schema):
    """choices: {list name: [{"name": code, "labels": {language: text}}]}."""

    number: int
    version: str
    choices: dict[str, list[dict[str, Any]]]
    questions: list[QuestionOut]


def _open_to(request: HttpRequest) -> Any:
    return Form.objects.for_user(request.auth).annotate(latest=Max("versions__number")).order_by("pk")


@router.get("/", response={200: list[FormOut], **REFUSALS})
def list_forms(request: HttpRequest) -> Any:
    """The forms that this token may see."""
    return [_out(form) for form in _open_to(request)]


@router.get("/{pk}", response={200: FormOut, **REFUSALS})
def form(request: HttpRequest, pk: Path[Key]) -> Any:
    """One form."""
    return _out(get_object_or_404(_open_to(request), pk=pk))


@router.get("/{pk}/versions/{number}", response={200: VersionOut, **REFUSALS})
def version(request: HttpRequest, pk: Path[Key], number: Path[Key]) -> Any:
    """One version of a form: its questions in order, its lists of choices."""
    found = _version(request, pk, number)
    questions = [{**vars(q), "repeat": q.table} for q in found.questions.order_by("position")]
    return {"number": found.number, "version": found.version, "choices": found.choices, "questions": questions}


@router.get("/{pk}/versions/{number}/xform", response=bytes, include_in_schema=False)
def xform(request: HttpRequest, pk: Path[Key], number: Path[Key]) -> HttpResponse:
    """The XForm that phones fill."""
    return HttpResponse(_version(request, pk, number).xform, content_type="text/xml; charset=utf-8")


def _version(request: HttpRequest, pk: int, number: int) -> FormVersion:
    return get_object_or_404(FormVersion.objects.for_user(request.auth), form=pk, number=number)


def _out(form: Form) -> dict[str, Any]:
    return {**vars(form), "programme": form.programme_id}
