"""The parameters of each kind of check, held to what the form asks."""

from collections.abc import Callable, Mapping
from typing import Any

from jalons.collection.quality.rules import agreement
from jalons.collection.quality.rules.found import find
from jalons.collection.submissions.rules.schema import Schema
from jalons.core.errors import Refused, _

ELSEWHERE = _("« %(form)s » n’a pas de question « %(name)s » : écrivez son nom, tel qu’il est dans le XLSForm.")
NO_BOUND = _("Donnez un minimum, un maximum, ou les deux.")
CROSSED = _("Le minimum dépasse le maximum.")
NO_LIMIT = _("Ce contrôle ne tient à rien : remplissez au moins un de ses réglages.")
NO_PAIR = _("Dites quelles réponses doivent s’accorder : une de ce formulaire, une de l’autre.")
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
            raise Refused(agreement.STRANGER, name=name)
    for name in ("share", "unknown_share", "fast_share"):
        if name in kept and not 0 < kept[name] <= 1:
            raise Refused(SHARE, field=name)
    if proof := PROOFS.get(kind):
        proof(kept, schema)
    return kept


def check_other(given: Mapping[str, Any], form: str, schema: Schema) -> None:
    """Refuse a tie with a question that the other form does not ask.

    form:   the name of the other form. schema: what it asks.
    Source: ours; a tie that can never be kept would flag everything, or nothing.
    """
    for field in ("other", "agrees_there"):
        if given.get(field) and find(schema, given[field])[0] is None:
            raise Refused(ELSEWHERE, field=field, form=form, name=given[field])


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


def _timed(kept: Mapping[str, Any], _schema: Schema) -> None:
    if kept.get("longest") is not None and kept.get("shortest", 0) > kept["longest"]:
        raise Refused(CROSSED, field="shortest")


def _collected(kept: Mapping[str, Any], _schema: Schema) -> None:
    if not any(name in kept for name in ("straight", "unknown_share", "per_day", "fast_share")):
        raise Refused(NO_LIMIT, field="straight")


def _tied_to_another(kept: Mapping[str, Any], schema: Schema) -> None:
    _one(kept, schema)
    if kept.get("mode") == "agrees" and not (kept.get("agrees_here") and kept.get("agrees_there")):
        raise Refused(NO_PAIR, field="agrees_here")


def _computable(kept: Mapping[str, Any], schema: Schema) -> None:
    agreement.tied(kept.get("expression", ""), schema)


PROOFS: dict[str, Callable[[Mapping[str, Any], Schema], None]] = {
    "expression": _computable, "range": _bounded, "outlier": _some, "twin": _some, "near": _some, "place": _one,
    "key": _tied_to_another, "timing": _timed, "collector": _collected,
}  # fmt: skip
