"""From what a cell or an element holds to the answer of its question: a number, a day, codes, a point, a text."""

import math
import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

from jalons.collection.submissions.rules.months import in_letters
from jalons.collection.submissions.rules.schema import Choices, Item, fold
from jalons.core.errors import _

BIGGEST = 2**63 - 1  # what a column of whole numbers holds
EXCEL_EPOCH = date(1899, 12, 30)
LAST_SERIAL = 2_958_465  # 31 December 9999
SPACES = re.compile(r"[\s'’\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]+")  # between digits; marks of direction too
DAY_FIRST = re.compile(r"(\d{1,2})\s*[/.-]\s*(\d{1,2})\s*[/.-]\s*(\d{4})")
YEAR_FIRST = re.compile(r"(\d{4})[/.](\d{1,2})[/.](\d{1,2})")
SEMICOLON = re.compile(r"\s*[;؛\n]\s*")
SEPARATORS = re.compile(r"\s*[,;|،؛]\s*")
# what nobody sees and some keyboards write: zero widths, marks of direction, soft hyphens
UNSEEN = re.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]+")
CODED = re.compile(r".*\(([^()]+)\)\s*")  # a label that two choices share, with its code
YES = frozenset({"1", "true", "vrai", "yes", "oui", "x", "ok", "نعم"})
NO = frozenset({"0", "false", "faux", "no", "non", "لا"})


class Unreadable(Exception):  # noqa: N818 (a verdict, as Refused is)
    """The value is not an answer to its question; the message says what was expected."""


NOT_WHOLE = _("Un nombre entier est attendu.")
NOT_NUMBER = _("Un nombre est attendu.")
TOO_BIG = _("Ce nombre est trop grand.")
NOT_DAY = _("Une date est attendue : jj/mm/aaaa ou aaaa-mm-jj.")
NOT_MOMENT = _("Une date et une heure sont attendues : aaaa-mm-jj hh:mm.")
NOT_POINT = _("Un point est attendu : latitude, longitude, altitude et précision séparées par des espaces.")


def convert(item: Item, raw: Any) -> Any:
    """The answer that a cell or an element gives to a question, as it is kept.

    Missing: None when nothing was answered.
    Error:   Unreadable when it is no answer to a question of this kind. A code outside its list is an answer: it is
             kept as it is, and a check flags it.
    Source:  XLSForm question types; Kobo and ODK exports; dates and decimals as Excel writes them in French.

    >>> from jalons.collection.submissions.rules.schema import choice_list
    >>> sex = choice_list([{"name": "f", "labels": {"fr": "Féminin"}}])
    >>> convert(Item("s", "s", "s", "", "s", "select_one", 0, sex), "féminin")
    'f'
    """
    if raw is None or raw == "":
        return None
    reader = READERS.get(item.kind)
    return reader(raw, item.choices) if reader else as_text(raw)


def bare(text: str) -> str:
    """The text of a cell without what nobody sees: outer blanks, zero widths, marks of direction.

    Source: ours; what was typed stays in the content that is kept.

    >>> bare("\u200f Fatima\u00a0 "), bare("بن\u200cعلي")
    ('Fatima', 'بنعلي')
    """
    return UNSEEN.sub("", text).strip()


def truth(raw: Any) -> bool | None:
    """What the column of one choice says: chosen, not chosen, or nothing.

    Error:  Unreadable on any other word.
    Source: Kobo and ODK exports of several choices, one column per choice.

    >>> truth(1.0), truth("FALSE"), truth("")
    (True, False, None)
    """
    word = as_text(raw)
    if word is None:
        return None
    word = bare(word).lower()
    if word in YES or word in NO:
        return word in YES
    raise Unreadable(_("Cette colonne ne dit que 1 ou 0 (oui ou non)."))


def day_of(answer: Any) -> date | None:
    """The day of an answer, when it has one.

    Source: ISO 8601; the day is the one that the phone wrote, in its own time zone.

    >>> day_of("2026-10-02T23:20:31.000+01:00"), day_of("demain")
    (datetime.date(2026, 10, 2), None)
    """
    try:
        return date.fromisoformat(str(answer)[:10])
    except ValueError:
        return None


def as_text(raw: Any, _choices: Choices | None = None) -> str | None:
    """A cell or an element as a text: whole numbers without decimals, dates as ISO 8601.

    Missing: None when there is nothing but blanks.
    Source:  ours.

    >>> as_text(12.0), as_text(" ")
    ('12', None)
    """
    if isinstance(raw, str):
        return raw if raw and not raw.isspace() else None
    if isinstance(raw, bool):
        return "1" if raw else "0"
    if isinstance(raw, float):
        return str(int(raw)) if raw.is_integer() else repr(raw)
    if isinstance(raw, datetime | date | time):
        return raw.isoformat()
    return None if raw is None else str(raw)


def _plain(raw: Any) -> str:
    """Digits without thousands separators, with a point: `1 234,5` and `1.234,5` are both 1234.5."""
    text = SPACES.sub("", str(raw)).replace("٫", ".").replace("٬", "")
    if "," not in text:
        return text
    whole, _comma, decimals = text.rpartition(",")
    return f"{whole.replace('.', '')}.{decimals}" if "," not in whole else text


def _integer(raw: Any, _choices: Choices | None) -> int | None:
    if isinstance(raw, str):
        if raw.isdecimal():
            return _within(int(raw[:30]))
        if not raw.strip():
            return None
    number = _float(raw, NOT_WHOLE)
    if not number.is_integer():
        raise Unreadable(NOT_WHOLE)
    return _within(int(raw) if isinstance(raw, int) else int(number))


def _within(number: int) -> int:
    if abs(number) > BIGGEST:
        raise Unreadable(TOO_BIG)
    return number


