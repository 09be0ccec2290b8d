"""What draws attention: the list, what becomes of it, and the part of a submission's page that tells it."""

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import F, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from jalons.collection.forms.models import Form
from jalons.collection.quality import actions, queries
from jalons.collection.quality.forms import SeverityFilter
from jalons.collection.quality.models import Check
from jalons.collection.quality.rules.cleaning_log import COLUMNS
from jalons.collection.quality.views.corrections import veil
from jalons.collection.submissions.models import Flag, Submission
from jalons.collection.submissions.queries import identified
from jalons.collection.submissions.rules.naming import short_identifier
from jalons.core.errors import Refused
from jalons.core.levels import Level
from jalons.core.list_page import ListPage
from jalons.core.lists import Order
from jalons.core.refusals import refusal_text

TWINS = (Flag.Check.TWIN, Flag.Check.NEAR)
MANY = 5_000  # flags answered in one go
VERBS = {"explained": actions.explain, "dismissed": actions.dismiss, "open": actions.reopen}


class FlagList(ListPage):
    model = Flag
    app = "quality"
    columns = ("check_code", "state", "created_at", "handled_by", "reason")
    filters = ("check_code", "state", "submission__form", "submission__region")
    search = ("submission__instance_id", "question")
    indexed = {"created_at": "pk"}
    empty_text = gettext_lazy("Rien n’attire l’attention. Choisissez les contrôles de chaque formulaire.")

    def get_queryset(self) -> QuerySet[Flag]:
        rows = super().get_queryset().exclude(submission__state="withdrawn")
        if self.request.GET.get("state", "") in ("", Flag.State.OPEN):
            rows = rows.filter(state=Flag.State.OPEN, version=F("submission__version"))
        if (form := self.request.GET.get("form", "")).isdecimal():
            rows = rows.filter(submission__form=form)
        if (check := self.request.GET.get("check", "")).isdecimal():
            rows = rows.filter(finding__quality_check=check)
        grave = SeverityFilter(self.request.GET)
        grave.is_valid()
        self.filter_form.fields |= grave.fields
        if severity := grave.cleaned_data.get("severity"):
            rows = rows.filter(finding__quality_check__severity=severity)
        return rows.select_related("submission__form", "finding__quality_check")

    def get_template_names(self) -> list[str]:
        return ["quality/flag_list.html#rows" if self.request.htmx else "quality/flag_list.html"]

    def get_context_data(self, **extra: Any) -> dict[str, Any]:
        shown = super().get_context_data(**extra)
        told = tell([row["object"] for row in shown["rows"]], self.request.user)
        for row in shown["rows"]:
            row |= told[row["object"].pk]
        levels = {"explains": self.may(Level.EDIT), "decides": self.may(Level.DECIDE)}
        return {**shown, **levels, "here": self.request.GET.urlencode(), "area": "flags", "title": _("Qualité")}

    def heads(self) -> list[str]:
        """A cleaning log to fill in: it comes in again as corrections."""
        return [*COLUMNS, "check", "state"]

    def exported(self, rows: Any, order: Order) -> Iterator[list]:
        handful: list[Flag] = []
        for flag in order.applied(rows).iterator(chunk_size=2000):
            handful.append(flag)
            if len(handful) == 2000:
                yield from _lines(handful, self.request.user)
                handful = []
        yield from _lines(handful, self.request.user)

    def row_url(self, row: Flag) -> str:
        return f"{reverse('submissions:submission-detail', args=[row.submission_id])}#qualite"


def tell(flags: list[Flag], user: Any) -> dict[int, dict[str, Any]]:
    """What each flag says to this person: check, question, answer and why, answers hidden from who may not read them.

    An answer that identifies a person, and a sentence that may quote it, are for those who see identities; the twin of
    a submission is named to who may see it.
    """
    twins = {flag.value for flag in flags if flag.check_code in TWINS}
    open_to = Submission.objects.for_user(user).filter(instance_id__in=twins)
    seen = {(form, name): pk for form, name, pk in open_to.values_list("form", "instance_id", "pk")}
    readable = identified({flag.submission_id for flag in flags}, user)
    forms = {flag.submission.form_id: flag.submission.form for flag in flags}
    personal, labels = queries.personal(forms), {pk: queries.labels(form) for pk, form in forms.items()}
    found = {}
    for flag in flags:
        form, finding = flag.submission.form_id, getattr(flag, "finding", None)
        name = flag.question.rpartition("/")[2]
        hidden = flag.submission_id not in readable and (not name or (form, name) in personal)
        twin = seen.get((form, flag.value)) if flag.check_code in TWINS else None
        hidden = hidden or (flag.check_code in TWINS and twin is None)
        found[flag.pk] = {
            "flag": flag,
            "check": str(finding.quality_check) if finding else flag.get_check_code_display(),
            "severity": finding.quality_check.severity if finding else Check.Severity.WARNING,
            "question": labels[form].get(flag.question, labels[form].get(name, flag.question)),
            "place": " · ".join(str(row + 1) for row in flag.rows),
            "value": "" if hidden else flag.value,
            "why": "" if hidden or not finding else finding.says,
            "hidden": hidden,
            "twin": twin and (reverse("submissions:submission-detail", args=[twin]), short_identifier(flag.value)),
        }
    return found


