"""The register: persons and what was told of them, sources, and doubts for someone to decide."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from jalons.collection.forms.models import Form
from jalons.collection.forms.queries import latest_version
from jalons.collection.people import actions, queries
from jalons.collection.people.forms import ChooseForm, DecideForm, EraseForm, FindForm, SourceForm, SplitForm
from jalons.collection.people.models import Alias, Link, Pair, Person, Source
from jalons.collection.people.rules.sources import propose
from jalons.collection.people.rules.words import said
from jalons.collection.submissions.models import Submission
from jalons.core.cells import plain_cell
from jalons.core.errors import Refused
from jalons.core.levels import Level
from jalons.core.list_page import ListPage
from jalons.core.lists import Order
from jalons.core.refusals import refusal_text
from jalons.core.views import ActionPage, DetailPage

FOUND = 50  # persons shown of one name


class PersonList(ListPage):
    model = Person
    level = Level.EDIT
    columns = ("code", "name", "sex", "year", "state", "operator")
    filters = ("operator", "state", "sex")
    search = ("code",)  # a name never goes into an address: `find` posts it
    indexed = {"code": "code"}
    empty_text = _("Personne encore : dites quels formulaires parlent de personnes.")

    def get_context_data(self, *, slice: Any, **extra: Any) -> dict[str, Any]:
        queries.as_told(slice.rows, self.request.user)
        return super().get_context_data(slice=slice, **extra)

    def exported(self, rows: Any, order: Order) -> Iterator[list]:
        left = order.applied(rows).iterator(chunk_size=2000)
        while some := list(islice(left, 2000)):
            queries.as_told(some, self.request.user)
            yield from ([plain_cell(row, column) for column in self.columns] for row in some)


@require_http_methods(["GET", "HEAD", "POST"])
def find(request: HttpRequest) -> HttpResponse:
    """Persons by name, in any spelling and script; posted, so that no name is in an address or a log."""
    if not request.user.may("people", Level.EDIT):
        raise Http404
    form = FindForm(request.POST or None)
    shown = list(queries.found(request.user, form.cleaned_data["name"])[: FOUND + 1]) if form.is_valid() else None
    queries.as_told(shown or [], request.user)
    crumbs = [(_("Personnes"), reverse("people:person-list"))]
    context = {"title": _("Retrouver quelqu’un"), "form": form, "persons": shown and shown[:FOUND], "crumbs": crumbs,
               "more": shown and len(shown) > FOUND}  # fmt: skip
    return render(request, "people/find.html", context)


find.level = Level.EDIT


class PersonDetail(DetailPage):
    model = Person
    level = Level.EDIT

    def get_context_data(self, **extra: Any) -> dict[str, Any]:
        merged = ("merged_into",) if self.object.merged_into_id else ()
        nobody = (Person.State.ERASED, Person.State.EMPTIED)
        told = () if self.object.state in nobody else ("name", "sex", "year")
        self.fields = (*told, "state", "operator", *merged)
        queries.as_told([self.object], self.request.user)
        present = self.object.state == Person.State.PRESENT
        self.actions = (("erase", _("Effacer cette personne")),) if present else ()
        links = Link.objects.for_user(self.request.user, Level.EDIT).filter(person=self.object)
        links = links.select_related("alias__submission", "alias__source__form", "against", "by", "pair")
        now = [(link, reasons(link)) for link in links.filter(until=None).order_by("alias")]
        decides = self.request.user.may("people", Level.DECIDE)
        opens = opened(self.request.user, [link.alias for link, _why in now])
        return super().get_context_data(
            tellings=now, decides=decides, may_split=decides and len(now) > 1, past=links.exclude(until=None),
            opens=opens, **extra,
        )  # fmt: skip


def opened(user: Any, aliases: Iterable[Alias]) -> set[int]:
    """The submissions of mentions that this person may open: those of another programme are only named."""
    keys = [alias.submission_id for alias in aliases]
    return set(Submission.objects.for_user(user).filter(pk__in=keys).values_list("pk", flat=True))


def reasons(link: Link) -> list[tuple[str, str, str]]:
    """Why a telling is of this person: what agreed, in words; nothing for the first one told."""
    return [entry for entry in said(link.agreed) if entry[1] != "unknown"] if link.agreed else []


class PersonErase(ActionPage):
    model = Person
    action = actions.erase
    form_class = EraseForm
    title = submit = _("Effacer cette personne")
    danger = True
    done = _("Effacée : rien ne l’identifie plus ici. Les comptes restent.")

    def arguments(self, form: Any) -> dict[str, Any]:
        """The reason is kept with the act, and each of those it leads to."""
        given = super().arguments(form)
        return {**given, "why": given["why_erased"]}

    def get_context_data(self, **extra: Any) -> dict[str, Any]:
        queries.as_told([self.object], self.request.user)
        return super().get_context_data(waiting=queries.doubts_of(self.object, self.request.user), **extra)


class AliasSplit(ActionPage):
    model = Alias
    action = actions.split
    form_class = SplitForm
    title = submit = _("Séparer cette mention")
    done = _("Séparée : c’est une autre personne. La décision peut être défaite.")

    def back_url(self, *, leaving=False):
        link = Link.objects.filter(alias=self.object, until=None).first()
        return reverse("people:person-detail", args=[link.person_id]) if link else reverse("people:person-list")

    def crumbs(self):
        return [(str(_("Personnes")), reverse("people:person-list"))]

    def get_success_url(self, target):
        return reverse("people:pair-detail", args=[target.pk])


class PairList(ListPage):
    model = Pair
    level = Level.DECIDE
    columns = ("number", "percent", "because", "state", "decided_by", "decided_at")
    ordering = "-score"
    filters = ("operator", "state", "decided_by")
    title = _("Rapprochements à décider")
    empty_text = _("Aucun doute : chaque mention a trouvé sa personne.")


class PairDetail(DetailPage):
    model = Pair
    level = Level.DECIDE

    def get_context_data(self, **extra: Any) -> dict[str, Any]:
        pair = self.object
        decides = self.request.user.may("people", Level.DECIDE)
        self.actions = (("undo", _("Défaire la décision")),) if pair.state in Pair.DECIDED else ()
        sides = [_side(alias) for alias in (pair.one, pair.other)]
        return super().get_context_data(
            sides=sides, rows=_compared(pair, *sides), form=DecideForm(),
            opens=opened(self.request.user, (pair.one, pair.other)),
            decides=decides and pair.state in (Pair.State.OPEN, Pair.State.UNDECIDED), **extra,
        )  # fmt: skip


def _side(alias: Alias) -> dict[str, Any]:
    link = Link.objects.filter(alias=alias, until=None).select_related("person").first()
    told = {"given": alias.given, "family": alias.family, "birth": alias.born,
            "sex": {"F": _("femme"), "M": _("homme")}.get(alias.sex), "phone": alias.phone,
            "commune": alias.commune, "identifier": alias.identifier and _("connu (codé)")}  # fmt: skip
    return {"alias": alias, "person": link and link.person, "told": told}


def _compared(pair: Pair, one: dict, other: dict) -> list[tuple]:
    words = zip(one["told"], said(pair.agreed), strict=True)
    return [(label, one["told"][name], other["told"][name], tone, how) for name, (label, tone, how) in words]


class PairDecide(ActionPage):
    model = Pair
    action = actions.decide
    form_class = DecideForm
    title = _("Décider")
    done = _("Décision gardée. Elle peut être défaite.")

    def get(self, request, *args, **kwargs):
        return redirect("people:pair-detail", pk=self.object.pk)

    def get_success_url(self, target):
        """The next doubt, likeliest first; the list when none is left."""
        following = queries.waiting(self.request.user, target.operator).first()
        return reverse("people:pair-detail", args=[following.pk]) if following else reverse("people:pair-list")


class PairUndo(ActionPage):
    model = Pair
    action = actions.undo
    title = submit = _("Défaire la décision")
    done = _("Décision défaite : chaque mention est revenue où elle était.")


class SourceList(ListPage):
    model = Source
    level = Level.DECIDE
    columns = ("form", "table", "state", "organisation", "by", "updated_at")
    filters = ("form", "state")
    ordering = "form"
    empty_text = _("Aucun formulaire ne parle encore de personnes. « Ajouter » en choisit un.")


class SourceClose(ActionPage):
    model = Source
    action = actions.close_source
    title = submit = _("Ne plus lire cette source")
    done = _("Source fermée : ce qu’elle a dit reste.")


@require_http_methods(["GET", "HEAD", "POST"])
def choose(request: HttpRequest) -> HttpResponse:
    """Which form, then which of its parts, tells of persons."""
    user = request.user
    if not user.may("people", Level.DECIDE):
        raise Http404
    form = ChooseForm(request.GET if "form" in request.GET else None, user=user)
    parts = []
    if form.is_valid():
        chosen = form.cleaned_data["form"]
        version = latest_version(chosen)
        tables = dict.fromkeys(q.table for q in version.questions.all()) if version else {}
        parts = [(table, len(propose(list(version.questions.all()), table)),
                  reverse("people:source-declare", args=[chosen.pk]) + (f"?part={table}" if table else ""))
                 for table in tables]  # fmt: skip
    return render(request, "people/source_choose.html", {
        "title": _("Une source de personnes"), "form": form, "parts": parts,
        "crumbs": [(_("Sources de personnes"), reverse("people:source-list"))],
    })  # fmt: skip


choose.level = Level.DECIDE


@require_http_methods(["GET", "HEAD", "POST"])
def declare(request: HttpRequest, pk: int) -> HttpResponse:
    """Which questions of a part of a form tell of a person; proposed from their names, said by someone."""
    chosen = get_object_or_404(Form.objects.for_user(request.user, Level.DECIDE, app="people"), pk=pk)
    part, version = request.GET.get("part", ""), latest_version(chosen)
    questions = list(version.questions.filter(table=part)) if version else []
    if part and not questions:
        raise Http404
    around = list(version.questions.filter(table="")) if part else []
    source = Source.objects.filter(form=chosen, table=part).first()
    initial = {**source.roles, "organisation": source.organisation} if source else propose(questions, part)
    form = SourceForm(request.POST or None, initial=initial, questions=questions, around=around)
    if request.method == "POST" and form.is_valid():
        try:
            actions.declare_source(form=chosen, table=part, roles=form.roles, by=request.user,
                                   organisation=form.cleaned_data["organisation"])  # fmt: skip
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal_text(refusal))
        else:
            messages.success(request, _("C’est noté : les personnes entrent au registre dans la minute."))
            return redirect("people:source-list")
    context = {
        "title": _("Quelles questions parlent d’une personne ?"), "lead": f"{chosen} · {part}" if part else str(chosen),
        "form": form, "source": source, "cancel_url": reverse("people:source-list"),
        "crumbs": [(_("Sources de personnes"), reverse("people:source-list"))],
    }  # fmt: skip
    return render(request, "people/source_declare.html", context, status=422 if form.errors else 200)


declare.level = Level.DECIDE
