"""A version of a form as a workbook to fill: lists, formats, limits, instructions; out of sight, who it is."""

import io
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, time
from typing import Any
from uuid import uuid4
from zipfile import ZIP_DEFLATED, ZipFile

import xlsxwriter
from django.utils.translation import gettext, gettext_noop, override
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from jalons.collection.forms.models import FormVersion
from jalons.collection.submissions.rules import filled
from jalons.collection.submissions.rules.limits import TODAY
from jalons.collection.submissions.workbook import told
from jalons.collection.submissions.workbook.conditions import not_asked
from jalons.collection.submissions.workbook.layout import SEVERAL, Field, Layout, Page, layout, said
from jalons.collection.submissions.workbook.lists import SHEET, Lists
from jalons.collection.submissions.workbook.printable import print_page
from jalons.core.spreadsheets import row_height

ROOM, ROOM_BELOW = 2_000, 10_000  # rows ready to be written
FIRST = 3  # the first of them, counted from 0: names, two headings
INK, PALE, TEAL = "#1F2A2E", "#F4F7F6", "#CFE3E0"
RED = "#F6C7BD"
FORMATS = {"date": "dd/mm/yyyy", "time": "hh:mm", "dateTime": "dd/mm/yyyy hh:mm", "integer": "0", "decimal": "General",
           "range": "General"}  # fmt: skip
WIDTHS = {"text": 26, "select_one": 24, "select_multiple": 30, "rank": 30, "geopoint": 24}
OWN_WIDTHS = {filled.PARENT: (11,), filled.INDEX: (7,)}
NUMBERS = ("integer", "decimal", "range")
OTHER = {"fr": "ar", "ar": "fr", "en": "fr"}
OPTIONS = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
STRUCTURE = re.compile(rb"(<workbookPr[^>]*/>)")
DATED = re.compile(r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2})?)?")
WRONG = gettext_noop("Cette réponse n’est pas attendue ici")
Rows = Mapping[str, Sequence[Mapping[str, Any]]]  # by table: cells by header, `_uuid` and `_index` included


def blank(version: FormVersion, language: str) -> bytes:
    """The workbook to fill for a version of a form."""
    return Writer(layout(version, language), language).bytes()


