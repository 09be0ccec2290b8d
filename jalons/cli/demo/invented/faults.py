"""Faults that real files show, on about four filled forms in a hundred."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache
from typing import Any

from jalons.cli.demo.content import read
from jalons.cli.demo.invented.chance import Chance
from jalons.cli.demo.invented.filled import Filled

SHARE = 0.045
WEIGHTS = {"forgotten": 22, "exceeded": 22, "unlisted": 14, "misread": 10, "place": 12, "date": 10, "twice": 10}
VILLAGES = ("Douar Ighil", "99.999.01.01")  # what the field writes, or a code of a former map
NO_DAYS = (None, "31/02/2026")


def with_faults(forms: Iterable[Filled]) -> Iterator[Filled]:
    """The same forms, a few of them damaged, a few of them sent twice under another identifier."""
    chance = Chance("faults")
    for form in forms:
        fault = chance.among(WEIGHTS) if chance.yes(SHARE) else ""
        damage = _damage(chance, form.form, fault) if fault else {}
        yield replace(form, answers=form.answers | damage, mended=form.answers) if damage else form
        if fault == "twice":
            yield replace(form, instance=chance.uuid())


def _damage(chance: Chance, form: str, fault: str) -> dict[str, Any]:
    """The answers that a fault replaces."""
    usual = _usual()[form]
    if fault in ("exceeded", "unlisted", "misread"):
        return dict([usual[fault]])
    replaced = {"forgotten": (None,), "place": VILLAGES, "date": NO_DAYS}
    return {usual[fault]: chance.one(replaced[fault])} if fault in replaced else {}


@cache
def _usual() -> dict[str, dict[str, Any]]:
    return read("faults")