def _decimal(raw: Any, _choices: Choices | None) -> float | None:
    if isinstance(raw, str) and not raw.strip():
        return None
    return _float(raw, NOT_NUMBER)


def _float(raw: Any, reason: str) -> float:
    try:
        number = float(raw if isinstance(raw, int | float) else _plain(raw))
    except ValueError:
        raise Unreadable(reason) from None
    except OverflowError:
        raise Unreadable(TOO_BIG) from None
    if not math.isfinite(number) or (isinstance(raw, str) and "_" in raw):
        raise Unreadable(reason)
    return number


def _date(raw: Any, _choices: Choices | None) -> str | None:
    if isinstance(raw, datetime):
        return raw.date().isoformat()
    if isinstance(raw, date):
        return raw.isoformat()
    text = as_text(raw)
    if text is None:
        return None
    text = text.strip()
    try:
        return date.fromisoformat(text[:10]).isoformat()
    except ValueError:
        pass
    if found := DAY_FIRST.match(text):
        return _built(*found.groups())
    if found := YEAR_FIRST.match(text):
        return _built(*reversed(found.groups()))
    if named := in_letters(text):
        return _built(*named)
    return _from_serial(text, NOT_DAY).date().isoformat()


def _built(day: str, month: str, year: str) -> str:
    try:
        return date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        raise Unreadable(NOT_DAY) from None


def _from_serial(text: str, reason: str) -> datetime:
    """A day counted by Excel, 1 being 1 January 1900."""
    serial = _float(text, reason)
    if not 1 <= serial < LAST_SERIAL:
        raise Unreadable(reason)
    midnight = datetime.combine(EXCEL_EPOCH, time())
    return midnight + timedelta(seconds=round(serial * 86400))


def _moment(raw: Any, _choices: Choices | None) -> str | None:
    text = as_text(raw)
    if text is None:
        return None
    text = text.strip()
    try:
        return _kept(datetime.fromisoformat(text))
    except ValueError:
        pass
    if found := DAY_FIRST.match(text):
        return _clocked(_built(*found.groups()), text[found.end() :].strip(" T"))
    return _from_serial(text, NOT_MOMENT).isoformat()


def _kept(moment: datetime) -> str:
    """The moment as written, unless PostgreSQL has no such offset or year."""
    offset = moment.utcoffset() or timedelta()
    if abs(offset) >= timedelta(hours=16) or offset.seconds % 60 or not 1 < moment.year < 9999:
        raise Unreadable(NOT_MOMENT)
    return moment.isoformat()


def _clocked(day: str, clock: str) -> str:
    try:
        return _kept(datetime.fromisoformat(f"{day}T{clock or '00:00'}"))
    except ValueError:
        raise Unreadable(NOT_MOMENT) from None


def _one(raw: Any, choices: Choices | None) -> str | None:
    text = as_text(raw)
    if text is None or choices is None or text in choices.codes:
        return text
    text = text.strip()
    return text if text in choices.codes else choices.by_label.get(fold(text)) or _meant(text, choices) or None


def _meant(text: str, choices: Choices) -> str:
    """The one choice that a cell of a spreadsheet means: a code that lost its zeros, a yes or a no ticked."""
    if (coded := CODED.fullmatch(text)) and coded[1] in choices.codes:
        return coded[1]
    if text.isdecimal():
        bare = text.lstrip("0")
        alike = [code for code in choices.codes if code.isdecimal() and code.lstrip("0") == bare]
        if len(alike) == 1:
            return alike[0]
    word = text.lower()
    yes, no = ([code for code in choices.codes if code.lower() in words] for words in (YES, NO))
    if len(yes) == len(no) == 1 and len(choices.codes) == 2 and word in YES | NO:
        return yes[0] if word in YES else no[0]
    return text


def _several(raw: Any, choices: Choices | None) -> list[str] | None:
    text = as_text(raw)
    if text is None:
        return None
    words = text.split()
    if choices is None or all(word in choices.codes for word in words):
        return _once(words)
    if whole := choices.by_label.get(fold(text)):
        return [whole]
    for separators in (SEMICOLON, SEPARATORS):
        parts = [part for part in separators.split(text.strip()) if part]
        if len(parts) > 1:
            return _once([_known(part, choices) or part for part in parts])
    if coded := _known(text.strip(), choices):
        return [coded]
    return _once([_known(word, choices) or word for word in words])


def _known(text: str, choices: Choices) -> str | None:
    """The choice that a text names: its code, its label, or its label with its code."""
    if text in choices.codes:
        return text
    coded = CODED.fullmatch(text)
    return coded[1] if coded and coded[1] in choices.codes else choices.by_label.get(fold(text))


def _once(words: list[str]) -> list[str] | None:
    return list(dict.fromkeys(words)) or None


def _point(raw: Any, _choices: Choices | None) -> str | None:
    text = as_text(raw)
    if text is None:
        return None
    parts = text.replace(",", " ").split() if "." in text else text.split()
    try:
        numbers = [float(part) for part in parts]
    except ValueError:
        raise Unreadable(NOT_POINT) from None
    if not 2 <= len(numbers) <= 4 or not (-90 <= numbers[0] <= 90 and -180 <= numbers[1] <= 180):
        raise Unreadable(NOT_POINT)
    return " ".join(parts)


READERS: dict[str, Callable[[Any, Choices | None], Any]] = {
    "integer": _integer,
    "decimal": _decimal,
    "range": _decimal,
    "date": _date,
    "today": _date,
    "dateTime": _moment,
    "start": _moment,
    "end": _moment,
    "select_one": _one,
    "select_multiple": _several,
    "rank": _several,
    "geopoint": _point,
    "start-geopoint": _point,
}
