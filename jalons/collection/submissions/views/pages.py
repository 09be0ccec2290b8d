"""Pages of submissions: the list and its reviews, one submission with its versions, what was received."""

from django.contrib import messages
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.http import content_disposition_header
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from jalons.collection.forms.models import Form
from jalons.collection.submissions import actions
from jalons.collection.submissions.attachments import of_version
from jalons.collection.submissions.differences import elsewhere, files_of
from jalons.collection.submissions.forms import FlagFilter, RejectForm
from jalons.collection.submissions.models import Device, Flag, Submission, SubmissionVersion
from jalons.collection.submissions.named import by_name, unsearched
from jalons.collection.submissions.queries import names
from jalons.collection.submissions.reading import XML_TYPE
from jalons.collection.submissions.rules.naming import short_identifier
from jalons.collection.submissions.rules.review import TRANSITIONS, Stand, sorted_out
from jalons.collection.submissions.views import display
from jalons.core.cells import listed
from jalons.core.errors import Refused
from jalons.core.levels import Level
from jalons.core.list_page import ListPage
from jalons.core.refusals import refusal_text
from jalons.core.scope import sees_identities
from jalons.core.views import ActionPage, DetailPage

ASKING = (Flag.State.OPEN, Flag.State.EXPLAINED, Flag.State.CURED, Flag.State.FOLLOWED)  # told beside the answers
MANY = 5_000  # submissions reviewed in one go from the list
TOLD = 10  # of those left aside, named in the message


class SubmissionList(ListPage):
    model = Submission
    columns = (
        "form", "collected_on", "territory", "collector", "state",
        "region", "flag_count", "created_at", "instance_id",
    )  # fmt: skip
    filters = ("form", "state", "region", "collected_on")
    indexed = {"collected_on": "collected_on", "created_at": "pk"}  # they are numbered as they arrive

    def get_queryset(self):
        if not (identified := sees_identities(self.request.user, "submissions")):
            self.columns = tuple(column for column in self.columns if column != "collector")
        rows = super().get_queryset().only(*self.columns, "author", "form__title", "territory__name", "region__name")
        flags = FlagFilter(self.request.GET)
        flags.is_valid()
        self.filter_form.fields |= flags.fields
        if (batch := self.request.GET.get("batch", "")).isdecimal():
            rows = rows.filter(batch=batch)
        rows = flagged(rows, flags.cleaned_data.get("flag"))
        return searched(rows, self.query, self.request.user, by_collector=identified) if self.query else rows

    def get_context_data(self, **extra):
        shown = super().get_context_data(**extra)
        decides = self.may(Level.DECIDE)
        open_to = self.reviewable([row["object"] for row in shown["rows"]]) if decides else set()
        named = names([row["object"].pk for row in shown["rows"]], self.request.user)
        for row in shown["rows"]:
            row["name"] = named.get(row["object"].pk, "")
            row["may_choose"] = row["object"].pk in open_to
        here = self.request.GET.urlencode()
        shown["unsearched"] = listed(unsearched(self.request.user)) if self.query else ""
        shown["explorable"] = Form.objects.for_user(self.request.user, app="submissions").select_related("programme")
        return {**shown, "searchable": True, "decides": decides, "imports": self.may(Level.EDIT), "here": here}

    def reviewable(self, rows):
        """Those that this person may review: open to their decision, and not their own work."""
        others = [row.pk for row in rows if row.author_id != self.request.user.pk]
        allowed = Submission.objects.for_user(self.request.user, Level.DECIDE).filter(pk__in=others)
        return set(allowed.values_list("pk", flat=True))


def flagged(rows, wanted):
    """Rows that carry a signal: any, none, or one of a kind in the version that counts."""
    if wanted in ("any", "none"):
        return rows.filter(flag_count__gt=0) if wanted == "any" else rows.filter(flag_count=0)
    if not wanted:
        return rows
    own = Flag.objects.filter(
        submission=OuterRef("pk"), check_code=wanted, version=OuterRef("version"), state=Flag.State.OPEN
    )
    return rows.filter(Exists(own))


def searched(rows, query, user, *, by_collector):
    """Rows whose identifier or collector begins with the query, or that its words name: an index answers each."""
    bare = query.lower().removeprefix("uuid:")
    starts = Q(instance_id__startswith=query) | Q(instance_id__startswith=f"uuid:{bare}")
    if named := by_name(query, user):
        starts |= Q(pk__in=named)
    return rows.filter(starts | Q(collector__startswith=query) if by_collector else starts)


@require_POST
def review(request: HttpRequest) -> HttpResponse:
    """Accept or refuse several submissions: those ticked, or all those that the list shows and one may review."""
    state = request.POST.get("state", "")
    if not request.user.may("submissions", Level.DECIDE) or state not in ("validated", "rejected"):
        raise Http404
    rows = _chosen(request, state)
    try:
        count, refused = _review(request, rows, state)
    except Refused as refusal:
        messages.error(request, refusal_text(refusal))
    else:
        done = {
            "validated": ngettext("%(n)s soumission validée.", "%(n)s soumissions validées.", count),
            "rejected": ngettext("%(n)s soumission rejetée.", "%(n)s soumissions rejetées.", count),
        }
        if count:
            messages.success(request, done[state] % {"n": count})
        _tell_refused(request, refused)
    return redirect(f"{reverse('submissions:submission-list')}?{request.GET.urlencode()}")


def _chosen(request: HttpRequest, state: str):
    """Never more than what this person may decide on."""
    rows = Submission.objects.for_user(request.user, Level.DECIDE)
    if not request.POST.get("all"):
        return rows.filter(pk__in=[int(key) for key in request.POST.getlist("chosen") if key.isdecimal()])
    page = SubmissionList()
    page.setup(request)
    movable = [before for before, after in TRANSITIONS.items() if state in after]
    return rows.filter(pk__in=page.get_queryset().values("pk"), state__in=movable).exclude(author=request.user)


