"""One meaning on every path: plain Python, PostgreSQL and the kernel give the same cells."""

from datetime import UTC, date, datetime

import numpy as np
import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jalons.evidence.measurement.rules import sql
from jalons.evidence.measurement.rules.compile import Column, Source
from jalons.evidence.measurement.rules.contribution import contribution
from jalons.evidence.measurement.rules.formula import MEASURES, read_formula
from jalons.evidence.measurement.rules.kernel import Kernel
from jalons.evidence.measurement.rules.partitions import build, load, save
from jalons.evidence.measurement.rules.plan import plans
from jalons.evidence.measurement.rules.proof import Row, recompute
from jalons.evidence.measurement.rules.sql import Span
from jalons.evidence.measurement.tests import naive

TODAY = date(2026, 11, 1)
BEFORE, THEN, LATELY = (datetime(2026, month, 1, tzinfo=UTC) for month in (8, 9, 10))
SPANS = [
    Span("T1", date(2026, 1, 1), date(2026, 3, 31)),
    Span("T2", date(2026, 4, 1), date(2026, 6, 30)),
    Span("year", date(2026, 1, 1), date(2026, 12, 31)),
]
KINDS = {"integer": "bigint", "decimal": "double precision", "text": "text", "select_one": "text", "date": "date"}
KINDS |= {"select_multiple": "text[]"}
ROOT = {"region": "select_one", "visits": "integer", "notes": "text", "seen": "date"}
MEMBER = {"sex": "select_one", "age": "integer", "income": "decimal", "needs": "select_multiple", "id": "text"}
SYSTEM = {
    "_submission": "bigint",
    "_version": "bigint",
    "_row": "int",
    "_parent": "int",
    "_state": "text",
    "_date": "date",
    "_territory": "bigint",
    "_province": "bigint",
    "_region": "bigint",
    "_country": "bigint",
    "_not_asked": "text[]",
    "_maybe_asked": "text[]",
    "_since": "timestamptz",
    "_until": "timestamptz default 'infinity'",
}
HOME = Source("home", ("projection.form_9",), {n: Column(0, n, k) for n, k in ROOT.items()})
PERSON = Source(
    "home",
    ("projection.form_9_member", "projection.form_9"),
    {n: Column(0, n, k) for n, k in MEMBER.items()} | {n: Column(1, n, k) for n, k in ROOT.items()},
    "member",
)
SPLITS = {
    "sex": {"value": "${sex}", "categories": {"f": "female", "m": "male"}},
    "age": {"value": "${age}", "bands": [["0-14", 0, 14], ["15-29", 15, 29], ["30+", 30, None]]},
    "territory": {"level": "province"},
    "region": {"value": "${region}", "categories": {"north": "n", "south": "s", "east": "s"}},
}

# Any expression of the language, by the kind of value that it gives

NUMBERS = st.one_of(
    st.sampled_from(["${age}", "${income}", "${visits}", "count-selected(${needs})", "string-length(${notes})"]),
    st.sampled_from(["number(${notes})", "decimal-date-time(${seen})"]),
    st.integers(-3, 40).map(lambda n: f"{n}" if n >= 0 else f"(-{-n})"),
)
CONDITIONS = st.one_of(
    st.sampled_from(["${sex} = 'f'", "${sex} != 'f'", "${region} = ''", "${needs} != ''", "${age} = ''"]),
    st.sampled_from(["selected(${needs}, 'food')", "selected(${region}, 'north')", "contains(${notes}, '1')"]),
    st.sampled_from(["starts-with(${notes}, 'a')", "regex(${notes}, '[a-z]+')", "${seen} > '2026-02-10'"]),
    st.sampled_from(["${region} = ${notes}", "${notes} > 5", "date(${seen}) + 30 < today()", "true()"]),
    st.sampled_from(["format-date(${seen}, '%m/%Y') = '02/2026'", "concat(${sex}, ${region}) = 'fnorth'"]),
)


def deeper_numbers(numbers):
    return st.one_of(
        st.tuples(numbers, st.sampled_from(["+", "-", "*", "div", "mod"]), numbers).map(
            "({0[0]} {0[1]} {0[2]})".format
        ),
        st.tuples(st.sampled_from(["int", "round", "abs", "-"]), numbers).map("{0[0]}({0[1]})".format),
        st.tuples(st.sampled_from(["min", "max", "coalesce"]), numbers, numbers).map("{0[0]}({0[1]}, {0[2]})".format),
        st.tuples(CONDITIONS, numbers, numbers).map("if({0[0]}, {0[1]}, {0[2]})".format),
    )


