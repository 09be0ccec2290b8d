"""What a programme promised on its results chain: indicators, their definitions, targets and mappings."""

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from jalons.core.cells import listed
from jalons.core.fields import CodeField, TranslatedField, brief, translated
from jalons.core.scope import ScopedModel, SharedModel
from jalons.foundation.programmes.models import Funder, Period, Programme
from jalons.foundation.territories.models import Territory
from jalons.planning.results.chain import Result
from jalons.planning.results.rules.aggregations import place_level
from jalons.planning.results.rules.definitions import SHEET


@pghistory.track()
class Dimension(SharedModel):
    """A way to split a figure (IATI `dimension`): sex, age, target group, territory, or any question.

    categories: [{"code": …, "label": {"fr": …}, "from": 0, "to": 14}], bounds only for age bands.
    """

    class Kind(models.TextChoices):
        CATEGORY = "category", _("catégories")
        BANDS = "bands", _("tranches")
        TERRITORY = "territory", _("territoire")

    code = models.SlugField(_("code"), max_length=40, unique=True)
    label = TranslatedField(_("libellé"))
    kind = CodeField(_("nature"), max_length=10, choices=Kind)
    categories = models.JSONField(_("catégories"), default=list, blank=True)
    about_people = models.BooleanField(_("décrit des personnes"), default=False)

    class Meta:
        verbose_name = _("désagrégation")
        verbose_name_plural = _("désagrégations")
        ordering = ["code"]

    def __str__(self):
        return translated(self.label)

    @property
    def category_labels(self):
        """The categories as the reader's language names them."""
        return listed(translated(category["label"]) for category in self.categories)

    category_labels.fget.short_description = _("catégories")


@pghistory.track()
class VerificationSource(ScopedModel):
    """Where the proof of a value is found (source of verification of the logframe)."""

    scope = "programme"

    programme = models.ForeignKey(
        Programme, on_delete=models.PROTECT, related_name="verification_sources", verbose_name=_("programme")
    )
    code = models.CharField(_("code"), max_length=20)
    title = TranslatedField(_("intitulé"))
    holder = models.CharField(_("détenteur"), max_length=200, blank=True)
    frequency = models.CharField(_("fréquence"), max_length=60, blank=True)

    class Meta:
        verbose_name = _("source de vérification")
        verbose_name_plural = _("sources de vérification")
        ordering = ["code"]
        constraints = [models.UniqueConstraint(
            name="source_code_once_per_programme", fields=["programme", "code"],
            violation_error_message=_("Ce code de source existe déjà dans le programme."),
        )]  # fmt: skip

    def __str__(self):
        return f"{self.code} {translated(self.title)}"


def _of_sheet(name, label, read=translated):
    """A field of the definition in force, in the reader's language; empty while there is none."""
    told = property(lambda row: read(getattr(row.current, name)) if row.current_id else "")
    told.fget.short_description = label
    return told


@pghistory.track()
class Indicator(ScopedModel):
    """What we look at to know whether a result is reached (IATI `indicator`). Its sheet is its current version."""

    scope = "result__programme"

    result = models.ForeignKey(Result, on_delete=models.PROTECT, related_name="indicators", verbose_name=_("résultat"))
    code = models.CharField(_("code"), max_length=30)
    position = models.PositiveIntegerField(_("rang"), default=0)
    current = models.ForeignKey(
        "IndicatorVersion", on_delete=models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("définition en vigueur"),
    )  # fmt: skip
    title, unit = _of_sheet("title", _("intitulé")), _of_sheet("unit", _("unité"))
    responsible = _of_sheet("responsible", _("responsable"), str)

    class Meta:
        verbose_name = _("indicateur")
        verbose_name_plural = _("indicateurs")
        ordering = ["position", "code"]
        constraints = [models.UniqueConstraint(
            name="indicator_code_once_per_result", fields=["result", "code"],
            violation_error_message=_("Ce code d’indicateur existe déjà pour ce résultat."),
        )]  # fmt: skip

    def __str__(self):
        return f"{self.code} {self.title}".strip()


