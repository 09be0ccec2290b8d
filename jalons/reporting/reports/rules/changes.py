"""What changed since the previous report, line by line, each change with its cause."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from jalons.core.errors import _
from jalons.reporting.reports.rules import french, telling
from jalons.reporting.reports.rules.disclosure import MASKED
from jalons.reporting.reports.rules.logframe import (
    PUBLISHED,
    Dimension,
    Line,
    Logframe,
    Moment,
    Period,
    Promise,
    Text,
    Words,
)

CAUSES = {  # in the order in which a reader must hear of them: what was told and no longer holds, then what is new
    "correction": _("valeur corrigée, pour une période déjà rapportée"),
    "restated": _("valeur recalculée selon la nouvelle définition, pour une période déjà rapportée"),
    "withdrawn": _("valeur retirée, pour une période déjà rapportée"),
    "breakdown": _("désagrégation corrigée, pour une période déjà rapportée"),
    "published": _("valeur publiée depuis, pour une période déjà rapportée"),
    "gone": _("indicateur retiré du cadre logique"),
    "definition": _("définition modifiée"),
    "baseline": _("valeur de référence modifiée"),
    "target": _("cible modifiée"),
    "mapping": _("correspondance avec le catalogue modifiée"),
    "added": _("nouvel indicateur"),
    "value": _("nouvelle valeur"),
    "silent": _("pas de valeur pour la nouvelle période"),
}
CELLS = 6  # that a change of breakdown names; the others are counted
WHOLE = {"fr": _("programme entier")}
MISSING = {"baseline": telling.NOT_KNOWN, "target": telling.NOT_SET}


@dataclass(frozen=True)
class Change:
    """One thing that a reader of the previous report must know."""

    cause: str
    indicator: str
    title: Text
    was: str
    now: str
    period: Text
    why: str = ""

    @property
    def label(self) -> str:
        return CAUSES[self.cause]


def tally(found: tuple[Change, ...]) -> str:
    """How many changes of each kind, in a sentence, in the order of the table of causes.

    Missing: an empty string when nothing changed.
    Source:  as `changes`.

    >>> tally((Change("value", "I", {}, "1", "2", {}), Change("target", "I", {}, "1", "2", {})))
    'cible modifiée : 1 ; nouvelle valeur : 1'
    """
    counts = ((label, sum(change.cause == cause for change in found)) for cause, label in CAUSES.items())
    return " ; ".join(f"{label} : {number}" for label, number in counts if number)


Found = tuple[str, Text, str, str, str]  # cause, period, was, now, why


def changes(before: Logframe | None, now: Logframe) -> tuple[Change, ...]:
    """Everything that differs between two logframes as told: by cause, then in the order of the present one.

    Missing: without a previous report nothing changed: it is the first.
    Source:  product law "later changes are shown against a frozen report, never inside it".
    """
    if before is None:
        return ()
    old, found = {line.key: line for line in before.lines()}, []
    for line in now.lines():
        if line.key in old:
            found += [_change(line, *f) for f in _differences(old.pop(line.key), line, before, now)]
        else:
            told = telling.moment(line.at(now.period), line.definition.measure)
            found.append(_change(line, "added", now.own_period.label, "", told, ""))
    for line in old.values():
        told = telling.moment(line.at(before.period), line.definition.measure)
        found.append(_change(line, "gone", before.own_period.label, told, "", ""))
    order = list(CAUSES)
    return tuple(sorted(found, key=lambda change: order.index(change.cause)))


def _change(line: Line, cause: str, period: Text, was: str, now: str, why: str) -> Change:
    return Change(cause, line.code, line.definition.title, was, now, period, why)


def _differences(old: Line, new: Line, before: Logframe, now: Logframe) -> Iterator[Found]:
    known = before.dimensions | now.dimensions
    yield from _definition(old, new)
    yield from _promises("baseline", {}, old, new, lambda line: line.baselines, known)
    yield from _promises("target", WHOLE, old, new, lambda line: (line.goal,) if line.goal else (), known)
    told = {period.key for period in before.periods}
    for period in now.periods:
        if period.key in told:
            key = period.key
            yield from _promises("target", period.label, old, new, lambda line, key=key: line.at(key).targets, known)
            yield from _value(old, new, period, known)
    if now.period not in told:
        yield from _new_value(old, new, before, now)
    yield from _mapping(old.words, new.words)


def _definition(old: Line, new: Line) -> Iterator[Found]:
    if old.definition.number != new.definition.number:
        yield "definition", {}, _version(old), _version(new), new.definition.reason


def _version(line: Line) -> str:
    return f"version {line.definition.number} : {telling.words(line.definition.title)}"


def _promises(
    cause: str, period: Text, old: Line, new: Line, read: Callable[[Line], tuple[Promise, ...]],
    known: dict[str, Dimension],
) -> Iterator[Found]:  # fmt: skip
    """Baselines or targets that moved, in total or for a cell."""
    was, now = ({tuple(sorted(p.cell.items())): p for p in read(line)} for line in (old, new))
    for cell in [*now, *(key for key in was if key not in now)]:
        texts = [
            telling.promise(side.get(cell), line.definition.measure, MISSING[cause])
            for side, line in ((was, old), (now, new))
        ]
        if texts[0] != texts[1]:
            where = ", ".join(telling.category(dimension, code, known) for dimension, code in cell)
            why = now[cell].why if cell in now else ""
            yield cause, period, *(f"{where} : {text}" if where else text for text in texts), why


def _value(old: Line, new: Line, period: Period, known: dict[str, Dimension]) -> Iterator[Found]:
    """What differs for a period that was already told."""
    was, now, label = old.at(period.key), new.at(period.key), period.label
    texts = telling.moment(was, old.definition.measure), telling.moment(now, new.definition.measure)
    if now.state == was.state == PUBLISHED and now.value.figure != was.value.figure:
        restated = now.value.definition != was.value.definition
        yield "restated" if restated else "correction", label, *_full(was, now, texts), _published_on(now)
    elif now.state != was.state and PUBLISHED in (now.state, was.state):
        yield "published" if now.state == PUBLISHED else "withdrawn", label, *texts, _published_on(now)
    elif now.state == PUBLISHED and (found := _breakdown(was, now, new.definition.measure, known)):
        yield "breakdown", label, *found, _published_on(now)


def _full(was: Moment, now: Moment, texts: tuple[str, str]) -> tuple[str, str]:
    """The two values; with their counts when only these differ."""
    if texts[0] != texts[1]:
        return texts
    return tuple(f"{text} ({telling.count(m.value.figure) or '?'})" for text, m in zip(texts, (was, now), strict=True))


def _published_on(moment: Moment) -> str:
    at = moment.value.published_at if moment.value else None
    return f"publiée le {french.day(at)}" if at else ""


def _breakdown(was: Moment, now: Moment, measure: str, known: dict[str, Dimension]) -> tuple[str, str] | None:
    """Cells that moved under a total that did not, before and after; masking one, or telling it, corrects nothing."""
    old, new = ({(cut.dimensions, cell.codes): cell.figure for cut in m.value.cuts for cell in cut.cells}
                for m in (was, now))  # fmt: skip
    masked = {key for side in (old, new) for key, figure in side.items() if figure.text == MASKED}
    moved = [key for key in sorted({*old, *new} - masked) if old.get(key) != new.get(key)]
    more = f" ; et {len(moved) - CELLS} autres" if len(moved) > CELLS else ""
    texts = (
        " ; ".join(f"{_named(key, known)} : {_cell(side.get(key), measure)}" for key in moved[:CELLS]) + more
        for side in (old, new)
    )
    return tuple(texts) if moved else None


def _named(key: tuple[tuple[str, ...], tuple[str, ...]], known: dict[str, Dimension]) -> str:
    return ", ".join(telling.category(split, code, known) for split, code in zip(*key, strict=False))


def _cell(figure: object, measure: str) -> str:
    return telling.figure(figure, measure) if figure else "—"


def _new_value(old: Line, new: Line, before: Logframe, now: Logframe) -> Iterator[Found]:
    was, told = old.at(before.period), new.at(now.period)
    if PUBLISHED in (was.state, told.state):
        text = f"{telling.moment(was, old.definition.measure)} ({telling.words(before.own_period.label)})"
        cause = "value" if told.state == PUBLISHED else "silent"
        yield cause, now.own_period.label, text, telling.moment(told, new.definition.measure), ""


def _mapping(old: tuple[Words, ...], new: tuple[Words, ...]) -> Iterator[Found]:
    was, now = ("; ".join(map(_words, words)) for words in (old, new))
    if was != now:
        yield "mapping", {}, was, now, ""


def _words(words: Words) -> str:
    scope = f" ({words.coverage})" if words.coverage else ""
    return f"{words.catalogue} {words.code} × {french.number(words.factor, 6)}{scope}"