def deeper_conditions(conditions):
    return st.one_of(
        st.tuples(conditions, st.sampled_from(["and", "or"]), conditions).map("({0[0]} {0[1]} {0[2]})".format),
        conditions.map("not({})".format),
        st.tuples(NUMBERS, st.sampled_from(["=", "!=", "<", "<=", ">", ">="]), NUMBERS).map(
            "{0[0]} {0[1]} {0[2]}".format
        ),
    )


NUMBER = st.recursive(NUMBERS, deeper_numbers, max_leaves=4)
CONDITION = st.recursive(CONDITIONS, deeper_conditions, max_leaves=4)


@st.composite
def formulas(draw):
    """Any formula on persons: any measure, any filter, any splits."""
    measure = draw(st.sampled_from(sorted(set(MEASURES) - {"persons"})))
    record = {"source": {"form": "home", "repeat": "member"}, "measure": measure}
    record["filter"] = draw(st.one_of(st.just(""), CONDITION))
    if measure == "share":
        record |= {"numerator": draw(CONDITION | NUMBER), "denominator": draw(CONDITION | NUMBER)}
    elif measure != "count":
        entities = st.sampled_from(["${id}", "${sex}", "${age}", "${seen}"])
        record["value"] = draw(entities if measure == "distinct" else NUMBER)
    if draw(st.booleans()):
        record["date"] = "seen"
    record["dimensions"] = {code: SPLITS[code] for code in draw(st.lists(st.sampled_from(sorted(SPLITS)), unique=True))}
    return record


def blank_or(values):
    return st.one_of(st.none(), values)


def flags(questions):
    return st.lists(st.sampled_from(sorted(questions)), max_size=2, unique=True)


MEMBERS = st.fixed_dictionaries(
    {
        "sex": blank_or(st.sampled_from(["f", "m", "x"])),
        "age": blank_or(st.integers(0, 45)),
        "income": blank_or(st.integers(0, 40).map(lambda n: n / 4)),
        "needs": blank_or(st.lists(st.sampled_from(["food", "water", "rest"]), min_size=1, unique=True)),
        "id": blank_or(st.sampled_from(["p1", "p2", "p3"])),
        "_not_asked": flags(MEMBER),
        "_maybe_asked": flags(MEMBER),
    }
)
HOMES = st.fixed_dictionaries(
    {
        "region": blank_or(st.sampled_from(["north", "south", "west"])),
        "visits": blank_or(st.integers(0, 5)),
        "notes": blank_or(st.sampled_from(["a", "abc", "12", " 1.5 ", "north"])),
        "seen": blank_or(st.dates(date(2026, 1, 1), date(2026, 7, 30))),
        "_not_asked": flags(ROOT),
        "_maybe_asked": flags(ROOT),
        "_state": st.sampled_from(["validated", "validated", "received"]),
        "_date": blank_or(st.dates(date(2026, 1, 1), date(2026, 7, 30))),
        "_province": blank_or(st.integers(1, 3)),
        "members": st.lists(MEMBERS, max_size=6),
    }
)


@pytest.fixture
def tables(db):
    """The typed tables of one form and its repeat, as the projection makes them."""
    with connection.cursor() as cursor:
        cursor.execute("create schema if not exists projection")
        for name, questions in (("form_9", ROOT), ("form_9_member", MEMBER)):
            columns = SYSTEM | {q: KINDS[k] for q, k in questions.items()}
            made = ", ".join(f"{column} {kind}" for column, kind in columns.items())
            cursor.execute(f"create table projection.{name} ({made})")
    return connection


def fill(homes, before):
    """Write what homes say now, and what those that counted said before; each member with its home, both times."""
    with connection.cursor() as cursor:
        cursor.execute("delete from projection.form_9; delete from projection.form_9_member")
    counted = [home for home in before if home["_state"] == "validated"]
    return write(homes, "validated", LATELY, "infinity"), write(counted, "closed", BEFORE, LATELY)