def _lines(flags: list[Flag], user: Any) -> Iterator[list]:
    for told in tell(flags, user).values():
        flag, value = told["flag"], _("masqué") if told["hidden"] else told["value"]
        index = ".".join(str(row + 1) for row in flag.rows)
        why = told["why"] or told["check"]
        yield [flag.submission.instance_id, flag.question, value, "", "", why, "", index, told["check"],
               flag.get_state_display()]  # fmt: skip


@require_POST
def answer(request: HttpRequest) -> HttpResponse:
    """Explain, set aside or open again several flags: those ticked, or all those that the list shows."""
    state = request.POST.get("state", "")
    if state not in VERBS or not request.user.may("quality", VERBS[state].needs):
        raise Http404
    try:
        count = _answer(request, _chosen(request, VERBS[state].needs), state)
    except Refused as refusal:
        messages.error(request, refusal_text(refusal))
    else:
        said = ngettext("%(n)s signalement traité.", "%(n)s signalements traités.", count)
        messages.success(request, said % {"n": count})
    back = request.POST.get("submission", "")
    if back.isdecimal():
        return redirect("submissions:submission-detail", pk=int(back))
    return redirect(f"{reverse('quality:flag-list')}?{request.GET.urlencode()}")


def _chosen(request: HttpRequest, level: Level) -> QuerySet[Flag]:
    rows = queries.flags(request.user, level)
    if not request.POST.get("all"):
        return rows.filter(pk__in=[int(key) for key in request.POST.getlist("chosen") if key.isdecimal()])
    page = FlagList()
    page.setup(request)
    return rows.filter(pk__in=page.get_queryset().values("pk"))


def _answer(request: HttpRequest, rows: QuerySet[Flag], state: str) -> int:
    keys = list(rows.order_by().values_list("pk", flat=True)[: MANY + 1])
    if len(keys) > MANY:
        raise Refused(_("Plus de %(limit)s signalements d’un coup : filtrez la liste."), limit=MANY)
    chosen = Flag.objects.filter(pk__in=keys)
    if not keys:
        raise Refused(_("Aucun signalement n’est choisi, ou vous ne pouvez traiter aucun de ceux-ci."))
    with transaction.atomic():
        for form in Form.objects.filter(submissions__flags__in=keys).distinct():
            own = chosen.filter(submission__form=form)
            VERBS[state](form=form, flags=own, reason=request.POST.get("reason", ""), by=request.user)
    return len(keys)


def stands(flag: Flag, submission: Submission) -> bool:
    """Whether a flag speaks of what the submission says now, found by a check that is still applied."""
    return flag.version == submission.version and flag.state != Flag.State.LIFTED


@require_safe
def of_submission(request: HttpRequest, pk: int) -> HttpResponse:
    """What draws attention in a submission, what became of it, what was corrected. A part of its page."""
    held = get_object_or_404(Submission.objects.for_user(request.user, app="quality"), pk=pk)
    rows = Flag.objects.filter(submission=held).select_related(
        "submission__form", "finding__quality_check", "handled_by"
    )
    told = tell(list(rows.order_by("-version", "pk")), request.user)
    now = [one for one in told.values() if stands(one["flag"], held)]
    levels = {name: held.is_open_to(request.user, level, app="quality")
              for name, level in (("explains", Level.EDIT), ("decides", Level.DECIDE))}  # fmt: skip
    corrections = list(held.corrections.select_related("by", "submission"))
    veil(corrections, request.user)
    context = {
        "object": held, "corrections": corrections, "now": now, **levels,
        "before": [one for one in told.values() if not stands(one["flag"], held)],
    }  # fmt: skip
    return render(request, "quality/submission_flags.html", context)
