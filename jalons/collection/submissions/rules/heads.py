"""Where the headings of a sheet made by someone else are, by what they are known again, and which rows are no data."""

import hashlib
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from functools import partial
from itertools import islice
from typing import Any

from jalons.collection.submissions.rules.schema import fold
from jalons.collection.submissions.rules.tables import Sheet, named

LONGEST = 80  # letters of a cell that may be a total or a heading
LOWEST = 15  # rows looked at for headings that are not the first
TOTALS = frozenset(
    fold(word)
    for word in ("total", "totaux", "total général", "sous-total", "somme", "ensemble", "grand total", "sum", "totals",
                 "المجموع", "مجموع", "المجموع العام", "الإجمالي", "إجمالي")
)  # fmt: skip


def fingerprint(header: Iterable[str]) -> str:
    """By what the headings of a sheet are known again, whatever their order, case, accents and blanks.

    Source: ours.

    >>> fingerprint(["Sexe", "Prénom", ""]) == fingerprint(["PRENOM ", "sexe"]) != fingerprint(["sexe"])
    True
    """
    words = sorted(filter(None, map(fold, header)))
    return hashlib.sha256("\n".join(words).encode()).hexdigest()


def headed(sheet: Sheet, answered: Callable[[Sequence[str]], int], known: Collection[str], row: int | None) -> Sheet:
    """The sheet from its headings on: where a person says, else known ones, else those that answer the most.

    answered: how many questions a row of headings answers.
    known:    fingerprints of headings that a person has tied before.
    row:      where a person says that they are, as the spreadsheet numbers rows.
    Missing:  when no row answers anything, the first that has the most texts.
    Source:   ours; partners put titles, logos and merged cells above.
    """
    if sheet.table is not None:
        return sheet
    if row is not None:
        return _from(sheet, row - sheet.first)
    above = [(-1, list(sheet.header)), *enumerate(islice(sheet.rows(), LOWEST))]
    names = [(place, _texts(cells)) for place, cells in above]
    if (found := next((place for place, texts in names if fingerprint(texts) in known), None)) is not None:
        return _from(sheet, found)
    mine = answered(names[0][1])
    if mine > 1:
        return sheet
    others = [(place, answered(texts), _told(texts)) for place, texts in names[1:]]
    best = max(others, key=lambda one: one[1], default=(-1, 0, 0))
    if best[1] > 1:
        return _from(sheet, best[0])
    widest = max(others, key=lambda one: one[2], default=(-1, 0, 0))
    return _from(sheet, widest[0]) if not mine and widest[2] > 2 * _told(names[0][1]) else sheet


def is_aside(cells: Sequence[Any], header: Sequence[str]) -> bool:
    """Whether a row is a total, or the headings again, as printed pages repeat them.

    Source: ours; such rows are told, never counted.

    >>> header = ["nom", "f", "h"]
    >>> is_aside(["TOTAL :", 12, 30], header), is_aside(["Nom", "F"], header), is_aside(["Ali"], header)
    (True, True, False)
    """
    place = next((n for n, cell in enumerate(cells) if cell is not None and cell != ""), None)
    if place is None or not isinstance(cells[place], str) or len(cells[place]) > LONGEST:
        return False
    first = fold(cells[place])
    if first in TOTALS:
        return True
    if place >= len(header) or first != fold(header[place]):
        return False
    own = [(fold(text), fold(name)) for text, name in zip(_texts(cells), header, strict=False) if text]
    return len(own) > 1 and all(text == name for text, name in own)


def _from(sheet: Sheet, place: int) -> Sheet:
    """The sheet whose headings are at a place among its rows; -1 is where they already are."""
    if place < 0:
        return sheet
    cells = next(islice(sheet.rows(), place, None), [])
    count = None if sheet.count is None else max(0, sheet.count - place - 1)
    return replace(
        sheet, header=named(cells, sheet.name), rows=partial(_after, sheet, place), first=sheet.first + place + 1,
        count=count,
    )  # fmt: skip


def _after(sheet: Sheet, place: int) -> Iterable[list[Any]]:
    return islice(sheet.rows(), place + 1, None)


def _texts(cells: Iterable[Any]) -> list[str]:
    return [" ".join(str(cell).split()) if cell is not None else "" for cell in cells]


def _told(texts: Iterable[str]) -> int:
    """How many different texts a row holds that are no figures."""
    return len({text for text in texts if text and not text.replace(".", "").replace(",", "").isdecimal()})
