"""All that was done with the submissions of a form, in order and dated: how a dataset came to be what it is (M6)."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from operator import attrgetter
from typing import Any, NamedTuple

from django.db.models import Count, Max, Sum
from django.db.models.functions import TruncDate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext

from jalons.collection.forms.models import Form
from jalons.collection.quality.models import Correction, Run
from jalons.collection.submissions.models import Arrival, Flag, Submission, SubmissionVersion
from jalons.core.cells import listed, shown
from jalons.core.models import Event

COUNTS = ("received", "updated", "unchanged", "refused", "flagged")
# parameter of a check -> what its form calls it
SETTINGS = {
    "expression": _lazy("ce qui doit être vrai"), "question": _lazy("question"), "questions": _lazy("questions"),
    "sections": _lazy("parties"), "least": _lazy("minimum attendu"), "most": _lazy("maximum attendu"),
    "threshold": _lazy("écart au-delà duquel on signale"), "share": _lazy("part de réponses égales, de 0 à 1"),
    "within": _lazy("comparées parmi"), "shortest": _lazy("au moins, en minutes"),
    "longest": _lazy("au plus, en minutes"), "night": _lazy("heures de nuit"),
    "tolerance": _lazy("tolérance, en kilomètres"), "accuracy": _lazy("précision attendue, en mètres"),
    "straight": _lazy("mêmes réponses de suite, au moins"), "per_day": _lazy("fiches par jour, au plus"),
    "unknown_share": _lazy("part de « ne sait pas », de 0 à 1"), "form": _lazy("autre formulaire"),
    "fast_share": _lazy("durée face aux autres personnes, de 0 à 1"), "other": _lazy("sa question (nom)"),
    "mode": _lazy("la valeur"), "agrees_here": _lazy("comparer cette question"),
    "agrees_there": _lazy("avec celle-là (nom)"),
}  # fmt: skip


class Step(NamedTuple):
    """One thing done: when, of which kind, what in a sentence, by whom."""

    at: datetime
    kind: str
    text: str
    by: str = ""


def steps(form: Form, user: Any) -> list[Step]:
    """Everything, oldest first. What is scoped by region or partner is counted within what this person sees."""
    parts = (
        _versions(form), _batches(form, user), _phones(form, user), _checks(form), _runs(form), _flags(form, user),
        _corrections(form, user), _reviews(form, user), _samples(form, user), _erasures(form, user), _readings(form),
        _measures(form),
    )  # fmt: skip
    return sorted((step for part in parts for step in part), key=attrgetter("at"))


def _versions(form: Form) -> Iterator[Step]:
    for version in form.versions.all():
        yield Step(version.created_at, _("Formulaire"), _("Version %(version)s du formulaire, « %(file)s ».") % {
            "version": version, "file": version.file_name})  # fmt: skip


def _batches(form: Form, user: Any) -> Iterator[Step]:
    for batch in form.batches.for_user(user).select_related("by", "withdrawn_by"):
        if "received" in batch.report:
            text = _("« %(name)s » : %(received)s reçues, %(updated)s modifiées, %(unchanged)s inchangées, "
                     "%(refused)s refusées, %(flagged)s signalées.")  # fmt: skip
            counts = {
                name: batch.report.get(name, 0) for name in ("received", "updated", "unchanged", "refused", "flagged")
            }
            yield Step(batch.created_at, _("Réception"), text % {"name": batch.file_name, **counts}, str(batch.by))
        if batch.withdrawn_at:
            text = _("Import « %(name)s » retiré : %(why)s") % {"name": batch.file_name, "why": batch.withdrawal_reason}
            yield Step(batch.withdrawn_at, _("Exclusion"), text, str(batch.withdrawn_by))


def _phones(form: Form, user: Any) -> Iterator[Step]:
    rows = Arrival.objects.for_user(user, app="submissions").filter(form=form)
    for row in _daily(rows, "created_at", "state"):
        text = _("Envoyées par des appareils : %(n)s (%(state)s).") % {
            "n": row["n"],
            "state": _label(Arrival, row["state"]),
        }
        yield Step(row["at"], _("Réception"), text)


def _checks(form: Form) -> Iterator[Step]:
    keys = list(form.checks.values_list("pk", flat=True))
    names = {check.pk: str(check) for check in form.checks.all()}
    for event in Event.objects.filter(target="quality.Check", target_id__in=keys).select_related("by"):
        text = _("%(act)s : %(name)s") % {"act": event.act, "name": names[event.target_id]}
        yield Step(event.at, _("Contrôle"), text, str(event.by))
    for check in form.checks.all():
        told = {"name": check, "kind": check.get_kind_display(), "settings": _settings(check.parameters)}
        yield Step(check.created_at, _("Contrôle"), _("Contrôle « %(name)s » (%(kind)s) : %(settings)s") % told)


def _runs(form: Form) -> Iterator[Step]:
    rows = Run.objects.filter(quality_check__form=form).order_by().annotate(day=TruncDate("created_at"))
    grouped = rows.values("day", "quality_check", "number", "whole", "parameters")
    names = {check.pk: str(check) for check in form.checks.all()}
    for row in grouped.annotate(at=Max("created_at"), lines=Sum("read"), new=Sum("found")):
        text = _("« %(name)s », réglages n° %(number)s (%(settings)s). Soumissions lues : %(read)s ; signalements : "
                 "%(found)s.")  # fmt: skip
        told = {"name": names[row["quality_check"]], "number": row["number"], "settings": _settings(row["parameters"]),
                "read": row["lines"], "found": row["new"]}  # fmt: skip
        yield Step(row["at"], _("Contrôle appliqué"), text % told)


def _flags(form: Form, user: Any) -> Iterator[Step]:
    rows = Flag.objects.for_user(user, app="quality").filter(submission__form=form, handled_at__isnull=False)
    for row in _daily(rows, "handled_at", "state", "handled_by__name"):
        text = _("Signalements : %(n)s (%(state)s).") % {"n": row["n"], "state": _label(Flag, row["state"])}
        yield Step(row["at"], _("Traitement"), text, row["handled_by__name"] or "")


def _corrections(form: Form, user: Any) -> Iterator[Step]:
    rows = Correction.objects.for_user(user).filter(submission__form=form)
    for row in _daily(rows, "created_at", "kind", "by__name", "file__file_name"):
        told = {
            "n": row["n"],
            "kind": Correction.Kind(row["kind"]).label,
            "file": row["file__file_name"] or _("à la main"),
        }
        yield Step(row["at"], _("Correction"), _("%(n)s corrections (%(kind)s), %(file)s.") % told, row["by__name"])


def _reviews(form: Form, user: Any) -> Iterator[Step]:
    rows = Submission.objects.for_user(user, app="quality").filter(form=form, reviewed_at__isnull=False)
    for row in _daily(rows, "reviewed_at", "state", "reviewed_by__name"):
        kind = _("Exclusion") if row["state"] == Submission.State.REJECTED else _("Validation")
        text = _("%(n)s soumissions : %(state)s.") % {"n": row["n"], "state": _label(Submission, row["state"])}
        yield Step(row["at"], kind, text, row["reviewed_by__name"] or "")


def _samples(form: Form, user: Any) -> Iterator[Step]:
    for sample in form.samples.for_user(user).select_related("assigned_to"):
        told = {"n": sample.items.count(), "all": sample.population, "seed": sample.seed, "who": sample.assigned_to}
        text = _("%(n)s soumissions tirées parmi %(all)s (graine %(seed)s), confiées à %(who)s.") % told
        yield Step(sample.created_at, _("Contre-vérification"), text)


def _erasures(form: Form, user: Any) -> Iterator[Step]:
    """Submissions from which someone who asked to be forgotten was taken; their name is nowhere any more."""
    mine = Submission.objects.for_user(user, app="quality").filter(form=form)
    rows = SubmissionVersion.objects.filter(submission__in=mine, redacted_at__isnull=False).order_by()
    days = rows.annotate(day=TruncDate("redacted_at")).values("day")
    for row in days.annotate(n=Count("submission", distinct=True), at=Max("redacted_at")):
        text = ngettext("Quelqu’un a été oublié dans %(n)s soumission : ce qui l’identifiait est effacé.",
                        "Quelqu’un a été oublié dans %(n)s soumissions : ce qui l’identifiait est effacé.",
                        row["n"])  # fmt: skip
        yield Step(row["at"], _("Effacement"), text % {"n": row["n"]})


def _readings(form: Form) -> Iterator[Step]:
    for one in form.rereadings.select_related("by"):
        text = _("Soumissions relues : %(read)s, changées : %(changed)s.") % {
            name: one.report.get(name, 0) for name in ("read", "changed")}  # fmt: skip
        yield Step(one.created_at, _("Relecture"), text, str(one.by))


def _measures(form: Form) -> Iterator[Step]:
    """The measures of the programme; which of them read this form, the page of each value says."""
    events = Event.objects.filter(programme_id=form.programme_id, verb__endswith=".measured").select_related("by")
    for event in events:
        yield Step(event.at, _("Mesure"), _("Indicateurs du programme calculés."), str(event.by))


def _daily(rows: Any, when: str, *groups: str) -> Iterable[dict[str, Any]]:
    days = rows.order_by().annotate(day=TruncDate(when)).values("day", *groups)
    return days.annotate(n=Count("pk"), at=Max(when))


def _label(model: Any, state: str) -> str:
    return str(model.State(state).label)


def _settings(parameters: dict[str, Any]) -> str:
    def said(value: Any) -> str:
        return listed(value) if isinstance(value, list) else str(shown(value))

    told = (_("%(field)s : %(how)s") % {"field": SETTINGS.get(name, name), "how": said(value)}
            for name, value in sorted(parameters.items()))  # fmt: skip
    return "; ".join(told) or _("sans réglage")
