"""The sheet that is printed and signed: one event above, one line per person below, in two languages."""

from typing import Any

from django.utils.translation import gettext, override
from django.utils.translation import gettext_noop as _

from jalons.collection.submissions.workbook.layout import Page, said

SHEET = _("À imprimer")
SIGNATURE = _("Signature")
LINES, MOST = 25, 12  # lines to sign, columns that a page can show
WIDE = 14


def is_printed(pages: tuple[Page, ...]) -> bool:
    """Whether a form has one repeat, narrow enough for a page."""
    return len(pages) == 2 and 0 < len(pages[1].fields) <= MOST


def print_page(writer: Any) -> None:
    """Add the sheet to print, to a form that has one."""
    pages = writer.plan.pages
    if not is_printed(pages):
        return
    form, people = pages
    sheet = writer.book.add_worksheet(gettext(SHEET))
    other = "fr" if writer.language == "ar" else "ar"
    if writer.language == "ar":
        sheet.right_to_left()
    sheet.hide_gridlines(2)
    title = writer.plan.version.form.title
    width = len(people.fields) + 2
    sheet.merge_range(0, 0, 0, width - 1, _both(title, writer.language, other, " · "),
                      writer.format(bold=True, font_size=16, align="center"))  # fmt: skip
    head = _head(writer, sheet, form, width, other)
    _table(writer, sheet, people, head, other)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.set_margins(0.4, 0.4, 0.5, 0.6)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(head)
    sheet.set_footer(f"&L&8{said(title, writer.language)}&R&8&P / &N")
    sheet.protect("")


def _head(writer: Any, sheet: Any, form: Page, width: int, other: str) -> int:
    """The questions of the event, two by two, each with room to write; returns the next row."""
    half = width // 2
    for number, field in enumerate(form.fields):
        row, left = 2 + number // 2, (number % 2) * half
        last = half - 1 if number % 2 == 0 else width - 1
        text = _both(field.labels, writer.language, other, " · ")
        sheet.set_row(row, 26)
        label, room = writer.format(bold=True, font_size=9, text_wrap=True), writer.format(bottom=4)
        middle = left + max(1, (last - left + 1) // 2)
        _span(sheet, row, left, middle - 1, text, label)
        _span(sheet, row, middle, last, "", room)
    return 3 + (len(form.fields) + 1) // 2


def _table(writer: Any, sheet: Any, people: Page, row: int, other: str) -> None:
    head = writer.format(bold=True, font_size=9, text_wrap=True, border=1, bg_color="#E4EFEE", align="center")
    cell = writer.format(border=1)
    with override(other):
        theirs = gettext(SIGNATURE)
    labels = ["", *(_both(field.labels, writer.language, other, "\n") for field in people.fields),
              f"{gettext(SIGNATURE)}\n{theirs}"]  # fmt: skip
    sheet.set_column(0, 0, 4)
    sheet.set_column(1, len(people.fields), WIDE)
    sheet.set_column(len(labels) - 1, len(labels) - 1, 20)
    sheet.write_row(row, 0, labels, head)
    sheet.set_row(row, 44)
    for number in range(1, LINES + 1):
        sheet.set_row(row + number, 24)
        sheet.write_number(row + number, 0, number, cell)
        for column in range(1, len(labels)):
            sheet.write_blank(row + number, column, None, cell)


def _both(words: Any, language: str, other: str, between: str) -> str:
    main, second = said(words, language), words.get(other, "")
    return main if not second or second == main else f"{main}{between}{second}"


def _span(sheet: Any, row: int, first: int, last: int, text: str, form: Any) -> None:
    if last > first:
        sheet.merge_range(row, first, row, last, text, form)
    else:
        sheet.write_string(row, first, text, form)
