"""How much of a form is written in each of its languages."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from jalons.collection.forms.rules.languages import UNDETERMINED, language_code
from jalons.collection.forms.rules.questions import Words
from jalons.collection.forms.rules.reading import XlsForm

PARTS = ("label", "choice", "hint", "message")


@dataclass(frozen=True)
class Coverage:
    """What one language covers. `names` are its spellings in the file, `filled` and `asked` count texts by part."""

    code: str
    names: tuple[str, ...]
    filled: Mapping[str, int]
    asked: Mapping[str, int]

    def share(self, part: str | None = None) -> float | None:
        """Share of the texts of one part, or of all, that exist in this language.

        Unit:    0 to 1.
        Missing: None when the form has no such text in any language.
        Source:  our definition: a text counts as soon as one language has it.
        """
        parts = [part] if part else PARTS
        asked = sum(self.asked[p] for p in parts)
        return sum(self.filled[p] for p in parts) / asked if asked else None

    def as_data(self) -> dict[str, object]:
        """What is kept of it with a version of the form."""
        parts = {part: self.share(part) for part in PARTS}
        return {"name": ", ".join(self.names), "code": self.code, "share": self.share(), "coverage": parts}


def coverage(form: XlsForm) -> tuple[Coverage, ...]:
    """Each language of a form, the default one first, with the texts it fills.

    Missing: a text that no language has is not counted as missing from any.
    Source:  XLSForm multiple-language support; in the field a declared language may be 4 % filled.
    """
    texts = _texts(form)
    asked = {part: len(texts[part]) for part in PARTS}
    names: dict[str, list[str]] = defaultdict(list)
    names[form.default_language]
    for spelling in form.languages:
        names[language_code(spelling)].append(spelling)
    found = {code for part in PARTS for words in texts[part] for code in words}
    codes = [*names, *sorted(found - names.keys())]
    return tuple(
        Coverage(code, tuple(names[code]), {p: sum(code in words for words in texts[p]) for p in PARTS}, asked)
        for code in codes
        if code in found or code != UNDETERMINED
    )


def _texts(form: XlsForm) -> dict[str, list[Words]]:
    """The texts that people read, by part; those without any language left out."""
    used = {question.list_name for question in form.questions}
    parts: dict[str, Iterable[Words]] = {
        "label": [asked.labels for asked in (*form.sections, *form.questions)],
        "choice": [choice.labels for name in used & form.lists.keys() for choice in form.lists[name]],
        "hint": [question.hints for question in form.questions],
        "message": [question.constraint_messages for question in form.questions],
    }
    return {part: [words for words in texts if words] for part, texts in parts.items()}
