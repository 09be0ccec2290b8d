"""Persons counted once: where they are told, each telling as written, who is who, and what a person decided."""

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from jalons.collection.forms.models import Form
from jalons.collection.people.rules.words import said
from jalons.collection.submissions.models import Submission
from jalons.core.cells import listed
from jalons.core.fields import CodeField
from jalons.core.scope import OperatorModel, ScopedModel
from jalons.foundation.partners.models import Organisation
from jalons.foundation.programmes.models import Operator

# what is compared is null where unknown: to SQL and Splink two nulls are never alike, as two "" would be
COMPARED = {"null": True}
BY = {"on_delete": models.PROTECT, "related_name": "+", "null": True, "blank": True, "db_index": False}


@pghistory.track(exclude=["cursor"])
class Source(ScopedModel):
    """A form, or one of its repeats, whose rows tell of persons; someone said so.

    table: "" for the form itself, else the name of the repeat.
    roles: what is told of a person -> the question that tells it: given, family, full, sex, birth, age…
    cursor: how far the changes of submissions were read.
    """

    class State(models.TextChoices):
        OPEN = "open", _("ouverte")
        CLOSED = "closed", _("fermée")

    scope = "form__programme"

    form = models.ForeignKey(Form, on_delete=models.PROTECT, related_name="tellings", verbose_name=_("formulaire"))
    table = models.CharField(_("répétition"), max_length=249, blank=True)
    roles = models.JSONField(_("questions"), default=dict)
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("partenaire"),
        help_text=_("Celui dont viennent les fiches apportées par l’équipe du programme, s’il y en a un seul."),
    )  # fmt: skip
    state = CodeField(_("état"), max_length=10, choices=State, default=State.OPEN)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("par"))
    cursor = models.CharField(max_length=200, blank=True, editable=False)

    class Meta:
        verbose_name = _("source de personnes")
        verbose_name_plural = _("sources de personnes")
        ordering = ["form", "table"]
        constraints = [
            models.UniqueConstraint(
                name="people_source_once",
                fields=["form", "table"],
                violation_error_message=_("Cette partie du formulaire est déjà une source de personnes."),
            )
        ]

    def __str__(self):
        return f"{self.form} · {self.table}" if self.table else str(self.form)


@pghistory.track(exclude=["name", "sex", "year"])
class Person(OperatorModel):
    """Someone, however many times told. The code is drawn at random: it says nothing of the person.

    name, sex, year: as last written, for lists; what was written each time is in its aliases.
    merged_into: the person it turned out to be; undone, it comes back.
    """

    class State(models.TextChoices):
        PRESENT = "present", _("au registre")
        MERGED = "merged", _("réunie à une autre")
        ERASED = "erased", _("effacée")
        EMPTIED = "emptied", _("sans mention")  # all that was told of it is now of others

    region_path = "links__alias__submission__region"
    organisation_path = "links__alias__submission__organisation"
    programme_path = "links__alias__source__form__programme"
    narrowed_while = {"links__until": None}
    personal = frozenset({"name", "sex", "year"})

    operator = models.ForeignKey(
        Operator, on_delete=models.PROTECT, related_name="persons", verbose_name=_("opérateur"), db_index=False
    )
    code = models.CharField(_("code"), max_length=12, unique=True)
    name = models.CharField(_("nom"), max_length=250, blank=True)
    sex = models.CharField(_("sexe"), max_length=1, blank=True)
    year = models.PositiveSmallIntegerField(_("année de naissance"), null=True, blank=True)
    state = CodeField(_("état"), max_length=10, choices=State, default=State.PRESENT)
    merged_into = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("réunie à"),
        db_index=False,
    )  # fmt: skip

    class Meta:
        verbose_name = _("personne")
        verbose_name_plural = _("personnes")
        ordering = ["-pk"]
        indexes = [models.Index(fields=["operator", "state", "id"], name="person_of_operator")]

    def __str__(self):
        return self.code

    @property
    def journal_id(self):
        """The programme that first told of it."""
        first = Alias.objects.filter(links__person=self).order_by("pk").first()
        return first and first.journal_id

    def get_sex_display(self):
        """In words; nothing when it is unknown."""
        return {"F": gettext("femme"), "M": gettext("homme")}.get(self.sex, "")

    def written_year(self):
        """A year takes no thousands separator."""
        return str(self.year)


