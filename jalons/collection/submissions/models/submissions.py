"""What is received: batches, submissions, their versions as received, and what draws attention in them."""

import pghistory
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from jalons.collection.forms.models import Form, FormVersion
from jalons.collection.submissions.rules.naming import short_identifier
from jalons.core.fields import CodeField
from jalons.core.models import Job
from jalons.core.scope import ScopedModel
from jalons.foundation.partners.models import Organisation
from jalons.foundation.territories.models import Territory

# Foreign keys that no page walks backwards have no index: each one is paid on every row of an import.
PERSON = {"on_delete": models.PROTECT, "related_name": "+", "db_index": False}


class Batch(ScopedModel):
    """One file of submissions brought in at once, kept as received. A narrowed membership sees only its own.

    form_version: the version that rows are read against when they name none.
    mapping:      {sheet: {header: path of a question, or "" to leave the column out}}, chosen by a person.
    only_right:   rows with something to correct are left aside; the others come in.
    copy:         the name of the copy of a workbook of ours, told at import when its cover does not.
    heads:        {sheet: row of its headings}, chosen by a person where they are not found.
    meanings:     {path of a question: {what cells say: code of a choice}}, chosen by a person.
    report:       what the import did: counts, refused rows with their place, columns without a question.
    withdrawn_by: who took a wrong import back, before any of it was validated.
    """

    class Kind(models.TextChoices):
        TABLE = "table", _("tableau (Excel ou CSV)")
        XML = "xml", _("instances XML")

    class State(models.TextChoices):
        OPEN = "open", _("à confirmer")
        RUNNING = "running", _("en cours")
        DONE = "done", _("importé")
        WITHDRAWN = "withdrawn", _("retiré")

    scope = "form__programme"
    person_path = "by"
    personal = frozenset({"by", "withdrawn_by", "report"})

    form = models.ForeignKey(Form, on_delete=models.PROTECT, related_name="batches", verbose_name=_("formulaire"))
    form_version = models.ForeignKey(
        FormVersion, on_delete=models.PROTECT, related_name="+", verbose_name=_("version du formulaire")
    )
    kind = CodeField(_("nature"), max_length=10, choices=Kind)
    state = CodeField(_("état"), max_length=10, choices=State, default=State.OPEN)
    file_name = models.CharField(_("fichier"), max_length=255)
    sha256 = models.CharField(_("empreinte"), max_length=64)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("par"))
    mapping = models.JSONField(_("correspondance des colonnes"), default=dict)
    only_right = models.BooleanField(_("lignes justes seulement"), default=False)
    copy = models.CharField(_("nom de la copie"), max_length=60, blank=True)
    heads = models.JSONField(_("lignes d’en-têtes"), default=dict)
    meanings = models.JSONField(_("correspondance des valeurs"), default=dict)
    report = models.JSONField(_("compte rendu"), default=dict)
    job = models.ForeignKey(
        Job, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("tâche")
    )
    withdrawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, verbose_name=_("retiré par"), **PERSON)
    withdrawn_at = models.DateTimeField(_("retiré le"), null=True)
    withdrawal_reason = models.TextField(_("motif du retrait"), blank=True)

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ["-pk"]

    def __str__(self):
        return self.file_name


