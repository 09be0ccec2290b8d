"""How a programme's time is cut into periods."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from jalons.core.errors import Refused, _

LONGEST = 30  # years; beyond, a date was mistyped
QUARTER, HALF_YEAR, YEAR, CUMULATIVE, WHOLE, REPORTING = (
    "quarter", "half_year", "year", "cumulative", "whole", "reporting",
)  # fmt: skip
FRENCH = ("1ᵉʳ", "2ᵉ", "3ᵉ", "4ᵉ")
ARABIC = ("الأول", "الثاني", "الثالث", "الرابع")
HALVES = {6: ("fin juin", "نهاية يونيو", "end of June"), 12: ("fin décembre", "نهاية دجنبر", "end of December")}


@dataclass(frozen=True)
class Stretch:
    """A period to be: the same names as the model's fields."""

    kind: str
    code: str
    label: dict[str, str]
    starts_on: date
    ends_on: date
    accumulates: str = ""


def cut(starts_on: date, ends_on: date) -> list[Stretch]:
    """Quarters, half-years, years, "since the beginning" at each half-year, and the whole of a programme.

    Calendar periods, cut short at both ends by the programme's own dates.
    Error:  Refused beyond thirty years.
    Source: reporting calendars of EU and AFD agreements, half-yearly reviews (mission M8).

    >>> [stretch.code for stretch in cut(date(2026, 5, 1), date(2026, 9, 30))]
    ['2026-T2', '2026-T3', '2026-S1', '2026-S1-cumul', '2026-S2', '2026-S2-cumul', '2026', 'PROGRAMME']
    """
    _check_span(starts_on, ends_on)
    found = [
        shape(stretch, rank)
        for year in range(starts_on.year, ends_on.year + 1)
        for months, shapes in ((3, (_quarter,)), (6, (_half_year, _since)), (12, (_year,)))
        for rank, stretch in enumerate(_calendar(year, months))
        if stretch[1] >= starts_on and stretch[0] <= ends_on
        for shape in shapes
    ]
    whole = Stretch(
        WHOLE, "PROGRAMME", _label("Programme entier", "البرنامج كله", "Whole programme"), starts_on, ends_on
    )
    return [_within(stretch, starts_on, ends_on) for stretch in [*found, whole]]


def cut_reporting(reference: str, starts_on: date, ends_on: date, months: int) -> list[Stretch]:
    """Reporting periods of an agreement, every so many months from its first day.

    Error:  Refused beyond thirty years.
    Source: reporting article of each funder's agreement (EU: twelve months from the start of implementation).

    >>> [(s.code, s.ends_on.isoformat()) for s in cut_reporting("AFD", date(2026, 4, 1), date(2027, 6, 30), 12)]
    [('AFD-R1', '2027-03-31'), ('AFD-R2', '2027-06-30')]
    """
    _check_span(starts_on, ends_on)
    found, begins = [], starts_on
    while begins <= ends_on:
        rank, after = len(found) + 1, _months_later(starts_on, months * (len(found) + 1))
        label = _label(f"{reference}, rapport {rank}", f"{reference}، التقرير {rank}", f"{reference}, report {rank}")
        found.append(Stretch(REPORTING, f"{reference[:14]}-R{rank}", label, begins, min(after - timedelta(1), ends_on)))
        begins = after
    return found


def _check_span(starts_on: date, ends_on: date) -> None:
    if ends_on.year - starts_on.year > LONGEST:
        raise Refused(_("Plus de %(years)s ans entre le début et la fin : vérifiez les dates."), years=LONGEST)


def _calendar(year: int, months: int) -> Iterator[tuple[date, date]]:
    for first in range(1, 13, months):
        begins = date(year, first, 1)
        yield begins, _months_later(begins, months) - timedelta(days=1)


def _months_later(day: date, months: int) -> date:
    """The same day of a later month, or the last one of a month that has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = (date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1) - timedelta(days=1)).day
    return date(year, month + 1, min(day.day, last))


def _quarter(stretch: tuple[date, date], rank: int) -> Stretch:
    year = stretch[0].year
    label = _label(f"{FRENCH[rank]} trimestre {year}", f"الربع {ARABIC[rank]} {year}", f"Q{rank + 1} {year}")
    return Stretch(QUARTER, f"{year}-T{rank + 1}", label, *stretch)


def _half_year(stretch: tuple[date, date], rank: int) -> Stretch:
    year = stretch[0].year
    label = _label(f"{FRENCH[rank]} semestre {year}", f"النصف {ARABIC[rank]} {year}", f"H{rank + 1} {year}")
    return Stretch(HALF_YEAR, f"{year}-S{rank + 1}", label, *stretch)


def _since(stretch: tuple[date, date], rank: int) -> Stretch:
    year, (french, arabic, english) = stretch[0].year, HALVES[stretch[1].month]
    label = _label(f"Depuis le début, à {french} {year}", f"منذ البداية إلى {arabic} {year}",
                   f"Since the beginning, to {english} {year}")  # fmt: skip
    return Stretch(CUMULATIVE, f"{year}-S{rank + 1}-cumul", label, date.min, stretch[1], HALF_YEAR)


def _year(stretch: tuple[date, date], rank: int) -> Stretch:
    year = stretch[0].year
    return Stretch(YEAR, str(year), _label(f"Année {year}", f"سنة {year}", f"Year {year}"), *stretch)


def _within(stretch: Stretch, starts_on: date, ends_on: date) -> Stretch:
    return replace(stretch, starts_on=max(stretch.starts_on, starts_on), ends_on=min(stretch.ends_on, ends_on))


def _label(french: str, arabic: str, english: str) -> dict[str, str]:
    return {"fr": french, "ar": arabic, "en": english}
