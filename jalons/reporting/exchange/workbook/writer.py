"""A programme as a workbook: drop-down lists, formats and instructions, ready to be typed in."""

import io
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from jalons.core.spreadsheets import growing, row_height
from jalons.reporting.exchange.workbook import specs
from jalons.reporting.exchange.workbook.cells import labels, write
from jalons.reporting.exchange.workbook.records import Content, letters
from jalons.reporting.exchange.workbook.specs import SHEETS, Column, Sheet

A3, A4 = 8, 9
LAST_COLUMN = 255  # that a person may fill beside ours; all that Excel has would take most of the writing
TOLD = 90  # width of the column of instructions
ALLOWED = dict.fromkeys(
    ("insert_rows", "delete_rows", "insert_columns", "delete_columns", "format_cells", "format_columns", "format_rows",
     "sort", "autofilter", "insert_hyperlinks"), True,
)  # fmt: skip
LINE = 15  # points of one line of text in the workbook's own font
NOT_ASKED = "not_asked"  # the fields of a row that nothing goes in
ROOM = 2000  # rows that lists and formats are ready for
WIDTHS = {
    specs.LINES: 44,
    specs.SPLITS: 44,
    specs.CODES: 20,
    specs.PLACE: 24,
    specs.TEXT: 28,
    specs.CHOICE: 20,
    specs.SHARES: 24,
}
FEW = 12  # answers that a comment lists
DAY, TEXT = "dd/mm/yyyy", "@"
README = (
    "Classeur du programme",
    "Chaque feuille a une ligne par chose. Les colonnes marquées d’un astérisque (*) sont nécessaires.",
    "Importer ce classeur montre d’abord ce qui changerait ; rien ne change avant votre confirmation.",
    "Une ligne absente ne supprime rien : pour supprimer, écrivez « oui » dans la colonne « Supprimer ».",
    "Une colonne absente ne change rien. Une cellule vidée efface ce qu’elle contenait.",
    "Une valeur inconnue se laisse vide : inconnu n’est pas zéro.",
    "Une définition d’indicateur qui change devient une nouvelle version : récrivez sa date et son motif.",
)


def write_workbook(content: Content, sheets: tuple[Sheet, ...] = SHEETS, readme: tuple[str, ...] = README) -> bytes:
    """The workbook that says what `content` holds; without content, the empty template."""
    return _Writer(content, sheets, readme).bytes()


