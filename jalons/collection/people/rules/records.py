"""A person as one source tells it: what is compared, and where to look for the same person elsewhere."""

import re
from datetime import date
from typing import NamedTuple

from jalons.collection.people.rules.names import Name, read

DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "01234567890123456789")
WOMAN = frozenset(
    [
        "f",
        "femme",
        "feminin",
        "féminin",
        "female",
        "woman",
        "girl",
        "fille",
        "w",
        "أنثى",
        "انثى",
        "امرأة",
        "امراة",
        "أنثي",
        "بنت",
    ]
)
MAN = frozenset(["m", "h", "homme", "masculin", "male", "man", "boy", "garcon", "garçon", "ذكر", "رجل", "ولد"])
PHONE = 9  # last digits: the same for 06…, +212 6…, 00212 6…


class Record(NamedTuple):
    """What is known of a person in one row. None is unknown: it neither agrees nor differs.

    birth:  YYYY-MM-DD, when the day is known; a first of January says the year only.
    is_age: whether the year comes from a told age, hence within one.
    """

    given: Name | None
    family: Name | None
    sex: str | None = None
    year: int | None = None
    is_age: bool = False
    birth: str | None = None
    phone: str | None = None
    commune: str | None = None
    identifier: str | None = None

    @property
    def pair(self) -> str | None:
        """Both names in no order: whoever fills a form may exchange them."""
        return "|".join(sorted((self.given.key, self.family.key))) if self.given and self.family else None


def sex_of(answer: str) -> str | None:
    """F or M out of an answer in French, Arabic or English.

    Missing: None for any other answer: unknown, refused, other.
    Source:  choices met in field forms (forms/rules/proposals.py).

    >>> sex_of("Femme"), sex_of("ذكر"), sex_of("H"), sex_of("ne sait pas")
    ('F', 'M', 'M', None)
    """
    said = answer.strip().lower().rstrip(".")
    return "F" if said in WOMAN else "M" if said in MAN else None


def birth_of(answer: str, today: date) -> tuple[int | None, str | None]:
    """Year of birth and, where it is known, the day, out of a date or a year.

    Missing: a first of January is a year whose day is unknown; (None, None) for what is not a birth of someone alive.
    Source:  Moroccan civil status: whoever has no known day is written on 1 January; reference, part E4.

    >>> birth_of("1987-03-12", date(2026, 1, 1)), birth_of("01/01/1987", date(2026, 1, 1))
    ((1987, '1987-03-12'), (1987, None))
    """
    said = answer.strip().translate(DIGITS)
    found = re.match(r"^(\d{4})(?:[-/.](\d{1,2})[-/.](\d{1,2}))?(?:[T ].*|\.0)?$", said)
    year, month, day = found.groups() if found else (None, None, None)
    if not found and (turned := re.match(r"^(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})$", said)):
        day, month, year = turned.groups()
    if not year or not today.year - 115 <= int(year) <= today.year:
        return None, None
    return int(year), _day(int(year), int(month), int(day)) if month and day else None


def _day(year: int, month: int, day: int) -> str | None:
    try:
        found = date(year, month, day)
    except ValueError:
        return None
    return None if (found.month, found.day) in ((1, 1), (12, 31)) else found.isoformat()


def year_of_age(answer: str, told: date) -> int | None:
    """Year of birth, within one, of who says an age on a day.

    Missing: None for what is not an age.
    Source:  a person of n years was born n years ago or in the year before.

    >>> year_of_age("34", date(2026, 11, 1)), year_of_age("?", date(2026, 11, 1))
    (1992, None)
    """
    said = answer.strip().translate(DIGITS)
    found = re.match(r"^(\d{1,3})(?:\.0)?$", said)
    return told.year - int(found[1]) if found and int(found[1]) <= 115 else None


def phone_of(answer: str) -> str | None:
    """The last digits of a phone number.

    Missing: None for fewer digits than a number has, or one digit repeated.
    Source:  national plan of Morocco: nine digits after the 0, or after +212.

    >>> phone_of("+212 6 12-34-56-78"), phone_of("٠٦١٢٣٤٥٦٧٨"), phone_of("0000000000")
    ('612345678', '612345678', None)
    """
    digits = re.sub(r"\D", "", answer.translate(DIGITS))[-PHONE:]
    return digits if len(digits) == PHONE and len(set(digits)) > 2 else None


def place_of(answer: str) -> str | None:
    """A commune as it is compared: its name in either script, or its code.

    Missing: None for a blank answer.
    Source:  as for names.

    >>> place_of("Aït Melloul") == place_of("أيت ملول"), place_of("09.001.05.11")
    (True, '090010511')
    """
    if found := read(answer):
        return found.key
    return re.sub(r"\W", "", answer.translate(DIGITS)).lower() or None
