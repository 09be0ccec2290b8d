"""What may feed an indicator: the typed tables of the forms of its programme, and nothing else."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from django.db import connection
from django.utils.translation import gettext

from jalons.collection.forms.models import Form, Question
from jalons.collection.forms.queries import schema as columns_of
from jalons.collection.people.models import Source as Telling
from jalons.collection.submissions.projection import SCHEMA, ensure, table_name
from jalons.collection.submissions.rules.schema import schema as version_schema
from jalons.core.errors import _
from jalons.core.fields import translated
from jalons.evidence.measurement.rules.compile import Column, Source
from jalons.evidence.measurement.rules.formula import PERSON, Faulty, Formula
from jalons.evidence.measurement.rules.sentences import Words
from jalons.foundation.programmes.models import Programme
from jalons.planning.results.models import Dimension

# SQL type of a column of the typed tables -> kind of answer
KINDS = {
    "bigint": "integer",
    "double precision": "decimal",
    "text": "text",
    "text[]": "select_multiple",
    "date": "date",
    "timestamptz": "datetime",
}
NO_FORM = _("Le programme n’a pas de formulaire « %(form)s ». Importez-le, ou corrigez son code dans la formule.")
NO_REPEAT = _("Le formulaire « %(form)s » n’a pas de répétition « %(repeat)s ». Corrigez son nom dans la formule.")

NO_PERSONS = _("Rien ne dit que « %(part)s » parle de personnes. Déclarez-le d’abord : Données, Personnes, Sources.")


@dataclass
class Sources:
    """The forms of one programme, read once for all its indicators."""

    programme: Programme

    def __post_init__(self) -> None:
        forms = Form.objects.filter(programme=self.programme)
        self.forms = {form.code: form for form in forms.prefetch_related("versions__questions")}
        self.known: dict[tuple[str, str], Source] = {}

    def form(self, code: str) -> Form:
        if code not in self.forms:
            raise Faulty("source › form", NO_FORM, form=code)
        return self.forms[code]

    def source(self, code: str, repeat: str = "") -> Source:
        """Where a formula on a form, or on one of its repeats, reads its answers."""
        if (code, repeat) not in self.known:
            self.known[code, repeat] = _source(self.form(code), repeat)
        return self.known[code, repeat]

    def of(self, formula: Formula) -> Source:
        """Where a formula reads, with the person of each row if it counts persons."""
        source = self.source(formula.form, formula.repeat)
        return self._with_persons(source) if formula.counts_persons else source

    def _with_persons(self, source: Source) -> Source:
        told = Telling.objects.filter(form=self.form(source.form), table=source.repeat).first()
        if told is None:
            raise Faulty("source › repeat", NO_PERSONS, part=source.repeat or source.form)
        person = Column(len(source.tables), PERSON, "integer")
        return replace(source, columns={**source.columns, PERSON: person}, persons=told.pk)

    def make_tables(self, source: Source) -> None:
        """Make the typed tables of a form that has received nothing yet, or gained questions since."""
        ensure(self.form(source.form))


def _source(form: Form, repeat: str) -> Source:
    tables = columns_of(form)
    if repeat not in tables:
        raise Faulty("source › repeat", NO_REPEAT, form=form.code, repeat=repeat)
    around = _parents(form)
    chain = [repeat]
    while chain[-1]:
        chain.append(around.get(chain[-1], ""))
    columns: dict[str, Column] = {}
    for level, table in enumerate(chain):
        own: dict[str, Column] = {}
        for column in tables.get(table, {}).values():
            kind = "homonym" if column.name in own else KINDS[column.sql_type]
            own[column.name] = Column(
                level, column.column, kind, _choices(form, column.list_name), column.kind == "text"
            )
        columns = own | columns
    return Source(form.code, tuple(f"{SCHEMA}.{table_name(form.pk, table)}" for table in chain), columns, repeat)


def _parents(form: Form) -> dict[str, str]:
    """Repeat -> the repeat around it, "" for the form itself; later versions win."""
    versions = sorted(form.versions.all(), key=lambda version: version.number)
    tables = [table for v in versions for table in version_schema(v.questions.all(), v.choices).tables.values()]
    return {table.name: table.parent or "" for table in tables if table.name}


def _choices(form: Form, list_name: str) -> frozenset[str]:
    """The names that a list ever offered; none when it came from a file."""
    offered = (choice for version in form.versions.all() for choice in version.choices.get(list_name, ()))
    return frozenset(str(choice["name"]) for choice in offered)


def words(form: Form, formula: Formula) -> Words:
    """The words of a form in the reader's language."""
    questions = list(_latest_questions(form))
    dimensions = Dimension.objects.filter(code__in=[split.code for split in formula.splits])
    return Words(
        questions={question.name: _one_line(translated(question.labels)) for question in questions},
        choices=dict(_choice_labels(form, questions)),
        form=str(form),
        repeat=formula.repeat,
        splits={dimension.code: str(dimension).lower() for dimension in dimensions},
        say=gettext,
    )


def _latest_questions(form: Form) -> Iterator[Question]:
    versions = sorted(form.versions.all(), key=lambda version: version.number)
    yield from (question for version in versions for question in version.questions.all())


def _choice_labels(form: Form, questions: list[Question]) -> Iterator[tuple[tuple[str, str], str]]:
    lists = {name: choices for version in form.versions.all() for name, choices in version.choices.items()}
    for question in questions:
        for choice in lists.get(question.list_name, ()):
            if label := _one_line(translated(choice.get("labels"))):
                yield (question.name, str(choice["name"])), label


def _one_line(text: str) -> str:
    return " ".join(text.split())


def has_tables(source: Source) -> bool:
    """Whether the typed tables of a source exist: they are made when a form receives its first answers."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select bool_and(to_regclass(name) is not null) from unnest(%s::text[]) as name", [list(source.tables)]
        )
        return cursor.fetchone()[0]


def read(query: str) -> list[tuple]:
    """Rows of the typed tables. The query holds its own values: it is compiled, never typed by a person."""
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchall()
