"""Which question, which choice of a question or which identifier each column of an export holds."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from jalons.collection.submissions.rules.schema import Item, Place, Schema, Table, fold

SEPARATORS = "/.-:"
KEY = "@key"  # among what a person told of a sheet: the heading of the column that names its rows
SEVERAL = ("select_multiple", "rank")
# header, folded -> what the column says of the submission beside its answers; first spelling found wins
MARKS = {
    "root": ("meta/rootuuid", "rootuuid"),
    "uuid": ("meta/instanceid", "meta-instanceid", "meta.instanceid", "instanceid", "key", "_uuid", "x_uuid", "uuid"),
    "deprecated": ("meta/deprecatedid", "meta-deprecatedid", "deprecatedid"),
    "id": ("_id", "x_id"),
    "index": ("_index", "x_index", "index"),
    "parent_index": ("_parent_index", "x_parent_index", "parent_index"),
    "parent_key": ("parent_key",),
    "submission_uuid": ("_submission__uuid", "x_submission__uuid", "_submission_uuid"),
    "submission_id": ("_submission__id", "x_submission__id", "_submission_id"),
    "instance_name": ("meta/instancename", "meta-instancename", "instancename", "instance_name"),
    "parent_instance_name": ("parent_instance_name",),
    "version": ("__version__", "x__version__", "_version_", "_version", "formversion"),
    "collector": ("_submitted_by", "x_submitted_by", "submittername", "username"),
}
# columns that exports add and that answer no question
ADDED = frozenset(
    ["_validation_status", "_notes", "_status", "_tags", "_attachments", "_geolocation", "_xform_id_string",
     "_bamboo_dataset_id", "_parent_table_name", "_duration", "_edited", "_media_count", "_total_media",
     "_media_all_received", "attachmentspresent", "attachmentsexpected", "submitterid", "deviceid", "edits",
     "reviewstate", "status", "updatedat", "formhub/uuid", "row_id", "_submission_time", "x_submission_time",
     "submissiondate", "_row"]
)  # fmt: skip
# a point that exports also split into its parts, beside the whole; the number of rows of a repeat
SPLIT = re.compile(r"_.+_(latitude|longitude|altitude|precision)|set-of-.+")
MARK_OF = {spelling: mark for mark, spellings in MARKS.items() for spelling in spellings}
RANK = {spelling: rank for spellings in MARKS.values() for rank, spelling in enumerate(spellings)}


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a sheet: the question it answers, or one choice of it, or nothing known."""

    header: str
    item: Item | None = None
    choice: str = ""

    @property
    def known(self) -> bool:
        return self.item is not None


@dataclass(frozen=True)
class Columns:
    """The columns of one sheet, in order; `marks` gives the place of each identifier found.

    key: the place of the column that names its rows, when a person told which.
    """

    table: str
    columns: tuple[Column, ...]
    marks: Mapping[str, int] = field(default_factory=dict)
    key: int | None = None

    @cached_property
    def unknown_places(self) -> frozenset[int]:
        """Columns that are no question, no identifier and nothing that exports add."""
        names = {column.header.lower() for column in self.columns}
        return frozenset(
            place
            for place, column in enumerate(self.columns)
            if column.header and not column.known and not is_added(column.header.lower(), names)
        )

    @property
    def unknown(self) -> list[str]:
        return [self.columns[place].header for place in sorted(self.unknown_places)]

    @property
    def answered(self) -> int:
        return sum(column.known for column in self.columns)


def is_added(header: str, names: Iterable[str] = ()) -> bool:
    """Whether a column says of the submission what no question asks, as exports do, in one of their spellings.

    names:  all headers of its sheet, in lower case: the address of a photograph stands beside its question.
    Source: Kobo and ODK Central exports; Kobo repeats what it says of the submission in the sheets of repeats.

    >>> is_added("key"), is_added("_submission__submission_time"), is_added("photo_url", ["photo"]), is_added("age")
    (True, True, True, False)
    """
    bare = header.removeprefix("x").removeprefix("_submission_")
    known = any(name in ADDED or name in MARK_OF for name in (header, bare, f"_{bare}"))
    return known or bool(SPLIT.fullmatch(header)) or (header.endswith("_url") and header[:-4] in names)


