"""Sixty indicators on people and on households, each told three ways: a formula, SQL by hand, pandas."""

import operator
import re
from dataclasses import dataclass
from typing import Any

import pandas as pd

from bench.engine_data import AGES, PARTNERS, SEX, STATUS

PEOPLE, HOMES = "people", "homes"
FOODS = {"cereals": 2, "pulses": 3, "veg": 1, "fruit": 1, "meat": 4, "milk": 4, "oil": 0.5, "sugar": 0.5}
FCS = "(" + " + ".join(f"fcs_{food} * {weight}" for food, weight in FOODS.items()) + ")"
RCSI = "(rcsi1 + rcsi2 * 2 + rcsi3 + rcsi4 * 3 + rcsi5)"
YES, DISABLED = ("attended", "=", "yes"), ("disability", "=", "yes")
TRAINING, HEALTH, SCHOOL, CASH = (("activity", "=", name) for name in ("training", "health", "school", "cash"))
OFTEN, GOOD = ("sessions", ">=", 6), ("score_post", ">=", 60)
TAP, TRUCK = (("water_source", "=", name) for name in ("tap", "truck"))


@dataclass(frozen=True)
class Indicator:
    """grain: what is counted; values: one, or numerator and denominator; where: conditions, all of them."""

    grain: str
    measure: str  # count, distinct, sum, average, ratio, share
    values: tuple[str, ...]
    where: tuple[tuple, ...]
    least: float = 0  # share: the value is at least this


def _all(grain: str, measure: str, *told: tuple) -> list[Indicator]:
    return [Indicator(grain, measure, values, where, *rest) for values, where, *rest in told]


INDICATORS = [
    *_all(PEOPLE, "count", ((), ()), ((), (YES,)), ((), (DISABLED,)), ((), (YES, OFTEN)), ((), (TRAINING,)),
          ((), (HEALTH, YES))),
    *_all(PEOPLE, "distinct", *((("person_id",), where) for where in (
        (), (YES,), (DISABLED,), (OFTEN,), (TRAINING,), (CASH,), (HEALTH, YES), (GOOD,)))),
    *_all(PEOPLE, "sum", *((("sessions",), where) for where in ((), (YES,), (SCHOOL,), (DISABLED,)))),
    *_all(PEOPLE, "average", (("score_post",), ()), (("score_pre",), ()), (("score_post",), (YES,)),
          (("sessions",), (YES,))),
    *_all(PEOPLE, "ratio", (("score_post", "score_pre"), ()), (("sessions", "age"), (("age", ">", 0),)),
          (("score_post", "sessions"), (("sessions", ">", 0),)), (("sessions", "score_pre"), (("score_pre", ">", 0),))),
    *_all(PEOPLE, "share", (("score_post",), (), 60), (("score_post",), (YES,), 75), (("sessions",), (), 6),
          (("score_pre",), (TRAINING,), 40)),
    *_all(HOMES, "count", *(((), where) for where in (
        (), (("consent", "=", "yes"),), (("activity", "=", "visit"),), (TAP,), (("latrine", "!=", "none"),),
        (("knows_hotline", "=", "yes"),)))),
    *_all(HOMES, "distinct", *((("hh_id",), where) for where in (
        (), (("cash_amount", ">", 0),), (("kits", ">", 0),), (("activity", "=", "wash"),))),
        (("site_id",), ()), (("enumerator",), ())),
    *_all(HOMES, "sum", (("cash_amount",), ()), (("kits",), ()), (("training_hours",), (TRAINING,)), (("hh_size",), ()),
          (("cash_amount",), (("status", "=", "refugee"),)), (("water_litres",), (TRUCK,))),
    *_all(HOMES, "average", (("satisfaction",), ()), ((FCS,), ()), ((RCSI,), ()), (("income",), ())),
    *_all(HOMES, "ratio", (("expenditure", "income"), (("income", ">", 0),)), (("water_litres", "hh_size"), ()),
          (("cash_amount", "hh_size"), ()), (("school_km", "hh_size"), ())),
    *_all(HOMES, "share", ((FCS,), (), 35), ((RCSI,), (), 10), (("satisfaction",), (), 4), (("water_litres",), (), 15)),
]  # fmt: skip
SPLITS = {
    PEOPLE: {"sex": "sex", "age": "ageband", "territory": "_region", "status": "status"},
    HOMES: {"sex": "head_sex", "partner": "partner", "territory": "_region", "status": "status"},
}


def cuts(grain: str) -> list[tuple[str, ...]]:
    """The total, each split alone, all together."""
    codes = tuple(SPLITS[grain])
    return [(), *((code,) for code in codes), codes]


# As a formula


def formula(indicator: Indicator) -> dict[str, Any]:
    told = [_asked(value) for value in indicator.values]
    source = {"form": "bench", "repeat": "membre" if indicator.grain == PEOPLE else None}
    where = " and ".join(f"${{{name}}} {sign} {value!r}" for name, sign, value in indicator.where)
    record = {"source": source, "filter": where, "dimensions": _dimensions(indicator.grain)}
    match indicator.measure:
        case "ratio":
            return record | {"measure": "share", "scale": 1, "numerator": told[0], "denominator": told[1]}
        case "share":
            least = f"{told[0]} >= {indicator.least}"
            return record | {"measure": "share", "scale": 1, "numerator": least, "denominator": "true()"}
        case "count":
            return record | {"measure": "count"}
    return record | {"measure": indicator.measure, "value": told[0]}


