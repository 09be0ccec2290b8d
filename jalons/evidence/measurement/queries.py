"""What is read of values: the cell that an address names, the value that stands, a formula in words."""

from collections.abc import Mapping

from jalons.evidence.measurement.models import IndicatorValue
from jalons.evidence.measurement.places import Rolled, cut_by_region, rolled_up
from jalons.evidence.measurement.rules import formula, sentences
from jalons.evidence.measurement.rules.aggregation import Figure
from jalons.evidence.measurement.rules.contribution import REGION
from jalons.evidence.measurement.rules.formula import Faulty
from jalons.evidence.measurement.sources import Sources, words
from jalons.evidence.measurement.storage import NUMBERS, cells_of
from jalons.foundation.programmes.models import Period
from jalons.planning.results.models import Indicator, IndicatorVersion


def cell_asked(value: IndicatorValue, answers: Mapping[str, str]) -> dict[str, str] | None:
    """The cell that an address names, in the order of the value's cut; empty for the total, None when there is none."""
    for cut in [*value.disaggregations.all(), *(cut_by_region(value) if REGION in answers else ())]:
        cell = {code: answers[code] for code in cut.dimensions if code in answers}
        if len(cell) == len(cut.dimensions) == len(answers) and "|".join(cell.values()) in cut.cells:
            return cell
    return None if answers else {}


def figure_of(value: IndicatorValue, cell: Mapping[str, str]) -> Figure | None:
    """The figure of a value, or of one of its cells; None for a cell that it does not have."""
    if not cell:
        return Figure(*(getattr(value, name) for name in NUMBERS))
    for dimensions, cells in cells_of(value).items():
        if set(dimensions) == set(cell):
            return cells.get("|".join(cell[code] for code in dimensions))
    made = region(value, cell)
    return made and made.figure


def doubts_of(value: IndicatorValue, cell: Mapping[str, str]) -> int:
    """How many persons of a value, or of one of its cells, may be one with another."""
    if not cell:
        return value.doubts or 0
    for row in value.disaggregations.all():
        if row.doubts and set(row.dimensions) == set(cell):
            return dict(zip(row.cells, row.doubts, strict=True)).get("|".join(cell[c] for c in row.dimensions), 0)
    return 0


def region(value: IndicatorValue, cell: Mapping[str, str]) -> Rolled | None:
    """The region that a cell names, when its figure is put together from finer places."""
    rows = rolled_up(value) if set(cell) == {REGION} else []
    return next((row for row in rows if row.parts and str(row.place.pk) == cell[REGION]), None)


def standing_value(indicator: Indicator, period: Period) -> IndicatorValue | None:
    """The value that stands: the last published, else verified, else draft."""
    rank = {"published": 2, "verified": 1, "draft": 0}
    values = list(
        IndicatorValue.objects.filter(indicator=indicator, period=period).select_related("definition", "period")
    )
    return max(values, key=lambda value: (rank[value.state], value.computed_at), default=None)


def told(version: IndicatorVersion) -> str:
    """A definition's formula in a sentence of the reader's language; empty when it cannot be read."""
    try:
        read_as = formula.read_formula(version.formula)
        form = Sources(version.indicator.result.programme).form(read_as.form)
    except Faulty:
        return ""
    return sentences.sentence(read_as, words(form, read_as))
