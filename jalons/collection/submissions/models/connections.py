"""Other servers that collect for us: how to reach one, which of its projects is which form, and each row they hold."""

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from jalons.collection.forms.models import Form
from jalons.collection.submissions.models.submissions import Submission
from jalons.core.fields import CodeField
from jalons.core.models import Job
from jalons.core.scope import ScopedModel
from jalons.foundation.programmes.models import Programme

SOON = _("Corrigée et validée ici : la correction part au prochain relevé.")
ONCE_VALIDATED = _("Corrigée ici : la correction partira une fois validée.")


class Troubled(ScopedModel):
    """Something of another server that may go wrong: what did, since when, told in the reader's language.

    problem: {"message": a sentence, "values": what fills it}; empty when all is well.
    """

    problem = models.JSONField(_("problème"), default=dict, blank=True)
    troubled_at = models.DateTimeField(_("en panne depuis"), null=True, blank=True)

    class Meta:
        abstract = True

    @property
    def trouble(self):
        """What is wrong, in words; nothing when all is well."""
        said = self.problem.get("message", "")
        values = {name: gettext(v) if name == "remedy" else v for name, v in self.problem.get("values", {}).items()}
        return gettext(said) % values if values else gettext(said) if said else ""

    @property
    def health(self):
        """The same, for lists."""
        return self.trouble or gettext("aucun")

    health.fget.short_description = _("problème")


@pghistory.track(exclude=["secret", "problem", "troubled_at", "failures", "next_at", "pulled_at", "updated_at"])
class Connection(Troubled):
    """A KoboToolbox or ODK Central server, reached with the rights that someone has there.

    secret:   the token or password, sealed by a key that the database does not hold; never shown again.
    by:       who gave it. What is pulled comes in with this person's rights, as their work unless its author is known.
    failures: attempts that failed one after the other; each makes the next one wait longer.
    """

    class Protocol(models.TextChoices):
        KOBO = "kobo", "KoboToolbox"
        ODK = "odk", "ODK Central"

    class State(models.TextChoices):
        OPEN = "open", _("ouverte")
        CLOSED = "closed", _("fermée")

    scope = "programme"
    person_path = "by"
    personal = frozenset({"by", "account"})

    programme = models.ForeignKey(
        Programme, on_delete=models.PROTECT, related_name="connections", verbose_name=_("programme")
    )
    protocol = CodeField(_("serveur"), max_length=10, choices=Protocol, default=Protocol.KOBO)
    name = models.CharField(_("nom"), max_length=120, help_text=_("Par exemple : « Kobo de l’association X »."))
    address = models.CharField(_("adresse"), max_length=300, help_text=_("Par exemple : https://eu.kobotoolbox.org"))
    account = models.CharField(_("compte"), max_length=249, blank=True)
    secret = models.TextField(_("jeton ou mot de passe"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("par"))
    state = CodeField(_("état"), max_length=10, choices=State, default=State.OPEN)
    every = models.PositiveIntegerField(_("relevé toutes les (minutes)"), default=15)
    pulled_at = models.DateTimeField(_("dernier relevé"), null=True, blank=True)
    next_at = models.DateTimeField(_("prochain relevé"), null=True, blank=True)
    failures = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("connexion")
        verbose_name_plural = _("connexions")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                name="connection_name_once",
                fields=["programme", "name"],
                violation_error_message=_("Une connexion porte déjà ce nom dans le programme."),
            )
        ]

    def __str__(self):
        return self.name


class Tie(Troubled):
    """A project of another server tied to one of our forms.

    remote_id: uid of a Kobo asset; number of the project and xmlFormId of a Central form, with a slash between.
    versions:  {name of a version there: key of our version}.
    cursor:    how far it was read; it moves in the transaction of what was brought in, so nothing is lost or doubled.
    counted:   how many submissions the server said it had, at the last whole reading of its list, at `swept_at`.
    """

    class State(models.TextChoices):
        OPEN = "open", _("relié")
        CLOSED = "closed", _("détaché")

    scope = "connection__programme"
    person_path = "connection__by"

    connection = models.ForeignKey(
        Connection, on_delete=models.PROTECT, related_name="ties", verbose_name=_("connexion")
    )
    form = models.ForeignKey(Form, on_delete=models.PROTECT, related_name="ties", verbose_name=_("formulaire"))
    remote_id = models.CharField(_("identifiant là-bas"), max_length=300)
    title = models.CharField(_("projet là-bas"), max_length=300)
    state = CodeField(_("état"), max_length=10, choices=State, default=State.OPEN)
    versions = models.JSONField(_("versions"), default=dict, blank=True)
    newest = models.CharField(_("version là-bas"), max_length=249, blank=True)
    cursor = models.JSONField(default=dict, blank=True)
    counted = models.PositiveIntegerField(_("là-bas"), null=True, blank=True)
    swept_at = models.DateTimeField(_("compté le"), null=True, blank=True)
    pulled_at = models.DateTimeField(_("dernier relevé"), null=True, blank=True)
    job = models.ForeignKey(
        Job, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("tâche")
    )

    class Meta:
        verbose_name = _("projet relié")
        verbose_name_plural = _("projets reliés")
        ordering = ["title"]
        constraints = [
            models.UniqueConstraint(
                name="project_tied_once",
                fields=["connection", "remote_id"],
                violation_error_message=_("Ce projet est déjà relié."),
            )
        ]

    def __str__(self):
        return self.title


