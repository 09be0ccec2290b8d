"""Phones: who holds which, their credentials shown once, and what they sent that waits for a decision."""

import base64
import io
from typing import Any

import qrcode
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe
from qrcode.image.svg import SvgPathImage

from jalons.collection.submissions import actions
from jalons.collection.submissions.forms import DeviceForm, DismissForm
from jalons.collection.submissions.models import Arrival, Device
from jalons.collection.submissions.rules import openrosa
from jalons.collection.submissions.views.pages import attachment
from jalons.core.levels import Level
from jalons.core.list_page import ListPage
from jalons.core.views import ActionPage, DetailPage, FormPage


class DeviceList(ListPage):
    model = Device
    level = Level.DECIDE
    columns = ("name", "holder", "programme", "state", "user_name")
    filters = ("programme", "state", "holder")
    search = ("name", "holder__name", "user_name")
    ordering = "name"
    empty_text = _("Aucun téléphone n’envoie encore. « Ajouter » en prépare un : il reçoit un code QR à lire.")

    def get_queryset(self):
        return super().get_queryset().filter(kind=Device.Kind.PHONE)


class DeviceDetail(DetailPage):
    model = Device
    level = Level.DECIDE
    fields = ("programme", "holder", "state", "user_name", "most_a_day", "megabytes_a_day", "created_at")

    def get_context_data(self, **extra: Any) -> dict[str, Any]:
        verbs = {
            Device.State.OPEN: (("renew", _("Nouveau code QR")), ("close", _("Fermer"))),
            Device.State.CLOSED: (("reopen", _("Rouvrir")),),
        }
        self.actions = verbs[self.object.state]
        sent = Arrival.objects.for_user(self.request.user).filter(device=self.object)
        return super().get_context_data(sent=sent.count(), last=sent.order_by("-pk").first(), **extra)


class DeviceEdit(FormPage):
    """The programme and the person stay: another person is another device."""

    model = Device
    level = Level.DECIDE
    fields = ("name", "most_a_day", "megabytes_a_day")


class Handing(ActionPage):
    """The page that answers holds the credentials: nothing keeps them, they are not shown again."""

    model = Device

    handed: Any = None

    def save(self, form: Any) -> Any:
        self.handed = super().save(form)
        return self.handed

    def form_valid(self, form: Any) -> HttpResponse:
        answer = super().form_valid(form)
        return self.hand_over(self.handed) if self.handed else answer

    def hand_over(self, device: Device) -> HttpResponse:
        server = self.request.build_absolute_uri("/openrosa")
        address = f"{server}/key/{device.given_key}"
        shown = {
            "title": _("À lire maintenant avec le téléphone"), "lead": device.name, "device": device, "server": server,
            "qr": qr_code(openrosa.collect_settings(address, device.programme.short_name)), "address": address,
            "url": reverse("submissions:device-detail", args=[device.pk]),
        }  # fmt: skip
        response = render(self.request, "submissions/device_handed.html", shown)
        response["Cache-Control"] = "no-store"
        return response


class DeviceAdd(Handing):
    action = actions.open_device
    form_class = DeviceForm
    title = _("Préparer un téléphone")
    submit = _("Préparer")


class DeviceRenew(Handing):
    action = actions.renew_device
    title = _("Donner un nouveau code QR")
    submit = _("Donner un nouveau code")


class DeviceReopen(Handing):
    action = actions.reopen_device
    title = submit = _("Rouvrir cet appareil")


class DeviceClose(ActionPage):
    model = Device
    action = actions.close_device
    title = submit = _("Fermer cet appareil")
    danger = True
    done = _("Appareil fermé : il n’envoie plus rien. Ce qu’il a envoyé reste.")


def qr_code(text: str) -> str:
    """A QR code as the address of an image.

    Source: ISO/IEC 18004, by the library of sign-in.
    """
    kept = io.BytesIO()
    qrcode.make(text, image_factory=SvgPathImage, error_correction=qrcode.constants.ERROR_CORRECT_L).save(kept)
    return f"data:image/svg+xml;base64,{base64.b64encode(kept.getvalue()).decode()}"


# What was sent


class ArrivalList(ListPage):
    model = Arrival
    level = Level.DECIDE
    columns = ("instance_id", "form", "device", "state", "why", "created_at")
    filters = ("form", "state", "device")
    search = ("instance_id",)
    indexed = {"created_at": "pk"}
    title = _("Arrivées des téléphones et des navigateurs")
    empty_text = _("Rien n’est encore arrivé d’un téléphone ni d’un navigateur.")


class ArrivalDetail(DetailPage):
    model = Arrival
    level = Level.DECIDE
    fields = ("form", "device", "state", "why", "size", "created_at", "submission")
    sections = (("attachments", ("name", "media_type", "size", "created_at")),)

    def get_context_data(self, **extra: Any) -> dict[str, Any]:
        waits = self.object.state in Arrival.UNDECIDED
        self.actions = (("admit", _("Faire entrer")), ("dismiss", _("Écarter"))) if waits else ()
        same = self.object.form.submissions.filter(instance_id=self.object.instance_id)
        twin = same.for_user(self.request.user).first() if self.object.state == Arrival.State.CONFLICT else None
        return super().get_context_data(twin=twin, **extra)


class ArrivalAdmit(ActionPage):
    model = Arrival
    action = actions.admit
    title = submit = _("Faire entrer cette fiche")
    done = _("Fiche entrée : elle attend une revue.")


class ArrivalDismiss(ActionPage):
    model = Arrival
    action = actions.dismiss
    form_class = DismissForm
    title = submit = _("Écarter cette fiche")
    danger = True
    done = _("Fiche écartée. Elle reste gardée telle que reçue.")


@require_safe
def content(request: HttpRequest, pk: int) -> HttpResponse:
    """An instance byte for byte as a phone sent it, while it waits."""
    arrival = get_object_or_404(Arrival.objects.for_user(request.user, Level.DECIDE), pk=pk, content__isnull=False)
    return attachment(bytes(arrival.content), f"arrivee-{pk}.xml")
