"""The directory: organisations and the people one writes to."""

import pghistory
from django.db import models
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from jalons.core.fields import CodeField
from jalons.core.scope import ScopedModel, SharedModel
from jalons.foundation.programmes.models import Programme
from jalons.foundation.territories.models import Territory


@pghistory.track()
class Organisation(SharedModel):
    """A legal body that programmes work with; everyone signed in may look it up."""

    class Kind(models.TextChoices):
        REGION_COUNCIL = "region_council", _("conseil régional")
        WILAYA = "wilaya", _("wilaya, préfecture ou province")
        COMMUNE = "commune", _("commune")
        DECONCENTRATED = "deconcentrated", _("service déconcentré")
        PUBLIC_AGENCY = "public_agency", _("établissement public")
        CSO = "cso", _("association")
        DIASPORA = "diaspora", _("association de la diaspora")
        EMPLOYER = "employer", _("employeur")
        PROFESSIONAL_BODY = "professional_body", _("organisation professionnelle")
        FUNDER = "funder", _("bailleur")
        UNIVERSITY = "university", _("université ou centre de recherche")
        OTHER = "other", _("autre")

    name = models.CharField(_("nom"), max_length=200)
    short_name = models.CharField(_("sigle"), max_length=40, blank=True)
    name_ar = models.CharField(_("nom en arabe"), max_length=200, blank=True)
    kind = CodeField(_("nature"), max_length=20, choices=Kind)
    territory = models.ForeignKey(
        Territory, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("territoire")
    )
    purpose = models.TextField(_("ce qu’elle fait"), blank=True)
    created_at = models.DateTimeField(_("créée le"), auto_now_add=True)

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                "name",
                Coalesce("territory", 0),
                name="organisation_name_once_per_territory",
                violation_error_message=_("Cette organisation existe déjà sur ce territoire."),
            )
        ]

    def __str__(self):
        return self.short_name or self.name


@pghistory.track()
class Contact(ScopedModel):
    """A person of an organisation, known to one programme."""

    scope = "programme"
    personal = frozenset({"name", "role", "email", "phone"})

    programme = models.ForeignKey(
        Programme, on_delete=models.PROTECT, related_name="contacts", verbose_name=_("programme")
    )
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="contacts", verbose_name=_("organisation")
    )
    name = models.CharField(_("nom"), max_length=120)
    role = models.CharField(_("fonction"), max_length=120, blank=True)
    email = models.EmailField(_("adresse électronique"), blank=True)
    phone = models.CharField(_("téléphone"), max_length=30, blank=True)

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        ordering = ["name"]

    def __str__(self):
        return self.name
