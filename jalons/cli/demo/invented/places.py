"""Where the demonstration happens: real communes, drawn by weight."""

from dataclasses import dataclass
from functools import cache

from jalons.cli.demo.content import read
from jalons.cli.demo.invented.chance import Chance


@dataclass(frozen=True)
class Place:
    """A commune with what it lies in, by HCP code."""

    commune: str

    @property
    def province(self) -> str:
        return self.commune[:6]

    @property
    def region(self) -> str:
        return self.commune[:2]

    @property
    def answers(self) -> dict[str, str]:
        return {"region": self.region, "province": self.province, "commune": self.commune}


def place(chance: Chance, area: str) -> Place:
    """A commune of an area of places.toml."""
    return Place(chance.among(_areas()[area]))


@cache
def _areas() -> dict[str, dict[str, int]]:
    return read("places")
