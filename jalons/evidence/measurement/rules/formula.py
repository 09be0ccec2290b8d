"""The formula of an indicator: read from its record, or refused with the place of the fault."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jalons.collection.forms.rules.expressions import Node, Question, Unreadable, names, parse, walk
from jalons.core.errors import Refused, _

PERSON = "_person"  # whom a row tells of, in the register of persons; no question's name
UNKNOWN = "?"  # the cell of those whose answer is blank, or outside the categories
AGGREGATIONS = ("sum", "average", "maximum", "minimum", "latest", "recompute")
LEVELS = ("commune", "province", "region", "country")
# measure -> the expressions it needs
MEASURES: dict[str, tuple[str, ...]] = {
    "count": (),
    "distinct": ("value",),
    "persons": (),
    "sum": ("value",),
    "average": ("value",),
    "median": ("value",),
    "minimum": ("value",),
    "maximum": ("value",),
    "latest": ("value",),
    "share": ("numerator", "denominator"),
}
EXPRESSIONS = ("value", "numerator", "denominator", "filter")
KEYS = {"source", "measure", *EXPRESSIONS, "scale", "date", "dimensions", "time", "place"}


class Faulty(Refused):
    """A formula that cannot be measured. `place` is the path of the fault in the record, for the page to point at."""

    def __init__(self, place: str, message: str, **values: object) -> None:
        super().__init__(message, field="formula", place=place, **values)
        self.place = place


@dataclass(frozen=True)
class Band:
    """A stretch of numbers with a name, both ends included, one of them open if need be."""

    code: str
    lowest: float | None
    highest: float | None


@dataclass(frozen=True)
class Split:
    """A way to cut a figure: an expression whose answers fall in categories or bands, or a level of territory."""

    code: str
    value: Node | None = None
    categories: tuple[tuple[str, str], ...] = ()  # answer -> category
    bands: tuple[Band, ...] = ()
    level: str = ""


@dataclass(frozen=True)
class Formula:
    """What is counted, among what, attributed to a period by which date, cut how.

    Persons are the distinct values of `PERSON`.
    """

    form: str
    repeat: str
    measure: str
    terms: tuple[Node, ...]  # in the order that MEASURES gives
    filter: Node | None
    scale: float
    date: str
    splits: tuple[Split, ...]
    time: str
    place: str

    @property
    def is_ratio(self) -> bool:
        """Whether the number is a numerator over a denominator, never to be averaged."""
        return self.measure in ("share", "average")

    @property
    def asks_the_day(self) -> bool:
        """Whether the value changes from one day to the next on the same answers."""
        nodes = [*self.terms, self.filter, *(split.value for split in self.splits)]
        return any(getattr(part, "function", "") == "today" for node in nodes if node for part in walk(node))

    @property
    def questions(self) -> set[str]:
        """The questions that the formula reads, splits included."""
        nodes = [*self.terms, self.filter, *(split.value for split in self.splits)]
        return set().union({self.date}, *map(names, nodes)) - {"", PERSON}

    @property
    def counts_persons(self) -> bool:
        """Whether it counts the persons of the register, each once."""
        return self.terms == (Question(PERSON),)


def read_formula(record: Any) -> Formula:
    """The formula that a record holds.

    Missing: `repeat`, `filter`, `date`, `dimensions`, `scale`, `time` and `place` may be absent.
    Error:   Faulty names the first key at fault and what to write instead.
    Source:  indicator sheet of the SERA plan; XLSForm expressions.

    >>> read_formula({"source": {"form": "suivi"}, "measure": "count", "filter": "${age} > 17"}).measure
    'count'
    """
    record = _mapping(record, "formule")
    if unknown := sorted(set(record) - KEYS):
        raise Faulty(unknown[0], _("« %(place)s » n’est pas une clé de formule. Retirez-la ou corrigez-la."))
    source = _mapping(record.get("source"), "source")
    measure = _one_of(record.get("measure"), MEASURES, "measure")
    terms = tuple(_expression(record.get(key), key) for key in MEASURES[measure])
    _nothing_useless(record, measure)
    if measure == "persons":
        measure, terms = "distinct", (Question(PERSON),)
    return Formula(
        form=_text(source.get("form"), "source › form"),
        repeat=_text(source.get("repeat") or "", "source › repeat", needed=False),
        measure=measure,
        terms=terms,
        filter=_expression(record["filter"], "filter") if record.get("filter") else None,
        scale=_number(scale_of(record), "scale"),
        date=_text(record.get("date") or "", "date", needed=False),
        splits=_splits(record.get("dimensions") or {}),
        time=_one_of(record.get("time", "sum"), AGGREGATIONS, "time"),
        place=_one_of(record.get("place", "sum"), AGGREGATIONS, "place"),
    )


def scale_of(record: Mapping[str, Any] | None, *, percentage: bool = False) -> float:
    """What the ratio of numerator to denominator is multiplied by.

    percentage: whether the sheet of a typed value, which has no formula, says percent.

    Source: the formula's own scale; without one, a share is told in percent and an average as it is.

    >>> scale_of({"measure": "average"}, percentage=True), scale_of(None, percentage=True)
    (1.0, 100.0)
    """
    if not record:
        return 100.0 if percentage else 1.0
    return record.get("scale", 100.0 if record.get("measure") == "share" else 1.0)


def _nothing_useless(record: Mapping[str, Any], measure: str) -> None:
    """A `value` left under a count would be read by people and ignored by the engine."""
    for key in ("value", "numerator", "denominator"):
        if record.get(key) and key not in MEASURES[measure]:
            raise Faulty(key, _("« %(place)s » ne sert pas à la mesure « %(measure)s ». Retirez-le."), measure=measure)


def _splits(record: Any) -> tuple[Split, ...]:
    return tuple(_split(code, part) for code, part in _mapping(record, "dimensions").items())


def _split(code: str, record: Any) -> Split:
    place = f"dimensions › {code}"
    record = _mapping(record, place)
    if "|" in code or not code:
        raise Faulty(place, _("%(place)s : un code de désagrégation ne peut ni être vide ni contenir « | »."))
    if "level" in record:
        return Split(code, level=_one_of(record["level"], LEVELS, f"{place} › level"))
    value = _expression(record.get("value"), f"{place} › value")
    if record.get("bands"):
        return Split(code, value, bands=_bands(record["bands"], f"{place} › bands"))
    categories = _mapping(record.get("categories"), f"{place} › categories")
    return Split(code, value, tuple((str(a), _category(c, place)) for a, c in categories.items()))


def _category(code: Any, place: str) -> str:
    if not isinstance(code, str) or not code or "|" in code or code == UNKNOWN:
        message = _("%(place)s : « %(code)s » ne peut pas nommer une catégorie. Écrivez un code court, sans « | ».")
        raise Faulty(place, message, code=code)
    return code


def _bands(record: Any, place: str) -> tuple[Band, ...]:
    try:
        bands = tuple(Band(_category(c, place), _bound(low), _bound(high)) for c, low, high in record)
    except (TypeError, ValueError):
        message = _("%(place)s : chaque tranche s’écrit [code, début, fin], la fin ou le début pouvant être null.")
        raise Faulty(place, message) from None
    for before, after in zip(bands, bands[1:], strict=False):
        if before.highest is None or after.lowest is None or before.highest >= after.lowest:
            raise Faulty(
                place,
                _("%(place)s : « %(after)s » commence avant la fin de « %(before)s ». Rangez-les sans recouvrement."),
                before=before.code,
                after=after.code,
            )
    return bands


def _bound(value: Any) -> float | None:
    return None if value is None else float(value)


def _mapping(value: Any, place: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise Faulty(place, _("« %(place)s » manque, ou n’est pas un ensemble de clés et de valeurs. Complétez-le."))
    return value


def _text(value: Any, place: str, *, needed: bool = True) -> str:
    if not isinstance(value, str) or (needed and not value):
        raise Faulty(place, _("« %(place)s » manque ou n’est pas un texte. Complétez-le."))
    return value


def _number(value: Any, place: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
        raise Faulty(place, _("« %(place)s » doit être un nombre positif."))
    return float(value)


def _one_of(value: Any, allowed: Mapping | tuple, place: str) -> str:
    if not isinstance(value, str) or value not in allowed:
        message = _("« %(place)s » vaut « %(value)s » ; choisissez parmi : %(allowed)s.")
        raise Faulty(place, message, value=value, allowed=", ".join(allowed))
    return value


def _expression(text: Any, place: str) -> Node:
    if not isinstance(text, str) or not text.strip():
        raise Faulty(place, _("« %(place)s » attend une expression, par exemple ${question} = 'oui'."))
    try:
        return parse(text)
    except Unreadable as refusal:
        raise Faulty(place, refusal.message, **refusal.values) from None
