"""Rows of an export as submissions: each with its repeats, what could not be read, and its cells as they came."""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any
from unicodedata import decimal

from jalons.collection.submissions.rules.answers import Unreadable, bare, convert, truth
from jalons.collection.submissions.rules.filled import is_filled
from jalons.collection.submissions.rules.headers import Column, Columns
from jalons.collection.submissions.rules.heads import fingerprint, is_aside
from jalons.collection.submissions.rules.identity import canonical, derived
from jalons.collection.submissions.rules.instances import TWICE, Reading
from jalons.collection.submissions.rules.plan import Part, Plan
from jalons.collection.submissions.rules.schema import Item, fold
from jalons.core.errors import _

NO_COLUMN = _("Aucune question ne correspond à cette colonne.")
TWO_SAYINGS = _("La liste des choix et leurs colonnes 0/1 ne disent pas la même chose ; la liste est gardée.")
ASIDE = _(
    "Ligne de total, ou titres répétés : elle n’est pas comptée. Si c’est une vraie ligne, changez son premier mot."
)
ORPHAN = _(
    "Aucune ligne de la feuille principale ne porte « %(link)s » : celle-ci reste sans soumission. Corrigez-la dans "
    "votre fichier, puis renvoyez-le entier."
)
UNTIED = _(
    "Rien ne dit à quelle ligne de la feuille principale celle-ci appartient : elle reste sans soumission. Dites-le "
    "dans votre fichier, puis renvoyez-le entier."
)


@dataclass(slots=True)
class Row:
    """One submission of a table, with the place of its row and what the sheet says of it beside its answers.

    numbers: the row of its sheet that holds each line of each repeat.
    """

    place: str
    instance_id: str
    deprecated_id: str
    root_id: str
    version: str
    collector: str
    content: bytes
    reading: Reading = field(default_factory=Reading)
    numbers: dict[tuple[str, tuple[int, ...]], int] = field(default_factory=dict)


@dataclass(slots=True)
class _Branch:
    """The rows of a repeat's sheet, ready to hang under their parents."""

    part: Part
    by_link: dict[str, list[tuple[int, list[Any]]]]
    below: list["_Branch"]


def rows(plan: Plan, plan_of: Callable[[str], Plan] | None = None) -> Iterator[Row]:
    """The submissions of a file in its order.

    plan_of: the plan of the version that a row names: one file may hold rows of several versions.
    Missing: without an identifier, one is made from the cells; equal rows of one file are numbered.
    Source:  Kobo, ODK Central and R exports.
    """
    branches = _branches(plan)
    version_at = plan.form.columns.marks.get("version")
    seen: Counter = Counter()
    for number, cells in _numbered(plan.form):
        own = plan if plan_of is None or version_at is None else plan_of(_text(cells, version_at))
        columns = {part.columns.table: part.columns for part in own.parts}
        reading, repeats = Reading(), {}
        reading.answers = _line(columns[""], cells, reading, "")
        hanging = _Hanging(columns, reading)
        hanging.numbers["", ()] = number
        for branch in branches:
            hanging.hang(branch, _link_value(cells, branch.part.link[1]), reading.answers, repeats, ())
        kept = {"cells": _kept(plan.form.columns.columns, cells), **({"repeats": repeats} if repeats else {})}
        content = json.dumps(kept, ensure_ascii=False, default=_as_text).encode()
        row = _row(plan.form, number, cells, content, reading, seen)
        row.numbers = hanging.numbers
        yield row


def orphans(plan: Plan) -> Iterator[dict[str, str]]:
    """Rows of repeats that name a parent which the file does not hold.

    Source: ours; what cannot be attached is reported, never dropped.
    """
    for part in plan.repeats:
        parent = next(p for p in plan.parts if p.columns.table == part.parent)
        known = {_link_value(cells, part.link[1]) for _number, cells in _numbered(parent)}
        for number, cells in _numbered(part):
            value = _link_value(cells, part.link[0])
            if not value or value not in known:
                yield {"place": _place(part, number), "reason": ORPHAN if value else UNTIED, "link": value}


def asides(plan: Plan) -> Iterator[dict[str, str]]:
    """Rows that are no data: totals, headings said again.

    Source: ours; they are told, never dropped in silence.
    """
    for part in plan.parts:
        for number, cells in enumerate(part.sheet.rows(), start=part.sheet.first):
            if _is_aside(part, cells):
                yield {"place": _place(part, number), "reason": ASIDE}


def _branches(plan: Plan, table: str = "") -> list[_Branch]:
    found = []
    for part in plan.repeats:
        if part.parent == table:
            by_link = defaultdict(list)
            for number, cells in _numbered(part):
                by_link[_link_value(cells, part.link[0])].append((number, cells))
            found.append(_Branch(part, by_link, _branches(plan, part.columns.table)))
    return found


