"""The reference converter (pyxform): its verdict is final, its words are put into ours."""

import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace
from string import Formatter

from lxml import etree
from pyxform.builder import create_survey_element_from_dict
from pyxform.errors import ErrorCode, PyXFormError
from pyxform.survey import Survey
from pyxform.utils import external_choices_to_csv, has_external_choices
from pyxform.xls2json import workbook_to_json

from jalons.collection.forms.rules.faults import Fault
from jalons.collection.forms.rules.workbook import Workbook

# pyxform error code, or beginning of one -> our reason
CODES = {
    "HEADER_002": "header_synonyms",
    "HEADER_003": "no_header",
    "NAMES_001": "name_twice",
    "NAMES_003": "reserved_name",
    "NAMES_004": "repeat_twice",
    "NAMES_005": "reserved_name",
    "NAMES_006": "choice_without_name",
    "NAMES_007": "choice_twice",
    "NAMES_008": "bad_name",
    "NAMES_009": "bad_name",
    "NAMES_01": "entity",
    "PYREF_001": "bad_reference",
    "PYREF_002": "bad_reference",
    "PYREF_003": "unknown_reference",
    "PYREF_004": "ambiguous_reference",
    "SURVEY_001": "unopened",
    "SURVEY_002": "unclosed",
    "SURVEY_00": "parameters",
    "RANGE_": "parameters",
    "ENTITY_": "entity",
}
# what pyxform says without a code -> our reason
PHRASES = (
    (r"Question with no type", "no_type"),
    (r"Missing calculation", "no_calculation"),
    (r"Question or group with no name", "no_name"),
    (r"Unknown question type '(?P<name>.*)'", "unknown_type"),
    (r"List name not in (\w+ )?\w+ sheet: (?P<name>.*)", "unknown_list"),
    (r"There should be an? \w+ sheet", "no_choices"),
    (r"Choice names with spaces.*\[(?P<name>.*)\] in \[(?P<list>.*)\]", "choice_with_space"),
    (r"Choice filter not supported", "filtered_other"),
    (r"You must have a sheet named", "no_survey"),
    (r"This section has not been included", "included"),
    (r"Repeat loop without list name", "no_list_name"),
    (r"File name for '\S+ (?P<name>\S+)' should end", "file_name"),
    (r"[Pp]arameter", "parameters"),
    (r"[Ee]ntit", "entity"),
)
ROW = re.compile(r"\[row : (?P<row>\d+)\]")
SHEET = re.compile(r"[Oo]n the '(?P<sheet>\w+)' sheet")
# names pyxform gives to what our sentences call name and other
VALUES = {"value": "name", "q": "name", "header": "name", "missing": "name"}
# a %-format that asks for a huge width would fill the memory (type loop formats labels with %)
WIDE_FORMAT = re.compile(r"%\([^)]*\)[-+ #0]*(\d{4,}|\*)|%[-+ #0]*(\d{4,}|\*)")


@dataclass(frozen=True)
class Converted:
    """What pyxform made: the XForm, the table of external choices, its remarks, and its tree of questions."""

    survey: Survey
    xform: str
    itemsets: str | None
    remarks: tuple[str, ...]


def convert(book: Workbook, name: str) -> Converted | list[Fault]:
    """The XForm of a workbook, or pyxform's reasons to refuse it, in our words with its own beside.

    name:   identifier of the form when the settings sheet gives none.
    Source: pyxform 4.5, `xls2xform.convert` with validate=False (no Java).
    """
    if _asks_too_much(book):
        return [Fault("loop_format", "survey")]
    definition = book.definition(name)
    remarks: list[str] = []
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            content = workbook_to_json(definition, fallback_form_name=name, warnings=remarks)
            itemsets = external_choices_to_csv(definition) if has_external_choices(content) else None
            survey = create_survey_element_from_dict(content)
            xform = survey.to_xml(validate=False, warnings=remarks)
    except PyXFormError as error:
        return [_placed(fault, book) for fault in _translate(error)]
    except Exception as error:  # pyxform lets KeyError, TypeError and others through on odd workbooks
        return [Fault("converter", original=f"{type(error).__name__}: {error}"[:500])]
    if fault := _broken(xform):
        return [fault]
    return Converted(survey, xform, itemsets, tuple(remarks))


def _placed(fault: Fault, book: Workbook) -> Fault:
    """The row that its author sees, when others were put in its place."""
    numbers = book.sheets["survey"].numbers if "survey" in book.sheets else None
    is_moved = numbers and fault.sheet in ("", "survey") and fault.row and fault.row - 2 < len(numbers)
    return replace(fault, row=numbers[fault.row - 2]) if is_moved else fault


def _broken(xform: str) -> Fault | None:
    """pyxform writes headers of choices as XML elements without looking at them."""
    try:
        etree.fromstring(xform.encode(), etree.XMLParser(resolve_entities=False, huge_tree=True))
    except etree.XMLSyntaxError as error:
        return Fault("not_xml", original=str(error))
    return None


def _asks_too_much(book: Workbook) -> bool:
    survey = book.sheets.get("survey")
    if survey is None or not any("loop" in text for row in survey.rows for text in row.values()):
        return False
    return any(WIDE_FORMAT.search(text) for row in survey.rows for text in row.values())


def _translate(error: PyXFormError) -> Iterator[Fault]:
    text = str(error)
    lines = ROW.split(text) if len(ROW.findall(text)) > 1 else None
    if lines is None:
        yield _fault(text)
        return
    for row, words in zip(lines[1::2], lines[2::2], strict=True):
        yield _fault(f"[row : {row}]{words}".strip())


def _fault(words: str) -> Fault:
    words = words[:1000]  # some hold a whole row
    row, sheet = ROW.search(words), SHEET.search(words)
    code, values = _reason(words)
    return Fault(
        code,
        sheet["sheet"] if sheet else "survey",
        int(row["row"]) if row else None,
        str(values.pop("column", "")),
        values,
        words,
    )


def _reason(words: str) -> tuple[str, dict[str, object]]:
    for name, pattern in TEMPLATES.items():
        if found := pattern.fullmatch(words):
            code = next((code for start, code in CODES.items() if name.startswith(start)), "converter")
            return code, {VALUES.get(k, k): v for k, v in found.groupdict().items() if k not in ("row", "sheet")}
    for phrase, code in PHRASES:
        if found := re.search(phrase, words, re.S):
            return code, found.groupdict()
    return "converter", {}


def _template(message: str) -> re.Pattern[str]:
    seen: set[str] = set()
    pattern = ""
    for literal, name, _spec, _conversion in Formatter().parse(message):
        pattern += re.escape(literal)
        if name is not None:
            pattern += f"(?P={name})" if name in seen else f"(?P<{name}>.+?)"
            seen.add(name)
    return re.compile(pattern, re.S)


TEMPLATES = {code.name: _template(code.value.msg) for code in ErrorCode}