@pghistory.track()
class IndicatorVersion(ScopedModel):
    """The whole sheet of an indicator from a date on; never edited, followed by another with its reason."""

    class Measure(models.TextChoices):
        """IATI codelist IndicatorMeasure."""

        UNIT = "1", _("nombre")
        PERCENTAGE = "2", _("pourcentage")
        NOMINAL = "3", _("nominale")
        ORDINAL = "4", _("ordinale")
        QUALITATIVE = "5", _("qualitative")

    class Direction(models.TextChoices):
        INCREASE = "increase", _("plus, c’est mieux")
        DECREASE = "decrease", _("moins, c’est mieux")
        MAINTAIN = "maintain", _("à maintenir")

    class Aggregation(models.TextChoices):
        SUM = "sum", _("somme")
        AVERAGE = "average", _("moyenne")
        MAXIMUM = "maximum", _("maximum")
        MINIMUM = "minimum", _("minimum")
        LATEST = "latest", _("dernière valeur connue")
        RECOMPUTE = "recompute", _("recalcul depuis les données")

    class Frequency(models.TextChoices):
        MONTHLY = "monthly", _("mensuelle")
        QUARTERLY = "quarterly", _("trimestrielle")
        HALF_YEARLY = "half_yearly", _("semestrielle")
        YEARLY = "yearly", _("annuelle")
        ONCE = "once", _("une fois")
        START_AND_END = "start_and_end", _("au début et à la fin")

    scope = "indicator__result__programme"

    indicator = models.ForeignKey(
        Indicator, on_delete=models.PROTECT, related_name="versions", verbose_name=_("indicateur")
    )
    number = models.PositiveIntegerField(_("version"))
    valid_from = models.DateField(_("en vigueur depuis"))
    reason = models.TextField(_("motif"), blank=True)
    title = TranslatedField(_("intitulé"))
    definition = TranslatedField(_("définition"), null=True, blank=True)
    unit = TranslatedField(_("unité"), null=True, blank=True, validators=[brief])
    measure = CodeField(_("mesure"), max_length=1, choices=Measure)
    direction = CodeField(_("sens"), max_length=10, choices=Direction, default=Direction.INCREASE)
    direction_confirmed = models.BooleanField(_("sens confirmé"), default=False)
    method = models.TextField(_("méthode de calcul"), blank=True)
    dimensions = ArrayField(models.CharField(max_length=40), verbose_name=_("désagrégations"), default=list, blank=True)
    sources = ArrayField(
        models.CharField(max_length=20), verbose_name=_("sources de vérification"), default=list, blank=True
    )
    frequency = CodeField(_("fréquence"), max_length=15, choices=Frequency, blank=True)
    responsible = models.CharField(_("responsable"), max_length=120, blank=True)
    counts_people = models.BooleanField(_("compte des personnes"), default=False)
    gender_sensitive = models.BooleanField(_("sensible au genre"), default=False)
    time_aggregation = CodeField(_("dans le temps"), max_length=10, choices=Aggregation, default=Aggregation.SUM)
    place_aggregation = CodeField(_("dans l’espace"), max_length=10, choices=Aggregation, default=Aggregation.SUM)
    place_level = CodeField(_("niveau de lieu"), max_length=10, choices=Territory.Level, blank=True)
    formula = models.JSONField(_("formule"), null=True, blank=True)

    class Meta:
        verbose_name = _("version de définition")
        verbose_name_plural = _("versions de définition")
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(name="definition_number_once", fields=["indicator", "number"]),
            models.CheckConstraint(
                name="definition_change_has_a_reason",
                condition=Q(number=1) | ~Q(reason=""),
                violation_error_message=_("Une nouvelle version de la définition demande un motif."),
            ),
        ]

    def __str__(self):
        return _("version %(number)s") % {"number": self.number}

    @property
    def is_percentage(self):
        return self.measure == self.Measure.PERCENTAGE

    @property
    def cut_by(self):
        """The level of territory by which its figures are cut; empty when they are not."""
        return place_level(self.dimensions, self.formula, self.place_level)

    @property
    def sheet(self):
        """What this version fixes, by field; its direction is None while nobody has confirmed it."""
        sheet = {name: getattr(self, name) for name in SHEET}
        return sheet if self.direction_confirmed else {**sheet, "direction": None}


@pghistory.track()
class Baseline(ScopedModel):
    """Where the indicator stood before; an absent row is an unknown baseline, never zero.

    cell: category codes by dimension, {"sex": "female"}; empty for the total.
    """

    scope = "indicator__result__programme"

    indicator = models.ForeignKey(
        Indicator, on_delete=models.PROTECT, related_name="baselines", verbose_name=_("indicateur")
    )
    cell = models.JSONField(_("désagrégation"), default=dict, blank=True)
    value = models.DecimalField(_("valeur de référence"), max_digits=20, decimal_places=4, null=True, blank=True)
    on = models.DateField(_("date"), null=True, blank=True)
    text = models.TextField(_("commentaire"), blank=True)

    class Meta:
        verbose_name = _("valeur de référence")
        verbose_name_plural = _("valeurs de référence")
        constraints = [models.UniqueConstraint(name="baseline_once_per_cell", fields=["indicator", "cell"])]

    def __str__(self):
        return self.indicator.code


