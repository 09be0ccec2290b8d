"""One indicator as the reader sees it: every number written out, every absence with its reason, every cell a link."""

import json
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

from django.template.loader import render_to_string
from django.urls import NoReverseMatch, reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from jalons.core import writing
from jalons.core.fields import translated
from jalons.evidence.measurement.models import IndicatorValue
from jalons.evidence.measurement.rules.formula import UNKNOWN
from jalons.evidence.measurement.telling import answers
from jalons.foundation.programmes.models import Period, Programme
from jalons.planning.results.models import IndicatorVersion
from jalons.planning.results.rules import progress
from jalons.reporting.dashboards.forms import STATES
from jalons.reporting.dashboards.queries import Goal, Series, Told, Value
from jalons.reporting.dashboards.rules import pictures, standing

PERCENTAGE = IndicatorVersion.Measure.PERCENTAGE
TONES = {"reached": "good", "on_track": "good", "watch": "watch", "late": "late", "regression": "late"}


class Frame(NamedTuple):
    """What a line is read against: the programme's days, periods with their last days, the day in sight, a language.

    told_only: the reader is told published values only.
    """

    starts_on: date
    ends_on: date
    periods: tuple[tuple[int, date], ...]
    on: date
    language: str
    told_only: bool = False


@dataclass(frozen=True)
class Sight:
    """What the reader has in sight: a programme, the series of a period, a day, a language; only what is published."""

    programme: Programme
    series: Series
    on: date
    language: str
    told_only: bool

    @property
    def frame(self) -> Frame:
        periods = tuple((period.pk, period.ends_on) for period in self.series.periods)
        return Frame(self.programme.starts_on, self.programme.ends_on, periods, self.on, self.language, self.told_only)


