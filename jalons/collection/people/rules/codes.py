"""Keyed codes of persons, which tell whether two lists hold the same ones without telling who they are.

Each partner codes its own list with a key agreed by the two and forgotten after; only codes are compared.
Parameters, and what these codes do not protect from: docs/decisions/0023-keyed-codes.md.
"""

import hashlib
import hmac
from collections.abc import Iterator
from typing import NamedTuple

from jalons.collection.people.rules.names import Name
from jalons.collection.people.rules.records import Record
from jalons.core.errors import Refused, _

BITS = 2_048  # before folding; a code is half as long
HASHES = {"given": 14, "family": 16, "year": 24, "sex": 20}  # bits that a piece of each field sets
SAME = 0.84  # Dice from which two codes with a year of birth are of one person
SAME_NAMES = 0.93  # the same where either does not know the year: names alone must agree more
SHORTEST = 16  # letters of a key: about 80 bits when drawn at random


class Code(NamedTuple):
    """names: of names and sex. whole: with the year of birth too; None where it is unknown. Both as integers."""

    names: int
    whole: int | None


def check_key(key: str) -> None:
    """Refuse a key short enough to be guessed.

    Source: a key that can be guessed turns codes back into names (Christen et al., 2017).
    """
    if len(key.strip()) < SHORTEST:
        raise Refused(_("La clé doit avoir au moins %(n)s signes, tirés au hasard."), n=SHORTEST)


def encode(record: Record, key: str) -> Code | None:
    """The codes of a person: bits set by the pieces of each field under a key, then folded in two by exclusive or.

    Missing: None without both names; a year or a sex that is unknown sets nothing.
    Source:  cryptographic long-term key, Schnell, Bachteler and Reiher, 2011; bits drawn by keyed hash rather than by
             double hashing, Niedermeyer et al., 2014; one salt per field, Vatsalan et al., 2017; folding by exclusive
             or, Schnell and Borgs, 2016.
    """
    if not (record.given and record.family):
        return None
    bits = _set("given", record.given, key) | _set("family", record.family, key)
    if record.sex:
        bits |= _bits("sex", record.sex, key)
    whole = None
    if record.year:
        near = (_bits("year", str(year), key) for year in range(record.year - 1, record.year + 2))
        whole = bits
        for year in near:
            whole |= year
    return Code(_fold(bits), None if whole is None else _fold(whole))


def _set(field: str, name: Name, key: str) -> int:
    found = 0
    for piece in pieces(name):
        found |= _bits(field, piece, key)
    return found


def pieces(name: Name) -> Iterator[str]:
    """Two letters at a time, borders included, of what both scripts write.

    Source: bigrams, Schnell et al., 2009.

    >>> from jalons.collection.people.rules.names import read
    >>> list(pieces(read("محمد"))) == list(pieces(read("Mohamed"))) == ["_m", "mh", "hm", "md", "d_"]
    True
    """
    padded = f"_{name.key}_"
    return (padded[n : n + 2] for n in range(len(padded) - 1))


def _bits(field: str, piece: str, key: str) -> int:
    """The bits that a piece of a field sets: 11 bits of keyed hash at a time."""
    found, count, block = 0, 0, 0
    while count < HASHES[field]:
        digest = hmac.new(key.strip().encode(), f"{field}|{piece}|{block}".encode(), hashlib.sha256).digest()
        for n in range(0, len(digest), 2):
            if count < HASHES[field]:
                found |= 1 << (int.from_bytes(digest[n : n + 2], "big") % BITS)
                count += 1
        block += 1
    return found


def _fold(bits: int) -> int:
    half = BITS // 2
    return (bits >> half) ^ (bits & ((1 << half) - 1))


def dice(one: int, other: int) -> float:
    """How alike two codes are.

    Unit:   0 to 1.
    Source: Dice, 1945; most stable of the measures compared (reference, part E2).

    >>> dice(0b1100, 0b0110), dice(0, 0)
    (0.5, 0.0)
    """
    total = one.bit_count() + other.bit_count()
    return 2 * (one & other).bit_count() / total if total else 0.0


def are_same(one: Code, other: Code) -> bool:
    """Whether two codes are held to be of one person.

    Missing: where either does not know the year of birth, names and sex alone must agree more.
    Source:  thresholds measured on names of the tuning part, decision 23.
    """
    if one.whole is not None and other.whole is not None:
        return dice(one.whole, other.whole) >= SAME
    return dice(one.names, other.names) >= SAME_NAMES
