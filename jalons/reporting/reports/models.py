"""What was told: reports frozen when issued. The database itself refuses to change them."""

import pghistory
import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from jalons.core.fields import CodeField
from jalons.core.scope import ScopedModel
from jalons.foundation.programmes.models import FundingAgreement, Period, Programme

SEALED = """
if (select state from reports_report where id = new.report_id) = 'issued' then
    raise exception 'pgtrigger: Cannot add a file to an issued report';
end if;
return new;
"""


@pghistory.track(exclude=["figures"])
class Report(ScopedModel):
    """A dated report to a funder; once issued, its figures and its files never move.

    figures: {"logframe": …, "changes": […]}, the dataclasses of `rules.logframe` and `rules.changes` as JSON.
    author:  whoever prepared the figures last; another person issues.
    version: of one number; the next one supersedes the former, says why, and replaces nothing.
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
    version = models.PositiveSmallIntegerField(_("version"), default=1)
    supersedes = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="next", verbose_name=_("remplace")
    )
    reason = models.TextField(_("motif de la nouvelle version"), blank=True)
    title = models.CharField(_("titre"), max_length=250)
    state = CodeField(_("état"), max_length=10, choices=State, default=State.DRAFT)
    previous = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("rapport précédent")
    )
    figures = models.JSONField(_("chiffres"), default=dict)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("préparé par")
    )
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("émis par")
    )
    issued_at = models.DateTimeField(_("émis le"), null=True)

    class Meta:
        verbose_name = _("rapport")
        verbose_name_plural = _("rapports")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                "programme",
                Coalesce("agreement", 0),
                "kind",
                "number",
                "version",
                name="issued_report_number_once",
                condition=Q(state="issued"),
                violation_error_message=_("Un rapport émis porte déjà ce numéro ; recommencez."),
            ),
            models.UniqueConstraint(
                "programme",
                Coalesce("agreement", 0),
                "kind",
                "period",
                name="one_draft_per_agreement_and_period",
                condition=Q(state="draft"),
                violation_error_message=_("Un brouillon existe déjà pour cette convention et cette période."),
            ),
            models.CheckConstraint(
                name="report_issued_by_another",
                condition=Q(issued_by__isnull=True) | ~Q(issued_by=F("author")),
                violation_error_message=_("Une autre personne que celle qui a préparé ce rapport doit l’émettre."),
            ),
            models.CheckConstraint(
                name="later_version_says_what_it_supersedes_and_why",
                condition=Q(version=1, supersedes=None, reason="")
                | Q(version__gt=1, supersedes__isnull=False) & ~Q(reason=""),
            ),
            models.CheckConstraint(
                name="issued_report_says_when_and_by_whom",
                condition=Q(state="issued", issued_by__isnull=False, issued_at__isnull=False)
                | Q(state="draft", issued_by__isnull=True, issued_at__isnull=True),
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="issued_report_is_frozen",
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=pgtrigger.Q(old__state="issued"),
            )
        ]

    def __str__(self):
        return self.title


class ReportFile(ScopedModel):
    """One file of an issued report, kept under its SHA-256: the same bytes each time it is asked for."""

    class Format(models.TextChoices):
        WORD = "docx", "Word"
        EXCEL = "xlsx", "Excel"
        IATI = "xml", "IATI 2.03"

    scope = "report__programme"

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="files", verbose_name=_("rapport"))
    format = CodeField(_("format"), max_length=10, choices=Format)
    name = models.CharField(_("nom"), max_length=200)
    sha256 = models.CharField(_("empreinte"), max_length=64)
    size = models.PositiveBigIntegerField(_("taille"))

    class Meta:
        verbose_name = _("fichier de rapport")
        verbose_name_plural = _("fichiers de rapport")
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(name="one_file_per_format", fields=["report", "format"])]
        triggers = [
            pgtrigger.Protect(name="report_file_is_frozen", operation=pgtrigger.Update | pgtrigger.Delete),
            pgtrigger.Trigger(
                name="issued_report_takes_no_file", when=pgtrigger.Before, operation=pgtrigger.Insert, func=SEALED
            ),
        ]

    def __str__(self):
        return self.name
