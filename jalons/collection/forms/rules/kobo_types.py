"""KoboToolbox's own kinds of questions (matrix, score, rank) turned into the XLSForm that Kobo makes of them."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from jalons.collection.forms.rules.faults import Fault
from jalons.collection.forms.rules.workbook import Sheet, Workbook

# kind -> the column that names its list, and the type of its rows; a matrix holds any question
LISTS = {
    "score": ("kobo--score-choices", "score__row"),
    "rank": ("kobo--rank-items", "rank__level"),
    "kobomatrix": ("kobo--matrix_list", ""),
}
MESSAGE = "kobo--rank-constraint-message"
CONDITIONS = ("relevant", "constraint", "required", "calculation", "choice_filter")

Cells = dict[str, str]


@dataclass(frozen=True)
class Block:
    """One such question: its first row, those inside, each with its number in the sheet."""

    kind: str
    number: int
    head: Cells
    inside: list[tuple[int, Cells]] = field(default_factory=list)

    @property
    def name(self) -> str:
        return name_of(self.head)

    @property
    def list_name(self) -> str:
        return self.head.get(LISTS[self.kind][0], "")


def name_of(row: Cells) -> str:
    """The name of a row, or the one that Kobo gave it.

    Source: KoboToolbox, `kpi/utils/autoname.py`.

    >>> name_of({"name": "", "$autoname": "a"})
    'a'
    """
    return row.get("name") or row.get("$autoname") or ""


def kind_of(row: Cells) -> tuple[str, str]:
    """Whether a row begins or ends such a question, and which.

    Source: KoboToolbox, `kpi/utils/xlsform_preprocessors`.

    >>> kind_of({"type": "begin score"}), kind_of({"type": "text"})
    (('begin', 'score'), ('', ''))
    """
    edge, _gap, kind = (row.get("type") or "").replace(" ", "_").partition("_")
    return (edge, kind) if edge in ("begin", "end") and kind in LISTS else ("", "")


def expanded(book: Workbook) -> Workbook:
    """The same workbook with each of these questions as Kobo's phones see it; rows keep their numbers.

    A score or a rank is a group of select_one; a matrix, a group per item with each of its questions. The headings
    that Kobo adds to be looked at hold no answer and are left out.
    Error:  a fault of the workbook when one lacks its list or a name, or is never closed.
    Source: KoboToolbox, `kpi/utils/xlsform_preprocessors`.
    """
    survey = book.sheets.get("survey")
    if survey is None or not any(kind_of(row)[0] for row in survey.rows):
        return book
    choices = book.sheets["choices"].rows if "choices" in book.sheets else []
    numbers, rows, faults = [], [], list(book.faults)
    for part in _parts(survey):
        if isinstance(part, Block):
            items = [row for row in choices if (row.get("list_name") or row.get("list name")) == part.list_name]
            made = list(_rows(part, items)) if _is_whole(part, items) else []
            if not made:
                column = LISTS[part.kind][0]
                values = {"name": part.head["type"], "column": column}
                faults.append(Fault("kobo_type", survey.name, part.number, column, values))
        else:
            made = [part]
        numbers += [number for number, _row in made]
        rows += [row for _number, row in made]
    header = [*survey.header, *(h for h in dict.fromkeys(h for row in rows for h in row) if h not in survey.header)]
    sheet = Sheet(survey.name, [h for h in header if h is None or not h.startswith("kobo--")], rows, numbers)
    return replace(book, sheets=book.sheets | {"survey": sheet}, faults=faults)


def _parts(survey: Sheet) -> Iterator[tuple[int, Cells] | Block]:
    block = None
    for number, row in enumerate(survey.rows, start=2):
        edge, kind = kind_of(row)
        if edge == "begin":
            if block:
                yield replace(block, inside=[])
            block = Block(kind, number, row)
        elif edge == "end":
            yield block if block and kind == block.kind else Block(kind, number, row)
            block = None
        elif block is not None:
            block.inside.append((number, row))
        else:
            yield number, row
    if block:
        yield replace(block, inside=[])


def _is_whole(block: Block, items: list[Cells]) -> bool:
    inner = LISTS[block.kind][1]
    kinds = {row.get("type", "") for _number, row in block.inside}
    names = [block.name, *(name_of(row) for _number, row in block.inside)]
    return bool(block.inside and items and all(names) and (not inner or kinds == {inner}))


def _rows(block: Block, items: list[Cells]) -> Iterator[tuple[int, Cells]]:
    if block.kind == "kobomatrix":
        for item in items:
            yield from _item(block, item)
        return
    told = {k: v for k, v in block.head.items() if k.startswith("label") or k == "relevant"}
    yield block.number, {**told, "type": "begin_group", "name": block.name, "appearance": "field-list"}
    before: list[str] = []
    for number, row in block.inside:
        asked = {**row, "type": f"select_one {block.list_name}", "name": name_of(row)}
        if block.kind == "score":
            asked |= {"appearance": row.get("appearance") or "list-nolabel", "required": block.head.get("required", "")}
        else:
            different = " and ".join(f"${{{asked['name']}}} != ${{{other}}}" for other in before)
            asked |= {"required": "true", "constraint": different, "constraint_message": block.head.get(MESSAGE, "")}
        before.append(asked["name"])
        yield number, {k: v for k, v in asked.items() if v}
    yield block.number, {"type": "end_group"}


def _item(block: Block, item: Cells) -> Iterator[tuple[int, Cells]]:
    """One line of a matrix: the same questions, about one item."""
    base = f"{block.name}_{item.get('name') or item.get('$autovalue', '')}"
    names = {name_of(row): f"{base}_{name_of(row)}" for _number, row in block.inside}
    labels = {k: v for k, v in item.items() if k.startswith("label")}
    yield block.number, {**labels, "type": "begin_group", "name": base}
    for number, row in block.inside:
        asked = {**row, "name": names[name_of(row)]}
        for column in (k for k in row if k.startswith("label") and k in item):
            asked[column] = f"{item[column]} – {row[column]}"
        for column in (k for k in CONDITIONS if k in row):
            for old, new in names.items():
                asked[column] = asked[column].replace(f"${{{old}}}", f"${{{new}}}")
        yield number, asked
    yield block.number, {"type": "end_group"}
