"""Attendance sheets of the three programmes."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from jalons.cli.demo.invented.chance import LAST_DAY, Chance, filled
from jalons.cli.demo.invented.filled import Filled
from jalons.cli.demo.invented.people import Regulars, person, satisfaction
from jalons.cli.demo.invented.places import place

TITLES = {
    "formation": ("Accueil des publics migrants", "Montage de projet sensible au genre", "Suivi-évaluation et Kobo",
                  "Droits des personnes étrangères", "Plan d’action communal, migration et genre"),
    "atelier": ("Atelier réflexif", "Atelier de planification", "Atelier d’échange de pratiques"),
    "reunion": ("Comité de suivi", "Cadre de concertation", "Réunion de coordination régionale"),
    "sensibilisation": ("Journée portes ouvertes", "Caravane d’information", "Rencontre avec la diaspora"),
    "visite": ("Visite d’échange entre communes", "Visite de projets financés"),
}  # fmt: skip
HOURS = {"formation": (6, 18), "atelier": (3, 7), "reunion": (2, 4), "sensibilisation": (2, 6), "visite": (4, 10)}
ROLES = {
    "osc": ("Présidence", "Trésorerie", "Coordination de projet", "Animation"),
    "commune": ("Membre du conseil", "Accueil", "Direction des services", "Affaires sociales"),
    "province": ("Division des affaires sociales", "Cadre"),
    "service": ("Direction de service", "Conseil à l’emploi", "Cadre"),
    "entreprise": ("Personnel", "Gérance"),
}
TYPICAL_GROUPS = {"accueil": 78, "retour": 9, "rpt": 7, "mre": 6}
PUBLIC_GROUPS = {"rpt": 40, "retour": 22, "mre": 14, "accueil": 24}


@dataclass(frozen=True)
class Calendar:
    """How one programme fills its year: how many activities, of which types, where and for whom."""

    programme: str
    first: date
    count: int
    types: dict[str, float]
    areas: dict[str, float]
    audiences: dict[str, float]
    organiser: str


CALENDARS = (
    Calendar("prim-2", date(2026, 4, 20), 112,
             {"formation": 42, "atelier": 26, "reunion": 16, "sensibilisation": 10, "visite": 6},
             {"souss": 52, "oriental": 48}, {"osc": 46, "institution": 44, "public": 10}, "Expertise France, PRIM 2"),
    Calendar("thamm-plus", date(2026, 1, 19), 44,
             {"formation": 44, "reunion": 34, "atelier": 16, "visite": 6},
             {"souss": 50, "oriental": 50}, {"institution": 78, "employer": 22}, "Expertise France, THAMM+"),
    Calendar("tpm", date(2025, 7, 7), 66,
             {"formation": 30, "atelier": 22, "reunion": 36, "sensibilisation": 12},
             {"agadir": 50, "taliouine": 24, "tiznit": 26}, {"osc": 40, "institution": 40, "public": 20},
             "Migrations & Développement"),
)  # fmt: skip
STRUCTURES = {
    "osc": {"osc": 86, "commune": 8, "aucune": 6},
    "institution": {"commune": 55, "service": 26, "province": 15, "osc": 4},
    "employer": {"entreprise": 55, "service": 40, "osc": 5},
    "public": {"aucune": 88, "osc": 12},
}
WOMEN = {"osc": 0.52, "institution": 0.30, "employer": 0.28, "public": 0.5}
PEOPLE = {"osc": (9, 22), "institution": (8, 20), "employer": (6, 14), "public": (14, 34)}
OPERATORS = {"prim-2": "EF", "thamm-plus": "EF", "tpm": "M&D"}  # who comes to one programme may come to the other
AGAIN = 0.4  # of the participants whom someone of their sex and age came before
WRITERS = {"souss": "Rachida Id Bella", "oriental": "Hamza Bouzidi"}


def sheets() -> Iterator[Filled]:
    """All attendance sheets, programme by programme."""
    regulars = {operator: Regulars(operator, AGAIN) for operator in set(OPERATORS.values())}
    for calendar in CALENDARS:
        chance = Chance(f"presence {calendar.programme}")
        for _ in range(calendar.count):
            yield _sheet(chance, calendar, regulars[OPERATORS[calendar.programme]])


def _sheet(chance: Chance, calendar: Calendar, regulars: Regulars) -> Filled:
    day = chance.day(calendar.first, LAST_DAY)
    kind, area = chance.among(calendar.types), chance.among(calendar.areas)
    audience = chance.among(calendar.audiences)
    late = (day - calendar.first).days / (LAST_DAY - calendar.first).days
    people = [regulars.line(_line(chance, audience, late)) for _ in range(chance.whole(*PEOPLE[audience]))]
    answers = {
        "date_activite": day.isoformat(),
        "type_activite": kind,
        "intitule": chance.one(TITLES[kind]),
        **place(chance, area).answers,
        "salle": chance.one(("Maison des associations", "Salle de réunion de la commune", "Siège de la province", "")),
        "duree_heures": chance.whole(*HOURS[kind]),
        "organisateur": calendar.organiser,
        "agent": WRITERS.get(area, "Naïma Ouchen") if calendar.programme != "thamm-plus" else "Ilyas Bensaïd",
        "participants": people,
        **_summary(chance, people),
    }
    sender = area if calendar.programme == "prim-2" else calendar.programme
    return Filled(calendar.programme, "feuille_presence", sender, chance.uuid(), chance.moment(day), filled(answers))


def _summary(chance: Chance, people: list[dict[str, Any]]) -> dict[str, Any]:
    reached = chance.yes(0.93)
    return {
        "nb_participants": len(people),
        "nb_femmes": sum(line["est_femme"] for line in people),
        "nb_jeunes": sum(line["est_jeune"] for line in people),
        "objectif_atteint": "oui" if reached else "non",
        "difficultes": "" if reached else chance.one(("Peu de participation.", "Salle indisponible l’après-midi.")),
    }


def _line(chance: Chance, audience: str, late: float) -> dict[str, Any]:
    """One participant; the share of women grows as the programme goes on."""
    groups = PUBLIC_GROUPS if audience == "public" else TYPICAL_GROUPS
    someone = person(chance, women=WOMEN[audience] + 0.10 * late, groups=groups, ages=(39, 10))
    structure = chance.among(STRUCTURES[audience])
    return filled({
        "nom": someone.family,
        "prenom": someone.given,
        "sexe": someone.sex,
        "age": someone.age if chance.yes(0.96) else "",
        "groupe": someone.group,
        "nationalite": someone.nationality,
        "nationalite_autre": "Bénin" if someone.nationality == "autre" else "",
        "structure": structure,
        "fonction": chance.one(ROLES[structure]) if structure != "aucune" else "",
        "premiere_fois": chance.yes_no(0.7 - 0.4 * late),
        "telephone": chance.phone() if chance.yes(0.35) else "",
        "consentement": chance.yes_no(0.98),
        "satisfaction": satisfaction(chance, 0.2) if chance.yes(0.85) else "",
        "est_femme": int(someone.sex == "f"),
        "est_jeune": int(15 <= someone.age < 30),
    })  # fmt: skip
