"""The four kinds of page. A domain view names its model, its level and its columns or fields."""

from functools import cached_property
from typing import Any

from django import forms
from django.contrib import messages
from django.db import IntegrityError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import generic

from jalons.core.actions import recorded
from jalons.core.cells import cell, head
from jalons.core.documents import documents_of
from jalons.core.errors import Refused
from jalons.core.fields import typed_day
from jalons.core.levels import Level
from jalons.core.links import level_of, page_of, url_or_none
from jalons.core.readonly import readonly
from jalons.core.refusals import refusal_text, violated
from jalons.core.scope import check_one_programme, has_history_open
from jalons.core.sections import section


class Page:
    """Rows come from for_user(): what a user may not see is not found (404). A GET never writes."""

    kind = ""
    level = Level.VIEW
    app = None  # whose column of the role matrix applies; the model's own by default
    parent = ""  # foreign key to the row whose page is the way back, when the noun has no list
    title = submit = ""
    danger = False

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not self.may(self.level):
            raise Http404
        with readonly(request.method in ("GET", "HEAD", "OPTIONS")):
            response = super().dispatch(request, *args, **kwargs)
            return response.render() if hasattr(response, "render") else response

    def get_queryset(self) -> QuerySet:
        return self.model.objects.for_user(self.request.user, self.level, app=self.app)

    def get_template_names(self) -> list[str]:
        """The app's own template if it exists, else the shared one; only its #rows for htmx."""
        app, name = self.app or self.model._meta.app_label, self.model._meta.model_name
        names = [f"{app}/{name}_{self.kind}.html", f"core/{self.kind}.html"]
        return [f"{n}#rows" for n in names] if self.kind == "list" and self.request.htmx else names

    def get_context_data(self, **extra: Any) -> dict[str, Any]:
        return super().get_context_data(**{"title": self.title or self._default_title(), "page": self, **extra})

    def _default_title(self) -> str:
        return self.model._meta.verbose_name.capitalize()

    def url_of(self, verb: str, *args: Any) -> str | None:
        """URL of another page of the same noun, or None when the domain has none."""
        return url_or_none(f"{self.model._meta.app_label}:{self.model._meta.model_name}-{verb}", *args)

    def opens(self, url: str | None) -> bool:
        """Whether the page at this URL asks no more than this person's level, on the whole."""
        return bool(url) and self.may(level_of(url))

    def crumbs(self) -> list[tuple[str, str | None]]:
        """The way back: the list or the parent, then the row."""
        row = getattr(self, "object", None)
        steps = [(self.model._meta.verbose_name_plural.capitalize(), self.url_of("list"))]
        if above := self.above():
            steps = [(str(above), page_of(above))]
        return steps + ([(str(row), self.url_of("detail", row.pk))] if row and self.kind != "detail" else [])

    def back_url(self, *, leaving: bool = False) -> str | None:
        """The page of the row, else its parent's, else the list; never the row's own when it is gone."""
        row = getattr(self, "object", None)
        own = self.url_of("detail", row.pk) if row and not leaving else None
        above = None if own else self.above()
        return own or (page_of(above) if above else None) or self.url_of("list")

    def above(self) -> Any:
        """The row that this one belongs to, or that the link to an add page names."""
        row, named = getattr(self, "object", None), self.request.GET.get(self.parent, "")
        if row or not named.isdecimal():
            return getattr(row, self.parent) if row and self.parent else None
        rows = self.model._meta.get_field(self.parent).related_model.objects.for_user(self.request.user)
        return rows.filter(pk=named).first()

    def may(self, level: int) -> bool:
        if getattr(self.model, "shared", False) and level <= Level.VIEW:
            return True
        return self.request.user.may(self.app or self.model._meta.app_label, level)


class DetailPage(Page, generic.DetailView):
    """fields: what is shown; actions: (verb, label) of pages, offered to those who may; attach: takes documents.

    sections: (related name, columns) of rows that belong to this one.
    """

    kind = "detail"
    fields: tuple = ()
    actions: tuple = ()
    sections: tuple = ()
    attach = False

    def get_context_data(self, **extra: Any) -> dict[str, Any]:
        user, row = self.request.user, [self.model._meta.label_lower, self.object.pk]
        return super().get_context_data(**{
            "crumbs": self.crumbs(),
            "facts": [(head(self.model, n), told) for n in self.fields if (told := cell(self.object, n)).value],
            "actions": [(label, url) for verb, label in self.actions if (url := self.offered(verb))],
            "edit_url": self.offered("edit"),
            "sections": [section(self.object, *part, user) for part in self.sections],
            "documents": documents_of(self.object),
            "attach_url": self.attach and self._open(Level.EDIT) and reverse("core:document-add", args=row),
            "history_url": has_history_open(self.object, user) and reverse("core:history", args=row),
            **extra,
        })  # fmt: skip

    def offered(self, verb: str) -> str | None:
        """URL of another page on this row, if it exists and this person may open it."""
        url = self.url_of(verb, self.object.pk)
        return url if url and self._open(level_of(url)) else None

    @cached_property
    def _levels(self) -> dict[int, bool]:
        user, levels = self.request.user, (Level.EDIT, Level.DECIDE)
        return {level: self.object.is_open_to(user, level, app=self.app) for level in levels}

    def _open(self, level: int) -> bool:
        return level <= Level.VIEW or self._levels[level]

    def _default_title(self) -> str:
        return str(self.object)