def match(header: Iterable[str], schema: Schema, table: str = "", mapping: Mapping[str, str] | None = None) -> Columns:
    """Read the header of a sheet that holds the rows of one table of the form.

    mapping: {header: path of a question, or "" to leave the column out}, chosen by a person; it wins.
    Missing: a column that answers nothing known stays, unknown: its cells are kept in the row and reported.
    Source:  Kobo, ODK Central and R exports: `group/q`, `group.q`, `group-q`, `q`; `q/choice`, `q.choice`; labels.
    """
    finder, chosen = _Finder(schema, schema.tables[table]), mapping or {}
    columns, marks = [], {}
    for place, name in enumerate(header):
        if name in chosen:
            columns.append(Column(name, finder.by_path.get(chosen[name])))
            continue
        columns.append(finder.column(name))
        spelling = name.lower()
        mark = MARK_OF.get(spelling)
        if mark and (mark not in marks or RANK[spelling] < RANK[columns[marks[mark]].header.lower()]):
            marks[mark] = place
    key = next(
        (place for place, column in enumerate(columns) if column.header and column.header == chosen.get(KEY)), None
    )
    return Columns(table, tuple(columns), marks, key)


class _Finder:
    """The ways to find a question of one table by what a header says."""

    def __init__(self, schema: Schema, table: Table) -> None:
        self.by_path = {item.path: item for item in table.items}
        self.by_name = {item.name: item for item in table.items if schema.item(item.name, table.name)}
        self.by_label = _unique((fold(label), item) for item in table.items for label in item.labels.values())
        self.groups = set(_groups(schema.root))

    def column(self, header: str) -> Column:
        for name in (header, header.removeprefix("X")):
            item = self.question(name)
            if item:
                return Column(header, item)
            if found := self.choice(name):
                return Column(header, *found)
            if item := self.last_step(name):
                return Column(header, item)
        return Column(header)

    def question(self, name: str) -> Item | None:
        """By name, by path with any separator, else by label."""
        if item := self.by_name.get(name):
            return item
        for separator in SEPARATORS:
            path = name.replace(separator, "/")
            if item := self.by_path.get(path):
                return item
        return self.by_label.get(fold(name))

    def last_step(self, name: str) -> Item | None:
        """By what follows the groups: a question that moved to another group keeps its name.

        Only `/` always separates groups; before another sign the form must have the group.
        """
        for separator in SEPARATORS:
            for place in _places(name, separator):
                item = self.by_name.get(name[place + 1 :])
                if item and (separator == "/" or self.groups.issuperset(name[:place].split(separator))):
                    return item
        return None

    def choice(self, name: str) -> tuple[Item, str] | None:
        """One choice of a question of several choices, by code or by label; after `/`, also one that its list lacks."""
        for separator in SEPARATORS:
            for place in reversed(_places(name, separator)):
                item = self.question(name[:place]) or self.last_step(name[:place])
                if item and item.kind in SEVERAL:
                    code = _code(item, name[place + 1 :])
                    if separator == "/" or (item.choices and code in item.choices.codes):
                        return item, code
        return None


def _groups(place: Place) -> Iterator[str]:
    for name, inner in place.inside.items():
        if inner.inside:
            yield name
            yield from _groups(inner)


def _places(name: str, separator: str) -> list[int]:
    return [place for place, letter in enumerate(name) if letter == separator]


def _code(item: Item, written: str) -> str:
    """The code of a choice: R writes a point for every letter that its names cannot hold."""
    if item.choices is None or written in item.choices.codes:
        return written
    dotted = {code.replace("-", ".").replace(" ", "."): code for code in item.choices.codes}
    return dotted.get(written) or item.choices.by_label.get(fold(written), written)


def _unique(pairs: Iterable[tuple[str, Item]]) -> dict[str, Item]:
    """What each text names, left out when it names several questions."""
    found: dict[str, dict[str, Item]] = defaultdict(dict)
    for text, item in pairs:
        if text:
            found[text][item.path] = item
    return {text: next(iter(items.values())) for text, items in found.items() if len(items) == 1}
