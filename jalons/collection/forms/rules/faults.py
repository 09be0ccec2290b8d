"""What may be wrong with a workbook: one table of reasons and remedies, in words for its author."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from jalons.core.errors import Refused, _


class Advice(NamedTuple):
    """Why a workbook is refused and what its author can do. Both are sentences to translate."""

    reason: str
    remedy: str


class _Places(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return "?"


@dataclass(frozen=True)
class Fault:
    """One thing wrong with a workbook, and where.

    code:     key of ADVICE.
    row:      row number as the spreadsheet shows it, None when the whole sheet or file is meant.
    column:   header of the column, as its author wrote it.
    values:   what fills the places of the sentences; `closest` is the nearest existing name, to suggest.
    original: the converter's own words, when it also refused this.
    """

    code: str
    sheet: str = ""
    row: int | None = None
    column: str = ""
    values: Mapping[str, object] = field(default_factory=dict)
    original: str = ""

    @property
    def advice(self) -> Advice:
        return ADVICE[self.code]

    def fill(self, sentence: str) -> str:
        """A sentence of ADVICE, or its translation, with the places filled."""
        return sentence % _Places(self.values)

    def as_data(self) -> dict[str, object]:
        """What is kept of a fault that did not prevent reading: its code and place, said anew for each reader."""
        return {"code": self.code, "sheet": self.sheet, "row": self.row, "column": self.column,
                "values": {name: str(value) for name, value in self.values.items()}}  # fmt: skip

    def __str__(self) -> str:
        return self.fill(self.advice.reason)


@dataclass(frozen=True)
class Refusals:
    """A workbook that cannot become a form, and every reason found."""

    faults: tuple[Fault, ...]


class FormRefused(Refused):
    """A workbook that cannot become a form: the reason given, and `faults` with every one."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__(_("Ce classeur ne peut pas devenir un formulaire : %(count)s point(s) à corriger."),
                         field="file", count=len(faults))  # fmt: skip
        self.faults = faults


class Unreadable(Exception):  # a verdict, as Refused is
    """The bytes are not a workbook that can be opened: nothing further can be said of them."""

    def __init__(self, code: str, **values: object) -> None:
        self.fault = Fault(code, values=values)
        super().__init__(str(self.fault))


SAVE_AS = _("Ouvrez-le dans Excel ou LibreOffice, puis « Enregistrer sous » au format .xlsx.")
ONE_NAME = _("Renommez l’une des deux lignes : un nom ne sert qu’une fois dans un groupe ou une boucle.")

