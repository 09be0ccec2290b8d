"""Who may accept or refuse a submission, and from which state."""

from collections.abc import Iterable
from typing import NamedTuple

from jalons.core.errors import Refused, _

# state -> states it may move to; a new version of any submission brings it back to received
TRANSITIONS = {
    "received": {"validated", "rejected"},
    "validated": {"rejected", "received"},
    "rejected": {"validated", "received"},
    "withdrawn": {"received"},
}


class Stand(NamedTuple):
    """Where a submission stands, and whose work it is (None: of nobody known, before it was said so)."""

    state: str
    author: int | None


def author(account: int | None, importer: int) -> int:
    """Whose work a submission is: its collector's when known by an account, else its importer's.

    Missing: a collector that no account is known by leaves it to who brought it in: a name typed in a file, whatever
             it is, never lets anyone review what they brought in themselves.
    Source:  product law: the author of a submission is its collector when known, else whoever imported it.

    >>> author(7, 3), author(None, 3)
    (7, 3)
    """
    return account or importer


def check_review(stands: Iterable[Stand], state: str, reviewer: int) -> None:
    """Refuse a review that skips a state or that checks one's own work.

    Error:  Refused, saying how many of the submissions are at fault and why; none is changed then.
    Source: four-eyes principle; product law: the person who wrote it is not the person who validates it.
    """
    rows = list(stands)
    if not rows:
        raise Refused(_("Aucune soumission n’est choisie. Cochez celles à revoir."))
    own = sum(row.author == reviewer for row in rows)
    done = sum(state not in TRANSITIONS[row.state] for row in rows)
    if own:
        raise Refused(OWN_ONE if len(rows) == 1 else OWN_SOME, count=own, total=len(rows))
    if done:
        raise Refused(DONE_ONE if len(rows) == 1 else DONE_SOME, count=done, total=len(rows))


def sorted_out(
    stands: Iterable[tuple[int, Stand]], state: str, reviewer: int
) -> tuple[list[int], list[tuple[int, str]]]:
    """Of many submissions, those that may be reviewed so by a person, and why each of the others may not.

    Source: four-eyes principle; one that is at fault does not keep the others waiting.

    >>> sorted_out([(1, Stand("received", 7)), (2, Stand("received", 3))], "validated", 3)
    ([1], [(2, 'Cette soumission est la vôtre : une autre personne doit la revoir.')])
    """
    allowed, refused = [], []
    for key, stand in stands:
        if stand.author == reviewer:
            refused.append((key, OWN_ONE))
        elif state not in TRANSITIONS[stand.state]:
            refused.append((key, DONE_ONE))
        else:
            allowed.append(key)
    return allowed, refused


def check_withdrawal(states: Iterable[str]) -> None:
    """Refuse to take back an import of which something was validated: it counts, or counted.

    Source: product law: deletion is a dated act by a named person; what counted stays.
    """
    rows = list(states)
    if validated := sum(state == "validated" for state in rows):
        raise Refused(VALIDATED, count=validated, total=len(rows))


def check_reason(reason: str) -> None:
    """Refuse a rejection that does not say why.

    Source: product law: a refusal says what is wrong.
    """
    if not reason.strip():
        raise Refused(
            _("Dites pourquoi la soumission est rejetée : la personne qui l’a collectée le lira."), field="reason"
        )


VALIDATED = _(
    "%(count)s des %(total)s soumissions de cet import sont validées : elles comptent. Rejetez-les d’abord, avec un "
    "motif, ou rejetez une à une celles qui sont fausses."
)
OWN_ONE = _("Cette soumission est la vôtre : une autre personne doit la revoir.")
OWN_SOME = _(
    "%(count)s des %(total)s soumissions choisies sont les vôtres : une autre personne doit les revoir. Décochez-les."
)
DONE_ONE = _("Cette soumission a déjà été revue de cette façon.")
DONE_SOME = _("%(count)s des %(total)s soumissions choisies ont déjà été revues de cette façon. Décochez-les.")
