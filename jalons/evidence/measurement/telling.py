"""A value in words: its cuts as tables, and the steps of its path back to what happened."""

from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from jalons.core.fields import translated
from jalons.core.links import url_or_none
from jalons.core.refusals import refusal_text
from jalons.evidence.measurement.models import IndicatorValue
from jalons.evidence.measurement.queries import SHOWN, Trace, told
from jalons.evidence.measurement.rules.formula import UNKNOWN
from jalons.foundation.territories.models import Territory
from jalons.planning.results.models import Dimension, IndicatorVersion


def figure(number: float | None, measure: str = "") -> str:
    """A number as the reader's language writes it, with its sign when it is a percentage; empty when unknown."""
    if number is None:
        return ""
    digits = 0 if float(number).is_integer() else 1
    text = formats.number_format(number, decimal_pos=digits, use_l10n=True, force_grouping=True)
    return f"{text} %" if measure == IndicatorVersion.Measure.PERCENTAGE else text


def list_url(period: Any) -> str:
    return reverse("measurement:indicatorvalue-list") + (f"?{urlencode({'period': period})}" if period else "")


def names(dimensions: set[str], cells: set[str]) -> dict[tuple[str, str], str]:
    """Labels of categories, by dimension and code; places by name, blanks said as unknown."""
    found = {(code, UNKNOWN): _("non renseigné") for code in dimensions}
    for dimension in Dimension.objects.filter(code__in=dimensions):
        found |= {(dimension.code, c["code"]): translated(c["label"]) for c in dimension.categories}
    keys = {part for cell in cells for part in cell.split("|") if part.isdigit()}
    places = dict(Territory.objects.filter(pk__in=keys).values_list("pk", "name")) if keys else {}
    return found | {("territory", str(key)): translated(name) for key, name in places.items()}


def cuts(value: IndicatorValue) -> list[dict[str, Any]]:
    """One table for each cut of a value, every cell with its cases and the way to its proof."""
    rows = list(value.disaggregations.all())
    labels = names({d for row in rows for d in row.dimensions}, {cell for row in rows for cell in row.cells})
    titles = {
        d.code: translated(d.label) for d in Dimension.objects.filter(code__in={c for r in rows for c in r.dimensions})
    }
    measure, trace = value.definition.measure, reverse("measurement:indicatorvalue-trace", args=[value.pk])
    return [
        {
            "heads": [titles.get(code, code) for code in row.dimensions],
            "lines": [
                {"labels": [labels.get((d, c), c) for d, c in zip(row.dimensions, cell.split("|"), strict=True)],
                 "number": figure(number, measure), "answered": answered, "asked": asked,
                 "url": f"{trace}?{urlencode(dict(zip(row.dimensions, cell.split('|'), strict=True)))}"}
                for cell, number, answered, asked in zip(row.cells, row.numbers, row.answered, row.asked, strict=True)
            ],
        }
        for row in sorted(rows, key=lambda row: len(row.dimensions))
    ]  # fmt: skip


def path(value: IndicatorValue, found: Trace, cell: dict[str, str]) -> dict[str, Any]:
    """The steps of the path: value, definition, formula, submissions; and whether the rows give the value."""
    version, measure = value.definition, value.definition.measure
    labels = names(set(cell), set(cell.values()))
    return {
        "title": _("D’où vient ce chiffre ?"),
        "value": value,
        "cell": [labels.get(pair, pair[1]) for pair in cell.items()],
        "trace": found,
        "fault": found.fault and refusal_text(found.fault),
        "lines": [_line(line) for line in found.submissions],
        "hidden": max(found.total - SHOWN, 0),
        "number": figure(found.number, measure),
        "again": figure(found.again, measure),
        "crumbs": [(_("Valeurs"), reverse("measurement:indicatorvalue-list")),
                   (str(value), reverse("measurement:indicatorvalue-detail", args=[value.pk]))],
        "steps": [
            {"label": _("Valeur"), "big": figure(found.number, measure) or _("inconnue"), "text": _cases(value),
             "note": _standing(value)},
            {"label": _("Définition"), "title": f"{value.indicator.code} {translated(version.title)}, {version}",
             "url": url_or_none("results:indicator-detail", value.indicator_id),
             "text": translated(version.definition), "note": _since(version)},
            {"label": _("Formule"), "formula": formula(version)},
            {"label": _("Soumissions"), "template": "measurement/proof.html"},
        ],
    }  # fmt: skip


def formula(version: IndicatorVersion) -> str:
    """The formula in a sentence, or how the value is typed."""
    return (version.formula and told(version)) or version.method or _("Valeur saisie, avec sa preuve.")


def _line(line: dict[str, Any]) -> dict[str, Any]:
    submission = line["submission"]
    brings = [value for value in line["brings"] if isinstance(value, int | float)]
    return {
        "submission": submission,
        "url": submission and url_or_none("submissions:submission-detail", submission.pk),
        "rows": line["rows"],
        "version": line["version"],
        "brings": figure(sum(brings)) if brings else "",
    }


def _cases(value: IndicatorValue) -> str:
    """How many answered, of how many asked; unknown is said."""
    if value.answered is None:
        return ""
    if value.asked is None:
        return _("%(answered)s réponses ; le nombre de demandes n’est pas connu.") % {"answered": value.answered}
    return _("%(answered)s réponses sur %(asked)s demandées.") % {"answered": value.answered, "asked": value.asked}


def _standing(value: IndicatorValue) -> str:
    when = formats.date_format(timezone.localtime(value.computed_at), "SHORT_DATETIME_FORMAT")
    return " · ".join([str(value.period), value.get_state_display(), value.get_origin_display(), when])


def _since(version: IndicatorVersion) -> str:
    day = formats.date_format(version.valid_from)
    return " · ".join(filter(None, [_("depuis le %(day)s") % {"day": day}, version.reason]))
