"""What a form has received, shown on its page, and the pages on which all of it is read again."""

from typing import Any

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from jalons.collection.forms.models import Form
from jalons.collection.submissions import actions
from jalons.collection.submissions.known import Scope
from jalons.collection.submissions.models import Rereading, Submission
from jalons.core.levels import Level
from jalons.core.views import ActionPage, DetailPage
from jalons.foundation.accounts.models import User

COUNTS = (
    ("read", _("soumissions relues")), ("changed", _("changées")), ("placed", _("ont changé de territoire")),
    ("dated", _("ont changé de date")), ("signed", _("ont changé de personne qui collecte ou d’auteur")),
    ("unplaced", _("sans région reconnue")), ("undated", _("sans date")),
    ("reopened", _("à revoir de nouveau : la personne qui les a revues en est l’auteur")),
)  # fmt: skip


@require_safe
def standing(request: HttpRequest, pk: int) -> HttpResponse:
    """How many submissions a form has received, state by state, and what to do next. A part of its page."""
    form = get_object_or_404(Form.objects.for_user(request.user, app="submissions"), pk=pk)
    mine = Submission.objects.for_user(request.user).filter(form=form).order_by()
    counts = dict(mine.values_list("state").annotate(Count("pk")))
    last = form.rereadings.select_related("job").first()
    url = f"{reverse('submissions:submission-list')}?form={pk}"
    context = {
        "object": form, "url": url, "rereading": last, "is_stale": is_stale(form),
        "counts": [(label, counts[state], f"{url}&state={state}", state)
                   for state, label in Submission.State.choices if state in counts],
        "may_import": form.is_open_to(request.user, Level.EDIT, app="submissions"),
        "may_reread": Scope(form, request.user).whole,
        **_may_fill(form, request.user),
    }  # fmt: skip
    return render(request, "submissions/standing.html", context)


def _may_fill(form: Form, user: User) -> dict[str, bool]:
    """Whether this person may fill a form in the browser, and open it to people without an account."""
    is_open = form.state == Form.State.PUBLISHED
    levels = {"may_fill": Level.EDIT, "may_open": Level.DECIDE}
    return {name: is_open and form.is_open_to(user, level, app="submissions") for name, level in levels.items()}


def is_stale(form: Form) -> bool:
    """Whether something was received before the form last declared its questions, and was not read again since."""
    if form.declared_at is None or form.rereadings.filter(created_at__gte=form.declared_at, state="done").exists():
        return False
    return form.submissions.filter(created_at__lt=form.declared_at).exists()


class FormReread(ActionPage):
    model = Form
    app = "submissions"
    context_object_name = "row"  # "form" is the one to fill
    action = actions.start_rereading
    title = _("Relire les soumissions")
    submit = _("Relire les soumissions")

    def get(self, request, *args, **kwargs):
        if not self.object.submissions.exists():
            return redirect("forms:form-detail", pk=self.object.pk)
        return super().get(request, *args, **kwargs)

    def get_template_names(self):
        return ["submissions/form_reread.html"]

    def get_context_data(self, **extra):
        counts = dict(self.object.submissions.order_by().values_list("state").annotate(Count("pk")))
        return super().get_context_data(
            total=sum(counts.values()), validated=counts.get("validated", 0), lead=str(self.object), **extra
        )

    def back_url(self):
        return reverse("forms:form-detail", args=[self.object.pk])

    def get_success_url(self, target):
        return reverse("submissions:rereading-detail", args=[target.pk])


class RereadingDetail(DetailPage):
    model = Rereading
    fields = ("form", "by", "created_at", "state")

    def get_context_data(self, **extra):
        return super().get_context_data(
            counts=counted(self.object), job=self.object.job, crumbs=crumbs(self.object.form), **extra
        )


def counted(rereading: Rereading) -> list[tuple[Any, int]]:
    """What a rereading found: label, number."""
    return [(label, rereading.report[name]) for name, label in COUNTS if rereading.report.get(name) is not None]


def crumbs(form: Form) -> list[tuple[str, str]]:
    """The way back to the form."""
    return [
        (str(_("Formulaires")), reverse("forms:form-list")),
        (str(form), reverse("forms:form-detail", args=[form.pk])),
    ]
