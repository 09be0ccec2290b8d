"""Who may verify and publish a value: never the same person."""

from jalons.core.errors import Refused, _

# state -> states it may move to
TRANSITIONS = {"draft": {"verified"}, "verified": {"published", "draft"}, "published": set()}
LARGEST = 1e15


def check_verification(state: str, *, own: bool) -> None:
    """Refuse to verify a value that is not a draft, or that one typed oneself, be it in part.

    Source: product law: computed or typed, verified by one person, published by another.
    """
    if "verified" not in TRANSITIONS[state]:
        raise Refused(_("Seule une valeur en brouillon peut être vérifiée."))
    if own:
        raise Refused(_("Une autre personne que l’auteur doit vérifier cette valeur."))


def check_publication(state: str, verified_by: int | None, by: int) -> None:
    """Refuse to publish a value that is not verified, or that one verified oneself.

    Source: product law: computed or typed, verified by one person, published by another.
    """
    if "published" not in TRANSITIONS[state]:
        raise Refused(_("Une valeur doit être vérifiée avant d’être publiée."))
    if verified_by == by:
        raise Refused(_("Une autre personne que celle qui a vérifié doit publier cette valeur."))


def check_typed(has_formula: bool, is_qualitative: bool, number: float | None, text: str) -> None:
    """Refuse a typed value where the data speaks, without a number where one is due, or without its proof.

    Source: M7: values are computed by the written method; what no form measures is typed with its evidence.
    """
    if has_formula:
        raise Refused(_("Cet indicateur se calcule depuis les données : corrigez les données ou sa définition."))
    if number is None and not is_qualitative:
        raise Refused(_("Indiquez la valeur ; si elle est inconnue, ne saisissez rien."), field="number")
    if not text.strip():
        raise Refused(_("Dites d’où vient cette valeur : document, date, personne qui la tient."), field="text")


def check_size(number: float | None, *, counts_people: bool) -> None:
    """Refuse a typed number that is a slip of the hand: fewer than no one, or more than any programme reaches.

    Source: ours; beyond fifteen digits a number is no longer kept exactly (IEEE 754).
    """
    if number is not None and abs(number) > LARGEST:
        raise Refused(_("Cette valeur a plus de quinze chiffres : vérifiez-la."), field="number")
    if number is not None and number < 0 and counts_people:
        raise Refused(_("Cet indicateur compte des personnes : sa valeur ne peut pas être négative."), field="number")


def source_said(said: str, announced: list[str]) -> str:
    """The source of verification of a typed value: the one said, else the only one that its definition names.

    Missing: a definition that names none asks for none.
    Error:   Refused when it names several and none is said, or when the one said is not among them.
    Source:  logframe: the source of verification of each indicator is agreed with its definition.

    >>> source_said("", ["S5"]), source_said("", [])
    ('S5', '')
    """
    if said and said not in announced:
        raise Refused(_("« %(code)s » n’est pas une source de vérification de cet indicateur."),
                      field="source", code=said)  # fmt: skip
    if not said and len(announced) > 1:
        raise Refused(_("Dites quelle source de vérification prouve cette valeur."), field="source")
    return said or next(iter(announced), "")
