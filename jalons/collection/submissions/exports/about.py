"""What an export says of itself: which form and versions, which rows, for whom, when, and what is not in it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jalons.collection.submissions.exports.tables import MOST, Dataset
from jalons.collection.submissions.models import Submission
from jalons.collection.submissions.rules import filters as rules
from jalons.collection.submissions.rules.filters import Filter
from jalons.collection.submissions.selection import Selection
from jalons.core.cells import listed
from jalons.core.fields import OWN_NAMES, translated

IDENTITIES = {
    "none": gettext_lazy("sans ce qui identifie une personne, directement ou non"),
    "indirect": gettext_lazy("sans ce qui identifie directement une personne"),
    "all": gettext_lazy("avec les réponses qui identifient"),
}
CHOICES = {"both": gettext_lazy("codes réunis et une colonne par choix"), "codes": gettext_lazy("codes réunis"),
           "columns": gettext_lazy("une colonne par choix")}  # fmt: skip
BLANK = gettext_lazy(
    "Une case vide est une absence de réponse, jamais un zéro ; _not_asked nomme les questions qui n’ont pas été "
    "posées. Quand une correction attend sa revue, la version d’avant, qui compte encore, est celle de ce fichier."
)
TOGETHER = gettext_lazy(
    "« %(table)s » aurait plus de %(limit)s colonnes avec une par choix : ses choix multiples y sont en codes réunis "
    "seulement."
)
NO_RESULT = gettext_lazy("Un calcul qui n’a pas de résultat (NaN) laisse sa case vide.")
AS_TEXTS = gettext_lazy(
    "Calculs donnés en textes, car l’un de leurs résultats n’est ni un nombre ni un jour : %(names)s."
)


@dataclass
class About:
    """The facts, as they become known. notes: what a reader must know before using the file."""

    dataset: Dataset
    labels: bool
    language: str
    made_at: datetime
    submissions: int = 0
    notes: list[str] = field(default_factory=list)

    def lines(self) -> list[tuple[str, str]]:
        chosen = self.dataset.selection
        return [
            (_("Formulaire"), f"{chosen.form} ({chosen.form.code})"),
            (_("Programme"), str(chosen.form.programme)),
            (_("Versions du formulaire"), listed(str(v) for v in chosen.form.versions.order_by("number"))),
            (_("Fait le"), date_format(timezone.localtime(self.made_at), "SHORT_DATETIME_FORMAT")),
            (_("Par"), str(chosen.user)),
            *(self._rows() if self.submissions else ()),
            *((_("Type changé"), changed(name, kinds)) for name, kinds in self.changes()),
            *((_("À savoir"), note) for note in self.notes),
        ]

    def _rows(self) -> Iterator[tuple[str, str]]:
        """Which rows are in it, and how they are told."""
        chosen, hidden = self.dataset.selection, self.dataset.hidden
        yield _("Soumissions"), str(self.submissions)
        for table in self.dataset.tables:
            yield _("Lignes, %(table)s") % {"table": table.title}, str(table.count)
        yield _("États"), listed(Submission.State(state).label for state in chosen.states)
        yield _("Période"), period(chosen)
        for one in chosen.filters:
            yield _("Filtre"), sentence(one, chosen)
        yield _("Identités"), str(IDENTITIES[chosen.identities if chosen.sees_identities else "none"])
        if hidden:
            yield _("Questions laissées de côté"), listed(dict.fromkeys(hidden))
        yield _("Réponses"), _("en clair") if self.labels else _("en codes")
        yield _("Choix multiples"), str(CHOICES[self.dataset.choices])
        for title in self.dataset.together:
            yield _("À savoir"), str(TOGETHER) % {"table": title, "limit": MOST}
        if odd := [name for names in self.dataset.odd.values() for name in names]:
            yield _("À savoir"), str(AS_TEXTS) % {"names": listed(odd)}
        if self.dataset.odd:
            yield _("À savoir"), str(NO_RESULT)
        yield _("Langue"), OWN_NAMES[self.language]
        yield _("À savoir"), str(BLANK)

    def changes(self) -> list[tuple[str, Mapping[str, str]]]:
        shown = [f for found in self.dataset.selection.all_fields.values() for f in found]
        return [(f.question.name, f.changed) for f in shown if f.changed]

    def text(self) -> str:
        return "\n".join(f"{head} : {words}" for head, words in self.lines()) + "\n"


def changed(name: str, kinds: Mapping[str, str]) -> str:
    """A question whose type is not the same in all versions: its column holds what every one of them can."""
    return f"{name} : " + listed(f"{kind} ({version})" for version, kind in kinds.items())


def period(chosen: Selection) -> str:
    days = [date_format(day, "SHORT_DATE_FORMAT") if day else "…" for day in (chosen.start, chosen.end)]
    return " – ".join(days) if chosen.start or chosen.end else _("toutes les dates, connues ou non")


def sentence(asked: Filter, chosen: Selection) -> str:
    """A filter in words: the question, what is asked of it, the values as the form words them."""
    found = chosen.field(f"{asked.table}.{asked.column}" if asked.table else asked.column)
    values = [_said(value, found.choices) for value in asked.values]
    joined = " – ".join(values) if asked.operator == "between" else listed(values)
    return f"{found.label} : {_(rules.WORDS[asked.operator])} {joined}".strip()


def _said(value: object, choices: Mapping[str, Mapping[str, str]]) -> str:
    if isinstance(value, float):
        return f"{value:g}"
    labels = choices.get(str(value)) if isinstance(value, str) else None
    return "…" if value is None else translated(labels) or str(value)
