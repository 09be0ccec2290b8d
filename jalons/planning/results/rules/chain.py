"""The results chain and the disaggregations that Jalons ships."""

from jalons.core.errors import Refused, _

# level -> levels it may contribute to
ABOVE = {
    "impact": {"impact"},
    "outcome": {"impact", "outcome"},
    "output": {"impact", "outcome", "output"},
}


def check_parent(code: str, level: str, parent_level: str, ancestors: list[str]) -> None:
    """Refuse a link that contributes to a lower level, or to itself.

    Source:  OECD-DAC glossary, results chain: output, outcome, impact.
    """
    if code in ancestors:
        raise Refused(_("« %(code)s » contribuerait à lui-même. Choisissez un autre résultat."),
                      field="parent", code=code)  # fmt: skip
    if parent_level not in ABOVE.get(level, set()):
        raise Refused(
            _("Ce niveau ne peut pas contribuer au niveau choisi : un produit contribue à un effet, un effet à un "
              "impact."),
            field="parent",
        )  # fmt: skip


def _label(fr: str, ar: str, en: str) -> dict[str, str]:
    return {"fr": fr, "ar": ar, "en": en}


def _category(code: str, fr: str, ar: str, en: str) -> dict:
    return {"code": code, "label": _label(fr, ar, en)}


def _band(low: int, high: int | None) -> dict:
    code = f"{low}-{high}" if high is not None else f"{low}+"
    label = (
        _label(f"{low} à {high} ans", f"من {low} إلى {high} سنة", f"{low} to {high} years")
        if high is not None
        else _label(f"{low} ans et plus", f"{low} سنة فما فوق", f"{low} years and over")
    )
    return {"code": code, "label": label, "from": low, "to": high}


# Source: M13 (target group and sex split every figure on people); age bands are a default, for the SERA plan to settle.
SHIPPED_DIMENSIONS = (
    {
        "code": "sex", "kind": "category", "about_people": True, "label": _label("Sexe", "الجنس", "Sex"),
        "categories": [_category("female", "Femmes", "نساء", "Women"), _category("male", "Hommes", "رجال", "Men")],
    },
    {
        "code": "age", "kind": "bands", "about_people": True, "label": _label("Âge", "السن", "Age"),
        "categories": [_band(0, 14), _band(15, 24), _band(25, 34), _band(35, 59), _band(60, None)],
    },
    {
        "code": "target_group", "kind": "category", "about_people": True,
        "label": _label("Groupe cible", "الفئة المستهدفة", "Target group"),
        "categories": [
            _category("rpt", "Ressortissants de pays tiers (RPT)", "رعايا البلدان الثالثة", "Third-country nationals"),
            _category("mre", "Marocains résidant à l’étranger (MRE)", "المغاربة المقيمون بالخارج", "Moroccans abroad"),
            _category("returnee", "Personnes de retour", "العائدون", "Returnees"),
        ],
    },
    {
        "code": "territory", "kind": "territory", "about_people": False,
        "label": _label("Territoire", "المجال الترابي", "Territory"), "categories": [],
    },
)  # fmt: skip
