"""The parameters of each kind of check, held to what the form asks."""

from collections.abc import Callable, Mapping
from typing import Any

from jalons.collection.quality.rules import agreement
from jalons.collection.quality.rules.found import find
from jalons.collection.submissions.rules.schema import Schema
from jalons.core.errors import Refused, _

STRANGER = _("Le formulaire n’a pas de question « %(name)s ».")
NO_BOUND = _("Donnez un minimum, un maximum, ou les deux.")
CROSSED = _("Le minimum dépasse le maximum.")
NO_QUESTION = _("Choisissez au moins une question.")
SHARE = _("Une part est un nombre de 0 à 1, par exemple 0,9 pour neuf sur dix.")


def checked(kind: str, given: Mapping[str, Any], schema: Schema) -> dict[str, Any]:
    """The parameters of a check without those left blank.

    Error:  Refused when one names a question that the form does not have, or holds nothing to anything.
    Source: ours.
    """
    kept = {name: value for name, value in given.items() if value not in (None, "", [])}
    for name in [kept.get("question"), *kept.get("questions", []), kept.get("agrees_here")]:
        if name and find(schema, name)[0] is None:
            raise Refused(STRANGER, name=name)
    for name in ("share", "unknown_share", "fast_share"):
        if name in kept and not 0 < kept[name] <= 1:
            raise Refused(SHARE, field=name)
    if proof := PROOFS.get(kind):
        proof(kept, schema)
    return kept


def _bounded(kept: Mapping[str, Any], _schema: Schema) -> None:
    least, most = kept.get("least"), kept.get("most")
    if least is None and most is None:
        raise Refused(NO_BOUND, field="least")
    if least is not None and most is not None and least > most:
        raise Refused(CROSSED, field="least")
    _one(kept, _schema)


def _one(kept: Mapping[str, Any], _schema: Schema) -> None:
    if not kept.get("question"):
        raise Refused(NO_QUESTION, field="question")


def _some(kept: Mapping[str, Any], _schema: Schema) -> None:
    if not kept.get("questions"):
        raise Refused(NO_QUESTION, field="questions")


def _computable(kept: Mapping[str, Any], schema: Schema) -> None:
    agreement.tied(kept.get("expression", ""), schema)


PROOFS: dict[str, Callable[[Mapping[str, Any], Schema], None]] = {
    "expression": _computable, "range": _bounded, "outlier": _some, "twin": _some, "near": _some, "place": _one,
    "key": _one,
}  # fmt: skip
