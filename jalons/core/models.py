"""What every domain shares: the audit trail, documents and background jobs."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from jalons.core.fields import CodeField
from jalons.core.levels import Level
from jalons.core.scope import ScopedModel, ScopedQuerySet, within
from jalons.core.verbs import act, kind_of


class Event(models.Model):
    """One line of the audit trail. No foreign key to the target: a trace outlives its object.

    context: what ties this line to the fields that changed with it, in the history kept by triggers.
    named, url: name and page of the target, given to those who may open it.
    """

    scope = "programme_id"
    region_path = organisation_path = None
    person_path = "by"
    personal = frozenset({"by"})

    at = models.DateTimeField(_("date"), auto_now_add=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("par"))
    verb = models.CharField(_("acte"), max_length=80)
    target = models.CharField(_("objet"), max_length=80)
    target_id = models.BigIntegerField(_("identifiant"))
    programme_id = models.BigIntegerField(null=True)
    why = models.TextField(_("motif"), blank=True)
    context = models.UUIDField(null=True, editable=False)

    objects = ScopedQuerySet.as_manager()
    named, url = "", None

    class Meta:
        verbose_name = _("acte")
        verbose_name_plural = _("actes")
        indexes = [
            models.Index(fields=["target", "target_id", "-at"], name="event_of_target"),
            models.Index(fields=["programme_id", "-id"], name="event_of_programme"),
        ]

    def __str__(self) -> str:
        return f"{self.act} : {self.subject}"

    @property
    def act(self) -> str:
        """What people call this act."""
        return act(self.verb)

    act.fget.short_description = _("acte")

    @property
    def subject(self) -> str:
        """What the act is about: its name where someone gave it, else its kind and number."""
        return self.named or f"{kind_of(self.target)} n° {self.target_id}"

    subject.fget.short_description = _("objet")


class Document(ScopedModel):
    """A file attached to something, stored once under its SHA-256.

    removed_at: since when it is no longer shown; who and why are in the audit trail, the content waits for its term.
    """

    scope = "programme_id"
    person_path = "by"

    sha256 = models.CharField(_("empreinte"), max_length=64)
    name = models.CharField(_("nom"), max_length=255)
    media_type = models.CharField(_("type"), max_length=127)
    size = models.PositiveBigIntegerField(_("taille"))
    target = models.CharField(max_length=80)
    target_id = models.BigIntegerField()
    programme_id = models.BigIntegerField(null=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("par"))
    removed_at = models.DateTimeField(_("retiré le"), null=True)

    class Meta:
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        indexes = [models.Index(fields=["target", "target_id"], name="document_of_target")]
        constraints = [
            models.UniqueConstraint(
                name="document_once_per_target",
                fields=["target", "target_id", "sha256"],
                condition=Q(removed_at=None),
                violation_error_message=_("Ce document est déjà joint."),
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def url(self) -> str:
        """Where it is downloaded."""
        return reverse("core:document-download", args=[self.pk])


class JobQuerySet(ScopedQuerySet):
    def for_user(self, user: Any, level: int = Level.VIEW, *, app: str | None = None) -> Any:
        """Work on what the person may see: the name of a file of answers says something to who may not read them."""
        seen = Q(by=user)
        for domain in {name.partition(".")[0] for name in Job._base_manager.values_list("name", flat=True).distinct()}:
            for grant in user.grants(domain, Level.VIEW):
                seen |= Q(name__startswith=f"{domain}.") & within(Job, grant, user)
        return super().for_user(user, level, app=app).filter(seen)


class Job(ScopedModel):
    """A piece of background work that a person can follow and try again."""

    class State(models.TextChoices):
        WAITING = "waiting", _("en attente")
        RUNNING = "running", _("en cours")
        DONE = "done", _("terminé")
        FAILED = "failed", _("échoué")

    scope = "programme_id"
    person_path = "by"

    name = models.CharField(_("tâche"), max_length=80)
    label = models.CharField(_("objet"), max_length=200)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("par"))
    programme_id = models.BigIntegerField(null=True)
    arguments = models.JSONField(default=dict)
    state = CodeField(_("état"), max_length=10, choices=State, default=State.WAITING)
    done = models.PositiveBigIntegerField(_("fait"), default=0)
    total = models.PositiveBigIntegerField(_("total"), null=True)
    reason = models.TextField(_("motif de l’échec"), blank=True)
    result = models.JSONField(_("résultat"), default=dict)
    started_at = models.DateTimeField(_("commencé le"), null=True)
    finished_at = models.DateTimeField(_("terminé le"), null=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        verbose_name = _("tâche")
        verbose_name_plural = _("tâches")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.label

    @property
    def why(self) -> str:
        """Why it failed, in the language of whoever reads; `result` keeps the sentence of a refusal and its values."""
        if sentence := self.result.get("refused"):
            return gettext(sentence) % self.result["values"] if self.result["values"] else gettext(sentence)
        return gettext(self.reason)

    why.fget.short_description = _("motif de l’échec")