@pghistory.track()
class Target(ScopedModel):
    """What is promised for a period, in total or for one cell of a disaggregation."""

    scope = "indicator__result__programme"

    indicator = models.ForeignKey(
        Indicator, on_delete=models.PROTECT, related_name="targets", verbose_name=_("indicateur")
    )
    period = models.ForeignKey(Period, on_delete=models.PROTECT, related_name="targets", verbose_name=_("période"))
    cell = models.JSONField(_("désagrégation"), default=dict, blank=True)
    value = models.DecimalField(_("cible"), max_digits=20, decimal_places=4, null=True, blank=True)
    text = models.TextField(_("commentaire"), blank=True)

    class Meta:
        verbose_name = _("cible")
        verbose_name_plural = _("cibles")
        constraints = [models.UniqueConstraint(
            name="target_once_per_period_and_cell", fields=["indicator", "period", "cell"],
            violation_error_message=_("Une cible existe déjà pour cette période et cette désagrégation."),
        )]  # fmt: skip

    def __str__(self):
        return f"{self.indicator.code} · {self.period}"


@pghistory.track()
class Catalogue(SharedModel):
    """A funder's list of indicators (OPSYS / EU corporate, AFD aggregate, THEMA, SDG…), imported from a file."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    title = TranslatedField(_("intitulé"))
    funder = models.ForeignKey(Funder, on_delete=models.PROTECT, null=True, blank=True, verbose_name=_("bailleur"))
    iati_vocabulary = models.CharField(_("vocabulaire IATI"), max_length=3, default="99")
    uri = models.URLField(_("adresse"), blank=True)

    class Meta:
        verbose_name = _("catalogue")
        verbose_name_plural = _("catalogues")
        ordering = ["code"]

    def __str__(self):
        return translated(self.title)


@pghistory.track()
class CatalogueIndicator(SharedModel):
    """One indicator of a catalogue."""

    catalogue = models.ForeignKey(
        Catalogue, on_delete=models.PROTECT, related_name="indicators", verbose_name=_("catalogue")
    )
    code = models.CharField(_("code"), max_length=40)
    title = TranslatedField(_("intitulé"))
    unit = TranslatedField(_("unité"), null=True, blank=True, validators=[brief])
    level = models.CharField(_("niveau"), max_length=20, blank=True)
    additive = models.BooleanField(_("additif"), default=True)

    class Meta:
        verbose_name = _("indicateur de catalogue")
        verbose_name_plural = _("indicateurs de catalogue")
        ordering = ["code"]
        constraints = [models.UniqueConstraint(
            name="catalogue_code_once", fields=["catalogue", "code"],
            violation_error_message=_("Ce code existe déjà dans le catalogue."),
        )]  # fmt: skip

    def __str__(self):
        return f"{self.code} {translated(self.title)}"


@pghistory.track()
class Mapping(ScopedModel):
    """One of our indicators told in a funder's words: factor, scope, dates and note."""

    scope = "indicator__result__programme"

    indicator = models.ForeignKey(
        Indicator, on_delete=models.PROTECT, related_name="mappings", verbose_name=_("indicateur")
    )
    entry = models.ForeignKey(
        CatalogueIndicator, on_delete=models.PROTECT, related_name="mappings", verbose_name=_("indicateur du catalogue")
    )
    factor = models.DecimalField(_("facteur"), max_digits=12, decimal_places=6, default=1)
    coverage = models.CharField(_("portée"), max_length=200, blank=True)
    valid_from = models.DateField(_("du"), null=True, blank=True)
    valid_to = models.DateField(_("au"), null=True, blank=True)
    frozen_from = models.DateField(
        _("figé depuis le"), null=True, blank=True,
        help_text=_(
            "Jour où le bailleur l’a approuvé, si ensuite l’intitulé, le type et les désagrégations n’y changent plus "
            "(OPSYS)."
        ),
    )  # fmt: skip
    note = models.TextField(_("note"), blank=True)

    class Meta:
        verbose_name = _("correspondance")
        verbose_name_plural = _("correspondances")
        constraints = [models.UniqueConstraint(
            name="mapping_once", fields=["indicator", "entry"],
            violation_error_message=_("Cette correspondance existe déjà."),
        )]  # fmt: skip

    def __str__(self):
        return f"{self.indicator.code} → {self.entry.code}"
