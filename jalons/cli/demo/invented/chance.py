"""Chance that always falls the same way, so that two demonstrations tell the same story."""

import random
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

T = TypeVar("T")
LAST_DAY = date(2026, 11, 20)
CASABLANCA = ZoneInfo("Africa/Casablanca")


class Chance:
    """A seeded source of invention. Each domain has its own, so that one may change without moving the others."""

    def __init__(self, seed: str) -> None:
        self.draw = random.Random(seed)  # noqa: S311 (invention, not security)

    def yes(self, share: float) -> bool:
        return self.draw.random() < share

    def one(self, values: Sequence[T]) -> T:
        return self.draw.choice(values)

    def among(self, weights: Mapping[str, float]) -> str:
        """One key, each as often as its weight says."""
        return self.draw.choices(list(weights), list(weights.values()))[0]

    def some(self, weights: Mapping[str, float], most: int) -> list[str]:
        """One to `most` different keys, in their own order."""
        drawn = {self.among(weights) for _ in range(self.draw.randint(1, most))}
        return [key for key in weights if key in drawn]

    def whole(self, low: int, high: int) -> int:
        return self.draw.randint(low, high)

    def around(self, middle: float, spread: float, low: float, high: float) -> float:
        """A number near the middle, never beyond the bounds."""
        return min(max(self.draw.gauss(middle, spread), low), high)

    def day(self, first: date, last: date, growth: float = 1.3) -> date:
        """A working day; the larger `growth`, the more of them fall late."""
        found = first + timedelta(days=int((last - first).days * self.draw.random() ** (1 / growth)))
        weekend = found.weekday() - 4  # Saturday 1, Sunday 2
        return max(found - timedelta(days=weekend), first) if weekend > 0 else found

    def moment(self, day: date) -> datetime:
        """An hour of a working day, at Casablanca."""
        minute = self.whole(9 * 60, 17 * 60)
        return datetime(day.year, day.month, day.day, minute // 60, minute % 60, tzinfo=CASABLANCA)

    def uuid(self) -> str:
        return str(UUID(int=self.draw.getrandbits(128), version=4))

    def yes_no(self, share: float) -> str:
        return "oui" if self.yes(share) else "non"

    def phone(self) -> str:
        return f"06{self.whole(0, 99_999_999):08d}"


def filled(answers: Mapping[str, Any]) -> dict[str, Any]:
    """Only the answers that were given: a blank is absent, not empty."""
    return {name: value for name, value in answers.items() if value not in (None, "", [])}
