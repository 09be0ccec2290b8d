"""The formula of an indicator as a person types it, field by field, and as the engine reads it."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from jalons.planning.results.rules.notation import read_splits, write_splits

TEXTS = ("measure", "value", "numerator", "denominator", "filter", "date")
BANDS = "bands"


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

    Missing: without form nor measure there is no formula.
    Error:   Refused when the short notation cannot be read.
    Source:  as `spelled`.
    """
    if not fields["form"] and not fields["measure"]:
        return None
    found: dict[str, Any] = {"source": {"form": fields["form"], "repeat": fields["repeat"] or None}}
    found |= {name: fields[name] for name in TEXTS if fields[name]}
    if fields["scale"] is not None:
        found["scale"] = number(fields["scale"])
    if splits := read_splits(fields["splits"]):
        found["dimensions"] = {
            code: _explicit(split, *dimensions.get(code, ("", []))) for code, split in splits.items()
        }  # fmt: skip
    return found


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
