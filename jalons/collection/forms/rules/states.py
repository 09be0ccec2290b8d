"""The life of a form: a draft, then open to collection, then closed, and perhaps open again."""

import re
from collections.abc import Collection

from jalons.core.errors import Refused, _

# state -> states it may move to
TRANSITIONS = {
    "draft": {"published"},
    "published": {"retired"},
    "retired": {"published"},
}


def check_move(state: str, target: str) -> None:
    """Refuse a move that the life of a form does not know.

    Source: docs/architecture.md; a form that has collected is closed, never deleted.
    """
    if target not in TRANSITIONS[state]:
        raise Refused(_("Ce formulaire ne peut pas passer à cet état."))


# what a form says of where it is sent -> the column of its settings sheet
COLUMNS = {"action": "submission_url", "base64RsaPublicKey": "public_key"}
ELSEWHERE = _(
    "Les fiches de ce formulaire iraient à un autre serveur, ou seraient chiffrées, et Jalons ne les lirait pas. Videz "
    "la colonne « %(column)s » de la feuille settings, puis déposez à nouveau le classeur."
)
SAME_VERSION = _(
    "La version « %(version)s » de ce formulaire est déjà sur des téléphones, avec d’autres questions. Donnez un autre "
    "nom à celle-ci dans la colonne « version » de la feuille settings, puis déposez à nouveau le classeur."
)
NO_VERSION = _(
    "Une version sans nom de ce formulaire est déjà sur des téléphones, avec d’autres questions. Nommez celle-ci dans "
    "la colonne « version » de la feuille settings, puis déposez à nouveau le classeur."
)


def check_comes_here(xform: str) -> None:
    """Refuse to open a form whose submissions would go elsewhere, or come ciphered.

    Source: XLSForm settings submission_url and public_key; ODK XForms, element `submission`.

    >>> check_comes_here('<model><submission method="post"/></model>')
    """
    found = re.search(r"<submission\b[^>]*>", xform)
    for attribute, column in COLUMNS.items() if found else ():
        if f"{attribute}=" in found[0]:
            raise Refused(ELSEWHERE, column=column)


def check_is_new(version: str, known: Collection[str]) -> None:
    """Refuse, to a form that phones hold, a version named as another: a fiche says by its name which one it filled.

    Source: as ODK Central, for a draft to publish.

    >>> check_is_new("2", ["1"])
    """
    if version in known:
        raise Refused(SAME_VERSION if version else NO_VERSION, version=version)
