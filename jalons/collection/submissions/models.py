"""What is received: batches, submissions, their versions as received, and what draws attention in them."""

import pghistory
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from jalons.collection.forms.models import Form, FormVersion
from jalons.core.fields import CodeField
from jalons.core.scope import ScopedModel
from jalons.foundation.territories.models import Territory


class Batch(ScopedModel):
    """One file of submissions brought in at once, kept as received."""

    class Kind(models.TextChoices):
        TABLE = "table", _("tableau (Excel ou CSV)")
        XML = "xml", _("instances XML")

    scope = "form__programme"

    form = models.ForeignKey(Form, on_delete=models.PROTECT, related_name="batches", verbose_name=_("formulaire"))
    kind = CodeField(_("nature"), max_length=10, choices=Kind)
    file_name = models.CharField(_("fichier"), max_length=255)
    sha256 = models.CharField(_("empreinte"), max_length=64)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("par"))
    mapping = models.JSONField(_("correspondance des colonnes"), default=dict)
    report = models.JSONField(_("compte rendu"), default=dict)

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ["-pk"]

    def __str__(self):
        return self.file_name


@pghistory.track(pghistory.UpdateEvent(), pghistory.DeleteEvent())
class Submission(ScopedModel):
    """One filled form over its whole life (OpenRosa instance). Its author is its collector when known, else the importer."""

    class State(models.TextChoices):
        RECEIVED = "received", _("reçue")
        VALIDATED = "validated", _("validée")
        REJECTED = "rejected", _("rejetée")

    scope = "form__programme"
    region_path = "region"
    personal = frozenset({"collector", "author"})

    instance_id = models.CharField(_("identifiant d’instance"), max_length=249)
    form = models.ForeignKey(Form, on_delete=models.PROTECT, related_name="submissions", verbose_name=_("formulaire"))
    state = CodeField(_("état"), max_length=10, choices=State, default=State.RECEIVED)
    version = models.PositiveIntegerField(_("version"), default=1)
    collector = models.CharField(_("collecte"), max_length=120, blank=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("auteur")
    )
    batch = models.ForeignKey(
        Batch, on_delete=models.PROTECT, null=True, blank=True, related_name="submissions", verbose_name=_("import")
    )
    collected_on = models.DateField(_("date"), null=True, blank=True)
    territory = models.ForeignKey(
        Territory, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("territoire")
    )
    region = models.ForeignKey(
        Territory, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("région")
    )
    flag_count = models.PositiveIntegerField(_("signalements"), default=0)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("revue par")
    )
    reviewed_at = models.DateTimeField(_("revue le"), null=True)
    rejection_reason = models.TextField(_("motif du rejet"), blank=True)

    class Meta:
        verbose_name = _("soumission")
        verbose_name_plural = _("soumissions")
        indexes = [
            models.Index(fields=["form", "state", "id"], name="submission_by_state"),
            models.Index(fields=["region", "id"], name="submission_by_region"),
        ]
        constraints = [
            models.UniqueConstraint(
                name="instance_once_per_form",
                fields=["instance_id", "form"],
                violation_error_message=_("Cette soumission a déjà été reçue."),
            ),
            models.CheckConstraint(
                name="rejection_has_a_reason",
                condition=~models.Q(state="rejected") | ~models.Q(rejection_reason=""),
                violation_error_message=_("Un rejet demande un motif."),
            ),
            models.CheckConstraint(
                name="nobody_reviews_their_own_work",
                condition=models.Q(reviewed_by__isnull=True) | ~models.Q(reviewed_by=models.F("author")),
                violation_error_message=_("Une autre personne que l’auteur doit valider."),
            ),
        ]

    def __str__(self):
        return self.instance_id


class SubmissionVersion(ScopedModel):
    """One state of a submission as received, byte for byte, and what was read in it.

    answers: {question name: value, repeat name: [{…}]}, groups flattened.
    unread:  [{"path": …, "value": …, "reason": …}], what was in the content and could not be placed.
    """

    scope = "submission__form__programme"
    region_path = "submission__region"
    personal = frozenset({"content", "answers", "unread"})

    submission = models.ForeignKey(
        Submission, on_delete=models.CASCADE, related_name="versions", verbose_name=_("soumission")
    )
    number = models.PositiveIntegerField(_("version"))
    instance_id = models.CharField(_("identifiant d’instance"), max_length=249)
    form_version = models.ForeignKey(FormVersion, on_delete=models.PROTECT, verbose_name=_("version du formulaire"))
    content = models.BinaryField(_("contenu reçu"))
    media_type = models.CharField(_("type"), max_length=60)
    answers = models.JSONField(_("réponses"))
    unread = models.JSONField(_("non lu"), default=list)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("par"))
    reason = models.TextField(_("motif"), blank=True)

    class Meta:
        verbose_name = _("version de soumission")
        verbose_name_plural = _("versions de soumission")
        ordering = ["number"]
        constraints = [models.UniqueConstraint(name="submission_version_once", fields=["submission", "number"])]


class Flag(ScopedModel):
    """Something that draws attention in a submission: which check, which answer."""

    class Check(models.TextChoices):
        CONSTRAINT = "constraint", _("contrainte non respectée")
        REQUIRED = "required", _("réponse obligatoire absente")
        DUPLICATE = "duplicate", _("identifiant en double")
        CHOICE = "choice", _("valeur hors de la liste de choix")
        TYPE = "type", _("valeur illisible")
        TERRITORY = "territory", _("territoire non reconnu")
        DATE = "date", _("date absente ou illisible")

    scope = "submission__form__programme"
    region_path = "submission__region"
    personal = frozenset({"value"})

    submission = models.ForeignKey(
        Submission, on_delete=models.CASCADE, related_name="flags", verbose_name=_("soumission")
    )
    version = models.PositiveIntegerField(_("version"))
    check_code = CodeField(_("contrôle"), max_length=12, choices=Check)
    question = models.CharField(_("question"), max_length=249, blank=True)
    rows = ArrayField(models.IntegerField(), verbose_name=_("lignes"), default=list, blank=True)
    value = models.TextField(_("réponse"), blank=True)

    class Meta:
        verbose_name = _("signalement")
        verbose_name_plural = _("signalements")
        ordering = ["pk"]
