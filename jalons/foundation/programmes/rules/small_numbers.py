"""From how many people on a figure may be told to those who read aggregates only."""

from jalons.core.errors import Refused, _

FEWEST, MOST = 3, 100


def check_least(least: int, current: int) -> None:
    """Refuse a threshold that protects nobody, one that tells nothing any more, and one that changes nothing.

    Unit:   people in a cell.
    Source: Handbook on Statistical Disclosure Control (ESSNet, 2010), chapter 4: minimum frequencies from 3 on;
            decision 17.

    >>> check_least(10, 5)
    """
    if not FEWEST <= least <= MOST:
        raise Refused(_("Le seuil va de %(fewest)s à %(most)s personnes."), fewest=FEWEST, most=MOST)
    if least == current:
        raise Refused(_("Le seuil est déjà de %(least)s personnes."), least=least)