class Alias(OperatorModel):
    """A person as one row tells it: what was written, and the keys it is compared by.

    version:    number of the version of the submission it was read in.
    is_erased:  the person was forgotten: nothing that identifies is left, nor is read again; it still counts.
    identifier: keyed code of a number such as a beneficiary's; the number itself is not kept here.
    """

    region_path = "submission__region"
    organisation_path = "submission__organisation"
    programme_path = "source__form__programme"
    personal = frozenset({
        "given", "family", "sex", "year", "birth", "phone", "commune", "identifier", "given_form", "given_key",
        "family_form", "family_key", "pair",
    })  # fmt: skip

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="+", db_index=False)
    source = models.ForeignKey(
        Source, on_delete=models.PROTECT, related_name="aliases", verbose_name=_("source"), db_index=False
    )
    submission = models.ForeignKey(
        Submission, on_delete=models.PROTECT, related_name="aliases", verbose_name=_("soumission"), db_index=False
    )
    row = models.PositiveIntegerField(_("ligne"))
    version = models.PositiveIntegerField(_("version"))
    is_erased = models.BooleanField(_("effacée"), default=False)
    given = models.CharField(_("prénom"), max_length=120, blank=True)
    family = models.CharField(_("nom de famille"), max_length=120, blank=True)
    sex = models.CharField(_("sexe"), max_length=1, **COMPARED)
    year = models.PositiveSmallIntegerField(_("année de naissance"), null=True)
    is_age = models.BooleanField(_("d’après l’âge"), default=False)
    birth = models.CharField(_("date de naissance"), max_length=10, **COMPARED)
    phone = models.CharField(_("téléphone"), max_length=9, **COMPARED)
    commune = models.CharField(_("commune"), max_length=120, blank=True)
    partner = models.CharField(_("partenaire"), max_length=200, blank=True)
    place = models.CharField(max_length=80, **COMPARED)
    identifier = models.CharField(_("identifiant codé"), max_length=32, **COMPARED)
    given_form = models.CharField(max_length=80, **COMPARED)
    given_key = models.CharField(max_length=80, **COMPARED)
    given_heard = models.BigIntegerField(default=0)
    given_barred = models.BigIntegerField(default=0)
    family_form = models.CharField(max_length=80, **COMPARED)
    family_key = models.CharField(max_length=80, **COMPARED)
    family_heard = models.BigIntegerField(default=0)
    family_barred = models.BigIntegerField(default=0)
    pair = models.CharField(max_length=161, **COMPARED)

    class Meta:
        verbose_name = _("mention")
        verbose_name_plural = _("mentions")
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(name="alias_once", fields=["submission", "source", "row"])]
        indexes = [
            models.Index(fields=["operator", "pair", "year"], name="alias_by_names"),
            models.Index(fields=["operator", "given_key", "place"], name="alias_by_given"),
            models.Index(fields=["operator", "family_key", "place"], name="alias_by_family"),
            models.Index(fields=["operator", "birth"], name="alias_by_birth", condition=Q(birth__isnull=False)),
            models.Index(fields=["operator", "phone"], name="alias_by_phone", condition=Q(phone__isnull=False)),
            models.Index(
                fields=["operator", "identifier"], name="alias_by_identifier", condition=Q(identifier__isnull=False)
            ),
            models.Index(fields=["operator", "family_key", "year"], name="alias_by_family_year"),
        ]

    def __str__(self):
        return self.name

    @property
    def journal_id(self):
        return self.submission.owner_id

    @property
    def name(self):
        """As written."""
        return f"{self.given} {self.family}".strip()

    name.fget.short_description = _("nom écrit")

    @property
    def born(self):
        """What is known of the birth, as written."""
        if self.year is None:
            return None
        return gettext("vers %(year)s (âge dit)") % {"year": self.year} if self.is_age else self.birth or str(self.year)

    born.fget.short_description = _("naissance")


