"""Programs that are told what happens to submissions, as it happens."""

import pghistory
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from jalons.collection.forms.models import Form
from jalons.collection.submissions.models.connections import Troubled
from jalons.core.fields import CodeField
from jalons.foundation.programmes.models import Programme


@pghistory.track(exclude=["secret", "cursor", "failures", "next_at", "told_at", "problem", "troubled_at", "updated_at"])
class Webhook(Troubled):
    """An address that is sent each submission created, edited or reviewed, signed.

    secret: what signatures are made with, sealed by a key that the database does not hold; shown once.
    by:     who opened it. It tells what this person may read, no more.
    cursor: how far the changes were told; it moves once the address has answered, so none is skipped.
    """

    class State(models.TextChoices):
        OPEN = "open", _("ouvert")
        CLOSED = "closed", _("fermé")

    scope = "programme"
    person_path = "by"
    personal = frozenset({"by"})

    programme = models.ForeignKey(
        Programme, on_delete=models.PROTECT, related_name="webhooks", verbose_name=_("programme")
    )
    form = models.ForeignKey(
        Form, on_delete=models.PROTECT, null=True, blank=True, related_name="webhooks", verbose_name=_("formulaire"),
        help_text=_("Vide : tous les formulaires du programme."),
    )  # fmt: skip
    name = models.CharField(_("nom"), max_length=120, help_text=_("Par exemple : « Tableau de bord de la région »."))
    address = models.URLField(_("adresse"), max_length=500, help_text=_("Par exemple : https://exemple.org/jalons"))
    secret = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("par"))
    state = CodeField(_("état"), max_length=10, choices=State, default=State.OPEN)
    cursor = models.CharField(max_length=200)
    told_at = models.DateTimeField(_("dernier avis"), null=True, blank=True)
    failures = models.PositiveIntegerField(_("essais manqués"), default=0)
    next_at = models.DateTimeField(_("prochain essai"), null=True, blank=True)

    class Meta:
        verbose_name = _("avis à un logiciel")
        verbose_name_plural = _("avis à des logiciels")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                name="webhook_name_once",
                fields=["programme", "name"],
                violation_error_message=_("Un avis porte déjà ce nom dans le programme."),
            )
        ]

    def __str__(self):
        return self.name
