"""The first page: what awaits, then where the programme stands."""

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import get_language_bidi, ngettext
from django.utils.translation import gettext as _

from jalons.core import writing
from jalons.core.cells import listed
from jalons.core.levels import Level
from jalons.evidence.measurement.rules.formula import UNKNOWN
from jalons.foundation.programmes.models import Operator, Period
from jalons.foundation.programmes.queries import periods_of
from jalons.planning.results.rules.progress import elapsed
from jalons.reporting.dashboards import queries
from jalons.reporting.dashboards.forms import STATES
from jalons.reporting.dashboards.rules import pictures, standing
from jalons.reporting.dashboards.views.breakdown import of_own_region
from jalons.reporting.dashboards.views.indicators import read, seen
from jalons.reporting.dashboards.views.lines import TONES, Sight, line
from jalons.reporting.dashboards.views.todo import todo

FIGURES = 4
GROUND, HEIGHT, ROAD = 150, 110, 36  # of the picture of stakes, in SVG units; ROAD is the least space between two


def home(request: HttpRequest) -> HttpResponse:
    """What awaits this person and, for those who may see figures, where the programme stands."""
    sight = seen(request)
    if sight is None:
        context = {"title": _("À faire"), "today": date.today(), "starts": first_step(request.user)}
        return render(request, "dashboards/home.html", context)
    lines = shown_lines(request, sight) if request.user.may("measurement", Level.VIEW) else []
    context = {
        "title": _("À faire"), "today": date.today(), "sight": sight, "coming": coming(request, sight),
        "groups": (groups := todo(request.user, sight, lines)), "lines": lines,
        "opens": next_step(request.user, sight), "calm": groups and all(group["code"] != "overdue" for group in groups),
    }  # fmt: skip
    if lines:
        time = gone(sight, sight.on)
        chosen = headline(lines)
        people = subject([*chosen, *lines])
        figures = [figure(shown, of_own_region(shown, sight, request.user)) for shown in chosen]
        context |= {"time": time, "figures": figures, "stakes": planted(lines, sight),
                    "columns": by_period(request, sight, people), "subject": people}  # fmt: skip
    return render(request, "dashboards/home.html", context)


def first_step(user: Any) -> str:
    """Where an empty installation begins, for who may create programmes; they need an operator."""
    if not user.may("programmes", Level.DECIDE):
        return ""
    return reverse("programmes:programme-add" if Operator.objects.exists() else "programmes:operator-add")


def next_step(user: Any, sight: Sight) -> str:
    """Where a programme that nobody works in gets its first person, for who may give roles."""
    if sight.programme.memberships.exists() or not user.may("accounts", Level.DECIDE):
        return ""
    return reverse("accounts:membership-add")


def shown_lines(request: HttpRequest, sight: Sight) -> list[dict]:
    """Every indicator, in the order of the chain."""
    chain, found = read(request, sight)
    order = {at.result.pk: n for n, at in enumerate(chain)}
    found.sort(key=lambda i: (order.get(i.result_id, 0), i.position, i.code))
    frame = sight.frame
    return [line(i, frame) for i in found]


def coming(request: HttpRequest, sight: Sight) -> str:
    """The next reporting period to close, in a sentence."""
    reports = [p for p in periods_of(request, sight.programme) if p.kind == Period.Kind.REPORTING]
    due = min((p for p in reports if p.ends_on >= date.today()), key=lambda p: p.ends_on, default=None)
    if due is None:
        return ""
    days = (due.ends_on - date.today()).days
    told = {"report": str(due), "day": date_format(due.ends_on, "j F"), "n": days}
    return ngettext("%(report)s : la période se ferme le %(day)s, dans %(n)s jour.",
                    "%(report)s : la période se ferme le %(day)s, dans %(n)s jours.", days) % told  # fmt: skip


