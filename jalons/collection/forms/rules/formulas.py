"""Every expression of a workbook, cell by cell: those that cannot be read, those that are not computed here.

pyxform converts an expression without reading it, and its verdict on a workbook is final: an expression that cannot be
read is no refusal but a fault kept with the version and shown before the form is opened, because a phone will not open
such a form. One that is outside what Jalons computes is right, and what depends on it is unknown.
"""

from collections.abc import Collection, Iterator
from difflib import get_close_matches

from pyxform.utils import default_is_dynamic

from jalons.collection.forms.rules.evaluation import LOOKING, beyond
from jalons.collection.forms.rules.expressions import Apply, Node, Unreadable, parse, walk
from jalons.collection.forms.rules.faults import Fault
from jalons.collection.forms.rules.functions import FUNCTIONS
from jalons.collection.forms.rules.tables import Row, Table

# columns whose cells are expressions -> whether an answer's check or meaning depends on them here
COLUMNS = {
    ("bind", "relevant"): True,
    ("bind", "constraint"): True,
    ("bind", "calculate"): True,
    ("bind", "required"): True,
    ("bind", "readonly"): False,
    ("choice_filter",): False,
    ("control", "jr:count"): False,
    ("instance_name",): False,
}
# functions that phones and web forms compute and Jalons does not
ELSEWHERE = frozenset((
    "acos", "area", "asin", "atan", "atan2", "base64-decode", "base64-encode", "boolean-from-string",
    "ceiling", "checklist", "cos", "current", "date-time", "decimal-time", "digest", "distance", "exp",
    "exp10", "extract-signed", "floor", "geofence", "id", "instance", "intersects", "last", "lang",
    "local-name", "log", "log10", "lower-case", "name", "namespace-uri", "normalize-space", "pi", "property",
    "pulldata", "random", "randomize", "range", "sin", "sort-by", "sqrt", "string-join", "substr",
    "substring", "substring-after", "substring-before", "tan", "translate", "upper-case", "uuid", "version",
    "weighted-checklist",
))  # fmt: skip
KNOWN = frozenset((*FUNCTIONS, *LOOKING, *ELSEWHERE))
BROKEN, STRANGE, NOT_COMPUTED = (
    "broken_expression",
    "unknown_function",
    "not_computed",
)
LONGEST = 2000  # letters of an expression kept with its fault


def formulas(survey: Table, settings: Table, already: Collection[tuple[str, int | None, str]]) -> Iterator[Fault]:
    """What is to be said of the expressions of a form, in the order of its rows.

    already: (sheet, row, header) of cells known faulty, of which nothing more is said.
    Source:  XLSForm columns that hold expressions; ODK XForms specification, XPath functions.
    """
    for sheet in (survey, settings):
        for row in sheet.rows:
            for path, text in row.cells.items():
                header = sheet.headers.get(path, path[-1])
                if _is_expression(path, text, row) and (sheet.sheet, row.number, header) not in already:
                    yield from _look(text, path, Fault("", sheet.sheet, row.number, header))


def _is_expression(path: tuple[str, ...], text: str, row: Row) -> bool:
    if path == ("default",):
        return default_is_dynamic(text, row.get("type"))
    return path in COLUMNS and bool(text.strip())


def _look(text: str, path: tuple[str, ...], place: Fault) -> Iterator[Fault]:
    try:
        node = parse(text)
    except Unreadable:
        yield _fault(BROKEN, place, name=text[:LONGEST])
        return
    strangers = _strangers(node)
    for name in strangers:
        closest = next(iter(get_close_matches(name, KNOWN, 1)), "")
        yield _fault(STRANGE, place, name=name, closest=closest)
    if not strangers and COLUMNS.get(path) and (reason := beyond(node)):
        yield _fault(NOT_COMPUTED, place, name=text[:LONGEST], reason=reason)


def _fault(code: str, place: Fault, **values: object) -> Fault:
    return Fault(code, place.sheet, place.row, place.column, values)


def _strangers(node: Node) -> list[str]:
    """Functions that nobody computes: words misspelt."""
    called = dict.fromkeys(part.function for part in walk(node) if isinstance(part, Apply))
    return [name for name in called if name not in KNOWN and ":" not in name]
