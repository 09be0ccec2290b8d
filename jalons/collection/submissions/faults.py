"""What is wrong in a row and what to do about it, cell by cell, in the reader's language."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_noop as _

from jalons.collection.forms.models import FormVersion, Question
from jalons.collection.submissions.reading import Record
from jalons.collection.submissions.rules.checks import Flag
from jalons.collection.submissions.rules.limits import limits
from jalons.collection.submissions.rules.schema import fold
from jalons.collection.submissions.workbook.layout import said, shown
from jalons.collection.submissions.workbook.told import constraint
from jalons.core.cells import listed

FIRST = {"type", "required", "choice"}
FEW = 15  # choices that a sentence lists
UNREADABLE = _("« %(value)s » ne se lit pas. %(reason)s")
UNKNOWN = _("« %(value)s » n’est pas dans la liste. Choisissez parmi : %(choices)s.")
BROKEN = _("« %(value)s » ne respecte pas la règle de la question. %(rule)s")
REQUIRED = _("Cette réponse est obligatoire : complétez-la.")
NO_PLACE = _("Ce lieu n’est pas reconnu. Écrivez le nom ou le code officiel de la région, province ou commune.")
NO_DAY = _("La date manque ou n’existe pas. Écrivez-la jour/mois/année.")
UNLIKELY = _("« %(value)s » est une date peu vraisemblable : vérifiez-la.")
NOT_ASKED = _("Cette question ne se pose pas ici, d’après une autre réponse de la ligne. Videz la cellule, ou corrigez "
              "l’autre réponse. Condition : %(condition)s")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing to correct. `index` is the line of each repeat around it; `question` is empty for the whole row."""

    table: str
    index: tuple[int, ...]
    question: str
    label: str
    value: str
    message: str


class Explaining:
    """Tells the faults of the rows of one version of a form."""

    def __init__(self, version: FormVersion) -> None:
        self.version, self.language = version, (get_language() or "fr")[:2]
        self.questions: dict[tuple[str, str], Question] = {}
        self.labels: dict[str, dict[str, str]] = {}
        self.nearest: dict[tuple[str, str], str] = {}
        for question in version.questions.all():
            self.questions[question.table, question.path] = question
            self.questions.setdefault((question.table, question.name), question)

    def of(self, record: Record, flags: Iterable[Flag]) -> Iterator[Fault]:
        """The faults of a row, from what was found in it."""
        reasons, flags = {_place(entry["path"]): entry for entry in record.reading.unread}, list(flags)
        said_already = {(flag.rows, flag.question) for flag in flags if flag.check in FIRST}
        for flag in flags:
            if flag.check in ("date", "territory") and (flag.rows, flag.question) in said_already:
                continue  # a cell that is blank, unreadable or unknown has one thing to correct
            table, question = self.asked(flag)
            label = said(question.labels, self.language) if question else ""
            why = reasons.get((table, flag.rows, flag.question), {})
            told = TELLING.get(flag.check)
            if told and (question or not flag.question):
                message = told(self, flag, question, why)
                yield Fault(table, flag.rows, flag.question, label or flag.question, flag.value, message)

    def asked(self, flag: Flag) -> tuple[str, Question | None]:
        """The question that a flag is about: its depth tells in which kind of table it is."""
        found = [(table, q) for (table, name), q in self.questions.items() if name == flag.question]
        is_below = bool(flag.rows)
        return next(((t, q) for t, q in found if bool(t) == is_below), ("", None))

    def choices(self, question: Question, value: str) -> str:
        """The choices of a question; of a long list, those nearest to what was written come first."""
        name = question.list_name
        if name not in self.labels:
            labels = shown(self.version.choices.get(name, []), self.language).values()
            self.labels[name] = {label: fold(label) for label in labels}
        labels = self.labels[name]
        if len(labels) <= FEW:
            return listed(labels)
        if (name, value) not in self.nearest:
            near = get_close_matches(fold(value), labels.values(), FEW)
            ordered = sorted(labels, key=lambda one: near.index(labels[one]) if labels[one] in near else FEW)
            self.nearest[name, value] = listed(ordered[:FEW]) + " …"
        return self.nearest[name, value]


def _place(path: str) -> tuple[str, tuple[int, ...], str]:
    *steps, name = path.split("/")
    rows = tuple(int(step.partition("[")[2].rstrip("]")) - 1 for step in steps if "[" in step)
    return (steps[-1].partition("[")[0] if rows else "", rows, name)


Telling = Callable[[Explaining, Flag, Any, Mapping[str, str]], str]


def _unreadable(_who: Explaining, flag: Flag, _question: Any, why: Mapping[str, str]) -> str:
    return gettext(UNREADABLE) % {"value": flag.value, "reason": gettext(why["reason"]) if why else ""}


def _unknown(who: Explaining, flag: Flag, question: Question, _why: Mapping[str, str]) -> str:
    return gettext(UNKNOWN) % {"value": flag.value, "choices": who.choices(question, flag.value)}


def _broken(who: Explaining, flag: Flag, question: Question, _why: Mapping[str, str]) -> str:
    rule = constraint(question, limits(question.constraint), who.language) or question.constraint
    return gettext(BROKEN) % {"value": flag.value, "rule": rule}


def _not_asked(_who: Explaining, _flag: Flag, question: Question, _why: Mapping[str, str]) -> str:
    return gettext(NOT_ASKED) % {"condition": question.relevant}


TELLING: Mapping[str, Telling] = {
    "type": _unreadable,
    "choice": _unknown,
    "constraint": _broken,
    "relevant": _not_asked,
    "required": lambda *_asked: gettext(REQUIRED),
    "territory": lambda *_asked: gettext(NO_PLACE),
    "date": lambda *_asked: gettext(NO_DAY),
    "unlikely": lambda _who, flag, *_asked: gettext(UNLIKELY) % {"value": flag.value},
}
