"""What the engine is measured on: invented households and their members, in frames and in typed tables."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from django.db import connection

SEX, YES = ["female", "male"], ["yes", "no"]
STATUS = ["resident", "refugee", "returnee", "migrant"]
PARTNERS = ["alpha", "beta", "gamma", "delta", "epsilon", "zeta"]
ACTIVITIES = ["training", "cash", "kit", "visit", "awareness", "health", "school", "wash"]
WATER, LATRINE = ["tap", "well", "truck", "surface"], ["flush", "pit", "none"]
FOODS = ["cereals", "pulses", "veg", "fruit", "meat", "milk", "oil", "sugar"]
AGES = [("00-04", 0, 4), ("05-11", 5, 11), ("12-17", 12, 17), ("18-29", 18, 29), ("30-59", 30, 59), ("60+", 60, None)]
SYSTEM = "_submission bigint, _version bigint, _row int, _parent int, _state text, _date date, _territory bigint, \
_province bigint, _region bigint, _country bigint, _not_asked text[], _maybe_asked text[], \
_since timestamptz, _until timestamptz"
SQL_TYPES = {"str": "text", "object": "text", "category": "text", "int64": "bigint", "float64": "double precision"}
WHOLE = ("fcs_", "rcsi", "kits", "satisfaction")  # whole numbers that pandas keeps as floats, for their blanks
KEPT_ASIDE = {"home", "members", "q", "ageband"}


@dataclass
class World:
    """Answers of the form and of its repeat, each with the columns of the form that its figures are split by."""

    homes: pd.DataFrame
    people: pd.DataFrame


def world(size: int) -> World:
    """`size` submissions over eight quarters, about four members each; the same ones at every run."""
    chance = np.random.default_rng(20260101)
    homes = _homes(size, chance)
    return World(homes, _people(homes, chance))


def _homes(size: int, chance: np.random.Generator) -> pd.DataFrame:
    count = max(1, int(size * 0.4))
    home = chance.integers(0, count, size)
    region, people = chance.integers(1, 13, count), chance.integers(0, 9, count)
    day = np.datetime64("2024-01-01", "s") + np.sort(chance.integers(0, 731, size)) * np.timedelta64(86400, "s")

    def pick(words: list[str], codes: np.ndarray | None = None, weights: list[float] | None = None) -> pd.Categorical:
        codes = chance.choice(len(words), size, p=weights) if codes is None else codes
        return pd.Categorical.from_codes(codes, words)

    def decimal(low: float, high: float, blank: float = 0.0, digits: int = 2) -> np.ndarray:
        return np.where(chance.random(size) < blank, np.nan, np.round(chance.uniform(low, high, size), digits))

    def whole(low: int, high: int, blank: float = 0.0) -> np.ndarray:
        return np.where(chance.random(size) < blank, np.nan, chance.integers(low, high + 1, size))

    frame = {
        "_submission": np.arange(1, size + 1), "_date": day, "_region": region[home], "home": home,
        "members": people[home], "device": _named("collect:", chance.integers(0, 300, size)),
        "enumerator": _named("enum", chance.integers(0, 120, size)), "site_id": _named("site_", home % 3000),
        "commune": _named("com_", home % 900), "lat": decimal(27, 36, digits=5), "lon": decimal(-13, -1, digits=5),
        "activity": pick(ACTIVITIES), "partner": pick(PARTNERS), "hh_id": _named("HH", home),
        "phone": _named("06", home),
        "hh_size": people[home] + 1, "head_sex": pick(SEX, (home * 7919 >> 3) % 2), "head_age": 18 + home % 60,
        "status": pick(STATUS, weights=[0.6, 0.2, 0.1, 0.1]), "income": decimal(200, 9000, 0.08),
        "expenditure": decimal(200, 8000, 0.05), **{f"fcs_{food}": whole(0, 7, 0.02) for food in FOODS},
        **{f"rcsi{k}": whole(0, 7, 0.02) for k in range(1, 6)}, "water_source": pick(WATER),
        "water_litres": decimal(2, 80, 0.05, 1), "latrine": pick(LATRINE), "school_km": decimal(0, 15, 0.2, 1),
        "kits": whole(0, 3), "cash_amount": decimal(0, 1500, 0.4), "training_hours": decimal(0, 24, 0.3, 1),
        "satisfaction": whole(1, 5, 0.1), "knows_hotline": pick(YES, weights=[0.45, 0.55]),
        "consent": pick(YES, weights=[0.98, 0.02]), "notes": np.where(chance.random(size) < 0.15, "note libre", None),
    }  # fmt: skip
    quarter = (day.astype("datetime64[M]").astype(int) - 54 * 12) // 3
    return pd.DataFrame(frame | {"q": quarter})


def _named(prefix: str, codes: np.ndarray) -> np.ndarray:
    return np.array([f"{prefix}{code:06}" for code in codes], object)


def _people(homes: pd.DataFrame, chance: np.random.Generator) -> pd.DataFrame:
    members = homes["members"].to_numpy()
    row, size = np.repeat(np.arange(len(homes)), members), int(members.sum())
    rank = np.arange(size) - np.repeat(np.cumsum(members) - members, members)
    person = homes["home"].to_numpy()[row] * 8 + rank
    noise = person * 2654435761 % 4294967296
    frame = homes.loc[row, ["_submission", "_date", "_region", "q", "status", "activity"]].reset_index(drop=True)
    age = (noise >> 3) % 80
    return frame.assign(
        _row=rank, person_id=person, first_name=_named("prenom", noise % 500),
        sex=pd.Categorical.from_codes((noise >> 7) % 2, SEX), age=age,
        ageband=pd.cut(age, [-1, 4, 11, 17, 29, 59, 999], labels=[band[0] for band in AGES]),
        disability=pd.Categorical.from_codes((chance.random(size) > 0.07).astype(int), YES),
        attended=pd.Categorical.from_codes((chance.random(size) > 0.7).astype(int), YES),
        sessions=chance.integers(0, 13, size),
        score_pre=np.where(chance.random(size) < 0.3, np.nan, np.round(chance.uniform(0, 80, size), 1)),
        score_post=np.where(chance.random(size) < 0.4, np.nan, np.round(chance.uniform(0, 100, size), 1)),
    )  # fmt: skip


def columns_of(frame: pd.DataFrame) -> dict[str, str]:
    """The questions of a table and their SQL type; not what a member shows of its home."""
    around = {"status", "activity"} if "person_id" in frame else set()
    names = [n for n in frame if not n.startswith("_") and n not in KEPT_ASIDE | around]
    return {n: "bigint" if n.startswith(WHOLE) else SQL_TYPES[str(frame[n].dtype)] for n in names}


def write(table: str, frame: pd.DataFrame, columns: dict[str, str]) -> None:
    """Fill a typed table of the projection. columns: question -> SQL type."""
    system = {"_submission": frame["_submission"], "_version": frame["_submission"], "_row": frame.get("_row", 0)}
    system |= {"_parent": 0, "_state": "validated", "_date": frame["_date"], "_territory": frame["_region"]}
    system |= {"_province": None, "_region": frame["_region"], "_country": 1, "_not_asked": "{}", "_maybe_asked": "{}"}
    system |= {"_since": "2026-01-01", "_until": "infinity"}
    lines = pd.DataFrame(system | {name: frame[name] for name in columns})
    wholes = [name for name, kind in columns.items() if kind == "bigint" and lines[name].dtype.kind == "f"]
    lines[wholes] = lines[wholes].astype("Int64")
    questions = ", ".join(f"{name} {kind}" for name, kind in columns.items())
    with connection.cursor() as cursor:
        cursor.execute("create schema if not exists projection")
        cursor.execute(f"create table projection.{table} ({SYSTEM}, {questions})")
        with cursor.copy(f"copy projection.{table} from stdin (format csv)") as copy:
            for start in range(0, len(lines), 50_000):
                copy.write(lines[start : start + 50_000].to_csv(index=False, header=False, date_format="%Y-%m-%d"))
        cursor.execute(f"create index on projection.{table} (_state, _date)")
        cursor.execute(f"alter table projection.{table} add primary key (_submission, _row, _until)")
        cursor.execute(f"analyze projection.{table}")