@pghistory.track(pghistory.UpdateEvent(), pghistory.DeleteEvent())
class Submission(ScopedModel):
    """One filled form over its whole life (OpenRosa instance).

    instance_id:  identifier of the first version; it names the submission for ever.
    version:      number of its latest version; in the state that the submission is in.
    standing:     number of the validated version that still counts while a correction of it, the latest, is reviewed.
    author:       its collector when known by an account, else whoever brought it in.
    organisation: the one that brought it in, when its member sees only its own.
    region:       resolved on arrival from the declared question; without it, programme-wide roles alone see the row.
    """

    class State(models.TextChoices):
        RECEIVED = "received", _("reçue")
        VALIDATED = "validated", _("validée")
        REJECTED = "rejected", _("rejetée")
        WITHDRAWN = "withdrawn", _("retirée")  # with the whole import that brought it in, by mistake

    scope = "form__programme"
    region_path = "region"
    organisation_path = "organisation"
    personal = frozenset({"collector", "author"})
    identifying = frozenset({"collector"})
    born = {"state": "received", "version": 1, "standing": None, "reviewed_by": None, "rejection_reason": ""}

    instance_id = models.CharField(_("identifiant d’instance"), max_length=249)
    form = models.ForeignKey(
        Form, on_delete=models.PROTECT, related_name="submissions", verbose_name=_("formulaire"), db_index=False
    )
    state = CodeField(_("état"), max_length=10, choices=State, default=State.RECEIVED)
    version = models.PositiveIntegerField(_("version"), default=1)
    standing = models.PositiveIntegerField(_("version qui compte encore"), null=True)
    collector = models.CharField(_("collectée par"), max_length=120, blank=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, verbose_name=_("auteur"), **PERSON)
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("organisation"),
        db_index=False,
    )  # fmt: skip
    batch = models.ForeignKey(
        Batch, on_delete=models.PROTECT, null=True, blank=True, related_name="submissions", verbose_name=_("import")
    )
    collected_on = models.DateField(_("date"), null=True, blank=True)
    territory = models.ForeignKey(
        Territory, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("territoire"),
        db_index=False,
    )  # fmt: skip
    region = models.ForeignKey(
        Territory, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("région"),
        limit_choices_to={"level": Territory.Level.REGION}, db_index=False,
    )  # fmt: skip
    flag_count = models.PositiveIntegerField(_("signalements"), default=0)
    reviewed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, verbose_name=_("revue par"), **PERSON)
    reviewed_at = models.DateTimeField(_("revue le"), null=True)
    rejection_reason = models.TextField(_("motif du rejet"), blank=True)
    created_at = models.DateTimeField(_("reçue le"), auto_now_add=True)

    class Meta:
        verbose_name = _("soumission")
        verbose_name_plural = _("soumissions")
        indexes = [
            models.Index(fields=["form", "state", "id"], name="submission_by_state"),
            # a coordinator's list, its filter by state and its count never leave this index
            models.Index(fields=["region", "id"], include=["state", "form"], name="submission_by_region"),
            models.Index(fields=["collected_on", "id"], name="submission_by_day"),
            models.Index(
                fields=["organisation", "id"],
                name="submission_by_organisation",
                condition=models.Q(organisation__isnull=False),
            ),
            models.Index(fields=["updated_at", "id"], name="submission_by_change"),
            models.Index(OpClass("collector", name="varchar_pattern_ops"), "id", name="submission_by_collector"),
        ]
        constraints = [
            models.UniqueConstraint(
                name="instance_once_per_form",
                fields=["instance_id", "form"],
                opclasses=["varchar_pattern_ops", "int8_ops"],  # searched by its beginning too
                violation_error_message=_("Cette soumission a déjà été reçue."),
            ),
            models.CheckConstraint(
                name="rejection_has_a_reason",
                condition=~models.Q(state="rejected") | ~models.Q(rejection_reason=""),
                violation_error_message=_("Un rejet demande un motif."),
            ),
            models.CheckConstraint(
                name="only_a_correction_leaves_another_version_standing",
                condition=models.Q(standing__isnull=True)
                | models.Q(state="received", version__gt=models.F("standing")),
                violation_error_message=_("Seule une correction à revoir laisse compter la version d’avant."),
            ),
            models.CheckConstraint(
                name="nobody_reviews_their_own_work",
                condition=models.Q(reviewed_by__isnull=True)
                | models.Q(author__isnull=True)
                | ~models.Q(reviewed_by=models.F("author")),
                violation_error_message=_("Une autre personne que l’auteur doit valider."),
            ),
        ]

    def __str__(self):
        return self.instance_id

    @property
    def short(self):
        """The beginning of its identifier."""
        return short_identifier(self.instance_id)

    @property
    def current(self):
        """The latest version."""
        return self.versions.select_related("form_version", "by").get(number=self.version)


class SubmissionVersion(ScopedModel):
    """One state of a submission as received, byte for byte, and what was read in it.

    content:  the XML, or for a row of a table its own cells as JSON.
    answers:  {question name: value, repeat name: [{…}]}, groups flattened; an unreadable answer is null.
    unread:   [{"path": …, "value": …, "reason": …}], what was in the content and could not be read or placed.
    computed: calculations that came blank and were computed here, with the name of their repeat before a slash.
    rejected_by: who refused this correction; the version before it went on counting.
    redacted_at: when someone told in it was forgotten: answers and content are what is left. original: SHA-256 of the
                 bytes received.
    """

    scope = "submission__form__programme"
    region_path = "submission__region"
    organisation_path = "submission__organisation"
    personal = frozenset({"content", "answers", "unread"})

    submission = models.ForeignKey(
        Submission, on_delete=models.CASCADE, related_name="versions", verbose_name=_("soumission"), db_index=False
    )
    number = models.PositiveIntegerField(_("version"))
    instance_id = models.CharField(_("identifiant d’instance"), max_length=249)
    form_version = models.ForeignKey(
        FormVersion, on_delete=models.PROTECT, related_name="+", verbose_name=_("version du formulaire"), db_index=False
    )
    content = models.BinaryField(_("contenu reçu"))
    media_type = models.CharField(_("type"), max_length=60)
    answers = models.JSONField(_("réponses"))
    unread = models.JSONField(_("non lu"), default=list)
    computed = models.JSONField(_("calculé ici"), default=list)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name=_("par"), **PERSON)
    reason = models.TextField(_("motif"), blank=True)
    rejected_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, verbose_name=_("rejetée par"), **PERSON)
    rejected_at = models.DateTimeField(_("rejetée le"), null=True)
    rejection_reason = models.TextField(_("motif du rejet"), blank=True, db_default="")
    redacted_at = models.DateTimeField(_("expurgée le"), null=True)
    original = models.BinaryField(max_length=32, null=True)

    class Meta:
        verbose_name = _("version de soumission")
        verbose_name_plural = _("versions de soumission")
        ordering = ["number"]
        indexes = [
            models.Index(fields=["instance_id"], name="later_version", condition=models.Q(number__gt=1)),
        ]
        constraints = [models.UniqueConstraint(name="submission_version_once", fields=["submission", "number"])]

    def __str__(self):
        return f"{self.instance_id} · {self.number}"

    @property
    def digest(self):
        """SHA-256 of the bytes received, where they are no more."""
        return bytes(self.original).hex() if self.original else ""


