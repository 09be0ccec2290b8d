"""What agrees, differs or is unknown between two tellings, in words."""

from jalons.core.errors import _

FIELDS = {
    "given": _("prénom"), "family": _("nom de famille"), "birth": _("naissance"), "sex": _("sexe"),
    "phone": _("téléphone"), "commune": _("commune"), "identifier": _("identifiant"),
}  # fmt: skip
# level -> (agrees, near, differs, unknown), what is said
LEVELS = {
    "given": {
        "same": ("agrees", _("même nom")), "sound": ("agrees", _("même nom, autre écriture")),
        "vowels": ("near", _("mêmes consonnes, autres voyelles")), "slip": ("near", _("une lettre diffère")),
        "exchanged": ("near", _("nom et prénom échangés")), "apart": ("differs", _("autre nom")),
    },
    "birth": {
        "day": ("agrees", _("même jour")), "year": ("agrees", _("même année, jour inconnu")),
        "age": ("agrees", _("âges qui s’accordent")), "far": ("near", _("âges proches")),
        "turned": ("near", _("jour et mois échangés")), "slip": ("near", _("une année d’écart, même jour")),
        "around": ("near", _("à un an près")), "apart": ("differs", _("autre naissance")),
    },
    "sex": {"same": ("agrees", _("même réponse")), "apart": ("differs", _("autre réponse"))},
    "phone": {
        "same": ("agrees", _("même numéro")), "slip": ("near", _("un chiffre diffère")),
        "apart": ("differs", _("autre numéro")),
    },
    "commune": {"same": ("agrees", _("même lieu")), "apart": ("differs", _("autre lieu"))},
    "identifier": {"same": ("agrees", _("même identifiant")), "apart": ("differs", _("autre identifiant"))},
}  # fmt: skip
LEVELS["family"] = LEVELS["given"]
UNKNOWN = ("unknown", _("inconnu : sans effet"))


def said(agreed: dict[str, str | None]) -> list[tuple[str, str, str]]:
    """For each field: its name, whether it agrees, is near, differs or is unknown, and how.

    Missing: a field that is not named is unknown.
    Source:  docs/decisions/0020-people-counted-once.md.

    >>> said({"sex": "same"})[3], said({})[0][1]
    (('sexe', 'agrees', 'même réponse'), 'unknown')
    """
    return [(label, *LEVELS[name].get(agreed.get(name) or "", UNKNOWN)) for name, label in FIELDS.items()]
