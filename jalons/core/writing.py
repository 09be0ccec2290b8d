"""Numbers and shares as a reader of each language writes them. No Django: a table of sixty rows asks for hundreds."""

import re
import unicodedata
from decimal import Decimal
from math import floor, log10

ARABIC = str.maketrans("أإآٱىةؤئ", "اااايهوي", "ـ")
SEPARATORS = {"fr": ("\u202f", ","), "ar": ("\u202f", ","), "en": (",", ".")}  # thousands, decimals
PERCENT = {"en": "%"}
FINEST = 4  # decimals that targets keep


def decimals(number: float | Decimal) -> int:
    """How many decimals of a number are worth reading: none when it is whole, one, or two figures when it is under one.

    Source: OECD-DAC quality standards: a figure is told as finely as it is known; under one, one decimal tells nothing.

    >>> decimals(480.0), decimals(46.6326), decimals(0.0456), decimals(0.5)
    (0, 1, 3, 1)
    """
    wanted = min(1 - floor(log10(abs(number))), FINEST) if 0 < abs(number) < 1 else 1
    return next((fewer for fewer in range(wanted) if round(number, fewer) == round(number, wanted)), wanted)


def written(number: float | Decimal | None, language: str, digits: int | None = None) -> str:
    """A number in figures, grouped by thousands.

    Unit:    the number's own; `digits` decimals, by default those worth reading.
    Missing: an empty text; the page then says why.
    Source:  CLDR 46, decimal formats of fr, ar-MA (Latin digits) and en.

    >>> written(1892, "fr"), written(41.34, "fr"), written(-9, "en")
    ('1\\u202f892', '41,3', '−9')
    """
    if number is None:
        return ""
    if digits is None:
        digits = decimals(number)
    thousands, point = SEPARATORS.get(language, SEPARATORS["fr"])
    number = round(number, digits) + 0  # no zero is below zero
    return f"{number:,.{digits}f}".replace("-", "−").translate({ord(","): thousands, ord("."): point})


def percent(number: float | Decimal | None, language: str, digits: int = 0) -> str:
    """A percentage with its sign, spaced as the language does.

    Unit:    percent, 0 to 100.
    Missing: an empty text.
    Source:  CLDR 46, percent formats of fr, ar-MA and en.

    >>> percent(53.4, "fr"), percent(53.4, "en")
    ('53\\u202f%', '53%')
    """
    return "" if number is None else written(number, language, digits) + PERCENT.get(language, "\u202f%")


def measured(number: float | Decimal | None, is_percentage: bool, language: str) -> str:
    """A value, a target or a baseline, the same text wherever it is told; a percentage has a decimal and its sign.

    Missing: an empty text.
    Source:  IATI codelist IndicatorMeasure, code 2.

    >>> measured(41.3, True, "fr"), measured(480, False, "fr")
    ('41,3\\u202f%', '480')
    """
    if number is None or not is_percentage:
        return written(number, language)
    return percent(number, language, max(1, decimals(number)))


def folded(text: str) -> str:
    """A text without case, accents, hamza, tatweel or vowel marks: what a search compares.

    Source: the same folding as the database search in core.

    >>> folded("Émigrée"), folded("مَدينة")
    ('emigree', 'مدينه')
    """
    bare = unicodedata.normalize("NFKD", text.translate(ARABIC))
    return re.sub(r"[\u0300-\u036f\u064b-\u0655]", "", bare).lower()
