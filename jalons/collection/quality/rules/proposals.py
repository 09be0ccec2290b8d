"""The checks that the questions of a form call for: a person accepts or edits them."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from jalons.collection.quality.rules.collectors import LEAST, UNKNOWING
from jalons.collection.quality.rules.sections import sections
from jalons.collection.submissions.rules.checks import UNASKED
from jalons.collection.submissions.rules.schema import Item, Schema
from jalons.core.errors import _

NUMBERS = ("integer", "decimal", "range")
ENOUGH = 10  # questions above which likeness tells something
PER_MINUTE = 10  # closed questions that nobody reads and answers faster

NAMES = {
    "timing": _("Durée et moment de la collecte"),
    "outlier": _("Nombres éloignés des autres"),
    "twin": _("Fiches identiques"),
    "near": _("Fiches presque identiques d’une même personne"),
    "place": _("Point hors du territoire déclaré"),
    "collector": _("Façon de remplir les fiches"),
    "section": _("Partie laissée sans réponse"),
}


class Proposal(NamedTuple):
    """A check to propose: its kind, its name in French, its parameters, its severity."""

    kind: str
    name: str
    parameters: dict[str, Any]
    severity: str = "warning"


def proposals(schema: Schema, roles: Mapping[str, str]) -> list[Proposal]:
    """The checks to propose for a form.

    roles:  which question gives the date, the territory, the collector.
    Source: IMPACT Initiatives data cleaning guidelines; DHIS2 data quality; ours for thresholds.
    """
    items = list(schema.tables[""].items)
    kinds = {item.kind for item in items}
    asked = [item for item in items if item.kind not in UNASKED]
    found = [
        _timing(kinds, asked, roles), _outliers(schema), _twin(asked), _near(asked, roles),
        _place(schema), _collector(items, kinds, roles),
    ]  # fmt: skip
    if parts := sections(schema):
        found.append(Proposal("section", NAMES["section"], {"sections": sorted(parts)}))
    return [proposal for proposal in found if proposal]


def _timing(kinds: set[str], asked: Sequence[Item], roles: Mapping[str, str]) -> Proposal | None:
    if not ({"start", "end"} <= kinds or roles.get("date")):
        return None
    clocked = {"shortest": max(1, len(asked) // PER_MINUTE), "longest": 240, "night": [22, 5]}
    return Proposal("timing", NAMES["timing"], clocked if {"start", "end"} <= kinds else {}, "error")


def _outliers(schema: Schema) -> Proposal | None:
    names = [item.name for item in schema.items() if item.kind in NUMBERS]
    return Proposal("outlier", NAMES["outlier"], {"questions": names, "threshold": 3.5}) if names else None


def _twin(asked: Sequence[Item]) -> Proposal | None:
    """The same answers to everything: the same form sent twice under two identifiers."""
    if len(asked) < LEAST:
        return None
    return Proposal("twin", NAMES["twin"], {"questions": [item.name for item in asked]})


def _near(asked: Sequence[Item], roles: Mapping[str, str]) -> Proposal | None:
    closed = [item.name for item in asked if item.kind in ("select_one", "select_multiple", *NUMBERS)]
    if len(closed) < ENOUGH:
        return None
    within = "collector" if roles.get("collector") else "day"
    return Proposal("near", NAMES["near"], {"questions": closed, "share": 0.95, "within": within})


def _place(schema: Schema) -> Proposal | None:
    name = next((item.name for item in schema.items() if item.kind == "geopoint"), None)
    return Proposal("place", NAMES["place"], {"question": name, "tolerance": 3, "accuracy": 100}) if name else None


def _collector(items: Sequence[Item], kinds: set[str], roles: Mapping[str, str]) -> Proposal | None:
    chosen = [item for item in items if item.kind == "select_one" and item.choices]
    runs = [len(list(run)) for _list, run in groupby(chosen, key=lambda item: id(item.choices))]
    codes = {code.lower() for item in chosen for code in item.choices.codes}
    wanted: dict[str, Any] = {}
    if max(runs, default=0) >= LEAST:
        wanted["straight"] = max(LEAST, max(runs) - 1)
    if codes & set(UNKNOWING):
        wanted["unknown_share"] = 0.3
    if roles.get("collector"):
        wanted["per_day"] = 25
        if {"start", "end"} <= kinds:
            wanted["fast_share"] = 0.5
    return Proposal("collector", NAMES["collector"], wanted) if wanted else None
