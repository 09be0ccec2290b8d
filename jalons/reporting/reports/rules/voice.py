"""The language in which a report is told: French in its files, the reader's on its page."""

from collections.abc import Callable
from dataclasses import dataclass

from jalons.core import writing
from jalons.core.errors import _
from jalons.reporting.reports.rules.logframe import PERCENTAGE, Figure, Text

OF = _("%(done)s sur %(total)s")
ANSWERS = ("%(answered)s réponse", "%(answered)s réponses")
ASKED_ONE = _("%(answered)s réponse sur %(asked)s demandée")
ASKED = ("%(answered)s réponse sur %(asked)s demandées", "%(answered)s réponses sur %(asked)s demandées")


def _french(one: str, several: str, number: float) -> str:
    return one if abs(number) < 2 else several


@dataclass(frozen=True)
class Voice:
    """language: of numbers and of the programme's own words; say, plural: translate ours. Rules know no Django."""

    language: str = "fr"
    say: Callable[[str], str] = str
    plural: Callable[[str, str, float], str] = _french

    def words(self, text: Text) -> str:
        """A text of the programme.

        Missing: in French, else in any language, else an empty string.
        Source:  house, "content is {fr, ar, en}, French required".
        """
        return text.get(self.language) or text.get("fr") or next(iter(text.values()), "")

    def amount(self, number: float | None, measure: str) -> str:
        """A number as its measure is written.

        Missing: an empty string.
        Source:  IATI codelist IndicatorMeasure: 2 is a percentage.

        >>> FRENCH.amount(62.5, "2"), Voice("en").amount(1314.0, "1"), FRENCH.amount(None, "1")
        ('62,5\\u202f%', '1,314', '')
        """
        return writing.measured(number, measure == PERCENTAGE, self.language)

    def parts(self, told: Figure, measure: str) -> str:
        """Numerator and denominator of a percentage.

        Missing: an empty string when either is unknown, or for any other measure.
        Source:  product law "percentages keep numerator and denominator".
        """
        if measure != PERCENTAGE or None in (told.numerator, told.denominator):
            return ""
        return self.say(OF) % {"done": self._count(told.numerator), "total": self._count(told.denominator)}

    def count(self, told: Figure) -> str:
        """How many answered, of how many asked.

        Missing: an empty string when nobody can tell how many answered; an unknown number of asked is not told.
        Source:  product law "a value never travels alone".

        >>> FRENCH.count(Figure(answered=1241, asked=1300)), FRENCH.count(Figure(answered=80))
        ('1\\u202f241 réponses sur 1\\u202f300 demandées', '80 réponses')
        >>> FRENCH.count(Figure(answered=1, asked=1)), FRENCH.count(Figure(answered=0, asked=2))
        ('1 réponse sur 1 demandée', '0 réponse sur 2 demandées')
        """
        if told.answered is None:
            return ""
        told_of = {"answered": self._count(told.answered), "asked": self._count(told.asked)}
        if told.asked is not None and told.asked < 2:
            return self.say(ASKED_ONE) % told_of
        return self.plural(*(ANSWERS if told.asked is None else ASKED), told.answered) % told_of

    def _count(self, number: float | None) -> str:
        return writing.written(number, self.language)


FRENCH = Voice()
