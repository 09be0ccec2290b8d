"""What was told: reports frozen when issued."""

import pghistory
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from jalons.core.fields import CodeField
from jalons.core.scope import ScopedModel
from jalons.foundation.programmes.models import FundingAgreement, Period, Programme


@pghistory.track()
class Report(ScopedModel):
    """A dated report to a funder; once issued, its figures and its files never move.

    figures: what was told, {indicator code: {"value": pk, "number": …, "definition": …, …}}.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("brouillon")
        ISSUED = "issued", _("émis")

    class Kind(models.TextChoices):
        LOGFRAME = "logframe", _("cadre logique")

    scope = "programme"

    programme = models.ForeignKey(
        Programme, on_delete=models.PROTECT, related_name="reports", verbose_name=_("programme")
    )
    agreement = models.ForeignKey(
        FundingAgreement, on_delete=models.PROTECT, null=True, blank=True, verbose_name=_("convention")
    )
    period = models.ForeignKey(Period, on_delete=models.PROTECT, verbose_name=_("période"))
    kind = CodeField(_("nature"), max_length=10, choices=Kind, default=Kind.LOGFRAME)
    number = models.PositiveIntegerField(_("numéro"))
    title = models.CharField(_("titre"), max_length=200)
    state = CodeField(_("état"), max_length=10, choices=State, default=State.DRAFT)
    previous = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("rapport précédent")
    )
    figures = models.JSONField(_("chiffres"), default=dict)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("auteur")
    )
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("émis par")
    )
    issued_at = models.DateTimeField(_("émis le"), null=True)

    class Meta:
        verbose_name = _("rapport")
        verbose_name_plural = _("rapports")
        ordering = ["-pk"]

    def __str__(self):
        return self.title


class ReportFile(ScopedModel):
    """One file of an issued report, kept under its SHA-256: the same bytes each time it is asked for."""

    scope = "report__programme"

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="files", verbose_name=_("rapport"))
    format = models.CharField(_("format"), max_length=10)
    name = models.CharField(_("nom"), max_length=200)
    sha256 = models.CharField(_("empreinte"), max_length=64)

    class Meta:
        verbose_name = _("fichier de rapport")
        verbose_name_plural = _("fichiers de rapport")
        constraints = [models.UniqueConstraint(name="one_file_per_format", fields=["report", "format"])]

    def __str__(self):
        return self.name
