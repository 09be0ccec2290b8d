"""What a form declares of its questions: which gives the territory, the date, the sex, the collector."""

from collections.abc import Iterable, Mapping
from typing import Protocol

from jalons.collection.forms.rules.columns import holds_answer
from jalons.collection.forms.rules.proposals import DIRECT, INDIRECT, NO, ROLES
from jalons.core.errors import Refused, _


class Asked(Protocol):
    """What is looked at in a question."""

    name: str
    table: str
    kind: str


def candidates(role: str, questions: Iterable[Asked]) -> list[str]:
    """Names of the questions that may play a role: asked once per submission, except the sex, of a fitting kind.

    Source: a submission has one territory, one date and one collector; persons may be several, in a repeat.
    """
    clue = ROLES[role]
    fitting = [q for q in questions if q.kind in clue.kinds and (role == "sex" or not q.table)]
    return list(dict.fromkeys(question.name for question in fitting))


def check_roles(declared: Mapping[str, str], questions: Iterable[Asked]) -> None:
    """Refuse a declared question that does not exist or cannot play its role; a blank declares nothing.

    Source: `candidates`.
    """
    rows = list(questions)
    for role, name in declared.items():
        if name and name not in candidates(role, rows):
            raise Refused(
                _("La question « %(name)s » n’existe pas dans le formulaire, ou ne convient pas à ce rôle."),
                field=role,
                name=name,
            )


def check_marks(marks: Mapping[str, str], questions: Iterable[Asked]) -> None:
    """Refuse the mark of a name that no question bears, or a mark that does not exist.

    Source: Moroccan law 09-08 and GDPR art. 4: what identifies a person, directly or not, is marked by question.
    """
    known = {question.name for question in questions if holds_answer(question.kind)}
    for name, degree in marks.items():
        if name not in known:
            raise Refused(_("La question « %(name)s » n’existe pas."), field="personal", name=name)
        if degree not in (NO, INDIRECT, DIRECT):
            raise Refused(_("« %(degree)s » n’est pas une marque."), field=name, degree=degree)
