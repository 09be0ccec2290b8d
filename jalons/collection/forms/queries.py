"""What is read of forms: their latest version, the tables their answers fill, and how two versions differ."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from jalons.collection.forms.models import Form, FormVersion, Question
from jalons.collection.forms.rules.columns import holds_answer, sql_type
from jalons.collection.forms.rules.comparison import Change, compare
from jalons.collection.forms.rules.proposals import DIRECT, INDIRECT, NO, Proposals, propose
from jalons.collection.forms.rules.reading import XlsForm
from jalons.collection.forms.rules.results import SQL_TYPES, bound, results
from jalons.core import documents
from jalons.core.fields import translated
from jalons.foundation.programmes.models import Programme


@dataclass(frozen=True)
class Column:
    """Where the answers to a question are kept.

    name:     the question, as expressions call it; kind: its XLSForm type in the latest version that asks it.
    sql_type: one type that holds the answers of every version.
    """

    name: str
    column: str
    kind: str
    sql_type: str
    list_name: str


Schema = dict[str, dict[str, Column]]


def latest_version(form: Form) -> FormVersion | None:
    """The version last brought in; None for a form without any."""
    return form.versions.order_by("-number").first()


def schema(form: Form) -> Schema:
    """The tables that the answers of a form fill, all its versions together: table -> column -> what it holds.

    The form itself is the table "", each repeat a table by its name. A column whose type changed between versions
    holds both: whole numbers become decimals, anything else becomes text.
    """
    tables: Schema = {"": {}}
    versions = form.versions.order_by("number").prefetch_related("questions")
    for question in (question for version in versions for question in version.questions.all()):
        if holds_answer(question.kind):
            columns = tables.setdefault(question.table, {})
            before = columns.get(question.column)
            kept = _common(before.sql_type, sql_type(question.kind)) if before else sql_type(question.kind)
            columns[question.column] = Column(question.name, question.column, question.kind, kept, question.list_name)
    return tables


def _common(one: str, other: str) -> str:
    if one == other:
        return one
    return "double precision" if {one, other} == {"bigint", "double precision"} else "text"


@dataclass(frozen=True)
class Field:
    """A question of a form over all its versions, as the latest that asks it asks it.

    choices:  code -> its labels, of every version; degree: how far it identifies a person in any of them.
    sql_type: one type that holds the answers of every version; changed: version -> its kind, where kinds differ.
    gives:    what a calculation is, kept as a text, by every version that has it: number, whole, day; else nothing.
    """

    question: Question
    sql_type: str
    choices: dict[str, dict[str, str]]
    degree: str
    changed: dict[str, str]
    gives: str = ""

    @property
    def told_as(self) -> str:
        """SQL type of what is told of its answers."""
        return SQL_TYPES.get(self.gives, self.sql_type)

    @property
    def label(self) -> str:
        return translated(self.question.labels) or self.question.name

    @property
    def is_personal(self) -> bool:
        return self.degree != NO


def fields(form: Form) -> dict[str, list[Field]]:
    """The questions of a form by table, in the order of its latest version; then those that only older ones ask."""
    versions = list(form.versions.order_by("-number").prefetch_related("questions"))
    asked: dict[tuple[str, str], list[tuple[FormVersion, Question]]] = {}
    for version in versions:
        for question in version.questions.all():
            if holds_answer(question.kind):
                asked.setdefault((question.table, question.column), []).append((version, question))
    types, tables = schema(form), {"": []}
    given = {version.pk: _results(version) for version in versions}
    for (table, column), found in asked.items():
        tables.setdefault(table, []).append(_field(types[table][column].sql_type, found, given))
    return tables


def _field(kept: str, found: list[tuple[FormVersion, Question]], given: Mapping[int, Mapping[str, str]]) -> Field:
    choices: dict[str, dict[str, str]] = {}
    for version, question in found:
        for row in version.choices.get(question.list_name, ()):
            choices.setdefault(str(row["name"]), row.get("labels") or {})
    degrees = {question.identifies for _version, question in found}
    kinds = {str(version): question.kind for version, question in reversed(found)}
    return Field(
        question=found[0][1],
        sql_type=kept,
        choices=choices,
        degree=next((degree for degree in (DIRECT, INDIRECT) if degree in degrees), NO),
        changed=kinds if len(set(kinds.values())) > 1 else {},
        gives=_gives(found, given) if set(kinds.values()) == {"calculate"} else "",
    )


def _results(version: FormVersion) -> dict[str, str]:
    """What each question of a version is; nothing is known of a name that several bear."""
    asked = list(version.questions.all())
    often = Counter(question.name for question in asked)
    return results({q.name: (q.kind, q.calculation) if often[q.name] == 1 else ("text", "") for q in asked})


def _gives(found: list[tuple[FormVersion, Question]], given: Mapping[int, Mapping[str, str]]) -> str:
    """What a calculation is in every version: as its bind says it, else as its expression does."""
    said = {bound(version.xform).get(asked.path) or given[version.pk][asked.name] for version, asked in found}
    return said.pop() if len(said) == 1 else "number" if said == {"number", "whole"} else ""


def changes(old: FormVersion, new: FormVersion) -> tuple[Change, ...]:
    """What changed from one version to another, gravest first."""
    return compare(list(old.questions.all()), list(new.questions.all()), old.choices, new.choices)


@dataclass(frozen=True)
class Arrival:
    """What a workbook that was read would do in a programme.

    form: the form it is a version of, None for a new form; same: the version that these very bytes already made.
    changes: since the latest version; reused: it bears the version name of another version.
    stranger: most questions of the latest version are not in it, as when two forms share an identifier by mistake.
    """

    form: Form | None
    same: FormVersion | None
    latest: FormVersion | None
    changes: tuple[Change, ...] = ()
    reused: bool = False
    stranger: bool = False


def arrival(programme: Programme, read: XlsForm, sha256: str) -> Arrival:
    """What bringing a workbook into a programme would do."""
    form = Form.objects.filter(programme=programme, code=read.form_id).first()
    if form is None:
        return Arrival(None, None, None)
    latest = latest_version(form)
    before = list(latest.questions.all())
    found = compare(before, read.questions, latest.choices, read.list_rows())
    gone = sum(change.code == "removed" for change in found)
    same = form.versions.filter(sha256=sha256).first()
    reused = same is None and form.versions.filter(version=read.version).exists()
    return Arrival(form, same, latest, found, reused, stranger=2 * gone > len(before))


def proposals(version: FormVersion) -> Proposals:
    """Which questions of a version probably give the territory, the date, the sex and the collector."""
    words = {
        name: [word for row in rows for word in (row["name"], *row["labels"].values())]
        for name, rows in version.choices.items()
    }
    return propose(list(version.questions.all()), words)


def to_mark(form: Form) -> list[Question]:
    """One question for each name that any version asks: as the latest version that has it asks it, in its order."""
    found: dict[str, Question] = {}
    for version in form.versions.order_by("-number").prefetch_related("questions__marked_by"):
        for question in version.questions.all():
            if holds_answer(question.kind):
                found.setdefault(question.name, question)
    return list(found.values())


def file_of(version: FormVersion) -> bytes:
    """The workbook of a version, byte for byte as received."""
    return documents.read(version.sha256)
