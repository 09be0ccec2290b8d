"""The codebook of a form, in its own order: what each question asks, of whom, and what its codes mean."""

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

import xlsxwriter
from django.utils.translation import gettext as _

from jalons.collection.forms.queries import Field
from jalons.collection.forms.rules.results import DAY, NUMBER, WHOLE
from jalons.collection.submissions.exports.about import About, changed
from jalons.collection.submissions.exports.sheets import BOOK, fill, sheet_names

LANGUAGES = ("fr", "ar", "en")


def write(path: Path, about: About, names: Mapping[str, str] | None = None) -> None:
    """The codebook as a workbook of its own. names: column of the file -> what it is called there, where it differs."""
    with xlsxwriter.Workbook(str(path), BOOK) as book:
        add(book, about, sheet_names(), names or {})


def add(book: Any, about: About, taken: Any, names: Mapping[str, str]) -> None:
    """The sheets of the codebook, and what the export says of itself."""
    chosen = about.dataset.selection
    asked = chosen.fields if about.submissions else chosen.all_fields
    shown = [(table, f) for table, found in asked.items() for f in found]
    odd = about.dataset.odd if about.submissions else {}
    lines = (question(table, f, given_as(f, odd.get(table, ()))) for table, f in shown)
    fill(book, taken(_("dictionnaire")), heads(), lines)
    fill(book, taken(_("choix")), [_("question"), _("code"), *LANGUAGES], choices(f for _table, f in shown))
    if names:
        fill(
            book,
            taken(_("variables")),
            [_("colonne"), _("variable du fichier")],
            (list(pair) for pair in names.items()),
        )
    fill(book, taken(_("à propos")), [_("quoi"), _("comment")], (list(line) for line in about.lines()))


def heads() -> list[str]:
    return [
        _("table"), _("question"), _("chemin"), *(f"label {language}" for language in LANGUAGES), _("type"),
        _("liste de choix"), _("obligatoire"), _("condition"), _("contrainte"), _("calcul"), _("résultat du calcul"),
        _("identifie une personne"), _("type changé"),
    ]  # fmt: skip


def given_as(found: Field, odd: Collection[str]) -> str:
    """What a file holds of a calculation: a number or a day where the form says so and all its results are."""
    if found.question.kind != "calculate":
        return ""
    gives = "" if found.question.column in odd else found.gives
    return {NUMBER: _("nombre"), WHOLE: _("nombre entier"), DAY: _("date")}.get(gives, _("texte"))


def question(table: str, found: Field, given: str) -> list[Any]:
    """A question in a row."""
    asked = found.question
    return [
        table, asked.name, asked.path, *(asked.labels.get(language, "") for language in LANGUAGES), asked.kind,
        asked.list_name, asked.required, asked.relevant, asked.constraint, asked.calculation, given,
        str(asked.Identifies(found.degree).label), changed(asked.name, found.changed) if found.changed else "",
    ]  # fmt: skip


def choices(shown: Iterator[Field]) -> Iterator[list[Any]]:
    """Every code of every question, in the words of each language."""
    for found in shown:
        for code, labels in found.choices.items():
            yield [found.question.name, code, *(labels.get(language, "") for language in LANGUAGES)]
