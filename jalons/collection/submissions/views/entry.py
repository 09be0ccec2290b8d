"""Entry in the browser: the page where a form is filled, what it fetches, and the door by which it sends."""

from collections.abc import Callable
from typing import Any

from csp.constants import SELF
from csp.decorators import csp_update
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import Error
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from jalons.collection.forms.models import Form, FormVersion
from jalons.collection.forms.queries import latest_version
from jalons.collection.forms.rules.media import files_named
from jalons.collection.submissions import actions, arrivals, door
from jalons.collection.submissions.arrivals import Sender
from jalons.collection.submissions.attachments import as_dict
from jalons.collection.submissions.door import Stop
from jalons.collection.submissions.models import Submission
from jalons.collection.submissions.openrosa import files_of
from jalons.collection.submissions.queries import as_instance
from jalons.collection.submissions.rules import browser
from jalons.collection.submissions.rules.instances import Header
from jalons.collection.submissions.views.words import engine_words, page_words
from jalons.core import documents
from jalons.core.errors import Refused
from jalons.core.levels import Level
from jalons.foundation.accounts.models import User

# What the engine needs: WebAssembly to read expressions, styles that it writes itself, pictures that it makes.
# No other host, as everywhere.
engine_policy = csp_update({
    "script-src": ["'wasm-unsafe-eval'"], "style-src": ["'unsafe-inline'"], "img-src": ["blob:"],
    "font-src": ["data:"], "connect-src": ["data:", "blob:"], "worker-src": [SELF, "data:", "blob:"],
})  # fmt: skip
WHOSE = "X-Jalons-Owner"
LISTS = (".csv", ".xml", ".geojson")


def owner_of(user: User) -> str:
    """Whose sheets a browser keeps: an account never sees another's."""
    return f"u{user.pk}"


def reachable(user: User) -> Any:
    """The forms of which a person may have kept sheets on a device: those that were closed since, too."""
    rows = Form.objects.for_user(user, Level.EDIT, app="submissions").exclude(state=Form.State.DRAFT)
    return rows.filter(versions__isnull=False).select_related("programme").distinct()


def fillable(user: User) -> Any:
    """The published forms that a person may fill."""
    return reachable(user).filter(state=Form.State.PUBLISHED)


# The pages


@require_safe
def entry_list(request: HttpRequest) -> HttpResponse:
    """What this person may fill, and what of theirs is on this device."""
    if not request.user.may("submissions", Level.VIEW):
        raise Http404
    page = own_page(request) | {"words": page_words()}
    context = {
        "title": _("Saisie"),
        "forms": fillable(request.user).order_by("code"),
        "page": page,
        "decides": request.user.may("submissions", Level.DECIDE),
    }
    return render(request, "submissions/entry_list.html", context)


@require_safe
def leaving(request: HttpRequest) -> HttpResponse:
    """Before signing out: what waits on this device goes, stays there, or is erased."""
    page = own_page(request) | {"words": page_words()}
    return render(request, "submissions/entry_leaving.html", {"title": _("Avant de vous déconnecter"), "page": page})


@engine_policy
@require_safe
def fill(request: HttpRequest, pk: int) -> HttpResponse:
    """One form to fill. The part after # says what to open: a sheet of this device, or a submission to correct."""
    form = get_object_or_404(reachable(request.user), pk=pk)
    shut = form.state != Form.State.PUBLISHED
    version = latest_version(form)
    page = own_page(request) | {"send": reverse("submissions:entry-send", args=[pk])} | form_page(request, version)
    page |= {"form": definition(version), "shut": shut}
    phones = reverse("submissions:device-list") if request.user.may("submissions", Level.DECIDE) else ""
    context = told_before(version) | {"object": form, "page": page, "collect_url": phones, "shut": shut}
    return render(request, "submissions/entry_fill.html", context)


def own_page(request: HttpRequest) -> dict[str, Any]:
    """What the scripts of a signed-in page need to know."""
    return common_page() | {
        "owner": owner_of(request.user), "public": False, "door": reverse("submissions:entry-door"),
        "signIn": reverse("account_login"), "list": reverse("submissions:entry-list"),
        "submissions": reverse("submissions:entry-list") + "submissions/",
    }  # fmt: skip


def common_page() -> dict[str, Any]:
    scope = reverse("submissions:entry-list")
    folder = static("jalons/entry/fill.js").rpartition("/")[0] + "/"
    return {
        "scope": scope, "worker": f"{scope}worker.js",
        "parts": {"static": settings.STATIC_URL, "folder": folder, "list": f"{folder}parts.json"},
    }  # fmt: skip


def form_page(request: HttpRequest, version: FormVersion) -> dict[str, Any]:
    spoken = {entry["code"]: entry["name"] for entry in version.languages}
    return {
        "title": str(version.form), "language": request.LANGUAGE_CODE,
        "translation": spoken.get(request.LANGUAGE_CODE, ""), "words": page_words() | engine_words(),
    }  # fmt: skip


def definition(version: FormVersion, base: str = "") -> dict[str, Any]:
    """Where the browser finds a version of a form and the files that it names."""
    base = base or reverse("submissions:entry-list") + f"versions/{version.pk}/"
    media = f"{base}files/"
    return {"xml": f"{base}form.xml", "media": media, "files": [media + name for name in files_of(version)]}


def told_before(version: FormVersion) -> dict[str, Any]:
    """What this form asks and a browser cannot do, or does otherwise; which of its files are not there."""
    cannot, otherwise = [], []
    for question in version.questions.order_by("position"):
        name = question.labels.get("fr") or next(iter(question.labels.values()), question.name)
        if what := browser.cannot(question.kind):
            cannot.append({"name": name, "what": _(what), "required": bool(question.required)})
        elif how := browser.otherwise(question.kind, question.appearance):
            otherwise.append({"name": name, "how": _(how)})
    missing = sorted(files_named(version.xform) - files_of(version).keys())
    return {
        "title": str(version.form), "cannot": cannot, "otherwise": otherwise,
        "lists": [name for name in missing if name.endswith(LISTS)],
        "pictures": [name for name in missing if not name.endswith(LISTS)],
    }  # fmt: skip


