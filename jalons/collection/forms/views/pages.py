"""Pages of forms: the list, one form, what it declares, and two of its versions side by side."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from jalons.collection.forms import actions, queries
from jalons.collection.forms.forms import ROLES, DeclareForm, MarkForm
from jalons.collection.forms.models import Form, FormVersion
from jalons.collection.forms.rules.media import OWN, files_named
from jalons.collection.forms.views import display
from jalons.core.documents import documents_of
from jalons.core.levels import Level
from jalons.core.list_page import ListPage
from jalons.core.views import ActionPage, DetailPage

# state -> pages that make no sense in it
IDLE = {"draft": {"retire"}, "published": {"publish"}, "retired": {"retire"}}


class FormList(ListPage):
    model = Form
    columns = ("title", "code", "state", "programme", "updated_at")
    filters = ("programme", "state")
    search = ("title", "code")
    ordering = "code"


class FormDetail(DetailPage):
    model = Form
    attach = True
    actions = (
        ("declare", gettext_lazy("Intitulé et questions")),
        ("mark", gettext_lazy("Données personnelles")),
        ("publish", gettext_lazy("Ouvrir à la collecte")),
        ("retire", gettext_lazy("Clore la collecte")),
    )

    def get_context_data(self, **extra):
        versions = list(self.object.versions.order_by("-number"))
        shown = next((v for v in versions if str(v.number) == self.request.GET.get("version")), versions[0])
        questions = list(shown.questions.all())
        return super().get_context_data(
            versions=versions, shown=shown, crumbs=crumbs(), may_edit=self.offered("declare"),
            may_see_submissions=self.object.is_open_to(self.request.user, app="submissions"),
            roles=display.roles(self.object, questions), languages=display.languages(shown.languages),
            unmarked=sum(q.marked_at is None and q.kind != "note" for q in questions), mark_url=self.offered("mark"),
            counts=display.counts(questions), tables=display.tables(shown, questions),
            wanting=sorted(files_named(shown.xform) - OWN - {kept.name for kept in documents_of(self.object)}),
            **display.remarks(shown.warnings), **extra,
        )  # fmt: skip

    def offered(self, verb):
        return None if verb in IDLE[self.object.state] else super().offered(verb)


class FormPublish(ActionPage):
    model = Form
    context_object_name = "row"  # "form" is the one to fill
    action = actions.publish
    title = gettext_lazy("Ouvrir à la collecte")
    done = gettext_lazy("Le formulaire est ouvert à la collecte.")

    def get_template_names(self):
        return ["forms/form_publish.html"]

    def get_context_data(self, **extra):
        kept = queries.latest_version(self.object).warnings
        return super().get_context_data(**display.remarks(kept), **extra)


class FormRetire(ActionPage):
    model = Form
    context_object_name = "row"  # "form" is the one to fill
    action = actions.retire
    title = gettext_lazy("Clore la collecte")
    done = gettext_lazy("La collecte est close ; ce qui a été reçu reste.")


class FormDeclare(ActionPage):
    model = Form
    context_object_name = "row"  # "form" is the one to fill
    action = actions.declare
    form_class = DeclareForm
    title = gettext_lazy("Intitulé et questions déclarées")
    done = gettext_lazy("Déclaration enregistrée.")

    def get_success_url(self, target):
        """What was received before is to be read again: the next page says so, when there is any."""
        is_new = target.declared_at != self.declared_before
        again = is_new and target.is_open_to(self.request.user, Level.EDIT, app="submissions")
        return reverse("submissions:form-reread", args=[target.pk]) if again else self.back_url()

    def get_form_kwargs(self):
        version = queries.latest_version(self.object)
        proposed = None if self.object.declared_at else queries.proposals(version)
        initial = {role: getattr(self.object, f"{role}_question") or getattr(proposed, role, "") for role in ROLES}
        questions = list(version.questions.all())
        initial["title"] = self.object.title
        return {**super().get_form_kwargs(), "questions": questions, "initial": initial}

    def arguments(self, form):
        answers = dict(form.cleaned_data)
        self.declared_before = self.object.declared_at
        return {
            "form": self.object,
            "title": answers.pop("title"),
            "roles": answers,
        }


class FormMark(ActionPage):
    """Every name that any version asks, those of the latest first; a name asked twice is marked once."""

    model = Form
    context_object_name = "row"  # "form" is the one to fill
    action = actions.mark
    form_class = MarkForm
    title = gettext_lazy("Données personnelles")
    done = gettext_lazy("Marques enregistrées : listes, pages et exports les suivent dès maintenant.")

    def get_template_names(self):
        return ["forms/form_mark.html"]

    def get_form_kwargs(self):
        self.questions = queries.to_mark(self.object)
        return {**super().get_form_kwargs(), "questions": self.questions}

    def arguments(self, form):
        return {"form": self.object, "marks": form.cleaned_data}

    def get_context_data(self, **extra):
        why = queries.proposals(queries.latest_version(self.object)).personal
        shown = super().get_context_data(**extra)
        lines = [{"question": q, "kind": display.KINDS.get(q.kind, q.kind), "field": shown["form"][q.name],
                  "why": _(why[q.name].reason) if q.name in why else ""} for q in self.questions]  # fmt: skip
        return {**shown, "lines": lines}


def crumbs(*more: tuple[str, str]) -> list[tuple[str, str]]:
    """The way back to the list of forms, and what comes after it."""
    return [(_("Données"), ""), (_("Formulaires"), reverse("forms:form-list")), *more]


@require_safe
def compare(request: HttpRequest, pk: int) -> HttpResponse:
    """Two versions of a form, and what their differences do to figures."""
    form = get_object_or_404(Form.objects.for_user(request.user), pk=pk)
    versions = {str(version.number): version for version in form.versions.order_by("number")}
    old, new = versions.get(request.GET.get("old", "")), versions.get(request.GET.get("new", ""))
    if old is None or new is None:
        raise Http404
    changes = queries.changes(old, new)
    context = {
        "object": form, "old": old, "new": new, "versions": list(versions.values()),
        "changes": [display.change(change) for change in changes], "weights": display.weights(changes),
        "may_see_indicators": request.user.may("results"),
        "title": _("Deux versions comparées"), "crumbs": crumbs((str(form), reverse("forms:form-detail", args=[pk]))),
    }  # fmt: skip
    return render(request, "forms/form_compare.html", context)


@require_safe
def download(request: HttpRequest, pk: int) -> HttpResponse:
    """The workbook of a version, byte for byte as received."""
    version = get_object_or_404(FormVersion.objects.for_user(request.user), pk=pk)
    return attachment(queries.file_of(version), version.file_name)


def attachment(data: bytes, name: str) -> HttpResponse:
    """A file to keep, never to open in the page."""
    headers = {"Content-Disposition": content_disposition_header(True, name), "X-Content-Type-Options": "nosniff"}
    return HttpResponse(data, content_type="application/octet-stream", headers=headers)