def _asked(value: str) -> str:
    return re.sub(r"[a-z]\w*", lambda name: f"${{{name[0]}}}", value)


def _dimensions(grain: str) -> dict[str, Any]:
    same = {"sex": SEX, "partner": PARTNERS, "status": STATUS}
    told = {
        code: {"value": f"${{{column}}}", "categories": {name: name for name in same[code]}}
        for code, column in SPLITS[grain].items()
        if code in same
    }
    age = {"age": {"value": "${age}", "bands": [list(band) for band in AGES]}} if grain == PEOPLE else {}
    return told | age | {"territory": {"level": "region"}}


# As SQL by hand: two numbers, of which the second divides the first


def sql(indicator: Indicator) -> list[str]:
    values, kept = indicator.values, [f"{name} {sign} {value!r}" for name, sign, value in indicator.where]

    def among(aggregate: str, *more: str) -> str:
        conditions = [*kept, *more]
        return aggregate + (f" filter (where {' and '.join(conditions)})" if conditions else "")

    match indicator.measure:
        case "count":
            return [among("count(*)"), "1"]
        case "distinct":
            return [among(f"count(distinct {values[0]})"), "1"]
        case "sum":
            return [among(f"sum({values[0]})"), "1"]
        case "average":
            return [among(f"sum({values[0]})"), among(f"count({values[0]})")]
        case "ratio":
            both = [f"{value} is not null" for value in values]
            return [among(f"sum({value})", *both) for value in values]
    return [among("count(*)", f"{values[0]} >= {indicator.least}"), among(f"count({values[0]})")]


def grouping_sets(grain: str, homes: str, people: str) -> str:
    """One query for all the indicators of a grain, in all cuts, over the same typed tables."""
    columns, names = SPLITS[grain].values(), [f"n{i}" for i in range(2 * len(INDICATORS))]
    own = [part for indicator in INDICATORS if indicator.grain == grain for part in sql(indicator)]
    told = ", ".join(f"{part} as {name}" for part, name in zip(own, names, strict=False))
    sets = ", ".join(f"({', '.join(('q', *(SPLITS[grain][code] for code in cut)))})" for cut in cuts(grain))
    quarter = "(extract(year from h._date)::int - 2024) * 4 + extract(quarter from h._date)::int - 1"
    bands = " ".join(f"when age <= {high} then '{code}'" for code, _low, high in AGES if high is not None)
    rows = f"select h.*, {quarter} as q from projection.{homes} h"
    if grain == PEOPLE:
        rows = (
            f"select p.*, h.status, h.activity, case {bands} else '60+' end as ageband, {quarter} as q "
            f"from projection.{people} p join projection.{homes} h using (_submission)"
        )
    rows += " where h._state = 'validated'"
    return (
        f"select grouping({', '.join(columns)}), q, {', '.join(columns)}, {told} from ({rows}) as rows "
        f"group by grouping sets ({sets})"
    )


# As pandas

SIGNS = {"=": operator.eq, "!=": operator.ne, ">": operator.gt, ">=": operator.ge}


def by_pandas(indicator: Indicator, frame: pd.DataFrame) -> dict[tuple[str, ...], Any]:
    """Cut -> what each group gives: filter once, then one group-by for each cut."""
    for name, sign, value in indicator.where:
        frame = frame[SIGNS[sign](frame[name], value)]
    if indicator.measure == "ratio":
        frame = frame[frame[list(indicator.values)].notna().all(axis=1)]
    value = _value(indicator, frame)
    return {
        cut: _grouped(indicator, frame, value, ["q", *(SPLITS[indicator.grain][code] for code in cut)])
        for cut in cuts(indicator.grain)
    }


def _value(indicator: Indicator, frame: pd.DataFrame) -> pd.Series | None:
    if not indicator.values:
        return None
    name = indicator.values[0]
    return frame[name] if name in frame else frame.eval(name)


def _grouped(indicator: Indicator, frame: pd.DataFrame, value: pd.Series | None, by: list[str]) -> Any:
    keys = [frame[name] for name in by]
    match indicator.measure:
        case "count":
            return frame.groupby(by, observed=True).size()
        case "distinct":
            return value.groupby(keys, observed=True).nunique()
        case "sum":
            return value.groupby(keys, observed=True).sum()
        case "average":
            return value.groupby(keys, observed=True).sum() / value.groupby(keys, observed=True).count()
        case "ratio":
            return (
                value.groupby(keys, observed=True).sum() / frame[indicator.values[1]].groupby(keys, observed=True).sum()
            )
    reached = (value >= indicator.least).groupby(keys, observed=True).sum()
    return reached / value.groupby(keys, observed=True).count()
