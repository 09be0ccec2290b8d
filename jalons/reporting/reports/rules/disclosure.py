"""How a report says what it keeps: small numbers of people."""

from jalons.core.errors import _
from jalons.reporting.reports.rules.logframe import Logframe
from jalons.reporting.reports.rules.voice import FRENCH, Voice

MASKED = _("masqué")
KEPT = (
    "%(n)s case masquée : moins de %(least)s personnes, ou de quoi les retrouver par soustraction. "
    "Masqué n’est ni inconnu ni zéro.",
    "%(n)s cases masquées : moins de %(least)s personnes, ou de quoi les retrouver par soustraction. "
    "Masqué n’est ni inconnu ni zéro.",
)


def kept(logframe: Logframe, voice: Voice = FRENCH) -> str:
    """How many cells of its period a report keeps, under which threshold, and why.

    Unit:    cells, of all the cuts of all its values.
    Missing: an empty string when none is kept.
    Source:  decision 17; a report keeps the threshold that it was made with.
    """
    values = [line.at(logframe.period).value for line in logframe.lines()]
    cells = [cell for value in values if value for cut in value.cuts for cell in cut.cells]
    count = sum(cell.figure.text == MASKED for cell in cells)
    return voice.plural(*KEPT, count) % {"n": count, "least": logframe.least} if count else ""
