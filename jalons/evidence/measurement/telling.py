"""A value in words: its cuts as tables, and the steps of its path back to what happened."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import formats, timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from jalons.collection.submissions.models import Submission
from jalons.core import writing
from jalons.core.cells import listed
from jalons.core.documents import documents_of
from jalons.core.fields import translated
from jalons.core.links import url_or_none
from jalons.core.refusals import refusal_text
from jalons.core.templatetags.face import longday
from jalons.evidence.measurement.models import Disaggregation, IndicatorValue
from jalons.evidence.measurement.places import coverage, cut_by_region
from jalons.evidence.measurement.queries import doubts_of, told
from jalons.evidence.measurement.rules.aggregation import Figure
from jalons.evidence.measurement.rules.contribution import REGION
from jalons.evidence.measurement.rules.formula import UNKNOWN
from jalons.evidence.measurement.rules.proof import Row
from jalons.evidence.measurement.tiles import Tile
from jalons.evidence.measurement.tracing import Change, Line, Since, Trace
from jalons.foundation.territories.models import Territory
from jalons.planning.results.models import Dimension, IndicatorVersion

CHANGES = {
    "late": _lazy("arrivée depuis"),
    "validated": _lazy("validée depuis"),
    "corrected": _lazy("corrigée depuis"),
    "reopened": _lazy("corrigée depuis, à revoir"),
    "moved": _lazy("datée ou placée autrement depuis"),
    "recognised": _lazy("une ligne est tenue d’une autre personne depuis"),
    "rejected": _lazy("rejetée depuis"),
    "withdrawn": _lazy("retirée depuis, avec son import"),
}
ONE_BY_ONE = ("median", "minimum", "maximum", "latest", "distinct", "persons")  # measures whose rows do not add up
MOST_BROUGHT = 6  # values of one submission that a line shows


def figure(number: float | None, measure: str = "") -> str:
    """A number as the reader's language writes it, with its sign when it is a percentage; empty when unknown."""
    return writing.measured(number, measure == IndicatorVersion.Measure.PERCENTAGE, get_language())


def list_url(period: Any) -> str:
    return reverse("measurement:indicatorvalue-list") + (f"?{urlencode({'period': period})}" if period else "")


def names(dimensions: set[str], cells: set[str]) -> dict[tuple[str, str], str]:
    """Labels of categories, by dimension and code; places by name, blanks said as unknown."""
    found = {(code, UNKNOWN): _("non renseigné") for code in dimensions}
    for dimension in Dimension.objects.filter(code__in=dimensions):
        found |= {(dimension.code, c["code"]): translated(c["label"]) for c in dimension.categories}
    keys = {part for cell in cells for part in cell.split("|") if part.isdigit()}
    places = dict(Territory.objects.filter(pk__in=keys).values_list("pk", "name")) if keys else {}
    return found | {
        (code, str(key)): translated(name) for key, name in places.items() for code in ("territory", REGION)
    }


def cuts(value: IndicatorValue, hidden: Mapping[tuple[str, ...], set[str]]) -> list[dict[str, Any]]:
    """One table for each cut of a value, every cell with its cases and the way to its proof, unless it is hidden."""
    rows = [*value.disaggregations.all(), *cut_by_region(value)]
    labels = names({d for row in rows for d in row.dimensions}, {cell for row in rows for cell in row.cells})
    titles = {
        d.code: translated(d.label) for d in Dimension.objects.filter(code__in={c for r in rows for c in r.dimensions})
    } | {REGION: _("Région")}
    version, trace = value.definition, reverse("measurement:indicatorvalue-trace", args=[value.pk])
    return [
        {
            "heads": [titles.get(code, code) for code in row.dimensions],
            "lines": [
                {"labels": [labels.get(pair, pair[1]) for pair in pairs], "masked": True, "answered": None}
                if "|".join(code for _dimension, code in pairs) in hidden.get(tuple(row.dimensions), ()) else
                {"labels": [labels.get(pair, pair[1]) for pair in pairs], "number": figure(number, version.measure),
                 "between": between(number, doubts), "answered": answered, "asked": asked,
                 "url": f"{trace}?{urlencode(dict(pairs))}"}
                for pairs, number, answered, asked, doubts in _in_order(row, labels, version)
                if number is not None or answered or asked != 0  # a cell of nobody says nothing
            ],
            "crossed": len(row.dimensions) > 1,
            "note": masked(len(hidden.get(tuple(row.dimensions), ())), value.period.programme.least_people),
        }
        for row in sorted(rows, key=lambda row: len(row.dimensions))
    ]  # fmt: skip


def masked(count: int, least: int) -> str:
    """How many cells are kept from the reader, and why; empty when none is."""
    told = ngettext(
        "%(n)s case masquée : moins de %(least)s personnes, ou de quoi les retrouver par soustraction. "
        "Masqué n’est ni inconnu ni zéro.",
        "%(n)s cases masquées : moins de %(least)s personnes, ou de quoi les retrouver par soustraction. "
        "Masqué n’est ni inconnu ni zéro.",
        count,
    )
    return told % {"n": writing.written(count, get_language()), "least": least} if count else ""


