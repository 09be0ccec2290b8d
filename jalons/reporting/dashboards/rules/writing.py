"""Numbers and shares as a reader of each language writes them. No Django: a table of sixty rows asks for hundreds."""

import re
import unicodedata

ARABIC = str.maketrans("أإآٱىةؤئ", "اااايهوي", "ـ")
SEPARATORS = {"fr": ("\u202f", ","), "ar": ("\u202f", ","), "en": (",", ".")}  # thousands, decimals
PERCENT = {"en": "%"}


def written(number: float | None, language: str, digits: int | None = None) -> str:
    """A number in figures, grouped by thousands.

    Unit:    the number's own; `digits` decimals, by default none for a whole number and one otherwise.
    Missing: an empty text; the page then says why.
    Source:  CLDR 46, decimal formats of fr, ar-MA (Latin digits) and en.

    >>> written(1892, "fr"), written(41.34, "fr"), written(-9, "en")
    ('1\\u202f892', '41,3', '−9')
    """
    if number is None:
        return ""
    if digits is None:
        digits = 0 if float(number).is_integer() else 1
    thousands, point = SEPARATORS.get(language, SEPARATORS["fr"])
    return f"{number:,.{digits}f}".replace("-", "−").translate({ord(","): thousands, ord("."): point})


def percent(number: float | None, language: str, digits: int = 0) -> str:
    """A percentage with its sign, spaced as the language does.

    Unit:    percent, 0 to 100.
    Missing: an empty text.
    Source:  CLDR 46, percent formats of fr, ar-MA and en.

    >>> percent(53.4, "fr"), percent(53.4, "en")
    ('53\\u202f%', '53%')
    """
    return "" if number is None else written(number, language, digits) + PERCENT.get(language, "\u202f%")


def measured(number: float | None, unit_is_percent: bool, language: str) -> str:
    """A value of an indicator: with one decimal and the sign when its measure is a percentage.

    Missing: an empty text.
    Source:  IATI codelist IndicatorMeasure, code 2.

    >>> measured(41.3, True, "fr"), measured(480, False, "fr")
    ('41,3\\u202f%', '480')
    """
    return percent(number, language, 1) if unit_is_percent else written(number, language)


def folded(text: str) -> str:
    """A text without case, accents, hamza, tatweel or vowel marks: what a search compares.

    Source: the same folding as the database search in core.

    >>> folded("Émigrée"), folded("مَدينة")
    ('emigree', 'مدينه')
    """
    bare = unicodedata.normalize("NFKD", text.translate(ARABIC))
    return re.sub(r"[\u0300-\u036f\u064b-\u0655]", "", bare).lower()
