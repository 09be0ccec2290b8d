"""What a report tells, whole and without a database: this is what is frozen, and all that its files are made from."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime

from jalons.planning.results.rules.progress import Progress
from jalons.planning.results.rules.progress import progress as way

Text = dict[str, str]  # language -> text, French always

PERCENTAGE, QUALITATIVE = "2", "5"  # IATI codelist IndicatorMeasure
PUBLISHED, UNPUBLISHED, MISSING = "published", "unpublished", "missing"
SEX, GROUP, UNKNOWN = "sex", "target_group", "?"


@dataclass(frozen=True)
class Figure:
    """A value with what makes it readable; None is unknown, never zero."""

    number: float | None = None
    numerator: float | None = None
    denominator: float | None = None
    answered: int | None = None
    asked: int | None = None
    text: str = ""

    @property
    def is_told(self) -> bool:
        """Whether it says anything: a number, or words where none is given."""
        return self.number is not None or bool(self.text)


@dataclass(frozen=True)
class Cell:
    """The figure of one cell of a cut: a category code for each of its dimensions."""

    codes: tuple[str, ...]
    figure: Figure


@dataclass(frozen=True)
class Cut:
    """A figure split along one dimension or several at once."""

    dimensions: tuple[str, ...]
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Value:
    """A published value: which row it is, by which definition, computed and published when."""

    key: int
    definition: int
    figure: Figure
    cuts: tuple[Cut, ...]
    computed_at: datetime
    published_at: datetime | None
    source: str = ""  # of verification, when it was typed
    documents: tuple[str, ...] = ()  # that prove it


@dataclass(frozen=True)
class Promise:
    """A baseline or a target, in total or for one cell; `on` is the day of a baseline, `why` it was last changed."""

    value: float | None
    text: str = ""
    on: date | None = None
    cell: Text = field(default_factory=dict)  # dimension -> category
    why: str = ""


@dataclass(frozen=True)
class Moment:
    """One indicator at one period: what was promised, what is told. `state` says why nothing is told."""

    period: int
    state: str
    targets: tuple[Promise, ...] = ()
    value: Value | None = None

    @property
    def target(self) -> Promise | None:
        return total(self.targets)


@dataclass(frozen=True)
class Definition:
    """The version of the indicator's sheet that its value was measured by; `direction` is the one in force."""

    number: int
    valid_from: date
    title: Text
    definition: Text
    method: str
    unit: Text
    measure: str
    direction: str
    reason: str = ""
    additive: bool = False
    counts_people: bool = False


@dataclass(frozen=True)
class Words:
    """The indicator in a catalogue's words, with factor and scope; `own` when the catalogue is this funder's."""

    catalogue: str
    catalogue_title: Text
    code: str
    title: Text
    unit: Text
    factor: float
    coverage: str = ""
    note: str = ""
    vocabulary: str = "99"
    uri: str = ""
    own: bool = False


@dataclass(frozen=True)
class Line:
    """One indicator of the logframe: what it is, where it started, what it must reach, what it tells."""

    key: int
    code: str
    definition: Definition
    baselines: tuple[Promise, ...] = ()
    goal: Promise | None = None  # target of the whole programme
    moments: tuple[Moment, ...] = ()
    words: tuple[Words, ...] = ()
    sources: tuple[str, ...] = ()
    since: Figure | None = None  # its value since the beginning, at the end of the report's period

    @property
    def baseline(self) -> Promise | None:
        return total(self.baselines)

    def at(self, period: int) -> Moment:
        return next((m for m in self.moments if m.period == period), Moment(period, MISSING))


@dataclass(frozen=True)
class Assumption:
    """What must hold for a result to follow."""

    code: str
    text: Text


@dataclass(frozen=True)
class Result:
    """A link of the chain with its lines; `depth` is how far it stands below the top."""

    code: str
    level: str
    depth: int
    title: Text
    description: Text
    parent: str = ""
    assumptions: tuple[Assumption, ...] = ()
    lines: tuple[Line, ...] = ()


@dataclass(frozen=True)
class Period:
    """A stretch of time that the report tells about."""

    key: int
    code: str
    label: Text
    starts_on: date
    ends_on: date


@dataclass(frozen=True)
class Organisation:
    """Who runs or who pays."""

    code: str
    name: str
    iati: str = ""
    type: str = ""  # IATI codelist OrganisationType


