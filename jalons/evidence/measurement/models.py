"""What can be shown: values of indicators, with what is needed to compute each again."""

import pghistory
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from jalons.core import writing
from jalons.core.fields import CodeField
from jalons.core.scope import ScopedModel
from jalons.foundation.programmes.models import Period
from jalons.planning.results.models import Indicator, IndicatorVersion, VerificationSource

PERSON = {"on_delete": models.PROTECT, "null": True, "related_name": "+"}


@pghistory.track()
class IndicatorValue(ScopedModel):
    """Value of one indicator for one period, never without its number of cases.

    For a cumulative period the value is recomputed from the rows of the whole range when the indicator aggregates over
    time by "recompute", else combined from the values of the periods it accumulates.

    answered: how many cases gave an answer; asked: how many were asked, None when nobody can tell.
    watermark: latest submission version taken into account; None for a typed value.
    doubts: how many persons fewer there are if every doubt that the register then held is of one person; None when it
            counts none.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("brouillon")
        VERIFIED = "verified", _("vérifiée")
        PUBLISHED = "published", _("publiée")

    class Origin(models.TextChoices):
        COMPUTED = "computed", _("calculée")
        TYPED = "typed", _("saisie")

    scope = "indicator__result__programme"
    told = {"state": "published"}

    indicator = models.ForeignKey(
        Indicator, on_delete=models.PROTECT, related_name="values", verbose_name=_("indicateur")
    )
    definition = models.ForeignKey(
        IndicatorVersion, on_delete=models.PROTECT, related_name="values", verbose_name=_("définition")
    )
    period = models.ForeignKey(Period, on_delete=models.PROTECT, related_name="values", verbose_name=_("période"))
    origin = CodeField(_("origine"), max_length=10, choices=Origin)
    number = models.FloatField(_("valeur"), null=True, blank=True)
    numerator = models.FloatField(_("numérateur"), null=True, blank=True)
    denominator = models.FloatField(_("dénominateur"), null=True, blank=True)
    answered = models.BigIntegerField(_("réponses"), null=True, blank=True)
    asked = models.BigIntegerField(_("demandées"), null=True, blank=True)
    doubts = models.PositiveIntegerField(_("doutes"), null=True, editable=False)
    text = models.TextField(_("appréciation"), blank=True)
    source = models.CharField(_("source de vérification"), max_length=20, blank=True)
    state = CodeField(_("état"), max_length=10, choices=State, default=State.DRAFT)
    computed_at = models.DateTimeField(_("calculée le"))
    watermark = models.BigIntegerField(_("dernière version prise en compte"), null=True, blank=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("auteur")
    )
    verified_by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name=_("vérifiée par"), **PERSON)
    verified_at = models.DateTimeField(_("vérifiée le"), null=True)
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name=_("publiée par"), **PERSON)
    published_at = models.DateTimeField(_("publiée le"), null=True)

    class Meta:
        verbose_name = _("valeur")
        verbose_name_plural = _("valeurs")
        ordering = ["indicator", "period"]
        indexes = [models.Index(fields=["indicator", "period", "state"], name="value_of_indicator")]
        constraints = [
            models.UniqueConstraint(
                name="one_draft_per_indicator_and_period",
                fields=["indicator", "period"],
                condition=Q(state="draft"),
                violation_error_message=_("Une valeur en brouillon existe déjà pour cette période."),
            ),
            models.UniqueConstraint(
                name="one_published_per_indicator_period_and_time",
                fields=["indicator", "period", "published_at"],
            ),
            models.CheckConstraint(
                name="value_verified_by_another",
                condition=Q(verified_by__isnull=True) | Q(origin="computed") | ~Q(verified_by=F("author")),
                violation_error_message=_("Une autre personne que l’auteur doit vérifier."),
            ),
            models.CheckConstraint(
                name="value_published_by_another",
                condition=Q(published_by__isnull=True) | ~Q(published_by=F("verified_by")),
                violation_error_message=_("Une autre personne que celle qui a vérifié doit publier."),
            ),
            models.CheckConstraint(
                name="published_value_is_verified",
                condition=~Q(state="published") | (Q(verified_by__isnull=False) & Q(published_by__isnull=False)),
                violation_error_message=_("Une valeur doit être vérifiée avant d’être publiée."),
            ),
            models.CheckConstraint(
                name="answered_within_asked",
                condition=Q(asked__isnull=True) | Q(answered__isnull=True) | Q(answered__lte=F("asked")),
                violation_error_message=_("Le nombre de réponses ne peut pas dépasser celui des demandes."),
            ),
        ]

    def __str__(self):
        return f"{self.indicator.code} · {self.period}"

    @property
    def source_of_proof(self):
        """The source of verification that a typed value rests on, by its name."""
        sources = VerificationSource.objects.filter(programme=self.period.programme_id, code=self.source)
        return str(sources.first() or self.source) if self.source else ""

    @property
    def least(self):
        """The fewest persons there may be, where doubts about them were not decided."""
        return self.number - self.doubts if self.doubts else None

    least.fget.short_description = _("au moins, si les doutes du registre sont d’une même personne")

    def written_number(self) -> str:
        """Its number as a page writes it."""
        return writing.measured(self.number, self.definition.is_percentage, get_language())

    source_of_proof.fget.short_description = _("source de vérification")


class Disaggregation(ScopedModel):
    """One cut of a value: parallel arrays, one place per cell that has cases.

    cells: category codes joined by "|" in the order of `dimensions`; "?" where the answer is unknown.
    numerators, denominators: empty for a measure that is no ratio.
    doubts: of each cell, how many persons fewer there are if every doubt of the register is of one; None without any.
    """

    scope = "value__indicator__result__programme"
    told = {"value__state": "published"}

    value = models.ForeignKey(
        IndicatorValue, on_delete=models.CASCADE, related_name="disaggregations", verbose_name=_("valeur")
    )
    dimensions = ArrayField(models.CharField(max_length=40), verbose_name=_("désagrégations"))
    cells = ArrayField(models.TextField(), verbose_name=_("cases"))
    numbers = ArrayField(models.FloatField(null=True), verbose_name=_("valeurs"))
    numerators = ArrayField(models.FloatField(null=True), verbose_name=_("numérateurs"), default=list)
    denominators = ArrayField(models.FloatField(null=True), verbose_name=_("dénominateurs"), default=list)
    answered = ArrayField(models.BigIntegerField(null=True), verbose_name=_("réponses"), default=list)
    asked = ArrayField(models.BigIntegerField(null=True), verbose_name=_("demandées"), default=list)
    doubts = ArrayField(models.PositiveIntegerField(), verbose_name=_("doutes"), null=True, editable=False)

    class Meta:
        verbose_name = _("désagrégation d’une valeur")
        verbose_name_plural = _("désagrégations de valeurs")
        constraints = [models.UniqueConstraint(name="one_cut_per_value", fields=["value", "dimensions"])]
