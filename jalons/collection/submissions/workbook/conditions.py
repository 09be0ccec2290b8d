"""When a spreadsheet can tell by itself that a question is not asked: one answer of the same row decides."""

from collections.abc import Mapping

from xlsxwriter.utility import xl_rowcol_to_cell

from jalons.collection.forms.rules.expressions import Apply, Literal, Node, Question, Unreadable, parse
from jalons.collection.submissions.workbook.layout import Field, Page
from jalons.collection.submissions.workbook.lists import Lists

FIRST = 3


def not_asked(field: Field, page: Page, columns: Mapping[str, int], lists: Lists) -> str:
    """The formula that holds where a question is not asked; empty when only a person can tell."""
    try:
        node = parse(field.question.relevant) if field.question.relevant else None
    except Unreadable:
        return ""
    if not (isinstance(node, Apply) and node.function in ("=", "!=", "selected") and len(node.arguments) == 2):
        return ""
    other = _decides(node.arguments[0], page)
    if other is None or not isinstance(node.arguments[1], Literal):
        return ""
    label = lists.shown(other.list_name).get(str(node.arguments[1].value))
    if label is None:
        return ""
    cell, text = xl_rowcol_to_cell(FIRST, columns[other.question.path], col_abs=True), label.replace('"', '""')
    differs = "=" if node.function == "!=" else "<>"
    return f'=AND({cell}<>"",{cell}{differs}"{text}")'


def _decides(node: Node, page: Page) -> Field | None:
    if not isinstance(node, Question):
        return None
    return next((f for f in page.fields if f.list_name and f.question.name == node.name), None)
