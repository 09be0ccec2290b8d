"""Everything wrong in the sheets of an XLSForm, where the converter would stop at the first fault."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from itertools import chain, islice

from pyxform import aliases, constants
from pyxform.parsing.expression import RE_PYXFORM_REF_INNER, RE_PYXFORM_REF_OUTER, is_xml_tag
from pyxform.question_type_dictionary import QUESTION_TYPE_DICT
from pyxform.utils import default_is_dynamic
from pyxform.xls2json import RE_BEGIN_CONTROL, RE_END_CONTROL, RE_OSM, RE_SELECT

from jalons.collection.forms.rules.faults import Fault
from jalons.collection.forms.rules.formulas import formulas
from jalons.collection.forms.rules.tables import TRANSLATED, Row, Table, table
from jalons.collection.forms.rules.workbook import Workbook

PLAIN_TYPES = {*QUESTION_TYPE_DICT, *constants.EXTERNAL_INSTANCE_TYPES, "audit", *aliases._type_alias_map}
COMMON_TYPES = (
    "text", "integer", "decimal", "date", "time", "dateTime", "note", "calculate", "geopoint", "image", "audio",
    "video", "file", "barcode", "select_one", "select_multiple", "begin_group", "end_group", "begin_repeat",
    "end_repeat", "today", "start", "end", "range",
)  # fmt: skip
BARE_SELECT = re.compile(rf"^({'|'.join(aliases.select)})( or_other)?$")
FILES = tuple(constants.EXTERNAL_INSTANCE_EXTENSIONS)
MANY = 1500  # names beyond which no nearest one is looked for
SUGGESTIONS = 100
MOST = 5000  # faults listed; nobody corrects more at once
ROOT = constants.DEFAULT_FORM_NAME
REFERENCES_NOT_READ = {"type", "name", "trigger"}


@dataclass
class Open:
    """A group or repeat being read: its control, its name, its row, and the names taken in it."""

    control: str = ""
    name: str = ""
    row: int = 1
    taken: dict[str, int] = field(default_factory=dict)


@dataclass
class Reading:
    """The survey rows read in order."""

    survey: Table
    lists: dict[str, list[Row]]
    faults: list[Fault] = field(default_factory=list)
    stack: list[Open] = field(default_factory=lambda: [Open()])
    names: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    repeats: dict[str, int] = field(default_factory=dict)
    rows: dict[tuple[str, ...], int] = field(default_factory=dict)

    def fault(self, code: str, row: Row, column: str, **values: object) -> None:
        header = self.survey.headers.get((column,), column)
        self.faults.append(Fault(code, self.survey.sheet, row.number, header, values))


def check(book: Workbook) -> tuple[list[Fault], dict[tuple[str, ...], int]]:
    """Every fault of the sheets, in reading order, and the row of each question by its path of names.

    Source: XLSForm reference (xlsform.org); the rules are those pyxform 4.5 enforces one at a time.
    """
    survey, choices, settings = (table(book, key) for key in ("survey", "choices", "settings"))
    faults = [*book.faults, *survey.faults, *choices.faults, *settings.faults]
    if not survey.headers:
        sheets = ", ".join(book.sheet_names) or "—"
        return [*book.faults, Fault("no_survey", values={"sheets": sheets})], {}
    if not survey.has("type"):
        return faults, {}
    lists = _lists(choices)
    reading = Reading(survey, lists)
    for row in survey.rows:
        _read_row(reading, row)
    for group in reading.stack[1:]:
        row = Row(group.row, {})
        reading.fault("unclosed", row, "type", name=group.name)
    references = [
        *_check_references(survey, reading.names, REFERENCES_NOT_READ),
        *_check_references(settings, reading.names, ()),
        *_check_references(_translated_only(choices), reading.names, ()),
    ]
    found = chain(
        faults,
        reading.faults,
        _check_choices(choices, lists, settings),
        references,
        formulas(survey, settings, {(fault.sheet, fault.row, fault.column) for fault in references}),
    )
    return list(_suggest(islice(found, MOST), reading.names, lists)), reading.rows


def _lists(choices: Table) -> dict[str, list[Row]]:
    lists: dict[str, list[Row]] = defaultdict(list)
    for row in choices.rows:
        if name := row.get(constants.LIST_NAME_S):
            lists[name].append(row)
    return dict(lists)


def _read_row(reading: Reading, row: Row) -> None:
    if aliases.yes_no.get(row.get("disabled")) or not row.cells:
        return
    kind = row.get("type")
    if not kind:
        if row.has("name") or row.has("label"):
            reading.fault("no_type", row, "type")
        return
    if kind in aliases.settings_header:
        return
    if end := RE_END_CONTROL.search(kind):
        _close(reading, row, aliases.control[end["type"]])
        return
    name = _read_name(reading, row, kind)
    if begin := RE_BEGIN_CONTROL.search(kind):
        _open(reading, row, name, begin)
    else:
        _check_type(reading, row, kind)


def _read_name(reading: Reading, row: Row, kind: str) -> str:
    name = row.get("name")
    if not name:
        if kind not in ("note", "audit"):
            reading.fault("no_name", row, "name")
        name = f"generated_note_name_{row.number}"  # as pyxform calls it
    taken = reading.stack[-1].taken
    if not is_xml_tag(name):
        reading.fault("bad_name", row, "name", name=name)
    elif name in constants.RESERVED_NAMES_SURVEY_SHEET:
        reading.fault("reserved_name", row, "name", name=name)
    elif name in taken:
        reading.fault("name_twice", row, "name", name=name, other=taken[name])
    taken.setdefault(name, row.number)
    reading.names[name].append(row.number)
    reading.rows.setdefault((*(group.name for group in reading.stack[1:]), name), row.number)
    return name


def _open(reading: Reading, row: Row, name: str, begin: re.Match[str]) -> None:
    control = aliases.control[begin["type"]]
    if control == constants.REPEAT:
        if name == ROOT:
            reading.fault("reserved_name", row, "name", name=name)
        elif name in reading.repeats and name not in reading.stack[-1].taken:
            reading.fault("repeat_twice", row, "name", name=name, other=reading.repeats[name])
        reading.repeats.setdefault(name, row.number)
    if control == constants.LOOP and not begin["list_name"]:
        reading.fault("no_list_name", row, "type", name=row.get("type"))
    elif control == constants.LOOP and begin["list_name"] not in reading.lists:
        _unknown_list(reading, row, begin["list_name"])
    reading.stack.append(Open(control, name, row.number))


def _close(reading: Reading, row: Row, control: str) -> None:
    if len(reading.stack) > 1 and reading.stack[-1].control == control:
        reading.stack.pop()
        return
    reading.fault("unopened", row, "type", name=row.get("type"))
    opened = next((i for i in range(len(reading.stack) - 1, 0, -1) if reading.stack[i].control == control), None)
    if opened:
        del reading.stack[opened]


def _check_type(reading: Reading, row: Row, kind: str) -> None:
    if select := RE_SELECT.search(kind):
        _check_select(reading, row, select)
    elif BARE_SELECT.match(kind) and kind not in PLAIN_TYPES:
        reading.fault("no_list_name", row, "type", name=kind)
    elif kind == "include":
        reading.fault("included", row, "type")
    elif kind not in PLAIN_TYPES and not RE_OSM.search(kind):
        reading.fault("unknown_type", row, "type", name=kind)
    elif kind == "calculate" and not row.get("bind", "calculate"):
        default = row.get("default")
        if not (default and default_is_dynamic(default, kind)):
            reading.fault("no_calculation", row, "calculation")


def _check_select(reading: Reading, row: Row, select: re.Match[str]) -> None:
    command, name, other = select["select_command"], select["list_name"], select["specify_other"]
    if other and row.get("choice_filter"):
        reading.fault("filtered_other", row, "choice_filter")
    if command in aliases.select_from_file:
        if not name.endswith(FILES):
            reading.fault("file_name", row, "type", name=name)
        return
    if name.endswith(FILES) or "${" in name or aliases.select[command] == constants.SELECT_ONE_EXTERNAL:
        return
    if name not in reading.lists:
        _unknown_list(reading, row, name)
    elif aliases.select[command] == constants.SELECT_ALL_THAT_APPLY:
        _check_spaces(reading, name)


def _check_spaces(reading: Reading, name: str) -> None:
    known = {(fault.code, fault.row) for fault in reading.faults}
    for choice in reading.lists[name]:
        value = choice.get("name")
        if " " in value and ("choice_with_space", choice.number) not in known:
            values = {"name": value, "list": name}
            reading.faults.append(Fault("choice_with_space", "choices", choice.number, "name", values))


def _unknown_list(reading: Reading, row: Row, name: str) -> None:
    code = "unknown_list" if reading.lists else "no_choices"
    reading.fault(code, row, "type", name=name)


def _check_choices(choices: Table, lists: dict[str, list[Row]], settings: Table) -> Iterator[Fault]:
    allowed = any(aliases.yes_no.get(row.get(constants.ALLOW_CHOICE_DUPLICATES)) for row in settings.rows[:1])
    for list_name, rows in lists.items():
        seen: dict[str, int] = {}
        for row in rows:
            name = row.get("name")
            if not name:
                yield Fault("choice_without_name", choices.sheet, row.number, "name", {"list": list_name})
            elif name in seen and not allowed:
                values = {"name": name, "list": list_name, "other": seen[name]}
                yield Fault("choice_twice", choices.sheet, row.number, "name", values)
            seen.setdefault(name, row.number)


def _translated_only(choices: Table) -> Table:
    """The cells of choices in which pyxform inserts answers: the texts that people read."""
    rows = tuple(
        Row(row.number, {p: t for p, t in row.cells.items() if p in TRANSLATED or p[:-1] in TRANSLATED})
        for row in choices.rows
    )
    return Table(choices.sheet, choices.headers, rows)


def _check_references(sheet: Table, names: dict[str, list[int]], skipped: Collection[str]) -> Iterator[Fault]:
    for row in sheet.rows:
        for path, text in row.cells.items():
            if "${" not in text or path[0] in skipped:
                continue
            header = sheet.headers.get(path, path[0])
            for found in RE_PYXFORM_REF_OUTER.finditer(text):
                if fault := _reference_fault(found, names):
                    yield Fault(fault[0], sheet.sheet, row.number, header, fault[1])


def _reference_fault(found: re.Match[str], names: dict[str, list[int]]) -> tuple[str, dict[str, object]] | None:
    inner = RE_PYXFORM_REF_INNER.fullmatch(found["pyxform_ref"] or "")
    if inner is None:
        return "bad_reference", {"name": found[0][:60]}
    name = inner["ncname"]
    if name not in names and name != "instanceID":
        return "unknown_reference", {"name": name}
    if len(names.get(name, ())) > 1:
        return "ambiguous_reference", {"name": name}
    return None


def _suggest(faults: Iterable[Fault], names: Collection[str], lists: Collection[str]) -> Iterator[Fault]:
    """The first faults about an unknown name, with the nearest one that exists."""
    known = {"unknown_type": COMMON_TYPES, "unknown_list": lists, "unknown_reference": names}
    left = SUGGESTIONS
    for fault in faults:
        candidates = known.get(fault.code, ())
        if candidates and left and len(candidates) < MANY:
            left -= 1
            closest = next(iter(get_close_matches(str(fault.values["name"]), candidates, 1)), "")
            yield replace(fault, values={**fault.values, "closest": closest})
        else:
            yield fault
