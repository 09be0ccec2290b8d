"""What a workbook to fill asks: a sheet for the form and one per repeat, a column per question or per choice."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from jalons.collection.forms.models import FormVersion, Question
from jalons.collection.forms.rules.languages import UNDETERMINED
from jalons.collection.submissions.reading import Ready
from jalons.collection.submissions.rules.cascades import Cascade, cascades
from jalons.collection.submissions.rules.limits import Limits, limits
from jalons.collection.submissions.rules.schema import Table, fold

TYPED = ("text", "integer", "decimal", "range", "date", "time", "dateTime", "geopoint", "barcode", "acknowledge")
SEVERAL = ("select_multiple", "rank")
CHOSEN = ("select_one", *SEVERAL)
MEDIA = ("image", "audio", "video", "file", "geotrace", "geoshape")  # a cell cannot hold them
APART = 12  # choices of several that get a column each; a longer list is written in one cell
FORBIDDEN = re.compile(r"[\[\]:*?/\\'\x00-\x1f]+")
LONGEST = 31  # letters that Excel keeps of the name of a sheet
Words = Mapping[str, str]


@dataclass(frozen=True)
class Field:
    """One column to fill: a question, or one choice of a question of several.

    header: how the column is named in row 1, as exports name it.
    parent: the question of the same sheet whose answer narrows the list, with the column of the list that says how.
    """

    header: str
    question: Question
    labels: Words
    choice: str = ""
    limits: Limits | None = None
    parent: Cascade | None = None

    @property
    def is_required(self) -> bool:
        return self.question.required.strip() in ("true()", "yes") and not self.question.relevant and not self.choice

    @property
    def list_name(self) -> str:
        """The list offered in each cell, if any."""
        return self.question.list_name if self.question.kind == "select_one" else ""


@dataclass(frozen=True)
class Page:
    """One sheet: the form itself (table "") or a repeat."""

    table: str
    parent: str | None
    name: str
    fields: tuple[Field, ...]
    has_below: bool


@dataclass(frozen=True)
class Layout:
    """A version of a form as sheets to fill."""

    version: FormVersion
    pages: tuple[Page, ...]
    left_out: tuple[Question, ...]  # photographs and lines: a cell cannot hold them


def layout(version: FormVersion, language: str) -> Layout:
    """The sheets of a workbook for one version, named in a language."""
    tables = Ready(version).schema.tables
    questions = list(version.questions.all())
    narrowed = cascades(version.xform)
    titles = {section["name"]: section["labels"] for section in version.settings.get("sections", [])}
    names: set[str] = set()
    pages = []
    for table in tables.values():
        title = said(titles.get(table.name, {}), language) or table.name
        name = sheet_name(title if table.name else said(version.form.title, language), names)
        fields = tuple(f for q in questions if q.table == table.name for f in _fields(q, version, narrowed))
        pages.append(Page(table.name, table.parent, name, _tied(fields), _has_below(table, tables)))
    return Layout(version, tuple(pages), tuple(q for q in questions if q.kind in MEDIA))


def said(words: Words, language: str) -> str:
    """A text in a language, else in another one that it is written in."""
    return next((words[code] for code in (language, "fr", UNDETERMINED, "en", "ar") if words.get(code)), "") or next(
        iter(words.values()), ""
    )


def shown(choices: list[Mapping], language: str) -> dict[str, str]:
    """The text offered for each choice, none twice: choices that share a label are told apart by their code."""
    labels = {
        str(c["name"]): " ".join(said(c.get("labels") or {}, language).split()) or str(c["name"]) for c in choices
    }
    folded = [fold(label) for label in labels.values()]
    twice = {text for text in folded if folded.count(text) > 1} if len(set(folded)) < len(folded) else ()
    return {code: f"{label} ({code})" if fold(label) in twice else label for code, label in labels.items()}


def _has_below(table: Table, tables: Mapping[str, Table]) -> bool:
    return any(other.parent == table.name for other in tables.values())


def _fields(question: Question, version: FormVersion, narrowed: Mapping[str, Cascade]) -> Iterator[Field]:
    labels = question.labels or {"fr": question.name}
    choices = version.choices.get(question.list_name, ())
    if question.kind == "select_multiple" and 0 < len(choices) <= APART:
        for choice in choices:
            both = {
                language: f"{text} : {said(choice.get('labels') or {}, language) or choice['name']}"
                for language, text in labels.items()
            }
            yield Field(f"{question.path}/{choice['name']}", question, both, str(choice["name"]))
    elif question.kind in (*TYPED, *CHOSEN):
        yield Field(question.path, question, labels, "", limits(question.constraint), narrowed.get(question.path))


def _tied(fields: tuple[Field, ...]) -> tuple[Field, ...]:
    """Lists are narrowed by an answer of the same sheet only, given before them."""
    seen: set[str] = set()
    kept = []
    for field in fields:
        is_near = field.parent is not None and field.parent.path in seen
        kept.append(field if is_near or field.parent is None else Field(
            field.header, field.question, field.labels, field.choice, field.limits))  # fmt: skip
        if field.list_name:
            seen.add(field.question.path)
    return tuple(kept)


def sheet_name(text: str, taken: set[str]) -> str:
    """A name that Excel accepts and that no other sheet has."""
    bare = " ".join(FORBIDDEN.sub(" ", text).split())[:LONGEST].strip() or "Feuille"
    name, number = bare, 2
    while name.lower() in taken:
        name, number = f"{bare[: LONGEST - 4]} {number}", number + 1
    taken.add(name.lower())
    return name
