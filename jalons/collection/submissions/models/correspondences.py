"""What was once told of a foreign file, so that nobody tells it twice."""

import pghistory
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from jalons.collection.forms.models import Form
from jalons.core.scope import ScopedModel


@pghistory.track(exclude=["used_at", "updated_at"])
class Correspondence(ScopedModel):
    """How the columns of a sheet made by someone else answer a form: proposed each time the same headings come.

    fingerprint: of the headings, whatever their order, case and accents.
    name:        the file in which they were first met.
    columns:     {header: path of a question, or "" to leave the column out}.
    meanings:    {path of a question: {what cells say: code of a choice}}.
    """

    scope = "form__programme"
    person_path = "by"
    personal = frozenset({"by", "meanings"})

    form = models.ForeignKey(
        Form, on_delete=models.PROTECT, related_name="correspondences", verbose_name=_("formulaire")
    )
    fingerprint = models.CharField(_("empreinte des en-têtes"), max_length=64)
    name = models.CharField(_("fichier"), max_length=255)
    headings = models.JSONField(_("en-têtes"), default=list)
    columns = models.JSONField(_("correspondance des colonnes"), default=dict)
    meanings = models.JSONField(_("correspondance des valeurs"), default=dict)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("par"))
    used_at = models.DateTimeField(_("servie le"), auto_now_add=True)

    class Meta:
        verbose_name = _("correspondance de colonnes")
        verbose_name_plural = _("correspondances de colonnes")
        ordering = ["-pk"]
        constraints = [models.UniqueConstraint(name="correspondence_once", fields=["form", "fingerprint"])]

    def __str__(self):
        return self.name
