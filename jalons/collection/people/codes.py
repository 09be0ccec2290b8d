"""Lists of persons turned into keyed codes, and how many two lists of codes have in common. Names never leave here."""

import csv
import io
import json
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any, BinaryIO, NamedTuple

import numpy as np

from jalons.collection.forms.rules.proposals import words_of
from jalons.collection.people.rules import letters, names
from jalons.collection.people.rules.codes import BITS, HASHES, SAME, SAME_NAMES, Code, check_key, encode
from jalons.collection.people.rules.records import MAN, WOMAN
from jalons.collection.people.rules.sources import CLUES, propose, tells, told
from jalons.collection.submissions.rules.tables import Sheet, sheets
from jalons.core.errors import Refused, _

OFFLINE = Path(__file__).parent / "offline"
HEADER = ("jalons-codes-1", "names", "whole")
MOST = 200_000
MOST_HERE, MOST_PAIRS = 50_000, 400_000_000  # codes, and pairs of them, that a page compares while someone waits
SLICE = 2_000  # codes of one list compared at once to all of the other
NO_NAMES = _("Aucune feuille de « %(name)s » n’a de colonnes de prénom et de nom : nommez-les « prenom » et « nom ».")
NOT_CODES = _("« %(name)s » n’est pas un fichier de codes : donnez celui qu’a écrit l’outil, sans l’ouvrir.")
TOO_LONG = _("Ces listes sont trop longues pour cette page (%(mine)s et %(theirs)s codes). Codez votre registre, puis "
             "comparez les deux fichiers hors ligne : jalons overlap.")  # fmt: skip
TOO_MANY = _("« %(name)s » a plus de %(most)s lignes : coupez-le.")


class Overlap(NamedTuple):
    """mine, theirs: persons in each list. sure: in both, year of birth agreed; maybe: by names alone, besides."""

    mine: int
    theirs: int
    sure: int
    maybe: int


def coded(file: BinaryIO, name: str, key: str, today: date) -> tuple[str, int, int]:
    """The codes of a list, as a file; how many rows were coded, and how many had no readable name.

    Error: Refused for a short key, a file that cannot be read, one without columns of names.
    """
    check_key(key)
    sheet, roles = _persons_in(file, name)
    count, without = 0, 0
    found: set[Code] = set()
    for _number, row in zip(range(MOST), sheet.rows(), strict=False):
        if not any(row):
            continue
        answers = dict(zip(sheet.header, row, strict=False))
        telling = told({role: answers.get(column) for role, column in roles.items()}, today, today)
        code = encode(telling.record, key)
        count, without = count + (code is not None), without + (code is None)
        found |= {code} if code else set()
    return written(found), count, without


def written(found: set[Code]) -> str:
    """Codes as a file, in no order that a list had."""
    text = io.StringIO()
    lines = csv.writer(text)
    lines.writerow(HEADER)
    for code in sorted(found, key=lambda code: (code.names, code.whole or 0)):
        lines.writerow(["", f"{code.names:x}", "" if code.whole is None else f"{code.whole:x}"])
    return text.getvalue()


def _persons_in(file: BinaryIO, name: str) -> tuple[Sheet, dict[str, str]]:
    """The first sheet whose columns name persons, and which column tells what."""
    for sheet in sheets(file, name):
        columns = [SimpleNamespace(name=head, table="", kind="text", labels={}) for head in sheet.header if head]
        roles = propose(columns, "")
        if tells(roles):
            return sheet, roles
    raise Refused(NO_NAMES, name=name)


