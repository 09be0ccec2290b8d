"""What phones send: the devices that may, each instance as it arrived, and its attachments."""

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from jalons.collection.forms.models import Form
from jalons.collection.submissions.models.submissions import Submission
from jalons.core.fields import CodeField
from jalons.core.scope import ScopedModel
from jalons.foundation.programmes.models import Programme


@pghistory.track(exclude=["secret", "key"])
class Device(ScopedModel):
    """What sends submissions, with credentials of its own, never a person's password: phone, browser, public link.

    holder: the person whose work it sends. What arrives comes in with this person's rights, region and organisation.
    secret: MD5 of user name, realm and password, which Basic and Digest both come down to (RFC 2617, as phones speak).
    key:    SHA-256 of the secret part of the address that the QR code or the link holds; it is shown once.
    form, expires_at: of a link only: the form that it opens, and until when.
    """

    class Kind(models.TextChoices):
        PHONE = "phone", _("téléphone")
        BROWSER = "browser", _("navigateur")
        LINK = "link", _("lien public")

    class State(models.TextChoices):
        OPEN = "open", _("ouvert")
        CLOSED = "closed", _("fermé")

    scope = "programme"
    person_path = "holder"
    personal = frozenset({"holder"})

    programme = models.ForeignKey(
        Programme, on_delete=models.PROTECT, related_name="devices", verbose_name=_("programme")
    )
    name = models.CharField(_("nom"), max_length=120, help_text=_("Par exemple : « Tablette 3, Oujda »."))
    holder = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="devices", verbose_name=_("confié à"),
        help_text=_("Ce qui arrive de l’appareil compte comme le travail de cette personne."),
    )  # fmt: skip
    state = CodeField(_("état"), max_length=10, choices=State, default=State.OPEN)
    user_name = models.CharField(_("identifiant"), max_length=60, unique=True)
    secret = models.CharField(max_length=32)
    key = models.CharField(max_length=64, unique=True)
    kind = CodeField(_("nature"), max_length=10, choices=Kind, default=Kind.PHONE)
    form = models.ForeignKey(
        Form, on_delete=models.PROTECT, null=True, blank=True, related_name="entry_links", verbose_name=_("formulaire")
    )
    expires_at = models.DateTimeField(_("expire le"), null=True, blank=True)
    most_a_day = models.PositiveIntegerField(_("soumissions par jour, au plus"), default=2_000)
    megabytes_a_day = models.PositiveIntegerField(_("mégaoctets par jour, au plus"), default=2_000)

    class Meta:
        verbose_name = _("appareil")
        verbose_name_plural = _("appareils")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                name="device_name_once",
                fields=["programme", "name"],
                condition=Q(kind="phone"),
                violation_error_message=_("Un appareil porte déjà ce nom dans le programme."),
            ),
            models.UniqueConstraint(
                name="one_browser_per_person", fields=["programme", "holder"], condition=Q(kind="browser")
            ),
            models.CheckConstraint(
                name="a_link_opens_one_form_until_a_day",
                condition=Q(kind="link", form__isnull=False, expires_at__isnull=False)
                | (~Q(kind="link") & Q(form__isnull=True, expires_at__isnull=True)),
                violation_error_message=_("Un lien public ouvre un formulaire, jusqu’à une date."),
            ),
        ]

    def __str__(self):
        return self.name


class EntryLink(Device):
    """An address by which people without an account fill one form, until a day."""

    class Meta:
        proxy = True
        verbose_name = _("lien public")
        verbose_name_plural = _("liens publics")
        ordering = ["-pk"]

    @property
    def opened_by(self):
        """Whose work it counts as."""
        return self.holder

    opened_by.fget.short_description = _("ouvert par")


