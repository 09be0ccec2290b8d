"""Files made of submissions for one person, kept some days."""

from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import models
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from jalons.collection.forms.models import Form
from jalons.core.fields import CodeField
from jalons.core.models import Job
from jalons.core.scope import ScopedModel

KEPT = timedelta(days=7)


class Export(ScopedModel):
    """A file of answers that somebody asked for. Only they have it, as long as what they may see does not change.

    options: what was asked: words or codes, identities, language, states, period, filters, several choices.
    reach:   the limits of what they saw then; the file is not given to who sees otherwise since.
    report:  what the file holds, as it says it of itself: [[head, words], …].
    """

    class Format(models.TextChoices):
        XLSX = "xlsx", _("Excel")
        CSV = "csv", _("CSV (zip)")
        PARQUET = "parquet", _("Parquet (zip)")
        SAV = "sav", _("SPSS (zip)")
        DTA = "dta", _("Stata (zip)")
        GEOJSON = "geojson", _("GeoJSON")
        CODEBOOK = "codebook", _("dictionnaire seul (Excel)")

    scope = "form__programme"
    person_path = "by"
    personal = frozenset({"by", "report"})

    form = models.ForeignKey(Form, on_delete=models.PROTECT, related_name="exports", verbose_name=_("formulaire"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("par"))
    format = CodeField(_("format"), max_length=10, choices=Format, default=Format.XLSX)
    options = models.JSONField(_("demande"), default=dict)
    reach = models.JSONField(default=list)
    report = models.JSONField(_("contenu"), default=list)
    file_name = models.CharField(_("fichier"), max_length=255, blank=True)
    sha256 = models.CharField(_("empreinte"), max_length=64, blank=True)
    size = models.PositiveBigIntegerField(_("taille"), null=True)
    expires_at = models.DateTimeField(_("gardé jusqu’au"), null=True)
    job = models.ForeignKey(
        Job, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("tâche")
    )

    class Meta:
        verbose_name = _("export")
        verbose_name_plural = _("exports")
        ordering = ["-pk"]

    def __str__(self):
        return gettext("Export de « %(form)s »") % {"form": self.form}

    def written_size(self) -> str:
        """Its size with its unit."""
        return filesizeformat(self.size)

    @property
    def path(self) -> Path:
        """Where the file is, while it is kept."""
        return folder() / str(self.pk)

    @property
    def is_kept(self) -> bool:
        return bool(self.sha256) and self.expires_at > timezone.now() and self.path.exists()

    @property
    def standing(self):
        """What became of it, in words."""
        if self.is_kept:
            return gettext("prêt")
        if self.sha256:
            return gettext("expiré")
        return self.job.get_state_display() if self.job else gettext("en attente")

    standing.fget.short_description = _("état")


def folder() -> Path:
    """The folder of the files."""
    return Path(settings.DATA) / "exports"
