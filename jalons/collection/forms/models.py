"""Questionnaires as XLSForm, kept as received, version by version."""

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from jalons.core.fields import CodeField, TranslatedField, translated
from jalons.core.scope import ScopedModel
from jalons.foundation.programmes.models import Programme


@pghistory.track()
class Form(ScopedModel):
    """A questionnaire over its whole life (XLSForm `form_id`).

    The declared questions give the territory, the date, the sex and the collector of each submission.
    declared_at: when they last changed; what was received before is read with the former ones until it is read again.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("brouillon")
        PUBLISHED = "published", _("publié")
        RETIRED = "retired", _("clos")

    scope = "programme"

    programme = models.ForeignKey(
        Programme, on_delete=models.PROTECT, related_name="forms", verbose_name=_("programme")
    )
    code = models.CharField(_("identifiant (form_id)"), max_length=249)
    title = TranslatedField(_("intitulé"))
    state = CodeField(_("état"), max_length=10, choices=State, default=State.DRAFT)
    territory_question = models.CharField(_("question du territoire"), max_length=249, blank=True)
    date_question = models.CharField(_("question de la date"), max_length=249, blank=True)
    sex_question = models.CharField(_("question du sexe"), max_length=249, blank=True)
    collector_question = models.CharField(_("question de la personne qui collecte"), max_length=249, blank=True)
    declared_at = models.DateTimeField(_("déclaré le"), null=True, editable=False)

    class Meta:
        verbose_name = _("formulaire")
        verbose_name_plural = _("formulaires")
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(
                name="form_code_once_per_programme",
                fields=["programme", "code"],
                violation_error_message=_("Un formulaire porte déjà cet identifiant dans le programme."),
            )
        ]

    def __str__(self):
        return translated(self.title)


class FormVersion(ScopedModel):
    """One XLSForm file as received, and what was read in it.

    choices: {list name: [{"name": …, "labels": {"fr": …}, …other columns}]}.
    languages: [{"name": as written, "code": fr/ar/en or "", "coverage": {"label": 0–1, …}}].
    """

    scope = "form__programme"

    form = models.ForeignKey(Form, on_delete=models.PROTECT, related_name="versions", verbose_name=_("formulaire"))
    number = models.PositiveIntegerField(_("rang"))
    version = models.CharField(_("version"), max_length=249, blank=True)
    file_name = models.CharField(_("fichier"), max_length=255)
    sha256 = models.CharField(_("empreinte"), max_length=64)
    xform = models.TextField("XForm")
    choices = models.JSONField(_("listes de choix"), default=dict)
    languages = models.JSONField(_("langues"), default=list)
    warnings = models.JSONField(_("avertissements"), default=list)
    settings = models.JSONField(_("réglages"), default=dict)

    class Meta:
        verbose_name = _("version de formulaire")
        verbose_name_plural = _("versions de formulaire")
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(name="form_version_number_once", fields=["form", "number"]),
            models.UniqueConstraint(
                name="form_file_once",
                fields=["form", "sha256"],
                violation_error_message=_("Ce fichier est déjà une version de ce formulaire."),
            ),
        ]

    def __str__(self):
        return self.version or str(self.number)


@pghistory.track(pghistory.UpdateEvent(), fields=["identifies"])
class Question(ScopedModel):
    """One question of one version of a form (XLSForm `survey` row).

    table:  "" for the form itself, else the name of the repeat that holds it.
    column: name in the typed table where its answers are projected.
    extra:  columns of the sheet that XLSForm does not know (theme, indicator…), kept.
    identifies: how far its answers identify a person; a proposal until somebody has marked it (marked_by, marked_at).
    """

    class Identifies(models.TextChoices):
        NO = "no", _("n’identifie personne")
        INDIRECT = "indirect", _("peut faire reconnaître quelqu’un")
        DIRECT = "direct", _("identifie quelqu’un")

    scope = "version__form__programme"

    version = models.ForeignKey(
        FormVersion, on_delete=models.CASCADE, related_name="questions", verbose_name=_("version")
    )
    position = models.PositiveIntegerField(_("rang"))
    name = models.CharField(_("nom"), max_length=249)
    path = models.CharField(_("chemin"), max_length=1000)
    table = models.CharField(_("répétition"), max_length=249, blank=True)
    column = models.CharField(_("colonne"), max_length=63)
    kind = models.CharField(_("type"), max_length=40)
    list_name = models.CharField(_("liste de choix"), max_length=249, blank=True)
    labels = models.JSONField(_("libellés"), default=dict)
    hints = models.JSONField(_("aides"), default=dict)
    required = models.CharField(_("obligatoire"), max_length=1000, blank=True)
    relevant = models.TextField(_("condition"), blank=True)
    constraint = models.TextField(_("contrainte"), blank=True)
    constraint_message = models.JSONField(_("message de contrainte"), default=dict)
    calculation = models.TextField(_("calcul"), blank=True)
    appearance = models.CharField(max_length=249, blank=True)
    extra = models.JSONField(default=dict)
    identifies = CodeField(_("identifie une personne"), max_length=8, choices=Identifies, default=Identifies.NO)
    is_personal = models.GeneratedField(
        verbose_name=_("personnelle"), expression=models.ExpressionWrapper(~Q(identifies="no"), models.BooleanField()),
        output_field=models.BooleanField(), db_persist=True,
    )  # fmt: skip
    marked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("marquée par"),
        db_index=False,
    )  # fmt: skip
    marked_at = models.DateTimeField(_("marquée le"), null=True)

    class Meta:
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(name="question_position_once", fields=["version", "position"]),
            models.UniqueConstraint(name="question_column_once", fields=["version", "table", "column"]),
        ]

    def __str__(self):
        return translated(self.labels) or self.name
