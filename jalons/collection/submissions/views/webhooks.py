"""Programs that are told what happens to submissions: opened with a secret shown once, tried, closed."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from jalons.collection.submissions import actions
from jalons.collection.submissions.forms import WebhookForm
from jalons.collection.submissions.models import Webhook
from jalons.core.levels import Level
from jalons.core.list_page import ListPage
from jalons.core.views import ActionPage, DetailPage


class WebhookList(ListPage):
    model = Webhook
    level = Level.DECIDE
    columns = ("name", "address", "programme", "form", "state", "told_at", "health")
    filters = ("programme", "state")
    search = ("name", "address")
    ordering = "name"
    empty_text = _("Aucun logiciel n’est averti. « Ajouter » en avertit un de chaque soumission reçue, changée, revue.")


class WebhookDetail(DetailPage):
    model = Webhook
    level = Level.DECIDE
    fields = ("programme", "form", "address", "by", "state", "told_at", "health", "failures", "next_at")

    def get_context_data(self, **extra: Any) -> dict[str, Any]:
        verbs = (("try", _("Envoyer un essai")), ("close", _("Fermer")))
        self.actions = verbs if self.object.state == Webhook.State.OPEN else ()
        return super().get_context_data(**extra)


class WebhookAdd(ActionPage):
    """The page that answers holds the secret: it is not shown again."""

    model = Webhook
    action = actions.open_webhook
    form_class = WebhookForm
    title = _("Avertir un logiciel")
    submit = _("Ouvrir")

    opened: Any = None

    def save(self, form: Any) -> Any:
        self.opened = super().save(form)
        return self.opened

    def form_valid(self, form: Any) -> HttpResponse:
        answer = super().form_valid(form)
        if self.opened is None:
            return answer
        back = reverse("submissions:webhook-detail", args=[self.opened.pk])
        shown = {"title": _("À copier maintenant"), "webhook": self.opened, "url": back, "crumbs": self.crumbs()}
        response = render(self.request, "submissions/webhook_given.html", shown)
        response["Cache-Control"] = "no-store"
        return response


class WebhookTry(ActionPage):
    model = Webhook
    action = actions.try_webhook
    title = _("Envoyer un essai")
    submit = _("Envoyer")
    done = _("Le logiciel a répondu : les avis lui parviennent.")


class WebhookClose(ActionPage):
    model = Webhook
    action = actions.close_webhook
    title = submit = _("Fermer cet avis")
    danger = True
    done = _("Avis fermé : ce logiciel n’apprend plus rien.")