class Flag(ScopedModel):
    """Something that draws attention in a submission: which check, which answer, and what became of it.

    rows:  the row of each repeat around the answer, from 0, outermost first.
    state: cured when the next version no longer shows it, followed when it still does; lifted when the check that
           found it changed or was retired.
    """

    class Check(models.TextChoices):
        CONSTRAINT = "constraint", _("contrainte non respectée")
        REQUIRED = "required", _("réponse obligatoire absente")
        DUPLICATE = "duplicate", _("identifiant en double")
        CHOICE = "choice", _("valeur hors de la liste de choix")
        TYPE = "type", _("valeur illisible")
        TERRITORY = "territory", _("territoire non reconnu")
        DATE = "date", _("date absente ou illisible")
        RELEVANT = "relevant", _("réponse hors condition")
        UNLIKELY = "unlikely", _("date peu vraisemblable")
        # found by the checks of the form, once received (quality)
        EXPRESSION = "expression", _("règle non respectée")
        KEY = "key", _("lien avec un autre formulaire")
        OUTLIER = "outlier", _("nombre éloigné des autres")
        RANGE = "range", _("nombre hors bornes")
        TWIN = "twin", _("réponses identiques à une autre fiche")
        NEAR = "near", _("réponses presque identiques")
        TIMING = "timing", _("durée ou moment invraisemblable")
        PLACE = "place", _("point hors du territoire")
        COLLECTOR = "collector", _("façon de collecter")
        SECTION = "section", _("partie sans réponse")

    class State(models.TextChoices):
        OPEN = "open", _("à traiter")
        EXPLAINED = "explained", _("expliqué")
        CORRECTED = "corrected", _("corrigé")
        DISMISSED = "dismissed", _("écarté")
        CURED = "cured", _("réglé par une version")
        FOLLOWED = "followed", _("repris dans la version suivante")
        LIFTED = "lifted", _("levé avec le contrôle")

    ON_ARRIVAL = (
        Check.CONSTRAINT, Check.REQUIRED, Check.DUPLICATE, Check.CHOICE, Check.TYPE, Check.TERRITORY, Check.DATE,
        Check.RELEVANT, Check.UNLIKELY,
    )  # fmt: skip
    scope = "submission__form__programme"
    region_path = "submission__region"
    organisation_path = "submission__organisation"
    personal = frozenset({"value", "handled_by", "reason"})

    submission = models.ForeignKey(
        Submission, on_delete=models.CASCADE, related_name="flags", verbose_name=_("soumission"), db_index=False
    )
    version = models.PositiveIntegerField(_("version"))
    check_code = CodeField(_("contrôle"), max_length=12, choices=Check)
    question = models.CharField(_("question"), max_length=1000, blank=True)
    rows = ArrayField(models.IntegerField(), verbose_name=_("lignes"), default=list, blank=True)
    value = models.TextField(_("réponse"), blank=True)
    state = CodeField(_("état"), max_length=10, choices=State, default=State.OPEN, db_default="open")
    handled_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, verbose_name=_("traité par"), **PERSON)
    handled_at = models.DateTimeField(_("traité le"), null=True)
    reason = models.TextField(_("motif"), blank=True, db_default="")

    class Meta:
        verbose_name = _("signalement")
        verbose_name_plural = _("signalements")
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["submission", "check_code"], name="flag_of_submission"),
            models.Index(fields=["id"], name="open_flag", condition=models.Q(state="open")),
        ]

    def __str__(self):
        return f"{self.get_check_code_display()} · {self.question}"


class Rereading(ScopedModel):
    """All submissions of a form read again, because the questions that place, date or sign them were declared anew.

    roles:  role -> question, as they were declared then.
    report: how many were read, how many changed, and what is now missing.
    """

    class State(models.TextChoices):
        RUNNING = "running", _("en cours")
        DONE = "done", _("faite")

    scope = "form__programme"
    person_path = "by"
    personal = frozenset({"by"})

    form = models.ForeignKey(Form, on_delete=models.PROTECT, related_name="rereadings", verbose_name=_("formulaire"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("par"))
    state = CodeField(_("état"), max_length=10, choices=State, default=State.RUNNING)
    roles = models.JSONField(_("questions déclarées"), default=dict)
    report = models.JSONField(_("compte rendu"), default=dict)
    job = models.ForeignKey(
        Job, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("tâche")
    )

    class Meta:
        verbose_name = _("relecture")
        verbose_name_plural = _("relectures")
        ordering = ["-pk"]

    def __str__(self):
        return gettext("Relecture de « %(form)s »") % {"form": self.form}
