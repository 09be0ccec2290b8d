"""What of a value about people may leave the house."""

from collections.abc import Iterable
from dataclasses import replace

from jalons.core.errors import _
from jalons.evidence.measurement.rules.disclosure import too_few
from jalons.reporting.reports.rules.logframe import Cut, Figure

MASKED = _("masqué")
WHY = _("« masqué » : moins de cinq personnes, ou ce qui permettrait de les retrouver par soustraction.")


def protect(cuts: Iterable[Cut], *, counted: bool) -> tuple[Cut, ...]:
    """The cuts of a value about people, with the cells of few people masked.

    Missing: a masked cell holds words and no number; IATI leaves it out.
    Source:  measurement.rules.disclosure.

    >>> from jalons.reporting.reports.rules.logframe import Cell
    >>> sexes = Cut(("sex",), (Cell(("female",), Figure(2.0)), Cell(("male",), Figure(40.0))))
    >>> [cell.figure.text for cell in protect([sexes], counted=True)[0].cells]
    ['masqué', 'masqué']
    """
    cuts = tuple(cuts)
    hidden = too_few(
        {cut.dimensions: {"|".join(cell.codes): cell.figure for cell in cut.cells} for cut in cuts}, counted=counted
    )
    return tuple(
        replace(cut, cells=tuple(
            replace(cell, figure=Figure(text=MASKED)) if "|".join(cell.codes) in hidden[cut.dimensions] else cell
            for cell in cut.cells
        ))
        for cut in cuts
    )  # fmt: skip
