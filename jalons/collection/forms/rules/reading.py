"""From the bytes of a file to a form, or to every reason why it cannot be one."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from jalons.collection.forms.rules.checks import check
from jalons.collection.forms.rules.converter import Converted, convert
from jalons.collection.forms.rules.faults import Fault, Refusals, Unreadable
from jalons.collection.forms.rules.formulas import NOT_COMPUTED
from jalons.collection.forms.rules.kobo_types import expanded
from jalons.collection.forms.rules.languages import language_code
from jalons.collection.forms.rules.questions import (
    Choice,
    FormQuestion,
    FormSection,
    choice_lists,
    questions,
    sections,
)
from jalons.collection.forms.rules.tables import table
from jalons.collection.forms.rules.workbook import Workbook, open_workbook

# longest text of each column of a question
LONGEST = {"name": 249, "path": 1000, "table": 249, "list_name": 249, "required": 1000, "appearance": 249}


@dataclass(frozen=True)
class XlsForm:
    """A form as its workbook defines it.

    languages: as their author spelled them, in the order of the columns; `default_language` is a code.
    itemsets:  the table of external choices as CSV, when the form has one.
    formulas:  cells that hold a spreadsheet formula: their last computed value was read.
    remarks:   the converter's remarks, in its own words.
    instance_name: the expression that names a submission, "" without one.
    doubts:    what our checks object to and the converter accepts: expressions that cannot be read or computed.
    """

    kind: str
    form_id: str
    title: str
    version: str
    default_language: str
    languages: tuple[str, ...]
    questions: tuple[FormQuestion, ...]
    sections: tuple[FormSection, ...]
    lists: Mapping[str, tuple[Choice, ...]]
    extra_columns: tuple[str, ...]
    xform: str
    itemsets: str | None
    instance_name: str
    formulas: int
    remarks: tuple[str, ...]
    doubts: tuple[Fault, ...]

    def warnings(self) -> list[dict]:
        """What did not prevent reading, as a version keeps it: our doubts, the converter's remarks, formulas."""
        kept = [doubt.as_data() for doubt in self.doubts]
        kept += [{"code": "remark", "original": remark[:1000]} for remark in self.remarks]
        return kept + ([{"code": "formulas", "values": {"count": self.formulas}}] if self.formulas else [])

    def list_words(self) -> dict[str, list[str]]:
        """The codes and labels of each list of choices."""
        return {
            name: [word for choice in choices for word in (choice.name, *choice.labels.values())]
            for name, choices in self.lists.items()
        }

    def list_rows(self) -> dict[str, list[dict]]:
        """The lists of choices as a version keeps them."""
        return {
            name: [{**choice.extra, "name": choice.name, "labels": dict(choice.labels)} for choice in choices]
            for name, choices in self.lists.items()
        }


def read_form(data: bytes, file_name: str) -> XlsForm | Refusals:
    """Read an XLSForm of any kind, whatever its extension says; refuse it with every reason at once.

    file_name: gives the identifier of a form whose settings name none. It is never used as a path.
    Source:    XLSForm; the verdict is pyxform 4.5's, the list of reasons is ours.
    """
    try:
        book = expanded(open_workbook(data))
    except Unreadable as verdict:
        return Refusals((verdict.fault,))
    faults, rows = check(book)
    result = convert(book, identifier(file_name))
    if isinstance(result, list) or book.faults:
        wrong = [fault for fault in faults if fault.code != NOT_COMPUTED]
        return Refusals(tuple(_merge(wrong, result if isinstance(result, list) else [])))
    form = _form(book, result, rows, tuple(faults))
    excess = tuple(_too_long(form))
    return Refusals(excess) if excess else form


def clean_file_name(name: str) -> str:
    """The last part of a file name, printable and short: a label to show, never a path.

    Source: OWASP File Upload Cheat Sheet.

    >>> clean_file_name("../../etc/passwd\\x00.xlsx"), clean_file_name("C:\\\\forms\\\\suivi.xlsx")
    ('passwd.xlsx', 'suivi.xlsx')
    """
    last = PurePosixPath(name.replace("\\", "/")).name
    printable = "".join(c for c in last if c.isprintable() and unicodedata.category(c) != "Cf").strip(" .")
    stem, dot, extension = printable.rpartition(".")
    return (f"{stem[:150]}{dot}{extension[:10]}" if dot else printable[:150]) or "formulaire"


def identifier(file_name: str) -> str:
    """A form identifier made from a file name.

    Source: XLSForm settings `form_id`, which defaults to the name of the file.

    >>> identifier("Suivi des bénéficiaires (v2).xlsx")
    'Suivi_des_beneficiaires_v2'
    """
    stem = clean_file_name(file_name).rpartition(".")[0] or clean_file_name(file_name)
    folded = unicodedata.normalize("NFKD", stem).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9_-]+", "_", folded).strip("_-")[:100] or "formulaire"


def _too_long(form: XlsForm) -> Iterator[Fault]:
    """Names that no table of ours holds. No form of the field comes near."""
    for column in ("form_id", "title", "version"):
        yield from _longer(getattr(form, column), 249, Fault("", "settings", 2, column))
    for question in form.questions:
        for column, limit in LONGEST.items():
            yield from _longer(getattr(question, column), limit, Fault("", "survey", question.row, column))


def _longer(text: str, limit: int, place: Fault) -> Iterator[Fault]:
    if len(text) > limit:
        values = {"name": f"{text[:40]}…", "length": len(text), "limit": limit}
        yield replace(place, code="too_long", values=values)


def _merge(ours: list[Fault], theirs: list[Fault]) -> list[Fault]:
    """Our list, in which the converter's words stand beside the fault they are about, or come first."""
    merged = list(ours)
    for fault in theirs:
        same = (i for i, f in enumerate(merged) if f.code == fault.code and fault.row in (None, f.row))
        place = next(same, None)
        if place is None:
            merged.insert(0, fault)
        else:
            merged[place] = replace(merged[place], original=fault.original)
    return merged


def _form(book: Workbook, made: Converted, rows: Mapping[tuple[str, ...], int], doubts: tuple[Fault, ...]) -> XlsForm:
    survey, choices = table(book, "survey"), table(book, "choices")
    languages = tuple(dict.fromkeys((*survey.languages(), *choices.languages())))
    stated = "" if made.survey.default_language == "default" else made.survey.default_language
    default = stated or next(iter(languages), "")
    asked = questions(made.survey, rows, default)
    return XlsForm(
        kind=book.kind,
        form_id=str(made.survey.id_string),
        title=str(made.survey.title or made.survey.id_string),
        version=str(made.survey.version or ""),
        default_language=language_code(default),
        languages=languages,
        questions=asked,
        sections=sections(made.survey, default),
        lists=choice_lists(made.survey, default),
        extra_columns=tuple(dict.fromkeys(column for question in asked for column in question.extra)),
        xform=made.xform,
        itemsets=made.itemsets,
        instance_name=str(made.survey.instance_name or ""),
        formulas=book.formulas,
        remarks=made.remarks,
        doubts=doubts,
    )
