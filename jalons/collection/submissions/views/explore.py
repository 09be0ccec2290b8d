"""The answers of a form as a table: columns on any question, filters, sort, repeats; pages by key."""

from collections.abc import Sequence
from math import isfinite
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from psycopg import sql

from jalons.collection.forms.queries import Field
from jalons.collection.forms.rules.results import NUMBER, WHOLE
from jalons.collection.submissions.models import Submission
from jalons.collection.submissions.rules import filters as rules
from jalons.collection.submissions.selection import Selection, nature_of, read, typed
from jalons.collection.submissions.views.asked import frame, link, opened, row_of
from jalons.core.cells import Cell, listed, shown
from jalons.core.fields import translated
from jalons.core.lists import PAGE

SORTED = 50_000  # rows sorted in half a second; beyond, a filter is asked for
LONGEST, WORD = 200, 40  # signs of an answer in a table, and of one of its words
USUAL = 8  # columns until somebody chooses
SILENT = frozenset({"start", "end", "today", "deviceid", "calculate", "hidden", "audit", "username"})


@require_safe
def table(request: HttpRequest, pk: int) -> HttpResponse:
    """The rows of a form, or of one of its repeats."""
    chosen = opened(request, pk)
    name = request.GET.get("t", "") if request.GET.get("t", "") in chosen.tables else ""
    around = frame(request, chosen, "explore", _("Explorer"))
    columns = columns_of(request, chosen, name)
    sorts = not around["total_capped"] or not chosen.count(SORTED)[1]
    page = Page(chosen, name, columns, request.GET, sorts=sorts)
    context = {
        **around, "table": name, "columns": columns, "more": [("t", name)] if name else [],
        "tables": [(t, t or _("le formulaire"), link(chosen, "explore", t=t)) for t in chosen.tables],
        "every": [(f, f in columns) for f in chosen.fields.get(name, ())], "rows": page.rows(),
        "heads": [page.head(f) for f in columns], "next_url": page.next, "previous_url": page.previous,
        "first_url": link(chosen, "explore", t=name, s=request.GET.get("s")),
        "sorted_up_to": None if sorts else SORTED,
        "columns_url": reverse("submissions:form-columns", args=[pk]), "query": request.GET.urlencode(),
    }  # fmt: skip
    return render(request, "submissions/explore_table.html", context)


