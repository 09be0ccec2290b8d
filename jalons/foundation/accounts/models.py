"""People who sign in, and the roles they hold."""

from functools import cached_property
from typing import NamedTuple

import pghistory
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from jalons.core.cells import listed
from jalons.core.fields import CodeField
from jalons.core.levels import Level
from jalons.core.scope import ScopedModel, ScopedQuerySet
from jalons.foundation.accounts.roles import LABELS, NEEDS_ORGANISATION, NEEDS_REGION, ROLES, TOLD_ONLY, WHOLE
from jalons.foundation.partners.models import Organisation
from jalons.foundation.programmes.models import Programme
from jalons.foundation.territories.models import Territory


class Grant(NamedTuple):
    """One opening: a programme (all of them when None), perhaps narrowed to a region, an organisation, what is told."""

    programme_id: int | None
    region_id: int | None
    organisation_id: int | None
    told_only: bool = False


class UserManager(BaseUserManager.from_queryset(ScopedQuerySet)):
    def create_user(self, email, password=None, **fields):
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save()
        return user


@pghistory.track(exclude=["password", "last_login", "created_at", "updated_at"])
class User(AbstractBaseUser, ScopedModel):
    """Someone who signs in with an e-mail address. Rights come only from memberships."""

    class Language(models.TextChoices):
        FRENCH = "fr", "Français"
        ARABIC = "ar", "العربية"
        ENGLISH = "en", "English"

    scope = "memberships__programme"
    personal = frozenset({"email", "name"})

    email = models.EmailField(_("adresse électronique"), unique=True)
    name = models.CharField(_("nom"), max_length=120)
    language = CodeField(_("langue"), max_length=2, choices=Language, default=Language.FRENCH)
    is_active = models.BooleanField(_("actif"), default=True)
    reads_only = False  # while a token that only reads acts in this person's name

    objects = UserManager()
    USERNAME_FIELD = EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        verbose_name = _("personne")
        verbose_name_plural = _("personnes")
        ordering = ["name"]

    def __str__(self):
        return self.name or self.email

    @property
    def owner_id(self) -> None:
        """A person may serve several programmes: none owns them."""
        return None

    @cached_property
    def held(self):
        """The memberships of this person, read once."""
        return list(self.memberships.all())

    def grants(self, app, level):
        """What this person's memberships open in an app, at least at a level."""
        if self.reads_only and level > Level.VIEW:
            return []
        return [
            Grant(m.programme_id, m.region_id, m.organisation_id, m.role in TOLD_ONLY)
            for m in self.held
            if self.is_active and ROLES[m.role].get(app, Level.NONE) >= level
        ]

    def may(self, app, level=Level.VIEW):
        return bool(self.grants(app, level))

    def regions(self, app, level, programme_id):
        """The regions that limit what this person may do in a programme; None when nothing limits it."""
        grants = [g for g in self.grants(app, level) if g.programme_id in (None, programme_id)]
        found = {grant.region_id for grant in grants}
        return None if None in found else found


@pghistory.track()
class Membership(ScopedModel):
    """A role in a programme, perhaps narrowed to a region or an organisation."""

    class Account(models.TextChoices):
        INVITED = "invited", _("pas encore de mot de passe")
        OPEN = "open", _("ouvert")
        CLOSED = "closed", _("fermé")

    scope = "programme"
    personal = frozenset({"user"})

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships", verbose_name=_("personne"))
    role = CodeField(_("rôle"), max_length=30, choices=LABELS.items())
    programme = models.ForeignKey(
        Programme, on_delete=models.PROTECT, null=True, blank=True, related_name="memberships",
        verbose_name=_("programme"), help_text=_("Vide seulement pour l’administration de l’installation."),
    )  # fmt: skip
    region = models.ForeignKey(
        Territory, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("région"),
        limit_choices_to={"level": "region"}, help_text=_("Ce que la personne voit se limite à cette région."),
    )  # fmt: skip
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("organisation"), help_text=_("Ce que la personne voit se limite à cette organisation."),
    )  # fmt: skip

    class Meta:
        verbose_name = _("rôle d’une personne")
        verbose_name_plural = _("personnes et rôles")
        ordering = ["role"]
        constraints = [
            models.UniqueConstraint(
                "user",
                "role",
                *(Coalesce(part, 0) for part in ("programme", "region", "organisation")),
                name="membership_once",
                violation_error_message=_("Cette personne a déjà ce rôle."),
            ),
            models.CheckConstraint(
                name="only_administrators_without_programme",
                condition=Q(role="administrator", programme__isnull=True)
                | (~Q(role="administrator") & Q(programme__isnull=False)),
                violation_error_message=_("Tous les rôles, sauf l’administration, appartiennent à un programme."),
            ),
            models.CheckConstraint(
                name="role_within_a_region",
                condition=~Q(role__in=sorted(NEEDS_REGION)) | Q(region__isnull=False),
                violation_error_message=_("Ce rôle se limite à une région : choisissez-la."),
            ),
            models.CheckConstraint(
                name="role_within_an_organisation",
                condition=~Q(role__in=sorted(NEEDS_ORGANISATION)) | Q(organisation__isnull=False),
                violation_error_message=_("Ce rôle se limite à une organisation : choisissez-la."),
            ),
            models.CheckConstraint(
                name="role_over_the_whole",
                condition=~Q(role__in=sorted(WHOLE)) | Q(region__isnull=True, organisation__isnull=True),
                violation_error_message=_("Ce rôle couvre tout : laissez la région et l’organisation vides."),
            ),
        ]

    def __str__(self):
        return _("%(person)s, %(role)s") % {"person": self.user, "role": self.get_role_display()}

    @property
    def email(self):
        """Where the person is written to."""
        return self.user.email

    email.fget.short_description = _("adresse électronique")

    @property
    def account_state(self):
        if not self.user.is_active:
            return self.Account.CLOSED
        return self.Account.OPEN if self.user.has_usable_password() else self.Account.INVITED

    @property
    def account(self):
        """Whether the person can sign in, in words."""
        return str(self.account_state.label)

    account.fget.short_description = _("compte")

    @property
    def limits(self):
        """What narrows the role, in words."""
        limits = [str(limit) for limit in (self.region, self.organisation) if limit]
        return listed(limits) or (_("tout le programme") if self.programme_id else _("toute l’installation"))

    limits.fget.short_description = _("limité à")


@pghistory.track(exclude=["key", "used_at"])
class ApiToken(ScopedModel):
    """What a program signs with, in the name of a person and within one programme, until a day.

    key:     SHA-256 of the token, which is shown once.
    used_at: when it last opened something, within the minute.
    """

    class State(models.TextChoices):
        OPEN = "open", _("ouvert")
        CLOSED = "closed", _("fermé")

    scope = "programme"
    person_path = "user"
    personal = frozenset({"user"})

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="tokens", verbose_name=_("personne"))
    programme = models.ForeignKey(
        Programme, on_delete=models.PROTECT, related_name="tokens", verbose_name=_("programme")
    )
    name = models.CharField(_("nom"), max_length=120, help_text=_("À quoi il sert : « Tableau de bord de la région »."))
    key = models.CharField(max_length=64, unique=True)
    reads_only = models.BooleanField(_("lecture seule"), default=True)
    expires_on = models.DateField(_("dernier jour"))
    state = CodeField(_("état"), max_length=10, choices=State, default=State.OPEN)
    used_at = models.DateTimeField(_("dernier usage"), null=True, blank=True)

    class Meta:
        verbose_name = _("jeton d’accès")
        verbose_name_plural = _("jetons d’accès")
        ordering = ["-pk"]

    def __str__(self):
        return self.name
