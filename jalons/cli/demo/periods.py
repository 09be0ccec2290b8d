"""How the time of a programme is cut: quarters, half-years, years, since the beginning, and each funder's own."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from jalons.foundation.programmes.models import Period
from jalons.reporting.exchange.workbook.records import Fields

WHOLE = "PROGRAMME"  # code of the period that is the programme itself
MONTHS = {
    "fr": {6: "fin juin", 12: "fin décembre"},
    "ar": {6: "نهاية يونيو", 12: "نهاية دجنبر"},
    "en": {6: "end of June", 12: "end of December"},
}
WORDS = {
    Period.Kind.QUARTER: ("T", "trimestre", "الربع", "Q"),
    Period.Kind.HALF_YEAR: ("S", "semestre", "النصف", "H"),
}
FRENCH = ("1ᵉʳ", "2ᵉ", "3ᵉ", "4ᵉ")
ARABIC = ("الأول", "الثاني", "الثالث", "الرابع")


def periods(programme: dict[str, Any]) -> Iterator[Fields]:
    """All periods of a programme as rows of its workbook."""
    first, last = programme["starts_on"], programme["ends_on"]
    for year in range(first.year, last.year + 1):
        for months, kind in ((3, Period.Kind.QUARTER), (6, Period.Kind.HALF_YEAR), (12, Period.Kind.YEAR)):
            for rank in range(12 // months):
                begins, ends = _stretch(year, months, rank)
                if ends >= first and begins <= last:
                    yield _tile(kind, year, rank, max(begins, first), min(ends, last))
                    if kind == Period.Kind.HALF_YEAR:
                        yield _since(year, rank, first, min(ends, last))
    yield {"code": WHOLE, "kind": Period.Kind.WHOLE, **_label("Programme entier", "البرنامج كله", "Whole programme"),
           "starts_on": first, "ends_on": last}  # fmt: skip
    for own in programme["reporting"]:
        yield {"code": own["code"], "kind": Period.Kind.REPORTING, **_label(own["fr"], own["ar"], own["en"]),
               "starts_on": own["starts_on"], "ends_on": own["ends_on"], "agreement": own["agreement"]}  # fmt: skip


def _stretch(year: int, months: int, rank: int) -> tuple[date, date]:
    begins = date(year, 1 + rank * months, 1)
    after = date(year + (rank + 1) * months // 12, 1 + (rank + 1) * months % 12, 1)
    return begins, after - timedelta(days=1)


def _tile(kind: str, year: int, rank: int, begins: date, ends: date) -> Fields:
    letter, french, arabic, english = WORDS.get(kind, ("", "", "", ""))
    words = (
        _label(f"{FRENCH[rank]} {french} {year}", f"{arabic} {ARABIC[rank]} {year}", f"{english}{rank + 1} {year}")
        if letter
        else _label(f"Année {year}", f"سنة {year}", f"Year {year}")
    )
    code = f"{year}-{letter}{rank + 1}" if letter else str(year)
    return {"code": code, "kind": kind, **words, "starts_on": begins, "ends_on": ends}


def _since(year: int, rank: int, first: date, ends: date) -> Fields:
    """From the first day of the programme to the end of a half-year."""
    month = 6 * (rank + 1)
    words = _label(
        f"Depuis le début, à {MONTHS['fr'][month]} {year}",
        f"منذ البداية إلى {MONTHS['ar'][month]} {year}",
        f"Since the beginning, to {MONTHS['en'][month]} {year}",
    )
    return {"code": f"{year}-S{rank + 1}-cumul", "kind": Period.Kind.CUMULATIVE, **words,
            "accumulates": Period.Kind.HALF_YEAR, "starts_on": first, "ends_on": ends}  # fmt: skip


def _label(french: str, arabic: str, english: str) -> Fields:
    return {"label.fr": french, "label.ar": arabic, "label.en": english}
