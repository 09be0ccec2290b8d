"""Heads of columns and labels as people type them."""

import unicodedata
from typing import Any


def fold(text: Any) -> str:
    """A head or a label without case, accents, kind of apostrophe, asterisk or outer blanks, to compare.

    Source: Unicode NFKD; heads of the programme workbook and of funders' files.

    >>> fold(" Intitulé (FR) * ")
    'intitule (fr)'
    """
    plain = unicodedata.normalize("NFKD", str(text).casefold().replace("’", "'"))
    return " ".join("".join(c for c in plain if not unicodedata.combining(c)).replace("*", " ").split())
