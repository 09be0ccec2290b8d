"""What a person typed, without what nobody sees."""

import re
from collections.abc import Mapping
from typing import Any

INVISIBLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")


def tidy(value: Any) -> Any:
    """A value without what nobody sees: outer blanks, control characters, languages left empty.

    Missing: a text in several languages with nothing in any of them is None.
    Source:  Unicode control characters, surrogates and non-characters, which PostgreSQL or XML 1.0 refuse;
             direction marks that embed, override or isolate (UAX 9), with which a text reads otherwise than it is
             written.

    >>> tidy({"fr": " Emploi ", "ar": ""}), tidy({"fr": " "}), tidy("\\u202egnp.exe"), tidy("\\u2066a\\u2069")
    ({'fr': 'Emploi'}, None, 'gnp.exe', 'a')
    """
    if isinstance(value, str):
        return INVISIBLE.sub("", value.replace("\r\n", "\n").replace("\r", "\n")).strip()
    if isinstance(value, Mapping):
        return {key: kept for key, text in value.items() if (kept := tidy(text)) not in ("", None)} or None
    return value
