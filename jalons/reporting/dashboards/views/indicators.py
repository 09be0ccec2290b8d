"""The table of indicators, signature page: the results chain in rows, every figure with what it rests on."""

from datetime import date
from hashlib import blake2b
from typing import Any

from django.contrib.messages import get_messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.utils.cache import get_conditional_response, patch_cache_control, patch_vary_headers
from django.utils.safestring import mark_safe
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from jalons.core.cells import listed
from jalons.core.exports import FORMATS
from jalons.core.levels import Level
from jalons.core.scope import reads_drafts
from jalons.core.writing import folded
from jalons.evidence.measurement.telling import masked
from jalons.foundation.programmes.queries import chosen_period, chosen_programme, periods_of, programmes_of
from jalons.planning.results.chain import Result
from jalons.planning.results.rules.progress import elapsed
from jalons.reporting.dashboards import queries
from jalons.reporting.dashboards.forms import STATES, IndicatorFilters
from jalons.reporting.dashboards.queries import Link, Told
from jalons.reporting.dashboards.rules import standing
from jalons.reporting.dashboards.views.lines import Sight, grades, row, target_head


def indicators(request: HttpRequest) -> HttpResponse:
    """The chosen programme's indicators, as a page, as rows for htmx, or as a file."""
    if not request.user.may("measurement", Level.VIEW):
        raise Http404
    sight = seen(request)
    if sight is None:
        return render(request, "dashboards/indicators.html", {"groups": [], "title": _("Indicateurs")})
    chain, found = read(request, sight)
    etag = stamp(request, sight, chain, found)
    if answer := get_conditional_response(request, etag=etag):
        return answer
    level, frame = {at.result.pk: LEVELS[at.result.level] for at in chain}, sight.frame
    rows = {i.pk: row(i, frame, level[i.result_id]) for i in found}
    form = IndicatorFilters(request.GET, sorted({funder for i in found for funder in i.funders}))
    groups = grouped(chain, found, narrowed(rows, form.chosen(), request.GET.get("q", "")), form.chosen())
    if export := FORMATS.get(request.GET.get("format")):
        return export(f"indicateurs-{sight.programme.code}", heads(), exported(groups))
    response = page(request, sight, groups, form)
    response["ETag"] = etag
    patch_cache_control(response, private=True, no_cache=True)
    patch_vary_headers(response, ["HX-Request"])
    return response


def seen(request: HttpRequest) -> Sight | None:
    """The programme and the series in sight, on the last day of its period or today, whichever comes first."""
    programme = chosen_programme(request)
    if programme is None:
        return None
    series = queries.series(periods_of(request, programme), chosen_period(request, programme))
    on = min(date.today(), series.last.ends_on) if series.last else date.today()
    told_only = not reads_drafts(request.user, "measurement", programme.pk)
    return Sight(programme, series, on, get_language() or "fr", told_only)


def read(request: HttpRequest, sight: Sight) -> tuple[list[Link], list[Told]]:
    """Two queries, whatever the number of indicators."""
    programme, user = sight.programme, request.user
    return queries.chain(programme, user), queries.indicators(programme, user, sight.series)


def stamp(request: HttpRequest, sight: Sight, chain: list[Link], found: list[Told]) -> str:
    """A mark that changes with anything the page shows: the rows, who reads them and how."""
    results, told = [(at.result.pk, at.result.updated_at) for at in chain], list(map(tuple, found))
    return f'"{blake2b(repr([reader(request, sight), results, told]).encode(), digest_size=12).hexdigest()}"'


def reader(request: HttpRequest, sight: Sight) -> list:
    """The person, their rights, language, programmes, periods and day; the form cookie; the style sheet in force."""
    user, programme = request.user, sight.programme
    rows = [user, *user.held, *programmes_of(request), *periods_of(request, programme)]
    return [
        [(row.pk, row.updated_at) for row in rows], sight.language, sight.on,
        programme.pk, sight.series.last and sight.series.last.pk,
        request.get_full_path(), request.headers.get("HX-Request"), request.META.get("CSRF_COOKIE"),
        len(get_messages(request)), static("jalons/app.css"),
    ]  # fmt: skip


Rows = dict[int, tuple[dict[str, Any], str]]


