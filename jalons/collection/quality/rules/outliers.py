"""Numbers far from the others: by the modified z-score of the whole form, or by bounds that a person sets."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from statistics import fmean, median
from typing import Any, NamedTuple

from jalons.collection.quality.rules.found import Filled, Found, answers_to, numeric, said
from jalons.core.errors import _

THRESHOLD = 3.5
FEWEST = 10  # answers under which nothing is far from the others
CONSISTENT = 0.6745  # 75th centile of the normal law: makes the MAD comparable with a standard deviation
CONSISTENT_MEAN = 1.253314  # the same for the mean absolute deviation, when more than half of the answers are equal
FAR = _("%(value)s est loin des autres réponses : médiane %(median)s, écart %(score)s (au-delà de %(threshold)s).")
BELOW = _("%(value)s est sous le minimum attendu, %(least)s.")
ABOVE = _("%(value)s dépasse le maximum attendu, %(most)s.")


class Spread(NamedTuple):
    """How the answers to a question lie: how many, their median, and their spread around it.

    mad:  median of the absolute deviations from the median.
    mean: mean of the same deviations, used when the first is zero.
    """

    count: int
    median: float
    mad: float
    mean: float


def spread(numbers: Sequence[float]) -> Spread | None:
    """How numbers lie around their median.

    Missing: None without a number.
    Source:  Iglewicz and Hoaglin, How to Detect and Handle Outliers (ASQC, 1993).

    >>> spread([1, 2, 2, 3, 14])
    Spread(count=5, median=2, mad=1, mean=2.8)
    """
    if not numbers:
        return None
    middle = median(numbers)
    away = [abs(number - middle) for number in numbers]
    return Spread(len(numbers), middle, median(away), fmean(away))


def score(number: float, around: Spread) -> float | None:
    """Modified z-score of a number.

    Unit:    standard deviations of a normal law of the same spread.
    Missing: None when all answers are equal: nothing can be said of a first different one.
    Error:   when more than half of the answers are equal the MAD is zero; the mean deviation takes its place.
    Source:  Iglewicz and Hoaglin (1993); IBM SPSS for a MAD of zero: (x − median) / (1.253314 · mean deviation).

    >>> round(score(14, Spread(5, 2, 1, 2.8)), 3), score(3, Spread(4, 2, 0, 0))
    (8.094, None)
    """
    if around.mad:
        return CONSISTENT * (number - around.median) / around.mad
    return (number - around.median) / (CONSISTENT_MEAN * around.mean) if around.mean else None


def far(parameters: Mapping[str, Any], filled: Iterable[Filled], spreads: Mapping[str, Spread]) -> Iterator[Found]:
    """Answers whose modified z-score passes the threshold.

    Missing: nothing below ten answers.
    Source:  Iglewicz and Hoaglin (1993), |M| > 3.5; DHIS2 data quality, modified z-score.
    """
    threshold = parameters.get("threshold", THRESHOLD)
    for name in parameters["questions"]:
        around = spreads.get(name)
        if around is None or around.count < FEWEST:
            continue
        for one in filled:
            for item, line, answer in answers_to(one, name):
                number = numeric(answer)
                away = None if number is None else score(number, around)
                if away is not None and abs(away) > threshold:
                    values = {"value": said(answer), "median": _short(around.median), "score": round(away, 1),
                              "threshold": threshold}  # fmt: skip
                    yield Found(one.pk, one.version, item.key, line.index, said(answer), FAR, values)


def outside(parameters: Mapping[str, Any], filled: Iterable[Filled]) -> Iterator[Found]:
    """Answers under the least or over the most that a person set.

    Source: DHIS2 data quality, min–max.
    """
    least, most = parameters.get("least"), parameters.get("most")
    for one in filled:
        for item, line, answer in answers_to(one, parameters["question"]):
            number = numeric(answer)
            if number is None:
                continue
            if least is not None and number < least:
                values = {"value": said(answer), "least": _short(least)}
                yield Found(one.pk, one.version, item.key, line.index, said(answer), BELOW, values)
            elif most is not None and number > most:
                values = {"value": said(answer), "most": _short(most)}
                yield Found(one.pk, one.version, item.key, line.index, said(answer), ABOVE, values)


def _short(number: float) -> float | int:
    return int(number) if float(number).is_integer() else round(number, 2)
