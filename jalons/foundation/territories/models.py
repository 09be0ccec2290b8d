"""Places: countries, French regions and departments, Moroccan regions, provinces and communes."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from jalons.core.fields import CodeField, TranslatedField, translated
from jalons.core.scope import SharedModel


class Territory(SharedModel):
    """A place with an official code (HCP for Morocco, ISO 3166 for countries and French subdivisions)."""

    class Level(models.TextChoices):
        COUNTRY = "country", _("pays")
        REGION = "region", _("région")
        PROVINCE = "province", _("province, préfecture ou département")
        COMMUNE = "commune", _("commune")

    code = models.CharField(_("code"), max_length=20, unique=True)
    level = CodeField(_("niveau"), max_length=10, choices=Level)
    name = TranslatedField(_("nom"))
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("dans")
    )
    population = models.PositiveIntegerField(_("population (RGPH 2024)"), null=True, blank=True)
    households = models.PositiveIntegerField(_("ménages (RGPH 2024)"), null=True, blank=True)

    class Meta:
        verbose_name = _("territoire")
        verbose_name_plural = _("territoires")
        ordering = ["code"]

    def __str__(self):
        return translated(self.name)
