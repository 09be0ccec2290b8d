"""An export as SPSS or Stata files, one per table, with the words of variables and of codes.

pyreadstat writes a frame held whole in memory: beyond so many cells the export is refused, and says what to do.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pyreadstat
from django.utils import timezone
from django.utils.translation import gettext

from jalons.collection.submissions.exports.tables import WHOLE, YES, Column, Table, cell
from jalons.collection.submissions.rules import filters as rules
from jalons.core.errors import Refused, _

CELLS = 20_000_000  # about 2 GB of memory
LONGEST_NAME = {"sav": 64, "dta": 32}
LONGEST_LABEL = {"sav": 250, "dta": 80}  # bytes
LONGEST_WORD = {"sav": 120, "dta": 2_000}  # bytes, of the words of a code
LONGEST_TEXT = {"sav": 32_000, "dta": 2_000}  # bytes
RESERVED = frozenset(
    word
    for system in (
        "all and by eq ge gt le lt ne not or to with",  # SPSS, then Stata
        "byte double float if in int long str strl using _all _b _coef _cons _n _pi _pred _rc _skip",
    )
    for word in system.split()
)
TOO_MANY = _(
    "« %(table)s » a %(cells)s cases ; SPSS et Stata en prennent %(limit)s au plus. "
    "Filtrez, ou choisissez CSV ou Parquet."
)


def write(path: Path, table: Table, ending: str, progress: Callable[[int], None]) -> tuple[dict[str, str], int]:
    """One table. Returns the name of each column in the file, and how many texts were cut.

    Error: Refused when the table is too large to be held in memory.
    """
    cells = table.count * len(table.columns)
    if cells > CELLS:
        raise Refused(TOO_MANY, table=table.title, cells=cells, limit=CELLS)
    heads = [column.head for column in table.columns]
    names = names_of(heads, LONGEST_NAME[ending])
    rows = list(table.rows())
    progress(len(rows))
    kept = [_Variable(c, [row[n] for row in rows], ending) for n, c in enumerate(table.columns)]
    del rows
    frame = pd.DataFrame({name: one.values for name, one in zip(names, kept, strict=True)})
    write_file = pyreadstat.write_sav if ending == "sav" else pyreadstat.write_dta
    write_file(
        frame, path,
        column_labels=[_short(c.label, LONGEST_LABEL[ending]) for c in table.columns],
        variable_value_labels={n: v.labels for n, v in zip(names, kept, strict=True) if v.labels},
    )  # fmt: skip
    return dict(zip(heads, names, strict=True)), sum(variable.cut for variable in kept)


class _Variable:
    """A column as these files hold it: numbers with words beside them, days, texts no longer than they may be."""

    def __init__(self, column: Column, values: list[Any], ending: str) -> None:
        self.labels: dict[int, str] = {}
        self.cut = 0
        if column.nature in (WHOLE, YES, rules.NUMBER):
            self.values = pd.Series([None if v is None else float(v) for v in values], dtype="float64")
            self.labels = {0: gettext("non"), 1: gettext("oui")} if column.nature == YES else {}
        elif column.nature in (rules.DAY, rules.MOMENT):
            moments = [timezone.localtime(v).replace(tzinfo=None) if column.nature == rules.MOMENT and v else v
                       for v in values]  # fmt: skip
            self.values = pd.Series(moments, dtype="object")
        elif column.nature == rules.ONE and column.labels:
            self._code(column.labels, values, LONGEST_WORD[ending])
        else:
            self._text([cell(column, value, in_words=False) for value in values], LONGEST_TEXT[ending])

    def _code(self, labels: Mapping[str, str], values: Iterable[Any], longest: int) -> None:
        """Codes as numbers: their own when all are whole numbers, else their rank; one that no list has comes after."""
        others = sorted({value for value in values if value is not None} - labels.keys())
        codes = [*labels, *others]
        number = {code: int(code) for code in codes} if all(map(_is_whole, codes)) else {}
        if len(set(number.values())) < len(codes):
            number = {code: rank for rank, code in enumerate(codes, start=1)}
        self.values = pd.Series([None if v is None else float(number[v]) for v in values], dtype="float64")
        self.labels = {number[code]: _short(labels.get(code, code), longest) for code in codes}

    def _text(self, values: list[str | None], longest: int) -> None:
        kept = [value and _short(value, longest) for value in values]
        self.cut = sum(a != b for a, b in zip(values, kept, strict=True))
        self.values = pd.Series(["" if value is None else value for value in kept], dtype="object")


def _is_whole(code: str) -> bool:
    return bool(re.fullmatch(r"-?(0|[1-9]\d{0,8})", code))


def _short(text: str, longest: int) -> str:
    return text if len(text) * 4 <= longest else text.encode()[:longest].decode(errors="ignore")


def names_of(heads: Iterable[str], longest: int) -> list[str]:
    """Names that SPSS and Stata both take, each once: letters without accents, digits and underscores."""
    found: list[str] = []
    taken: Counter[str] = Counter()
    for head in heads:
        name = re.sub(r"[^A-Za-z0-9_]+", "_", head).strip("_") or "q"
        name = (f"q_{name}" if not name[0].isalpha() or name.lower() in RESERVED else name)[:longest]
        wanted, number = name, 1
        while taken[name.lower()]:
            number += 1
            name = f"{wanted[: longest - len(str(number)) - 1]}_{number}"
        taken[name.lower()] += 1
        found.append(name)
    return found