class Counterpart(ScopedModel):
    """One submission as another server holds it, and what it is here.

    root:     its identifier, the same through all its versions there.
    marker:   what changes there with each of its versions.
    review:   what was decided of it there; `told` what we last told them, and when ours was decided.
    reason:   why it is not here: {"message": a sentence, "values": what fills it}.
    holds:    number of the version here that says what it is there; `sending` the one being written there.
    unsent:   why the version that counts here is not there, told like `reason`; its `version` is not tried again.
    """

    class State(models.TextChoices):
        IN = "in", _("ici")
        REFUSED = "refused", _("refusée")
        GONE = "gone", _("supprimée là-bas")  # a person decides what becomes of it here
        KEPT = "kept", _("supprimée là-bas, gardée ici")
        LET_GO = "let_go", _("supprimée là-bas, retirée ici")

    class Review(models.TextChoices):
        NONE = "none", _("sans avis")
        APPROVED = "approved", _("approuvée")
        REJECTED = "rejected", _("refusée")
        ON_HOLD = "on_hold", _("en suspens")
        EDITED = "edited", _("modifiée")

    DELETED = (State.GONE, State.KEPT, State.LET_GO)
    scope = "tie__connection__programme"
    person_path = "tie__connection__by"
    region_path = "submission__region"
    organisation_path = "submission__organisation"
    personal = frozenset({"submitter", "reason"})

    tie = models.ForeignKey(
        Tie, on_delete=models.CASCADE, related_name="counterparts", verbose_name=_("projet relié"), db_index=False
    )
    remote_id = models.CharField(_("numéro là-bas"), max_length=249)
    root = models.CharField(_("identifiant d’instance"), max_length=249)
    marker = models.CharField(max_length=249)
    submitter = models.CharField(_("envoyée par"), max_length=249, blank=True)
    submission = models.ForeignKey(
        Submission,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="counterparts",
        verbose_name=_("soumission"),
    )
    state = CodeField(_("état"), max_length=10, choices=State, default=State.IN)
    reason = models.JSONField(_("motif"), default=dict, blank=True)
    review = CodeField(_("avis là-bas"), max_length=10, choices=Review, default=Review.NONE)
    told = models.DateTimeField(_("dit là-bas"), null=True, blank=True)
    untold = models.JSONField(_("pourquoi ce n’est pas dit"), default=dict, blank=True)
    holds = models.PositiveIntegerField(_("version là-bas"), null=True, blank=True)
    sending = models.PositiveIntegerField(null=True, blank=True)
    unsent = models.JSONField(_("pourquoi la correction n’y est pas"), default=dict, blank=True)

    class Meta:
        verbose_name = _("fiche là-bas")
        verbose_name_plural = _("fiches là-bas")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(name="counterpart_once", fields=["tie", "remote_id"]),
            models.CheckConstraint(
                name="what_is_not_here_says_why",
                condition=Q(submission__isnull=False) | Q(state="refused") | Q(state__in=["gone", "kept", "let_go"]),
                violation_error_message=_("Une fiche est ici, ou dit pourquoi elle n’y est pas."),
            ),
        ]

    def __str__(self):
        return self.root

    @property
    def why(self):
        """Why it is not here, in the reader's language."""
        return said(self.reason)

    why.fget.short_description = _("motif")

    @property
    def why_untold(self):
        return said(self.untold)

    @property
    def lag(self):
        """Why what is there is not what is here, in the reader's language; nothing when it is."""
        waiting = {Submission.State.VALIDATED: SOON, Submission.State.RECEIVED: ONCE_VALIDATED}
        if self.submission is None or self.state != self.State.IN or self.submission.state not in waiting:
            return ""
        is_behind = self.holds is not None and self.holds != self.submission.version
        if self.unsent and (is_behind or self.submission.state == Submission.State.RECEIVED):
            return said(self.unsent)
        return gettext(waiting[self.submission.state]) if is_behind else ""


class Enclosure(ScopedModel):
    """A file of a submission of another server: named first, fetched after, kept under its SHA-256.

    address: its path on that server. sha256: empty until it is fetched.
    """

    scope = "counterpart__tie__connection__programme"
    person_path = "counterpart__tie__connection__by"
    region_path = "counterpart__submission__region"
    organisation_path = "counterpart__submission__organisation"
    personal = frozenset({"name", "address"})
    page = "enclosure"

    counterpart = models.ForeignKey(
        Counterpart, on_delete=models.CASCADE, related_name="enclosures", verbose_name=_("fiche là-bas")
    )
    name = models.CharField(_("nom"), max_length=255)
    address = models.CharField(max_length=1000)
    sha256 = models.CharField(_("empreinte"), max_length=64, blank=True)
    media_type = models.CharField(_("type"), max_length=127, blank=True)
    size = models.PositiveBigIntegerField(_("taille"), default=0)
    problem = models.JSONField(_("problème"), default=dict, blank=True)

    class Meta:
        verbose_name = _("fichier d’une fiche")
        verbose_name_plural = _("fichiers des fiches")
        ordering = ["pk"]
        indexes = [models.Index(fields=["counterpart"], name="enclosure_to_fetch", condition=Q(sha256=""))]
        constraints = [models.UniqueConstraint(name="enclosure_once", fields=["counterpart", "name", "address"])]

    @property
    def submission(self):
        """What it came with."""
        return self.counterpart.submission

    def __str__(self):
        return self.name


def said(reason):
    """A sentence kept with what fills it, in the reader's language."""
    message, values = reason.get("message", ""), reason.get("values")
    return gettext(message) % values if values else gettext(message) if message else ""