def narrowed(rows: Rows, chosen: dict[str, str], query: str) -> Rows:
    """The rows that hold the chosen state and funder, and every word of the search."""
    words = folded(query).split()
    return {
        pk: (shown, html) for pk, (shown, html) in rows.items()
        if chosen.get("state") in (None, shown["state"])
        and ("funder" not in chosen or chosen["funder"] in shown["funders"])
        and all(word in folded(f"{shown['code']} {shown['name']}") for word in words)
    }  # fmt: skip


def grouped(chain: list, found: list[Told], rows: Rows, chosen: dict[str, str]) -> list[dict[str, Any]]:
    """One group per result: its sentence, its lines, what is late among them. Results left empty by a filter go."""
    groups = []
    for at in chain:
        kept = [rows[i.pk] for i in found if i.result_id == at.result.pk and i.pk in rows]
        lines, html = [shown for shown, _html in kept], "".join(html for _shown, html in kept)
        if chosen.get("level") in (None, at.result.level) and (lines or not (chosen or len(rows) < len(found))):
            groups.append({"result": at.result, "level": LEVELS[at.result.level], "lines": lines, "note": note(lines),
                           "rows": mark_safe(html)})  # noqa: S308  # fmt: skip
    return groups


LEVELS = {Result.Level.IMPACT: 0, Result.Level.OUTCOME: 1, Result.Level.OUTPUT: 2}


def note(lines: list[dict]) -> dict[str, str]:
    late = sum(shown["state"] == "late" for shown in lines)
    count = ngettext("%(n)s indicateur", "%(n)s indicateurs", len(lines)) % {"n": len(lines)}
    return {"count": count, "late": _("%(n)s en retard") % {"n": late} if late else ""}


def summary(groups: list[dict]) -> str:
    """How many indicators, and how many in each state."""
    states = [shown["state"] for group in groups for shown in group["lines"]]
    told = [f"{states.count(code)} {STATES[code]}" for code in standing.ORDER if code in states]
    total = ngettext("%(n)s indicateur", "%(n)s indicateurs", len(states)) % {"n": len(states)}
    return _("%(total)s : %(states)s") % {"total": total, "states": listed(told)} if told else total


def kept_cells(groups: list[dict]) -> int:
    """How many cells of women, men or of unknown sex are kept from the reader."""
    return sum(shown["split"].get("masked", 0) for group in groups for shown in group["lines"])


def page(request: HttpRequest, sight: Sight, groups: list, form: IndicatorFilters) -> HttpResponse:
    name = "dashboards/indicators.html" + ("#rows" if request.htmx else "")
    time = round(100 * elapsed(sight.programme.starts_on, sight.programme.ends_on, sight.on))
    query = request.GET.copy()
    query.pop("format", None)
    return render(request, name, {
        "title": _("Indicateurs"), "sight": sight, "groups": groups, "summary": summary(groups), "filters": form,
        "query": request.GET.get("q", ""), "time": time, "grades": grades(),
        "masked": masked(kept_cells(groups), sight.programme.least_people),
        "target_head": target_head(sight.programme.ends_on),
        "export_urls": [(name, f"?{query.urlencode()}&format={name}".replace("?&", "?")) for name in FORMATS],
        "narrowed": bool(form.chosen() or request.GET.get("q")),
    })  # fmt: skip


def heads() -> list[str]:
    return [_("Niveau"), _("Résultat"), _("Code"), _("Indicateur"), _("Unité"), _("Référence"), _("Cible"), _("Valeur"),
            _("Avancement (%)"), _("Temps écoulé (%)"), _("Femmes"), _("Hommes"), _("Preuve"), _("État")]  # fmt: skip


def exported(groups: list[dict]) -> list[list]:
    """The same lines, with numbers left as numbers."""
    return [
        [group["result"].get_level_display(), str(group["result"]), shown["code"], shown["name"], shown["unit"],
         shown["base_number"], shown["target_number"], shown["number"],
         shown["done"] if shown["done"] is None else round(shown["done"], 1), round(shown["time"], 1),
         *(_("masqué") if shown["split"].get("masked") else shown["split"].get(sex) for sex in ("women", "men")),
         shown["grade"], shown["label"]]
        for group in groups for shown in group["lines"]
    ]  # fmt: skip
