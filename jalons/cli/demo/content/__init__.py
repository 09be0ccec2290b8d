"""What the demonstration says, in files that a person can read and correct."""

import csv
import tomllib
from functools import cache
from importlib import resources
from typing import Any


@cache
def read(name: str) -> dict[str, Any]:
    """One file of the demonstration's content."""
    return tomllib.loads(_text(f"{name}.toml"))


def rows(name: str) -> list[dict[str, str]]:
    """The lines of one table of the demonstration's content."""
    return list(csv.DictReader(_text(f"{name}.csv").splitlines(), delimiter=";"))


def _text(path: str) -> str:
    return resources.files(__name__).joinpath(path).read_text("utf-8")
