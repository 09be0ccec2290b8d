"""What is done to forms: bring a workbook in, declare what its questions are, open and close collection."""

from dataclasses import asdict
from typing import Any

from django.utils import timezone

from jalons.collection.forms import shipped
from jalons.collection.forms.models import Form, FormVersion, Question
from jalons.collection.forms.rules.columns import holds_answer
from jalons.collection.forms.rules.coverage import coverage
from jalons.collection.forms.rules.faults import FormRefused, Refusals
from jalons.collection.forms.rules.proposals import DIRECT, NO, propose
from jalons.collection.forms.rules.questions import FormQuestion
from jalons.collection.forms.rules.reading import XlsForm, clean_file_name, read_form
from jalons.collection.forms.rules.roles import check_marks, check_roles
from jalons.collection.forms.rules.states import check_comes_here, check_is_new, check_move
from jalons.core import documents
from jalons.core.actions import action
from jalons.core.errors import Refused, _
from jalons.core.levels import Level
from jalons.foundation.accounts.models import User
from jalons.foundation.programmes.models import Programme

ADOPTED = _("Ce programme a déjà ce formulaire : il est dans la liste des formulaires.")


@action("form.imported", needs=Level.EDIT)
def import_form(*, programme: Programme, data: bytes, file_name: str, by: User) -> FormVersion:
    """Bring an XLSForm into a programme: a new form, or a new version of the form that has its form_id.

    The same bytes again change nothing: the version they made comes back. Nothing is kept of a refused workbook.
    Error: FormRefused, with every fault.
    """
    read = read_form(data, file_name)
    if isinstance(read, Refusals):
        raise FormRefused(read.faults)
    sha256, _size = documents.store([data])
    form, _is_new = Form.objects.get_or_create(
        programme=programme, code=read.form_id, defaults={"title": {"fr": read.title}}
    )
    form = Form.objects.select_for_update(of=("self",)).get(pk=form.pk)
    return form.versions.filter(sha256=sha256).first() or _add_version(form, read, sha256, file_name)


def _add_version(form: Form, read: XlsForm, sha256: str, file_name: str) -> FormVersion:
    if form.state == Form.State.PUBLISHED:
        check_comes_here(read.xform)
    if form.state != Form.State.DRAFT:
        check_is_new(read.version, form.versions.values_list("version", flat=True))
    last = form.versions.order_by("-number").first()
    version = FormVersion.objects.create(
        form=form,
        number=last.number + 1 if last else 1,
        version=read.version,
        file_name=clean_file_name(file_name),
        sha256=sha256,
        xform=read.xform,
        choices=read.list_rows(),
        languages=[language.as_data() for language in coverage(read)],
        warnings=read.warnings(),
        settings=_settings(read),
    )
    marks = _marks(read, last)
    Question.objects.bulk_create(
        _question(version, question, marks.get(question.name, {})) for question in read.questions
    )
    return version


def _marks(read: XlsForm, last: FormVersion | None) -> dict[str, dict[str, Any]]:
    """What was decided of the questions of the last version; a proposal for those that are new."""
    fields = ("identifies", "marked_by_id", "marked_at")
    kept = {row.name: {name: getattr(row, name) for name in fields} for row in last.questions.all()} if last else {}
    proposed = propose(read.questions, read.list_words()).personal
    return {name: {"identifies": mark.degree} for name, mark in proposed.items()} | kept


def _settings(read: XlsForm) -> dict[str, Any]:
    return {
        "title": read.title,
        "default_language": read.default_language,
        "extra_columns": list(read.extra_columns),
        "sections": [asdict(section) for section in read.sections],
        "itemsets": read.itemsets,
        "instance_name": read.instance_name,
    }


def _question(version: FormVersion, question: FormQuestion, mark: dict[str, Any]) -> Question:
    return Question(
        version=version,
        position=question.position,
        name=question.name,
        path=question.path,
        table=question.table,
        column=question.column,
        kind=question.kind,
        list_name=question.list_name,
        labels=question.labels,
        hints=question.hints,
        required=question.required,
        relevant=question.relevant,
        constraint=question.constraint,
        constraint_message=question.constraint_messages,
        calculation=question.calculation,
        appearance=question.appearance,
        extra=question.extra,
        **mark,
    )


@action("form.adopted", needs=Level.EDIT)
def adopt(*, programme: Programme, code: str, by: User) -> Form:
    """Bring a form that comes with Jalons into a programme, its questions already declared.

    Error: Refused when the programme has it already.
    """
    if Form.objects.filter(programme=programme, code=code).exists():
        raise Refused(ADOPTED, field="programme")
    ready = shipped.shipped(code)
    version = import_form(programme=programme, data=shipped.workbook(code), file_name=f"{code}.xlsx", by=by)
    form = declare(form=version.form, roles=ready.roles, title=ready.title, by=by)
    return mark(form=form, marks=ready.marks, by=by)


@action("form.declared", needs=Level.EDIT)
def declare(
    *,
    form: Form,
    roles: dict[str, str],
    personal: list[str] | None = None,
    title: dict[str, str] | None = None,
    by: User,
) -> Form:
    """Say which questions give the territory, the date, the sex and the collector, and which identify a person.

    roles:    role -> name of a question of the latest version, "" for none; a role left out does not change.
    personal: names of the questions that identify a person, all others not; None changes nothing.
    title:    what the form is called in each language, in French at least; None changes nothing.
    Submissions received from now on are read with it; those received before, once they are read again.
    """
    version = form.versions.order_by("-number").first()
    questions = list(version.questions.all())
    check_roles(roles, questions)
    if any(getattr(form, f"{role}_question") != name for role, name in roles.items()):
        form.declared_at = timezone.now()
    for role, name in roles.items():
        setattr(form, f"{role}_question", name)
    form.title = title or form.title
    form.save(update_fields=[*(f"{role}_question" for role in roles), "title", "declared_at", "updated_at"])
    if personal is not None:
        _mark(form, dict.fromkeys((q.name for q in questions if holds_answer(q.kind)), NO)
              | dict.fromkeys(personal, DIRECT), by)  # fmt: skip
    return form


@action("form.marked", needs=Level.EDIT)
def mark(*, form: Form, marks: dict[str, str], by: User) -> Form:
    """Say how far each question identifies a person, in every version of the form; the new ones will inherit it.

    marks: name of a question -> "no", "indirect" or "direct"; a question left out does not change.
    """
    _mark(form, marks, by)
    return form


def _mark(form: Form, marks: dict[str, str], by: User) -> None:
    check_marks(marks, Question.objects.filter(version__form=form))
    for degree in Question.Identifies.values:
        named = [name for name, given in marks.items() if given == degree]
        found = Question.objects.filter(version__form=form, name__in=named)
        found.update(identifies=degree, marked_by=by, marked_at=timezone.now())


@action("form.published", needs=Level.DECIDE)
def publish(*, form: Form, by: User) -> Form:
    """Open a form to collection."""
    if latest := form.versions.order_by("-number").first():
        check_comes_here(latest.xform)
    return _move(form, Form.State.PUBLISHED)


@action("form.retired", needs=Level.DECIDE)
def retire(*, form: Form, by: User) -> Form:
    """Close a form to collection. What it collected stays and still counts."""
    return _move(form, Form.State.RETIRED)


def _move(form: Form, state: str) -> Form:
    form = Form.objects.select_for_update(of=("self",)).get(pk=form.pk)
    check_move(form.state, state)
    form.state = state
    form.save(update_fields=["state", "updated_at"])
    return form
