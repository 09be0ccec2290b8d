"""The same likelihoods one by one as by Splink: what a page explains is what the whole register was compared by."""

from datetime import date

import pyarrow as pa
import pytest

from bench import persons
from jalons.collection.people import linkage
from jalons.collection.people.rules import scoring
from jalons.collection.people.rules.clusters import assign
from jalons.collection.people.rules.names import read
from jalons.collection.people.rules.records import Record, birth_of
from jalons.collection.people.rules.weights import NAMES


@pytest.fixture(scope="module")
def records():
    told = persons.persons(1_500, seed=5)
    found = []
    for _who, given, family, sex, birth, phone, commune, identifier in zip(*told.values(), strict=True):
        year, day = birth_of(birth, date(2026, 11, 28)) if birth else (None, None)
        found.append(Record(read(given), read(family), sex, year, False, day, phone, commune, identifier))
    return found


@pytest.mark.slow
def test_each_pair_weighs_the_same_in_splink_as_one_by_one(records):
    absent = (None, None, 0, 0)
    rows = [(n, *(r.given or absent), *(r.family or absent), *r[2:], r.pair) for n, r in enumerate(records)]
    table = pa.Table.from_pylist([dict(zip(linkage.SCHEMA.names, row, strict=True)) for row in rows], linkage.SCHEMA)

    found = linkage.pairs(table, 0.01)

    assert len(found) > 300
    for one, other, score in found:
        assert score == pytest.approx(likely(records[one], records[other], records), abs=1e-9)


def likely(one, other, records):
    agreed, common = scoring.levels(one, other), {}
    for name in NAMES:
        if agreed[name] in ("same", "sound"):
            column = "form" if agreed[name] == "same" else "key"
            said = getattr(getattr(one, name), column)
            count = sum(getattr(getattr(r, name), column, None) == said for r in records)
            common[name] = scoring.frequency(name, agreed[name], count, len(records))
    return scoring.probability(agreed, common, scoring.prior(len(records)))


def test_two_known_persons_are_never_put_together_by_a_machine():
    outcome = assign([(1, 2, 0.99)], known={1: "a", 2: "b"})

    assert sorted(map(sorted, outcome.groups)) == [[1], [2]]
    assert outcome.grey == [(1, 2, 0.99)]


def test_what_someone_held_apart_stays_apart_even_through_a_third():
    outcome = assign([(1, 3, 0.99), (2, 3, 0.98)], known={}, apart=[(1, 2)])

    assert sorted(map(sorted, outcome.groups)) == [[1, 3]]
    assert outcome.grey == []


def test_births_ten_years_apart_are_left_to_someone():
    outcome = assign([(1, 2, 0.9)], {}, (), {1: (1980, 1980, None), 2: (1990, 1990, None)})

    assert outcome.grey == [(1, 2, 0.9)]


def test_what_is_unknown_on_one_side_weighs_nothing():
    one, other = Record(None, None, "F"), Record(None, None, None, 1990)

    assert set(scoring.levels(one, other).values()) == {None}
    assert scoring.probability(scoring.levels(one, other), {}, 0.1) == pytest.approx(0.1)
