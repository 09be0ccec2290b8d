"""What was corrected after it came in: who, which answer, from what to what, why."""

import pghistory
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from jalons.collection.forms.models import Form
from jalons.collection.submissions.models import Submission
from jalons.core.fields import CodeField
from jalons.core.scope import ScopedModel

PERSON = {"on_delete": models.PROTECT, "related_name": "+", "db_index": False}


@pghistory.track(pghistory.UpdateEvent(), pghistory.DeleteEvent())
class CorrectionFile(ScopedModel):
    """A cleaning log received as a file, kept as received.

    report: what applying it did, and the lines refused with their place.
    """

    class State(models.TextChoices):
        OPEN = "open", _("à confirmer")
        DONE = "done", _("appliqué")

    scope = "form__programme"
    person_path = "by"
    personal = frozenset({"by", "report"})

    form = models.ForeignKey(
        Form, on_delete=models.PROTECT, related_name="correction_files", verbose_name=_("formulaire")
    )
    file_name = models.CharField(_("fichier"), max_length=255)
    sha256 = models.CharField(_("empreinte"), max_length=64)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name=_("par"), **PERSON)
    state = CodeField(_("état"), max_length=10, choices=State, default=State.OPEN)
    report = models.JSONField(_("compte rendu"), default=dict)

    class Meta:
        verbose_name = _("journal de corrections")
        verbose_name_plural = _("journaux de corrections")
        ordering = ["-pk"]

    def __str__(self):
        return self.file_name


class Correction(ScopedModel):
    """One answer corrected: the version that it made, from what to what, and why.

    rows: the row of each repeat around the answer, from 0. kind: the change type of cleaning logs.
    """

    class Kind(models.TextChoices):
        CHANGE = "change_response", _("réponse changée")
        BLANK = "blank_response", _("réponse effacée")
        KEEP = "no_action", _("gardée telle quelle")
        REMOVE = "remove_survey", _("fiche écartée")

    scope = "submission__form__programme"
    region_path = "submission__region"
    organisation_path = "submission__organisation"
    personal = frozenset({"old_value", "new_value", "why", "by"})

    submission = models.ForeignKey(
        Submission, on_delete=models.PROTECT, related_name="corrections", verbose_name=_("soumission")
    )
    version = models.PositiveIntegerField(_("version"))
    question = models.CharField(_("question"), max_length=1000, blank=True)
    rows = models.JSONField(_("lignes"), default=list)
    kind = CodeField(_("nature"), max_length=20, choices=Kind)
    old_value = models.TextField(_("ancienne valeur"), blank=True)
    new_value = models.TextField(_("nouvelle valeur"), blank=True)
    why = models.TextField(_("motif"), blank=True)
    feedback = models.TextField(_("retour du terrain"), blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name=_("par"), **PERSON)
    file = models.ForeignKey(
        CorrectionFile, on_delete=models.PROTECT, null=True, blank=True, related_name="corrections",
        verbose_name=_("journal"),
    )  # fmt: skip

    class Meta:
        verbose_name = _("correction")
        verbose_name_plural = _("corrections")
        ordering = ["-pk"]

    def __str__(self):
        return f"{self.question} : {self.old_value} → {self.new_value}"

    @property
    def uuid(self):
        """Identifier of the submission, as cleaning logs call it."""
        return self.submission.instance_id

    uuid.fget.short_description = "uuid"
