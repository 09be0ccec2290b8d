"""What keeps the formulas of a programme from being measured, or would make them measure less and less."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from jalons.core.errors import _
from jalons.evidence.measurement.rules import contribution
from jalons.evidence.measurement.rules.formula import Faulty, read_formula
from jalons.evidence.measurement.sources import Sources
from jalons.foundation.programmes.models import Programme
from jalons.planning.results.models import Indicator

Check = Callable[[Mapping[str, Any] | None], list[Faulty]]
DROPPED = _("La version %(number)s du formulaire ne pose plus « %(question)s ». Donnez à l’indicateur une nouvelle "
            "définition, ou reposez la question.")  # fmt: skip


@dataclass(frozen=True)
class Broken:
    """An indicator whose formula in force cannot be measured, or reads what its form no longer asks."""

    indicator: Indicator
    faults: list[Faulty]


def checker(programme: Programme) -> Check:
    """The check of the formulas of one programme, whose forms are read once."""
    sources = Sources(programme)
    return lambda record: faults(record, sources)


def faults(record: Mapping[str, Any] | None, sources: Sources) -> list[Faulty]:
    """What keeps a formula from being measured; nothing when it can be, or when there is none."""
    if not record:
        return []
    try:
        read_as = read_formula(record)
        source = sources.of(read_as)
    except Faulty as fault:
        return [fault]
    return contribution.faults(record, source, date.today())


def dropped(record: Mapping[str, Any], sources: Sources) -> Iterator[Faulty]:
    """The questions of a formula that can be measured, which the latest version of its form no longer asks."""
    read_as = read_formula(record)
    latest = max(sources.form(read_as.form).versions.all(), key=lambda version: version.number)
    asked = {question.name for question in latest.questions.all()}
    for question in sorted(read_as.questions - asked):
        yield Faulty("source › form", DROPPED, question=question, number=latest.number)


def broken(programme: Programme, indicators: Iterable[Indicator]) -> list[Broken]:
    """Those of these indicators that need another definition, with what is wrong."""
    sources = Sources(programme)
    found = [
        (indicator, faults(indicator.current.formula, sources) or list(dropped(indicator.current.formula, sources)))
        for indicator in indicators if indicator.current and indicator.current.formula
    ]  # fmt: skip
    return [Broken(indicator, wrong) for indicator, wrong in found if wrong]
