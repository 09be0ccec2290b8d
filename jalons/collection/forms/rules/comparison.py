"""Two versions of a form side by side: what changed, and what it does to the figures."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import NamedTuple, Protocol

from jalons.core.errors import _

Words = Mapping[str, str]
Lists = Mapping[str, Sequence[Mapping[str, object]]]


class Weight(IntEnum):
    """What a change does to figures made from both versions."""

    NONE = 0  # figures stay comparable
    WATCH = 1  # comparable only if someone has looked
    BREAK = 2  # a figure that uses it changes meaning, or stops


class Kind(NamedTuple):
    """A sort of change: its sentence, its consequence, its weight."""

    sentence: str
    consequence: str
    weight: Weight


class Asked(Protocol):
    """What is compared of a question: a row of the database or what was just read."""

    name: str
    path: str
    table: str
    kind: str
    list_name: str
    labels: Words
    relevant: str
    constraint: str
    calculation: str
    required: str


@dataclass(frozen=True)
class Change:
    """One difference between two versions. `code` is a key of KINDS."""

    code: str
    name: str
    before: str = ""
    after: str = ""
    detail: str = ""
    labels: Words = field(default_factory=dict)

    @property
    def kind(self) -> Kind:
        return KINDS[self.code]

    @property
    def weight(self) -> Weight:
        return self.kind.weight


DENOMINATOR = _("La question n’est plus posée aux mêmes personnes : le nombre de cas change.")
KINDS = {
    "removed": Kind(
        _("La question n’est plus posée."),
        _("Un indicateur qui l’utilise n’a plus de réponses à partir de cette version."), Weight.BREAK,
    ),
    "renamed": Kind(
        _("La question semble renommée (même libellé, même type)."),
        _("Les réponses vont dans une autre colonne : reprenez les formules qui la citent."), Weight.BREAK,
    ),
    "repeat": Kind(
        _("La question change de répétition."),
        _("Elle est posée à d’autres unités (personnes, ménages) : les formules sont à reprendre."), Weight.BREAK,
    ),
    "type": Kind(
        _("Le type change."), _("Les anciennes réponses peuvent ne pas se lire dans le nouveau type."), Weight.BREAK
    ),
    "widened": Kind(
        _("Le type s’élargit."), _("Les anciennes réponses se lisent dans le nouveau type."), Weight.NONE
    ),
    "calculation": Kind(
        _("Le calcul change."), _("La même colonne ne contient plus la même grandeur."), Weight.BREAK
    ),
    "choice_removed": Kind(
        _("Un choix disparaît."), _("Il garde ses anciennes réponses et n’en reçoit plus."), Weight.BREAK
    ),
    "choice_added": Kind(
        _("Un choix apparaît."), _("Les réponses se répartissent autrement qu’avant."), Weight.WATCH
    ),
    "choice_label": Kind(
        _("Le libellé d’un choix change."), _("Vérifiez que le code garde son sens."), Weight.WATCH
    ),
    "list": Kind(
        _("La question utilise une autre liste de choix."), _("Vérifiez que les codes gardent leur sens."), Weight.WATCH
    ),
    "relevant": Kind(_("La condition pour la poser change."), DENOMINATOR, Weight.WATCH),
    "constraint": Kind(
        _("La contrainte change."), _("Des valeurs refusées avant peuvent être acceptées, ou l’inverse."), Weight.WATCH
    ),
    "label": Kind(_("Le libellé change."), _("Vérifiez que la question garde son sens."), Weight.WATCH),
    "added": Kind(
        _("La question est nouvelle."),
        _("Les soumissions plus anciennes n’y répondent pas : inconnu, et non zéro."), Weight.WATCH,
    ),
    "required": Kind(
        _("Le caractère obligatoire change."), _("La part de réponses manquantes peut changer."), Weight.NONE
    ),
    "translation": Kind(_("Une traduction est ajoutée ou retirée."), _("Sans effet sur les réponses."), Weight.NONE),
    "group": Kind(_("La question change de groupe."), _("Les réponses restent dans la même colonne."), Weight.NONE),
}  # fmt: skip
WIDENINGS = {("integer", "decimal"), ("range", "decimal"), ("date", "dateTime"), ("select_one", "text"),
             ("integer", "text"), ("decimal", "text")}  # fmt: skip
COMPARED = ("calculation", "relevant", "constraint", "required")


def compare(old: Sequence[Asked], new: Sequence[Asked], old_lists: Lists, new_lists: Lists) -> tuple[Change, ...]:
    """What changed from one version to another, gravest first.

    Source: our judgement of each kind of change, in KINDS; PostgreSQL's and XLSForm's types.
    """
    pairs, gone, fresh = _match(old, new)
    renamed, gone, fresh = _renamed(gone, fresh)
    changes = [
        *(Change("renamed", a.name, a.name, b.name, labels=b.labels) for a, b in renamed),
        *(Change("removed", q.name, labels=q.labels) for q in gone),
        *(Change("added", q.name, labels=q.labels) for q in fresh),
    ]
    for before, after in pairs:
        changes += _changes(before, after)
    used = {q.list_name for q in new} | {q.list_name for q in old}
    for name in sorted(used & old_lists.keys() & new_lists.keys()):
        changes += _choice_changes(name, old_lists[name], new_lists[name])
    return tuple(sorted(changes, key=lambda change: -change.weight))


def _match(old: Sequence[Asked], new: Sequence[Asked]) -> tuple[list[tuple[Asked, Asked]], list[Asked], list[Asked]]:
    """Same path first, then same name where it is alone in both versions."""
    paths = {q.path: q for q in new}
    pairs = [(q, paths[q.path]) for q in old if q.path in paths]
    left = [q for q in old if q.path not in paths]
    known = {q.path for q in old}
    right = [q for q in new if q.path not in known]
    alone = _alone(left) & _alone(right)
    named = {q.name: q for q in right if q.name in alone}
    pairs += [(q, named[q.name]) for q in left if q.name in alone]
    return pairs, [q for q in left if q.name not in alone], [q for q in right if q.name not in alone]


def _alone(questions: Iterable[Asked]) -> set[str]:
    return {name for name, times in Counter(q.name for q in questions).items() if times == 1}


def _renamed(gone: list[Asked], fresh: list[Asked]) -> tuple[list[tuple[Asked, Asked]], list[Asked], list[Asked]]:
    """A question that left and one that came, with the same words, type and place, are one."""
    pairs = []
    left = list(fresh)
    for question in gone:
        twin = next((q for q in left if q.labels and _looks(q) == _looks(question)), None)
        if twin:
            pairs.append((question, twin))
            left.remove(twin)
    paired = {a.path for a, _b in pairs}
    return pairs, [q for q in gone if q.path not in paired], left


def _looks(question: Asked) -> tuple[object, ...]:
    return dict(question.labels), question.kind, question.table


def _changes(before: Asked, after: Asked) -> Iterator[Change]:
    if before.table != after.table:
        yield Change("repeat", after.name, before.table, after.table, labels=after.labels)
    elif before.path.rpartition("/")[0] != after.path.rpartition("/")[0]:
        yield Change("group", after.name, before.path, after.path, labels=after.labels)
    if before.kind != after.kind:
        code = "widened" if (before.kind, after.kind) in WIDENINGS else "type"
        yield Change(code, after.name, before.kind, after.kind, labels=after.labels)
    elif before.list_name != after.list_name:
        yield Change("list", after.name, before.list_name, after.list_name, labels=after.labels)
    for column in COMPARED:
        if getattr(before, column) != getattr(after, column):
            yield Change(column, after.name, getattr(before, column), getattr(after, column), labels=after.labels)
    yield from _word_changes("label", after.name, before.labels, after.labels)


def _word_changes(code: str, name: str, before: Words, after: Words) -> Iterator[Change]:
    for language in dict.fromkeys((*before, *after)):
        old, new = before.get(language, ""), after.get(language, "")
        if old != new:
            yield Change(code if old and new else "translation", name, old, new, language, after)


def _choice_changes(
    name: str, before: Sequence[Mapping[str, object]], after: Sequence[Mapping[str, object]]
) -> Iterator[Change]:
    old, new = ({str(choice["name"]): choice for choice in choices} for choices in (before, after))
    for code in (code for code in old if code not in new):
        yield Change("choice_removed", name, before=code, labels=old[code]["labels"])
    for code in (code for code in new if code not in old):
        yield Change("choice_added", name, after=code, labels=new[code]["labels"])
    for code in (code for code in old if code in new):
        yield from _word_changes("choice_label", name, old[code]["labels"], new[code]["labels"])
