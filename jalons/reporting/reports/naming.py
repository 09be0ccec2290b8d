"""Names of what a report tells: texts in their languages, dimensions, places by their official code."""

from collections.abc import Iterator

from jalons.core.fields import LANGUAGES
from jalons.evidence.measurement.models import Disaggregation, IndicatorValue
from jalons.evidence.measurement.rules.contribution import REGION
from jalons.evidence.measurement.rules.formula import UNKNOWN
from jalons.evidence.measurement.telling import bands
from jalons.foundation.territories.models import Territory
from jalons.planning.results.models import Dimension
from jalons.reporting.reports.rules import logframe as told


def text_of(value: dict | None) -> told.Text:
    """A text in the languages that hold something, always in the same order."""
    value = value or {}
    return {language: value[language] for language in LANGUAGES if value.get(language)}


class Names:
    """How the dimensions and cells of a set of cuts are named; a place measured by its key is told by its code."""

    def __init__(self, values: list[IndicatorValue]) -> None:
        cuts = [cut for value in values for cut in value.disaggregations.all() if cut.dimensions != [REGION]]
        every, used = list(Dimension.objects.all()), {code for cut in cuts for code in cut.dimensions}
        self.dimensions = [row for row in every if row.code in used]
        self.territorial = {row.code for row in self.dimensions if row.kind == Dimension.Kind.TERRITORY}
        keys = {key for cut in cuts for key in self._places(cut) if key.isdigit()}
        self.places = {str(row.pk): row for row in Territory.objects.filter(pk__in=keys)} if keys else {}
        self.bands = dict.fromkeys(pair for value in values for pair in bands(value.definition))
        orders = {row.code: self._order(row) for row in self.dimensions}
        self.ranks = {code: {key: place for place, key in enumerate(order)} for code, order in orders.items()}

    def rank(self, dimensions: list[str], codes: tuple[str, ...]) -> list[tuple]:
        """Where a cell stands: in the order of its dimensions' own categories, then by code, the unknown last."""
        ranks = [(self.ranks.get(split, {}), code) for split, code in zip(dimensions, codes, strict=False)]
        return [(code == UNKNOWN, known.get(code, len(known)), code) for known, code in ranks]

    def _places(self, cut: Disaggregation) -> Iterator[str]:
        at = [place for place, code in enumerate(cut.dimensions) if code in self.territorial]
        yield from (cell.split("|")[place] for place in at for cell in cut.cells)

    def codes(self, dimensions: list[str], cell: str) -> tuple[str, ...]:
        return tuple(self._code(*pair) for pair in zip(dimensions, cell.split("|"), strict=False))

    def _code(self, dimension: str, key: str) -> str:
        return self.places[key].code if dimension in self.territorial and key in self.places else key

    def _order(self, row: Dimension) -> tuple[str, ...]:
        """Categories as their author set them, then bands as a formula cuts them; places by name."""
        if row.code in self.territorial:
            return tuple(place.code for place in sorted(self.places.values(), key=lambda place: place.name["fr"]))
        own = [category["code"] for category in row.categories]
        return tuple(dict.fromkeys([*own, *(code for split, code in self.bands if split == row.code)]))

    def told(self) -> dict[str, told.Dimension]:
        places = {row.code: text_of(row.name) for row in self.places.values()}
        return {
            row.code: told.Dimension(
                text_of(row.label),
                {c["code"]: text_of(c.get("label")) for c in row.categories}
                | (places if row.code in self.territorial else {}),
                self._order(row),
            )
            for row in self.dimensions
        }
