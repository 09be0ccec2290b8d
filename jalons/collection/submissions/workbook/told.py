"""What a workbook to fill says to the person who fills it: instructions, and the note of each column."""

from collections.abc import Iterator
from datetime import date

from django.utils.translation import gettext, override
from django.utils.translation import gettext_noop as _

from jalons.collection.forms.models import FormVersion, Question
from jalons.collection.submissions.rules.limits import TODAY, Limits
from jalons.collection.submissions.workbook.layout import Field, Layout, said, shown

FEW = 25  # choices that a note lists
INSTRUCTIONS = (
    _("Une ligne par fiche. Commencez à la première ligne vide et gardez la même ligne pour la même fiche."),
    _("Remplissez seulement les cellules blanches ; les titres et les listes sont protégés, sans mot de passe."),
    _("Les colonnes foncées, marquées d’un astérisque (*), sont obligatoires."),
    _("Passez sur le titre d’une colonne pour lire ce qu’on y attend."),
    _("Une cellule qui a une liste se choisit dans la liste. Si une liste dépend d’une autre, remplissez-les "
      "dans l’ordre."),
    _("Les dates s’écrivent jour/mois/année, par exemple 31/12/2026."),
    _("Ce que vous ne savez pas se laisse vide : inconnu n’est pas zéro."),
    _("Quand il y a plusieurs feuilles, la colonne « N° de la fiche » dit à quelle fiche appartient chaque ligne. "
      "Si une seule fiche est remplie, elle peut rester vide."),
    _("Pour coller depuis un autre fichier, collez les valeurs seules (Ctrl+Maj+V)."),
    _("Renvoyez le même classeur quand vous l’avez corrigé : rien ne sera compté deux fois. Une ligne changée devient "
      "une correction ; une ligne effacée ne supprime rien."),
    _("Si plusieurs personnes remplissent chacune leur copie, chacune écrit son nom dans la case ci-dessus."),
)  # fmt: skip
LEFT_OUT = _("Ces questions n’ont pas de colonne, car un classeur ne porte ni photo, ni son, ni tracé : %(names)s.")
COPY = _("Cette copie est remplie par (personne ou équipe) :")
TITLE = _("Mode d’emploi")
KEY, LINK = _("N°"), _("N° de la fiche")
KINDS = {
    "integer": _("Un nombre entier."), "decimal": _("Un nombre."), "range": _("Un nombre."),
    "date": _("Une date : jour/mois/année."), "time": _("Une heure : hh:mm."),
    "dateTime": _("Une date et une heure : jour/mois/année hh:mm."),
    "geopoint": _("Un point : latitude, espace, longitude, par exemple 30.4278 -9.5981."),
    "select_one": _("Une réponse de la liste."), "acknowledge": _("Écrivez OK si c’est le cas."),
    "select_multiple": _("Une ou plusieurs réponses, séparées par des points-virgules."),
    "rank": _("Toutes les réponses, de la première à la dernière, séparées par des points-virgules."),
}  # fmt: skip
ONE_OF_SEVERAL = _("Choisissez « oui » si cette réponse est donnée ; laissez vide sinon.")
CONDITION = _("Seulement dans certains cas ; laissez vide sinon. Condition du formulaire : %(condition)s")
CHOICES = _("Réponses : %(choices)s")
SIGNS = {">=": _("au moins %(bound)s"), "<=": _("au plus %(bound)s"),
         ">": _("plus que %(bound)s"), "<": _("moins que %(bound)s")}  # fmt: skip
THIS_DAY = _("la date du jour")
YES = _("oui")


def instructions(plan: Layout, language: str) -> list[str]:
    """The lines of the cover in a language."""
    with override(language):
        lines = [gettext(line) for line in INSTRUCTIONS]
        if plan.left_out:
            names = ", ".join(said(q.labels, language) or q.name for q in plan.left_out)
            lines.append(gettext(LEFT_OUT) % {"names": names})
    return lines


def note(field: Field, version: FormVersion, language: str) -> str:
    """What a column expects: its hint, its kind, its limits, its list when it is short."""
    with override(language):
        return "\n".join(line for line in _lines(field, version, language) if line)


def _lines(field: Field, version: FormVersion, language: str) -> Iterator[str]:
    question = field.question
    yield said(question.hints, language)
    yield gettext(ONE_OF_SEVERAL if field.choice else KINDS[question.kind]) if question.kind in KINDS else ""
    yield constraint(question, field.limits, language)
    if question.relevant:
        yield gettext(CONDITION) % {"condition": question.relevant[:200]}
    choices = version.choices.get(question.list_name, ())
    if 0 < len(choices) <= FEW and not field.choice:
        yield gettext(CHOICES) % {"choices": " · ".join(shown(choices, language).values())}


def constraint(question: Question, bounds: Limits | None, language: str) -> str:
    """What an answer must respect: the message of the form, else its limits in words."""
    if message := said(question.constraint_message, language):
        return message
    tests = bounds.tests if bounds else ()
    words = [gettext(SIGNS[sign]) % {"bound": _bound(bound)} for sign, bound in tests]
    return f"{words[0].capitalize()}{''.join(', ' + word for word in words[1:])}." if words else ""


def _bound(bound: object) -> str:
    if bound == TODAY:
        return gettext(THIS_DAY)
    if isinstance(bound, date):
        return f"{bound:%d/%m/%Y}"
    return str(int(bound)) if isinstance(bound, float) and bound.is_integer() else str(bound)
