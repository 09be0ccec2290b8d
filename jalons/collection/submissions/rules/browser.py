"""What the web form engine cannot do, question by question."""

from jalons.core.errors import _

CANNOT = {
    "audio": _("un son"),
    "background-audio": _("un enregistrement pendant la saisie"),
    "video": _("une vidéo"),
    "file": _("un fichier"),
}
OTHERWISE = {
    "barcode": _("le code-barres se tape à la main"),
    "datetime": _("la date et l’heure se tapent : 2026-11-28T15:30"),
    "dateTime": _("la date et l’heure se tapent : 2026-11-28T15:30"),
    "geotrace": _("se dessine sans fond de carte"),
    "geoshape": _("se dessine sans fond de carte"),
}
DRAWN = {"signature", "draw", "annotate"}
CALENDARS = {"ethiopian", "coptic", "islamic", "bikram-sambat", "myanmar", "persian", "buddhist"}


def cannot(kind: str) -> str | None:
    """What a question asks that a browser cannot give here, as a word; None when it can.

    Source: ODK Web Forms 0.22, "Support for non-image uploads is pending"; docs/decisions/0019.

    >>> cannot("audio"), cannot("text")
    ('un son', None)
    """
    return CANNOT.get(kind)


def otherwise(kind: str, appearance: str) -> str | None:
    """How a question is answered otherwise than on a phone; None when it is the same.

    Source: ODK Web Forms 0.22, appearances that it leaves aside; docs/decisions/0019.

    >>> otherwise("image", "signature"), otherwise("image", "")
    ('on choisit une image au lieu de dessiner ou de signer', None)
    """
    looks = set(appearance.split())
    if kind == "image" and looks & DRAWN:
        return _("on choisit une image au lieu de dessiner ou de signer")
    if kind == "date" and looks & CALENDARS:
        return _("le calendrier est grégorien")
    return OTHERWISE.get(kind)