def _tell_refused(request: HttpRequest, refused: list[tuple[int, str]]) -> None:
    """Which were left as they are, and why."""
    names = dict(Submission.objects.filter(pk__in=[pk for pk, _why in refused]).values_list("pk", "instance_id"))
    for why in dict.fromkeys(why for _pk, why in refused):
        keys = [pk for pk, same in refused if same == why]
        told = listed(short_identifier(names[pk]) for pk in keys[:TOLD]) + ("…" if len(keys) > TOLD else "")
        said = ngettext("%(n)s laissée de côté (%(names)s). %(why)s", "%(n)s laissées de côté (%(names)s). %(why)s",
                        len(keys))  # fmt: skip
        messages.warning(request, said % {"n": len(keys), "names": told, "why": gettext(why)})


def _review(request: HttpRequest, rows, state: str) -> tuple[int, list[tuple[int, str]]]:
    """How many were reviewed, and why each of the others was not."""
    keys = list(rows.order_by().values_list("pk", flat=True)[: MANY + 1])
    if not keys:
        raise Refused(_("Aucune soumission n’est choisie, ou vous ne pouvez revoir aucune de celles-ci."))
    if len(keys) > MANY:
        raise Refused(_("Plus de %(limit)s soumissions d’un coup : filtrez la liste."), limit=MANY)
    stands = Submission.objects.filter(pk__in=keys).values_list("pk", "state", "author")
    keys, refused = sorted_out([(pk, Stand(now, author)) for pk, now, author in stands], state, request.user.pk)
    chosen = Submission.objects.filter(pk__in=keys)
    with transaction.atomic():
        for form in Form.objects.filter(submissions__in=keys).distinct():
            why = gettext("%(n)s soumissions") % {"n": chosen.filter(form=form).count()}
            given = {"form": form, "submissions": chosen.filter(form=form), "by": request.user, "why": why}
            if state == "validated":
                actions.validate_all(**given)
            else:
                actions.reject_all(**given, reason=request.POST.get("reason", ""))
    return len(keys), refused


class SubmissionDetail(DetailPage):
    model = Submission
    fields = ("form", "collected_on", "territory", "region", "collector", "author", "batch", "created_at")
    actions = (("validate", _("Valider")), ("reject", _("Rejeter")))

    def get_queryset(self):
        return super().get_queryset().select_related(
            "form", "territory", "region", "author", "batch", "reviewed_by", "form__programme"
        )  # fmt: skip

    def get_context_data(self, **extra):
        versions = list(
            self.object.versions.select_related("form_version", "by", "rejected_by")
            .defer("content")
            .order_by("-number")
        )
        asked = self.request.GET.get("version")
        shown = next((v for v in versions if str(v.number) == asked), None) or next(
            (v for v in versions if v.number == self.object.version), None
        )
        flags = list(self.object.flags.filter(version=shown.number, state__in=ASKING)) if shown else []
        open_to = bool(self._open(Level.EDIT))
        identified = self.object.is_open_to(self.request.user, app="identities")
        if not identified:
            self.fields = tuple(field for field in self.fields if field != "collector")
        files = of_version(self.object, shown.instance_id) if shown else {}
        told = display.Telling(shown, flags, masked=not identified, files=files).context() if shown else {}
        return super().get_context_data(
            versions=versions, shown=shown, may_keep=open_to and identified, lead=self.object.instance_id,
            attachments=files_of(self.object), elsewhere=elsewhere(self.object, self.request.user),
            may_correct=open_to and identified and self.object.form.state == Form.State.PUBLISHED,
            came_by=Device.objects.filter(arrivals__submission=self.object).order_by("arrivals__pk").first(),
            **told, **extra,
        )  # fmt: skip

    def _default_title(self):
        day = self.object.collected_on
        return " · ".join([str(self.object.form), *([date_format(day, "SHORT_DATE_FORMAT")] if day else [])])

    def offered(self, verb):
        """A review that the state or the four eyes forbid is not offered."""
        states = {"validate": "validated", "reject": "rejected"}
        if verb in states and (
            states[verb] not in TRANSITIONS[self.object.state] or self.object.author_id == self.request.user.pk
        ):
            return None
        return super().offered(verb)


class SubmissionValidate(ActionPage):
    model = Submission
    action = actions.validate
    title = _("Valider la soumission")
    submit = _("Valider")
    done = _("Soumission validée : elle compte dans les indicateurs.")


class SubmissionReject(ActionPage):
    model = Submission
    action = actions.reject
    form_class = RejectForm
    title = _("Rejeter la soumission")
    submit = _("Rejeter")

    @property
    def done(self):
        if self.object.state == Submission.State.VALIDATED:
            return _("Correction rejetée : la version d’avant compte toujours.")
        return _("Soumission rejetée : elle ne compte pas.")


@require_safe
def received(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """A version byte for byte as received, for those who may change submissions."""
    open_to = SubmissionVersion.objects.for_user(request.user, Level.EDIT)
    version = get_object_or_404(open_to.select_related("submission"), submission=pk, number=number)
    if not version.is_open_to(request.user, app="identities"):
        raise Http404
    ending = "xml" if version.media_type == XML_TYPE else "json"
    return attachment(bytes(version.content), f"soumission-{pk}-v{number}.{ending}")


def attachment(content: bytes, name: str) -> HttpResponse:
    """A file to keep, never to open in the page."""
    headers = {"Content-Disposition": content_disposition_header(True, name), "X-Content-Type-Options": "nosniff"}
    return HttpResponse(content, content_type="application/octet-stream", headers=headers)
