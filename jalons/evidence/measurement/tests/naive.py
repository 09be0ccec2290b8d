"""The same value computed row by row in plain Python: slow, obvious, and owing nothing to the engine."""

from collections import defaultdict
from datetime import datetime
from math import floor
from statistics import mean, median

from jalons.collection.forms.rules.evaluation import Place, Scope, evaluate
from jalons.collection.forms.rules.expressions import names
from jalons.collection.forms.rules.functions import text, truth
from jalons.evidence.measurement.rules.formula import UNKNOWN

TODAY = datetime(2026, 11, 1)  # noqa: DTZ001


def value_of(node, line):
    return evaluate(node, Place(Scope(*(row["answers"] for row in line)), now=TODAY))


def category(split, line):
    if split.level:
        return str(line[0].get(f"_{split.level}") or UNKNOWN)
    value = value_of(split.value, line)
    if value is None:
        return UNKNOWN
    if not split.bands:
        return dict(split.categories).get(text(value), UNKNOWN)
    for band in split.bands:
        low = band.lowest is None or value >= band.lowest
        if low and (band.highest is None or floor(value) <= band.highest):
            return band.code
    return UNKNOWN


def standing(formula, line):
    """(counted, settled, asked, doubtful, terms) of one row."""
    kept = True if formula.filter is None else truth(value_of(formula.filter, line))
    read = set() if formula.filter is None else names(formula.filter)
    terms = [value_of(node, line) for node in formula.terms]
    for node in formula.terms:
        read |= names(node)
    if formula.measure == "share" and is_condition(formula.terms[1]):
        kept = False if False in (kept, terms[1]) else None if None in (kept, terms[1]) else True
        terms[1] = 1.0
    counted = kept is True and None not in terms
    settled = counted or kept is False
    own = [(row, name) for name in read for row in line if name in row["answers"]]
    not_asked = any(name in row["_not_asked"] for row, name in own)
    maybe = any(name in row["_maybe_asked"] for row, name in own)
    return counted, settled, not settled and not not_asked and not maybe, not settled and not not_asked and maybe, terms


CONDITIONS = {"=", "!=", "<", "<=", ">", ">=", "and", "or", "not", "true", "false"}
CONDITIONS |= {"selected", "contains", "starts-with", "regex"}


def is_condition(node):
    return getattr(node, "function", "") in CONDITIONS


def figure(formula, rows):
    """(number, numerator, denominator, answered, asked) of the rows of one cell."""
    stood = [standing(formula, line) for line in rows]
    terms = [s[4] for s in stood if s[0]]
    values = [t[0] for t in terms if t]
    known, n = sum(s[1] for s in stood), len(terms)
    answered = known if formula.measure == "count" else n
    asked = None if any(s[3] for s in stood) else answered + sum(s[2] for s in stood)
    numerator = denominator = None
    if formula.measure == "average":
        numerator, denominator = sum(map(float, values)), n
    if formula.measure == "share":
        numerator, denominator = sum(float(t[0]) for t in terms), sum(float(t[1]) for t in terms)
    number = {
        "count": lambda: n if known else None,
        "distinct": lambda: len(set(values)) if known else None,
        "sum": lambda: sum(map(float, values)) if known else None,
        "average": lambda: formula.scale * mean(map(float, values)) if values else None,
        "median": lambda: median(map(float, values)) if values else None,
        "minimum": lambda: min(map(float, values), default=None),
        "maximum": lambda: max(map(float, values), default=None),
        "latest": lambda: float(values[-1]) if values else None,
        "share": lambda: formula.scale * numerator / denominator if denominator else None,
    }[formula.measure]()
    return number, numerator, denominator, answered, asked


def cells(formula, lines, by, spans):
    """(period, categories…) -> figure. `lines`: for each row counted, itself then the rows around it."""
    splits = {split.code: split for split in formula.splits}
    valid = [line for line in lines if line[0]["_state"] == "validated" and line[0]["day"]]
    found = defaultdict(list)
    for line in sorted(valid, key=lambda line: (line[0]["day"], line[0]["_submission"], line[0]["_row"])):
        for span in spans:
            if span.starts_on <= line[0]["day"] <= span.ends_on:
                found[span.name, *(category(splits[code], line) for code in by)].append(line)
    return {key: figure(formula, rows) for key, rows in found.items()}
