"""Beside two versions of a form compared, the indicators whose formula reads what changed."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from jalons.collection.forms.models import Form, FormVersion
from jalons.collection.forms.queries import changes
from jalons.collection.forms.rules.comparison import Change
from jalons.evidence.measurement.rules.affected import affected
from jalons.evidence.measurement.rules.formula import Faulty, read_formula
from jalons.planning.results.models import Indicator


@require_safe
def form_touched(request: HttpRequest, pk: int) -> HttpResponse:
    """Fragment of the page that compares two versions of a form, for whom it is open to."""
    form = get_object_or_404(Form.objects.for_user(request.user), pk=pk)
    versions = {str(version.number): version for version in form.versions.prefetch_related("questions")}
    old, new = (versions.get(request.GET.get(name, "")) for name in ("old", "new"))
    if old is None or new is None:
        raise Http404
    return render(request, "measurement/touched.html", {"touched": touched(request.user, old, new)})


def touched(user: Any, old: FormVersion, new: FormVersion) -> list[dict[str, Any]]:
    """Each indicator that reads what changed from one version of a form to another, and what of it changed."""
    lists: dict[str, set[str]] = {}
    for question in (*old.questions.all(), *new.questions.all()):
        lists.setdefault(question.list_name, set()).add(question.name)
    indicators = Indicator.objects.for_user(user).filter(
        result__programme=old.form.programme_id, current__formula__source__form=old.form.code
    )
    found, differences = [], changes(old, new)
    for indicator in indicators.select_related("current"):
        try:
            those = list(affected(read_formula(indicator.current.formula), differences, lists))
        except Faulty:
            continue
        if those:
            url = reverse("results:indicator-detail", args=[indicator.pk])
            found.append({"indicator": indicator, "url": url, "changes": [_said(change) for change in those]})
    return found


def _said(change: Change) -> dict[str, str]:
    return {"name": change.name, "choice": change.before if change.code == "choice_removed" else "",
            "sentence": gettext(change.kind.sentence), "consequence": gettext(change.kind.consequence)}  # fmt: skip
