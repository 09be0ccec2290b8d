"""What part of a programme goes to each sector or country: notation and sums."""

import re
from collections.abc import Collection
from decimal import Decimal, InvalidOperation

from jalons.core.errors import Refused, _

WHOLE = Decimal(100)
Shares = dict[str, float]


def read_shares(text: str) -> Shares:
    """Codes with their percentages; a code alone counts for the whole.

    Unit:    percent.
    Missing: an empty text says nothing; it is not a share of zero.
    Error:   Refused on a part that is not "code=percentage", and on a code that comes twice.
    Source:  IATI 2.03, `sector/@percentage`, `recipient-country/@percentage`.

    >>> read_shares("15190=60; 15150=40 %"), read_shares("MA"), read_shares("")
    ({'15190': 60, '15150': 40}, {'MA': 100}, {})
    """
    found: Shares = {}
    for part in filter(None, (part.strip() for part in re.split(r"[;\n]", text))):
        code, _sign, share = (piece.strip() for piece in part.partition("="))
        if code in found:
            raise Refused(_("« %(code)s » est là deux fois. Gardez une seule part par code."), code=code)
        found[code] = _number(share.rstrip("%").strip(), part) if _sign else float(WHOLE)
        found[code] = int(found[code]) if found[code] == int(found[code]) else found[code]
    return found


def _number(text: str, part: str) -> float:
    try:
        number = Decimal(text.replace(",", "."))
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or abs(number) > WHOLE * 10:
        message = _("« %(part)s » ne se lit pas. Écrivez code=pourcentage, séparés par « ; » : 15190=60; 15150=40.")
        raise Refused(message, part=part)
    return float(number)


def write_shares(shares: Shares) -> str:
    """The text that `read_shares` reads back, the largest share first.

    Source: as `read_shares`.

    >>> write_shares({"15150": 40, "15190": 60}), write_shares({})
    ('15190=60; 15150=40', '')
    """
    return "; ".join(f"{code}={written(share)}" for code, share in ordered(shares))


def written(share: float) -> str:
    """A share as a plain decimal, nothing rounded.

    Source: as `read_shares`.

    >>> written(60), written(33.3333334)
    ('60', '33.3333334')
    """
    return f"{Decimal(str(share)).normalize():f}"


def ordered(shares: Shares) -> list[tuple[str, float]]:
    """Codes with their shares, the largest first, then by code.

    Source: as `read_shares`.
    """
    return sorted(shares.items(), key=lambda pair: (-pair[1], pair[0]))


def check_shares(shares: Shares, known: Collection[str] | None = None) -> None:
    """Refuse a code that is not in the list, a share out of 0 to 100, and shares that do not make 100 %.

    Missing: no share at all is accepted: it is unknown.
    Source:  IATI ruleset 2.03, "Percentage values … must add up to 100%".
    """
    if known is not None and (strange := [code for code in shares if code not in known]):
        raise Refused(_("« %(code)s » n’est pas dans la liste. Vérifiez le code, à cinq chiffres pour un secteur."),
                      code=strange[0])  # fmt: skip
    if any(not 0 < share <= WHOLE for share in shares.values()):
        raise Refused(_("Une part est comprise entre 0 et 100 %."))
    total = sum((Decimal(str(share)) for share in shares.values()), Decimal(0))
    if shares and total != WHOLE:
        raise Refused(_("Les parts font %(total)s %%, et non 100 %%."), total=f"{total.normalize():f}")
