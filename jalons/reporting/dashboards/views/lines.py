"""One indicator as the reader sees it: every number written out, every absence with its reason, every cell a link."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from jalons.core.fields import translated
from jalons.evidence.measurement.models import IndicatorValue
from jalons.foundation.programmes.models import Period, Programme
from jalons.planning.results.models import Indicator
from jalons.planning.results.rules import progress
from jalons.reporting.dashboards.forms import STATES
from jalons.reporting.dashboards.queries import Series
from jalons.reporting.dashboards.rules import pictures, standing, writing

TONES = {"reached": "good", "on_track": "good", "watch": "watch", "late": "late", "regression": "late"}


@dataclass(frozen=True)
class Sight:
    """What the reader has in sight: a programme, the series of a period, a day, a language."""

    programme: Programme
    series: Series
    on: date
    language: str


def link(name: str, *args: Any) -> str:
    """Address of a page of another domain; empty while no such page exists."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


def line(indicator: Indicator, values: dict[int, IndicatorValue], sight: Sight) -> dict[str, Any]:
    """The row of an indicator."""
    sheet, goal = indicator.current, final_goal(indicator.goals)
    value = last_known(values, sight.series)
    base, target = (indicator.baseline or {}).get("value"), goal and goal["value"]
    percent = sheet.measure == sheet.Measure.PERCENTAGE
    return {
        "pk": indicator.pk, "code": indicator.code, "name": translated(sheet.title), "unit": sheet.unit,
        "url": link("dashboards:indicator", indicator.pk), "sheet_url": link("results:indicator-detail", indicator.pk),
        "base": writing.measured(base, percent, sight.language), "base_number": base,
        "base_why": (indicator.baseline or {}).get("text", ""),
        "target": writing.measured(target, percent, sight.language), "target_number": target,
        "target_note": target_note(goal),
        **value_cell(value, percent, sight), **standing_cells(indicator, value, goal, sight),
        "spark": spark(indicator, values, sight), "spark_missing": "" if value else _("sans valeur"),
        "split": split(value, sheet, sight.language), "people": sheet.counts_people, "percent": percent,
        "typed": sheet.formula is None, "value_period": value and value.period_id,
        "funders": [f for f in indicator.funders if f],
    }  # fmt: skip


def standing_cells(indicator: Indicator, value: IndicatorValue | None, goal: dict | None, sight: Sight) -> dict:
    """Progress, elapsed time and state, with the reason when they cannot be told."""
    sheet, base = indicator.current, (indicator.baseline or {}).get("value")
    target, number = goal and goal["value"], value and value.number
    direction = progress.direction_in_force(sheet.direction, sheet.direction_confirmed, base, target)
    found = progress.progress(base, target, number, direction)
    end = date.fromisoformat(goal["ends_on"]) if goal else sight.programme.ends_on
    time = progress.elapsed(sight.programme.starts_on, end, sight.on)
    state = progress.state(found, time)
    if state == progress.NO_DATA and value:
        state = "unmatched"
    done = None if found.share is None else float(100 * found.share)
    return {
        "number": number, "done": done, "time": float(100 * time), "state": state, "label": str(STATES[state]),
        "tone": TONES.get(state, "none"),
        "pace": {
            "done": None if done is None else min(max(round(done), 0), 100), "elapsed": round(100 * time),
            "text": writing.percent(None if done is None else round(done), sight.language),
            "missing": _("à maintenir") if found.drifts else missing_words().get(found.missing, ""),
        },
    }  # fmt: skip


def missing_words() -> dict[str, str]:
    return {"value": _("sans valeur"), "target": _("sans cible"), "baseline": _("référence inconnue")}


def final_goal(goals: list[dict]) -> dict | None:
    """The target of the whole programme, else the latest since the beginning, else the latest of all."""
    order = {Period.Kind.WHOLE: 2, Period.Kind.CUMULATIVE: 1}
    return max(goals, key=lambda g: (order.get(g["kind"], 0), g["ends_on"]), default=None)


def last_known(values: dict[int, IndicatorValue], series: Series) -> IndicatorValue | None:
    """The value of the period in sight, else of the last one before it that has any."""
    found = (values.get(period.pk) for period in reversed(series.periods))
    return next((v for v in found if v and (v.number is not None or v.text)), None)


