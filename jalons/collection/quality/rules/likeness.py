"""Submissions that say the same, or almost, on chosen questions."""

from collections.abc import Iterable, Iterator, Sequence, Set
from typing import Any, NamedTuple

import numpy as np

from jalons.collection.quality.rules.found import Found, said
from jalons.core.errors import _

SHARE = 0.9
FEWEST = 5  # questions answered by both under which likeness says nothing
MOST = 500  # others that one submission is compared with: the latest of its block
BLOCK = 256  # rows compared at a time, to bound memory
SAME = _("Mêmes réponses que %(other)s aux questions choisies.")
NEAR = _("%(percent)s %% de réponses égales à celles de %(other)s, sur %(count)s questions.")


class Sheet(NamedTuple):
    """Answers of one submission to the chosen questions, in their order; the block in which it is compared."""

    pk: int
    version: int
    name: str
    block: Any
    answers: tuple[Any, ...]


def same(sheets: Iterable[Sheet], new: Set[int] | None) -> Iterator[Found]:
    """New submissions whose chosen answers are all those of an earlier one.

    new:     keys of those to tell of; None for all.
    Missing: blanks equal blanks, but a submission without any of these answers is the twin of none.
    Source:  ours; Kobo and ODK have no unique key on answers.
    """
    first: dict[tuple[Any, ...], Sheet] = {}
    for sheet in sorted(sheets, key=lambda one: one.pk):
        if not any(answer is not None for answer in sheet.answers):
            continue
        twin = first.setdefault(tuple(map(said, sheet.answers)), sheet)
        if twin is not sheet and (new is None or sheet.pk in new):
            yield Found(sheet.pk, sheet.version, "", (), twin.name, SAME, {"other": twin.name})


def near(sheets: Iterable[Sheet], new: Set[int] | None, share: float = SHARE) -> Iterator[Found]:
    """New submissions that share most of their answers with an earlier one of the same block.

    new:     keys of those to tell of; None for all.
    share:   of equal answers among the questions that either answered, from 0 to 1.
    Missing: a blank against an answer differs; two blanks are left out.
    Error:   only the 500 latest of a block are compared; fewer than five common questions say nothing.
    Source:  Gower (1971) on nominal answers, as find_duplicates of IMPACT cleaningtools; Kuriakose and Robbins (2016)
             for the share of equal answers.
    """
    blocks: dict[Any, list[Sheet]] = {}
    for sheet in sorted(sheets, key=lambda one: one.pk):
        blocks.setdefault(sheet.block, []).append(sheet)
    for block in blocks.values():
        if len(block) > 1 and any(new is None or sheet.pk in new for sheet in block):
            yield from _near(block[-MOST:], new, share)


def _near(block: Sequence[Sheet], new: Set[int] | None, share: float) -> Iterator[Found]:
    codes = _codes([sheet.answers for sheet in block])
    wanted = [n for n, sheet in enumerate(block) if n and (new is None or sheet.pk in new)]
    for start in range(0, len(wanted), BLOCK):
        rows = wanted[start : start + BLOCK]
        equal, counted = _shares(codes[rows], codes)
        for place, row in enumerate(rows):
            alike = np.where(counted[place, :row] >= FEWEST, equal[place, :row], 0)
            best = int(alike.argmax())
            if alike[best] >= share:
                sheet, other = block[row], block[best]
                values = {"percent": int(100 * alike[best]), "other": other.name, "count": int(counted[place, best])}
                yield Found(sheet.pk, sheet.version, "", (), other.name, NEAR, values)


def _codes(answers: Sequence[tuple[Any, ...]]) -> np.ndarray:
    """Each different answer to a question as a number; 0 for a blank."""
    columns = []
    for column in zip(*answers, strict=True):
        known: dict[Any, int] = {}
        plain = (tuple(a) if isinstance(a, list) else a for a in column)
        columns.append([0 if a is None else known.setdefault(a, len(known) + 1) for a in plain])
    return np.array(columns, dtype=np.int32).T


def _shares(some: np.ndarray, all_rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Share of equal answers of each of some rows with each of all, and on how many questions."""
    equal = np.zeros((len(some), len(all_rows)), dtype=np.int32)
    counted = np.zeros_like(equal)
    for question in range(all_rows.shape[1]):
        mine, theirs = some[:, question, None], all_rows[None, :, question]
        either = (mine > 0) | (theirs > 0)
        counted += either
        equal += either & (mine == theirs)
    return equal / np.maximum(counted, 1), counted


def share_of_equal(one: Sequence[Any], other: Sequence[Any]) -> float | None:
    """Share of equal answers between two submissions.

    Unit:    share, 0 to 1.
    Missing: None when neither answered anything.
    Source:  Gower (1971), nominal answers.

    >>> share_of_equal(["f", 3, None, "eau"], ["f", 4, None, "eau"])
    0.6666666666666666
    """
    codes = _codes([tuple(one), tuple(other)])
    equal, counted = _shares(codes[:1], codes[1:])
    return float(equal[0, 0]) if counted[0, 0] else None
