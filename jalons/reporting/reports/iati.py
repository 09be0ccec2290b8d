"""The report as IATI 2.03 results, valid against the XSD and the rulesets that concern results."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

from django.utils import timezone
from lxml import etree
from lxml.etree import SubElement

from jalons.core.errors import Refused, _
from jalons.core.fields import LANGUAGES
from jalons.foundation.programmes.rules.shares import ordered, written
from jalons.reporting.reports.rules import telling
from jalons.reporting.reports.rules.document import Document
from jalons.reporting.reports.rules.logframe import (
    QUALITATIVE,
    UNKNOWN,
    Cell,
    Figure,
    Line,
    Logframe,
    Moment,
    Organisation,
    Period,
    Programme,
    Promise,
    Result,
    Text,
    Value,
)

SCHEMA = Path(__file__).parent / "iati_2_03" / "iati-activities-schema.xsd"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
RESULT_TYPES = {"output": "1", "outcome": "2", "impact": "3"}  # codelist ResultType
DAC = "1"  # codelist SectorVocabulary: OECD DAC CRS purpose codes, 5 digits
DEFAULTS = {"collaboration-type": "collaboration", "default-flow-type": "flow", "default-finance-type": "finance",
            "default-aid-type": "aid", "default-tied-status": "tied"}  # fmt: skip
FUNDING, IMPLEMENTING = "1", "4"  # codelist OrganisationRole
PLANNED_START, PLANNED_END = "1", "3"  # codelist ActivityDateType
PIPELINE, IMPLEMENTATION, CLOSED = "1", "2", "4"  # codelist ActivityStatus
START_UNDATED = {"fr": "Date de la valeur de référence inconnue : année du début du programme."}

Element = etree._Element


def write(document: Document) -> bytes:
    """An XML file; the same bytes for the same document. Call it only when `issuing.iati_gap` says nothing.

    Error: Refused when the XSD does not accept it, with the line and the words of the schema.
    """
    stamp = (document.issued_at or timezone.now()).astimezone(timezone.get_default_timezone())
    moment = stamp.isoformat(timespec="seconds")
    root = etree.Element("iati-activities", {"version": "2.03", "generated-datetime": moment})
    activity = SubElement(root, "iati-activity", {"last-updated-datetime": moment, LANG: "fr"})
    _activity(activity, document.logframe, stamp.date())
    for result in document.logframe.results:
        if result.lines:
            _result(activity, result, document.logframe)
    content = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    check(content)
    return content


def check(content: bytes) -> None:
    """Refuse what the IATI 2.03 schema does not accept."""
    schema = _schema()
    if not schema.validate(etree.fromstring(content)):
        faults = "; ".join(f"ligne {fault.line} : {fault.message}" for fault in list(schema.error_log)[:5])
        raise Refused(_("Le fichier IATI n’est pas conforme à la norme 2.03 : %(faults)s"), faults=faults)


@cache
def _schema() -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(SCHEMA, etree.XMLParser(no_network=True)))


def _activity(activity: Element, logframe: Logframe, on: date) -> None:
    """What comes before the results, in the order that the schema wants."""
    programme = logframe.programme
    SubElement(activity, "iati-identifier").text = programme.iati
    reporting = SubElement(activity, "reporting-org", {"ref": programme.operator.iati, "type": programme.operator.type})
    _narratives(reporting, {"fr": programme.operator.name})
    _narratives(SubElement(activity, "title"), programme.title)
    _narratives(SubElement(activity, "description", {"type": "1"}), programme.purpose or programme.title)
    if logframe.agreement:
        _participant(activity, logframe.agreement.funder, FUNDING)
    _participant(activity, programme.operator, IMPLEMENTING)
    SubElement(activity, "activity-status", {"code": programme.status or _status(programme, on)})
    SubElement(activity, "activity-date", {"type": PLANNED_START, "iso-date": programme.starts_on.isoformat()})
    SubElement(activity, "activity-date", {"type": PLANNED_END, "iso-date": programme.ends_on.isoformat()})
    _shares(activity, "recipient-country", programme.recipients or _only(programme.countries))
    _shares(activity, "sector", programme.sectors, vocabulary=DAC)
    for name, field in DEFAULTS.items():
        if code := getattr(programme, field):
            SubElement(activity, name, {"code": code})


def _only(countries: tuple[str, ...]) -> dict[str, float]:
    """One country takes the whole; several would need a share for each, which nobody told us."""
    return {countries[0]: 100} if len(countries) == 1 else {}


def _shares(activity: Element, name: str, shares: dict[str, float], **attributes: str) -> None:
    """One element per code; a code alone needs no percentage."""
    for code, share in ordered(shares):
        part = {} if len(shares) == 1 else {"percentage": written(share)}
        SubElement(activity, name, {**attributes, "code": code, **part})


def _participant(activity: Element, who: Organisation, role: str) -> None:
    reference = {name: value for name, value in (("ref", who.iati), ("type", who.type)) if value}
    _narratives(SubElement(activity, "participating-org", {**reference, "role": role}), {"fr": who.name})


def _status(programme: Programme, on: date) -> str:
    if on < programme.starts_on:
        return PIPELINE
    return IMPLEMENTATION if on <= programme.ends_on else CLOSED


def _narratives(parent: Element, text: Text) -> None:
    for language in LANGUAGES:
        if language in text:
            SubElement(parent, "narrative", {LANG: language}).text = text[language]


def _result(activity: Element, result: Result, logframe: Logframe) -> None:
    element = SubElement(activity, "result", {"type": RESULT_TYPES.get(result.level, "9")})
    _narratives(SubElement(element, "title"), result.title)
    if result.description:
        _narratives(SubElement(element, "description"), result.description)
    for line in result.lines:
        _indicator(element, line, logframe)


def _indicator(result: Element, line: Line, logframe: Logframe) -> None:
    sheet = line.definition
    element = SubElement(result, "indicator", {
        "measure": sheet.measure, "ascending": "0" if sheet.direction == "decrease" else "1",
        "aggregation-status": "1" if sheet.additive else "0",
    })  # fmt: skip
    _narratives(SubElement(element, "title"), sheet.title)
    if sheet.definition:
        _narratives(SubElement(element, "description"), sheet.definition)
    _references(element, line)
    for baseline in line.baselines:
        _baseline(element, baseline, sheet.measure, logframe.programme.starts_on)
    for period in logframe.periods:
        moment = line.at(period.key)
        if moment.targets or moment.value:
            _period(element, moment, sheet.measure, period)


def _references(indicator: Element, line: Line) -> None:
    """One code per vocabulary, as the standard wants; the funder's own catalogue comes first and wins."""
    by_vocabulary = {}
    for words in line.words:
        by_vocabulary.setdefault(words.vocabulary, words)
    for vocabulary, words in by_vocabulary.items():
        address = {"indicator-uri": words.uri} if words.uri else {}
        SubElement(indicator, "reference", {"vocabulary": vocabulary, "code": words.code, **address})