class Writes(Page):
    """What forms and actions share: fields that offer only one's own rows, refusals shown beside the form."""

    done = ""  # what is said once it is done

    def get_object(self, queryset: Any = None) -> Any:
        """The row that the address names; None on a page that names none."""
        return super().get_object(queryset) if "pk" in self.kwargs else None

    def get_initial(self) -> dict[str, Any]:
        """The programme last put in sight, or what a link proposes: /add/?programme=3."""
        sight = {"programme": self.request.session.get("programme")} if not self.object else {}
        return {**sight, **self.request.GET.dict(), **super().get_initial()}

    def get_form(self, form_class: Any = None) -> Any:
        form = super().get_form(form_class)
        for field in form.fields.values():
            if hasattr(field, "queryset"):  # a model without for_user() fails here, on purpose
                level = Level.VIEW if getattr(field.queryset.model, "shared", False) else self.level
                app = self.app or self.model._meta.app_label
                field.queryset = field.queryset.for_user(self.request.user, level, app=app)
            if isinstance(field, forms.DateField):
                typed_day(field)
        return form

    def form_valid(self, form: forms.Form) -> HttpResponse:
        try:
            kept = self.save(form)
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal_text(refusal))
        except IntegrityError as error:
            form.add_error(None, violated(error))
        if form.errors:
            return self.form_invalid(form)
        if self.done:
            messages.success(self.request, self.done)
        return redirect(self.get_success_url(kept))

    def get_context_data(self, **extra: Any) -> dict[str, Any]:
        return super().get_context_data(**{
            "crumbs": self.crumbs(), "cancel_url": self.back_url(), "submit": self.submit, "danger": self.danger,
            "lead": str(self.object) if self.title and self.object else "", **extra,
        })  # fmt: skip


class FormPage(Writes, generic.UpdateView):
    """Add or edit one row. A field that names another row only offers rows of the user's own programmes."""

    kind = "form"
    level = Level.EDIT
    done = gettext_lazy("C’est enregistré.")

    def get_form(self, form_class: Any = None) -> Any:
        form = super().get_form(form_class)
        if self.object and hasattr(self.model, "pgh_event_model"):
            form.fields["why"] = forms.CharField(required=False, label=_("motif de la modification"), max_length=500)
        return form

    def form_invalid(self, form: Any) -> HttpResponse:
        self.object = self.get_object()  # the form wrote on the other one what it refused
        return super().form_invalid(form)

    def get_success_url(self, row: Any) -> str:
        self.object = row
        return self.back_url()

    def save(self, form: Any) -> Any:
        """Keep the row, unless it would leave what is open to this person or mix two programmes."""
        name = f"{self.model._meta.model_name}.{'added' if form.instance._state.adding else 'edited'}"
        with recorded(name, self.request.user, form.cleaned_data.get("why", "")) as leave:
            row = form.save()
            check_one_programme(row, form.cleaned_data.values())
            if not row.is_open_to(self.request.user, self.level, app=self.app):
                raise Refused(
                    _("Cette ligne sortirait de ce qui vous est ouvert : gardez votre programme, votre région.")
                )
            leave(row)
        return row

    def _default_title(self) -> str:
        return str(self.object) if self.object else _("Ajouter : %(noun)s") % {"noun": self.model._meta.verbose_name}


class ActionPage(Writes, generic.detail.SingleObjectMixin, generic.FormView):
    """One button, one action. A refused rule comes back as a form error."""

    kind = "action"
    action = None
    form_class = forms.Form

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if cls.action:
            cls.level = cls.action.needs

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.object = self.get_object()
        return super().dispatch(request, *args, **kwargs)

    def arguments(self, form: Any) -> dict[str, Any]:
        """What the action receives beside `by`: the row under its model's name, and the answers."""
        row = {self.model._meta.model_name: self.object} if self.object else {}
        return {**row, **form.cleaned_data}

    def save(self, form: Any) -> Any:
        return type(self).action(by=self.request.user, **self.arguments(form))

    def get_success_url(self, target: Any) -> str:
        return self.back_url()