class Arrival(ScopedModel):
    """One instance as it was sent, by a phone, a browser or a link. Acknowledged once durable; it comes in soon after.

    content:    empty once it came in: the version of the submission holds the same bytes.
    reason:     why it did not come in: {"message": a sentence, "values": what fills it}.
    submission: what it became.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("en attente")
        IN = "in", _("entrée")
        ASIDE = "aside", _("mise de côté")  # acknowledged; something kept it from coming in
        CONFLICT = "conflict", _("en conflit")  # not acknowledged: another content has this identifier
        ADMITTED = "admitted", _("entrée sur décision")
        DISMISSED = "dismissed", _("écartée")

    UNDECIDED = (State.ASIDE, State.CONFLICT)
    scope = "form__programme"
    person_path = "device__holder"
    personal = frozenset({"content"})

    device = models.ForeignKey(
        Device, on_delete=models.PROTECT, related_name="arrivals", verbose_name=_("appareil"), db_index=False
    )
    form = models.ForeignKey(
        Form, on_delete=models.PROTECT, related_name="arrivals", verbose_name=_("formulaire"), db_index=False
    )
    instance_id = models.CharField(_("identifiant d’instance"), max_length=249)
    sha256 = models.BinaryField(_("empreinte"), max_length=32)
    size = models.PositiveIntegerField(_("taille"))
    content = models.BinaryField(_("contenu reçu"), null=True)
    state = CodeField(_("état"), max_length=10, choices=State, default=State.WAITING)
    reason = models.JSONField(_("motif"), default=dict)
    submission = models.ForeignKey(
        Submission, on_delete=models.PROTECT, null=True, blank=True, related_name="arrivals",
        verbose_name=_("soumission"),
    )  # fmt: skip
    created_at = models.DateTimeField(_("reçue le"), db_default=Now())

    class Meta:
        verbose_name = _("arrivée")
        verbose_name_plural = _("arrivées")
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["form", "id"], name="arrival_waiting", condition=Q(state="waiting")),
            models.Index(fields=["device", "created_at"], name="arrival_of_device"),
        ]
        constraints = [
            # led by the identifier: form first, each look-up would walk the index of a whole form
            models.UniqueConstraint(
                name="arrival_once",
                fields=["instance_id", "form"],
                condition=Q(state__in=["waiting", "in", "aside"]),
            ),
            # only of the few that a person decides on: an index of random digests slows each arrival
            models.UniqueConstraint(
                name="arrival_content_once",
                fields=["instance_id", "form", "sha256"],
                condition=Q(state__in=["conflict", "admitted", "dismissed"]),
            ),
            models.CheckConstraint(
                name="arrival_holds_its_content_until_it_is_in",
                condition=Q(content__isnull=False) | Q(state__in=["in", "admitted"], submission__isnull=False),
                violation_error_message=_("Une arrivée garde son contenu tant qu’elle n’est pas entrée."),
            ),
        ]

    def __str__(self):
        return self.instance_id

    @property
    def why(self):
        """Why it did not come in by itself, in the reader's language."""
        if self.state == self.State.CONFLICT:
            return gettext("Une autre fiche, différente, porte le même identifiant.")
        said = self.reason.get("message", "")
        return gettext(said) % self.reason["values"] if self.reason.get("values") else gettext(said) if said else ""

    why.fget.short_description = _("motif")


class Attachment(ScopedModel):
    """A file that came with an instance, kept under its SHA-256 before this row was written."""

    scope = "arrival__form__programme"
    region_path = "arrival__submission__region"
    organisation_path = "arrival__submission__organisation"
    personal = frozenset({"name"})
    page = "attachment"

    arrival = models.ForeignKey(
        Arrival, on_delete=models.CASCADE, related_name="attachments", verbose_name=_("arrivée"), db_index=False
    )
    name = models.CharField(_("nom"), max_length=255)
    sha256 = models.CharField(_("empreinte"), max_length=64)
    media_type = models.CharField(_("type"), max_length=127)
    size = models.PositiveBigIntegerField(_("taille"))
    created_at = models.DateTimeField(_("reçue le"), db_default=Now())

    class Meta:
        verbose_name = _("pièce jointe")
        verbose_name_plural = _("pièces jointes")
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(name="attachment_once", fields=["arrival", "name", "sha256"])]

    @property
    def submission(self):
        """What it came with."""
        return self.arrival.submission

    def __str__(self):
        return self.name
