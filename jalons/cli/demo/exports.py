"""Invented forms as the files that partners really send: Kobo workbooks with a sheet per repeat, or XML instances."""

import io
import zipfile
from collections.abc import Iterable
from typing import Any
from xml.etree import ElementTree

import xlsxwriter

from jalons.cli.demo.invented.filled import Filled
from jalons.collection.forms.models import FormVersion, Question

SEVERAL = "select_multiple"
OPTIONS = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
MARKS = ("_id", "_uuid", "_submission_time", "_validation_status", "__version__", "_submitted_by", "_index")
REPEAT_MARKS = ("_index", "_parent_table_name", "_parent_index", "_submission__uuid")


def kobo_workbook(version: FormVersion, forms: list[Filled]) -> bytes:
    """The export that Kobo makes: names in the header, one sheet for the form and one per repeat."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, **OPTIONS})
    questions = [q for q in version.questions.all() if q.kind != "note"]
    root = [q for q in questions if not q.table]
    sheet = book.add_worksheet(version.form.code[:31])
    headers = [header for q in root for header in _headers(q, version)]
    sheet.write_row(0, 0, [*headers, *MARKS])
    for number, form in enumerate(forms, start=1):
        cells = [cell for q in root for cell in _cells(form.answers.get(q.name), q, version)]
        sheet.write_row(number, 0, [*cells, *_marks(number, form, version)])
    for table in dict.fromkeys(q.table for q in questions if q.table):
        _repeat(book, table, [q for q in questions if q.table == table], forms)
    book.close()
    return buffer.getvalue()


def _headers(question: Question, version: FormVersion) -> list[str]:
    if question.kind != SEVERAL:
        return [question.path]
    return [question.path, *(f"{question.path}/{choice}" for choice in _choices(question, version))]


def _cells(answer: Any, question: Question, version: FormVersion) -> list[Any]:
    """One cell, or for several choices their list and a 0/1 for each."""
    if question.kind != SEVERAL:
        return [answer]
    chosen = answer or []
    return [" ".join(chosen) or None, *(int(c in chosen) if chosen else None for c in _choices(question, version))]


def _choices(question: Question, version: FormVersion) -> list[str]:
    return [choice["name"] for choice in version.choices[question.list_name]]


def _marks(number: int, form: Filled, version: FormVersion) -> list[Any]:
    return [number, form.instance, form.at.isoformat(timespec="seconds"), "", version.version, "", number]


def _repeat(book: xlsxwriter.Workbook, table: str, questions: list[Question], forms: list[Filled]) -> None:
    sheet = book.add_worksheet(table[:31])
    sheet.write_row(0, 0, [*(q.path for q in questions), *REPEAT_MARKS])
    lines = ((parent, form, line) for parent, form in enumerate(forms, 1) for line in form.answers.get(table, ()))
    for number, (parent, form, line) in enumerate(lines, start=1):
        cells = [line.get(q.name) for q in questions]
        sheet.write_row(number, 0, [*cells, number, form.form, parent, form.instance])


def instance(version: FormVersion, form: Filled) -> bytes:
    """The XML that a phone sends for one filled form."""
    root = ElementTree.Element(form.form, {"id": form.form, "version": version.version})
    questions = [q for q in version.questions.all() if q.kind != "note"]
    _fill(root, [q for q in questions if not q.table], form.answers)
    for table in dict.fromkeys(q.table for q in questions if q.table):
        own = [q for q in questions if q.table == table]
        for line in form.answers.get(table, ()):
            _fill(_group(root, own[0].path.rsplit(table, 1)[0] + table, new=True), own, line, below=table)
    ElementTree.SubElement(ElementTree.SubElement(root, "meta"), "instanceID").text = f"uuid:{form.instance}"
    return ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)


def _fill(place: ElementTree.Element, questions: Iterable[Question], answers: dict[str, Any], below: str = "") -> None:
    for question in questions:
        answer = answers.get(question.name)
        path = question.path.rsplit(f"{below}/", 1)[-1] if below else question.path
        if answer not in (None, ""):
            text = " ".join(answer) if isinstance(answer, list) else str(answer)
            _group(place, path).text = text


def _group(place: ElementTree.Element, path: str, *, new: bool = False) -> ElementTree.Element:
    """The element of a path, its groups made on the way; `new` adds another row of a repeat."""
    *groups, last = path.split("/")
    for name in groups:
        found = place.find(name)
        place = ElementTree.SubElement(place, name) if found is None else found
    found = None if new else place.find(last)
    return ElementTree.SubElement(place, last) if found is None else found


def archive(files: Iterable[tuple[str, bytes]]) -> bytes:
    """Several files as one ZIP."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in files:
            target.writestr(name, content)
    return buffer.getvalue()
