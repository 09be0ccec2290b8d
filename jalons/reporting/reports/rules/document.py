"""A report ready to be written in any format: everything its files hold, and nothing else."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime

from jalons.reporting.reports.rules.changes import Change
from jalons.reporting.reports.rules.logframe import Logframe

NOT_PORTABLE = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True)
class Document:
    """What is written: `issued_at` is None for a draft, and every file then says that it is one."""

    title: str
    number: int
    logframe: Logframe
    changes: tuple[Change, ...]
    issued_at: datetime | None = None
    previous: str = ""


def file_name(document: Document, extension: str) -> str:
    """Name of a file, in plain letters that every system keeps.

    Source: POSIX portable file name character set.
    """
    logframe = document.logframe
    funder = logframe.agreement.funder.code if logframe.agreement else ""
    kind = "rapport" if document.issued_at else "projet-de-rapport"
    words = (kind, logframe.programme.code, funder, logframe.own_period.code, f"n{document.number}")
    return "-".join(filter(None, map(_plain, words))) + f".{extension}"


def _plain(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return NOT_PORTABLE.sub("-", letters).strip("-")
