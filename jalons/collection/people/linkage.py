"""Pairs of records that may be one person, by Splink on DuckDB: the whole register at once."""

import logging

import duckdb
import pyarrow as pa
from splink import DuckDBAPI, Linker, SettingsCreator, block_on
from splink import comparison_level_library as levels
from splink import comparison_library as comparisons

from jalons.collection.people.rules import scoring
from jalons.collection.people.rules.clusters import Scored
from jalons.collection.people.rules.weights import NAMES, WEIGHTS

THREADS = 2
# One row a record, as `rules.records` reads it.
SCHEMA = pa.schema([
    ("unique_id", pa.int64()), ("given_form", pa.string()), ("given_key", pa.string()), ("given_heard", pa.int64()),
    ("given_barred", pa.int64()), ("family_form", pa.string()), ("family_key", pa.string()),
    ("family_heard", pa.int64()), ("family_barred", pa.int64()), ("sex", pa.string()), ("year", pa.int32()),
    ("is_age", pa.bool_()), ("birth", pa.string()), ("phone", pa.string()), ("commune", pa.string()),
    ("identifier", pa.string()), ("pair", pa.string()),
])  # fmt: skip
# Two records are compared when one of these agrees.
BLOCKING = (
    ("pair", "year"), ("pair", "commune"), ("phone",), ("identifier",), ("birth",), ("family_key", "commune"),
    ("given_key", "commune"), ("family_key", "year", "sex"),
)  # fmt: skip
NAME = {
    "same": "{n}_form_l = {n}_form_r",
    "sound": "{n}_key_l = {n}_key_r and ({n}_heard_l & {n}_barred_r) = 0 and ({n}_heard_r & {n}_barred_l) = 0",
    "vowels": "{n}_key_l = {n}_key_r",
    "exchanged": "given_key_l = family_key_r and family_key_l = given_key_r",
    # the quick similarity leaves the slow count of letters to few pairs, and loses none: one slip in four letters or
    # more, or in three unless two are exchanged, keeps it above
    "slip": "jaro_similarity({n}_slip_l, {n}_slip_r) >= 0.77 and damerau_levenshtein({n}_slip_l, {n}_slip_r) = 1",
}
CONDITIONS = {
    "given": {level: text.format(n="given") for level, text in NAME.items()},
    "family": {level: text.format(n="family") for level, text in NAME.items()},
    "birth": {
        "day": "birth_l = birth_r",
        "age": "(is_age_l or is_age_r) and abs(year_l - year_r) <= 1",
        "far": "(is_age_l or is_age_r) and abs(year_l - year_r) <= 3",
        "year": "year_l = year_r and (birth_l is null or birth_r is null)",
        "turned": "year_l = year_r and birth_l[6:7] = birth_r[9:10] and birth_l[9:10] = birth_r[6:7]",
        "slip": "birth_l[6:10] = birth_r[6:10] and abs(year_l - year_r) = 1",
        "around": "abs(year_l - year_r) <= 1",
    },
    "sex": {"same": "sex_l = sex_r"},
    "phone": {
        "same": "phone_l = phone_r",
        "slip": "jaro_similarity(phone_l, phone_r) >= 0.8 and damerau_levenshtein(phone_l, phone_r) = 1",
    },
    "commune": {"same": "commune_l = commune_r"},
    "identifier": {"same": "identifier_l = identifier_r"},
}
# where a slip is looked for, as `names.Name.slip` says
RECORDS = """
create table records as select *,
       case when strlen(given_key) >= 3 then given_key
            when strlen(given_form) >= 4 then given_form end as given_slip,
       case when strlen(family_key) >= 3 then family_key
            when strlen(family_form) >= 4 then family_form end as family_slip
  from given
"""
FOUND = """
select unique_id_l, unique_id_r, match_probability from {table}
 order by match_probability desc, unique_id_l, unique_id_r
"""
COMMON = """
create or replace table common_{column} as
select {column}, (count(*) + {steady}) / {total} as tf_{column} from {table} where {column} is not null group by 1
"""
KNOWN = {"given": "given_key", "family": "family_key", "birth": "year"}


def comparison(name: str) -> comparisons.CustomComparison:
    """One comparison with its levels, each with its fixed weights."""
    known, weights = KNOWN.get(name, name), WEIGHTS[name]
    held = [levels.NullLevel(known)]
    for level, condition in CONDITIONS[name].items():
        weight, told = weights[level], levels.CustomLevel(condition, label_for_charts=level)
        column = f"{name}_form" if level == "same" else known
        rare = {"tf_adjustment_column": column, "disable_tf_exact_match_detection": True} if weight.rare else {}
        held.append(told.configure(m_probability=weight.m, u_probability=weight.u, **rare))
    apart = weights["apart"]
    held.append(levels.ElseLevel().configure(m_probability=apart.m, u_probability=apart.u))
    return comparisons.CustomComparison(output_column_name=name, comparison_levels=held)


def settings(prior: float) -> SettingsCreator:
    """What Splink is asked, with the weights of the house."""
    return SettingsCreator(
        link_type="dedupe_only",
        comparisons=[comparison(name) for name in WEIGHTS],
        blocking_rules_to_generate_predictions=[block_on(*rule) for rule in BLOCKING],
        probability_two_random_records_match=prior,
        retain_matching_columns=False,
        retain_intermediate_calculation_columns=False,
    )


def linker(connection: duckdb.DuckDBPyConnection, table: str) -> Linker:
    """Splink over a table of records, the frequencies of its names told by `scoring.frequency`."""
    api = DuckDBAPI(connection=connection)
    total = connection.execute(f"select count(*) from {table}").fetchall()[0][0]  # noqa: S608
    made = Linker(api.register(table), settings(scoring.prior(total)), log_level=logging.ERROR)
    for name in NAMES:
        for column, level in ((f"{name}_form", "same"), (f"{name}_key", "sound")):
            steady = scoring.STEADY * WEIGHTS[name][level].u
            values = {"column": column, "table": table, "steady": steady, "total": total + scoring.STEADY}
            connection.execute(COMMON.format(**values))
            made.table_management.register_term_frequency_lookup(api.register(f"common_{column}"), column)
    return made


def pairs(records: pa.Table, least: float) -> list[Scored]:
    """Pairs of records at least so likely to be of one person, the likeliest first."""
    with duckdb.connect(config={"threads": THREADS}) as connection:
        connection.register("given", records)
        connection.execute(RECORDS)
        found = linker(connection, "records").inference.predict(threshold_match_probability=least)
        told = connection.sql(FOUND.format(table=found.physical_name)).to_arrow_table()
    return list(zip(*(column.to_pylist() for column in told.columns), strict=True))
