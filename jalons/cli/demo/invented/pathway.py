"""Workers' pathways, one update per step reached, until today or until they break off."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from jalons.cli.demo.invented.chance import LAST_DAY, Chance, filled
from jalons.cli.demo.invented.filled import Filled
from jalons.cli.demo.invented.people import Person, person, satisfaction
from jalons.cli.demo.invented.places import Place, place

WORKERS, FIRST, LAST_START = 132, date(2026, 1, 12), date(2026, 10, 30)
# step -> days after the one before it, and how many pathways break off there
STEPS = {
    "preselection": (0, 0.0), "selection": (20, 0.17), "contrat": (26, 0.06), "visa": (30, 0.07),
    "preparation": (14, 0.02), "depart": (18, 0.02), "sejour": (42, 0.02), "retour": (110, 0.03),
}  # fmt: skip
REASONS = {"personnel": 34, "employeur": 26, "visa": 24, "sante": 8, "autre": 8}
SECTORS = {"agriculture": 70, "hotellerie": 17, "restauration": 13}
DEPARTMENTS = ("47", "13", "84", "26", "30", "67", "06", "2B", "33")
HOURS = {"langue": (8, 40), "droits": (3, 8), "vie": (3, 8), "metier": (6, 30), "epargne": (2, 5)}
TAKEN = {"langue": 0.7, "droits": 0.86, "vie": 0.8, "metier": 0.5, "epargne": 0.3}
PLANS = {"reembauche": 46, "emploi": 14, "entreprise": 20, "formation": 8, "indecis": 12}
PROBLEMS = ("Heures supplémentaires non payées.", "Logement surchargé.", "Bulletin de paie non remis.")
WRITERS = ("Ilyas Bensaïd", "ANAPEC Agadir", "ANAPEC Oujda", "Youssef Alaoui")


@dataclass(frozen=True)
class Pathway:
    """One worker's way: who, from where, for which offer, and the modules followed."""

    code: str
    someone: Person
    where: Place
    offer: dict[str, str]
    modules: list[dict[str, Any]]


def updates() -> Iterator[Filled]:
    """All updates of all pathways."""
    chance = Chance("pathway thamm-plus")
    for number in range(1, WORKERS + 1):
        start = chance.day(FIRST, LAST_START, growth=1.0)
        late = (start - FIRST).days / (LAST_START - FIRST).days
        yield from _steps(chance, _pathway(chance, number, late), start, late)


def _pathway(chance: Chance, number: int, late: float) -> Pathway:
    someone = person(chance, women=0.30 + 0.14 * late, groups={"accueil": 82, "retour": 18}, ages=(34, 7))
    where = place(chance, "souss" if chance.yes(0.6) else "oriental")
    sector = chance.among(SECTORS)
    offer = {"secteur": sector, "code_offre": f"OFF-{sector[:3].upper()}-{chance.whole(1, 24):02d}",
             "departement": chance.one(DEPARTMENTS)}  # fmt: skip
    return Pathway(f"TH-{number:05d}", someone, where, offer, _modules(chance, late))


def _modules(chance: Chance, late: float) -> list[dict[str, Any]]:
    """Later pathways are better prepared; everyone follows at least the module on rights."""
    return [
        {
            "module": name,
            "heures": round(chance.whole(*HOURS[name]) * (0.75 + 0.5 * late)) or 1,
            "reussi": chance.yes_no(0.9),
        }
        for name in HOURS
        if name == "droits" or chance.yes(TAKEN[name])
    ]


def _steps(chance: Chance, pathway: Pathway, start: date, late: float) -> Iterator[Filled]:
    """Steps in order; each shortens as the campaign learns."""
    day, dates = start, {}
    for step, (days, breaks) in STEPS.items():
        day += timedelta(days=round(days * chance.around(1.12 - 0.3 * late, 0.2, 0.5, 1.8)))
        if day > LAST_DAY:
            return
        dates[step] = day.isoformat()
        broken = chance.yes(breaks)
        yield _update(chance, pathway, step, dates, broken)
        if broken:
            return


def _update(chance: Chance, pathway: Pathway, step: str, dates: dict[str, str], broken: bool) -> Filled:
    day = date.fromisoformat(dates[step])
    reached = list(STEPS).index(step)
    someone, modules = pathway.someone, pathway.modules if reached >= list(STEPS).index("preparation") else []
    answers = {
        "code_parcours": pathway.code, "nom_complet": someone.full_name, "sexe": someone.sex, "age": someone.age,
        "groupe": someone.group, "region": pathway.where.region, "province": pathway.where.province, **pathway.offer,
        "date_saisie": day.isoformat(), "etape": step,
        **_dates(dates),
        "abandon": "oui" if broken else "non",
        "motif_abandon": chance.among(REASONS) if broken else "",
        "formations": modules,
        "heures_preparation": sum(line["heures"] for line in modules),
        **(_stay(chance) if step in ("sejour", "retour") else {}),
        **({"projet_retour": chance.among(PLANS), "satisfaction": satisfaction(chance)} if step == "retour" else {}),
        "agent": chance.one(WRITERS),
    }  # fmt: skip
    sender = "souss" if pathway.where.region == "09" else "oriental"
    return Filled("thamm-plus", "parcours_travailleur", sender, chance.uuid(), chance.moment(day), filled(answers))


def _dates(dates: dict[str, str]) -> dict[str, Any]:
    known = {
        f"date_{step}": dates[step]
        for step in ("preselection", "selection", "visa", "depart", "retour")
        if step in dates
    }
    if "depart" in dates:
        gap = date.fromisoformat(dates["depart"]) - date.fromisoformat(dates["selection"])
        known["delai_depart_jours"] = gap.days
    return known


def _stay(chance: Chance) -> dict[str, Any]:
    problem = chance.yes(0.27)
    return {
        "salaire_horaire": round(chance.around(12.1, 0.5, 11.5, 15), 2),
        "heures_semaine": chance.whole(35, 46),
        "contrat_respecte": chance.yes_no(0.62 if problem else 0.9),
        "logement_decent": chance.yes_no(0.82),
        "probleme_droits": "oui" if problem else "non",
        "probleme_details": chance.one(PROBLEMS) if problem and chance.yes(0.7) else "",
        "epargne_mad": round(chance.around(16_000, 6_000, 1_000, 40_000), -2) if chance.yes(0.7) else "",
    }
