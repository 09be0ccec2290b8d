"""From names of questions to columns of tables: their SQL type and a safe, stable, unique name."""

import re
import unicodedata
from zlib import crc32

LONGEST = 63  # PostgreSQL cuts identifiers beyond it, silently
NOT_AN_ANSWER = frozenset({"note"})
# kind of question -> SQL type of its column; all others are text
SQL_TYPES = {
    "integer": "bigint",
    "decimal": "double precision",
    "range": "double precision",
    "date": "date",
    "today": "date",
    "dateTime": "timestamptz",
    "start": "timestamptz",
    "end": "timestamptz",
    "select_multiple": "text[]",
    "rank": "text[]",
}
# columns that PostgreSQL keeps for itself in every table
SYSTEM = frozenset({"tableoid", "xmin", "cmin", "xmax", "cmax", "ctid"})


def sql_type(kind: str) -> str:
    """PostgreSQL type that holds the answers to a kind of question.

    Source: XLSForm question types; PostgreSQL 14 data types.

    >>> sql_type("integer"), sql_type("select_multiple"), sql_type("calculate")
    ('bigint', 'text[]', 'text')
    """
    return SQL_TYPES.get(kind, "text")


def holds_answer(kind: str) -> bool:
    """Whether a kind of question has an answer to keep; a note only shows a text.

    Source: XLSForm question types.
    """
    return kind not in NOT_AN_ANSWER


def column_name(name: str) -> str:
    """A name that any SQL tool reads without quotes: lower-case ASCII, no leading underscore, at most 63 bytes.

    A name in another script has no ASCII form: its checksum keeps the column the same from version to version.

    Source: PostgreSQL manual §4.1.1, identifiers.

    >>> column_name("Âge du chef"), column_name("_nom"), column_name("2024"), column_name("xmin")
    ('age_du_chef', 'nom', 'q_2024', 'q_xmin')
    >>> column_name("الاسم")
    'q_9f38ee3a'
    """
    folded = unicodedata.normalize("NFKD", name.lower()).encode("ascii", "ignore").decode()
    folded = re.sub(r"[^a-z0-9]+", "_", folded).strip("_")
    if not folded:
        return f"q_{crc32(name.encode()):08x}"
    if folded[0].isdigit() or folded in SYSTEM:
        folded = f"q_{folded}"
    if len(folded) > LONGEST:
        folded = f"{folded[: LONGEST - 9]}_{crc32(name.encode()):08x}"
    return folded


def unique_column(name: str, groups: tuple[str, ...], taken: set[str]) -> str:
    """The column of a question in its table: its name, else its group and name, else a number after it.

    Source: XLSForm, where a name is unique in its group only.

    >>> unique_column("nom", ("chef",), {"nom"})
    'chef_nom'
    """
    candidates = [name, *("_".join(groups[i:] + (name,)) for i in range(len(groups) - 1, -1, -1))]
    for candidate in map(column_name, candidates):
        if candidate not in taken:
            return candidate
    return next(c for c in (column_name(f"{name}_{n}") for n in range(2, 10_000)) if c not in taken)
