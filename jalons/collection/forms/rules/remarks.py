"""What the converter remarks without refusing, in our words."""

import re

from jalons.core.errors import _

# how a remark of pyxform reads -> our sentence; named groups fill its places
REMARKS = (
    (
        r"language declarations do not contain valid machine-readable codes: (?P<names>.*?)\. Learn",
        _("Ces langues n’ont pas de code : %(names)s. Écrivez par exemple « Français (fr) »."),
    ),
    (
        r"Language '.*' is missing the",
        _("Une langue n’a pas toutes les colonnes des autres ; voir le tableau des langues."),
    ),
    (
        r"\[row : (?P<row>\d+)\] Use the max-pixels",
        _("Ligne %(row)s : fixez max-pixels pour que les photos partent plus vite."),
    ),
    (r"\[row : (?P<row>\d+)\].*Choices should have a label", _("Choix, ligne %(row)s : un choix n’a pas de libellé.")),
    (
        r"\[row : (?P<row>\d+)\] (?P<name>\w+) is no longer supported",
        _("Ligne %(row)s : les téléphones récents ne donnent plus %(name)s."),
    ),
    (
        r"Column headers must not be empty and must not contain spaces",
        _("Une colonne de choix sans en-tête ou dont l’en-tête contient une espace a été ignorée."),
    ),
    (
        r"\[row : (?P<row>\d+)\] (Repeat|Group) has no label",
        _("Ligne %(row)s : le groupe ou la boucle n’a pas de libellé."),
    ),
    (r"\[row : (?P<row>\d+)\] Row without name", _("Ligne %(row)s : sans nom ni libellé, la ligne a été ignorée.")),
    (
        r"or_other and translations",
        _("or_other crée une question « autre » sans traduction ; mieux vaut l’écrire soi-même."),
    ),
    (
        r"case-insensitive match to another name",
        _("Deux noms ne diffèrent que par des majuscules : certains outils les confondront."),
    ),
    (r"looking for a sheet named '(?P<name>.*?)'", _("Une feuille ressemble à « %(name)s » sans en porter le nom.")),
    (r"'disabled' column", _("La colonne disabled n’est plus dans XLSForm ; préférez relevant.")),
)


def remark(words: str) -> tuple[str, dict[str, str]] | None:
    """A remark of the converter as a sentence to translate and what fills it; None when we have no words for it.

    Source: warnings of pyxform 4.5 met over the workbooks of the field.

    >>> remark("[row : 32] Repeat has no label: {'name': 'roster'}")[1]
    {'row': '32'}
    """
    for pattern, sentence in REMARKS:
        if found := re.search(pattern, words, re.S):
            return sentence, found.groupdict()
    return None