def offline_page() -> str:
    """The page that codes a list on a partner's own computer, whole in one file: its rules are those of here."""
    tables = {
        "sounds": letters.LATIN, "articles": letters.ARTICLES.pattern, "glued": letters.GLUED.pattern,
        "servant": letters.SERVANT.pattern, "faith": letters.FAITH.pattern, "others": letters.OTHER_WORDS,
        "compound": names.COMPOUND.pattern, "after": names.SECOND.pattern, "maqsura": sorted(letters.MAQSURA),
        "arabic": {chr(code): sound for code, sound in letters.ARABIC.items()},
        "woman": sorted(WOMAN), "man": sorted(MAN), "bits": BITS, "hashes": HASHES,
        "clues": {role: {"words": [sorted(words_of(*group)) for group in clue.words],
                         "against": sorted(words_of(*clue.against))} for role, clue in CLUES.items()},
    }  # fmt: skip
    page = (OFFLINE / "coder.html").read_text(encoding="utf-8")
    script = (OFFLINE / "coder.js").read_text(encoding="utf-8")
    written = json.dumps(tables, ensure_ascii=False).replace("<", "\\u003c")
    return page.replace("/*TABLES*/", written).replace("/*SCRIPT*/", script)


def read(file: BinaryIO, name: str) -> list[Code]:
    """The codes of a file that the tool wrote."""
    text = io.TextIOWrapper(file, encoding="ascii", errors="replace", newline="")
    rows = csv.reader(text)
    try:
        if tuple(next(rows, ())) != HEADER:
            raise Refused(NOT_CODES, name=name)
        found = [Code(_number(said), _number(whole) if whole else None) for _id, said, whole in rows]
    except (ValueError, csv.Error) as fault:
        raise Refused(NOT_CODES, name=name) from fault
    if len(found) > MOST:
        raise Refused(TOO_MANY, name=name, most=MOST)
    return found


def _number(written: str) -> int:
    number = int(written, 16)
    if number < 0 or number.bit_length() > BITS // 2:
        raise ValueError(written)
    return number


def overlap(mine: list[Code], theirs: list[Code]) -> Overlap:
    """How many persons two lists have in common."""
    sure, maybe = matches(mine, theirs)
    return Overlap(len(mine), len(theirs), len(sure), len(maybe))


def check_length(mine: list[Code], theirs: list[Code]) -> None:
    """Refuse to compare, while someone waits, lists that would keep the server for minutes."""
    longest = max(len(mine), len(theirs))
    if longest > MOST_HERE or len(mine) * len(theirs) > MOST_PAIRS:
        raise Refused(TOO_LONG, mine=len(mine), theirs=len(theirs))


def matches(mine: list[Code], theirs: list[Code]) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """Places in two lists of the same persons, years agreed, then by names alone; each once, likeliest first."""
    taken: tuple[set[int], set[int]] = (set(), set())
    found: tuple[list[tuple[int, int]], list[tuple[int, int]]] = ([], [])
    for kind, (part, least) in enumerate((("whole", SAME), ("names", SAME_NAMES))):
        for _score, one, other in sorted(_alike(mine, theirs, part, least), reverse=True):
            if one not in taken[0] and other not in taken[1]:
                taken[0].add(one)
                taken[1].add(other)
                found[kind].append((one, other))
    return found


def _alike(mine: list[Code], theirs: list[Code], part: str, least: float) -> Iterator[tuple[float, int, int]]:
    """Pairs of codes at least so alike; by names alone only where either does not know the year."""
    ones = [n for n, code in enumerate(mine) if getattr(code, part) is not None]
    others = [n for n, code in enumerate(theirs) if getattr(code, part) is not None]
    if not ones or not others:
        return
    right = _matrix(getattr(theirs[n], part) for n in others)
    sizes = right.sum(axis=1)
    for start in range(0, len(ones), SLICE):
        part_of = ones[start : start + SLICE]
        left = _matrix(getattr(mine[n], part) for n in part_of)
        score = 2 * (left @ right.T) / np.maximum(left.sum(axis=1)[:, None] + sizes, 1)
        for a, b in zip(*np.nonzero(score >= least), strict=True):
            one, other = part_of[a], others[b]
            if part == "whole" or mine[one].whole is None or theirs[other].whole is None:
                yield float(score[a, b]), one, other


def _matrix(codes: Iterable[int]) -> Any:
    """Codes as rows of zeros and ones."""
    size = BITS // 16
    rows = np.frombuffer(b"".join(code.to_bytes(size, "big") for code in codes), dtype=np.uint8).reshape(-1, size)
    return np.unpackbits(rows, axis=1).astype(np.float32)
