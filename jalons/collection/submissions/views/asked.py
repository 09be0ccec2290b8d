"""What the pages that explore a form share: the rows that the address asks for, the tabs, the filters in words."""

from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from jalons.collection.forms.models import Form
from jalons.collection.submissions.exports.about import sentence
from jalons.collection.submissions.models import Submission
from jalons.collection.submissions.rules import filters as rules
from jalons.collection.submissions.selection import STATES, Selection
from jalons.core.errors import Refused
from jalons.core.fields import translated
from jalons.core.levels import Level
from jalons.core.refusals import refusal_text

KEPT = ("f", "state", "start", "end")  # what goes from one page to another
STATE_CHOICES = [(state, label) for state, label in Submission.State.choices if state != "withdrawn"]


def opened(request: HttpRequest, pk: int) -> Selection:
    """The rows of a form that an address asks for; what cannot be read in it is left out, and said by `frame`."""
    form = get_object_or_404(Form.objects.for_user(request.user, app="submissions").select_related("programme"), pk=pk)
    states = tuple(state for state in request.GET.getlist("state") if state in dict(STATE_CHOICES)) or STATES
    chosen = Selection(form, request.user, states=states, start=_day(request, "start"), end=_day(request, "end"))
    kept, request.refused = [], []
    for text in _asked(request.GET)[: rules.MOST]:
        try:
            rules.read(text, chosen.natures)
            kept.append(text)
        except Refused as refusal:
            request.refused.append(refusal_text(refusal))
    return Selection(form, request.user, states=states, start=chosen.start, end=chosen.end, asked=tuple(kept))


def _asked(query: QueryDict) -> list[str]:
    """The filters of an address, with the one that was just composed."""
    found = query.getlist("f")
    if query.get("q") and query.get("op"):
        table, _dot, column = query["q"].rpartition(".")
        found.append(rules.written((table, column), query["op"], query.getlist("v")))
    return list(dict.fromkeys(found))


def _day(request: HttpRequest, name: str) -> date | None:
    try:
        return date.fromisoformat(request.GET.get(name, ""))
    except ValueError:
        return None


def link(chosen: Selection, page: str, **more: Any) -> str:
    """The address of a page on the same rows."""
    query = QueryDict(mutable=True)
    query.setlist("f", chosen.asked)
    if chosen.states != STATES:
        query.setlist("state", chosen.states)
    for name in ("start", "end"):
        if day := getattr(chosen, name):
            query[name] = day.isoformat()
    for name, value in more.items():
        if value not in (None, ""):
            query[name] = value
    url = reverse(f"submissions:form-{page}", args=[chosen.form.pk])
    return f"{url}?{query.urlencode()}" if query else url


def frame(request: HttpRequest, chosen: Selection, here: str, title: str) -> dict[str, Any]:
    """What every one of these pages shows around what it is for."""
    names = (("explore", _("Tableau")), ("questions", _("Questions")), ("map", _("Carte")), ("photos", _("Photos")),
             ("export", _("Exporter")))  # fmt: skip
    count, capped = chosen.count()
    return {
        "title": title, "form": chosen.form, "chosen": chosen, "here": here, "refused": request.refused,
        "tabs": [(name, label, link(chosen, name)) for name, label in names],
        "chips": [(sentence(one, chosen), _without(chosen, here, text))
                  for one, text in zip(chosen.filters, chosen.asked, strict=True)],
        "states": [(state, label, state in chosen.states) for state, label in STATE_CHOICES],
        "total": count, "total_capped": capped, "masked": not chosen.sees_identities,
        "crumbs": [(_("Formulaires"), reverse("forms:form-list")),
                   (str(chosen.form), reverse("forms:form-detail", args=[chosen.form.pk]))],
        **composing(request, chosen),
    }  # fmt: skip


def _without(chosen: Selection, here: str, text: str) -> str:
    rest = tuple(other for other in chosen.asked if other != text)
    return link(Selection(chosen.form, chosen.user, states=chosen.states, start=chosen.start, end=chosen.end,
                          asked=rest), here)  # fmt: skip


def composing(request: HttpRequest, chosen: Selection) -> dict[str, Any]:
    """A filter being composed: first its question, then what is asked of it."""
    places = [(table, f) for table, found in chosen.fields.items() for f in found]
    offered = [(place_of(table, f), f.label, table) for table, f in places]
    asked = request.GET.get("q", "") if not request.GET.get("op") else ""
    found = chosen.field(asked) if asked else None
    if found is None:
        return {"offered": offered}
    table = asked.rpartition(".")[0]
    nature = chosen.natures[table, found.question.column]
    return {
        "offered": offered, "asking": found, "asking_place": asked, "nature": nature,
        "operators": [(name, _(rules.WORDS[name])) for name in rules.OPERATORS[nature]],
        "codes": [(code, translated(labels) or code) for code, labels in found.choices.items()],
        "may_find": request.user.may("people", Level.EDIT),
    }  # fmt: skip


def place_of(table: str, found: Any) -> str:
    """A question as an address names it."""
    return f"{table}.{found.question.column}" if table else found.question.column


def question_at(chosen: Selection, place: str) -> Any:
    """The question that an address names; 404 for one that does not exist or may not be read."""
    found = chosen.field(place)
    if found is None:
        raise Http404
    return found


def row_of(text: str) -> tuple[int, int] | None:
    """The row after which a page begins: the number of its submission, and its own in a repeat."""
    submission, _dash, row = text.partition("-")
    return (int(submission), int(row)) if submission.isdecimal() and row.isdecimal() and len(text) < 30 else None
