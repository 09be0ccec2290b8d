"""Programmes, who answers for them, who pays for them, and how their time is cut."""

import pghistory
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from jalons.core.cells import listed
from jalons.core.errors import Refused
from jalons.core.fields import CodeField, TranslatedField, translated
from jalons.core.refusals import refusal_text
from jalons.core.scope import ScopedModel, SharedModel
from jalons.foundation.programmes import iati_codes as iati
from jalons.foundation.programmes.rules.shares import check_shares, ordered, written
from jalons.foundation.programmes.shares import SharesField
from jalons.foundation.territories.models import Territory


@pghistory.track()
class Operator(SharedModel):
    """The organisation that runs programmes and is the controller of their personal data."""

    code = models.CharField(_("sigle"), max_length=20, unique=True)
    name = models.CharField(_("nom"), max_length=200)
    iati_identifier = models.CharField(_("identifiant IATI"), max_length=60, blank=True)
    organisation_type = CodeField(
        _("type d’organisation (IATI)"), max_length=2, blank=True, choices=iati.choices(iati.ORGANISATION)
    )

    class Meta:
        verbose_name = _("opérateur")
        verbose_name_plural = _("opérateurs")
        ordering = ["code"]

    def __str__(self):
        return self.code


@pghistory.track()
class Funder(SharedModel):
    """Who finances, and in whose words results are told."""

    code = models.CharField(_("sigle"), max_length=20, unique=True)
    name = models.CharField(_("nom"), max_length=200)
    iati_identifier = models.CharField(_("identifiant IATI"), max_length=60, blank=True)

    class Meta:
        verbose_name = _("bailleur")
        verbose_name_plural = _("bailleurs")
        ordering = ["code"]

    def __str__(self):
        return self.code


@pghistory.track()
class Programme(ScopedModel):
    """The unit that everything belongs to (an IATI activity).

    least_people: how many people a cell counts at least to be told to those who read aggregates only.
    """

    scope = "pk"

    code = models.SlugField(_("code"), max_length=40, unique=True)
    short_name = models.CharField(_("nom court"), max_length=60)
    title = TranslatedField(_("intitulé"))
    purpose = TranslatedField(_("objet"), null=True, blank=True)
    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, verbose_name=_("opérateur"))
    territories = models.ManyToManyField(Territory, blank=True, verbose_name=_("territoires"))
    starts_on = models.DateField(_("début"))
    ends_on = models.DateField(_("fin"))
    iati_identifier = models.CharField(_("identifiant IATI"), max_length=100, blank=True)
    sectors = SharesField(_("secteurs (CAD)"), default=dict, blank=True)
    recipients = SharesField(_("pays bénéficiaires"), default=dict, blank=True)
    status = CodeField(_("état de l’activité"), max_length=1, blank=True, choices=iati.choices(iati.STATUS))
    collaboration = CodeField(
        _("type de collaboration"), max_length=1, blank=True, choices=iati.choices(iati.COLLABORATION)
    )
    flow = CodeField(_("type d’apport"), max_length=2, blank=True, choices=iati.choices(iati.FLOW))
    finance = CodeField(_("type de financement"), max_length=4, blank=True, choices=iati.choices(iati.FINANCE))
    aid = CodeField(_("type d’aide"), max_length=4, blank=True, choices=iati.choices(iati.AID))
    tied = CodeField(_("liaison de l’aide"), max_length=1, blank=True, choices=iati.choices(iati.TIED))
    least_people = models.PositiveSmallIntegerField(_("seuil des petits nombres de personnes"), default=5)

    class Meta:
        verbose_name = _("programme")
        verbose_name_plural = _("programmes")
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                name="programme_starts_before_it_ends",
                condition=Q(starts_on__lte=F("ends_on")),
                violation_error_message=_("Le programme doit commencer avant de finir."),
            )
        ]

    def __str__(self):
        return self.short_name

    @property
    def places(self):
        """Names of the territories, in the reader's language."""
        return listed(self.territories.all())

    places.fget.short_description = _("territoires")

    @property
    def sector_shares(self):
        """Sectors with their names and shares, in the reader's language."""
        names = iati.codes(iati.SECTOR)
        return "\n".join(f"{c} {translated(names.get(c))} ({written(share)} %)" for c, share in ordered(self.sectors))

    sector_shares.fget.short_description = _("secteurs (CAD)")

    @property
    def recipient_shares(self):
        """Countries with their shares."""
        return " · ".join(f"{code} ({written(share)} %)" for code, share in ordered(self.recipients))

    recipient_shares.fget.short_description = _("pays bénéficiaires")

    @property
    def aid_terms(self):
        """How the activity stands and is financed, in the words of IATI, those that are known."""
        names = ("status", "collaboration", "flow", "finance", "aid", "tied")
        return " · ".join(str(getattr(self, f"get_{name}_display")()) for name in names if getattr(self, name))

    aid_terms.fget.short_description = _("nature de l’aide (IATI)")

    def clean(self):
        countries = Territory.objects.filter(level=Territory.Level.COUNTRY, code__in=self.recipients)
        for field, known in (("sectors", iati.codes(iati.SECTOR)),
                             ("recipients", set(countries.values_list("code", flat=True)))):  # fmt: skip
            try:
                check_shares(getattr(self, field), known)
            except Refused as refusal:
                raise ValidationError({field: refusal_text(refusal)}) from None


