"""How many persons were told, how many that makes, and whom partners have in common."""

from collections.abc import Iterator
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from jalons.collection.people import queries
from jalons.collection.people.rules import counts as rules
from jalons.core.exports import FORMATS
from jalons.core.jobs import enqueue
from jalons.core.levels import Level
from jalons.foundation.programmes.models import Operator, Programme
from jalons.foundation.programmes.queries import chosen_programme


@require_safe
def counts(request: HttpRequest) -> HttpResponse:
    """Numbers without a name. Who may not see names sees no number small enough to name someone."""
    user = request.user
    if not user.may("people"):
        raise Http404
    operator = operator_of(request)
    names = operator in queries.operators(user, Level.EDIT)
    is_told = not names or "told" in request.GET
    programmes = Programme.objects.for_user(user, app="people").filter(operator=operator)
    chosen = programmes.filter(code=request.GET.get("programme", "")).first()
    shown = figures(user, operator, chosen, is_told=is_told) if operator else {}
    if (export := FORMATS.get(request.GET.get("format", ""))) and operator:
        heads = [_("ventilation"), _("groupe"), _("mentions"), _("personnes, au moins"), _("personnes, au plus"),
                 _("mentions sans nom")]  # fmt: skip
        return export("personnes", heads, list(_lines(shown)))
    context = {
        "title": _("Personnes comptées une fois"), "operator": operator, "operators": queries.operators(user),
        "programmes": programmes, "chosen": chosen, "names": names, "is_told": is_told,
        "waiting": queries.waiting(user, operator).count() if names and operator else 0,
        "decides": operator in queries.operators(user, Level.DECIDE),
        "formats": list(FORMATS), **shown,
    }  # fmt: skip
    return render(request, "people/counts.html", context)


counts.level = Level.VIEW


@require_POST
def match(request: HttpRequest) -> HttpResponse:
    """Compare the whole register again, in the background."""
    programme = chosen_programme(request)
    if not programme or programme.operator not in queries.operators(request.user, Level.DECIDE):
        raise Http404
    job = enqueue("people.match", label=_("Comparaison du registre des personnes"), by=request.user,
                  programme_id=programme.pk, operator=programme.operator_id)  # fmt: skip
    return redirect("core:job-detail", pk=job.pk)


def operator_of(request: HttpRequest) -> Operator | None:
    """The operator named in the address, else the one of the programme in sight."""
    mine = queries.operators(request.user)
    programme = chosen_programme(request)
    named = mine.filter(code=request.GET.get("operator", "")).first()
    return named or mine.filter(programme=programme).first() or mine.first()


def figures(user: Any, operator: Operator, programme: Programme | None, *, is_told: bool) -> dict[str, Any]:
    """All that the page and its exports tell."""
    rows = queries.standing(user, operator, programme and programme.pk)
    doubts, least = queries.doubts(operator), queries.least_people(operator) if is_told else 0
    total = queries.total(rows, doubts)
    sources = queries.source_labels(operator)
    labels = {
        "form": (_("Par formulaire"), lambda group: sources.get(group, str(group))),
        "partner": (_("Par partenaire"), partner_label),
        "period": (_("Par trimestre"), lambda group: group or _("date inconnue")),
        "sex": (_("Par sexe"), lambda group: {"F": _("femmes"), "M": _("hommes")}.get(group, _("sexe inconnu"))),
    }
    tables = []
    for by, (title, label) in labels.items():
        found = queries.grouped(rows, doubts, by, label)
        tables.append((title, rules.keep_back(found, least) if least else found))
    partners, square, kept = rules.overlaps(queries.shared(rows), least)
    named = [partner_label(partner) for partner in partners]
    return {
        "total": rules.keep_back(total, least)[0] if least and total else total[0] if total else None,
        "tables": tables, "least": least, "kept": sum(kept.values()), "partners": named,
        "square": list(zip(named, square, strict=True)),
    }  # fmt: skip


def partner_label(partner: str) -> str:
    """A partner, or the team of a programme."""
    if not partner.startswith(queries.TEAM):
        return partner
    return _("équipe de %(programme)s") % {"programme": partner.removeprefix(queries.TEAM)}


def _lines(shown: dict[str, Any]) -> Iterator[list]:
    whole = [(_("Ensemble"), [shown["total"]] if shown["total"] else [])]
    for title, counted in [*whole, *shown["tables"]]:
        for count in counted:
            numbers = [None] * 4 if count.hidden else [count.declared, count.least, count.most, count.unnamed]
            yield [title, count.label, *numbers]
    for one, cells in shown["square"]:
        for other, number in zip(shown["partners"], cells, strict=True):
            yield [_("En commun"), f"{one} · {other}", None, number, None, None]  # more, if doubts are of one person
