"""What someone may decide on two tellings, and undo."""

import re
from collections.abc import Collection

from jalons.core.errors import Refused, _

LONG_ENOUGH = 3  # letters of a word that may name someone
# state -> states it may move to
TRANSITIONS = {
    "open": {"same", "apart", "undecided"},
    "undecided": {"same", "apart", "open"},
    "same": {"open"},
    "apart": {"open"},
    "closed": set(),
}


def check_decision(state: str, verdict: str) -> None:
    """Refuse to decide what is decided already: it is undone first, and both acts are kept.

    Source: reference on names, part E4: merges can be undone, nothing is lost.
    """
    if state == verdict == "open":
        raise Refused(_("Ce rapprochement n’est pas décidé : il n’y a rien à défaire."))
    if verdict not in TRANSITIONS[state]:
        raise Refused(_("Ce rapprochement est déjà décidé : défaites d’abord la décision."))


def check_undoing(moved: Collection[int], current: Collection[int]) -> None:
    """Refuse to undo a decision when a later one moved the same tellings again.

    moved: links that the decision made; current: those of them that still hold.
    Source: what came later was decided knowing it; undone in order, each step gives back what was before.
    """
    if set(moved) != set(current):
        raise Refused(_("Une décision plus récente a déplacé une de ces mentions : défaites d’abord celle-là."))


def check_erasing(state: str, other: str) -> None:
    """Refuse to forget whom nothing is told of any more: someone forgotten already, or united with another.

    other: the code of the person that it was united with. Source: decision 28, an erasure half done lies.
    """
    if state == "erased":
        raise Refused(_("Cette personne est déjà effacée."))
    if state == "emptied":
        raise Refused(_("Plus rien n’est dit de cette personne : ses mentions sont d’une autre."))
    if state == "merged":
        raise Refused(_("Cette personne est réunie à %(other)s : c’est celle-là qu’il faut effacer."), other=other)


def check_reason(why: str, names: Collection[str] = ()) -> None:
    """Refuse an erasure without a reason, or whose reason, which stays, names the person.

    names: as they were written. Source: law 09-08 and GDPR art. 17: an erasure is a dated act, by someone, for a
    stated reason, and leaves nothing that identifies.

    >>> check_reason("Demande du 3 mai", ["Fatima"])
    """
    if not why:
        raise Refused(_("Dites pourquoi : l’effacement ne peut pas être défait."), field="why_erased")
    said = set(re.findall(r"\w+", why.casefold()))
    words = {word for name in names for word in re.findall(r"\w+", name.casefold()) if len(word) >= LONG_ENOUGH}
    if said & words:
        raise Refused(_("Le motif reste écrit : dites-le sans le nom de la personne."), field="why_erased")


def check_forgetting(moving: Collection[str]) -> None:
    """Refuse to forget someone in part.

    moving: submissions of which a version waits for its review, or was not read yet.
    Source: decision 28: rows of another version may be of other persons.
    """
    if moving:
        raise Refused(
            _("La fiche %(name)s a une correction à revoir, ou pas encore lue : revoyez-la d’abord, ou attendez une "
              "minute. Rien n’est effacé à demi."), name=moving[0],
        )  # fmt: skip
