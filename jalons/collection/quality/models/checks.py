"""Checks as data, each time they ran, and what they found."""

import pghistory
from django.conf import settings
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from jalons.collection.forms.models import Form
from jalons.collection.submissions.models import Flag
from jalons.core.cells import number_text
from jalons.core.fields import CodeField, TranslatedField, translated
from jalons.core.scope import ScopedModel

PERSON = {"on_delete": models.PROTECT, "related_name": "+", "db_index": False}


@pghistory.track()
class Check(ScopedModel):
    """Something that the submissions of a form are held to, once received.

    parameters: what the kind needs (rules/parameters.py); number: how many times they changed, from 1.
    told:       who is told of what it finds; without anyone, all who decide on these submissions are.
    valid_from: submissions received before are left alone.
    """

    class Kind(models.TextChoices):
        EXPRESSION = "expression", _("règle entre les réponses")
        KEY = "key", _("lien avec un autre formulaire")
        OUTLIER = "outlier", _("nombres éloignés des autres")
        RANGE = "range", _("minimum et maximum")
        TWIN = "twin", _("réponses identiques")
        NEAR = "near", _("réponses presque identiques")
        TIMING = "timing", _("durée et moment")
        PLACE = "place", _("point hors du territoire")
        COLLECTOR = "collector", _("façon de collecter")
        SECTION = "section", _("partie sans réponse")

    class Severity(models.TextChoices):
        NOTE = "note", _("à savoir")
        WARNING = "warning", _("à vérifier")
        ERROR = "error", _("grave")

    class State(models.TextChoices):
        OPEN = "open", _("appliqué")
        RETIRED = "retired", _("retiré")

    scope = "form__programme"
    personal = frozenset({"told"})

    form = models.ForeignKey(Form, on_delete=models.PROTECT, related_name="checks", verbose_name=_("formulaire"))
    name = TranslatedField(_("nom"))
    kind = CodeField(_("nature"), max_length=12, choices=Kind)
    parameters = models.JSONField(_("réglages"), default=dict)
    number = models.PositiveIntegerField(_("version des réglages"), default=1)
    severity = CodeField(_("gravité"), max_length=10, choices=Severity, default=Severity.WARNING)
    told = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, verbose_name=_("personne prévenue"),
        help_text=_("Vide : toutes les personnes qui décident de ces soumissions."), **PERSON,
    )  # fmt: skip
    valid_from = models.DateField(_("appliqué aux soumissions reçues depuis le"))
    state = CodeField(_("état"), max_length=10, choices=State, default=State.OPEN)

    class Meta:
        verbose_name = _("contrôle")
        verbose_name_plural = _("contrôles")
        ordering = ["pk"]

    def __str__(self):
        return translated(self.name)


class Run(ScopedModel):
    """One time that a check was applied: with which parameters, to how many submissions, with what result.

    figures: what it compared with, by question ({"age": [count, median, mad, mean]}).
    whole:   whether it read all submissions, and not only those that had just arrived.
    """

    scope = "quality_check__form__programme"

    quality_check = models.ForeignKey(Check, on_delete=models.CASCADE, related_name="runs", verbose_name=_("contrôle"))
    number = models.PositiveIntegerField(_("version des réglages"))
    parameters = models.JSONField(_("réglages"), default=dict)
    whole = models.BooleanField(_("toutes les soumissions"), default=False)
    read = models.PositiveIntegerField(_("soumissions lues"), default=0)
    found = models.PositiveIntegerField(_("signalements nouveaux"), default=0)
    figures = models.JSONField(_("chiffres de comparaison"), default=dict)

    class Meta:
        verbose_name = _("application d’un contrôle")
        verbose_name_plural = _("applications des contrôles")
        ordering = ["-pk"]

    def __str__(self):
        return f"{self.quality_check} · {self.created_at:%Y-%m-%d}"


class Finding(ScopedModel):
    """What a check says of a flag: why, in a sentence that the reader's language fills.

    why: {"message": …, "values": {…}}.
    """

    scope = "flag__submission__form__programme"
    region_path = "flag__submission__region"
    organisation_path = "flag__submission__organisation"
    personal = frozenset({"why"})

    flag = models.OneToOneField(
        Flag, on_delete=models.CASCADE, primary_key=True, related_name="finding", verbose_name=_("signalement")
    )
    quality_check = models.ForeignKey(
        Check, on_delete=models.PROTECT, related_name="findings", verbose_name=_("contrôle")
    )
    number = models.PositiveIntegerField(_("version des réglages"))
    why = models.JSONField(_("pourquoi"), default=dict)

    class Meta:
        verbose_name = _("constat")
        verbose_name_plural = _("constats")

    def __str__(self):
        return self.says

    @property
    def says(self):
        """Why, in the reader's language."""
        values = {name: number_text(value) if isinstance(value, int | float) else value
                  for name, value in self.why.get("values", {}).items()}  # fmt: skip
        return gettext(self.why.get("message", "")) % values if self.why else ""


class Watch(ScopedModel):
    """How far the submissions of a form were checked: all versions up to this key."""

    scope = "form__programme"

    form = models.OneToOneField(Form, on_delete=models.CASCADE, related_name="watch", verbose_name=_("formulaire"))
    seen = models.BigIntegerField(_("dernière version contrôlée"), default=0)

    class Meta:
        verbose_name = _("avancement des contrôles")
        verbose_name_plural = _("avancements des contrôles")

    def __str__(self):
        return str(self.form)
