"""What each way of making one value from several means, over time and over place, told to the person who chooses."""

from jalons.core.errors import Refused, _

TERRITORY = "territory"  # code of the dimension that cuts a figure by place
PROVINCE = "province"
# How a level of territory is cut: each lies in the ones after it.
LEVELS = ("commune", "province", "region", "country")

IN_TIME = {
    "sum": _(
        "Les périodes s’additionnent : 12 ateliers au premier semestre et 8 au second font 20. "
        "Pour ce qui se produit une fois."
    ),
    "average": _(
        "Moyenne des périodes : 40 puis 60 font 50. Pour un niveau qui monte et descend, mesuré à chaque période."
    ),
    "maximum": _("La plus haute des périodes : 40, 60 puis 50 font 60. Pour une pointe, une capacité atteinte."),
    "minimum": _("La plus basse des périodes : 40, 60 puis 50 font 40. Pour un creux, un seuil à tenir."),
    "latest": _(
        "La dernière période connue : 40 puis 60 font 60. Pour une situation, ou un nombre déjà compté depuis le début."
    ),
    "recompute": _(
        "Recalcul sur les réponses de toutes les périodes : une personne venue en mars et en mai compte une fois. "
        "Pour des personnes distinctes, une médiane."
    ),
}
IN_PLACE = {
    "sum": _(
        "Les lieux s’additionnent : 30 personnes à Tiznit et 20 à Taroudannt font 50. Pour ce qui est en un seul lieu."
    ),
    "average": _(
        "Moyenne des lieux, chacun pesant ses réponses si elles sont connues : 4 sur 10 et 5 sur 30 font 4,75. "
        "Pour une note, une durée."
    ),
    "maximum": _("Le plus haut des lieux : 30 et 20 font 30. Pour ce qui compte dès qu’un lieu l’atteint."),
    "minimum": _("Le plus bas des lieux : 30 et 20 font 20. Pour ce que tous les lieux doivent tenir."),
    "latest": _("Le lieu renseigné en dernier. Pour un constat commun à tous, que chacun redit à son tour."),
    "recompute": _(
        "Recalcul sur les réponses de tous les lieux : une personne venue à Tiznit et à Agadir compte une fois. "
        "Une valeur saisie donne alors son total à part."
    ),
}
EXPLAINED = {"time_aggregation": IN_TIME, "place_aggregation": IN_PLACE}
SHARES = _("Un pourcentage garde son numérateur et son dénominateur : 1 sur 2 et 3 sur 3 font 4 sur 5, soit 80 %.")

# measure of a formula -> why its figures do not add up, and what fits
NOT_ADDED = {
    "median": _("Des médianes ne s’additionnent pas : choisissez « recalcul depuis les données »."),
    "distinct": _(
        "Des nombres de valeurs distinctes ne s’additionnent pas, car la même peut revenir ailleurs ou plus tard : "
        "choisissez « recalcul depuis les données »."
    ),
    "persons": _(
        "Des personnes comptées une fois ne s’additionnent pas, car la même peut revenir ailleurs ou plus tard : "
        "choisissez « recalcul depuis les données »."
    ),
    "minimum": _("Des minimums ne s’additionnent pas : choisissez « minimum » ou « recalcul depuis les données »."),
    "maximum": _("Des maximums ne s’additionnent pas : choisissez « maximum » ou « recalcul depuis les données »."),
    "latest": _(
        "Des dernières valeurs ne s’additionnent pas : choisissez « dernière valeur connue » "
        "ou « recalcul depuis les données »."
    ),
}


def check_adds(measure: str, time: str, place: str) -> None:
    """Refuse to add up, over time or over place, what cannot be added; the refusal says what fits.

    Missing: a typed value has no measure: only people know whether it adds up.
    Error:   Refused, on the first of the two aggregations at fault.
    Source:  a sum of medians, of extremes or of distinct counts is none of the whole (any statistics textbook).
    """
    for field, way in (("time_aggregation", time), ("place_aggregation", place)):
        if way == "sum" and measure in NOT_ADDED:
            raise Refused(NOT_ADDED[measure], field=field)


def place_level(dimensions: list[str], formula: dict | None, stated: str) -> str:
    """The level at which a figure is cut by place: the formula's, else the sheet's, else the province.

    Missing: empty when the definition does not cut by place, or when its formula does not.
    Source:  M13 and G1: programmes work by region, follow by province; some count communes.

    >>> place_level(["territory"], None, ""), place_level(["sex"], None, "")
    ('province', '')
    """
    if TERRITORY not in dimensions:
        return ""
    if formula:
        return ((formula.get("dimensions") or {}).get(TERRITORY) or {}).get("level", "")
    return stated or PROVINCE