@require_POST
def choose_columns(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep which columns this person reads of a table, until they choose others."""
    chosen = opened(request, pk)
    name = request.POST.get("t", "")
    wanted = [f.question.column for f in chosen.fields.get(name, ()) if f.question.column in request.POST.getlist("c")]
    request.session[kept_in(pk, name)] = wanted
    return redirect(f"{reverse('submissions:form-explore', args=[pk])}?{request.GET.urlencode()}")


def kept_in(pk: int, name: str) -> str:
    return f"columns-{pk}-{name}"


def columns_of(request: HttpRequest, chosen: Selection, name: str) -> list[Field]:
    """Those that this person chose, else the first that a phone asks and that do not identify."""
    found = chosen.fields.get(name, [])
    if wanted := request.session.get(kept_in(chosen.form.pk, name)):
        return [f for f in found if f.question.column in wanted]
    usual = [f for f in found if f.question.kind not in SILENT and not f.is_personal]
    return usual[:USUAL]


class Page:
    """One page of a table. By the number of the submission, latest first, the last page costs what the first does;
    another order is offered once few enough rows are left to be counted."""

    def __init__(self, chosen: Selection, name: str, columns: Sequence[Field], query: Any, *, sorts: bool) -> None:
        self.chosen, self.name, self.columns, self.sorts = chosen, name, columns, sorts
        wanted = query.get("s", "")
        self.by = self._sortable(wanted.lstrip("-")) if sorts else None
        self.sort = wanted if self.by else ""
        self.back, self.mark = query.get("b") == "1", row_of(query.get("after", ""))
        self.skip = min(int(query["p"]), SORTED // PAGE) if self.by and query.get("p", "").isdecimal() else 0
        self.next = self.previous = None

    def _sortable(self, column: str) -> Field | None:
        return next((f for f in self.columns if f.question.column == column and not f.is_personal), None)

    def head(self, found: Field) -> dict[str, Any]:
        """A column head; its link sorts, where sorting is offered and puts no answer of a person in the address."""
        column = found.question.column
        is_by = self.by is found
        way = ("descending" if self.sort.startswith("-") else "ascending") if is_by else ""
        url = None
        if self.sorts and not found.is_personal:
            url = link(self.chosen, "explore", t=self.name, s=("-" if way == "ascending" else "") + column)
        return {"label": found.label, "name": found.question.name, "url": url, "sorted": way,
                "numeric": nature_of(found) == rules.NUMBER, "personal": found.is_personal}  # fmt: skip

    def rows(self) -> list[dict[str, Any]]:
        if self.name not in self.chosen.tables:
            return []
        found = read(self._query())
        more, found = len(found) > PAGE, found[:PAGE]
        if self.back and not self.by:
            found.reverse()
        self._neighbours(found, more)
        states = dict(Submission.State.choices)
        return [self._row(line, states) for line in found]

    def _query(self) -> sql.Composed:
        asked = [sql.SQL("{}.{}").format(self._alias, sql.Identifier(f.question.column)) for f in self.columns]
        system = sql.SQL("{0}._submission, {0}._row, r._state, {0}._not_asked, {0}._maybe_asked").format(self._alias)
        where = self.chosen.where()
        if self.mark and not self.by:
            step = sql.SQL(">" if self.back else "<")
            beyond = sql.SQL("{} and ({}._submission, {}._row) {} ({}, {})")
            where = beyond.format(where, self._alias, self._alias, step, *map(sql.Literal, self.mark))
        return sql.SQL("select {} from {} where {} order by {} limit {} offset {}").format(
            sql.SQL(", ").join([system, *asked]), self.chosen.joined(self.name), where, self._order(),
            sql.Literal(PAGE + 1), sql.Literal(self.skip * PAGE),
        )  # fmt: skip

    @property
    def _alias(self) -> sql.Identifier:
        return sql.Identifier("x" if self.name else "r")

    def _order(self) -> sql.Composable:
        way = sql.SQL("asc" if self.back else "desc")
        by_key = sql.SQL("{0}._submission {1}, {0}._row {1}").format(self._alias, way)
        if not self.by:
            return by_key
        column = typed(self.by, self._alias)
        if self.by.told_as == "text":
            column = sql.SQL("public.jalons_fold({})").format(column)
        own = sql.SQL("desc nulls last" if self.sort.startswith("-") else "asc nulls last")
        return sql.SQL("{} {}, {}").format(column, own, by_key)

    def _neighbours(self, found: list[tuple], more: bool) -> None:
        here = {"t": self.name, "s": self.sort}
        if self.by:
            self.previous = link(self.chosen, "explore", **here, p=self.skip - 1 or None) if self.skip else None
            self.next = link(self.chosen, "explore", **here, p=self.skip + 1) if more else None
        elif found:
            before, after = (more, True) if self.back else (bool(self.mark), more)
            first, last = ("-".join(map(str, found[n][:2])) for n in (0, -1))
            self.previous = link(self.chosen, "explore", **here, after=first, b=1) if before else None
            self.next = link(self.chosen, "explore", **here, after=last) if after else None

    def _row(self, line: tuple, states: dict[str, Any]) -> dict[str, Any]:
        pk, number, state, not_asked, maybe, *answers = line
        cells = [answer_cell(f, value, not_asked, maybe) for f, value in zip(self.columns, answers, strict=True)]
        return {"url": reverse("submissions:submission-detail", args=[pk]), "number": pk, "row": number + 1,
                "state": state, "state_label": states[state], "cells": cells}  # fmt: skip


def answer_cell(found: Field, value: Any, not_asked: Sequence[str], maybe: Sequence[str]) -> Cell:
    """An answer in the reader's words; the absence of one says which absence it is."""
    column = found.question.column
    if value is None:
        if column in not_asked:
            return Cell(_("non posée"), "unknown")
        return Cell(_("posée ou non, on ne le sait pas") if column in maybe else _("sans réponse"), "unknown")
    if found.gives in (NUMBER, WHOLE) and as_number(value) is not None:
        value = as_number(value)
    if isinstance(value, list):
        return Cell(shortened(listed(_label(found, code) for code in value)))
    if isinstance(value, int) and 999 < abs(value) < 10_000:
        return Cell(str(value), "number")  # a year, a code: French keeps four figures together
    return Cell(shortened(_label(found, value))) if isinstance(value, str) else shown(value)


def as_number(result: str) -> float | int | None:
    """The result of a calculation as a number; None when it is none, as NaN: it is then shown as it came."""
    try:
        number = float(result)
    except ValueError:
        return None
    if not isfinite(number):
        return None
    return int(number) if number.is_integer() else number


def shortened(text: str) -> str:
    """The beginning of a text, or of a word, that would hide the others; the page of the submission has it whole."""
    if len(text) <= WORD:
        return text
    words = [word if len(word) <= WORD else f"{word[:WORD]}…" for word in text[: LONGEST + 1].split(" ")]
    cut = " ".join(words)
    return cut if len(text) <= LONGEST else f"{cut[:LONGEST].rstrip('…')}…"


def _label(found: Field, code: str) -> str:
    return translated(found.choices.get(code)) or code
