"""What one cell of the workbook says, both ways."""

import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import override

from jalons.core.errors import Refused, _
from jalons.core.texts import tidy
from jalons.foundation.programmes.rules import shares
from jalons.planning.results.rules import notation
from jalons.planning.results.rules.heads import fold
from jalons.reporting.exchange.workbook import specs
from jalons.reporting.exchange.workbook.specs import Column

LONGEST = 32_767  # characters that a cell may hold
EXCEL_DIGITS = 15  # beyond, a number is written as text so that none is lost
INTEGER_DIGITS = 16  # before the point, in the database
FIRST_DAY = date(1900, 3, 1)  # before, Excel's calendar is wrong: the day is written as text
YES = {"oui": True, "non": False, "vrai": True, "faux": False, "true": True, "false": False, "x": True,
       "1": True, "0": False, "yes": True, "no": False}  # fmt: skip
DAYS = ("%d/%m/%Y", "%Y-%m-%d", "%d-%m-%Y", "%d.%m.%Y")


def labels(column: Column) -> dict[str, str]:
    """The words that stand for the codes of a column, in French as in the workbook."""
    with override("fr"):
        return {code: str(label) for code, label in (column.choices or {}).items()}


def read(column: Column, raw: Any) -> Any:
    """The value that a cell holds; an empty cell means what the column says that it means."""
    raw = tidy(raw)
    if raw is None or raw == "":
        return column.blank
    return READERS[column.kind](column, raw)


def write(column: Column, value: Any) -> str | float | date | None:
    """What to put in a cell so that reading it gives the same value."""
    if value is None or value == "" or value == ():
        return None
    return WRITERS.get(column.kind, _same)(column, value)


def _text(column: Column, raw: Any) -> str:
    if isinstance(raw, float) and raw.is_integer():
        raw = int(raw)
    return str(raw)


def _code(column: Column, raw: Any) -> str:
    code = _text(column, raw)
    if re.search(r"[;,\n]", code):
        raise Refused(_("« %(value)s » : un code ne contient ni virgule, ni point-virgule."), value=code)
    return code


def _codes(column: Column, raw: Any) -> tuple[str, ...]:
    parts = (part.strip() for part in re.split(r"[;,\n]", _text(column, raw)))
    return tuple(dict.fromkeys(part for part in parts if part))


def _number(column: Column, raw: Any) -> Decimal:
    text = f"{raw:.{EXCEL_DIGITS}g}" if isinstance(raw, float) else str(raw)
    text = text.replace("\u202f", "").replace("\xa0", "").replace(" ", "").replace(",", ".").replace("−", "-")
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal("NaN")
    if isinstance(raw, bool) or not number.is_finite():
        raise Refused(_("« %(value)s » n’est pas un nombre. Écrivez-le en chiffres, ou laissez vide s’il est inconnu."),
                      value=raw)  # fmt: skip
    if number.adjusted() >= INTEGER_DIGITS:
        raise Refused(_("« %(value)s » est trop grand. Changez d’unité : milliers, millions."), value=raw)
    return number


def _whole(column: Column, raw: Any) -> int:
    number = _number(column, raw)
    if number != number.to_integral_value() or not 0 <= number < 10**9:
        raise Refused(_("« %(value)s » n’est pas un nombre entier positif."), value=raw)
    return int(number)


def _day(column: Column, raw: Any) -> date:
    if isinstance(raw, datetime):
        return raw.date()
    if isinstance(raw, date):
        return raw
    for form in DAYS:
        try:
            return datetime.strptime(str(raw), form).date()  # noqa: DTZ007 — a day has no zone
        except ValueError:
            continue
    raise Refused(_("« %(value)s » n’est pas une date. Écrivez-la jour/mois/année, par exemple 31/12/2026."), value=raw)


def _yes(column: Column, raw: Any) -> bool:
    if (answer := YES.get(fold(_text(column, raw)))) is None:
        raise Refused(_("« %(value)s » : répondez oui ou non."), value=raw)
    return answer


def _choice(column: Column, raw: Any) -> str:
    words = {fold(word): code for code, label in labels(column).items() for word in (label, code)}
    if (code := words.get(fold(_text(column, raw)))) is None:
        raise Refused(_("« %(value)s » n’est pas dans la liste. Choisissez parmi : %(choices)s."),
                      value=raw, choices=", ".join(labels(column).values()))  # fmt: skip
    return code


def _place(column: Column, raw: Any) -> str:
    return notation.write_place(notation.read_place(_text(column, raw)))


def _shares(column: Column, raw: Any) -> str:
    return shares.write_shares(shares.read_shares(_text(column, raw)))


def _splits(column: Column, raw: Any) -> str:
    return notation.write_splits(notation.read_splits(_text(column, raw)))


READERS: dict[str, Callable[[Column, Any], Any]] = {
    specs.TEXT: _text, specs.LINES: _text, specs.CODE: _code, specs.CODES: _codes, specs.WHOLE: _whole,
    specs.RANK: _whole, specs.NUMBER: _number, specs.DAY: _day, specs.YES: _yes, specs.CHOICE: _choice,
    specs.PLACE: _place, specs.SPLITS: _splits, specs.SHARES: _shares,
}  # fmt: skip


def _same(column: Column, value: Any) -> Any:
    if isinstance(value, str) and len(value) > LONGEST:
        raise Refused(_("« %(head)s » : un texte dépasse les %(limit)s caractères d’une cellule. Raccourcissez-le."),
                      head=column.head, limit=LONGEST)  # fmt: skip
    return value


def _figure(column: Column, value: Decimal | float) -> float | str:
    exact = Decimal(str(value))
    near = float(exact)
    return near if Decimal(f"{near:.{EXCEL_DIGITS}g}") == exact else format(exact, "f")


WRITERS: dict[str, Callable[[Column, Any], Any]] = {
    specs.CODES: lambda column, value: "; ".join(value),
    specs.CHOICE: lambda column, value: labels(column).get(value, value),
    specs.YES: lambda column, value: "oui" if value else "non",
    specs.NUMBER: _figure,
    specs.DAY: lambda column, value: value if value >= FIRST_DAY else value.isoformat(),
}
