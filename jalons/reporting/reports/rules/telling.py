"""How each line of the logframe is told: the words and numbers that a person reads, in French unless asked."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from jalons.core import writing
from jalons.core.errors import _
from jalons.reporting.reports.rules import french
from jalons.reporting.reports.rules.disclosure import MASKED
from jalons.reporting.reports.rules.logframe import (
    GROUP,
    MISSING,
    PERCENTAGE,
    PUBLISHED,
    QUALITATIVE,
    SEX,
    UNKNOWN,
    UNPUBLISHED,
    Cut,
    Dimension,
    Figure,
    Line,
    Logframe,
    Moment,
    Promise,
    Result,
    Source,
    Text,
    Value,
    Words,
    in_words,
    lacking,
    progress,
)
from jalons.reporting.reports.rules.voice import FRENCH, Voice

LEVELS = {"impact": _("Impact"), "outcome": _("Effet"), "output": _("Produit")}
SILENCES = {UNPUBLISHED: _("non publiée"), MISSING: _("sans donnée")}
STANDING = (
    (PUBLISHED, _("avec une valeur publiée")), (UNPUBLISHED, _("en attente de publication")),
    (MISSING, SILENCES[MISSING]),
)  # fmt: skip
NOT_KNOWN = _("inconnue")
NOT_SET = _("non fixée")
NO_ANSWER = _("non renseigné")
# why no progress is told
LACKS = {"value": _("sans valeur"), "target": _("sans cible"), "baseline": _("référence inconnue")}
NOT_APPLICABLE = _("sans objet")
BACK, FAR, FURTHEST = _("en recul"), _("plus de 200 %"), 200
NOT_SPLIT = _("non désagrégée par sexe")
SHORT = {"female": _("F"), "male": _("H")}
words, amount, parts, count = FRENCH.words, FRENCH.amount, FRENCH.parts, FRENCH.count  # what files are written with


@dataclass(frozen=True)
class Row:
    """One row of the logframe table. A result has no line; a line has all the texts."""

    result: Result
    line: Line | None = None
    period: int = 0
    baseline: str = ""
    target: str = ""
    goal: str = ""
    since: str = ""
    value: str = ""
    count: str = ""
    progress: str = ""
    lacks: str = ""
    splits: tuple[str, ...] = ()
    codes: str = ""
    state: str = ""
    key: int | None = None
    done: float | None = None

    @property
    def level(self) -> str:
        return LEVELS.get(self.result.level, self.result.level)


def figure(told: Figure, measure: str, voice: Voice = FRENCH) -> str:
    """A value in one line: a percentage keeps its numerator and denominator, a judgement its words.

    Missing: a published value that is not known says so.
    Source:  product law "percentages keep numerator and denominator".

    >>> figure(Figure(62.5, 50.0, 80.0), "2"), figure(Figure(), "1"), figure(Figure(text="atteint"), "5")
    ('62,5\u202f% (50 sur 80)', 'inconnue', 'atteint')
    """
    if told.number is None:
        return voice.say(MASKED) if told.text == MASKED else told.text or voice.say(NOT_KNOWN)
    text, of = voice.amount(told.number, measure), voice.parts(told, measure)
    return f"{text} ({of})" if of else text


def moment(told: Moment, measure: str, voice: Voice = FRENCH) -> str:
    """What is told at a period, or why nothing is.

    Missing: "non publiée" when a value waits for publication, "sans donnée" when there is none; never a number.
    Source:  product law "unknown, not applicable, not asked and zero are four different things".
    """
    return figure(told.value.figure, measure, voice) if told.value else voice.say(SILENCES[told.state])


def proof(value: Value, known: tuple[Source, ...]) -> str:
    """What a typed value rests on: its source of verification and its documents, by their names.

    Missing: an empty string when it rests on neither.
    Source:  product promise "every figure can be walked back to what happened".

    >>> proof(Value(1, 1, Figure(), (), None, None, "SV1", ("liste.pdf",)), (Source("SV1", {"fr": "Registre"}),))
    'SV1 Registre · liste.pdf'
    """
    titles = {source.code: f"{source.code} {words(source.title)}" for source in known}
    return " · ".join(filter(None, (titles.get(value.source, value.source), *value.documents)))


def promise(told: Promise | None, measure: str, missing: str = NOT_SET, voice: Voice = FRENCH) -> str:
    """A target, or with `missing=NOT_KNOWN` a baseline.

    Missing: said in words, without a row or with one that holds neither a number nor words.
    Source:  decision "unknown is not zero".

    >>> promise(None, "1"), promise(None, "1", NOT_KNOWN), promise(Promise(0.0), "1")
    ('non fixée', 'inconnue', '0')
    """
    if told is None or (told.value is None and not told.text):
        return voice.say(missing)
    return told.text if told.value is None else voice.amount(told.value, measure)


def dimension(code: str, known: dict[str, Dimension], voice: Voice = FRENCH) -> str:
    """Name of a dimension.

    Missing: its code.
    Source:  dimensions of the programme.
    """
    return voice.words(known[code].label) if code in known else code


def category(split: str, code: str, known: dict[str, Dimension], voice: Voice = FRENCH) -> str:
    """Name of a category of a dimension.

    Missing: "?" is the cell of those who gave no answer; an unknown category keeps its code.
    Source:  dimensions of the programme.
    """
    if code == UNKNOWN:
        return voice.say(NO_ANSWER)
    return voice.words(known[split].categories.get(code, {})) or code if split in known else code


def cells(cut: Cut, measure: str, known: dict[str, Dimension], voice: Voice = FRENCH) -> Iterator[tuple[str, str]]:
    """Each cell of a cut: its name and its figure.

    Missing: a cell without a number is left out, it has no case; a masked one says so.
    Source:  product law "disaggregation survives to the last page".
    """
    for cell in cut.cells:
        if cell.figure.is_told:
            pairs = zip(cut.dimensions, cell.codes, strict=False)
            names = (category(split, code, known, voice) for split, code in pairs)
            yield voice.say(", ").join(names), figure(cell.figure, measure, voice)


def cut_of(value: Value | None, code: str) -> Cut | None:
    """The cut of a value along one dimension alone.

    Missing: None.
    Source:  as `cells`.
    """
    return next((cut for cut in value.cuts if cut.dimensions == (code,)), None) if value else None


def sexes(value: Value, line: Line, voice: Voice = FRENCH) -> str:
    """Women and men, in one line.

    Missing: a figure about people without this cut says so; one that is not about people says nothing.
    Source:  product law "a figure on people without sex is flagged, not hidden".
    """
    cut = cut_of(value, SEX)
    if cut is None:
        return voice.say(NOT_SPLIT) if line.definition.counts_people else ""
    by_code = {cell.codes[0]: cell.figure for cell in cut.cells if cell.figure.is_told}
    short = {**SHORT, UNKNOWN: NO_ANSWER}
    return " · ".join(f"{voice.say(short[code])} {figure(by_code[code], line.definition.measure, voice)}"
                      for code in short if code in by_code)  # fmt: skip


def splits(value: Value | None, line: Line, known: dict[str, Dimension], voice: Voice = FRENCH) -> Iterator[str]:
    """What stands beside a value: women and men, then target groups.

    Missing: nothing without a value.
    Source:  as `sexes`.
    """
    if value is None:
        return
    if text := sexes(value, line, voice):
        yield text
    if cut := cut_of(value, GROUP):
        yield from (voice.say(" : ").join(cell) for cell in cells(cut, line.definition.measure, known, voice))


def rows(logframe: Logframe, voice: Voice = FRENCH) -> Iterator[Row]:
    """The logframe as a table: each result, then its indicators.

    Missing: see `moment`, `promise`.
    Source:  EU logframe matrix (results chain, indicator, baseline, target, current value, source, assumptions).
    """
    for result in logframe.results:
        yield Row(result)
        for line in result.lines:
            yield _row(logframe, result, line, voice)


def _row(logframe: Logframe, result: Result, line: Line, voice: Voice) -> Row:
    told, measure = line.at(logframe.period), line.definition.measure
    done = progress(line, logframe.period)
    return Row(
        result, line, logframe.period,
        baseline=promise(line.baseline, measure, NOT_KNOWN, voice),
        target=promise(told.target, measure, NOT_SET, voice),
        goal=promise(line.goal, measure, NOT_SET, voice) if line.goal else "",
        since=voice.amount(line.since.number, measure) if line.since else "",
        value=moment(told, measure, voice),
        count=voice.count(told.value.figure) if told.value else "",
        progress=way_done(done, voice),
        lacks="" if done is not None else voice.say(_lacks(line, logframe.period)),
        splits=tuple(splits(told.value, line, logframe.dimensions, voice)),
        codes=", ".join(f"{w.catalogue} {w.code}" for w in line.words),
        state=told.state,
        key=told.value.key if told.value else None,
        done=done,
    )  # fmt: skip


def way_done(done: float | None, voice: Voice = FRENCH) -> str:
    """The progress as a person reads it: the way back and the way far beyond are said in words, not in figures.

    Unit:    percent of the way from the baseline to the target.
    Missing: an empty string.
    Source:  a way of one point makes a percentage of thousands, that tells nobody anything; Excel keeps the number.

    >>> way_done(62.4), way_done(-3600.0), way_done(513.0), way_done(None)
    ('62\u202f%', 'en recul', 'plus de 200\u202f%', '')
    """
    if done is not None and done < 0:
        return voice.say(BACK)
    return voice.say(FAR) if done is not None and done > FURTHEST else writing.percent(done, voice.language)


def _lacks(line: Line, period: int) -> str:
    if line.definition.measure == QUALITATIVE:
        return NOT_APPLICABLE
    return LACKS.get(lacking(line, period), NOT_KNOWN)


@dataclass(frozen=True)
class FunderRow:
    """One indicator as its funder reads it: target and value times the factor of the mapping."""

    code: str
    title: Text
    unit: Text
    target: str
    value: str
    line: Line
    note: str
    key: int | None


def funder_rows(logframe: Logframe, voice: Voice = FRENCH) -> Iterator[FunderRow]:
    """The indicators that the funder's own catalogue names, in its words and its order.

    Missing: as `moment` and `promise`; nothing when the report has no funder or the funder no catalogue.
    Source:  mappings of the logframe; product promise "measured once, told to each funder in its own words".
    """
    found = [(words, line) for line in logframe.lines() for words in line.words if words.own]
    for mapped, line in sorted(found, key=lambda pair: (pair[0].catalogue, pair[0].code)):
        told, measure = line.at(logframe.period), line.definition.measure
        target = Figure(told.target.value, text=told.target.text) if told.target else Figure(text=voice.say(NOT_SET))
        yield FunderRow(
            code=mapped.code, title=mapped.title, unit=mapped.unit, line=line,
            target=_in_words(target, mapped, measure, voice),
            value=_in_words(told.value.figure, mapped, measure, voice) if told.value else moment(told, measure, voice),
            note=_note(mapped, measure), key=told.value.key if told.value else None,
        )  # fmt: skip


def _in_words(told: Figure, mapped: Words, measure: str, voice: Voice) -> str:
    return figure(replace(told, number=in_words(told, measure, mapped.factor)), measure, voice)


def _note(mapped: Words, measure: str) -> str:
    factor = "" if mapped.factor == 1 or measure == PERCENTAGE else f"× {french.number(mapped.factor, 6)}"
    return " · ".join(filter(None, (factor, mapped.coverage, mapped.note)))


def cut_rows(logframe: Logframe, voice: Voice = FRENCH) -> Iterator[tuple[Line, str, tuple[tuple[str, str], ...]]]:
    """Every cut of every told value: the line, the name of the cut, its cells with their figures.

    Missing: a cut without any number is left out.
    Source:  product law "disaggregation survives to the last page".
    """
    for line in logframe.lines():
        told = line.at(logframe.period)
        for cut in told.value.cuts if told.value else ():
            name = " × ".join(dimension(code, logframe.dimensions, voice) for code in cut.dimensions)
            if found := tuple(cells(cut, line.definition.measure, logframe.dimensions, voice)):
                yield line, name, found


def summary(logframe: Logframe) -> str:
    """How much of the logframe is told, in a sentence.

    Missing: what is not told is counted too.
    Source:  product law "unknown is not zero".
    """
    total, found = standing(logframe)
    parts = [f"{number} {words}" for number, words in found]
    whole = f"{total} indicateur{'s' if total > 1 else ''}"
    return f"{whole} : {', '.join(parts)}." if parts else f"{whole}."


def standing(logframe: Logframe) -> tuple[int, list[tuple[int, str]]]:
    """How many indicators there are, and how many in each state, with its words to translate.

    Missing: a state in which none is, is left out.
    Source:  as `summary`.
    """
    states = [line.at(logframe.period).state for line in logframe.lines()]
    return len(states), [(number, words) for state, words in STANDING if (number := states.count(state))]
