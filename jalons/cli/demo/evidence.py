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
from jalons.evidence.measurement.rules.typed import Said
from jalons.foundation.programmes.models import Period, Programme
from jalons.planning.results.models import Indicator

TYPED = IndicatorValue.Origin.TYPED
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
    return {task: person(name) for task, name in read("senders")["evidence"][programme].items()}


def _values(programme: str, codes: Sequence[str], **narrowed: Any) -> Any:
    return IndicatorValue.objects.filter(
        indicator__result__programme__code=programme, period__code__in=codes, **narrowed
    )


def _type(value: dict[str, Any], programme: Programme, codes: Sequence[str]) -> None:
    """Type one indicator's values of some periods; a qualitative one has words and no number."""
    indicator = Indicator.objects.get(result__programme=programme, code=value["indicator"])
    for code, said in _said(value):
        if code in codes and not _values(programme.code, [code], indicator=indicator, origin=TYPED).exists():
            typed = actions.type_value(
                indicator=indicator,
                period=Period.objects.get(programme=programme, code=code),
                said=Said(_figure(value, said), said if isinstance(said, str) else value["evidence"]),
                by=_team(programme.code)["types"],
            )
            _attach(typed, value["evidence"])


def _said(value: dict[str, Any]) -> Iterator[tuple[str, float | str]]:
    yield from value.get("periods", {}).items()
    yield from value.get("texts", {}).items()


def _figure(value: dict[str, Any], said: float | str) -> Figure:
    if isinstance(said, str):
        return Figure(None)
    return Figure(float(said), value.get("numerator"), value.get("denominator"))


def _attach(value: IndicatorValue, evidence: str) -> None:
    """Join a small file in place of the real document."""
    text = PROOF.format(evidence=evidence, indicator=value.indicator.code, period=value.period)
    documents.attach(target=value, document=ContentFile(text.encode(), f"{evidence[:60]}.txt"), by=value.author)
