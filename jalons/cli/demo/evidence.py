"""What the demonstration shows: values computed, typed with their proof, verified and published by different people."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.core.files.base import ContentFile

from jalons.cli.demo.content import read
from jalons.cli.demo.foundation import person
from jalons.core import documents
from jalons.evidence.measurement import actions
from jalons.evidence.measurement.models import IndicatorValue
from jalons.evidence.measurement.rules.aggregation import Figure
from jalons.evidence.measurement.rules.typed import PLACES, Said
from jalons.evidence.measurement.storage import typed_by
from jalons.foundation.programmes.models import Period, Programme
from jalons.foundation.territories.models import Territory
from jalons.planning.results.models import Indicator

PROOF = (
    "Pièce d’exemple de la démonstration.\n\n{evidence}\nIndicateur {indicator}, période {period}.\nDonnées fictives.\n"
)


def measure(programme: str, codes: Sequence[str]) -> None:
    """Compute what the forms tell for some periods, and type what they do not tell."""
    kept, officer = Programme.objects.get(code=programme), _team(programme)["computes"]
    periods = list(Period.objects.filter(programme=kept, code__in=codes))
    for value in read("values")["values"]:
        if value["programme"] == programme:
            _type(value, kept, codes)
    outcome = actions.measure(programme=kept, by=officer, periods=periods)
    if outcome.faults:
        raise outcome.faults[0][1]


def verify(programme: str, codes: Sequence[str], **narrowed: Any) -> None:
    """Let one person say that the drafts of some periods are right."""
    kept = Programme.objects.get(code=programme)
    actions.verify_all(programme=kept, values=_values(programme, codes, **narrowed), by=_team(programme)["verifies"])


def publish(programme: str, codes: Sequence[str]) -> None:
    """Let another person publish what was verified in some periods."""
    kept = Programme.objects.get(code=programme)
    actions.publish_all(programme=kept, values=_values(programme, codes), by=_team(programme)["publishes"])


def _team(programme: str) -> dict[str, Any]:
    tasks = read("senders")["evidence"][programme].items()
    return {task: person(name) for task, name in tasks if task != "regions"}


def _values(programme: str, codes: Sequence[str], **narrowed: Any) -> Any:
    return IndicatorValue.objects.filter(
        indicator__result__programme__code=programme, period__code__in=codes, **narrowed
    )


def _type(value: dict[str, Any], programme: Programme, codes: Sequence[str]) -> None:
    """Type one indicator's values of some periods; a qualitative one has words and no number."""
    indicator = Indicator.objects.get(result__programme=programme, code=value["indicator"])
    for code, who, said in _said(value, programme.code):
        if code not in codes or _values(programme.code, [code], indicator=indicator, pk__in=typed_by(who)).exists():
            continue
        period = Period.objects.get(programme=programme, code=code)
        _attach(actions.type_value(indicator=indicator, period=period, said=said, by=who), value["evidence"])


def _said(value: dict[str, Any], programme: str) -> Iterator[tuple[str, Any, Said]]:
    """What is typed, by period, and by whom: the coordinators type the places of their region."""
    team, evidence = _team(programme), value["evidence"]
    for code, number in value.get("periods", {}).items():
        figure = Figure(float(number), value.get("numerator"), value.get("denominator"))
        yield code, team["types"], Said(figure, evidence)
    for code, words in value.get("texts", {}).items():
        yield code, team["types"], Said(Figure(None), words)
    for code, figures in value.get("places", {}).items():
        for region, name in read("senders")["evidence"][programme]["regions"].items():
            places = Territory.objects.filter(code__in=figures, code__startswith=region)
            cells = {str(place.pk): Figure(float(figures[place.code])) for place in places}
            yield code, person(name), Said(Figure(None), evidence, {PLACES: cells})


def _attach(value: IndicatorValue, evidence: str) -> None:
    """Join a small file in place of the real document."""
    text = PROOF.format(evidence=evidence, indicator=value.indicator.code, period=value.period)
    documents.attach(target=value, document=ContentFile(text.encode(), f"{evidence[:60]}.txt"), by=value.author)