def _in_order(row: Disaggregation, labels: dict[tuple[str, str], str], version: IndicatorVersion) -> list[tuple]:
    """The cells of a cut in the order of its dimensions' own categories; places by name, the unknown last."""
    known = [pair for pair in labels if pair[0] not in ("territory", REGION) and pair[1] != UNKNOWN]
    ranks = {pair: rank for rank, pair in enumerate([*known, *bands(version)])}

    def rank(pair: tuple[str, str]) -> tuple:
        return pair[1] == UNKNOWN, ranks.get(pair, len(ranks)), labels.get(pair, pair[1])

    pairs = [list(zip(row.dimensions, cell.split("|"), strict=True)) for cell in row.cells]
    lines = zip(pairs, row.numbers, row.answered, row.asked, row.doubts or [0] * len(pairs), strict=True)
    return sorted(lines, key=lambda line: list(map(rank, line[0])))


def bands(version: IndicatorVersion) -> list[tuple[str, str]]:
    """The bands that a formula cuts itself, in its order."""
    splits = (version.formula or {}).get("dimensions") or {}
    return [(code, str(band[0])) for code, split in splits.items() for band in split.get("bands") or ()]


def proof(value: IndicatorValue) -> dict[str, Any]:
    """What proves a typed value: its source, its places, and whether no document is joined; nothing for another."""
    if value.origin != IndicatorValue.Origin.TYPED:
        return {}
    return {"source": value.source_of_proof, "coverage": coverage(value), "unproved": not documents_of(value).exists()}


class Bringing:
    """What the rows of a submission bring, as one recomputes by hand; empty without a row.

    Distinct values are numbered as they are met, and not told: they may name people.
    """

    def __init__(self, value: IndicatorValue, open_to: Mapping[int, str] | None = None) -> None:
        self.open_to = open_to or {}
        self.measure = (value.definition.formula or {}).get("measure")
        self.met: dict[Any, int] = {}

    def said(self, rows: Sequence[Row]) -> str:
        terms = list(zip(*(row.terms for row in rows), strict=True))
        if self.measure == "share":
            return " / ".join(figure(sum(column)) for column in terms)
        if self.measure in ONE_BY_ONE and terms:
            told = [self._one(term) for term in dict.fromkeys(terms[0])]
            return " · ".join([*told[:MOST_BROUGHT], "…"] if len(told) > MOST_BROUGHT else told)
        return figure((sum(terms[0]) if terms else len(rows)) if rows else None)

    def persons(self, rows: Sequence[Row]) -> list[tuple[str, str]]:
        """Codes and pages of the persons that rows tell of, for those who may read identities."""
        keys = dict.fromkeys(int(row.terms[0]) for row in rows) if self.open_to else {}
        if not self.open_to.keys() >= keys.keys():
            return []
        return [(self.open_to[key], reverse("people:person-detail", args=[key])) for key in keys]

    def _one(self, term: Any) -> str:
        if self.measure in ("distinct", "persons"):
            return _("n° %(rank)s") % {"rank": self.met.setdefault(term, len(self.met) + 1)}
        return figure(term)


def path(value: IndicatorValue, found: Trace, cell: dict[str, str]) -> dict[str, Any]:
    """The steps of the path: value, definition, formula, submissions; and whether the rows give the value."""
    version, measure = value.definition, value.definition.measure
    labels, bringing = names(set(cell), set(cell.values())), Bringing(value, found.persons)
    made_of = _("Valeurs réunies") if found.tiles or found.untold else _("Soumissions")
    return {
        "title": _("D’où vient ce chiffre ?"),
        "value": value,
        "cell": [labels.get(pair, pair[1]) for pair in cell.items()],
        "trace": found,
        **proof(value),
        "fault": found.fault and refusal_text(found.fault),
        "lines": [_line(line, bringing, found.names) for line in found.lines] if found.is_open else [],
        "closed": bool(found.lines) and not found.is_open,
        "tiles": [_tile(tile, measure) for tile in found.tiles],
        "hidden": max(found.total - len(found.lines), 0) if found.is_open else 0,
        "number": figure(found.number, measure) or _("inconnue"),
        "again": figure(found.again, measure) or _("inconnue"),
        "since": found.since and told_since(found.since, value, bringing, found.names),
        "crumbs": [(_("Valeurs"), reverse("measurement:indicatorvalue-list")),
                   (str(value), reverse("measurement:indicatorvalue-detail", args=[value.pk]))],
        "steps": [
            {"label": _("Valeur"), "big": figure(found.number, measure) or _("inconnue"),
             "text": f"{cases(found.figure)} {hesitation(found.number, doubts_of(value, cell))}".strip(),
             "note": _standing(value)},
            {"label": _("Définition"),
             "title": listed([f"{value.indicator.code} {translated(version.title)}", version]),
             "url": url_or_none("results:indicator-detail", value.indicator_id),
             "text": translated(version.definition), "note": _since(version)},
            {"label": _("Formule"), "formula": formula(version)},
            {"label": made_of, "template": "measurement/proof.html"},
            *([{"label": _("Depuis ce calcul"), "template": "measurement/since.html"}] if found.since else []),
        ],
    }  # fmt: skip


