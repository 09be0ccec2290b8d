"""The sheet of an indicator: what it holds, what changed between two of them, and what it must not lack."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from jalons.core.errors import Refused, _
from jalons.core.texts import tidy
from jalons.planning.results.rules.aggregations import TERRITORY, check_adds, place_level

# Everything that a version fixes. A change in any of them is another version.
# A direction of None was never stated: it is proposed from the figures until a person confirms it.
SHEET = (
    "title", "definition", "unit", "measure", "direction", "method", "dimensions", "sources", "frequency",
    "responsible", "counts_people", "gender_sensitive", "time_aggregation", "place_aggregation",
    "place_level", "formula",
)  # fmt: skip
DEFAULTS: dict[str, Any] = {
    "title": None, "definition": None, "unit": None, "measure": "1", "direction": None, "method": "",
    "dimensions": [], "sources": [], "frequency": "", "responsible": "", "counts_people": False,
    "gender_sensitive": False, "time_aggregation": "sum", "place_aggregation": "sum", "place_level": "",
    "formula": None,
}  # fmt: skip
QUALITATIVE = "5"
FROZEN = ("title", "measure", "dimensions")
SEX = "sex"
UNKNOWN = "?"  # the cell of those whose answer is unknown; no category may bear this name


@dataclass(frozen=True)
class Change:
    """One field of a sheet, before and after."""

    field: str
    before: Any
    after: Any


def complete(sheet: Mapping[str, Any]) -> dict[str, Any]:
    """A whole sheet from the fields that were given; the formula carries the two aggregations of the sheet.

    Missing: absent fields take their default; an absent direction is to be proposed from the figures.
    Source:  SHEET and DEFAULTS.
    """
    full = {**DEFAULTS, **{name: sheet[name] for name in SHEET if name in sheet}}
    full = {name: value if name == "formula" else tidy(value) for name, value in full.items()}
    if full["formula"]:
        full["formula"] = {
            **full["formula"], "time": full["time_aggregation"], "place": full["place_aggregation"],
        }  # fmt: skip
    return full


def difference(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> list[Change]:
    """Fields that differ between two sheets, in the order of the sheet.

    Missing: without a former sheet, every field that is filled.
    Source:  a changed definition is a new version (house law).

    >>> difference({"unit": {"fr": "personnes"}}, {"unit": {"fr": "jours"}})
    [Change(field='unit', before={'fr': 'personnes'}, after={'fr': 'jours'})]
    """
    before = before or {}
    return [
        Change(name, before.get(name), after.get(name))
        for name in SHEET
        if _bare(before.get(name)) != _bare(after.get(name))
    ]


def only_states_direction(changes: list[Change]) -> bool:
    """Whether the one change is a direction that nobody had stated: it completes the sheet, it does not change it.

    Source:  a proposed direction is confirmed by a person (propose_direction).

    >>> only_states_direction([Change("direction", None, "decrease")])
    True
    """
    return [(change.field, change.before) for change in changes] == [("direction", None)]


def check_definition(sheet: Mapping[str, Any], dimensions: set[str], sources: set[str]) -> None:
    """Refuse a sheet without title or unit, or that names a dimension or a source that does not exist.

    Source:  indicator reference sheet (M2); IATI `indicator/title` and `@measure`.
    """
    if not (sheet["title"] or {}).get("fr"):
        raise Refused(_("L’intitulé français de l’indicateur manque."), field="title")
    if not (sheet["unit"] or {}).get("fr") and sheet["measure"] != QUALITATIVE:
        raise Refused(_("L’unité manque. Écrivez par exemple « personnes », « % » ou « jours »."), field="unit")
    for field, known in (("dimensions", dimensions), ("sources", sources)):
        if strange := [code for code in sheet[field] if code not in known]:
            raise Refused(
                _("« %(code)s » n’existe pas. Ajoutez-le d’abord, ou corrigez le code."), field=field, code=strange[0]
            )
    split = (sheet["formula"] or {}).get("dimensions") or {}
    if strange := [code for code in split if code not in sheet["dimensions"]]:
        raise Refused(
            _("La formule répartit par « %(code)s », que l’indicateur n’annonce pas. Ajoutez-le à ses désagrégations."),
            field="dimensions", code=strange[0],
        )  # fmt: skip
    check_adds((sheet["formula"] or {}).get("measure", ""), sheet["time_aggregation"], sheet["place_aggregation"])
    check_places(sheet)


def check_places(sheet: Mapping[str, Any]) -> None:
    """Refuse a level of place that nothing cuts by, or that the formula contradicts; and what rows cannot tell.

    Source:  product law: aggregation over place is a choice of its own, and means what its sentence says.
    """
    formula, stated = sheet["formula"] or {}, sheet["place_level"]
    if stated and TERRITORY not in sheet["dimensions"]:
        raise Refused(_("Un niveau de lieu est choisi sans la désagrégation « territory ». Ajoutez-la, ou videz-le."),
                      field="place_level")  # fmt: skip
    level = place_level(sheet["dimensions"], sheet["formula"], stated)
    if stated and formula and level != stated:
        raise Refused(_("La formule répartit autrement que le niveau de lieu choisi. Mettez le même, ou videz-le."),
                      field="place_level")  # fmt: skip
    if formula and sheet["place_aggregation"] == "latest" and formula.get("measure") != "latest":
        raise Refused(
            _("« Dernière valeur connue » dans l’espace ne va qu’à une formule qui prend la dernière réponse. "
              "Choisissez une autre façon de réunir les lieux."),
            field="place_aggregation",
        )  # fmt: skip


def check_frozen(changes: list[Change], frozen: Mapping[str, date]) -> None:
    """Refuse to change what a funder no longer lets change, once it approved an indicator.

    frozen:  catalogue -> the day of the approval.
    Source:  EU OPSYS: name, type and disaggregations of an approved indicator cannot change; it is deleted and encoded
             again.
    """
    if frozen and any(change.field in FROZEN for change in changes):
        catalogue, day = next(iter(frozen.items()))
        raise Refused(
            _("« %(catalogue)s » a approuvé cet indicateur le %(day)s : son intitulé, son type et ses désagrégations "
              "n’y changent plus. Supprimez-le là-bas, videz « figé depuis le » dans sa correspondance, puis "
              "changez-le ici."),
            catalogue=catalogue, day=day.strftime("%d/%m/%Y"),
        )  # fmt: skip


def check_version(valid_from: date, reason: str, previous: date | None, today: date) -> None:
    """Refuse a new version without reason, older than the one it follows, or that starts in the future.

    Missing: the first version needs no reason and may start any day.
    Source:  definitions are kept in dated versions with reasons (house law).
    """
    if previous is None:
        return
    if not reason.strip():
        raise Refused(_("La définition change sans motif. Dites pourquoi dans le motif."), field="reason")
    if valid_from < previous:
        raise Refused(
            _("La version précédente est en vigueur depuis le %(day)s : choisissez ce jour ou un jour plus récent."),
            field="valid_from", day=previous.strftime("%d/%m/%Y"),
        )  # fmt: skip
    if valid_from > today:
        raise Refused(
            _("Une nouvelle définition ne peut pas commencer après aujourd’hui. Enregistrez-la le jour venu."),
            field="valid_from",
        )


def check_cell(cell: Mapping[str, str], dimensions: Mapping[str, set[str]], announced: list[str]) -> None:
    """Refuse a disaggregation that the indicator does not announce, or a category that does not exist.

    dimensions: categories of each known dimension; announced: dimensions of the indicator's definition.

    Missing: an empty cell is the total.
    Source:  IATI `dimension`: a name and a value for each.
    """
    for code, category in cell.items():
        if code not in announced:
            raise Refused(
                _("« %(code)s » n’est pas une désagrégation de cet indicateur. Ajoutez-la à sa définition."),
                field="cell", code=code,
            )  # fmt: skip
        if category not in dimensions[code]:
            raise Refused(
                _("« %(category)s » n’est pas une catégorie de « %(code)s »."),
                field="cell", code=code, category=category,
            )  # fmt: skip


def check_categories(categories: list[dict], kind: str) -> None:
    """Refuse categories without code, written twice, unlabelled, or bands that overlap or run backwards.

    Source:  IATI `dimension/@value`; cells join codes with "|" and keep "?" for the unknown.
    """
    seen = set()
    for category in categories:
        code = category.get("code") or ""
        if not code or "|" in code or code == UNKNOWN:
            raise Refused(_("« %(code)s » ne peut pas nommer une catégorie."), field="categories", code=code)
        if code in seen:
            raise Refused(_("La catégorie « %(code)s » est écrite deux fois."), field="categories", code=code)
        if not (category.get("label") or {}).get("fr"):
            raise Refused(_("La catégorie « %(code)s » n’a pas de libellé français."), field="categories", code=code)
        seen.add(code)
    if kind == "bands":
        _check_bands(categories)


def lacks_sex(counts_people: bool, dimensions: list[str]) -> bool:
    """Whether a figure on people is not split by sex: shown as a flag, never refused.

    Source:  E3, sex-disaggregation required of every figure on people.

    >>> lacks_sex(True, ["age"]), lacks_sex(False, [])
    (True, False)
    """
    return counts_people and SEX not in dimensions


def _check_bands(categories: list[dict]) -> None:
    reached = None
    for band in categories:
        low, high = band.get("from"), band.get("to")
        backwards = low is not None and high is not None and high < low
        if backwards or (reached is not None and (low is None or low <= reached)):
            raise Refused(
                _("La tranche « %(code)s » recouvre la précédente ou finit avant de commencer."),
                field="categories", code=band["code"],
            )  # fmt: skip
        reached = high if high is not None else float("inf")


def _bare(value: Any) -> Any:
    """Two ways to say nothing are the same nothing."""
    return None if value in ("", [], {}, None) else value
