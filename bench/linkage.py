"""Persons counted once: as quick as Splink by itself, and how right, in one script and in two.

SIZE=50000 python -m bench linkage: a trial; a million records by default.
"""

import logging
import os
import statistics
import time
import warnings
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
from django.db import connection
from splink import DuckDBAPI, Linker, SettingsCreator, block_on
from splink import comparison_level_library as levels
from splink import comparison_library as comparisons

from bench import persons
from jalons.collection.people import codes, linkage, register
from jalons.collection.people.models import Alias
from jalons.collection.people.rules import clusters
from jalons.collection.people.rules.clusters import assign
from jalons.collection.people.rules.codes import encode
from jalons.collection.people.rules.letters import IS_ARABIC
from jalons.collection.people.rules.names import read
from jalons.collection.people.rules.records import Record, birth_of
from jalons.foundation.programmes.models import Operator

SIZE = int(os.environ.get("SIZE", "1000000"))
TWO_SCRIPTS = 20_000
TODAY = date(2026, 11, 28)
NAMES = Path(__file__).parent.parent.parent / "shared/data/linkage/names-morocco_CC0/ma_units.csv"
NEW = 15  # new records looked for one by one


def run() -> list[dict]:
    warnings.filterwarnings("ignore")
    logging.getLogger("splink").setLevel(logging.ERROR)
    people = persons.persons(SIZE)
    table = keyed(people)
    return [*whole(table, people), *two_scripts(), *one_by_one(table)]


def records(people: dict[str, list]) -> Iterator[Record]:
    """Persons as they are compared."""
    columns = (people[name] for name in persons.COLUMNS[1:])
    for given, family, sex, birth, phone, commune, identifier in zip(*columns, strict=True):
        year, day = birth_of(birth, TODAY) if birth else (None, None)
        yield Record(read(given), read(family), sex, year, False, day, phone, commune, identifier)


def keyed(people: dict[str, list]) -> pa.Table:
    """Records with the keys that are computed when they arrive."""
    absent = (None, None, 0, 0)
    rows = [
        (n, *(one.given or absent), *(one.family or absent), *one[2:], one.pair)
        for n, one in enumerate(records(people))
    ]
    columns = zip(zip(*rows, strict=True), linkage.SCHEMA.types, strict=True)
    return pa.Table.from_arrays([pa.array(values, type=kind) for values, kind in columns], schema=linkage.SCHEMA)


def whole(table: pa.Table, people: dict[str, list]) -> list[dict]:
    """The whole register: time against Splink by itself, then how right."""
    theirs, predicting = bare(table)
    began = time.perf_counter()
    groups = grouped(table)
    ours = time.perf_counter() - began
    size = f"{SIZE:,}".replace(",", " ")
    return [
        figure(f"rapprocher {size} mentions (s)", ours, "Splink nu, mêmes clés et blocages", theirs, 1.5),
        figure(f"rapprocher {size} mentions (s)", ours, "Splink nu, sans son apprentissage", predicting, 1.5),
        *rightness(groups, people["person"], f"{size} mentions", (0.985, 0.94)),
    ]


def grouped(table: pa.Table) -> list[list[int]]:
    """Persons as the register makes them: pairs by Splink with our weights, then who is who."""
    scored = linkage.pairs(table, clusters.GREY)
    alike = pa.array([pk for pair in scored for pk in pair[:2]])
    told = table.select(["unique_id", "year", "identifier"]).filter(pc.is_in(table["unique_id"], alike))
    known = zip(*(column.to_pylist() for column in told.columns), strict=True)
    facts = {pk: (year or 9999, year or 0, identifier) for pk, year, identifier in known}
    return assign(scored, {}, (), facts).groups


