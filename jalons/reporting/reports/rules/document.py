"""A report ready to be written in any format: everything its files hold, and nothing else."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from jalons.reporting.reports.rules import french
from jalons.reporting.reports.rules.changes import Change, tally
from jalons.reporting.reports.rules.logframe import Logframe
from jalons.reporting.reports.rules.telling import NOT_SPLIT, rows, summary, words

FICTION = "Données fictives"
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
    version: int = 1
    supersedes: str = ""
    reason: str = ""  # why there is a new version
    author: str = ""
    issued_by: str = ""
    invented: bool = False  # a demonstration: nothing in it happened

    @property
    def mark(self) -> str:
        """What its title must not go without: that it is a draft, that its data are invented."""
        return ("" if self.issued_at else " (projet, non émis)") + (f" · {FICTION}" if self.invented else "")


def period(logframe: Logframe) -> str:
    """The period of a report, with its days.

    Source: IATI 2.03, `period-start` and `period-end`.
    """
    own = logframe.own_period
    return f"{words(own.label)}, du {french.day(own.starts_on)} au {french.day(own.ends_on)}"


def facts(document: Document) -> Iterator[tuple[str, str]]:
    """What identifies a report, label and text.

    Missing: a draft says that it is one; a first report has no previous one and says so.
    Source:  title page that funders ask for: programme, agreement, period, version, authors.
    """
    logframe = document.logframe
    programme, agreement = logframe.programme, logframe.agreement
    lasts = f"{french.day(programme.starts_on)} – {french.day(programme.ends_on)}"
    yield "Programme", f"{programme.short_name} ({programme.code}), {lasts}"
    if agreement:
        yield "Bailleur", agreement.funder.name
        yield "Convention", f"n° {agreement.reference} · {agreement.name}"
    yield "Période", period(logframe)
    yield "Rapport", f"n° {document.number}, version {document.version}"
    if document.supersedes:
        yield "Remplace", f"{document.supersedes}. Motif : {document.reason}"
    yield "Émis le", french.day(document.issued_at) or "non émis : projet"
    yield "Préparé par", document.author
    if document.issued_by:
        yield "Émis par", document.issued_by
    yield "Rapport précédent", document.previous or "aucun : ce rapport est le premier"


def brief(document: Document) -> Iterator[str]:
    """What a reader in a hurry must know.

    Missing: what is not told, and people without sex, are said too.
    Source:  product laws "unknown is not zero", "a figure on people without sex is flagged, not hidden".
    """
    if document.invented:
        yield f"{FICTION} : structures et lieux inventés ou employés à titre d’exemple ; aucun chiffre n’est réel."
    yield summary(document.logframe)
    if document.previous:
        yield f"Depuis le rapport précédent : {tally(document.changes) or 'rien n’a changé'}."
    flagged = [row.line.code for row in rows(document.logframe) if NOT_SPLIT in row.splits]
    if flagged:
        yield f"Chiffres sur des personnes, non désagrégés par sexe : {', '.join(flagged)}."


def file_name(document: Document, extension: str) -> str:
    """Name of a file, in plain letters that every system keeps.

    Source: POSIX portable file name character set.
    """
    logframe = document.logframe
    funder = logframe.agreement.funder.code if logframe.agreement else ""
    kind = "rapport" if document.issued_at else "projet-de-rapport"
    version = f"v{document.version}" if document.version > 1 else ""
    words = (kind, logframe.programme.code, funder, logframe.own_period.code, f"n{document.number}", version)
    return "-".join(filter(None, map(_plain, words))) + f".{extension}"


def _plain(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return NOT_PORTABLE.sub("-", letters).strip("-")
