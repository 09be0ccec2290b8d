"""XLSForm sheets under their real column names: synonyms resolved, languages apart, row numbers kept."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from pyxform import aliases
from pyxform.parsing.sheet_headers import clean_text_values, process_header
from pyxform.question import MultipleChoiceQuestion, Option
from pyxform.survey import Survey

from jalons.collection.forms.rules.faults import Fault
from jalons.collection.forms.rules.workbook import Sheet, Workbook

Path = tuple[str, ...]

# sheet -> synonyms of its columns, columns it knows, column it cannot do without
SHEETS = {
    "survey": (aliases.survey_header, frozenset(MultipleChoiceQuestion.get_slot_names()), "type"),
    "choices": (aliases.list_header, frozenset(Option.get_slot_names()), "name"),
    "settings": (aliases.settings_header, frozenset(Survey.get_slot_names()), None),
}
# column path -> what a person reads in it; these may exist once per language
TRANSLATED = {
    ("label",): "label",
    ("hint",): "hint",
    ("guidance_hint",): "guidance_hint",
    ("bind", "jr:constraintMsg"): "constraint_message",
    ("bind", "jr:requiredMsg"): "required_message",
    ("media", "image"): "image",
    ("media", "big-image"): "big-image",
    ("media", "audio"): "audio",
    ("media", "video"): "video",
}


@dataclass(frozen=True)
class Row:
    """One row of a sheet: texts by column path, e.g. ("label", "Français (fr)")."""

    number: int
    cells: Mapping[Path, str]

    def get(self, *path: str) -> str:
        return self.cells.get(path, "")

    def has(self, column: str) -> bool:
        return any(path[0] == column for path in self.cells)


@dataclass(frozen=True)
class Table:
    """One sheet under its real column names."""

    sheet: str
    headers: Mapping[Path, str] = field(default_factory=dict)
    rows: tuple[Row, ...] = ()
    faults: tuple[Fault, ...] = ()

    def has(self, column: str) -> bool:
        return any(path[0] == column for path in self.headers)

    def languages(self) -> Iterator[str]:
        """Languages named in the headers, in their order, as their author spelled them."""
        for path in self.headers:
            if path[:-1] in TRANSLATED:
                yield path[-1]


def table(book: Workbook, key: str) -> Table:
    """A sheet of the workbook with synonyms resolved; two names of one column are a fault.

    Missing: an empty table when the workbook has no such sheet.
    Source:  XLSForm column names and synonyms, pyxform 4.5 `aliases`.
    """
    sheet = book.sheets.get(key)
    if sheet is None:
        return Table(key)
    synonyms, columns, required = SHEETS[key]
    headers = [header for header in sheet.header if header is not None]
    if key == "settings" and "form_id" in headers:
        headers = [header for header in headers if header != "id_string"]  # pyxform forgives this pair
    double = any("::" in header for header in headers)
    names: dict[Path, str] = {}
    faults = []
    for header in headers:
        new, path = process_header(header, double, synonyms, columns)
        if path in names and new != header:
            values = {"name": header, "other": names[path]}
            faults.append(Fault("header_synonyms", sheet.name, 1, header, values))
        names.setdefault(path, header)
    if required and not any(path[0] == required for path in names) and (sheet.rows or key == "survey"):
        values = {"name": required, "headers": ", ".join(headers) or "—"}
        faults.append(Fault("no_header", sheet.name, 1, required, values))
    paths = {header: process_header(header, double, synonyms, columns)[1] for header in headers}
    return Table(sheet.name, names, tuple(_rows(sheet, paths, strip=key == "survey")), tuple(faults))


def _rows(sheet: Sheet, paths: Mapping[str, Path], *, strip: bool) -> Iterator[Row]:
    numbers = sheet.numbers or range(2, len(sheet.rows) + 2)
    for number, row in zip(numbers, sheet.rows, strict=True):
        cells: dict[Path, str] = {}
        for header in (header for header in row if header in paths):
            cells.setdefault(paths[header], clean_text_values(row[header], strip_whitespace=strip))
        yield Row(number, cells)