def rightness(groups: list[list[int]], truth: list[int], what: str, targets: tuple[float, float]) -> list[dict]:
    """Pairs of records held to be of one person: how many are, and how many of those that are."""
    true = sum(n * (n - 1) // 2 for n in Counter(truth).values())
    held = sum(len(group) * (len(group) - 1) // 2 for group in groups)
    right = sum(n * (n - 1) // 2 for group in groups for n in Counter(truth[pk] for pk in group).values())
    told = zip(("précision", "rappel"), (right / max(held, 1), right / true), targets, strict=True)
    return [
        {"name": f"{name}, {what}", "ours": value, "against": "exigé", "theirs": target, "ratio": value,
         "target": target, "better": "higher"} for name, value, target in told
    ]  # fmt: skip


def two_scripts() -> list[dict]:
    """Names attested in both scripts, none of which was looked at while the rules were written."""
    if not NAMES.exists():
        return []
    people = persons.bilingual(NAMES, 1, TWO_SCRIPTS)
    said = "noms en deux écritures, jamais vus"
    return [*rightness(grouped(keyed(people)), people["person"], said, (0.98, 0.93)), *by_codes(people, said)]


def by_codes(people: dict[str, list], said: str) -> list[dict]:
    """The same persons, one list in Arabic and one in Latin letters, by their keyed codes alone."""
    lists: tuple[list, list] = ([], [])
    for n, record in enumerate(records(people)):
        if code := encode(record, "a key that is long enough"):
            lists[bool(IS_ARABIC.search(people["given"][n]))].append((people["person"][n], code))
    latin, arabic = ([code for _who, code in one] for one in lists)
    found, _maybe = codes.matches(latin, arabic)
    right = sum(lists[0][one][0] == lists[1][other][0] for one, other in found)
    dated = [{who for who, code in one if code.whole is not None} for one in lists]
    told = (right / max(len(found), 1), right / len(dated[0] & dated[1]))
    return [
        {"name": f"{name}, codes à clé (année connue), {said}", "ours": value, "against": "exigé", "theirs": target,
         "ratio": value, "target": target, "better": "higher"}
        for name, value, target in zip(("précision", "rappel"), told, (0.95, 0.85), strict=True)
    ]  # fmt: skip


def bare_settings() -> SettingsCreator:
    """What Splink's own documentation would have one write, with our keys and blocking rules."""

    def name(part: str) -> comparisons.CustomComparison:
        form, key = f"{part}_form", f"{part}_key"
        return comparisons.CustomComparison(output_column_name=part, comparison_levels=[
            levels.NullLevel(form), levels.ExactMatchLevel(form).configure(tf_adjustment_column=form),
            levels.ExactMatchLevel(key).configure(tf_adjustment_column=key), levels.JaroWinklerLevel(form, 0.9),
            levels.JaroWinklerLevel(form, 0.8), levels.ElseLevel(),
        ])  # fmt: skip

    birth = comparisons.CustomComparison(output_column_name="birth", comparison_levels=[
        levels.NullLevel("year"), levels.ExactMatchLevel("birth"), levels.ExactMatchLevel("year"),
        levels.CustomLevel("abs(year_l - year_r) = 1", "one year"), levels.ElseLevel(),
    ])  # fmt: skip
    return SettingsCreator(
        link_type="dedupe_only",
        comparisons=[name("given"), name("family"), birth, comparisons.LevenshteinAtThresholds("phone", 1),
                     comparisons.ExactMatch("commune"), comparisons.ExactMatch("sex"),
                     comparisons.ExactMatch("identifier")],
        blocking_rules_to_generate_predictions=[block_on(*rule) for rule in linkage.BLOCKING],
        retain_matching_columns=False, retain_intermediate_calculation_columns=False,
    )  # fmt: skip


def bare(table: pa.Table) -> tuple[float, float]:
    """Seconds that Splink takes by itself: with its training, and without."""
    with duckdb.connect(config={"threads": linkage.THREADS}) as db:
        db.register("given", table)
        db.execute("create table records as select * from given")
        began = time.perf_counter()
        made = trained(db)
        ready = time.perf_counter()
        found = made.inference.predict(threshold_match_probability=0.5)
        made.clustering.cluster_pairwise_predictions_at_threshold(found, threshold_match_probability=0.5)
        ended = time.perf_counter()
        return ended - began, ended - ready


def trained(db: duckdb.DuckDBPyConnection) -> Linker:
    api = DuckDBAPI(connection=db)
    made = Linker(api.register("records"), bare_settings(), log_level=logging.ERROR)
    sure = [block_on("given_form", "family_form", "birth"), block_on("identifier"), block_on("phone", "given_form")]
    made.training.estimate_probability_two_random_records_match(sure, recall=0.5)
    made.training.estimate_u_using_random_sampling(max_pairs=2e6)
    for rule in (block_on("phone"), block_on("given_key", "family_key", "commune")):
        made.training.estimate_parameters_using_expectation_maximisation(rule, fix_u_probabilities=True)
    return made


def one_by_one(table: pa.Table) -> list[dict]:
    """One new record against all others: in the register, and by Splink's own predict_between."""
    operator = Operator.objects.create(code="B", name="B")
    store(table, operator.pk)
    wanted = list(range(0, len(table), len(table) // NEW))[:NEW]
    ours = [timed(lambda pk=pk: register.few(operator.pk, [pk + 1])) for pk in wanted]
    with duckdb.connect(config={"threads": linkage.THREADS}) as db:
        db.register("given", table)
        db.execute(linkage.RECORDS)
        made = linkage.linker(db, "records")
        everyone, theirs = made._input_tables_dict, []
        api = made._db_api
        for pk in wanted:
            db.execute(f"create or replace table new_{pk} as select * replace (-1 - unique_id as unique_id) "
                       f"from records where unique_id = {pk}")  # fmt: skip
            new = api.register(f"new_{pk}")
            left = next(iter(everyone.values()))
            theirs.append(timed(lambda left=left, new=new: made.inference.predict_between(
                left, new, threshold_match_probability=clusters.GREY)))  # fmt: skip
    return [figure("une mention nouvelle contre toutes (s, médiane)", statistics.median(ours),
                   "predict_between de Splink", statistics.median(theirs), 2)]  # fmt: skip


def store(table: pa.Table, operator: int) -> None:
    """The records as aliases, whose rows nothing is told of here but their keys."""
    names = [register.COLUMN.get(name, name) for name in table.schema.names[1:]]
    one = Alias(row=0, version=1, operator_id=operator, source_id=1, submission_id=1)
    one.created_at = one.updated_at = TODAY
    fields = [f for f in Alias._meta.concrete_fields if not f.primary_key and f.column not in names]
    fixed = tuple(getattr(one, f.attname) for f in fields)
    with connection.cursor() as cursor:
        cursor.execute("set session_replication_role = replica")  # no source, no submission
        cursor.execute("alter table people_alias drop constraint alias_once")
        columns = ", ".join(f'"{name}"' for name in ["id", *(f.column for f in fields), *names])
        with cursor.copy(f"copy {Alias._meta.db_table} ({columns}) from stdin") as stream:
            for batch in table.to_batches(50_000):
                for pk, *values in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                    stream.write_row((pk + 1, *fixed, *values))
        cursor.execute("set session_replication_role = origin")
        cursor.execute("vacuum analyze people_alias")


def timed(work) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def figure(name: str, ours: float, against: str, theirs: float, target: float) -> dict:
    return {"name": name, "ours": ours, "against": against, "theirs": theirs, "ratio": ours / theirs,
            "target": target, "better": "lower"}  # fmt: skip