class Writer:
    """Writes one workbook.

    rows:  what is written in it already, by table, in the order of its sheet.
    notes: what is wrong: {(table, row from 0, header): sentence}.
    """

    def __init__(
        self, plan: Layout, language: str, rows: Rows | None = None,
        notes: Mapping[tuple[str, int, str], str] | None = None, identity: filled.Filled | None = None,
    ) -> None:  # fmt: skip
        self.plan, self.language, self.rows, self.notes = plan, language, rows or {}, notes or {}
        self.workbook = identity.workbook if identity else uuid4().hex[:12]
        self.copy = identity.copy if identity else ""
        self.buffer = io.BytesIO()
        self.book = xlsxwriter.Workbook(self.buffer, OPTIONS)
        self.formats: dict[tuple, Format] = {}

    def bytes(self) -> bytes:
        with override(self.language):
            self.add_before()
            cover = self.book.add_worksheet(gettext(told.TITLE))
            self.write_cover(cover)
            sheets = [self.book.add_worksheet(page.name) for page in self.plan.pages]
            print_page(self)
            self.lists = Lists(self.book.add_worksheet(SHEET), self.plan.version, self.language)
            self.lists.page.hide()
            for page, sheet in zip(self.plan.pages, sheets, strict=True):
                self.write_page(page, sheet)
            self.write_identity(self.book.add_worksheet(filled.IDENTITY))
            if not self.rows:
                sheets[0].activate()
        self.book.close()
        return _locked(self.buffer.getvalue())

    def add_before(self) -> None:
        """A sheet that comes first, when there is something to say of the rows."""

    def format(self, **properties: Any) -> Format:
        key = tuple(sorted(properties.items()))
        if key not in self.formats:
            self.formats[key] = self.book.add_format({"valign": "top", "font_color": INK, **properties})
        return self.formats[key]

    # The cover

    def write_cover(self, page: Worksheet) -> None:
        """Instructions in French and in Arabic, side by side, and the cell in which a team names its copy."""
        wrap = {"text_wrap": True}
        page.set_column(0, 1, 62)
        page.hide_gridlines(2)
        title = self.plan.version.form.title
        page.set_row(0, 30)
        for column, language in enumerate(("fr", "ar")):
            rtl = {"reading_order": 2, "align": "right"} if language == "ar" else {}
            with override(language):
                page.write_string(0, column, said(title, language), self.format(bold=True, font_size=16, **rtl))
                page.write_string(1, column, gettext(told.COPY), self.format(bold=True, **rtl))
                lines = told.instructions(self.plan, language)
            for row, line in enumerate(lines, start=4):
                page.write_string(row, column, f"{row - 3}. {line}", self.format(**wrap, **rtl))
                if column == 0:
                    page.set_row(row, row_height([(line, 56)], 16))
        page.write_string(2, 0, self.copy, self.format(border=1, locked=False, bg_color="#FFFFFF"))
        page.set_row(2, 20)
        page.protect("")
        page.set_paper(9)
        page.fit_to_pages(1, 0)

    def write_identity(self, page: Worksheet) -> None:
        version = self.plan.version
        lines = [
            (filled.IDENTITY, filled.FORMAT), ("programme", version.form.programme.code), ("form", version.form.code),
            ("version", str(version.number)), ("workbook", self.workbook), ("language", self.language),
            ("cover", gettext(told.TITLE)), ("copy_row", "3"), ("copy_column", "0"),
            *(("sheet", page.name, page.table, page.parent or "") for page in self.plan.pages),
        ]  # fmt: skip
        for row, line in enumerate(lines):
            page.write_row(row, 0, line)
        page.protect("")
        page.very_hidden()

    # The sheets to fill

    def write_page(self, page: Page, sheet: Worksheet) -> None:
        own, start = self.own_columns(page), len(self.own_columns(page))
        if self.language == "ar":
            sheet.right_to_left()
        sheet.set_row(0, None, None, {"hidden": True})
        sheet.set_column(0, 0, None, None, {"hidden": True})
        for place, (header, label) in enumerate(own):
            self.write_heads(sheet, place, header, {self.language: label}, required=header == filled.PARENT)
        columns = {field.question.path: place for place, field in enumerate(page.fields, start)}
        for place, field in enumerate(page.fields, start):
            self.write_heads(sheet, place, field.header, field.labels, required=field.is_required)
            if note := told.note(field, self.plan.version, self.language):
                sheet.write_comment(1, place, note, {"author": "Jalons", "x_scale": 2.2, "y_scale": 1.6})
            sheet.set_column(place, place, _width(field), self.cell_format(field))
            self.hold(page, sheet, place, field, columns)
        self.write_rows(page, sheet, own)
        sheet.set_row(1, 46)
        sheet.set_row(2, 32)
        sheet.freeze_panes(FIRST, start)
        sheet.set_landscape()
        sheet.set_paper(8)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(1, 2)
        sheet.protect("", {"format_columns": True, "format_rows": True, "insert_hyperlinks": False})

    def own_columns(self, page: Page) -> list[tuple[str, str]]:
        """Our own columns: who the row is, its number, the number of the row above it."""
        if page.parent is None:
            return [(filled.UUID, ""), (filled.INDEX, gettext(told.KEY))]
        number = [(filled.INDEX, gettext(told.KEY))] if page.has_below else []
        return [(filled.ROW, ""), *number, (filled.PARENT, gettext(told.LINK))]

    def write_heads(self, sheet: Worksheet, place: int, header: str, labels: Mapping, *, required: bool) -> None:
        """The name of a column, out of sight, then what people read in two languages."""
        sheet.write_string(0, place, header)
        colour = TEAL if required else PALE
        main, other = said(labels, self.language), labels.get(OTHER[self.language], "")
        mark = " *" if required and header != filled.PARENT else ""
        for row, text, size in ((1, main + mark, 11), (2, "" if other == main else other, 9)):
            head = self.format(bold=row == 1, text_wrap=True, bg_color=colour, bottom=row - 1, font_size=size)
            sheet.write_string(row, place, text if place else filled.HEADING, head)

    def cell_format(self, field: Field, **more: Any) -> Format:
        form = {"num_format": FORMATS.get(field.question.kind, "@"), "locked": False, **more}
        if field.question.kind in ("text", *SEVERAL):
            form["text_wrap"] = True
        return self.format(**form)

    def hold(self, page: Page, sheet: Worksheet, place: int, field: Field, columns: Mapping[str, int]) -> None:
        """Offer the list of a column, hold its answers to its kind and limits, shade those that are not asked."""
        last = FIRST + (ROOM if page.parent is None else ROOM_BELOW) - 1
        if rule := self.rule(page, place, field, columns):
            words = told.note(field, self.plan.version, self.language)[:250]
            rule |= {"error_title": gettext(WRONG)[:32], **({"error_message": words} if words else {})}
            sheet.data_validation(FIRST, place, last, place, rule)
        if formula := not_asked(field, page, columns, self.lists):
            grey = self.book.add_format({"bg_color": "#DDE1E0"})
            sheet.conditional_format(
                FIRST, place, last, place, {"type": "formula", "criteria": formula, "format": grey}
            )

    def rule(self, page: Page, place: int, field: Field, columns: Mapping[str, int]) -> dict[str, Any]:
        if field.choice:
            return {"validate": "list", "source": self.lists.words([gettext(told.YES)])}
        if field.list_name:
            source = self.lists.whole(field.list_name)
            if field.parent:
                parent = next(other for other in page.fields if other.question.path == field.parent.path)
                cell = xl_rowcol_to_cell(FIRST, columns[field.parent.path], col_abs=True)
                source = self.lists.narrowed(field, parent, cell)
            return {"validate": "list", "source": source} if source else {}
        cell = xl_rowcol_to_cell(FIRST, place)
        kind, tests = field.question.kind, []
        if kind in (*NUMBERS, "date", "dateTime", "time"):
            tests = [f"ISNUMBER({cell})", *([f"{cell}=INT({cell})"] if kind in ("integer", "date") else [])]
            tests += [f"{cell}{sign}{_bound(bound)}" for sign, bound in (field.limits.tests if field.limits else ())]
        return {"validate": "custom", "value": f"=AND({','.join(tests)})"} if tests else {}

    def write_rows(self, page: Page, sheet: Worksheet, own: list[tuple[str, str]]) -> None:
        """Numbers of the rows that are ready, and what is already written in them."""
        rows, headers = self.rows.get(page.table, ()), [header for header, _label in own]
        for place, header in enumerate(headers):
            if header in OWN_WIDTHS:
                sheet.set_column(place, place, *OWN_WIDTHS[header], self.format(locked=header != filled.PARENT))
        for number in range(max(ROOM if filled.INDEX in headers else 0, len(rows))):
            given = rows[number] if number < len(rows) else {}
            for place, header in enumerate(headers):
                self.write_own(sheet, (FIRST + number, place), header, given)
            if given:
                self.write_given(page, sheet, number, given, len(own))

    def write_own(self, sheet: Worksheet, at: tuple[int, int], header: str, given: Mapping[str, Any]) -> None:
        number = at[0] - FIRST
        if header == filled.UUID:
            sheet.write_string(*at, str(given.get(header) or self.row_name(number)))
        elif header == filled.INDEX:
            sheet.write_number(*at, number + 1, self.format(font_color="#6B7780", bg_color=PALE))
        elif header == filled.PARENT and header in given:
            self.write_cell(sheet, at, given[header], {"locked": False})

    def row_name(self, number: int) -> str:
        """The name of a row, the same in every copy of this workbook."""
        return f"{self.workbook}-{len(self.rows.get('', ())) + number + 1 if self.rows else number + 1}"

    def write_given(self, page: Page, sheet: Worksheet, number: int, given: Mapping[str, Any], start: int) -> None:
        for place, field in enumerate(page.fields, start):
            note = self.notes.get((page.table, number, field.header))
            value = given.get(field.header)
            form = {"num_format": FORMATS.get(field.question.kind, "@"), "locked": False}
            if note:
                form["bg_color"] = RED
                sheet.write_comment(FIRST + number, place, note, {"author": "Jalons", "x_scale": 2.2, "visible": False})
            if note or value not in (None, ""):
                self.write_cell(sheet, (FIRST + number, place), value, form)

    def write_cell(self, sheet: Worksheet, at: tuple[int, int], value: Any, form: dict[str, Any]) -> None:
        """A cell as it was typed: a date is a date again, a figure is a figure."""
        shape = self.format(**form)
        if value is None or value == "":
            sheet.write_blank(*at, None, shape)
        elif isinstance(value, bool | int | float):
            sheet.write_number(*at, value, shape)
        elif form.get("num_format") in ("dd/mm/yyyy", "dd/mm/yyyy hh:mm") and DATED.fullmatch(value):
            sheet.write_datetime(*at, datetime.fromisoformat(value), shape)
        elif form.get("num_format") == "hh:mm" and re.fullmatch(r"\d{2}:\d{2}(:\d{2})?", value):
            sheet.write_datetime(*at, time.fromisoformat(value), shape)
        else:
            sheet.write_string(*at, str(value)[:32_767], shape)


def _bound(bound: Any) -> str:
    if bound == TODAY:
        return "TODAY()"
    return f"DATE({bound.year},{bound.month},{bound.day})" if hasattr(bound, "year") else f"{bound:g}"


def _width(field: Field) -> int:
    return 12 if field.choice else WIDTHS.get(field.question.kind, 16)


def _locked(content: bytes) -> bytes:
    """The same workbook, whose sheets are neither added, moved nor renamed by a slip of the hand."""
    buffer = io.BytesIO()
    with ZipFile(io.BytesIO(content)) as source, ZipFile(buffer, "w", ZIP_DEFLATED) as target:
        for member in source.infolist():
            part = source.read(member)
            if member.filename == "xl/workbook.xml":
                part = STRUCTURE.sub(rb'\1<workbookProtection lockStructure="1"/>', part, count=1)
            target.writestr(member, part)
    return buffer.getvalue()
