"""What the register and a partner's coded list have in common; neither sees the other's names."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from jalons.collection.people import actions, codes, queries
from jalons.collection.people.forms import KeyForm, OverlapForm
from jalons.collection.people.rules.codes import Code, check_key, encode
from jalons.collection.people.tellings import record_of
from jalons.collection.people.views.counts import operator_of
from jalons.core.errors import Refused
from jalons.core.levels import Level
from jalons.core.refusals import refusal_text


@require_http_methods(["GET", "HEAD", "POST"])
def overlap(request: HttpRequest) -> HttpResponse:
    """Compare the codes that a partner sent with those of the register, under the key that both agreed on."""
    operator = _operator(request)
    form = OverlapForm(request.POST or None, request.FILES or None)
    found, least = None, queries.least_people(operator)
    if form.is_valid():
        try:
            theirs = codes.read(form.cleaned_data["theirs"].file, form.cleaned_data["theirs"].name)
            mine = list(_codes(request.user, operator, form.cleaned_data["key"]))
            codes.check_length(mine, theirs)
            found = codes.overlap(mine, theirs)
        except Refused as refusal:
            form.add_error(None, refusal_text(refusal))
    return _page(request, form, found=found, is_few=found and 0 < found.sure < least, least=least,
                 title=_("Personnes en commun, sans partager de noms"), submit=_("Comparer"))  # fmt: skip


overlap.level = Level.EDIT


@require_http_methods(["GET", "HEAD", "POST"])
def coded(request: HttpRequest) -> HttpResponse:
    """The codes of the register, to send to a partner who compares them with its own."""
    operator = _operator(request)
    form = KeyForm(request.POST or None)
    if form.is_valid():
        try:
            found = _codes(request.user, operator, form.cleaned_data["key"])
            actions.give_codes(operator=operator, by=request.user)
        except Refused as refusal:
            form.add_error("key", refusal_text(refusal))
        else:
            name = "registre.codes.csv"
            headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
            return HttpResponse(codes.written(found), content_type="text/csv", headers=headers)
    return _page(request, form, title=_("Coder notre registre"), submit=_("Télécharger les codes"))


coded.level = Level.EDIT


def _operator(request: HttpRequest) -> Any:
    operator = operator_of(request)
    if operator is None or operator not in queries.operators(request.user, Level.EDIT):
        raise Http404
    return operator


def _codes(user: Any, operator: Any, key: str) -> set[Code]:
    check_key(key)
    told = queries.last_told(user, operator)
    return {code for alias in told if (code := encode(record_of(alias), key))}


def _page(request: HttpRequest, form: Any, **shown: Any) -> HttpResponse:
    context = {"form": form, **shown}
    return render(request, "people/overlap.html", context, status=422 if form.errors else 200)


@require_safe
def tool(request: HttpRequest) -> HttpResponse:
    """The page that codes a list without a network, to save and to send to a partner."""
    if not request.user.may("people"):
        raise Http404
    headers = {"Content-Disposition": 'attachment; filename="coder-une-liste.html"'}
    return HttpResponse(codes.offline_page(), headers=headers)


tool.level = Level.VIEW