@pghistory.track()
class Pair(OperatorModel):
    """Two tellings that may be of one person, for someone to decide. What was decided is never decided again alone.

    agreed: how each field compares, {field: level}.
    """

    class State(models.TextChoices):
        OPEN = "open", _("à décider")
        SAME = "same", _("même personne")
        APART = "apart", _("deux personnes")
        UNDECIDED = "undecided", _("on ne sait pas")
        CLOSED = "closed", _("sans objet")  # both came to one person by another way

    DECIDED = (State.SAME, State.APART, State.UNDECIDED)
    region_path = ("one__submission__region", "other__submission__region")
    organisation_path = ("one__submission__organisation", "other__submission__organisation")
    programme_path = ("one__source__form__programme", "other__source__form__programme")
    personal = frozenset({"why"})

    operator = models.ForeignKey(
        Operator, on_delete=models.PROTECT, related_name="+", verbose_name=_("opérateur"), db_index=False
    )
    one = models.ForeignKey(Alias, on_delete=models.PROTECT, related_name="+", verbose_name=_("mention"))
    other = models.ForeignKey(Alias, on_delete=models.PROTECT, related_name="+", verbose_name=_("autre mention"))
    score = models.FloatField(_("vraisemblance"), null=True)
    agreed = models.JSONField(_("ce qui concorde"), default=dict)
    state = CodeField(_("état"), max_length=10, choices=State, default=State.OPEN)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name=_("décidé par"), **BY)
    decided_at = models.DateTimeField(_("décidé le"), null=True)
    why = models.TextField(_("motif"), blank=True)

    class Meta:
        verbose_name = _("rapprochement")
        verbose_name_plural = _("rapprochements")
        ordering = ["-score"]
        constraints = [
            models.UniqueConstraint(name="pair_once", fields=["one", "other"]),
            models.CheckConstraint(name="pair_in_order", condition=Q(one__lt=F("other"))),
        ]
        indexes = [models.Index(fields=["operator", "state", "-score"], name="pair_by_state")]

    def __str__(self):
        return gettext("Rapprochement n° %(number)s") % {"number": self.pk}

    @property
    def journal_id(self):
        return self.one.journal_id

    @property
    def number(self):
        """What it is called: never by a name."""
        return str(self)

    number.fget.short_description = _("rapprochement")

    @property
    def percent(self):
        """How likely it is one person."""
        return None if self.score is None else f"{100 * self.score:.0f} %"

    percent.fget.short_description = _("vraisemblance")

    @property
    def because(self):
        """What agrees and what differs, in words, without a name."""
        told = (entry for entry in said(self.agreed) if entry[1] != "unknown")
        return listed(gettext("%(field)s : %(how)s") % {"field": gettext(f), "how": gettext(h)} for f, _t, h in told)

    because.fget.short_description = _("ce qui concorde")


class Link(OperatorModel):
    """From when to when a telling was held to be of a person, by whom and why. A change ends one and begins another.

    is_named: whether the telling names someone, hence counts in persons; what it was outlives what is forgotten.
    against: the telling that it was recognised by. agreed: how each field compares with it.
    by:      a person, or no one when it is the machine. pair: the decision it comes from.
    """

    region_path = "alias__submission__region"
    organisation_path = "alias__submission__organisation"
    programme_path = "alias__source__form__programme"

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="+", db_index=False)
    alias = models.ForeignKey(Alias, on_delete=models.PROTECT, related_name="links", verbose_name=_("mention"))
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="links", verbose_name=_("personne"))
    is_named = models.BooleanField(default=False)
    since = models.DateTimeField(_("depuis"), default=timezone.now)
    until = models.DateTimeField(_("jusqu’à"), null=True)
    score = models.FloatField(_("vraisemblance"), null=True)
    agreed = models.JSONField(default=dict)
    against = models.ForeignKey(Alias, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name=_("par"), **BY)
    pair = models.ForeignKey(Pair, on_delete=models.PROTECT, null=True, related_name="links")

    class Meta:
        verbose_name = _("rattachement")
        verbose_name_plural = _("rattachements")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(name="alias_of_one_person", fields=["alias"], condition=Q(until__isnull=True))
        ]

    def __str__(self):
        return f"{self.person}"
