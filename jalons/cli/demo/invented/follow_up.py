"""Follow-up of people supported: at entry, when a support is received, after six months, on leaving."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from jalons.cli.demo.invented.chance import LAST_DAY, Chance, filled
from jalons.cli.demo.invented.filled import Filled
from jalons.cli.demo.invented.people import Person, person, satisfaction
from jalons.cli.demo.invented.places import Place, place

PEOPLE, FIRST, HALF_YEAR = 560, date(2026, 4, 22), 178
GROUPS = {
    "souss": {"rpt": 40, "retour": 26, "mre": 18, "accueil": 16},
    "oriental": {"rpt": 34, "retour": 34, "mre": 20, "accueil": 12},
}
STATUS = {"regulier": 34, "demande": 24, "refugie": 12, "sans": 22, "refus": 8}
SCHOOLING = {"aucune": 14, "primaire": 24, "college": 22, "lycee": 20, "superieur": 12, "pro": 8}
COUNTRIES = ("Espagne", "France", "Italie", "Belgique", "Libye", "Allemagne")
SUPPORTS = {"orientation": 30, "juridique": 18, "formation": 20, "emploi": 12, "entreprise": 11, "sante": 9,
            "psychosocial": 8, "scolarisation": 6}  # fmt: skip
AT_WORK = {"salarie": 34, "independant": 40, "saisonnier": 26}
NOT_AT_WORK = {"recherche": 58, "etude": 14, "inactif": 28}
FAMILY = {"conjoint": 24, "enfant": 52, "parent": 10, "fratrie": 10, "autre": 4}
INCOMES = {"salarie": 3100, "independant": 2600, "saisonnier": 2100}
AGENTS = {
    "tamount": ("Khadija Amzil",),
    "souss": ("Rachida Id Bella", "Lhoussaine Aznag"),
    "oriental": ("Hamza Bouzidi", "Souad Mimouni", "Fatima-Zahra Mimouni"),
}


@dataclass(frozen=True)
class Followed:
    """A person who is followed: who, under which code, by whom, where, and what never changes."""

    someone: Person
    code: str
    sender: str
    where: Place
    fixed: dict[str, Any]


def interviews() -> Iterator[Filled]:
    """Each person's entry, then the later interviews that have had time to happen."""
    chance = Chance("follow-up prim-2")
    for number in range(1, PEOPLE + 1):
        followed = _followed(chance, number)
        entry = chance.day(FIRST, LAST_DAY, growth=1.25)
        yield _interview(chance, followed, "entree", entry)
        for moment, after in _later(chance, entry):
            yield _interview(chance, followed, moment, after)


def _later(chance: Chance, entry: date) -> Iterator[tuple[str, date]]:
    six_months = entry + timedelta(days=HALF_YEAR + chance.whole(0, 12))
    leaving = entry + timedelta(days=chance.whole(70, 150))
    if leaving <= LAST_DAY and chance.yes(0.16):
        yield "sortie", leaving
    elif six_months <= LAST_DAY and chance.yes(0.84):
        yield "m6", six_months


def _followed(chance: Chance, number: int) -> Followed:
    area = "souss" if chance.yes(0.55) else "oriental"
    someone = person(chance, women=0.47, groups=GROUPS[area], ages=(33, 10))
    prefix = "SM" if area == "souss" else "OR"
    sender = "tamount" if area == "souss" and chance.yes(0.36) else area
    return Followed(someone, f"{prefix}-{number:04d}", sender, place(chance, area), _fixed(chance, someone))


def _fixed(chance: Chance, someone: Person) -> dict[str, Any]:
    back, foreign = someone.group == "retour", someone.group == "rpt"
    return {
        "statut": chance.among(STATUS) if foreign else "",
        "pays_retour": chance.one(COUNTRIES) if back else "",
        "annee_retour": chance.whole(2012, 2026) if back else "",
        "scolarite": chance.among(SCHOOLING),
        "telephone": chance.phone() if chance.yes(0.6) else "",
    }


def _interview(chance: Chance, followed: Followed, moment: str, day: date) -> Filled:
    someone, consents = followed.someone, chance.yes(0.992)
    answers = {
        "code_beneficiaire": followed.code,
        "nom_complet": someone.full_name if chance.yes(0.9) else "",
        "sexe": someone.sex,
        "age": someone.age,
        "groupe": someone.group,
        "nationalite": someone.nationality,
        **followed.fixed,
        "consentement": "oui" if consents else "non",
        **(_rest(chance, followed, moment, day) if consents else {}),
    }
    return Filled("prim-2", "suivi_beneficiaire", followed.sender, chance.uuid(), chance.moment(day), filled(answers))


def _rest(chance: Chance, followed: Followed, moment: str, day: date) -> dict[str, Any]:
    """What is asked of those who consent."""
    later = moment != "entree"
    supports = chance.some(SUPPORTS, 4) if chance.yes(0.95 if later else 0.62) else []
    household = _household(chance) if not later else []
    return {
        "date_suivi": day.isoformat(),
        "moment": moment,
        **followed.where.answers,
        "agent": chance.one(AGENTS[followed.sender]),
        **_situation(chance, followed.someone, later),
        **_supports(chance, supports, later),
        "menage": household,
        "taille_menage": "" if later else len(household) + 1,
    }


def _situation(chance: Chance, someone: Person, later: bool) -> dict[str, Any]:
    """Women start further from work and gain more; a share does not tell an income."""
    share = (0.27 if someone.sex == "f" else 0.41) + ((0.19 if someone.sex == "f" else 0.13) if later else 0)
    work = chance.among(AT_WORK if chance.yes(share) else NOT_AT_WORK)
    income = INCOMES.get(work) if chance.yes(0.72) else None
    return {
        "emploi": work,
        "revenu_mensuel": round(chance.around(income, income * 0.3, 400, 9000), -1) if income else "",
        "couverture": chance.yes_no(0.42 if later else 0.28),
        "droits_connus": chance.yes_no(0.66 if later else 0.44),
    }


def _supports(chance: Chance, supports: list[str], later: bool) -> dict[str, Any]:
    return {
        "appuis_recus": supports,
        "nb_appuis": len(supports),
        "heures_formation": chance.whole(6, 90) if "formation" in supports else "",
        "aide_recue": round(chance.around(14_000, 6_000, 2_000, 40_000), -2) if "entreprise" in supports else "",
        "satisfaction": satisfaction(chance, 0.25) if supports and chance.yes(0.9) else "",
        "situation_amelioree": chance.yes_no(0.57) if later else "",
        "besoins": chance.some(SUPPORTS, 3) if chance.yes(0.8) else [],
    }


def _household(chance: Chance) -> list[dict[str, Any]]:
    return [_member(chance) for _ in range(min(round(abs(chance.around(1.6, 1.8, -5, 6))), 6))]


def _member(chance: Chance) -> dict[str, Any]:
    link = chance.among(FAMILY)
    age = chance.whole(0, 19) if link == "enfant" else chance.whole(18, 72)
    return filled({
        "lien": link,
        "sexe_membre": "f" if chance.yes(0.5) else "h",
        "age_membre": age,
        "scolarise": chance.yes_no(0.86) if 4 <= age <= 17 else "",
    })  # fmt: skip
