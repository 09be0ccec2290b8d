"""What is computed together: formulas that read the same rows, dated by the same question, share one partition."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlglot import exp

from jalons.evidence.measurement.rules.contribution import REGION, Contribution
from jalons.evidence.measurement.rules.program import Program
from jalons.evidence.measurement.rules.sql import DIALECT
from jalons.evidence.measurement.rules.trees import CHOICES, DATE, KINDS, MOMENT, NUMBER, TEXT, double

Cut = tuple[int, ...]  # places among the plan's splits
State = tuple[str, int, int]  # what is taken, of which value, where which condition is true
EPOCH = exp.cast(exp.Literal.string("1970-01-01"), "date")


@dataclass
class Layout:
    """Where each formula finds its figures: places among the states of a cell.

    states:   what is added up, or kept as smallest or largest, for each cell.
    distinct: value -> conditions; each pair is counted apart for every cut. medians: the same, each alone.
    """

    states: dict[State, int] = field(default_factory=dict)

    def place(self, operation: str, value: int, where: int) -> int:
        return self.states.setdefault((operation, value, where), len(self.states))


@dataclass(frozen=True)
class Figures:
    """The states of one formula: number is scale × numerator / denominator, unknown where `known` is zero."""

    numerator: int
    denominator: int
    known: int
    answered: int
    more: int
    doubtful: int
    scale: float
    ratio: bool


PEOPLE = ("sex", "target_group")  # every figure on people is cut by both at once (M13)
ONE = -1  # a value that is one everywhere
# measure -> how its value is taken from a cell
TAKEN = {
    "distinct": "distinct",
    "sum": "sum",
    "average": "sum",
    "median": "median",
    "minimum": "minimum",
    "maximum": "maximum",
    "latest": "latest",
}


class Plan:
    """Formulas over the rows of one source, dated the same way: what to load, what to compute, in which cuts."""

    def __init__(self, made: Mapping[str, Contribution]) -> None:
        self.made = dict(made)
        first = next(iter(self.made.values()))
        self.source, self.day = first.source, first.day
        self.program, self.layout = Program(), Layout()
        self.splits = self._splits()
        self.columns = self._columns()
        self.figures = [self._figures(contribution) for contribution in self.made.values()]
        self.cuts = self._cuts()

    def _splits(self) -> dict[tuple[str, str], exp.Expression]:
        """Each way to split once: same code and same categories."""
        return {(code, tree.sql(DIALECT)): tree for made in self.made.values() for code, tree in made.splits.items()}

    def _columns(self) -> dict[str, exp.Column]:
        found = {name: column for made in self.made.values() for name, column in made.columns.items()}
        return dict(sorted(found.items()))

    def _figures(self, made: Contribution) -> Figures:
        measure, stands = made.formula.measure, made.standing
        counted, settled, asked, doubtful = (self.program.add(tree) for tree in stands)
        terms = [self.program.add(tree) for tree in made.terms]
        place = self.layout.place
        n, known = place("sum", ONE, counted), place("sum", ONE, settled)
        numerator = place(TAKEN.get(measure, "sum"), terms[0] if terms else ONE, counted)
        denominator = place("one", ONE, ONE)
        if made.formula.is_ratio:
            denominator = place("sum", terms[1], counted) if measure == "share" else n
        settles = measure in ("count", "distinct", "sum")
        return Figures(
            numerator,
            denominator,
            known if settles else n,
            known if measure == "count" else n,
            place("sum", ONE, asked),
            place("sum", ONE, doubtful),
            made.formula.scale if made.formula.is_ratio else 1.0,
            made.formula.is_ratio,
        )

    def _cuts(self) -> dict[Cut, list[int]]:
        """Cut -> the formulas that it is computed for: the total, each split alone, people by sex and target group,
        and all splits together, but for a wider place."""
        places = {key: place for place, key in enumerate(self.splits)}
        cuts: dict[Cut, list[int]] = {}
        for index, made in enumerate(self.made.values()):
            own = {code: places[code, tree.sql(DIALECT)] for code, tree in made.splits.items()}
            alone = [(place,) for place in own.values()]
            people = tuple(own[code] for code in own if code in PEOPLE)
            together = tuple(place for code, place in own.items() if code != REGION)
            for cut in dict.fromkeys([(), *alone, *([people] if len(people) > 1 else []), together]):
                cuts.setdefault(cut, []).append(index)
        return cuts

    @property
    def keys(self) -> list[str]:
        return list(self.made)

    def kinds(self) -> list[str]:
        """The kind of each column to load, after the splits."""
        known = [column for column in self.source.columns.values() if column.kind in KINDS]
        own = {(f"t{column.table}", column.name): KINDS[column.kind] for column in known}
        return [own.get((column.table, column.name), CHOICES) for column in self.columns.values()]

    def loads(self) -> list[exp.Expression]:
        """The trees to load for each row: splits, columns as numbers or texts, version."""
        columns = zip(self.columns.values(), self.kinds(), strict=True)
        version = exp.column("_version", table="t0", quoted=True)
        return [*self.splits.values(), *(LOADED[kind](column) for column, kind in columns), version]

    def signature(self) -> str:
        """What a stored partition must have been made for to serve this plan."""
        trees = (tree.sql(DIALECT) for tree in (self.day, *self.loads()))
        parts = [*self.source.tables, str(self.source.persons), *trees]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


LOADED = {
    NUMBER: double,
    TEXT: lambda column: column,
    CHOICES: lambda column: column,
    DATE: lambda column: exp.Sub(this=column, expression=EPOCH.copy()),
    MOMENT: lambda column: double(exp.Extract(this=exp.var("epoch"), expression=column)),
}


def plans(made: Mapping[str, Contribution]) -> list[Plan]:
    """Formulas grouped by what they read and by what dates them.

    Source: measured: one partition for all formulas of a source costs one scan, one a formula costs sixty.
    """
    groups: dict[tuple, dict[str, Contribution]] = {}
    for key, contribution in made.items():
        source = contribution.source
        group = (source.tables, source.persons, contribution.day.sql(DIALECT))
        groups.setdefault(group, {})[key] = contribution
    return [Plan(group) for group in groups.values()]
