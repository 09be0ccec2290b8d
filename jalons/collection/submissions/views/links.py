"""Public links: who opens and closes them, and the narrow page that each one gives to people without an account."""

from datetime import timedelta
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.db.models import Count, Max
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from jalons.collection.forms.models import Form, FormVersion
from jalons.collection.forms.queries import latest_version
from jalons.collection.submissions import actions, arrivals, door
from jalons.collection.submissions.actions.entry import link_key
from jalons.collection.submissions.door import Stop
from jalons.collection.submissions.forms import ExtendForm, LinkForm
from jalons.collection.submissions.models import Arrival, EntryLink
from jalons.collection.submissions.rules.instances import Header
from jalons.collection.submissions.views import entry
from jalons.collection.submissions.views.phones import Handing, qr_code
from jalons.collection.submissions.views.words import page_words
from jalons.core.levels import Level
from jalons.core.list_page import ListPage
from jalons.core.views import ActionPage, DetailPage

MOST_A_MINUTE = 60  # sheets that one link takes


class EntryLinkList(ListPage):
    model = EntryLink
    level = Level.DECIDE
    columns = ("name", "form", "state", "expires_at", "opened_by")
    filters = ("form", "state")
    search = ("name",)
    title = _("Liens publics")
    empty_text = _("Aucun lien public. « Ajouter » en ouvre un : il laisse remplir un formulaire sans compte.")

    def get_queryset(self):
        return super().get_queryset().filter(kind=EntryLink.Kind.LINK)


class EntryLinkDetail(DetailPage):
    model = EntryLink
    level = Level.DECIDE
    fields = ("form", "state", "expires_at", "most_a_day", "opened_by", "created_at")

    def get_queryset(self):
        return super().get_queryset().filter(kind=EntryLink.Kind.LINK)

    def get_context_data(self, **extra: Any) -> dict[str, Any]:
        is_open = self.object.state == EntryLink.State.OPEN
        self.actions = (("extend", _("Prolonger")), ("close", _("Fermer"))) if is_open else (("extend", _("Rouvrir")),)
        sent = Arrival.objects.for_user(self.request.user).filter(device=self.object)
        return super().get_context_data(came=sent.aggregate(count=Count("pk"), last=Max("created_at")), **extra)


class EntryLinkAdd(Handing):
    model = EntryLink
    action = actions.open_link
    form_class = LinkForm
    title = _("Ouvrir un lien public")
    submit = _("Ouvrir le lien")

    def hand_over(self, link: EntryLink) -> HttpResponse:
        path = reverse("submissions:entry-link", args=[link.given_token])
        address = self.request.build_absolute_uri(path)
        shown = {
            "title": _("Le lien à donner"), "lead": link.name, "link": link, "address": address, "qr": qr_code(address),
        }  # fmt: skip
        response = render(self.request, "submissions/entrylink_handed.html", shown)
        response["Cache-Control"] = "no-store"
        return response


class EntryLinkExtend(ActionPage):
    model = EntryLink
    action = actions.extend_link
    form_class = ExtendForm
    title = submit = _("Prolonger ce lien")
    done = _("Ce lien est ouvert, à la même adresse.")


class EntryLinkClose(ActionPage):
    model = EntryLink
    action = actions.close_link
    title = submit = _("Fermer ce lien")
    danger = True
    done = _("Lien fermé : il n’ouvre plus rien. Ce qui est arrivé par lui reste.")


# What people without an account see


@login_not_required
@entry.engine_policy
@require_safe
def public(request: HttpRequest, token: str) -> HttpResponse:
    """One form, alone: no menu, no name, nothing of anybody else."""
    link = _link(token)
    if link is None:
        text = gettext("Ce lien n’existe pas. Vérifiez l’adresse auprès de qui vous l’a donnée.")
        context = {"title": gettext("Lien fermé"), "text": text}
        return render(request, "submissions/entry_closed.html", context, status=404)
    base = reverse("submissions:entry-link", args=[token])
    own = entry.common_page() | {"owner": f"l{link.pk}", "public": True, "door": "", "send": f"{base}send/"}
    if refusal := _closed(link):
        page = own | {"gone": True, "words": page_words()}
        context = {"title": gettext("Lien fermé"), "text": refusal, "page": page}
        return render(request, "submissions/entry_closed.html", context, status=410)
    version = latest_version(link.form)
    page = own | entry.form_page(request, version) | {"form": entry.definition(version, f"{base}{version.pk}/")}
    response = render(request, "submissions/entry_link.html", entry.told_before(version) | {"page": page, "public": 1})
    response["X-Robots-Tag"] = "noindex"
    return response


@login_not_required
@require_safe
def public_xform(request: HttpRequest, token: str, pk: int) -> HttpResponse:
    return HttpResponse(_version(token, pk).xform, content_type=door.XML)


@login_not_required
@require_safe
def public_media(request: HttpRequest, token: str, pk: int, name: str) -> HttpResponse:
    return entry.media_of(_version(token, pk), name)


@login_not_required
@csrf_exempt
@require_POST
def public_send(request: HttpRequest, token: str) -> JsonResponse:
    """Keep a sheet that came by a link. The address is the whole credential: no cookie is read."""
    return entry.answer(lambda: _taken(request, token))


def _taken(request: HttpRequest, token: str) -> int:
    link = _link(token)
    if link is None:
        raise Stop(404, _("Ce lien n’existe pas."))
    if refusal := _closed(link):
        raise Stop(403, refusal)
    now = timezone.now()
    sent = Arrival.objects.filter(device=link)
    entry.check_quota(sent.filter(created_at__gte=now.replace(hour=0, minute=0, second=0)).count() >= link.most_a_day)
    if sent.filter(created_at__gte=now - timedelta(minutes=1)).count() >= MOST_A_MINUTE:
        raise Stop(429, _("Trop de fiches à la fois par ce lien : celle-ci reste ici et repartira dans une minute."))
    return entry.taken(request, arrivals.remembered(kind=link.kind, key=link.key), link.form, _check_new)


def _check_new(head: Header) -> None:
    """A link brings new sheets only: it opens nothing that was received.

    Error: Stop.
    """
    if head.deprecated_id or head.root_id:
        raise Stop(400, _("Ce lien ne permet pas de corriger une fiche déjà envoyée."))


def _link(token: str) -> EntryLink | None:
    found = EntryLink.objects.filter(kind=EntryLink.Kind.LINK, key=link_key(token))
    return found.select_related("form").first()


def _closed(link: EntryLink) -> str:
    """Why a link opens nothing; "" when it does."""
    if link.state != EntryLink.State.OPEN:
        return gettext(
            "Ce lien a été fermé par la personne qui l’avait ouvert. Elle peut le rouvrir ; les fiches gardées ici "
            "partiront alors."
        )
    if link.expires_at <= timezone.now():
        day = date_format(timezone.localtime(link.expires_at), "DATE_FORMAT")
        return gettext(
            "Ce lien a expiré : il servait jusqu’au %(day)s. Qui vous l’a donné peut le prolonger ; les fiches gardées "
            "ici partiront alors."
        ) % {"day": day}
    if link.form.state != Form.State.PUBLISHED or arrivals.remembered(kind=link.kind, key=link.key) is None:
        return gettext("Ce formulaire n’est plus ouvert à la collecte.")
    return ""


def _version(token: str, pk: int) -> FormVersion:
    link = _link(token)
    if link is None or _closed(link):
        raise Http404
    return get_object_or_404(FormVersion, form=link.form, pk=pk)
