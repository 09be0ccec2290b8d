"""The questions of a form, offered to whoever writes a formula: a click puts one in the field being written."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from jalons.collection.forms import queries
from jalons.collection.forms.models import Form, FormVersion, Question
from jalons.collection.forms.rules.columns import holds_answer
from jalons.collection.forms.views import display
from jalons.core.fields import translated
from jalons.foundation.programmes.models import Programme


@require_safe
def programme_questions(request: HttpRequest, pk: int) -> HttpResponse:
    """Fragment: the forms of a programme, or the questions and repeats of the one that the address names."""
    programme = get_object_or_404(Programme.objects.for_user(request.user, app="forms"), pk=pk)
    forms = Form.objects.for_user(request.user).filter(programme=programme)
    form = forms.filter(code=request.GET.get("form", "")).first()
    version = form and queries.latest_version(form)
    context = {"forms": forms, "form": form, **(_offered(version, request.GET.get("repeat", "")) if version else {})}
    return render(request, "forms/questions.html", context)


def _offered(version: FormVersion, repeat: str) -> dict[str, Any]:
    """The questions of a table, those of the form that holds it too, with the codes of their choices."""
    found = [question for question in version.questions.all() if holds_answer(question.kind)]
    return {
        "repeats": list(dict.fromkeys(question.table for question in found if question.table)),
        "repeat": repeat,
        "questions": [_told(question, version) for question in found if question.table in ("", repeat)],
    }


def _told(question: Question, version: FormVersion) -> dict[str, Any]:
    choices = version.choices.get(question.list_name, ())
    return {
        "name": question.name,
        "label": translated(question.labels),
        "kind": display.KINDS.get(question.kind, question.kind),
        "choices": [(str(choice["name"]), translated(choice.get("labels"))) for choice in choices],
    }
