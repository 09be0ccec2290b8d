"""What becomes of a flag, and who may say so."""

from collections.abc import Iterable

from jalons.core.errors import Refused, _

# state -> states that a person may give it; the last three come by themselves
TRANSITIONS = {
    "open": {"explained", "corrected", "dismissed"},
    "explained": {"open", "dismissed", "corrected"},
    "dismissed": {"open"},
    "corrected": {"open"},
    "cured": set(),
    "followed": set(),
    "lifted": set(),
}


MOST = 1_000  # signs of a reason


def check_handling(states: Iterable[str], wanted: str, reason: str) -> None:
    """Refuse to close what is closed already, or to say nothing of why.

    Source: product law: every decision has its author, its day and its reason.
    """
    rows = list(states)
    if not rows:
        raise Refused(_("Aucun signalement n’est choisi. Cochez ceux à traiter."))
    if closed := sum(wanted not in TRANSITIONS[state] for state in rows):
        raise Refused(
            _("%(count)s des %(total)s signalements choisis ne peuvent pas prendre cet état : ils sont déjà traités."),
            count=closed, total=len(rows),
        )  # fmt: skip
    if not reason.strip():
        raise Refused(_("Dites pourquoi : cela restera écrit à côté du signalement."), field="reason")
    if len(reason) > MOST:
        raise Refused(_("Ce motif a plus de %(most)s signes : résumez-le."), field="reason", most=MOST)


def inherited(state: str, value: str, before: str) -> str:
    """The state of a flag found again in a new version: what was explained of the same answer still is.

    Source: ours.

    >>> inherited("explained", "233", "233"), inherited("explained", "23", "233"), inherited("corrected", "5", "5")
    ('explained', 'open', 'open')
    """
    return state if value == before and state in ("explained", "dismissed") else "open"
