"""A version of a form as the reader of submissions needs it: its tables, and its questions by place and by name."""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from jalons.collection.forms.rules.columns import holds_answer

ARABIC = str.maketrans("أإآٱىةؤئ", "اااايهوي", "ـ")
MARKS = re.compile("[\u0300-\u036f\u064b-\u065f\u0670]+")  # accents and Arabic vowels, apart from their letter
APART = re.compile(r"[\W_]+")


def fold(text: Any) -> str:
    """A text without case, accents, Arabic spelling variants, apostrophes nor hyphens: what names are compared by.

    Source: ours; the same letters as the search of lists folds in the database.

    >>> fold("Béni Mellal-Khénifra"), fold("M'fassis"), fold("وجدة") == fold("وجده")
    ('beni mellal khenifra', 'm fassis', True)
    """
    letters = MARKS.sub("", unicodedata.normalize("NFKD", str(text)).lower()).translate(ARABIC)
    return APART.sub(" ", letters).strip()


@dataclass(frozen=True, slots=True)
class Choices:
    """A list of choices: its codes, and the code behind each label in any language."""

    codes: frozenset[str]
    by_label: Mapping[str, str]
    labels: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Item:
    """One question that holds an answer.

    key:     its name among the answers of its table; its whole path when another one there has the same name.
    choices: None when the question has none, or when they are in a file that did not come with the form.
    """

    key: str
    name: str
    path: str
    table: str
    column: str
    kind: str
    position: int
    choices: Choices | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    relevant: str = ""
    required: str = ""
    constraint: str = ""
    calculation: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """The form itself (name "") or one of its repeats, with the questions asked once per row."""

    name: str
    parent: str | None
    path: tuple[str, ...]
    items: tuple[Item, ...]


@dataclass(slots=True)
class Place:
    """A node of an instance: a question, a repeat, or a group when it is neither."""

    item: Item | None = None
    read: Callable[[Any, Choices | None], Any] | None = None  # what makes an answer of its text
    seen: dict[str, Any] = field(default_factory=dict)  # short texts, and the answer that each gave
    repeat: str = ""
    silent: bool = False  # a note: it has a node and no answer
    inside: dict[str, "Place"] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Schema:
    """One version of a form. Tables come parents first."""

    version: str
    tables: Mapping[str, Table]
    root: Place
    by_name: Mapping[tuple[str, str], Item]

    def items(self) -> Iterator[Item]:
        for table in self.tables.values():
            yield from table.items

    def children(self, name: str) -> list[Table]:
        return [table for table in self.tables.values() if table.parent == name]

    def item(self, name: str, table: str = "") -> Item | None:
        """The question of a table that has this name; None when it has none or several."""
        return self.by_name.get((table, name))


def schema(questions: Iterable[Any], choices: Mapping[str, list[dict]], version: str = "") -> Schema:
    """What is needed to read the submissions of one version of a form.

    questions: rows with the fields of the form's Question table, in their order.
    choices:   {list name: [{"name": …, "labels": {"fr": …}}]}.
    Source:    XLSForm: a name is unique in its group, the name of a repeat in the whole form.
    """
    rows = list(questions)
    paths = _repeat_paths(rows)
    lists = {name: choice_list(options) for name, options in choices.items()}
    taken = Counter((row.table, row.name) for row in rows if holds_answer(row.kind))
    for name, path in paths.items():
        taken[_parent(path, paths) or "", name] += 1
    items = [_item(row, taken, lists) for row in rows if holds_answer(row.kind)]
    tables = {
        name: Table(name, _parent(path, paths), path, tuple(i for i in items if i.table == name))
        for name, path in sorted([("", ()), *paths.items()], key=lambda pair: len(pair[1]))
    }
    by_name = {(item.table, item.name): item for item in items if taken[item.table, item.name] == 1}
    return Schema(version, tables, _places(rows, items, paths), by_name)


def choice_list(options: Iterable[Mapping[str, Any]]) -> Choices:
    """A list of choices, found by code or by label. A label that two choices share finds neither.

    Source: XLSForm choices sheet; exports hold codes or labels.

    >>> choice_list([{"name": "f", "labels": {"fr": "Féminin"}}]).by_label
    {'feminin': 'f'}
    """
    by_label: dict[str, str | None] = {}
    labels = {}
    for option in options:
        code = str(option["name"])
        labels[code] = tuple(str(label) for label in (option.get("labels") or {}).values())
        for label in {fold(label) for label in labels[code]}:
            by_label[label] = None if by_label.get(label, code) != code else code
    return Choices(frozenset(labels), {label: code for label, code in by_label.items() if code}, labels)


def _item(row: Any, taken: Counter, lists: Mapping[str, Choices]) -> Item:
    return Item(
        key=row.name if taken[row.table, row.name] == 1 else row.path,
        name=row.name,
        path=row.path,
        table=row.table,
        column=row.column,
        kind=row.kind,
        position=row.position,
        choices=lists.get(row.list_name) if row.list_name else None,
        labels=row.labels,
        relevant=row.relevant,
        required=row.required,
        constraint=row.constraint,
        calculation=row.calculation,
    )


def _repeat_paths(rows: Iterable[Any]) -> dict[str, tuple[str, ...]]:
    """Where each repeat lies, from the path of its questions: up to the last step that bears its name."""
    paths = {}
    for row in rows:
        if row.table and row.table not in paths:
            groups = row.path.split("/")[:-1]
            last = len(groups) - groups[::-1].index(row.table) if row.table in groups else len(groups)
            paths[row.table] = tuple(groups[:last])
    return paths


def _parent(path: tuple[str, ...], paths: Mapping[str, tuple[str, ...]]) -> str | None:
    """The innermost repeat around a path; the form itself when there is none, None for the form."""
    if not path:
        return None
    around = [name for name, other in paths.items() if len(other) < len(path) and path[: len(other)] == other]
    return max(around, key=lambda name: len(paths[name]), default="")


def _places(rows: Iterable[Any], items: Iterable[Item], paths: Mapping[str, tuple[str, ...]]) -> Place:
    root, by_path = Place(), {item.path: item for item in items}
    repeats = {path: name for name, path in paths.items()}
    for row in rows:
        place, steps = root, row.path.split("/")
        for depth, step in enumerate(steps, start=1):
            place = place.inside.setdefault(step, Place(repeat=repeats.get(tuple(steps[:depth]), "")))
        place.item, place.silent = by_path.get(row.path), not holds_answer(row.kind)
    return root