ADVICE = {
    # the file
    "empty": Advice(_("Le fichier est vide."), _("Choisissez le fichier enregistré, puis recommencez.")),
    "too_large": Advice(
        _("Le fichier dépasse la limite de %(limit)s Mo."),
        _("Retirez les images et les feuilles qui ne servent pas au formulaire."),
    ),
    "too_large_unpacked": Advice(
        _("Décompressé, le fichier pèse %(size)s Mo ; la limite est de %(limit)s Mo."),
        _("Retirez les images et les feuilles qui ne servent pas au formulaire."),
    ),
    "too_many_cells": Advice(
        _("Le classeur est démesuré : plus de %(limit)s cellules."),
        _("Supprimez les lignes vides mises en forme ; sortez les longues listes dans un fichier CSV joint."),
    ),
    "too_much_text": Advice(
        _("Le classeur est démesuré : plus de %(limit)s caractères de texte."),
        _("Sortez les longs textes du formulaire."),
    ),
    "encrypted": Advice(
        _("Le classeur est protégé par un mot de passe."), _("Retirez le mot de passe, enregistrez, puis recommencez.")
    ),
    "not_a_workbook": Advice(
        _("Ce fichier n’est pas un classeur Excel : son contenu est de type %(what)s, quelle que soit son extension."),
        SAVE_AS,
    ),
    "damaged": Advice(_("Le classeur est abîmé : il ne s’ouvre pas (%(detail)s)."), SAVE_AS),
    "hostile": Advice(
        _("Le classeur contient des déclarations XML (DOCTYPE, entités) qu’aucun tableur n’écrit : il n’est pas lu."),
        SAVE_AS,
    ),
    "encoding": Advice(
        _("Le texte n’est pas en UTF-8 (premier caractère illisible à l’octet %(position)s)."),
        _("Enregistrez le fichier CSV en « UTF-8 »."),
    ),
    # the sheets
    "no_survey": Advice(
        _("Aucune feuille ne s’appelle « survey » ; feuilles trouvées : %(sheets)s."),
        _("Nommez « survey » la feuille des questions ; un XLSForm a les feuilles survey, choices et settings."),
    ),
    "no_header": Advice(
        _("La colonne obligatoire « %(name)s » manque ; en-têtes trouvés : %(headers)s."),
        _("Écrivez les en-têtes sur la première ligne de la feuille, tels que XLSForm les nomme."),
    ),
    "header_twice": Advice(
        _("L’en-tête « %(name)s » apparaît deux fois."), _("Supprimez ou renommez l’une des deux colonnes.")
    ),
    "header_synonyms": Advice(
        _("Les en-têtes « %(other)s » et « %(name)s » sont deux noms de la même colonne."),
        _("Gardez-en un seul (par exemple repeat_count plutôt que jr:count)."),
    ),
    "header_not_text": Advice(
        _("Un en-tête n’est pas un texte : « %(name)s »."), _("Mettez un mot en tête de chaque colonne.")
    ),
    "ambiguous_date": Advice(
        _("Une date ne peut pas être lue dans la colonne « %(name)s »."), _("Saisissez-la comme un texte.")
    ),
    # the questions
    "no_type": Advice(_("La ligne a un nom ou un libellé, mais pas de type."), _("Remplissez la colonne type.")),
    "unknown_type": Advice(
        _("Le type « %(name)s » n’existe pas en XLSForm."),
        _("Vérifiez l’orthographe du type."),
    ),
    "kobo_type": Advice(
        _("« %(name)s », une question propre à Kobo, est incomplète ou mal fermée."),
        _(
            "Donnez sa liste (colonne %(column)s) et un nom à chacune de ses lignes, puis fermez-la ; ou "
            "téléchargez le formulaire depuis Kobo au format XLS, où elle est déjà dépliée."
        ),
    ),
    "no_name": Advice(_("Une question ou un groupe n’a pas de nom."), _("Remplissez la colonne name.")),
    "bad_name": Advice(
        _("Le nom « %(name)s » contient un caractère interdit."),
        _("Un nom commence par une lettre ou _ et ne contient ni espace, ni apostrophe, ni ponctuation sauf - _ et .."),
    ),
    "name_twice": Advice(_("Le nom « %(name)s » est déjà pris à la ligne %(other)s, dans le même groupe."), ONE_NAME),
    "repeat_twice": Advice(
        _("Deux boucles s’appellent « %(name)s » (autre : ligne %(other)s)."),
        _("Le nom d’une boucle est unique dans tout le formulaire : renommez l’une des deux."),
    ),
    "reserved_name": Advice(_("Le nom « %(name)s » est réservé."), _("Choisissez un autre nom.")),
    "unclosed": Advice(
        _("Le groupe ou la boucle « %(name)s » n’est jamais fermé."),
        _("Ajoutez la ligne end_group ou end_repeat qui manque."),
    ),
    "unopened": Advice(
        _("« %(name)s » ferme un groupe ou une boucle qui n’est pas ouvert à cet endroit."),
        _("Supprimez cette ligne, ou mettez begin et end du même type face à face."),
    ),
    "no_calculation": Advice(_("Un calcul n’a pas de formule."), _("Remplissez la colonne calculation.")),
    "unknown_reference": Advice(
        _("« ${%(name)s} » ne désigne aucune question du formulaire."),
        _("Corrigez le nom entre accolades, ou ajoutez la question."),
    ),
    "ambiguous_reference": Advice(
        _("« ${%(name)s} » désigne plusieurs questions de même nom."),
        _("Donnez à chacune un nom différent, puis reprenez la référence."),
    ),
    "bad_reference": Advice(
        _("La référence « %(name)s » est mal écrite."),
        _("Une référence s’écrit ${nom_de_question}, sans espace, avec les deux accolades."),
    ),
    # the expressions
    "broken_expression": Advice(
        _("L’expression « %(name)s » ne se lit pas."),
        _("Corrigez la cellule : un téléphone n’ouvre pas un formulaire dont une expression ne se lit pas."),
    ),
    "unknown_function": Advice(
        _("La fonction « %(name)s » n’existe pas dans XLSForm."), _("Vérifiez son orthographe.")
    ),
    "not_computed": Advice(
        _("« %(name)s » emploie %(reason)s, que Jalons ne calcule pas."),
        _("Rien à corriger : ce qui en dépend sera donné comme inconnu."),
    ),
    "no_list_name": Advice(
        _("Le type « %(name)s » ne dit pas quelle liste de choix il utilise."),
        _("Écrivez le type suivi du nom de la liste, par exemple select_one oui_non."),
    ),
    "unknown_list": Advice(
        _("La liste de choix « %(name)s » n’existe pas dans la feuille choices."),
        _("Corrigez le nom de la liste, ou ajoutez-la dans choices."),
    ),
    "no_choices": Advice(
        _("Des questions proposent des choix, mais la feuille « choices » manque ou est vide."),
        _("Ajoutez une feuille choices avec les colonnes list_name, name et label."),
    ),
    "filtered_other": Advice(
        _("« or_other » et choice_filter ne vont pas ensemble."),
        _("Ajoutez le choix « autre » à la liste et une question de précision."),
    ),
    "file_name": Advice(
        _("Le fichier de choix « %(name)s » doit finir par .csv, .xml ou .geojson."), _("Corrigez le nom du fichier.")
    ),
    "included": Advice(
        _("Le type include appelle un autre fichier, qui n’est pas joint."),
        _("Copiez les questions de l’autre fichier à cet endroit."),
    ),
    # the choices
    "choice_without_name": Advice(_("Un choix n’a pas de nom."), _("Remplissez la colonne name.")),
    "choice_twice": Advice(
        _("Le choix « %(name)s » est déjà dans la liste « %(list)s », ligne %(other)s."),
        _(
            "Renommez-le ou supprimez-le ; si c’est voulu (listes filtrées), "
            "mettez allow_choice_duplicates à yes dans la feuille settings."
        ),
    ),
    "choice_with_space": Advice(
        _("Le choix « %(name)s » de la liste « %(list)s » contient une espace, et un select_multiple l’utilise."),
        _("Remplacez l’espace par _ : les réponses multiples sont séparées par des espaces."),
    ),
    "too_long": Advice(
        _("« %(name)s » est trop long : %(length)s caractères, pour %(limit)s au plus."),
        _("Raccourcissez-le : un nom court se lit mieux dans les tableaux."),
    ),
    # what only the converter checks
    "parameters": Advice(
        _("Les paramètres de la question ne conviennent pas."),
        _("Reprenez la colonne parameters ; voir le message d’origine."),
    ),
    "entity": Advice(
        _("La déclaration d’entité ne convient pas (feuille entities ou colonne save_to)."),
        _("Reprenez-la, ou supprimez-la si le formulaire n’alimente pas de liste d’entités."),
    ),
    "loop_format": Advice(
        _("Une boucle « loop » demande un texte démesuré."),
        _("Écrivez seulement %%(name)s ou %%(label)s dans ses libellés."),
    ),
    "not_xml": Advice(
        _("Converti, le formulaire n’est pas du XML : un en-tête contient un caractère qui n’y a pas sa place."),
        _("Donnez aux colonnes de la feuille choices des en-têtes sans ponctuation, qui commencent par une lettre."),
    ),
    "converter": Advice(
        _("Le convertisseur de référence (pyxform) refuse ce classeur."),
        _("Lisez son message d’origine, corrigez, puis recommencez."),
    ),
}
