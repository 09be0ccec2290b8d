"""What must hold between the answers of one submission, or between it and another form."""

from collections.abc import Iterable, Iterator, Mapping, Set
from datetime import datetime
from typing import Any

from jalons.collection.forms.rules.evaluation import UNKNOWN
from jalons.collection.forms.rules.expressions import Question, Unreadable, parse, walk
from jalons.collection.forms.rules.functions import Unsupported, truth
from jalons.collection.quality.rules.found import Filled, Found, answers_to, find, said
from jalons.collection.submissions.rules.asked import Expression, Line, expression, lines
from jalons.collection.submissions.rules.schema import Schema, Table
from jalons.core.errors import Refused, _

BROKEN = _("Ne respecte pas : %(rule)s")
ABSENT = _("« %(value)s » n’existe pas dans le formulaire « %(form)s ».")
PRESENT = _("« %(value)s » existe déjà dans le formulaire « %(form)s ».")
DIFFERS = _("« %(value)s » : le formulaire « %(form)s » dit « %(there)s » à %(question)s.")
NO_NAME = _("Cette règle ne cite aucune question : écrivez par exemple ${age} >= 18.")
STRANGER = _("Le formulaire n’a pas de question « %(name)s ».")
BEYOND = _("Cette règle ne se calcule pas ici. %(what)s")


def tied(text: str, schema: Schema) -> tuple[Expression, Table]:
    """An expression and the innermost table whose rows it is computed on.

    Error:  Refused when it names no question, a question that the form does not have, or a function out of reach.
    Source: XLSForm expressions, computed as `relevant` and `constraint` are.
    """
    try:
        named = {part.name for part in walk(parse(text)) if isinstance(part, Question)}
    except Unreadable as fault:
        raise Refused(BEYOND, what=str(fault) or text) from fault
    if not named:
        raise Refused(NO_NAME)
    owners = {name: find(schema, name)[1] for name in sorted(named)}
    table = max((t for t in owners.values() if t), key=lambda t: len(t.path), default=schema.tables[""])
    try:
        return expression(text, table, schema), table
    except Unsupported as fault:
        if unknown := [name for name, owner in owners.items() if owner is None]:
            raise Refused(STRANGER, name=unknown[0]) from fault
        raise Refused(BEYOND, what=str(fault)) from fault


def broken(parameters: Mapping[str, Any], filled: Iterable[Filled]) -> Iterator[Found]:
    """Rows of answers that do not hold what the rule says.

    Missing: a blank answer leaves the rule unknown: nothing is flagged.
    Source:  ours; Kobo and ODK check an answer when it is given, never afterwards.
    """
    rule, known = parameters["expression"], {}
    for one in filled:
        key = id(one.schema)
        if key not in known:
            known[key] = _tied_or_none(rule, one.schema)
        if known[key] is None:
            continue
        computed, table = known[key]
        for line in lines(one.answers, one.schema, table):
            if _fails(computed, line, one.received):
                name = parameters.get("question") or computed.looks[-1].name
                item = one.schema.item(name, table.name) or find(one.schema, name)[0]
                value = said(line.rows[0].get(item.key)) if item else ""
                key_of = item.key if item else ""
                yield Found(one.pk, one.version, key_of, line.index, value, BROKEN, {"rule": rule})


def _fails(computed: Expression, line: Line, now: datetime) -> bool:
    try:
        return truth(computed.compute(line, now.replace(tzinfo=None), UNKNOWN)) is False
    except Unsupported:
        return False


def _tied_or_none(rule: str, schema: Schema) -> tuple[Expression, Table] | None:
    """Another version of the form may not have a question that the rule names: nothing is said of it."""
    try:
        return tied(rule, schema)
    except Refused:
        return None


def keys(parameters: Mapping[str, Any], filled: Iterable[Filled]) -> set[str]:
    """The values to look for in the other form.

    Source: ours.
    """
    return {said(answer) for one in filled for _item, _line, answer in answers_to(one, parameters["question"])}


def unmatched(
    parameters: Mapping[str, Any], filled: Iterable[Filled], there: Mapping[str, Set[str]]
) -> Iterator[Found]:
    """Keys that another form should hold and does not, should not hold and does, or of which it says otherwise.

    there:   for each key of the other form, what it says of `agrees_there`.
    Missing: a blank key is not looked for; a blank answer contradicts nothing.
    Source:  ours; foreign keys of relational databases; ActivityInfo reference fields.
    """
    mode, form = parameters.get("mode", "exists"), parameters.get("form_title", "")
    for one in filled:
        for item, line, answer in answers_to(one, parameters["question"]):
            value, where = said(answer), (one.pk, one.version, item.key, line.index, said(answer))
            if mode == "absent":
                if value in there:
                    yield Found(*where, PRESENT, {"value": value, "form": form})
            elif value not in there:
                yield Found(*where, ABSENT, {"value": value, "form": form})
            elif mode == "agrees":
                own = {said(a) for _i, _l, a in answers_to(one, parameters["agrees_here"])}
                others = {other for other in there[value] if other}
                if own and others and own.isdisjoint(others):
                    says = {"value": value, "form": form, "there": ", ".join(sorted(others)),
                            "question": parameters["agrees_there"]}  # fmt: skip
                    yield Found(*where, DIFFERS, says)
