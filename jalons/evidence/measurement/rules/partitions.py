"""Partitions: the rows of one source in one period as coded columns, sorted by cell; built, kept, read back."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from jalons.evidence.measurement.rules import arrays
from jalons.evidence.measurement.rules.arrays import Numbers, Texts
from jalons.evidence.measurement.rules.plan import Plan
from jalons.evidence.measurement.rules.trees import CHOICES, TEXT

ALIGNED = 64
DATA = "data"


@dataclass
class Partition:
    """Rows sorted by cell: a cell is a run of rows alike in every split.

    starts:    first row of each run.
    splits:    for each split, the category of each run.
    order:     rank of each row in time.
    columns:   column -> its values, in the order of the rows.
    watermark: latest submission version among the rows, None when there is no row.
    """

    length: int
    starts: np.ndarray
    splits: list[Texts]
    order: np.ndarray
    columns: dict[str, Numbers | Texts]
    watermark: int | None


def build(plan: Plan, lines: Sequence[tuple]) -> Partition:
    """A partition from the rows that PostgreSQL returns for a plan, oldest first.

    Source: sql.partition_rows; sorting once makes every sum of a cell one pass over contiguous rows.
    """
    count = len(plan.splits)
    read = list(zip(*lines, strict=True)) if lines else [()] * (count + len(plan.columns) + 1)
    splits = [arrays.texts(column) for column in read[:count]]
    kinds = zip(plan.columns, plan.kinds(), read[count:-1], strict=True)
    columns = {name: _column(kind, values) for name, kind, values in kinds}
    order, starts = sorted_by_cell([split.codes for split in splits], len(lines))
    return Partition(
        length=len(lines),
        starts=starts,
        splits=[Texts(split.codes[order][starts], split.words, True) for split in splits],
        order=order.astype(np.int32),
        columns={name: _taken(column, order) for name, column in columns.items()},
        watermark=max(read[-1], default=None),
    )


def _column(kind: str, values: Sequence[Any]) -> Numbers | Texts:
    if kind == CHOICES:
        return arrays.texts(None if value is None else tuple(value) for value in values)
    return arrays.texts(values) if kind == TEXT else arrays.numbers(values)


def _taken(column: Numbers | Texts, order: np.ndarray) -> Numbers | Texts:
    if isinstance(column, Texts):
        return Texts(column.codes[order], column.words, column.complete)
    return Numbers(column.values[order], column.complete)


def sorted_by_cell(codes: list[np.ndarray], length: int) -> tuple[np.ndarray, np.ndarray]:
    """The order of the rows by cell, as they came within a cell, and where each cell starts.

    Source: ours.
    """
    order = np.lexsort(codes[::-1]) if codes else np.arange(length)
    changes = np.zeros(length, bool)
    changes[:1] = True
    for code in codes:
        changes[1:] |= code[order][1:] != code[order][:-1]
    return order, np.flatnonzero(changes)


# On disk: a line of JSON that says what follows, then each array, aligned, read back without copying


def save(partition: Partition, path: Path, stamp: str) -> None:
    """Keep a partition in a file, whole or not at all.

    Source: NumPy memory-mapped files; a rename replaces the file in one step.
    """
    parts, offset = [], 0
    for array in _arrays(partition):
        offset = -(-offset // ALIGNED) * ALIGNED
        parts.append((array, offset))
        offset += array.nbytes
    words = [split.words for split in partition.splits]
    columns = [(name, *_described(column)) for name, column in partition.columns.items()]
    shapes = [(array.dtype.str, len(array), offset) for array, offset in parts]
    head = {"stamp": stamp, "length": partition.length, "watermark": partition.watermark}
    head |= {"splits": words, "columns": columns, "arrays": shapes}
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".part")
    with temporary.open("wb") as file:
        file.write(json.dumps(head).encode() + b"\n")
        base = -(-file.tell() // ALIGNED) * ALIGNED
        for array, offset in parts:
            file.seek(base + offset)
            file.write(np.ascontiguousarray(array).data)
    temporary.replace(path)


def _arrays(partition: Partition) -> list[np.ndarray]:
    columns = [c.codes if isinstance(c, Texts) else c.values for c in partition.columns.values()]
    return [partition.starts, partition.order, *(split.codes for split in partition.splits), *columns]


def _described(column: Numbers | Texts) -> tuple[list | None, bool]:
    return column.words if isinstance(column, Texts) else None, column.complete


def load(path: Path) -> tuple[str, Partition] | None:
    """A kept partition and the stamp of its rows; None when there is none, or when the file is damaged.

    Source: ours.
    """
    try:
        with path.open("rb") as file:
            head = json.loads(file.readline())
            base = -(-file.tell() // ALIGNED) * ALIGNED
        memory = np.memmap(path, np.uint8, "r").view(np.ndarray)
        starts, order, *others = [
            memory[base + offset : base + offset + length * np.dtype(kind).itemsize].view(kind)
            for kind, length, offset in head["arrays"]
        ]
    except (OSError, ValueError, KeyError):
        return None
    codes, values = others[: len(head["splits"])], others[len(head["splits"]) :]
    columns = {
        name: Numbers(array, complete) if words is None else Texts(array, _hashable(words), complete)
        for (name, words, complete), array in zip(head["columns"], values, strict=True)
    }
    splits = [Texts(code, words, True) for code, words in zip(codes, head["splits"], strict=True)]
    return head["stamp"], Partition(head["length"], starts, splits, order, columns, head["watermark"])


def _hashable(words: list) -> list:
    """Lists of choices, that JSON gives back as lists."""
    return [tuple(word) for word in words] if words and isinstance(words[0], list) else words
