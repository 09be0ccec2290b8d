"""Languages as authors spell them, and the code by which everyone else knows them."""

import re
import unicodedata

UNDETERMINED = "und"  # ISO 639-2: a text whose language nobody stated

# what authors write, folded -> ISO 639-1
NAMES = {
    "fr": ("fr", "fra", "fre", "french", "francais", "frances", "فرنسيه", "الفرنسيه"),
    "ar": ("ar", "ara", "arabic", "arabe", "darija", "عربي", "عربيه", "العربيه", "عربى"),
    "en": ("en", "eng", "english", "anglais", "ingles", "الانجليزيه", "انجليزيه"),
    "es": ("es", "spa", "spanish", "espagnol", "espanol"),
    "pt": ("pt", "por", "portuguese", "portugais", "portugues"),
    "zgh": ("zgh", "tamazight", "amazigh", "tifinagh", "الامازيغيه"),
}
CODES = {name: code for code, names in NAMES.items() for name in names}
IN_BRACKETS = re.compile(r"^(?P<name>.*?)\s*\(\s*(?P<code>[A-Za-z]{2,3})(?:[-_][A-Za-z0-9]+)*\s*\)\s*$")
ARABIC_LETTERS = str.maketrans({"ة": "ه", "أ": "ا", "إ": "ا", "آ": "ا"})


def language_code(spelling: str) -> str:
    """The ISO code of a language as a form spells it.

    Missing: `und` for no language at all; an unknown name is kept, folded, as its own code.
    Source:  xlsform.org, multiple-language support; ISO 639-1; five spellings of one language met in the field.

    >>> [language_code(s) for s in ("French (fr)", "French(FR)", "Français", "french", "العربية (ar)", "default")]
    ['fr', 'fr', 'fr', 'fr', 'ar', 'und']
    """
    spelling = spelling[:100]
    if spelling.strip().lower() in ("", "default"):
        return UNDETERMINED
    if found := IN_BRACKETS.match(spelling):
        code = _fold(found["code"])
        return CODES.get(code, code)
    folded = _fold(spelling)
    return CODES.get(folded, CODES.get(folded.split("-")[0].split("_")[0], folded[:20] or UNDETERMINED))


def _fold(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.translate(ARABIC_LETTERS).strip().lower())
    return "".join(c for c in decomposed if not unicodedata.combining(c))