@login_not_required
@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """The script that answers for the pages of this folder when there is no network."""
    response = render(request, "submissions/entry_worker.js", content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = "no-cache"
    return response


# What the page fetches


@require_safe
def xform(request: HttpRequest, pk: int) -> HttpResponse:
    return HttpResponse(_version(request, pk).xform, content_type=door.XML)


@require_safe
def media(request: HttpRequest, pk: int, name: str) -> HttpResponse | FileResponse:
    return media_of(_version(request, pk), name)


def media_of(version: FormVersion, name: str) -> HttpResponse | FileResponse:
    """A file that a form names; never shown as a page of ours."""
    kept = files_of(version).get(name)
    if kept is None:
        raise Http404
    if isinstance(kept, str):
        return HttpResponse(kept, content_type="text/csv; charset=utf-8")
    headers = {"X-Content-Type-Options": "nosniff", "Content-Disposition": content_disposition_header(True, name) or ""}
    return FileResponse(documents.path(kept.sha256).open("rb"), content_type=kept.media_type, headers=headers)


def _version(request: HttpRequest, pk: int) -> FormVersion:
    forms = Form.objects.for_user(request.user, Level.EDIT, app="submissions")
    return get_object_or_404(FormVersion.objects.filter(form__in=forms).select_related("form"), pk=pk)


@never_cache
@require_safe
def submission(request: HttpRequest, pk: int) -> HttpResponse:
    """A submission to correct: its latest version as XML, the form that it answers, its files."""
    found = get_object_or_404(Submission.objects.for_user(request.user, Level.EDIT).select_related("form"), pk=pk)
    if not found.is_open_to(request.user, app="identities"):
        raise Http404
    current = found.current
    sent = as_dict(found)
    files = {name: reverse(f"submissions:{file.page}-download", args=[file.pk]) for name, file in sent.items()}
    return JsonResponse({
        "xml": as_instance(current), "corrects": current.instance_id, "form": definition(current.form_version),
        "files": [{"name": name, "url": url} for name, url in files.items()],
    })  # fmt: skip


# What the page sends


@login_not_required
@never_cache
@require_safe
def whose(request: HttpRequest) -> JsonResponse:
    """Who is signed in, for a page that may have been kept since yesterday."""
    if not request.user.is_authenticated:
        return JsonResponse({}, status=401)
    return JsonResponse({"owner": owner_of(request.user)})


@login_not_required
@csrf_exempt
@require_POST
def send(request: HttpRequest, pk: int) -> JsonResponse:
    """Keep a sheet that a person filled, in their name, before it is acknowledged.

    The header that says whose sheet it is stands for the form token: no other site can send it without being asked.
    Source: OWASP, Cross-Site Request Forgery Prevention, custom request headers.
    """
    if not request.user.is_authenticated or request.headers.get(WHOSE) != owner_of(request.user):
        return JsonResponse({"message": _("Connectez-vous avec votre compte : rien n’est perdu.")}, status=401)
    form = reachable(request.user).filter(pk=pk).first()
    if form is None:
        said = _("Ce formulaire ne vous est plus ouvert. Gardez la fiche ici et prévenez le suivi.")
        return JsonResponse({"message": said}, status=404)

    def check(head: Header) -> None:
        _check_correction(request.user, form, head)

    device = actions.open_browser(form=form, by=request.user)
    names = {"kind": device.kind, "user_name": device.user_name}
    return answer(lambda: taken(request, arrivals.remembered(**names), form, check))


def _check_correction(user: User, form: Form, head: Header) -> None:
    """A correction is of a submission that this person may change, and says why.

    Error: Stop, Refused.
    """
    named = [name for name in (head.deprecated_id, head.root_id) if name]
    if not named:
        return
    mine = Submission.objects.for_user(user, Level.EDIT).filter(form=form)
    if not mine.filter(versions__instance_id__in=named).exists():
        raise Stop(403, _("Cette soumission ne vous est pas ouverte à la correction."))
    if not head.reason.strip():
        raise Refused(_("Dites pourquoi vous corrigez cette soumission."))


def taken(request: HttpRequest, sender: Sender | None, form: Form, check: Callable[[Header], None]) -> int:
    """Keep what a request brings, for one form; the status that acknowledges it.

    Error: Stop, Refused.
    """
    if sender is None:
        raise Stop(403, _("Vous ne pouvez plus envoyer de soumissions dans ce programme."))
    check_quota(arrivals.is_over_quota(sender))

    def check_all(content: bytes) -> None:
        head = door.header(content)
        if head.form_id != form.code:
            raise Stop(400, _("Cette fiche est d’un autre formulaire."))
        check(head)

    content, files = door.received(request.META, check_all)
    if not files:
        check_all(content)
    return door.keep(sender, content, files)


def check_quota(is_over: bool) -> None:
    """Keep a sheet on its device until tomorrow when enough came today.

    Error: Stop.
    """
    if is_over:
        raise Stop(429, _("Trop d’envois aujourd’hui : la fiche reste sur cet appareil et partira demain."))


def answer(work: Callable[[], int]) -> JsonResponse:
    """What the browser is told, in the reader's language."""
    try:
        return JsonResponse({"message": _("Bien reçu.")}, status=work())
    except (Stop, Refused, Error) as fault:
        status, message = door.sentence(fault)
        return JsonResponse({"message": message}, status=status)
