"""How far an indicator has come, whether it is late, and which way is better. Pure: no database, no clock."""

import math
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

INCREASE, DECREASE, MAINTAIN = "increase", "decrease", "maintain"
REACHED, ON_TRACK, WATCH, LATE, REGRESSION, NO_DATA = "reached", "on_track", "watch", "late", "regression", "no_data"

Number = Decimal | float | int | None


@dataclass(frozen=True)
class Threshold:
    """From which pace on a state holds. Pace: share of the way done over share of the time elapsed."""

    state: str
    at_least: Decimal
    source: str


# In descending order; below the last one the indicator is late.
PACES = (
    Threshold(ON_TRACK, Decimal("0.9"), "seuil par défaut de Jalons, à confirmer par le plan SERA"),
    Threshold(WATCH, Decimal("0.7"), "seuil par défaut de Jalons, à confirmer par le plan SERA"),
)
# How far a level to maintain may drift from its target, as a share of it.
TOLERANCE = Threshold(MAINTAIN, Decimal("0.05"), "seuil par défaut de Jalons, à confirmer par le plan SERA")


@dataclass(frozen=True)
class Progress:
    """Where a value stands between its baseline and its target.

    share:     part of the way done, 0 to 1; above 1 beyond the target, below 0 on the wrong side of the baseline;
               None when it cannot be told.
    reached:   whether the target is met; None when unknown.
    regressed: whether the value is on the wrong side of its baseline; None when unknown.
    drifts:    a level to maintain that is no longer held; which side is worse is for a person to say.
    missing:   what is unknown: "value", "target", "baseline" or nothing.
    """

    share: Decimal | None = None
    reached: bool | None = None
    regressed: bool | None = None
    drifts: bool = False
    missing: str = ""


def progress(baseline: Number, target: Number, value: Number, direction: str) -> Progress:
    """How far a value has come from its baseline to its target.

    Unit:    share of the way, 0 to 1, not rounded; the three numbers are in the indicator's own unit.
    Missing: without value or target nothing is known. Without baseline the share is unknown, never counted from
             zero, but a met target is still met. A blank and a number that is not finite are both unknown.
    Error:   none; a target equal to its baseline has no way to go: share is 1 when held, else None.
    Source:  IATI 2.03 `indicator/@ascending`, `baseline`, `period/target`; OECD-DAC glossary (baseline, target).

    >>> progress(20, 80, 50, "increase").share
    Decimal('0.5')
    >>> progress(90, 30, 120, "decrease").regressed
    True
    >>> progress(None, 30, 10, "increase")
    Progress(share=None, reached=False, regressed=None, drifts=False, missing='baseline')
    """
    start, goal, now = _number(baseline), _number(target), _number(value)
    if now is None or goal is None:
        return Progress(missing="value" if now is None else "target")
    if direction == MAINTAIN:
        return _level(goal, now)
    sign = -1 if direction == DECREASE else 1
    reached = (now - goal) * sign >= 0
    if start is None:
        return Progress(Decimal(1) if reached else None, reached, missing="" if reached else "baseline")
    regressed = (now - start) * sign < 0
    if goal == start:
        return Progress(Decimal(1) if reached else None, reached, regressed)
    return Progress((now - start) / (goal - start), reached, regressed and not reached)


def state(found: Progress, elapsed_share: Decimal | None) -> str:
    """What to say of an indicator: reached, on_track, watch, late, regression or no_data.

    Missing: an unknown share, or an unknown time, gives no_data unless the target is met or the value regresses.
    Error:   before the first day nothing can be late.
    Source:  PACES and TOLERANCE, each with its own source.

    >>> state(progress(0, 100, 30, "increase"), Decimal("0.5"))
    'late'
    """
    if found.reached:
        return REACHED
    if found.regressed:
        return REGRESSION
    if found.drifts:
        return WATCH
    if found.share is None or elapsed_share is None:
        return NO_DATA
    if elapsed_share <= 0:
        return ON_TRACK
    pace = found.share / elapsed_share
    return next((step.state for step in PACES if pace >= step.at_least), LATE)


def elapsed(starts_on: date | None, ends_on: date | None, on: date) -> Decimal | None:
    """Share of a stretch of time that has passed at the end of a day.

    Unit:    0 to 1; both ends are included.
    Missing: None when either end is unknown.
    Source:  calendar days of the period, as in the sketch of the indicator table.

    >>> elapsed(date(2026, 1, 1), date(2026, 1, 10), date(2026, 1, 5))
    Decimal('0.5')
    """
    if starts_on is None or ends_on is None:
        return None
    length = (ends_on - starts_on).days + 1
    passed = min(max((on - starts_on).days + 1, 0), length)
    return Decimal(passed) / Decimal(length) if length > 0 else None


def propose_direction(baseline: Number, target: Number) -> str | None:
    """Which way is better, read from the figures: a target below its baseline proposes "less is better".

    Missing: None when either figure is unknown: nothing is proposed.
    Source:  IATI 2.03 `indicator/@ascending`; a person confirms what is proposed.

    >>> propose_direction(90, 30), propose_direction(100, 100), propose_direction(None, 30)
    ('decrease', 'maintain', None)
    """
    start, goal = _number(baseline), _number(target)
    if start is None or goal is None:
        return None
    if goal == start:
        return MAINTAIN
    return DECREASE if goal < start else INCREASE


def direction_in_force(direction: str, confirmed: bool, baseline: Number, target: Number) -> str:
    """The direction to reckon with: what a person confirmed, else what the figures propose.

    Missing: without confirmation nor figures, the one written in the definition.
    Source:  propose_direction; IATI takes an indicator as ascending unless told otherwise.

    >>> direction_in_force("increase", False, 90, 30), direction_in_force("increase", True, 90, 30)
    ('decrease', 'increase')
    """
    return direction if confirmed else propose_direction(baseline, target) or direction


def awaits_confirmation(confirmed: bool, baseline: Number, target: Number) -> bool:
    """Whether a person should be asked: "less is better" is only proposed, nobody has said so yet.

    Source:  the programme's M&E officer answers for the direction of change.

    >>> awaits_confirmation(False, 90, 30), awaits_confirmation(False, 30, 90)
    (True, False)
    """
    return not confirmed and propose_direction(baseline, target) == DECREASE


def _level(goal: Decimal, now: Decimal) -> Progress:
    held = abs(now - goal) <= abs(goal) * TOLERANCE.at_least
    return Progress(Decimal(1) if held else None, reached=held, drifts=not held)


def _number(value: Number) -> Decimal | None:
    if value is None or not math.isfinite(value):
        return None
    return Decimal(str(value))
