"""The results chain: what a programme promises, and what must hold for it."""

import pghistory
from django.db import models
from django.utils.translation import gettext_lazy as _

from jalons.core.fields import CodeField, TranslatedField, translated
from jalons.core.scope import ScopedModel
from jalons.foundation.programmes.models import Programme


@pghistory.track()
class Result(ScopedModel):
    """A link of the results chain (OECD-DAC; IATI `result`)."""

    class Level(models.TextChoices):
        IMPACT = "impact", _("impact")
        OUTCOME = "outcome", _("effet")
        OUTPUT = "output", _("produit")

    scope = "programme"

    programme = models.ForeignKey(
        Programme, on_delete=models.PROTECT, related_name="results", verbose_name=_("programme")
    )
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("contribue à")
    )
    level = CodeField(_("niveau"), max_length=10, choices=Level)
    code = models.CharField(_("code"), max_length=20)
    title = TranslatedField(_("intitulé"))
    description = TranslatedField(_("description"), null=True, blank=True)
    position = models.PositiveIntegerField(_("rang"), default=0)

    class Meta:
        verbose_name = _("résultat")
        verbose_name_plural = _("résultats")
        ordering = ["position", "code"]
        constraints = [models.UniqueConstraint(
            name="result_code_once_per_programme", fields=["programme", "code"],
            violation_error_message=_("Ce code de résultat existe déjà dans le programme."),
        )]  # fmt: skip

    def __str__(self):
        return f"{self.code} {translated(self.title)}"


@pghistory.track()
class Assumption(ScopedModel):
    """What must hold, outside the programme's reach, for a result to follow (logframe)."""

    scope = "result__programme"

    result = models.ForeignKey(Result, on_delete=models.PROTECT, related_name="assumptions", verbose_name=_("résultat"))
    code = models.CharField(_("code"), max_length=20)
    text = TranslatedField(_("hypothèse"))

    class Meta:
        verbose_name = _("hypothèse")
        verbose_name_plural = _("hypothèses")
        ordering = ["code"]
        constraints = [models.UniqueConstraint(
            name="assumption_code_once_per_result", fields=["result", "code"],
            violation_error_message=_("Ce code d’hypothèse existe déjà pour ce résultat."),
        )]  # fmt: skip

    def __str__(self):
        return f"{self.code} {translated(self.text)}"
