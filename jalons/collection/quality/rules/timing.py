"""Durations and moments that no interview can have: from the start and the end that phones write."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from jalons.collection.quality.rules.found import Filled, Found, said
from jalons.core.errors import _

TOLERATED = 15  # minutes by which a phone's clock may be ahead of ours
BACKWARDS = _("La fin précède le début : l’horloge de l’appareil a été changée, ou une réponse corrigée à la main.")
SHORT = _("Remplie en %(minutes)s min ; au moins %(least)s sont attendues.")
LONG = _("Remplie en %(minutes)s min ; au plus %(most)s sont attendues. La fiche est-elle restée ouverte ?")
NIGHT = _("Commencée à %(hour)s h, de nuit.")
AHEAD = _("Terminée %(minutes)s min après sa réception : l’horloge de l’appareil est en avance.")
FUTURE = _("Datée du %(day)s, après sa réception.")


def moment(answer: Any) -> datetime | None:
    """The moment that a phone wrote, where it was.

    Missing: None when it wrote none that can be read.
    Source:  ODK `start` and `end`, ISO 8601 with the time zone of the phone.

    >>> moment("2026-10-02T23:20:31.000+01:00").hour, moment("hier")
    (23, None)
    """
    try:
        return datetime.fromisoformat(str(answer))
    except ValueError:
        return None


def minutes(filled: Filled) -> float | None:
    """How long the form took to fill.

    Unit:    minutes.
    Missing: None without a start and an end.
    Source:  ODK `start`, `end`.
    """
    start, end = _marks(filled)
    return None if start is None or end is None else (_utc(end) - _utc(start)).total_seconds() / 60


def impossible(parameters: Mapping[str, Any], filled: Iterable[Filled]) -> Iterator[Found]:
    """Durations out of bounds, ends before starts, interviews at night, days and moments later than their reception.

    Missing: nothing is said of a form without start and end; a bound that nobody set is not held.
    Source:  IMPACT Initiatives cleaningtools check_duration; ODK metadata.
    """
    for one in filled:
        for key, value, message, values in _faults(parameters, one):
            yield Found(one.pk, one.version, key, (), said(value), message, values)


def _faults(parameters: Mapping[str, Any], one: Filled) -> Iterator[tuple[str, Any, str, dict[str, Any]]]:
    keys = {kind: item.key for item in one.schema.tables[""].items if (kind := item.kind) in ("start", "end")}
    start, end = _marks(one)
    if one.day and one.day > one.received.date():
        yield "", one.day, FUTURE, {"day": one.day.isoformat()}
    if start and end:
        yield from _length(parameters, one, keys["end"])
    if end and (late := (_utc(end) - one.received).total_seconds() / 60) > parameters.get("skew", TOLERATED):
        yield keys["end"], one.answers[keys["end"]], AHEAD, {"minutes": round(late)}
    if start and parameters.get("night") and _within(start.hour, *parameters["night"]):
        yield keys["start"], one.answers[keys["start"]], NIGHT, {"hour": start.hour}


def _length(parameters: Mapping[str, Any], one: Filled, key: str) -> Iterator[tuple[str, Any, str, dict[str, Any]]]:
    took, ended = minutes(one) or 0, one.answers[key]
    least, most = parameters.get("shortest"), parameters.get("longest")
    if took < 0:
        yield key, ended, BACKWARDS, {}
    elif least is not None and took < least:
        yield key, ended, SHORT, {"minutes": round(took, 1), "least": least}
    elif most is not None and took > most:
        yield key, ended, LONG, {"minutes": round(took), "most": most}


def _within(hour: int, since: int, until: int) -> bool:
    return since <= hour < until if since < until else hour >= since or hour < until


def _marks(filled: Filled) -> tuple[datetime | None, datetime | None]:
    found = {item.kind: filled.answers.get(item.key) for item in filled.schema.tables[""].items
             if item.kind in ("start", "end")}  # fmt: skip
    start, end = (moment(answer) if (answer := found.get(kind)) else None for kind in ("start", "end"))
    return start, end


def _utc(when: datetime) -> datetime:
    return when if when.tzinfo else when.replace(tzinfo=UTC)
