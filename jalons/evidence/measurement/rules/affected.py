"""Which formulas a new version of a form touches: those that read a question, or name a choice, that changed."""

from collections.abc import Iterable, Iterator, Mapping

from jalons.collection.forms.rules.comparison import Change
from jalons.collection.forms.rules.expressions import Literal, walk
from jalons.evidence.measurement.rules.formula import Formula

# differences that move no answer and change no meaning
HARMLESS = frozenset({"widened", "required", "translation", "group", "added"})
ABOUT_CHOICES = ("choice_removed", "choice_added", "choice_label")


def affected(formula: Formula, changes: Iterable[Change], lists: Mapping[str, set[str]]) -> Iterator[Change]:
    """The differences that touch a formula, in their order.

    lists:   list of choices -> the questions that offer it, in both versions.
    Missing: a choice that appears or changes label touches every formula that reads a question of its list; one that
             disappears, those that also name it.
    Source:  forms.rules.comparison, where each difference says what it does to figures.
    """
    read = formula.questions
    said = set(_codes(formula))
    for change in changes:
        if change.code in HARMLESS:
            continue
        if change.code not in ABOUT_CHOICES:
            if change.name in read or change.before in read:
                yield change
        elif read & lists.get(change.name, set()) and (change.code != "choice_removed" or change.before in said):
            yield change


def _codes(formula: Formula) -> Iterator[str]:
    """The choices that a formula names, in its expressions and in its categories."""
    nodes = [*formula.terms, formula.filter, *(split.value for split in formula.splits)]
    for node in filter(None, nodes):
        for part in walk(node):
            if isinstance(part, Literal):
                yield str(part.value)
    for split in formula.splits:
        yield from (answer for answer, _category in split.categories)
