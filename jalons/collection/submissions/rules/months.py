"""Dates whose month is written in letters, as associations type them."""

import re

from jalons.collection.submissions.rules.schema import fold

MONTHS = (
    ("janvier", "janv", "january", "jan", "يناير"),
    ("février", "févr", "fév", "february", "feb", "فبراير"),
    ("mars", "march", "mar", "مارس"),
    ("avril", "avr", "april", "apr", "أبريل", "إبريل"),
    ("mai", "may", "ماي", "مايو"),
    ("juin", "june", "jun", "يونيو", "يونيه"),
    ("juillet", "juil", "july", "jul", "يوليوز", "يوليو", "يوليه"),
    ("août", "august", "aug", "غشت", "أغسطس"),
    ("septembre", "sept", "september", "sep", "شتنبر", "سبتمبر"),
    ("octobre", "oct", "october", "أكتوبر"),
    ("novembre", "nov", "november", "نونبر", "نوفمبر"),
    ("décembre", "déc", "december", "dec", "دجنبر", "ديسمبر"),
)
NUMBER = {fold(name): number for number, names in enumerate(MONTHS, start=1) for name in names}
IN_LETTERS = re.compile(r"(?:[^\W\d]+,? )?(\d{1,2})(?:er)? (?:de )?([^\W\d]+)\.?,? (\d{4})")


def in_letters(text: str) -> tuple[str, str, str] | None:
    """Day, month and year of a date that names its month; None when it is none.

    Source: months in French, in Arabic as in Morocco and in the East, in English.

    >>> in_letters("vendredi 20 novembre 2026"), in_letters("1er févr. 2026"), in_letters("٢٠ نونبر ٢٠٢٦")
    (('20', '11', '2026'), ('1', '2', '2026'), ('٢٠', '11', '٢٠٢٦'))
    >>> in_letters("20 participants 2026"), in_letters("20-nov-2026")
    (None, ('20', '11', '2026'))
    """
    found = IN_LETTERS.fullmatch(" ".join(fold(text).split()))
    month = NUMBER.get(found[2]) if found else None
    return (found[1], str(month), found[3]) if month else None
