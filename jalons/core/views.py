"""The four kinds of page. A domain view names its model, its level and its columns or fields."""

from typing import Any

from django.contrib import messages
from django.db import IntegrityError
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import NoReverseMatch, path, reverse
from django.utils.translation import gettext as _
from django.views import generic

from jalons.core.actions import recorded
from jalons.core.cells import cell, head
from jalons.core.documents import documents_of
from jalons.core.errors import Refused, violated
from jalons.core.levels import Level
from jalons.core.readonly import readonly


class Page:
    """Rows come from for_user(): what a user may not see is not found (404). A GET never writes."""

    kind = ""
    level = Level.VIEW
    app = None  # whose column of the role matrix applies; the model's own by default
    title = ""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        with readonly(request.method in ("GET", "HEAD", "OPTIONS")):
            response = super().dispatch(request, *args, **kwargs)
            return response.render() if hasattr(response, "render") else response

    def get_queryset(self):
        return self.model.objects.for_user(self.request.user, self.level, app=self.app)

    def get_template_names(self):
        """The app's own template if it exists, else the shared one; only its #rows for htmx."""
        app, name = self.app or self.model._meta.app_label, self.model._meta.model_name
        names = [f"{app}/{name}_{self.kind}.html", f"core/{self.kind}.html"]
        return [f"{n}#rows" for n in names] if self.kind == "list" and self.request.htmx else names

    def get_context_data(self, **extra):
        return super().get_context_data(title=self.title or self._default_title(), page=self, **extra)

    def _default_title(self):
        return self.model._meta.verbose_name.capitalize()

    def url_of(self, verb, *args):
        """URL of another page of the same noun, or None when the domain has none."""
        try:
            return reverse(f"{self.model._meta.app_label}:{self.model._meta.model_name}-{verb}", args=args)
        except NoReverseMatch:
            return None

    def may(self, level):
        return bool(self.request.user.grants(self.app or self.model._meta.app_label, level))


class DetailPage(Page, generic.DetailView):
    """fields: what is shown; actions: verbs whose page exists, offered to those who may."""

    kind = "detail"
    fields: tuple = ()
    actions: tuple = ()  # (verb, label) pairs

    def get_context_data(self, **extra):
        documents = documents_of(self.object)
        return super().get_context_data(
            facts=[(head(self.model, name), cell(self.object, name)) for name in self.fields],
            actions=[(label, url) for verb, label in self.actions if (url := self.url_of(verb, self.object.pk))],
            documents=documents, **extra,
        )  # fmt: skip

    def _default_title(self):
        return str(self.object)


class FormPage(Page, generic.UpdateView):
    """Add or edit one row. A field that names another row only offers rows of the user's own programmes."""

    kind = "form"
    level = Level.EDIT

    def get_object(self, queryset=None):
        if "pk" in self.kwargs:
            return super().get_object(queryset)
        if not self.may(self.level):
            raise Http404
        return None

    def get_form(self, form_class=None):
        form = super().get_form(form_class)
        for field in form.fields.values():
            if hasattr(field, "queryset"):  # a model without for_user() fails here, on purpose
                level = Level.VIEW if getattr(field.queryset.model, "shared", False) else self.level
                field.queryset = field.queryset.for_user(self.request.user, level, app=self.model._meta.app_label)
        return form

    def form_valid(self, form):
        verb = "edited" if self.object else "added"
        try:
            with recorded(f"{self.model._meta.model_name}.{verb}", self.request.user) as leave:
                self.object = form.save()
                leave(self.object)
        except IntegrityError as error:
            form.add_error(None, violated(self.model, error))
            return self.form_invalid(form)
        return redirect(self.get_success_url())

    def get_success_url(self):
        return self.url_of("detail", self.object.pk) or self.url_of("list")

    def _default_title(self):
        return str(self.object) if self.object else _("Ajouter : %(noun)s") % {"noun": self.model._meta.verbose_name}


class ActionPage(Page, generic.detail.SingleObjectMixin, generic.FormView):
    """One button, one action. A refused rule comes back as a form error."""

    kind = "action"
    action = None
    form_class = Form
    done = ""

    @property
    def level(self):
        return type(self).action.needs

    def dispatch(self, request, *args, **kwargs):
        self.object = self.get_object()
        return super().dispatch(request, *args, **kwargs)

    def arguments(self, form):
        """What the action receives beside `by`: the row under its model's name, and the answers."""
        return {self.model._meta.model_name: self.object, **form.cleaned_data}

    def form_valid(self, form):
        try:
            target = type(self).action(by=self.request.user, **self.arguments(form))
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal_text(refusal))
            return self.form_invalid(form)
        messages.success(self.request, self.done)
        return redirect(self.get_success_url(target))

    def get_success_url(self, target):
        return self.url_of("detail", self.object.pk) or self.url_of("list")


def refusal_text(refusal: Refused) -> str:
    """The sentence of a refusal in the reader's language."""
    return _(refusal.message) % refusal.values if refusal.values else _(refusal.message)


def pages(noun: str, **views: Any) -> list:
    """URLs of one noun, always in the same shape: list, add, detail, edit, then its actions."""
    routes = {"list": "", "add": "add/", "detail": "<int:pk>/"}
    return [
        path(f"{noun}s/" + routes.get(verb, f"<int:pk>/{verb.replace('_', '-')}/"), view.as_view(),
             name=f"{noun}-{verb.replace('_', '-')}")
        for verb, view in views.items()
    ]  # fmt: skip