class _Writer:
    """Writes one workbook."""

    def __init__(self, content: Content, sheets: tuple[Sheet, ...], readme: tuple[str, ...]) -> None:
        self.content, self.sheets, self.readme, self.buffer = content, sheets, readme, io.BytesIO()
        self.book = xlsxwriter.Workbook(self.buffer, {"strings_to_formulas": False, "strings_to_urls": False})
        self.formats: dict[tuple, Format] = {}
        self.lists: dict[tuple, str] = {}

    def bytes(self) -> bytes:
        self.write_readme(self.book.add_worksheet(specs.README))
        sheets = [(sheet, self.book.add_worksheet(sheet.name)) for sheet in self.sheets]
        lists = self.book.add_worksheet(specs.LISTS)
        lists.hide()
        for sheet, page in sheets:
            self.write_sheet(sheet, page, lists)
        self.book.close()
        return growing(self.buffer.getvalue())

    def format(self, **properties: Any) -> Format:
        key = tuple(sorted(properties.items()))
        if key not in self.formats:
            self.formats[key] = self.book.add_format({"valign": "top", **properties})
        return self.formats[key]

    def write_readme(self, page: Worksheet) -> None:
        page.set_column(0, 0, 24)
        page.set_column(1, 1, 28)
        page.set_column(2, 2, TOLD)
        page.hide_gridlines(2)
        page.set_paper(A4)
        page.fit_to_pages(1, 0)
        page.write_string(0, 0, self.readme[0], self.format(bold=True, font_size=16))
        for number, line in enumerate(self.readme[1:], start=2):
            page.write_string(number, 0, line)
        page.write_row(
            len(self.readme) + 2, 0, ["Feuille", "Colonne", "Ce qu’on y met"], self.format(bold=True, bottom=1)
        )
        row = len(self.readme) + 3
        for sheet in self.sheets:
            page.write_url(row, 0, f"internal:'{sheet.name}'!A1", self.format(bold=True, underline=1), sheet.name)
            page.write_string(row, 2, sheet.help, self.format(text_wrap=True, bold=True))
            page.set_row(row, row_height([(sheet.help, TOLD)], LINE))
            row += 1
            for column in filter(lambda c: c.help or c.choices, sheet.columns):
                told = column.help or " · ".join(labels(column).values())
                page.write_string(row, 1, _head(column), self.format())
                page.write_string(row, 2, told, self.format(text_wrap=True))
                page.set_row(row, row_height([(told, TOLD)], LINE))
                row += 1

    def write_sheet(self, sheet: Sheet, page: Worksheet, lists: Worksheet) -> None:
        columns = [*sheet.columns, *([] if sheet.kept else [REMOVAL])]
        for place, column in enumerate(columns):
            page.set_column(place, place, _width(column), self.cell_format(column))
            page.write_string(0, place, _head(column), self.head_format(column))
            if told := _told(column):
                page.write_comment(0, place, told, {"author": "Jalons", "x_scale": 2, "font_size": 9})
            self.validate(column, page, place, lists)
        page.set_column(len(columns), LAST_COLUMN, None, self.format(locked=False))
        page.set_row(0, 32)
        self.print_on_paper(page)
        page.protect("", ALLOWED)  # without password: it only keeps the heads from a slip of the hand
        page.freeze_panes(1, 1 + max(n for n, c in enumerate(columns) if c.field in sheet.key))
        rows = self.content.get(sheet.name, {})
        for number, fields in enumerate(rows.values(), start=1):
            written = [(write(column, fields.get(column.field)), column) for column in sheet.columns]
            page.set_row(number, row_height(((value, _width(column)) for value, column in written), LINE))
            for place, (value, column) in enumerate(written):
                self.write_cell(page, (number, place), column, value)
                if column.field in fields.get(NOT_ASKED, ()):
                    page.write_blank(number, place, None, self.format(bg_color="#E7E9E8"))
        page.autofilter(0, 0, max(len(rows), 1), len(columns) - 1)

    def print_on_paper(self, page: Worksheet) -> None:
        """In landscape, as wide as an A3 page, its heads on every page."""
        page.set_landscape()
        page.set_paper(A3)
        page.fit_to_pages(1, 0)
        page.repeat_rows(0)
        page.set_footer("&L&8&A&R&8&P / &N")

    def write_cell(self, page: Worksheet, at: tuple[int, int], column: Column, value: Any) -> None:
        form = self.cell_format(column)
        if value is None:
            return
        if isinstance(value, str):
            page.write_string(*at, value, form)
        elif column.kind == specs.DAY:
            page.write_datetime(*at, value, form)
        else:
            page.write_number(*at, value, form)

    def head_format(self, column: Column) -> Format:
        return self.format(bold=True, bottom=1, text_wrap=True, bg_color="#E4EFEE" if column.required else "#F4F7F6")

    def cell_format(self, column: Column) -> Format:
        numbers = {specs.DAY: DAY, specs.NUMBER: "General", specs.RANK: "0", specs.WHOLE: "0"}
        form = {"num_format": numbers.get(column.kind, TEXT), "locked": False}
        if column.kind in (specs.LINES, specs.SPLITS, specs.TEXT):
            form["text_wrap"] = True
        if column.field.endswith(".ar"):
            form |= {"reading_order": 2, "align": "right"}
        return self.format(**form)

    def validate(self, column: Column, page: Worksheet, place: int, lists: Worksheet) -> None:
        """A drop-down list where answers are known, a date where a date is due, and help wherever there is some."""
        rule: dict[str, Any] = {"validate": "any"}
        if column.choices:
            rule = {"validate": "list", "source": self.list_of(tuple(labels(column).values()), lists)}
        elif column.kind == specs.YES:
            rule = {"validate": "list", "source": ["oui", "non"]}
        elif column.refers and column.kind != specs.CODES:
            rule = {"validate": "list", "source": _codes_of(column.refers), "error_type": "warning"}
        if column.help:
            rule |= {"input_title": column.head[:32], "input_message": column.help[:255]}
        if len(rule) > 1:
            page.data_validation(1, place, ROOM, place, rule)

    def list_of(self, words: tuple[str, ...], lists: Worksheet) -> str:
        if words not in self.lists:
            place = len(self.lists)
            lists.write_column(0, place, words)
            self.lists[words] = f"={specs.LISTS}!${letters(place)}$1:${letters(place)}${len(words)}"
        return self.lists[words]


REMOVAL = Column(specs.REMOVE, "", specs.YES, blank=False, help="« oui » supprime cette ligne à l’import.")


def _head(column: Column) -> str:
    return f"{column.head} *" if column.required else column.head


def _told(column: Column) -> str:
    """What a person may write in a column: its help, then its list when it is short enough to be read."""
    words = [str(word) for word in labels(column).values()]
    listed = "Une des réponses de la liste : " + " · ".join(words) if 0 < len(words) <= FEW else ""
    return "\n".join(filter(None, (column.help, listed)))


def _width(column: Column) -> int:
    """Wide enough for what the column usually holds; the French text is the one that people write first."""
    if column.field.endswith(".fr"):
        return 44
    return WIDTHS.get(column.kind, 14)


def _codes_of(name: str) -> str:
    """The column of codes of a sheet, what people have typed in it included."""
    sheet = specs.BY_NAME[name]
    own = {specs.DIMENSIONS: "dimension", specs.CATALOGUES: "catalogue", specs.AGREEMENTS: "reference"}
    codes = own.get(name, "code")
    place = letters(next(n for n, column in enumerate(sheet.columns) if column.field == codes))
    return f"='{name}'!${place}$2:${place}${ROOM}"
