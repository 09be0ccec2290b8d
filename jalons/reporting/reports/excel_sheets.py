"""How a report looks in Excel: real numbers, rows as high as their texts, sheets that print on the width of a page."""

import io
from collections.abc import Iterable, Sequence
from typing import Any

import xlsxwriter

from jalons.core.spreadsheets import row_height
from jalons.core.writing import FINEST

NUMBER, DECIMAL, FACTOR, PERCENT, TEXT, DAY, MOMENT, BAND, QUIET = (
    "number", "decimal", "factor", "percent", "text", "day", "moment", "band", "quiet",
)  # fmt: skip
FONT, INK, TEAL, GREY, RULE = "Calibri", "#14201F", "#0B5A5E", "#5A6666", "#D5DDDD"
BANDS = {"impact": "#CFE0E0", "outcome": "#E0ECEB", "output": "#F1F6F5"}
ROW = {"valign": "top", "bottom": 4, "bottom_color": RULE}
LOOKS = {
    NUMBER: {"num_format": "#,##0", **ROW},
    **{f"{DECIMAL} {digits}": {"num_format": f"#,##0.{'0' * digits}", **ROW} for digits in range(1, FINEST + 1)},
    FACTOR: {"num_format": "General", **ROW},
    PERCENT: {"num_format": "0.0%", **ROW},
    TEXT: {"text_wrap": True, "indent": 1, **ROW},
    QUIET: {"text_wrap": True, "font_color": GREY, "italic": True, "align": "right", **ROW},
    DAY: {"num_format": "dd/mm/yyyy", "align": "left", "indent": 1, **ROW},
    MOMENT: {"num_format": "dd/mm/yyyy hh:mm", "align": "left", "indent": 1, **ROW},
    **{f"{BAND} {level}": {"bold": True, "bg_color": color, "text_wrap": True, "valign": "top"}
       for level, color in BANDS.items()},
    "head": {"bold": True, "text_wrap": True, "top": 2, "bottom": 1, "valign": "vcenter", "font_color": TEAL,
             "border_color": TEAL},
    "title": {"bold": True, "font_size": 14},
    "subtitle": {"font_color": TEAL, "font_size": 11},
    "label": {"font_color": GREY, "valign": "top"},
}  # fmt: skip
EXCEL_TEXT = 32_767  # characters in a cell

Cell = tuple[Any, str]  # what is written, and the name of its look
Columns = Sequence[tuple[str, int]]


class Book:
    """One workbook, the same bytes for the same content."""

    def __init__(self, title: str, created: Any, foot: str) -> None:
        self.buffer, self.foot = io.BytesIO(), foot.replace("&", "&&")
        options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        self.book = xlsxwriter.Workbook(self.buffer, options)
        self.book.set_properties({"title": title, "author": "Jalons", "created": created})
        common = {"font_name": FONT, "font_size": 10, "font_color": INK}
        self.looks = {name: self.book.add_format({**common, **look}) for name, look in LOOKS.items()}

    def bytes(self) -> bytes:
        self.book.close()
        return self.buffer.getvalue()

    def page(self, name: str) -> Any:
        """An empty sheet that prints in landscape on the width of an A4 page, numbered at the foot."""
        sheet = self.book.add_worksheet(name)
        sheet.hide_gridlines(2)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.6)
        sheet.fit_to_pages(1, 0)
        sheet.set_footer(f"&L&8{self.foot} · {name}&R&8&P / &N")
        return sheet

    def table(self, name: str, subtitle: str, columns: Columns, lines: Iterable[list[Cell]]) -> tuple[Any, int]:
        """A sheet with a table that can be filtered, its head in sight; and the number of its rows."""
        sheet = self.page(name)
        sheet.write_string(0, 0, name, self.looks["title"])
        sheet.write_string(1, 0, subtitle, self.looks["subtitle"])
        for place, (head, width) in enumerate(columns):
            sheet.set_column(place, place, width)
            sheet.write_string(3, place, head, self.looks["head"])
        sheet.set_row(3, 30)
        last = 3
        for last, cells in enumerate(lines, start=4):
            texts = zip(cells, columns, strict=False)
            sheet.set_row(last, row_height((value, width) for (value, _look), (_head, width) in texts))
            for place, (value, look) in enumerate(cells):
                self.cell(sheet, last, place, value, look)
        sheet.autofilter(3, 0, max(last, 4), len(columns) - 1)
        sheet.freeze_panes(4, 2)
        sheet.repeat_rows(3)
        return sheet, last - 3

    def cell(self, sheet: Any, row: int, column: int, value: Any, look: str) -> None:
        """An unknown value is an empty cell; a text is a text, whatever it starts with."""
        form = self.looks[look]
        if value is None or value == "":
            sheet.write_blank(row, column, None, form)
        elif isinstance(value, str):
            sheet.write_string(row, column, value[:EXCEL_TEXT], form)
        elif isinstance(value, int | float):
            sheet.write_number(row, column, value, form)
        else:
            sheet.write_datetime(row, column, value, form)