def write(homes, counts, since, until):
    root, members, lines = [], [], []
    for submission, home in enumerate(homes, 1):
        state = counts if home["_state"] == "validated" else home["_state"]
        shared = {"_submission": submission, "_version": submission * 10, "_state": state, "_until": until}
        shared |= {"_since": since if state == counts else None, "_date": home["_date"], "_province": home["_province"]}
        asks = {"_not_asked": home["_not_asked"], "_maybe_asked": home["_maybe_asked"]}
        root.append(shared | {"_row": 0} | asks | {q: home[q] for q in ROOT})
        around = shared | asks | {"answers": {q: home[q] for q in ROOT}}
        for row, member in enumerate(home["members"]):
            members.append(shared | {"_row": row, "_parent": 0} | member)
            own = {"_row": row, "_state": home["_state"], "seen": home["seen"]}
            own |= {"answers": {q: member[q] for q in MEMBER}} | {f: member[f] for f in asks}
            lines.append((shared | own, around))
    with connection.cursor() as cursor:
        for name, rows in (("form_9", root), ("form_9_member", members)):
            for row in rows:
                marks = ", ".join(["%s"] * len(row))
                cursor.execute(f"insert into projection.{name} ({', '.join(row)}) values ({marks})", list(row.values()))
    return lines


def asked_of_postgresql(query):
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchall()


def by_postgresql(made, by, at=None):
    found = asked_of_postgresql(sql.cells(made, by, SPANS, at))
    return {row[: len(by) + 1]: row[len(by) + 1 :] for row in found}


def by_kernel(plan, folder=None):
    """(formula, dimensions) -> cells, from partitions built, and kept and read back when a folder is given."""
    found = {}
    for span in SPANS:
        rows = asked_of_postgresql(sql.partition_rows(plan.source, plan.loads(), plan.day, span))
        partition = build(plan, rows)
        if folder:
            save(partition, folder / span.name, "stamp")
            stamp, partition = load(folder / span.name)
            assert stamp == "stamp"
        for table in Kernel(plan, partition).tables():
            for row, key in enumerate(table.keys):
                cells = found.setdefault((key, table.dimensions), {})
                for column, cell in enumerate(table.cells):
                    name = (span.name, *cell.split("|")) if table.dimensions else (span.name,)
                    figures = (table.numbers, table.numerators, table.denominators, table.answered, table.asked)
                    cells[name] = tuple(figure[row, column] for figure in figures)
    return found


def same(found, expected):
    """Equal cells; a period without any row is a total of nothing, unknown, that SQL does not return."""
    found = {key: cell for key, cell in found.items() if key in expected or cell[3:] != (0, 0)}
    assert found.keys() == expected.keys()
    for key, figures in expected.items():
        wanted = [np.nan if figure is None else float(figure) for figure in figures]
        given = [np.nan if figure is None else float(figure) for figure in found[key]]
        assert given == pytest.approx(wanted, nan_ok=True), key


def proved(made, by, cells, at=None):
    """The rows behind each cell give its number again."""
    spans = {span.name: span for span in SPANS}
    for (period, *names), figures in cells.items():
        found = asked_of_postgresql(sql.evidence(made, dict(zip(by, names, strict=True)), spans[period], at))
        if found:
            again = recompute(made.formula, [Row(*line[:3], line[4:]) for line in found])
            assert again == pytest.approx(figures[0]), (period, names)
        else:
            assert not figures[0]


def cuts(made):
    codes = tuple(made.splits)
    return dict.fromkeys([(), *((code,) for code in codes), codes])


def dated(formula, lines):
    for line in lines:
        line[0]["day"] = line[0]["seen"] if formula.date else line[0]["_date"]
    return lines


@pytest.mark.slow
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(homes=st.lists(HOMES, max_size=12), before=st.lists(HOMES, max_size=6), record=formulas())
def test_python_postgresql_and_the_kernel_give_the_same_cells(tables, tmp_path, homes, before, record):
    formula = read_formula(record)
    lines, lines_then = (dated(formula, found) for found in fill(homes, before))
    made = contribution(formula, PERSON, TODAY)
    (plan,) = plans({"it": made})

    fast = by_kernel(plan, tmp_path)

    for by in cuts(made):
        plain, plain_then = (naive.cells(formula, found, by, SPANS) for found in (lines, lines_then))
        same(by_postgresql(made, by), plain)
        same(fast.get(("it", by), {}), plain)
        same(by_postgresql(made, by, THEN), plain_then)
        if len(by) < 2:
            proved(made, by, plain)
            proved(made, by, plain_then, THEN)
