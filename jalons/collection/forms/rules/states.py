"""The life of a form: a draft, then open to collection, then closed, and perhaps open again."""

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