def value_cell(value: IndicatorValue | None, percent: bool, sight: Sight) -> dict[str, Any]:
    """The number, its cases, and whatever a reader must know before quoting it."""
    if value is None:
        return {"value": "", "value_why": _("pas encore mesurée"), "notes": [], "grade": ""}
    notes = [cases(value, percent, sight.language)]
    if value.period_id != sight.series.last.pk:
        period = next(p for p in sight.series.periods if p.pk == value.period_id)
        notes.append(_("à %(day)s") % {"day": day(period.ends_on)})
    if value.state != IndicatorValue.State.PUBLISHED:
        notes.append(str(value.get_state_display()))
    grade = standing.grade(value.origin, value.state, value.answered, value.asked)
    return {
        "value": writing.measured(value.number, percent, sight.language) or shortened(value.text),
        "value_why": _("inconnue : personne n’a répondu"), "value_pk": value.pk,
        "value_url": link("measurement:indicatorvalue-trace", value.pk),
        "notes": [note for note in notes if note], "grade": grade, "grade_says": grades()[grade],
    }  # fmt: skip


def cases(value: IndicatorValue, percent: bool, language: str) -> str:
    """How many answered of how many asked; numerator and denominator for a percentage."""
    if percent and value.denominator is not None and value.numerator is not None:
        found, among = value.numerator, value.denominator
    elif value.asked is not None:
        found, among = value.answered, value.asked
    else:
        return _("%(count)s cas") % {"count": writing.written(value.answered, language)} if value.answered else ""
    return _("%(found)s sur %(among)s") % {
        "found": writing.written(found, language), "among": writing.written(among, language)
    }  # fmt: skip


def spark(indicator: Indicator, values: dict[int, IndicatorValue], sight: Sight) -> dict[str, Any] | None:
    """The trend over the series, and the road of the targets."""
    known = [(p, values[p.pk]) for p in sight.series.periods if p.pk in values and values[p.pk].number is not None]
    drawn = pictures.spark([pictures.Point(p.ends_on, v.number, v.version) for p, v in known], road(indicator, sight))
    if drawn is None:
        return None
    first, last = (writing.written(v.number, sight.language) for v in (known[0][1], known[-1][1]))
    says = _("De %(first)s à %(last)s en %(count)s périodes") % {"first": first, "last": last, "count": len(known)}
    return {**vars(drawn), "says": says}


def road(indicator: Indicator, sight: Sight) -> list[tuple[date, float]]:
    """From the baseline to the final target, through the targets told since the beginning."""
    told = (Period.Kind.CUMULATIVE, Period.Kind.WHOLE)
    ends = {date.fromisoformat(g["ends_on"]): g["value"] for g in indicator.goals if g["kind"] in told}
    base = (indicator.baseline or {}).get("value")
    start = {} if base is None else {sight.programme.starts_on: base}
    return sorted((start | ends).items())


def split(value: IndicatorValue | None, sheet: Any, language: str) -> dict[str, Any]:
    """Women and men: two shares of a count, or two rates; an absence is said, and flagged when people are counted."""
    cut = value.by_sex if value else None
    places = {cell: n for n, cell in enumerate(cut["cells"])} if cut else {}
    if not {"female", "male"} & set(places):
        asked = sheet.counts_people or "sex" in sheet.dimensions
        missing = _("Sexe non recueilli") if asked and value and value.number is not None else ""
        return {"missing": missing or ("" if asked else _("sans objet")), "flag": bool(missing)}
    women, men = (cut["numbers"][places[code]] if code in places else None for code in ("female", "male"))
    if sheet.measure == sheet.Measure.PERCENTAGE:
        return {
            "women": writing.percent(women, language, 1), "men": writing.percent(men, language, 1),
            "women_rate": women or 0, "men_rate": men or 0,
            "note": " · ".join(fraction(cut, places[code], language) for code in ("female", "male") if code in places),
        }  # fmt: skip
    total = (women or 0) + (men or 0)
    return {"women": writing.written(women or 0, language), "men": writing.written(men or 0, language),
            "share": round(100 * (women or 0) / total) if total else 50}  # fmt: skip


def fraction(cut: dict, place: int, language: str) -> str:
    """Numerator and denominator of one cell, when they were kept."""
    parts = [cut[name][place] if place < len(cut[name] or []) else None for name in ("numerators", "denominators")]
    return "" if None in parts else "/".join(writing.written(part, language) for part in parts)


def day(on: date) -> str:
    return date_format(on, "N Y")


def target_note(goal: dict | None) -> str:
    """When the target falls due, unless it is the whole programme's."""
    if goal is None or goal["kind"] == Period.Kind.WHOLE:
        return ""
    return _("à %(day)s") % {"day": day(date.fromisoformat(goal["ends_on"]))}


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
