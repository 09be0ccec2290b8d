"""Capacity assessments of associations: at the start, and again for those that were coached."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from jalons.cli.demo.invented.chance import LAST_DAY, Chance, filled
from jalons.cli.demo.invented.filled import Filled
from jalons.cli.demo.invented.people import person
from jalons.cli.demo.invented.places import place

ASSOCIATIONS, FIRST = 96, date(2026, 4, 27)
CRITERIA = ("gouv_statuts", "gouv_decisions", "fin_comptabilite", "fin_rapports", "proj_conception", "proj_indicateurs",
            "genre_pratiques", "com_partenaires")  # fmt: skip
WORDS = ("Tamount", "Afra", "Oued Souss", "Argana", "Tigmi", "Assafar", "Isly", "Kariat", "Angad", "Trifa", "Zaio",
         "Marchica", "Figuig", "Oasis", "Horizons", "Espoir", "Jeunesse", "Avenir", "Passerelle")  # fmt: skip
KINDS = ("Association", "Coopérative", "Réseau", "Fédération")
PUBLICS = {"rpt": 30, "mre": 22, "retour": 26, "accueil": 22}
WEAK = 2  # a criterion below this calls for an action
ACTIONS = {
    "gouv_statuts": ("gouvernance", "Mettre à jour les statuts et réunir l’assemblée générale"),
    "gouv_decisions": ("gouvernance", "Tenir un registre des décisions du bureau"),
    "fin_comptabilite": ("finances", "Former la trésorerie et classer les pièces"),
    "fin_rapports": ("finances", "Établir un calendrier des rapports financiers"),
    "proj_conception": ("projets", "Réaliser un diagnostic participatif des besoins"),
    "proj_indicateurs": ("suivi", "Choisir cinq indicateurs et tenir un tableau de suivi"),
    "genre_pratiques": ("genre", "Désigner une personne référente et adapter les horaires"),
    "com_partenaires": ("communication", "Rencontrer la commune deux fois par an"),
}


def assessments() -> Iterator[Filled]:
    """First assessments of all associations, then a second one for those seen early."""
    chance = Chance("capacity prim-2")
    for number in range(1, ASSOCIATIONS + 1):
        area = "souss" if chance.yes(0.53) else "oriental"
        fixed, level = _association(chance, number, area), chance.around(1.25, 0.4, 0.3, 2.4)
        day = chance.day(FIRST, LAST_DAY, growth=1.15)
        yield _assessment(chance, area, fixed, level, "initiale", day)
        again = day + timedelta(days=chance.whole(110, 160))
        if again <= LAST_DAY and chance.yes(0.7):
            yield _assessment(chance, area, fixed, level + 0.45, "intermediaire", again)


def _association(chance: Chance, number: int, area: str) -> dict[str, Any]:
    """What does not change from one assessment to the next."""
    board = chance.whole(5, 13)
    women = chance.whole(0, board)
    return {
        "nom_association": f"{chance.one(KINDS)} {' '.join(chance.draw.sample(WORDS, 2))} (exemple)",
        "code_association": f"ASS-{number:03d}",
        **place(chance, area).answers,
        "annee_creation": chance.whole(1994, 2023),
        "nb_bureau": board,
        "nb_femmes_bureau": women,
        "dirigee_par_femme": chance.yes_no(0.6 if women * 2 > board else 0.2),
        "publics": chance.some(PUBLICS, 3),
        "budget_annuel": round(chance.around(180_000, 120_000, 12_000, 900_000), -3) if chance.yes(0.8) else "",
    }


def _assessment(chance: Chance, area: str, fixed: dict, level: float, moment: str, day: date) -> Filled:
    grades = {name: round(chance.around(level, 0.8, 0, 3)) for name in CRITERIA}
    points = sum(grades.values())
    plan = [_action(chance, name, day) for name, grade in grades.items() if grade < WEAK][:4]
    answers = {
        "date_evaluation": day.isoformat(),
        "moment": moment,
        **fixed,
        "evaluateur": "Hamza Bouzidi" if area == "oriental" and chance.yes(0.5) else _assessor(chance),
        **{name: str(grade) for name, grade in grades.items()},
        "points": points,
        "note_capacite": round(100 * points / 24),
        "plan": plan,
    }
    return Filled("prim-2", "capacite_association", area, chance.uuid(), chance.moment(day), filled(answers))


def _assessor(chance: Chance) -> str:
    return person(chance, women=0.5, groups={"accueil": 1}).full_name


def _action(chance: Chance, name: str, day: date) -> dict[str, str]:
    domain, words = ACTIONS[name]
    return {
        "plan_domaine": domain,
        "plan_action": words,
        "plan_priorite": chance.among({"haute": 40, "moyenne": 45, "basse": 15}),
        "plan_echeance": (day + timedelta(days=chance.whole(60, 240))).isoformat(),
    }
