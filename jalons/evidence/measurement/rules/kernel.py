"""The kernel: every formula of a plan, in every cut, over the partition of one period."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from jalons.evidence.measurement.rules.arrays import Numbers, Texts, Truth, Value, is_complete
from jalons.evidence.measurement.rules.partitions import Partition, sorted_by_cell
from jalons.evidence.measurement.rules.plan import ONE, Cut, Plan

# what is taken of a cell -> how two cells become one, and what an absent row weighs
MERGED = {"sum": (np.add, 0.0), "minimum": (np.minimum, np.inf), "maximum": (np.maximum, -np.inf)}
MERGED |= {"latest": (np.maximum, -1.0), "one": (np.maximum, 1.0)}
HOLISTIC = ("distinct", "median")
FLAGS = 8  # conditions on one value that are counted in one sort


@dataclass
class Table:
    """Figures of one cut: a row for each formula, a column for each cell; NaN where unknown.

    numerators and denominators are NaN for measures that are not ratios.
    """

    keys: list[str]
    dimensions: tuple[str, ...]
    cells: list[str]
    numbers: np.ndarray
    numerators: np.ndarray
    denominators: np.ndarray
    answered: np.ndarray
    asked: np.ndarray


class Kernel:
    """One plan over one partition. Values of steps and states of runs are computed once, for all cuts."""

    def __init__(self, plan: Plan, partition: Partition) -> None:
        self.plan, self.partition = plan, partition
        self.values = plan.program.run(partition.columns) if partition.length else []
        self.lengths = np.diff(partition.starts, append=partition.length)

    def tables(self) -> Iterator[Table]:
        """One table for each cut; an empty partition gives totals that are unknown, and no cell.

        Source: performance notes of the house: additive states by reduceat, distincts by one packed sort for each cut.
        """
        if not self.partition.length:
            yield self._nothing()
            return
        states = self._states_of_runs()
        presences = list(self._presences(states))
        for cut, formulas in self.plan.cuts.items():
            codes = [self.partition.splits[place].codes for place in cut]
            order, starts = sorted_by_cell(codes, len(self.partition.starts))
            cell = np.empty(len(order), np.int32)
            cell[order] = np.repeat(np.arange(len(starts)), np.diff(starts, append=len(order)))
            figures = self._merged(states, order, starts)
            for presence in presences:
                presence.count(cell, figures)
            self._find_medians(figures, cell)
            yield self._table(cut, formulas, order[starts], figures)

    def _nothing(self) -> Table:
        figures = np.zeros((1, len(self.plan.layout.states)))
        return self._table((), self.plan.cuts[()], np.zeros(0, np.int64), figures)

    # Values of rows

    def _where(self, place: int) -> np.ndarray | bool:
        """Where a condition is true: everywhere, nowhere, or an array."""
        value = self.values[place]
        if not isinstance(value, Truth):
            return value is True
        if value.yes.all():
            return True
        return value.yes if value.yes.any() else False

    def _numbers(self, place: int) -> np.ndarray:
        value: Value = 1.0 if place == ONE else self.values[place]
        if isinstance(value, Numbers):
            return value.values
        return np.full(self.partition.length, np.nan if value is None else value)

    def _entities(self, place: int) -> np.ndarray:
        """A whole number for each distinct value; any number where the value is unknown."""
        value = self.values[place]
        if isinstance(value, Texts):
            return np.maximum(value.codes, 0)
        numbers = self._numbers(place)
        if not is_complete(value):
            unknown = np.isnan(numbers)
            numbers = np.where(unknown, 0 if unknown.all() else np.nanmin(numbers), numbers)
        from_lowest = numbers - numbers.min()
        if from_lowest.max() < 2**32 and not (from_lowest % 1).any():
            return from_lowest.astype(np.uint32)
        return np.unique(numbers, return_inverse=True)[1]

    # States of runs, then of the cells of a cut

    def _states_of_runs(self) -> np.ndarray:
        """A line for each run, a column for each state."""
        states = np.zeros((len(self.partition.starts), len(self.plan.layout.states)))
        for (operation, value, where), place in self.plan.layout.states.items():
            if operation not in HOLISTIC:
                states[:, place] = self._state(operation, value, where)
        return states

    def _state(self, operation: str, value: int, where: int) -> np.ndarray | float:
        merge, neutral = MERGED[operation]
        if operation == "one":
            return 1.0
        mask = self._where(where)
        if mask is False:
            return neutral
        if operation == "sum" and value == ONE:
            return self.lengths if mask is True else np.add.reduceat(mask, self.partition.starts, dtype=np.int32)
        rows = self.partition.order if operation == "latest" else self._numbers(value)
        return merge.reduceat(rows if mask is True else np.where(mask, rows, neutral), self.partition.starts)

    def _merged(self, states: np.ndarray, order: np.ndarray, starts: np.ndarray) -> np.ndarray:
        """States of the cells of a cut, from those of the runs that fall in each."""
        ordered = states[order]
        figures = ordered if len(starts) == len(order) else np.add.reduceat(ordered, starts)
        for (operation, value, _where), place in self.plan.layout.states.items():
            if operation not in ("sum", *HOLISTIC):
                merged = MERGED[operation][0].reduceat(ordered[:, place], starts)
                figures[:, place] = self._told(operation, value, merged)
        return figures

    def _told(self, operation: str, value: int, merged: np.ndarray) -> np.ndarray:
        """An extreme or a latest value as people read it: unknown where no row has one."""
        if operation == "latest":
            return self._values_at(value, merged.astype(np.int64))
        return np.where(np.isinf(merged), np.nan, merged)

    def _values_at(self, value: int, ranks: np.ndarray) -> np.ndarray:
        row_of_rank = np.empty(self.partition.length, np.int64)
        row_of_rank[self.partition.order] = np.arange(self.partition.length)
        return np.where(ranks < 0, np.nan, self._numbers(value)[row_of_rank[ranks]])

    # Distinct values

    def _presences(self, states: np.ndarray) -> Iterator["Presence"]:
        """For each value counted apart: which of its conditions hold for which of its entities in which run.

        An entity of one row counts in the cell of that row, whatever the cut: such add up, in the states of runs.
        """
        wanted = [state for state in self.plan.layout.states.items() if state[0][0] == "distinct"]
        for value in dict.fromkeys(state[1] for state, _place in wanted):
            entities = self._entities(value)
            of_value = [(state[2], place) for state, place in wanted if state[1] == value]
            for first in range(0, len(of_value), FLAGS):
                group = of_value[first : first + FLAGS]
                flags = np.zeros(self.partition.length, np.uint8)
                for bit, (where, _place) in enumerate(group):
                    flags |= np.left_shift(self._where(where), bit, dtype=np.uint8)
                rows, once = met_once(entities, flags)
                for bit, (_where, place) in enumerate(group):
                    states[:, place] = np.add.reduceat(once >> bit & 1, self.partition.starts, dtype=np.int32)
                yield Presence(self._runs[rows], entities[rows], flags[rows], [place for _where, place in group])

    @cached_property
    def _runs(self) -> np.ndarray:
        """The run of each row."""
        return np.repeat(np.arange(len(self.lengths), dtype=np.int32), self.lengths)

    # Medians

    def _find_medians(self, figures: np.ndarray, cell: np.ndarray) -> None:
        for (operation, value, where), place in self.plan.layout.states.items():
            if operation == "median":
                mask = self._where(where)
                kept = slice(None) if mask is True else np.flatnonzero(mask)
                figures[:, place] = medians(self._numbers(value)[kept], cell[self._runs][kept], len(figures))

    # Figures

    def _table(self, cut: Cut, formulas: list[int], first: np.ndarray, states: np.ndarray) -> Table:
        figures, by_state = [self.plan.figures[index] for index in formulas], np.ascontiguousarray(states.T)

        def pick(name: str) -> np.ndarray:
            return by_state[[getattr(figure, name) for figure in figures]]

        scale = np.array([[figure.scale] for figure in figures])
        ratio = np.array([[figure.ratio] for figure in figures])
        numerator, denominator, answered = pick("numerator"), pick("denominator"), pick("answered")
        with np.errstate(all="ignore"):
            number = np.where((pick("known") > 0) & (denominator != 0), scale * (numerator / denominator), np.nan)
        keys, codes = self.plan.keys, list(self.plan.splits)
        return Table(
            [keys[index] for index in formulas],
            tuple(codes[place][0] for place in cut),
            self._cells(cut, first),
            number,
            np.where(ratio, numerator, np.nan),
            np.where(ratio, denominator, np.nan),
            answered,
            np.where(pick("doubtful") > 0, np.nan, answered + pick("more")),
        )

    def _cells(self, cut: Cut, first: np.ndarray) -> list[str]:
        """The name of each cell, from its first run: categories in the order of the cut."""
        splits = [self.partition.splits[place] for place in cut]
        columns = [[split.words[code] for code in split.codes[first]] for split in splits]
        return ["|".join(names) for names in zip(*columns, strict=True)] if cut else [""]


@dataclass(frozen=True)
class Presence:
    """Which conditions hold for which entity in which run, sorted by entity; one bit a condition.

    places: where the figures of each condition go.
    """

    runs: np.ndarray
    entities: np.ndarray
    flags: np.ndarray
    places: list[int]

    def count(self, cell_of_run: np.ndarray, figures: np.ndarray) -> None:
        """Add to `figures` how many entities meet each condition in each cell."""
        if not len(self.runs):
            return
        cells = cell_of_run[self.runs]
        order = stable_order(cells)
        cells, entities = cells[order], self.entities[order]
        starts = _changes(cells[1:] != cells[:-1], entities[1:] != entities[:-1])
        met, cells = np.bitwise_or.reduceat(self.flags[order], starts), cells[starts]
        starts = _changes(cells[1:] != cells[:-1])
        for bit, place in enumerate(self.places):
            figures[cells[starts], place] += np.add.reduceat((met >> bit) & 1, starts, dtype=np.int32)


def met_once(entities: np.ndarray, flags: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The rows with flags of entities that have several, by entity; and the flags of the other rows.

    Source: ours; most people answer once in a period, and need no sorting cut by cut.

    >>> met_once(np.array([5, 7, 5, 7, 9]), np.array([1, 1, 3, 0, 2]))
    (array([0, 2]), array([0, 1, 0, 0, 2]))
    """
    rows = np.flatnonzero(flags)
    rows = rows[stable_order(entities[rows])]
    ordered = entities[rows]
    unlike = np.concatenate(([True], ordered[1:] != ordered[:-1], [True]))[: len(rows) + 1]
    single = unlike[:-1] & unlike[1:]
    once = np.zeros_like(flags)
    once[rows[single]] = flags[rows[single]]
    return rows[~single], once


