"""The formula of an indicator as a person types it, field by field, and as the engine reads it."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from jalons.core.errors import Refused, _
from jalons.planning.results.rules.notation import read_splits, write_splits

TEXTS = ("measure", "value", "numerator", "denominator", "filter", "date")
BANDS = "bands"
NO_FORM = _("Le formulaire manque. Nommez celui qui donne les réponses, ou videz toute la formule.")
NO_MEASURE = _("Ce qui est calculé manque. Choisissez dans la liste, ou videz toute la formule.")
# step of the path where the engine finds a fault -> the field that holds it
FIELDS = {
    "formule": "form", "source": "form", "form": "form", "repeat": "repeat", "dimensions": "splits",
    "time": "time_aggregation", "place": "place_aggregation",
} | {name: name for name in (*TEXTS, "scale")}  # fmt: skip


def spelled(formula: Mapping[str, Any] | None) -> dict[str, Any]:
    """The fields of a formula: texts, scale, and disaggregations in short notation.

    Missing: what the formula does not say is an empty text; a scale that it does not say is None.
    Source:  the formula record that the measurement engine reads (evidence/measurement/rules/formula.py).

    >>> spelled({"source": {"form": "suivi", "repeat": None}, "measure": "count"})["form"]
    'suivi'
    """
    formula = formula or {}
    source, scale = formula.get("source") or {}, formula.get("scale")
    return {name: formula.get(name) or "" for name in TEXTS} | {
        "form": source.get("form") or "",
        "repeat": source.get("repeat") or "",
        "scale": None if scale is None else Decimal(str(scale)),
        "splits": write_splits(formula.get("dimensions") or {}),
    }


def formula(fields: Mapping[str, Any], dimensions: Mapping[str, tuple[str, list[dict]]]) -> dict[str, Any] | None:
    """The formula that fields describe. A split that names no category takes those of its dimension, as of today.

    dimensions: kind and categories of each known dimension.

    Missing: when nothing is filled in there is no formula.
    Error:   Refused, with the field, when the form or the measure lacks, or when the short notation cannot be read.
    Source:  as `spelled`.
    """
    if not any(fields[name] not in ("", None) for name in (*TEXTS, "form", "repeat", "scale", "splits")):
        return None
    for name, lacks in (("form", NO_FORM), ("measure", NO_MEASURE)):
        if not fields[name]:
            raise Refused(lacks, field=name)
    found: dict[str, Any] = {"source": {"form": fields["form"], "repeat": fields["repeat"] or None}}
    found |= {name: fields[name] for name in TEXTS if fields[name]}
    if fields["scale"] is not None:
        found["scale"] = number(fields["scale"])
    try:
        splits = read_splits(fields["splits"])
    except Refused as refusal:
        raise Refused(refusal.message, field="splits", **refusal.values) from None
    if splits:
        found["dimensions"] = {
            code: _explicit(split, *dimensions.get(code, ("", []))) for code, split in splits.items()
        }  # fmt: skip
    return found


def field_of(path: str) -> tuple[str, str]:
    """The field that holds a place of the record, and the rest of the way to it.

    Missing: a place that no field holds is told on the form.
    Source:  as `spelled`.

    >>> field_of("source › repeat"), field_of("dimensions › sex › value")
    (('repeat', ''), ('splits', 'sex'))
    """
    first, *rest = path.split(" › ")
    if first == "source" and rest:
        return FIELDS.get(rest[0], "form"), ""
    return FIELDS.get(first, "form"), " › ".join(part for part in rest[:1])


def number(value: Decimal | None) -> int | float | None:
    """A decimal as JSON writes it: whole when it is whole.

    Missing: None stays None.
    Source:  RFC 8259, numbers.

    >>> number(Decimal("100.0")), number(Decimal("0.5"))
    (100, 0.5)
    """
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)


def categories_of(split: Mapping[str, Any]) -> set[str]:
    """Codes of the categories or bands that a split of a formula gives its figures.

    Missing: a territory, or a question whose answers are the codes, names none.
    Source:  as `spelled`.

    >>> sorted(categories_of({"value": "${age}", "bands": [["0-14", 0, 14], ["15+", 15, None]]}))
    ['0-14', '15+']
    """
    return {band[0] for band in split.get("bands") or ()} | set((split.get("categories") or {}).values())


def _explicit(split: dict[str, Any], kind: str, categories: list[dict]) -> dict[str, Any]:
    if set(split) != {"value"} or not categories:
        return split
    if kind == BANDS:
        return {**split, "bands": [[c["code"], c.get("from"), c.get("to")] for c in categories]}
    return {**split, "categories": {c["code"]: c["code"] for c in categories}}
