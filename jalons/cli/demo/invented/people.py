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


class Regulars:
    """Those who come again, written another way: only names and phone, so that nothing else of a sheet moves."""

    def __init__(self, seed: str, share: float) -> None:
        self.chance, self.share, self.known = Chance(f"regulars {seed}"), share, []

    def line(self, line: dict[str, Any]) -> dict[str, Any]:
        """The same line, perhaps of someone seen before."""
        alike = [one for one in self.known if one["sexe"] == line["sexe"] and one.get("age") == line.get("age")]
        if alike and self.chance.yes(self.share):
            again = self.chance.one(alike)
            names = {key: _spelt_again(self.chance, again[key]) for key in ("nom", "prenom")}
            return {**line, **names, **({"telephone": again["telephone"]} if again.get("telephone") else {})}
        self.known.append(line)
        return line


def _spelt_again(chance: Chance, name: str) -> str:
    kinds = [names[kind] for names in _names().values() if "women" in names for kind in ("women", "men", "family")]
    found = next((spellings for kind in kinds for spellings in kind if name in spellings), [name])
    return chance.one(found)


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
