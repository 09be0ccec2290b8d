"""Invented people, with the spellings that lists of names really show."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from jalons.cli.demo.content import read
from jalons.cli.demo.invented.chance import Chance

ARABIC_SHARE = 0.12  # of lists that are filled in Arabic script
# target group -> how often each origin; "" is a person whose nationality is not asked
NATIONALITIES = {"sn": 22, "ci": 18, "gn": 17, "ml": 14, "cm": 11, "cd": 6, "ng": 5, "sy": 4, "autre": 3}
SATISFACTION = {"1": 4, "2": 16, "3": 52, "4": 28}


@dataclass(frozen=True)
class Person:
    """Someone invented: names as written on the list, sex, age, target group and nationality when asked."""

    given: str
    family: str
    sex: str
    age: int
    group: str
    nationality: str

    @property
    def full_name(self) -> str:
        return f"{self.given} {self.family}"


def person(chance: Chance, *, women: float, groups: dict[str, float], ages: tuple[float, float] = (36, 11)) -> Person:
    """A person of a target group, named in the way of where they come from."""
    sex = "f" if chance.yes(women) else "h"
    group = chance.among(groups)
    nationality = chance.among(NATIONALITIES) if group == "rpt" else ""
    names = _names()[_names()["origins"][nationality or "ma"]]
    arabic = chance.yes(ARABIC_SHARE)
    given = _spelling(chance, chance.one(names["women" if sex == "f" else "men"]), arabic)
    family = _spelling(chance, chance.one(names["family"]), arabic)
    return Person(given, family, sex, round(chance.around(*ages, 18, 74)), group, nationality)


def satisfaction(chance: Chance, better: float = 0) -> str:
    """A degree from 1 to 4; `better` moves weight from the unsatisfied to the satisfied, -1 to 1."""
    weights = {degree: weight * (1 - better if degree < "3" else 1 + better) for degree, weight in SATISFACTION.items()}
    return chance.among(weights)


@cache
def _names() -> dict[str, Any]:
    return read("names")


def _spelling(chance: Chance, spellings: list[str], arabic: bool) -> str:
    """The Arabic writing comes first when there is one; the other spellings are Latin."""
    latin = spellings[1:] or spellings
    return spellings[0] if arabic else chance.one(latin)