def link(name: str, *args: Any) -> str:
    """Address of a page of another domain; empty while no such page exists."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


@lru_cache(maxsize=4000)
def row(told: Told, frame: Frame, level: int) -> tuple[dict[str, Any], str]:
    """An indicator as a line and as a row of the table; kept, for both depend on nothing but what is given here."""
    found, head = line(told, frame), target_head(frame.ends_on)
    return found, render_to_string("dashboards/line.html", {"line": found, "level": level, "target_head": head})


def line(told: Told, frame: Frame) -> dict[str, Any]:
    """What is shown of an indicator."""
    values = told.values
    value, goal = last_known(values, frame), final_goal(told.goals)
    percent = told.measure == PERCENTAGE
    return {
        "pk": told.pk, "code": told.code, "name": translated(json.loads(told.title)),
        "unit": translated(json.loads(told.unit or "null")),
        "url": link("dashboards:indicator", told.pk), "sheet_url": link("results:indicator-detail", told.pk),
        "base": writing.measured(told.base, percent, frame.language), "base_number": told.base,
        "base_why": told.base_text,
        "target": writing.measured(goal and goal.value, percent, frame.language), "target_number": goal and goal.value,
        "target_note": target_note(goal),
        **value_cell(value, told, frame), **standing_cells(told, value, goal, frame),
        "spark": spark(told, values, frame), "spark_missing": "" if value else _("sans valeur"),
        "split": split(value, told, frame.language), "people": told.counts_people, "percent": percent,
        "typed": told.typed, "value_period": value and value.period, "funders": told.funders,
    }  # fmt: skip


def standing_cells(told: Told, value: Value | None, goal: Goal | None, frame: Frame) -> dict[str, Any]:
    """Progress, elapsed time and state, with the reason when they cannot be told.

    A value is held against the time that had gone by at the end of its own period: none is late for being old.
    """
    target, number = goal and goal.value, value and value.number
    direction = progress.direction_in_force(told.direction, told.direction_confirmed, told.base, target)
    found = progress.progress(told.base, target, number, direction)
    on = min(frame.on, dict(frame.periods)[value.period]) if value else frame.on
    time = progress.elapsed(frame.starts_on, goal.ends_on if goal else frame.ends_on, on)
    state = progress.state(found, time)
    if state == progress.NO_DATA and value:
        state = "unmatched"
    done = None if found.share is None else float(100 * found.share)
    return {
        "number": number, "on": on, "done": done,
        "time": float(100 * time), "state": state, "label": str(STATES[state]),
        "tone": TONES.get(state, "none"),
        "pace": {
            "done": None if done is None else min(max(round(done), 0), 100), "elapsed": round(100 * time),
            "text": writing.percent(None if done is None else round(done), frame.language),
            "missing": _("à maintenir") if found.drifts else missing_words().get(found.missing, ""),
        },
    }  # fmt: skip


def missing_words() -> dict[str, str]:
    return {"value": _("sans valeur"), "target": _("sans cible"), "baseline": _("référence inconnue")}


def final_goal(goals: list[Goal]) -> Goal | None:
    """The target of the whole programme, else the latest since the beginning, else the latest of all."""
    order = {Period.Kind.WHOLE: 2, Period.Kind.CUMULATIVE: 1}
    return max(goals, key=lambda goal: (order.get(goal.kind, 0), goal.ends_on), default=None)


def last_known(values: dict[int, Value], frame: Frame) -> Value | None:
    """The value of the period in sight, else of the last one before it that has any."""
    found = (values.get(period) for period, _ends_on in reversed(frame.periods))
    return next((v for v in found if v and (v.number is not None or v.text)), None)


def value_cell(value: Value | None, told: Told, frame: Frame) -> dict[str, Any]:
    """The number, its cases, and whatever a reader must know before quoting it."""
    if value is None:
        why = _("pas encore publiée") if frame.told_only else _("pas encore mesurée")
        return {"value": "", "value_why": why, "notes": [], "grade": ""}
    percent = told.measure == PERCENTAGE
    notes = [cases(value, percent, frame.language)]
    if value.period != frame.periods[-1][0]:
        notes.append(_("à %(day)s") % {"day": day(dict(frame.periods)[value.period])})
    if value.state != IndicatorValue.State.PUBLISHED:
        notes.append(str(IndicatorValue.State(value.state).label))
    origin = IndicatorValue.Origin.TYPED if told.typed else value.origin  # put together from typed values, none counted
    grade = standing.grade(origin, value.state, value.answered, value.asked)
    return {
        "value": writing.measured(value.number, percent, frame.language) or shortened(value.text),
        "value_why": _("inconnue : personne n’a répondu"), "value_pk": value.pk,
        "value_url": link("measurement:indicatorvalue-trace", value.pk),
        "notes": [note for note in notes if note], "grade": grade, "grade_says": grades()[grade],
    }  # fmt: skip


def cases(value: Value, percent: bool, language: str) -> str:
    """Numerator and denominator of a share; else how many answered, unless the value itself says it.

    How many were asked is told when some did not answer: the page of the value always tells it.
    """
    if not percent or value.averaged or None in (value.numerator, value.denominator):
        asked = None if value.asked == value.answered else value.asked
        return "" if value.number == value.answered == value.asked else answers(value.answered or None, asked)
    return _("%(found)s sur %(among)s") % {
        "found": writing.written(value.numerator, language), "among": writing.written(value.denominator, language)
    }  # fmt: skip


def spark(told: Told, values: dict[int, Value], frame: Frame) -> dict[str, Any] | None:
    """The trend over the series, and the road of the targets."""
    known = [(on, v) for period, on in frame.periods if (v := values.get(period)) and v.number is not None]
    drawn = pictures.spark([pictures.Point(on, v.number, v.version) for on, v in known], road(told, frame))
    if drawn is None:
        return None
    first, last = (writing.written(v.number, frame.language) for v in (known[0][1], known[-1][1]))
    says = _("De %(first)s à %(last)s en %(count)s périodes") % {"first": first, "last": last, "count": len(known)}
    return {**vars(drawn), "says": says}


def road(told: Told, frame: Frame) -> list[tuple[date, float]]:
    """From the baseline to the final target, through the targets told since the beginning."""
    ends = {g.ends_on: g.value for g in told.goals if g.kind in (Period.Kind.CUMULATIVE, Period.Kind.WHOLE)}
    start = {} if told.base is None else {frame.starts_on: told.base}
    return sorted((start | ends).items())


def split(value: Value | None, told: Told, language: str) -> dict[str, Any]:
    """Women and men: two shares of a count, or two rates; an absence is said, and flagged when people are counted."""
    known = value.by_sex() if value else {}
    if value and value.hidden:
        why = _("masqué : moins de %(least)s personnes") % {"least": told.veil.least}
        return {"missing": why, "flag": False, "masked": len(value.hidden)}
    if not {"female", "male"} & set(known):
        asked = told.counts_people or told.split
        missing = _("Sexe non recueilli") if asked and value and value.number is not None else ""
        return {"missing": missing or ("" if asked else _("sans objet")), "flag": bool(missing)}
    women, men = known.get("female"), known.get("male")
    if told.measure == PERCENTAGE:
        return {
            "women": writing.percent(women, language, 1), "men": writing.percent(men, language, 1),
            "women_rate": women or 0, "men_rate": men or 0,
            "note": " · ".join([*(fraction(value, sex, language) for sex in ("female", "male") if sex in known),
                                *without_sex(value.by_sex(3).get(UNKNOWN), language)]),
        }  # fmt: skip
    if not value.sexes_add_up():
        tallest = max(women or 0, men or 0, 0)
        rates = {f"{sex}_rate": round(100 * max(n or 0, 0) / tallest) if tallest else 0
                 for sex, n in (("women", women), ("men", men))}  # fmt: skip
        return {
            "women": writing.measured(women, False, language),
            "men": writing.measured(men, False, language),
            **rates,
        }
    total = (women or 0) + (men or 0)
    return {"women": writing.written(women or 0, language), "men": writing.written(men or 0, language),
            "share": round(100 * (women or 0) / total) if total else 50,
            "note": "".join(without_sex(known.get(UNKNOWN), language))}  # fmt: skip


def without_sex(number: float | None, language: str) -> list[str]:
    """Those whose sex is not known, when there are any: said, never left out in silence."""
    return [_("%(n)s sans sexe connu") % {"n": writing.written(number, language)}] if number else []


def fraction(value: Value, sex: str, language: str) -> str:
    """Numerator and denominator of one cell, when they were kept."""
    parts = [value.by_sex(part).get(sex) for part in (2, 3)]
    return "" if None in parts else "/".join(writing.written(part, language) for part in parts)


def day(on: date) -> str:
    return date_format(on, "N Y")


def target_note(goal: Goal | None) -> str:
    """When the target falls due, unless it is the whole programme's."""
    if goal is None or goal.kind == Period.Kind.WHOLE:
        return ""
    return _("à %(day)s") % {"day": day(goal.ends_on)}


def target_head(ends_on: date) -> str:
    return _("Cible, %(day)s") % {"day": day(ends_on)}


def shortened(text: str) -> str:
    return text if len(text) <= 60 else text[:57].rsplit(" ", 1)[0] + " …"


def grades() -> dict[str, str]:
    """What each grade of proof means."""
    return {
        "A": _("calculée sur soumissions validées, contrôlée, presque complète"),
        "B": _("calculée sur soumissions validées"),
        "C": _("saisie et contrôlée, ou calculée sur peu de réponses"),
        "D": _("saisie, pas encore contrôlée"),
    }
