"""The sheets of the programme workbook as data: one line per column."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Choices

from jalons.core.errors import _
from jalons.foundation.programmes import iati_codes as iati
from jalons.foundation.programmes.models import Period
from jalons.foundation.territories.models import Territory
from jalons.planning.results.chain import Result
from jalons.planning.results.models import Dimension, IndicatorVersion

# Kinds of cell. PLACE is a disaggregation ("sex=female; age=0-14"), SPLITS the disaggregations of a formula, SHARES
# percentages by code ("15190=60; 15150=40").
TEXT, LINES, CODE, CODES, WHOLE, NUMBER, DAY, YES, CHOICE, RANK, PLACE, SPLITS, SHARES = (
    "text", "lines", "code", "codes", "whole", "number", "day", "yes", "choice", "rank", "place", "splits", "shares",
)  # fmt: skip
BLANK: dict[str, Any] = {CODES: (), WHOLE: None, NUMBER: None, DAY: None, YES: False, RANK: None}

PROGRAMME, FUNDERS, AGREEMENTS, PERIODS, CHAIN, SOURCES = (
    "Programme", "Bailleurs", "Conventions", "Périodes", "Cadre logique", "Sources de vérification",
)  # fmt: skip
DIMENSIONS, INDICATORS, FORMULAS, TARGETS, CATALOGUES, MAPPINGS = (
    "Dimensions", "Indicateurs", "Formules", "Cibles", "Catalogues", "Correspondances",
)  # fmt: skip
VALUES = "Valeurs"
REMOVE = "Supprimer"
README, LISTS, FAULTS = "Lisez-moi", "Listes", "À corriger"
ASSUMPTION = "assumption"
BASELINE, TARGET = "baseline", "target"

# What the IATI file of a programme says beside its results.
PUBLICATION = ("iati_identifier", "status", "collaboration", "flow", "finance", "aid", "tied")
SHARED_OUT = ("sectors", "recipients")

LEVELS = {**dict(Result.Level.choices), ASSUMPTION: _("hypothèse")}
POINTS = {BASELINE: _("référence"), TARGET: _("cible")}
MEASURES = {
    "count": _("nombre de lignes"), "persons": _("personnes, comptées une fois"),
    "distinct": _("nombre de valeurs distinctes"), "sum": _("somme"), "average": _("moyenne"),
    "median": _("médiane"), "minimum": _("minimum"), "maximum": _("maximum"),
    "share": _("part"), "latest": _("dernière valeur"),
}  # fmt: skip
AGGREGATIONS = IndicatorVersion.Aggregation


@dataclass(frozen=True)
class Column:
    """One column: its head, the field it fills, and what a person may write in it.

    refers:      sheet whose codes it names.
    blank:       what an empty cell means.
    told:        tells about the change and not about the thing: never makes a change by itself.
    formerly:    its head in older workbooks, still read.
    """

    head: str
    field: str
    kind: str = TEXT
    choices: Mapping[str, str] | None = None
    refers: str = ""
    required: bool = False
    blank: Any = ""
    decimals: int = 4
    told: bool = False
    formerly: str = ""
    help: str = ""

    @property
    def name(self) -> str:
        """First step of the field: what a refusal names."""
        return self.field.split(".")[0]


@dataclass(frozen=True)
class Sheet:
    """One sheet: a row is one thing, known by its key; `kept`: rows cannot be removed from here."""

    name: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    help: str
    kept: bool = False

    def key_of(self, fields: Mapping[str, Any]) -> tuple:
        """What a row is known by. A result is known by its code alone, an assumption also by its result."""
        if self.name == CHAIN and fields.get("level") != ASSUMPTION:
            return ("", "", fields["code"])
        return tuple(fields.get(name) or "" for name in self.key)

    def code_of(self, key: tuple) -> str:
        """What other sheets call a row: its code, or that of the list which it is a line of."""
        return key[-1] if self.name == CHAIN else key[0]

    def column(self, field: str) -> Column:
        """The column of a field, or of the first part of a field in several languages."""
        exact = next((c for c in self.columns if c.field == field), None)
        return exact or next((c for c in self.columns if c.name == field), self.columns[0])


def _is(head: str, field: str, kind: str = TEXT, choices: Any = None, **rest: Any) -> Column:
    if isinstance(choices, type) and issubclass(choices, Choices):
        choices = dict(choices.choices)
    return Column(head, field, kind, choices, blank=rest.pop("blank", BLANK.get(kind, "")), **rest)


def _in_languages(head: str, field: str, *, kind: str = TEXT, **french: Any) -> list[Column]:
    """A column for each language; what else is said of it goes for French alone."""
    first = _is(f"{head} (fr)", f"{field}.fr", kind, **french)
    return [first, *(_is(f"{head} ({code})", f"{field}.{code}", kind) for code in ("ar", "en"))]


SHEETS = (
    Sheet(PROGRAMME, ("code",), (
        _is("Code", "code", CODE, required=True, help=_("Minuscules, chiffres et tirets : prim-2. Il ne change plus.")),
        _is("Nom court", "short_name", required=True),
        *_in_languages("Intitulé", "title", required=True),
        *_in_languages("Objet", "purpose", kind=LINES),
        _is("Opérateur (sigle)", "operator", CODE, required=True),
        _is("Opérateur (nom)", "operator_name", told=True,
            help=_("Utile seulement pour un opérateur que Jalons ne connaît pas.")),
        _is("Début", "starts_on", DAY, required=True),
        _is("Fin", "ends_on", DAY, required=True),
        _is("Identifiant IATI", "iati_identifier"),
        _is("Territoires", "territories", CODES, help=_("Codes officiels séparés par « ; », par exemple 09; 02.")),
        _is("Secteurs (CAD)", "sectors", SHARES,
            help=_("Codes à cinq chiffres du CAD et leur part : 15190=60; 15150=40. Un seul code vaut 100 %.")),
        _is("Pays bénéficiaires", "recipients", SHARES,
            help=_("Codes ISO des pays et leur part : MA=80; FR=20. Vide : celui des territoires.")),
        _is("État de l’activité", "status", CHOICE, dict(iati.choices(iati.STATUS)),
            help=_("Vide : d’après les dates du programme.")),
        _is("Type de collaboration", "collaboration", CHOICE, dict(iati.choices(iati.COLLABORATION))),
        _is("Type d’apport", "flow", CHOICE, dict(iati.choices(iati.FLOW))),
        _is("Type de financement", "finance", CHOICE, dict(iati.choices(iati.FINANCE))),
        _is("Type d’aide", "aid", CHOICE, dict(iati.choices(iati.AID))),
        _is("Liaison de l’aide", "tied", CHOICE, dict(iati.choices(iati.TIED))),
    ), _("Une seule ligne : le programme de ce classeur."), kept=True),
    Sheet(FUNDERS, ("code",), (
        _is("Sigle", "code", required=True, help=_("Par exemple AFD.")),
        _is("Nom", "name", required=True),
        _is("Identifiant IATI", "iati_identifier"),
    ), _("Qui finance, et dans les mots de qui on rend compte ; communs à tous les programmes.")),
    Sheet(AGREEMENTS, ("reference",), (
        _is("Référence", "reference", required=True, help=_("Unique dans le programme.")),
        _is("Intitulé", "name", required=True),
        _is("Bailleur", "funder", refers=FUNDERS, required=True, help=_("Sigle.")),
        _is("Montant", "amount", NUMBER, decimals=2, help=_("Vide s’il n’est pas encore connu.")),
        _is("Monnaie (ISO 4217)", "currency", CODE, blank="EUR", help=_("Vide : EUR.")),
        _is("Début", "starts_on", DAY),
        _is("Fin", "ends_on", DAY),
    ), _("Ce que chaque bailleur a promis au programme.")),
    Sheet(PERIODS, ("code",), (
        _is("Code", "code", CODE, required=True, help=_("Par exemple 2026-S1.")),
        _is("Nature", "kind", CHOICE, Period.Kind, required=True),
        _is("Cumule", "accumulates", CHOICE, Period.Kind,
            help=_("Seulement pour une période « depuis le début » : les périodes qu’elle additionne.")),
        *_in_languages("Libellé", "label", required=True),
        _is("Début", "starts_on", DAY, required=True),
        _is("Fin", "ends_on", DAY, required=True),
        _is("Convention", "agreement", refers=AGREEMENTS,
            help=_("Référence de la convention dont c’est la période de rapport.")),
    ), _("Les tranches de temps pour lesquelles des cibles sont fixées et des valeurs calculées.")),
    Sheet(SOURCES, ("code",), (
        _is("Code", "code", CODE, required=True, help=_("Par exemple S1.")),
        *_in_languages("Intitulé", "title", required=True),
        _is("Détenteur", "holder"),
        _is("Fréquence", "frequency"),
    ), _("Où se trouvent les preuves ; les indicateurs y renvoient par leur code.")),
    Sheet(DIMENSIONS, ("dimension", "category"), (
        _is("Désagrégation", "dimension", CODE, required=True, help=_("Code : sex, age, target_group…")),
        _is("Catégorie", "category", CODE,
            help=_("Vide : la ligne décrit la désagrégation elle-même. Sinon le code d’une de ses catégories.")),
        *_in_languages("Libellé", "label", required=True),
        _is("Nature", "kind", CHOICE, Dimension.Kind, help=_("Sur la ligne de la désagrégation.")),
        _is("Décrit des personnes", "about_people", YES),
        _is("De", "from", NUMBER, help=_("Tranches seulement : première valeur comprise.")),
        _is("À", "to", NUMBER, help=_("Tranches seulement : dernière valeur comprise ; vide si elle est ouverte.")),
    ), _("Les façons de répartir un chiffre, communes à tous les programmes. Une ligne par désagrégation, puis une "
         "ligne par catégorie.")),
    Sheet(CHAIN, ("level", "parent", "code"), (
        _is("Niveau", "level", CHOICE, LEVELS, required=True),
        _is("Code", "code", CODE, required=True, help=_("Par exemple I, E1, P1.1, H1.")),
        _is("Rattaché à", "parent", CODE, refers=CHAIN,
            help=_("Code du résultat auquel celui-ci contribue ; pour une hypothèse, celui qu’elle conditionne.")),
        *_in_languages("Intitulé", "title", required=True),
        *_in_languages("Description", "description", kind=LINES),
        _is("Rang", "position", RANK, help=_("Ordre d’affichage ; vide : l’ordre des lignes.")),
    ), _("Impact, effets, produits, et les hypothèses qui conditionnent chacun.")),
    Sheet(INDICATORS, ("code",), (
        _is("Résultat", "result", CODE, refers=CHAIN, required=True),
        _is("Code", "code", CODE, required=True, help=_("Unique dans le programme, par exemple P1.1.1.")),
        *_in_languages("Intitulé", "title", required=True),
        *_in_languages("Définition", "definition", kind=LINES),
        *_in_languages("Unité", "unit", formerly="Unité",
                       help=_("personnes, %, jours… Vide seulement pour un indicateur qualitatif.")),
        _is("Mesure", "measure", CHOICE, IndicatorVersion.Measure, blank="1"),
        _is("Sens", "direction", CHOICE, IndicatorVersion.Direction,
            help=_("Vide : proposé d’après la référence et la cible, jusqu’à ce qu’une personne le confirme.")),
        _is("Méthode de calcul", "method", LINES),
        _is("Désagrégations", "dimensions", CODES, refers=DIMENSIONS,
            help=_("Codes séparés par « ; ». Tout chiffre sur des personnes demande sex.")),
        _is("Sources de vérification", "sources", CODES, refers=SOURCES),
        _is("Fréquence", "frequency", CHOICE, IndicatorVersion.Frequency),
        _is("Responsable", "responsible"),
        _is("Compte des personnes", "counts_people", YES),
        _is("Sensible au genre", "gender_sensitive", YES),
        _is("Dans le temps", "time_aggregation", CHOICE, AGGREGATIONS, blank="sum",
            help=_("Comment les valeurs de plusieurs périodes font une valeur.")),
        _is("Dans l’espace", "place_aggregation", CHOICE, AGGREGATIONS, blank="sum",
            help=_("Comment les valeurs de plusieurs lieux font une valeur.")),
        _is("Niveau de lieu", "place_level", CHOICE, Territory.Level,
            help=_("Où l’on saisit, avec territory ; vide : le niveau de la formule, ou la province.")),
        _is("Rang", "position", RANK, help=_("Ordre d’affichage ; vide : l’ordre des lignes.")),
        _is("En vigueur depuis", "valid_from", DAY, told=True,
            help=_("Jour où cette définition commence ; vide au départ : le début du programme.")),
        _is("Motif", "reason", LINES, told=True, help=_("Pourquoi la définition change ; à récrire chaque fois.")),
    ), _("La fiche complète de chaque indicateur. Une définition qui change devient une nouvelle version, avec son "
         "motif.")),
    Sheet(FORMULAS, ("indicator",), (
        _is("Indicateur", "indicator", CODE, refers=INDICATORS, required=True),
        _is("Formulaire", "form", required=True, help=_("Identifiant du formulaire (form_id).")),
        _is("Répétition", "repeat", help=_("Nom de la boucle dont on compte les lignes ; vide : une ligne par envoi.")),
        _is("Mesure", "measure", CHOICE, MEASURES, required=True),
        _is("Valeur", "value", LINES,
            help=_("Expression, par exemple ${heures}. Inutile pour un nombre de lignes ou une part.")),
        _is("Numérateur", "numerator", LINES, help=_("Part seulement : ce qui est compté.")),
        _is("Dénominateur", "denominator", LINES, help=_("Part seulement : parmi quoi.")),
        _is("Échelle", "scale", NUMBER, help=_("Part seulement : 100 pour un pourcentage, 1 pour un rapport.")),
        _is("Filtre", "filter", LINES, help=_("Ne compter que les lignes où c’est vrai, par exemple ${age} >= 15.")),
        _is("Date", "date", help=_("Question qui donne la date ; vide : celle que le formulaire déclare.")),
        _is("Désagrégations", "splits", SPLITS,
            help=_("Une par ligne : sex: ${sexe} {f=female; h=male} — age: ${age} [0-14: 0..14; 60+: 60..] — "
                   "territory: province (ou commune, région, pays)")),
    ), _("Comment chaque indicateur se calcule depuis les formulaires. Une formule qui change est une définition qui "
         "change : son motif se met dans la feuille Indicateurs.")),
    Sheet(TARGETS, ("kind", "indicator", "period", "cell"), (
        _is("Type", "kind", CHOICE, POINTS, required=True),
        _is("Indicateur", "indicator", CODE, refers=INDICATORS, required=True),
        _is("Période", "period", CODE, refers=PERIODS, help=_("Vide pour une référence.")),
        _is("Désagrégation", "cell", PLACE, help=_("Vide pour le total ; sinon par exemple sex=female; age=0-14.")),
        _is("Valeur", "value", NUMBER, help=_("Vide si elle est inconnue : une valeur inconnue n’est pas zéro.")),
        _is("Date", "on", DAY, help=_("Jour de la mesure, pour une référence.")),
        _is("Commentaire", "text", LINES),
    ), _("Les valeurs de référence et les cibles, en total ou par désagrégation.")),
    Sheet(CATALOGUES, ("catalogue", "code"), (
        _is("Catalogue", "catalogue", CODE, required=True, help=_("Code de la liste : odd, gerf…")),
        _is("Code", "code", CODE, help=_("Vide : la ligne décrit la liste. Sinon le code d’un de ses indicateurs.")),
        *_in_languages("Intitulé", "title", required=True),
        *_in_languages("Unité", "unit", formerly="Unité"),
        _is("Niveau", "level"),
        _is("Additif", "additive", YES, blank=True, help=_("Si les valeurs de plusieurs projets s’additionnent.")),
        _is("Bailleur", "funder", refers=FUNDERS, help=_("Sigle, sur la ligne de la liste.")),
        _is("Vocabulaire IATI", "iati_vocabulary", CODE, blank="99",
            help=_("Sur la ligne de la liste ; 99 par défaut.")),
        _is("Adresse", "uri"),
    ), _("Les listes d’indicateurs des bailleurs, communes à tous les programmes.")),
    Sheet(MAPPINGS, ("indicator", "catalogue", "code"), (
        _is("Indicateur", "indicator", CODE, refers=INDICATORS, required=True),
        _is("Catalogue", "catalogue", CODE, refers=CATALOGUES, required=True),
        _is("Code", "code", CODE, required=True, help=_("Code de l’indicateur dans le catalogue.")),
        _is("Facteur", "factor", NUMBER, blank=Decimal(1), decimals=6, help=_("Par quoi multiplier notre valeur.")),
        _is("Portée", "coverage", help=_("Ce qui est compris : tout le programme, une région, un bailleur…")),
        _is("Du", "valid_from", DAY),
        _is("Au", "valid_to", DAY),
        _is("Figé depuis", "frozen_from", DAY,
            help=_("Jour où le bailleur l’a approuvé, si ensuite l’intitulé, le type et les désagrégations n’y "
                   "changent plus (OPSYS).")),
        _is("Note", "note", LINES),
    ), _("Ce que chaque indicateur dit à chaque bailleur, dans ses mots.")),
)  # fmt: skip

# A workbook of its own: the values that people type for one period.
TYPED = Sheet(VALUES, ("programme", "period", "indicator", "place", "group"), (
    _is("Programme", "programme", CODE, required=True),
    _is("Période", "period", CODE, required=True),
    _is("Indicateur", "indicator", CODE, required=True),
    _is("Code du lieu", "place", CODE, help=_("Vide : la ligne de l’ensemble, avec la preuve.")),
    _is("Code du groupe", "group", CODE),
    _is("Ce qui est demandé", "what", LINES, told=True, help=_("Pour lire la ligne ; n’est pas importé.")),
    _is("Unité", "unit", told=True),
    *(_is(head, field, NUMBER, decimals=9, help=help) for head, field, help in (
        ("Valeur", "number", _("Vide : rien n’est saisi. Inconnu n’est pas zéro.")),
        ("Numérateur", "numerator", _("Pour une part : la part elle-même s’en déduit.")),
        ("Dénominateur", "denominator", ""),
        ("Réponses", "answered", _("Pour une moyenne par lieu : sur combien de cas.")),
        ("Femmes", "female", ""), ("Hommes", "male", ""),
    )),
    _is("Source de vérification", "source", CODE, help=_("Sur la ligne de l’ensemble.")),
    _is("D’où vient cette valeur", "text", LINES,
        help=_("Sur la ligne de l’ensemble : document, date, personne qui le tient ; pour une appréciation, le constat "
               "lui-même.")),
), _("Une ligne par indicateur à saisir, puis par lieu et par groupe cible. Les cases grises ne sont pas demandées."),
    kept=True)  # fmt: skip
BY_NAME = {sheet.name: sheet for sheet in (*SHEETS, TYPED)}