@dataclass(frozen=True)
class Programme:
    """Whose logframe it is."""

    code: str
    short_name: str
    title: Text
    purpose: Text
    operator: Organisation
    starts_on: date
    ends_on: date
    iati: str = ""
    countries: tuple[str, ...] = ()  # ISO 3166-1 alpha-2, where it works
    sectors: dict[str, float] = field(default_factory=dict)  # DAC purpose codes, percent
    recipients: dict[str, float] = field(default_factory=dict)  # ISO 3166-1 alpha-2, percent
    status: str = ""  # IATI codelist ActivityStatus; the dates tell when it is empty
    collaboration: str = ""
    flow: str = ""
    finance: str = ""
    aid: str = ""
    tied: str = ""


@dataclass(frozen=True)
class Agreement:
    """Under which promise of money it is told."""

    reference: str
    name: str
    funder: Organisation


@dataclass(frozen=True)
class Dimension:
    """How cells are named, and in which order they come: JSON keeps no order of its own."""

    label: Text
    categories: dict[str, Text] = field(default_factory=dict)
    order: tuple[str, ...] = ()


@dataclass(frozen=True)
class Source:
    """Where the proof of a value is found."""

    code: str
    title: Text
    holder: str = ""
    frequency: str = ""


@dataclass(frozen=True)
class Logframe:
    """The whole of what is told: `period` is the report's own, `periods` those that reports have told so far.

    least: how many people a cell counts at least to be told, when the report was made.
    """

    programme: Programme
    period: int
    periods: tuple[Period, ...]
    results: tuple[Result, ...]
    agreement: Agreement | None = None
    dimensions: dict[str, Dimension] = field(default_factory=dict)
    sources: tuple[Source, ...] = ()
    least: int = 5

    @property
    def own_period(self) -> Period:
        return next(p for p in self.periods if p.key == self.period)

    def lines(self) -> Iterator[Line]:
        for result in self.results:
            yield from result.lines


def total(promises: tuple[Promise, ...]) -> Promise | None:
    """The baseline or target of the whole, not of a cell.

    Missing: None when nothing was promised, or only cells; cells are never summed into a total.
    Source:  IATI 2.03, `baseline` and `target` without `dimension`.
    """
    return next((promise for promise in promises if not promise.cell), None)


def progress(line: Line, period: int) -> float | None:
    """How far from the baseline to the target of the period, as on the pages of the indicator.

    Unit:    percent; below 0 when it went backwards, above 100 beyond the target.
    Missing: None without a published value, a target or a known baseline: an unknown start is not zero.
    Source:  planning.results.rules.progress.

    >>> sheet = Definition(1, date(2026, 1, 1), {}, {}, "", "", "1", "increase")
    >>> told = Moment(7, PUBLISHED, (Promise(200.0),), Value(1, 1, Figure(150.0), (), None, None))
    >>> progress(Line(1, "I1", sheet, (Promise(100.0),), None, (told,)), 7)
    50.0
    >>> progress(Line(1, "I1", sheet, (), None, (told,)), 7) is None
    True
    """
    share = _way(line, period).share
    return None if share is None else float(100 * share)


def lacking(line: Line, period: int) -> str:
    """What keeps the progress of a line unknown: "value", "target", "baseline", or nothing.

    Source: planning.results.rules.progress.
    """
    return _way(line, period).missing


def _way(line: Line, period: int) -> Progress:
    moment = line.at(period)
    start = line.baseline.value if line.baseline else None
    end = moment.target.value if moment.target else None
    value = moment.value.figure.number if moment.value else None
    return way(start, end, value, line.definition.direction)


def in_words(figure: Figure, measure: str, factor: float) -> float | None:
    """The number that a funder reads in its own words.

    Unit:    that of the funder's indicator.
    Missing: None stays None.
    Error:   a percentage does not change with the share that a funder counts: the factor leaves it alone.
    Source:  factor of the mapping, as agreed with the funder.

    >>> in_words(Figure(150.0), "1", 0.5), in_words(Figure(40.0, 2, 5), "2", 0.5)
    (75.0, 40.0)
    """
    if figure.number is None or measure == PERCENTAGE:
        return figure.number
    return figure.number * factor
