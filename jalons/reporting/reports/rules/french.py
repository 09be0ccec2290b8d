"""How French writes numbers, percentages and dates. A report is in French, whoever asks for it."""

from datetime import date, datetime

NARROW = "\u202f"  # narrow no-break space
MINUS = "\u2212"
MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre",
    "décembre",
)  # fmt: skip


def number(value: float | None, digits: int = 2) -> str:
    """A number with a comma and thousands apart, without useless zeros.

    Missing: an unknown number is an empty string; whoever writes it says why.
    Source:  Lexique des règles typographiques en usage à l'Imprimerie nationale, "Nombres"; ISO 80000-1.

    >>> number(1314.5), number(-20.0), number(0.0), number(None)
    ('1\u202f314,5', '\u221220', '0', '')
    """
    if value is None:
        return ""
    whole, _, rest = f"{abs(round(value, digits)):,.{digits}f}".partition(".")
    rest = rest.rstrip("0")
    sign = MINUS if round(value, digits) < 0 else ""
    return sign + whole.replace(",", NARROW) + (f",{rest}" if rest else "")


def day(value: date | None) -> str:
    """A date in letters.

    Missing: an unknown date is an empty string.
    Source:  as `number`.

    >>> day(date(2026, 1, 1)), day(date(2026, 6, 30))
    ('1er janvier 2026', '30 juin 2026')
    """
    if value is None:
        return ""
    return f"{'1er' if value.day == 1 else value.day} {MONTHS[value.month - 1]} {value.year}"


def moment(value: datetime | None) -> str:
    """A day and an hour, short, for a table.

    Missing: an unknown moment is an empty string.
    Source:  as `number`.

    >>> moment(datetime(2026, 7, 10, 9, 5))
    '10/07/2026 à 9\u202fh\u202f05'
    """
    if value is None:
        return ""
    return f"{value:%d/%m/%Y} à {value.hour} h {value.minute:02d}".replace(" h ", f"{NARROW}h{NARROW}")