def formula(version: IndicatorVersion) -> str:
    """The formula in a sentence, or how the value is typed."""
    return (version.formula and told(version)) or version.method or _("Valeur saisie, avec sa preuve.")


def told_since(found: Since, value: IndicatorValue, bringing: Bringing, known: dict[int, str]) -> dict[str, Any]:
    """What has changed since a value was computed, line by line."""
    measure = value.definition.measure
    return {
        "again": figure(found.again, measure) or _("inconnue"),
        "lines": [_change(change, bringing, known) for change in found.changes] if found.is_open else [],
        "hidden": found.total - len(found.changes) if found.changes and found.is_open else 0,
        "definition": found.definition,
        "definition_note": found.definition and _since(found.definition),
        "redefined": figure(found.redefined, measure),
    }


def _line(line: Line, bringing: Bringing, known: dict[int, str]) -> dict[str, Any]:
    return {
        "submission": line.submission,
        "name": line.submission and known.get(line.submission.pk),
        "url": line.submission and submission_url(line.submission, line.version),
        "rows": len(line.rows),
        "version": line.version,
        "brings": bringing.said(line.rows),
        "persons": (persons := bringing.persons(line.rows))[:MOST_BROUGHT],
        "more": max(len(persons) - MOST_BROUGHT, 0),
    }


def _change(change: Change, bringing: Bringing, known: dict[int, str]) -> dict[str, Any]:
    return {
        "submission": change.submission,
        "name": change.submission and known.get(change.submission.pk),
        "url": change.submission and submission_url(change.submission, change.submission.version),
        "kind": change.kind,
        "label": CHANGES[change.kind],
        "reason": change.reason,
        "then": bringing.said(change.then),
        "now": bringing.said(change.now),
    }


def submission_url(submission: Submission, version: int) -> str | None:
    """The page of a submission, open on one of its versions."""
    url = url_or_none("submissions:submission-detail", submission.pk)
    return url and f"{url}?version={version}"


def _tile(tile: Tile, measure: str) -> dict[str, Any]:
    then, now = (side and figure(side.number, measure) for side in (tile.then, tile.now))
    return {"tile": tile, "then": then, "now": now if tile.has_changed else None,
            "url": reverse("measurement:indicatorvalue-trace", args=[tile.value.pk])}  # fmt: skip


def cases(kept: Figure) -> str:
    """How many answered, of how many asked; unknown is said."""
    if kept.answered is None:
        return ""
    if kept.asked is None:
        return _("%(answered)s ; le nombre de demandes n’est pas connu.") % {"answered": answers(kept.answered, None)}
    return f"{answers(kept.answered, kept.asked)}."


def hesitation(number: float | None, doubts: int) -> str:
    """Between how many and how many persons, where the register held doubts; empty where it held none."""
    if not doubts or number is None:
        return ""
    told = {"least": figure(number - doubts), "most": figure(number)}
    return (
        _("De %(least)s à %(most)s : le registre hésite encore sur des personnes, qui sont peut-être la même.") % told
    )


def between(number: float | None, doubts: int) -> str:
    """The same of a cell, in a word."""
    if not doubts or number is None:
        return ""
    return _("de %(least)s à %(most)s") % {"least": figure(number - doubts), "most": figure(number)}


def answers(answered: int | None, asked: int | None) -> str:
    """How many answered, of how many who were asked, in the same words wherever it is told; empty when unknown."""
    if answered is None:
        return ""
    told = {"answered": writing.written(answered, get_language())}
    if asked is None:
        return ngettext("%(answered)s réponse", "%(answered)s réponses", answered) % told
    told["asked"] = writing.written(asked, get_language())
    if asked < 2:  # French counts nothing and one alike
        return _("%(answered)s réponse sur %(asked)s demandée") % told
    return ngettext("%(answered)s réponse sur %(asked)s demandées", "%(answered)s réponses sur %(asked)s demandées",
                    answered) % told  # fmt: skip


def _standing(value: IndicatorValue) -> str:
    when = formats.date_format(timezone.localtime(value.computed_at), "SHORT_DATETIME_FORMAT")
    return " · ".join([str(value.period), value.get_state_display(), value.get_origin_display(), when])


def _since(version: IndicatorVersion) -> str:
    day = longday(version.valid_from)
    return " · ".join(filter(None, [_("depuis le %(day)s") % {"day": day}, version.reason]))