@pghistory.track()
class Component(ScopedModel):
    """A part of a programme with its own objective."""

    scope = "programme"

    programme = models.ForeignKey(
        Programme, on_delete=models.PROTECT, related_name="components", verbose_name=_("programme")
    )
    code = models.CharField(_("code"), max_length=20)
    title = TranslatedField(_("intitulé"))

    class Meta:
        verbose_name = _("composante")
        verbose_name_plural = _("composantes")
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(
                name="component_code_once_per_programme",
                fields=["programme", "code"],
                violation_error_message=_("Ce code de composante existe déjà dans le programme."),
            )
        ]

    def __str__(self):
        return f"{self.code} {translated(self.title)}"


@pghistory.track()
class Office(ScopedModel):
    """Where a team works."""

    scope = "programme"
    region_path = "region"

    programme = models.ForeignKey(
        Programme, on_delete=models.PROTECT, related_name="offices", verbose_name=_("programme")
    )
    name = models.CharField(_("nom"), max_length=100)
    region = models.ForeignKey(
        Territory, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("région"),
        limit_choices_to={"level": "region"},
    )  # fmt: skip
    city = models.CharField(_("ville"), max_length=100)

    class Meta:
        verbose_name = _("bureau")
        verbose_name_plural = _("bureaux")
        ordering = ["name"]

    def __str__(self):
        return self.name


@pghistory.track()
class FundingAgreement(ScopedModel):
    """What a funder promised: amount, currency and dates."""

    scope = "programme"

    programme = models.ForeignKey(
        Programme, on_delete=models.PROTECT, related_name="agreements", verbose_name=_("programme")
    )
    funder = models.ForeignKey(Funder, on_delete=models.PROTECT, verbose_name=_("bailleur"))
    reference = models.CharField(_("référence"), max_length=60)
    name = models.CharField(_("intitulé"), max_length=200)
    amount = models.DecimalField(_("montant"), max_digits=16, decimal_places=2, null=True, blank=True)
    currency = models.CharField(_("monnaie (ISO 4217)"), max_length=3, default="EUR")
    starts_on = models.DateField(_("début"), null=True, blank=True)
    ends_on = models.DateField(_("fin"), null=True, blank=True)

    class Meta:
        verbose_name = _("convention de financement")
        verbose_name_plural = _("conventions de financement")
        ordering = ["reference"]
        constraints = [
            models.UniqueConstraint(
                name="agreement_reference_once_per_programme",
                fields=["programme", "reference"],
                violation_error_message=_("Cette référence de convention existe déjà dans le programme."),
            ),
            models.CheckConstraint(
                name="agreement_amount_is_positive",
                condition=Q(amount__isnull=True) | Q(amount__gt=0),
                violation_error_message=_("Le montant doit être positif."),
            ),
            models.CheckConstraint(
                name="agreement_starts_before_it_ends",
                condition=Q(starts_on__lte=F("ends_on")),
                violation_error_message=_("La convention doit commencer avant de finir."),
            ),
        ]

    def __str__(self):
        return f"{self.funder} {self.reference}"


@pghistory.track()
class Period(ScopedModel):
    """A stretch of a programme's time for which targets are set and values computed.

    A cumulative period runs from the programme's start to the end of another period ("depuis le début, à fin juin
    2026"); `accumulates` is the kind of the periods that tile it. Values of a cumulative period are recomputed from
    the rows when the indicator aggregates over time by "recompute", else combined from the tiles by its aggregation.
    """

    class Kind(models.TextChoices):
        QUARTER = "quarter", _("trimestre")
        HALF_YEAR = "half_year", _("semestre")
        YEAR = "year", _("année")
        REPORTING = "reporting", _("période de rapport d’un bailleur")
        CUMULATIVE = "cumulative", _("depuis le début")
        WHOLE = "whole", _("programme entier")

    scope = "programme"

    programme = models.ForeignKey(
        Programme, on_delete=models.PROTECT, related_name="periods", verbose_name=_("programme")
    )
    kind = CodeField(_("nature"), max_length=10, choices=Kind)
    accumulates = CodeField(_("cumule"), max_length=10, choices=Kind, blank=True)
    code = models.CharField(_("code"), max_length=20)
    label = TranslatedField(_("libellé"))
    starts_on = models.DateField(_("début"))
    ends_on = models.DateField(_("fin"))
    agreement = models.ForeignKey(
        FundingAgreement, on_delete=models.PROTECT, null=True, blank=True, verbose_name=_("convention")
    )

    class Meta:
        verbose_name = _("période")
        verbose_name_plural = _("périodes")
        ordering = ["starts_on", "ends_on"]
        constraints = [
            models.UniqueConstraint(
                name="period_code_once_per_programme",
                fields=["programme", "code"],
                violation_error_message=_("Ce code de période existe déjà dans le programme."),
            ),
            models.CheckConstraint(
                name="cumulative_period_says_what_it_accumulates",
                condition=Q(kind="cumulative", accumulates__in=["quarter", "half_year", "year"])
                | (~Q(kind="cumulative") & Q(accumulates="")),
                violation_error_message=_("Une période « depuis le début » dit quelles périodes elle cumule."),
            ),
            models.CheckConstraint(
                name="period_starts_before_it_ends",
                condition=Q(starts_on__lte=F("ends_on")),
                violation_error_message=_("La période doit commencer avant de finir."),
            ),
        ]

    def __str__(self):
        return translated(self.label)
