"""Visits to the reception and orientation offices: no name, as little as possible."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from jalons.cli.demo.invented.chance import LAST_DAY, Chance, filled
from jalons.cli.demo.invented.filled import Filled
from jalons.cli.demo.invented.people import person, satisfaction
from jalons.cli.demo.invented.places import place

CHANNELS = {"sur_place": 74, "telephone": 17, "permanence": 9}
KNOWN_BY = {"bouche": 38, "association": 24, "commune": 20, "reseaux": 12, "affiche": 6}
LANGUAGES = {"rpt": {"fr": 62, "darija": 18, "en": 14, "autre": 6}, "": {"darija": 62, "amazigh": 28, "fr": 10}}
NEEDS = {
    "rpt": {
        "sejour": 30,
        "sante": 20,
        "ecole": 12,
        "emploi": 18,
        "logement": 12,
        "violence": 4,
        "droits": 3,
        "autre": 3,
    },
    "mre": {"droits": 44, "investissement": 24, "sejour": 12, "logement": 8, "ecole": 4, "autre": 8},
    "retour": {"emploi": 34, "droits": 22, "investissement": 16, "sante": 14, "logement": 8, "ecole": 6},
    "accueil": {"emploi": 34, "sante": 20, "droits": 16, "ecole": 14, "violence": 6, "autre": 10},
}
SERVICES = {
    "sejour": "prefecture", "sante": "delegation_sante", "ecole": "education", "emploi": "anapec",
    "logement": "entraide", "droits": "commune", "investissement": "cri", "violence": "association", "autre": "commune",
}  # fmt: skip


@dataclass(frozen=True)
class Desk:
    """One office: whose programme it is, since when, how much it is used and by whom."""

    programme: str
    code: str
    first: date
    visits: int
    groups: dict[str, float]
    agents: tuple[str, ...]


DESKS = (
    Desk("prim-2", "oujda", date(2026, 4, 13), 255, {"rpt": 48, "retour": 20, "mre": 18, "accueil": 14}, ("HB", "SM")),
    Desk("prim-2", "nador", date(2026, 4, 27), 180, {"rpt": 40, "mre": 32, "retour": 16, "accueil": 12}, ("AK",)),
    Desk(
        "prim-2", "berkane", date(2026, 5, 18), 130, {"rpt": 38, "retour": 28, "mre": 20, "accueil": 14}, ("LB", "NY")
    ),
    Desk("tpm", "agadir", date(2025, 7, 7), 345, {"rpt": 52, "retour": 20, "mre": 14, "accueil": 14}, ("ZA", "OB")),
    Desk("tpm", "taliouine", date(2025, 7, 14), 170, {"mre": 46, "retour": 26, "accueil": 18, "rpt": 10}, ("FO",)),
    Desk("tpm", "tiznit", date(2025, 9, 1), 185, {"mre": 34, "rpt": 28, "retour": 24, "accueil": 14}, ("IA", "HT")),
)


def visits() -> Iterator[Filled]:
    """All visits, desk by desk."""
    for desk in DESKS:
        chance = Chance(f"desk {desk.code}")
        for _ in range(desk.visits):
            yield _visit(chance, desk)


def _visit(chance: Chance, desk: Desk) -> Filled:
    day = chance.day(desk.first, LAST_DAY)
    late = (day - desk.first).days / (LAST_DAY - desk.first).days
    someone = person(chance, women=0.41 + 0.06 * late, groups=desk.groups, ages=(37, 13))
    first = chance.yes(0.68)
    answers = {
        "date_visite": day.isoformat(),
        "bureau": desk.code,
        "canal": chance.among(CHANNELS),
        "premier_passage": "oui" if first else "non",
        "connu_par": chance.among(KNOWN_BY) if first else "",
        "sexe": someone.sex,
        "age": someone.age if chance.yes(0.88) else "",
        "groupe": someone.group,
        "nationalite": someone.nationality if chance.yes(0.9) else "",
        "langue": chance.among(LANGUAGES.get(someone.group, LANGUAGES[""])),
        **place(chance, desk.code).answers,
        **_request(chance, someone.group, day, late),
        "duree_minutes": round(chance.around(24, 11, 4, 90)) if chance.yes(0.9) else "",
        "satisfaction": satisfaction(chance, 0.55 * late - 0.5) if chance.yes(0.66) else "",
        "agent": chance.one(desk.agents),
    }
    return Filled(desk.programme, "visite_accueil", desk.code, chance.uuid(), chance.moment(day), filled(answers))


def _request(chance: Chance, group: str, day: date, late: float) -> dict[str, Any]:
    needs = chance.some(NEEDS[group], 3)
    referred = chance.yes(0.48 + 0.16 * late)
    return {
        "besoins": needs,
        "besoin_autre": "Traduction d’un acte" if "autre" in needs else "",
        "nb_besoins": len(needs),
        "oriente": "oui" if referred else "non",
        "orientations": [_referral(chance, need, day, late) for need in needs[:2]] if referred else [],
    }


def _referral(chance: Chance, need: str, day: date, late: float) -> dict[str, str]:
    """What came of a referral is often not known yet in the last weeks."""
    waiting = 14 if (LAST_DAY - day).days > 30 else 60
    outcomes = {"attente": waiting, "recu": 34 + 10 * late, "resolu": 24 + 8 * late, "abandon": 28 - 10 * late}
    return {
        "service": SERVICES[need],
        "accompagnee": chance.yes_no(0.22),
        "issue": chance.among(outcomes),
    }