def _baseline(indicator: Element, baseline: Promise, measure: str, start: date) -> None:
    """An unknown baseline is left out. One without a date stands at the programme's first year, and says so."""
    if not _is_told(baseline.value, baseline.text, measure):
        return
    on = {"iso-date": baseline.on.isoformat()} if baseline.on else {}
    attributes = {"year": str((baseline.on or start).year), **on, **_amount(baseline.value, measure)}
    element = SubElement(indicator, "baseline", attributes)
    _dimensions(element, baseline.cell)
    comments = [baseline.text, "" if baseline.on else telling.words(START_UNDATED)]
    _comment(element, " ".join(filter(None, comments)))


def _period(indicator: Element, moment: Moment, measure: str, period: Period) -> None:
    element = SubElement(indicator, "period")
    SubElement(element, "period-start", {"iso-date": period.starts_on.isoformat()})
    SubElement(element, "period-end", {"iso-date": period.ends_on.isoformat()})
    for target in moment.targets:
        if _is_told(target.value, target.text, measure):
            child = SubElement(element, "target", _amount(target.value, measure))
            _dimensions(child, target.cell)
            _comment(child, target.text)
    if moment.value:
        for figure, cell in _figures(moment.value):
            _actual(element, figure, cell, measure)


def _figures(value: Value) -> Iterator[tuple[Figure, Text]]:
    """The total, then each cell with its dimensions."""
    yield value.figure, {}
    for cut in value.cuts:
        for cell in cut.cells:
            yield cell.figure, _named(cut.dimensions, cell)


def _named(dimensions: tuple[str, ...], cell: Cell) -> Text:
    return {name: "unknown" if code == UNKNOWN else code for name, code in zip(dimensions, cell.codes, strict=False)}


def _actual(period: Element, figure: Figure, cell: Text, measure: str) -> None:
    if _is_told(figure.number, figure.text, measure):
        element = SubElement(period, "actual", _amount(figure.number, measure))
        _dimensions(element, cell)
        _comment(element, " ; ".join(_comments(figure, measure)))


def _comments(figure: Figure, measure: str) -> Iterator[str]:
    """What a bare number cannot say: numerator and denominator, answers; a judgement that is the value itself.

    What a person wrote of where a typed number comes from stays out of what is published: it may name people.
    """
    if figure.number is not None and None not in (figure.numerator, figure.denominator):
        yield telling.figure(figure, "2") if measure == "2" else f"{figure.numerator:g} / {figure.denominator:g}"
    yield from filter(None, (telling.count(figure), figure.text if measure == QUALITATIVE else ""))


def _is_told(value: float | None, text: str, measure: str) -> bool:
    return bool(text) if measure == QUALITATIVE else value is not None


def _amount(value: float | None, measure: str) -> dict[str, str]:
    """The `value` attribute: a plain decimal, never for a qualitative measure."""
    if measure == QUALITATIVE or value is None:
        return {}
    return {"value": f"{Decimal(str(value)).normalize():f}"}


def _dimensions(element: Element, cell: Text) -> None:
    for name, value in sorted(cell.items()):
        SubElement(element, "dimension", {"name": name, "value": value})


def _comment(element: Element, text: str) -> None:
    if text:
        _narratives(SubElement(element, "comment"), {"fr": text})