def headline(lines: list[dict]) -> list[dict]:
    """The few figures of a scope: those that count people first, then those with a target, in the chain's order."""
    told = [shown for shown in lines if shown["number"] is not None and shown["done"] is not None]
    return sorted(told, key=lambda shown: not shown["people"])[:FIGURES]


def figure(shown: dict, own: str = "") -> dict[str, Any]:
    """One figure, written out, with women and men when they are known, and what it is in the reader's own region."""
    split = shown["split"]
    people = _("%(women)s femmes, %(men)s hommes") % split if split.get("women") else ""
    return {
        "label": shown["name"], "number": shown["value"], "url": shown["value_url"] or shown["url"],
        "of": _("sur %(target)s") % {"target": shown["target"]}, "tone": shown["tone"],
        "done": shown["pace"]["done"], "elapsed": shown["pace"]["elapsed"], "text": shown["pace"]["text"],
        "note": " · ".join(note for note in [own, people, *shown["notes"]] if note),
    }  # fmt: skip


def gone(sight: Sight, on: date) -> int:
    """Percent of the programme's time that has gone by on a day."""
    return round(100 * elapsed(sight.programme.starts_on, sight.programme.ends_on, on))


def planted(lines: list[dict], sight: Sight) -> dict[str, Any]:
    """Every indicator against the time at which it was last known: one stake each, and how many stand in each state."""
    on = max((shown["on"] for shown in lines if shown["number"] is not None), default=sight.on)
    time = gone(sight, on)
    width = max(340, ROAD * len(lines))
    marks = [{"done": s["done"], "tone": s["tone"], "code": s["code"], "url": s["url"],
              "title": _(" : ").join((f"{s['code']} {s['name']}", s["pace"]["text"] or str(s["label"])))}
             for s in lines]  # fmt: skip
    states = [shown["state"] for shown in lines]
    counts = [{"n": states.count(code), "label": str(STATES[code]), "tone": TONES.get(code, "none")}
              for code in standing.ORDER if code in states]  # fmt: skip
    return {
        "width": width + 76, "road": width + 26, "posts": pictures.stakes(ordered(marks), width, GROUND, HEIGHT),
        "axis": [(share, GROUND - HEIGHT * share / 100) for share in (0, 50, 100)],
        "time": time, "on": "" if on == sight.on else date_format(on, "j N"),
        "time_y": GROUND - HEIGHT * time / 100, "counts": counts, "wide": width > 500,
        "says": listed(f"{c['n']} {c['label']}" for c in counts),
    }  # fmt: skip


def subject(lines: list[dict]) -> dict | None:
    """The first figure that counts women and men."""
    return next((shown for shown in lines if shown["split"].get("share") is not None), None)


def by_period(request: HttpRequest, sight: Sight, people: dict | None) -> dict[str, Any] | None:
    """Women and men of a figure on people, period after period; None under two periods."""
    if people is None:
        return None
    laid = queries.tiles(periods_of(request, sight.programme), sight.series)
    (told,) = queries.indicators(sight.programme, request.user, laid, pk=people["pk"])
    cuts = {period: value.by_sex() for period, value in told.values.items() if value.cut and value.sexes_add_up()}
    sexes = ("female", "male", UNKNOWN)
    counts = [(p.code, *(cuts[p.pk].get(sex) or 0 for sex in sexes)) for p in laid.periods if p.pk in cuts]
    if len(counts) < 2:
        return None
    bars, axis = pictures.columns(ordered(counts), 334, 150)
    bars = [{**vars(bar), "total": writing.written(bar.total, sight.language)} for bar in bars]
    says = listed(f"{bar['label']} {bar['total']}" for bar in bars)
    axis = [(writing.written(value, sight.language), y) for value, y in axis]
    rest = any(bar["rest"] for bar in bars)
    return {"title": people["name"], "rest": rest, "bars": bars, "axis": axis, "says": says, "url": people["url"]}


def ordered(marks: list) -> list:
    """Marks in the order one reads: from the right in Arabic."""
    return marks[::-1] if get_language_bidi() else marks
