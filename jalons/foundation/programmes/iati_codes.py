"""The IATI codes that a programme names itself by: the part of each list that our field uses, in French and English.

iati_codes.csv comes from the code lists of IATI 2.03 (github.com/IATI/IATI-Codelists and IATI-Codelists-NonEmbedded,
© IATI secretariat; DAC lists of the OECD, November 2026 state). A code that is missing is one line to add.
"""

import csv
from functools import cache
from importlib import resources

from django.utils.functional import lazystr

from jalons.core.fields import translated

STATUS, ORGANISATION, SECTOR = "ActivityStatus", "OrganisationType", "Sector"
COLLABORATION, FLOW, FINANCE, AID, TIED = "CollaborationType", "FlowType", "FinanceType", "AidType", "TiedStatus"


@cache
def codes(name: str) -> dict[str, dict[str, str]]:
    """Code -> its name in French and English."""
    text = resources.files("jalons.foundation.programmes").joinpath("iati_codes.csv").read_text("utf-8")
    rows = (row for row in csv.DictReader(text.splitlines()) if row["list"] == name)
    return {row["code"]: {"fr": row["fr"], "en": row["en"]} for row in rows}


def choices(name: str) -> list[tuple[str, str]]:
    """The codes of a list with their names in the reader's language."""
    return [(code, lazystr(Named(text))) for code, text in codes(name).items()]


class Named:
    """A name that is chosen when it is read."""

    def __init__(self, text: dict[str, str]) -> None:
        self.text = text

    def __str__(self) -> str:
        return translated(self.text)
