"""The questions of a form one by one: frequencies, a chart, crossed with another question or what Jalons knows."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language, get_language_bidi
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from jalons.collection.forms.rules.proposals import SEX_CHOICES, words_of
from jalons.collection.submissions.figures import Frequency, frequency
from jalons.collection.submissions.rules import filters as rules
from jalons.collection.submissions.selection import Selection, nature_of
from jalons.collection.submissions.views.asked import frame, link, opened, place_of, question_at
from jalons.core import charts, writing

COLOURS = [charts.TEAL, charts.WOMEN, charts.MEN, "#5b9c9b", "#b0582f", "#4f5c5a", "#cfb53b", "#6b7fb3"]
MOST_GROUPS = len(COLOURS)
WIDE = 330  # of a chart: what a phone shows
SYSTEM = ("_state", "_region", "_province", "_month")


@require_safe
def questions(request: HttpRequest, pk: int) -> HttpResponse:
    """All questions, or the frequencies of one."""
    chosen = opened(request, pk)
    place, by = request.GET.get("of", ""), request.GET.get("by", "")
    context = {**frame(request, chosen, "questions", _("Questions")), "more": [("of", place), ("by", by)]}
    if not place:
        lines = [(f, table, link(chosen, "questions", of=place_of(table, f)))
                 for table, found in chosen.fields.items() for f in found]  # fmt: skip
        return render(request, "submissions/explore_questions.html", {**context, "lines": lines})
    found = question_at(chosen, place)
    told = frequency(chosen, place, by)
    context |= {
        "question": found, "of": place, "by": by, "told": told, "dimensions": dimensions(chosen, place),
        "chart": chart(found.label, told, by_sex=by == chosen.form.sex_question) if told.rows else None,
        "lines": table_lines(told),
        "share": writing.percent(100 * told.answered / told.asked, get_language()) if told.asked else "",
        "all_url": link(chosen, "questions"),
    }  # fmt: skip
    return render(request, "submissions/explore_question.html", context)


def dimensions(chosen: Selection, place: str) -> list[tuple[str, str]]:
    """What the answers may be crossed with: state, place, month, each question of one choice that is not personal."""
    words = {"_state": _("état"), "_region": _("région"), "_province": _("province"), "_month": _("mois")}
    asked = [f for f in chosen.fields.get("", ()) if nature_of(f) == rules.ONE and not f.is_personal]
    return [(name, words[name]) for name in SYSTEM] + [
        (f.question.column, f.label) for f in asked if f.question.column != place
    ]


def table_lines(told: Frequency) -> list[dict[str, Any]]:
    language = get_language()
    return [
        {"label": label, "count": count, "share": writing.percent(100 * count / told.answered, language, 1),
         "cells": [groups.get(name, 0) for name in told.groups]}
        for label, count, groups in told.rows
    ]  # fmt: skip


def colours(groups: list[str], *, by_sex: bool) -> list[str]:
    """One for each group; women and men have theirs everywhere."""
    if not by_sex:
        return COLOURS[: len(groups)]
    rest = iter([charts.MEN, charts.QUIET, *COLOURS[3:]])
    return [charts.WOMEN if words_of(group) & SEX_CHOICES else next(rest) for group in groups]


def chart(title: str, told: Frequency, *, by_sex: bool) -> dict[str, Any]:
    """Bars, cut by group when there are few enough of them to be told apart."""
    cut = 0 < len(told.groups) <= MOST_GROUPS
    rows = [
        {"label": label, "count": n, "group": name}
        for label, count, groups in told.rows
        for name, n in (groups.items() if cut else [("", count)])
    ]
    rtl = get_language_bidi()
    encoding: dict[str, Any] = {
        "y": {"field": "label", "type": "nominal", "sort": None, "title": None, "axis": above(rtl),
              "scale": {"paddingInner": 0.6, "paddingOuter": 0.3}},
        "x": {"field": "count", "type": "quantitative", "title": None, "scale": {"reverse": rtl},
              "axis": {"format": ",d", "tickMinStep": 1}},
    }  # fmt: skip
    mark: dict[str, Any] = {"type": "bar", "cornerRadiusEnd": 1, "aria": False}
    if cut:
        scale = {"domain": told.groups, "range": colours(told.groups, by_sex=by_sex)}
        encoding["color"] = {"field": "group", "type": "nominal", "scale": scale}
    else:
        mark["color"] = charts.TEAL
    spec = charts.layered([{"mark": mark, "encoding": encoding}], rows, height=max(60, 38 * len(told.rows)), width=WIDE)
    alt = ", ".join(f"{label} {count}" for label, count, _groups in told.rows[:12])
    return {"title": title, "svg": charts.svg(spec, get_language()[:2]), "alt": alt}


def above(rtl: bool) -> dict[str, Any]:
    """Labels that stand above their bars, and take none of the width of a phone."""
    side = "right" if rtl else "left"
    return {"orient": side, "labelAlign": side, "labelPadding": 0, "labelOffset": -18, "labelLimit": WIDE,
            "ticks": False, "domain": False}  # fmt: skip
