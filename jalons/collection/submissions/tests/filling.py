"""A workbook to fill, filled as a person would: cells written under their headings, nothing else touched."""

import io

import openpyxl

from jalons.collection.submissions.workbook.writer import blank


def a_filled(version, rows, below=(), language="fr", content=None, copy="") -> bytes:
    """The workbook of a version with rows of answers by column name, and rows of its first repeat."""
    book = opened(content or blank(version, language))
    if copy:
        book.worksheets[0]["A3"] = copy
    written(book.worksheets[1], rows)
    if below:
        written(book.worksheets[2], below)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def opened(content):
    return openpyxl.load_workbook(io.BytesIO(content))


def written(page, rows):
    places = {
        cell.value.rpartition("/")[2] if "_" not in cell.value[:1] else cell.value: cell.column for cell in page[1]
    }
    places |= {cell.value: cell.column for cell in page[1]}
    for number, answers in enumerate(rows, start=4):
        for name, value in answers.items():
            page.cell(number, places[name]).value = value