@dataclass(slots=True)
class _Hanging:
    """The columns by which the repeats of one submission are read, and where the reading goes."""

    columns: dict[str, Columns]
    reading: Reading
    numbers: dict[tuple[str, tuple[int, ...]], int] = field(default_factory=dict)

    def hang(
        self, branch: _Branch, link: str, line: dict[str, Any], kept: dict[str, list], above: tuple[int, ...]
    ) -> None:
        """Put the rows of a repeat under their parent, and theirs under them."""
        own = branch.by_link.get(link, []) if link else []
        repeat = branch.part.columns.table
        columns = self.columns.get(repeat)
        lines = line.setdefault(repeat, []) if own and columns else []
        for number, cells in own:
            here = (*above, len(lines))
            self.numbers[repeat, here] = number
            inner: dict[str, list] = {}
            if columns:
                lines.append(_line(columns, cells, self.reading, f"{repeat}[{len(lines) + 1}]/"))
                for below in branch.below:
                    self.hang(below, _link_value(cells, below.part.link[1]), lines[-1], inner, here)
            kept.setdefault(repeat, []).append({**_kept(branch.part.columns.columns, cells), **inner})


def _row(part: Part, number: int, cells: list[Any], content: bytes, reading: Reading, seen: Counter) -> Row:
    marks = {mark: _text(cells, place) for mark, place in part.columns.marks.items()}
    name = canonical(marks.get("uuid", "")) or canonical(marks.get("id", ""))
    if not name and part.columns.key is not None and (key := _text(cells, part.columns.key)):
        name = canonical(f"{fingerprint(part.sheet.header)[:12]}:{fold(key)}")
    is_copied = part.sheet.table is not None and seen[name] > 0  # a row of ours, copied whole under itself
    if not name or is_copied:
        seen[content] += 1
        name = derived(content, seen[content])
    seen[name] += 1
    return Row(
        place=_place(part, number),
        instance_id=name,
        deprecated_id=canonical(marks.get("deprecated", "")),
        root_id=canonical(marks.get("root", "")),
        version=marks.get("version", ""),
        collector=marks.get("collector", "").replace("\0", ""),
        content=content,
        reading=reading,
    )


def _place(part: Part, number: int) -> str:
    return f"{part.sheet.name} · {number}"


def _numbered(part: Part) -> Iterator[tuple[int, list[Any]]]:
    """Rows that hold something, with the number that the spreadsheet shows."""
    for number, cells in enumerate(part.sheet.rows(), start=part.sheet.first):
        if is_filled(cells, part.sheet.prefilled) and not _is_aside(part, cells):
            yield number, cells


def _is_aside(part: Part, cells: list[Any]) -> bool:
    return part.sheet.table is None and is_aside(cells, part.sheet.header)


def _text(cells: list[Any], place: int) -> str:
    value = cells[place] if place < len(cells) else ""
    return str(
        int(value) if isinstance(value, float) and value.is_integer() else "" if value is None else value
    ).strip()


def _link_value(cells: list[Any], place: int) -> str:
    """What ties rows of two sheets, in the same digits however it was typed."""
    text = _text(cells, place)
    return canonical(text if text.isascii() else "".join(str(decimal(letter, letter)) for letter in text))


def _line(columns: Columns, cells: list[Any], reading: Reading, prefix: str) -> dict[str, Any]:
    """The answers of one row of one sheet."""
    line: dict[str, Any] = {}
    chosen: dict[str, tuple[Item, list[str]]] = {}
    unknown = columns.unknown_places
    for place, (column, cell) in enumerate(zip(columns.columns, cells, strict=False)):
        if cell is None or cell == "":
            continue
        if isinstance(cell, str) and "\0" in cell:
            cell = cell.replace("\0", "")
        if column.choice:
            _tick(column, cell, chosen, reading, prefix)
        elif column.item:
            _answer(column.item, cell, line, reading, prefix)
        elif place in unknown:
            reading.leave(prefix + column.header, _as_text(cell), NO_COLUMN)
    for item, codes in chosen.values():
        _settle(item, codes, line, reading, prefix)
    return line


def _settle(item: Item, codes: list[str], line: dict[str, Any], reading: Reading, prefix: str) -> None:
    """The ticked choices are the answer, unless the list of choices says otherwise."""
    if line.get(item.key) is None and codes:
        line[item.key] = codes
    elif codes and set(codes) != set(line[item.key]):
        reading.leave(prefix + item.name, " ".join(codes), TWO_SAYINGS)


def _tick(column: Column, cell: Any, chosen: dict, reading: Reading, prefix: str) -> None:
    codes = chosen.setdefault(column.item.key, (column.item, []))[1]
    try:
        if truth(cell):
            codes.append(column.choice)
    except Unreadable as verdict:
        reading.leave(prefix + column.header, _as_text(cell), str(verdict))


def _answer(item: Item, cell: Any, line: dict[str, Any], reading: Reading, prefix: str) -> None:
    try:
        value = convert(item, bare(cell) if isinstance(cell, str) else cell)
    except Unreadable as verdict:
        line.setdefault(item.key, None)
        reading.leave(prefix + item.name, _as_text(cell), str(verdict))
        return
    if value is None or line.get(item.key) == value:
        return
    if line.get(item.key) is not None:
        reading.leave(prefix + item.name, _as_text(cell), TWICE)
        return
    line[item.key] = value


def _kept(columns: Iterable[Column], cells: list[Any]) -> dict[str, Any]:
    """The cells of a row as they came, under their headers; the blank ones left out."""
    return {c.header: cell for c, cell in zip(columns, cells, strict=False) if cell is not None and cell != ""}


def _as_text(value: Any) -> str:
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    return value.isoformat() if isinstance(value, datetime | date | time) else str(value)
