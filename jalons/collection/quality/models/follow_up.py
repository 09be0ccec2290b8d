"""What is expected and when, who was reminded, and what was verified again by someone else."""

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from jalons.collection.forms.models import Form
from jalons.collection.submissions.models import Submission
from jalons.core.fields import CodeField
from jalons.core.scope import ScopedModel
from jalons.foundation.partners.models import Organisation
from jalons.foundation.programmes.models import Period

PERSON = {"on_delete": models.PROTECT, "related_name": "+", "db_index": False}


@pghistory.track()
class Expectation(ScopedModel):
    """How many submissions of a form a partner owes for a period; without a partner, all of them together.

    due_on: when they must have arrived; the end of the period by default.
    """

    scope = "form__programme"
    organisation_path = "organisation"

    form = models.ForeignKey(Form, on_delete=models.PROTECT, related_name="expectations", verbose_name=_("formulaire"))
    period = models.ForeignKey(Period, on_delete=models.PROTECT, related_name="+", verbose_name=_("période"))
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("partenaire"),
        help_text=_("Vide : toutes les soumissions du formulaire ensemble."),
    )  # fmt: skip
    count = models.PositiveIntegerField(_("soumissions attendues"))
    due_on = models.DateField(_("attendues au plus tard le"))

    class Meta:
        verbose_name = _("attente")
        verbose_name_plural = _("attentes")
        ordering = ["due_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                "form",
                "period",
                Coalesce("organisation", 0),
                name="expectation_once",
                violation_error_message=_("Ce qui est attendu de ce partenaire pour cette période est déjà dit."),
            )
        ]

    def __str__(self):
        return f"{self.form} · {self.period}"


class Reminder(ScopedModel):
    """A partner was asked for what is missing.

    recipients: how many persons it was written to; none when no address is known or no mail is set up.
    """

    scope = "expectation__form__programme"
    organisation_path = "expectation__organisation"
    personal = frozenset({"by"})

    expectation = models.ForeignKey(
        Expectation, on_delete=models.CASCADE, related_name="reminders", verbose_name=_("attente")
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name=_("par"), **PERSON)
    day = models.DateField(_("jour"))
    missing = models.PositiveIntegerField(_("manquantes ce jour-là"))
    recipients = models.PositiveIntegerField(_("personnes prévenues"), default=0)

    class Meta:
        verbose_name = _("relance")
        verbose_name_plural = _("relances")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                name="one_reminder_a_day",
                fields=["expectation", "day"],
                violation_error_message=_("Ce partenaire a déjà été relancé aujourd’hui."),
            )
        ]

    def __str__(self):
        return f"{self.expectation} · {self.day}"


@pghistory.track(pghistory.UpdateEvent(), pghistory.DeleteEvent())
class Sample(ScopedModel):
    """Submissions drawn at random, to be verified again by someone who did not collect them.

    seed:   draws the same submissions again from the same list (rules/sampling.py); population: how many there were.
    since, until: the days of collection drawn from. each: whether so many are drawn of each collector or partner.
    """

    class State(models.TextChoices):
        OPEN = "open", _("en cours")
        DONE = "done", _("terminé")

    class Each(models.TextChoices):
        NOBODY = "", _("dans l’ensemble")
        COLLECTOR = "collector", _("par personne qui collecte")
        ORGANISATION = "organisation", _("par partenaire")

    scope = "form__programme"
    person_path = "assigned_to"
    personal = frozenset({"assigned_to"})

    form = models.ForeignKey(Form, on_delete=models.PROTECT, related_name="samples", verbose_name=_("formulaire"))
    seed = models.PositiveBigIntegerField(_("graine du tirage"))
    percent = models.BooleanField(_("en pour cent"), default=False)
    size = models.PositiveIntegerField(_("taille"))
    each = CodeField(_("tirage"), max_length=12, choices=Each, blank=True, default="")
    since = models.DateField(_("collectées depuis le"), null=True, blank=True)
    until = models.DateField(_("jusqu’au"), null=True, blank=True)
    population = models.PositiveIntegerField(_("soumissions parmi lesquelles on tire"), default=0)
    assigned_to = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name=_("confié à"), **PERSON)
    state = CodeField(_("état"), max_length=10, choices=State, default=State.OPEN)

    class Meta:
        verbose_name = _("contre-vérification")
        verbose_name_plural = _("contre-vérifications")
        ordering = ["-pk"]

    def __str__(self):
        return f"{self.form} · {self.size}{' %' if self.percent else ''} · {self.created_at:%d/%m/%Y}"


@pghistory.track(pghistory.UpdateEvent(), pghistory.DeleteEvent())
class SampleItem(ScopedModel):
    """One submission of a sample, and whether what is found again agrees with it."""

    class Outcome(models.TextChoices):
        PENDING = "pending", _("à vérifier")
        AGREES = "agrees", _("concorde")
        DIFFERS = "differs", _("diffère")
        UNREACHABLE = "unreachable", _("non vérifiable")

    scope = "sample__form__programme"
    region_path = "submission__region"
    organisation_path = "submission__organisation"
    personal = frozenset({"notes", "seen_by"})

    sample = models.ForeignKey(Sample, on_delete=models.CASCADE, related_name="items", verbose_name=_("tirage"))
    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="+", verbose_name=_("soumission"))
    outcome = CodeField(_("résultat"), max_length=12, choices=Outcome, default=Outcome.PENDING)
    notes = models.TextField(_("notes"), blank=True)
    seen_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, verbose_name=_("vérifiée par"), **PERSON)
    seen_at = models.DateTimeField(_("vérifiée le"), null=True)

    class Meta:
        verbose_name = _("soumission tirée")
        verbose_name_plural = _("soumissions tirées")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(name="sample_item_once", fields=["sample", "submission"]),
            models.CheckConstraint(
                name="sample_item_seen_by_someone",
                condition=Q(outcome="pending") | Q(seen_by__isnull=False),
                violation_error_message=_("Un résultat a son auteur."),
            ),
        ]

    def __str__(self):
        return str(self.submission)