def _changes(*changes: np.ndarray) -> np.ndarray:
    """Where runs start, the first row included, from where a row differs from the one before."""
    return np.flatnonzero(np.concatenate(([True], np.logical_or.reduce(changes))))


def stable_order(keys: np.ndarray) -> np.ndarray:
    """The order that sorts whole numbers from zero, equals staying as they came: 8 or 16 bits at a time.

    Source: NumPy sorts numbers of 8 and 16 bits by radix, ten times faster than those of 64, which it compares.

    >>> stable_order(np.array([70000, 3, 70000, 1])).tolist()
    [3, 1, 0, 2]
    """
    largest = int(keys.max(initial=0))
    order = np.argsort(keys.astype(np.uint8 if largest < 256 else np.uint16), kind="stable")
    for shift in range(16, largest.bit_length(), 16):
        order = order[np.argsort((keys >> shift).astype(np.uint16)[order], kind="stable")]
    return order


def medians(values: np.ndarray, cells: np.ndarray, count: int) -> np.ndarray:
    """The median of each cell, unknown where there is no value.

    Source: PostgreSQL percentile_cont(0.5): half way between the two middle values.

    >>> medians(np.array([1.0, 9.0, 2.0]), np.array([0, 2, 0]), 3)
    array([1.5, nan, 9. ])
    """
    order = np.lexsort((values, cells))
    values, sizes = np.append(values[order], np.nan), np.bincount(cells, minlength=count)
    first = np.cumsum(sizes) - sizes
    low = np.where(sizes > 0, first + (sizes - 1) // 2, -1)
    high = np.where(sizes > 0, first + sizes // 2, -1)
    return values[low] + (values[high] - values[low]) / 2
