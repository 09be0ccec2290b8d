"""A funder's list of indicators, read from an Excel or CSV file."""

import csv
import io
from typing import Any

import python_calamine

from jalons.core.errors import Refused, _
from jalons.core.texts import tidy
from jalons.planning.results.models import CatalogueIndicator
from jalons.planning.results.rules.heads import fold

LIMIT = 5 * 1024 * 1024  # bytes
ROWS = 10_000
# field -> heads that name it, folded
HEADS = {
    "prefix": ("prefixe", "prefix"),
    "code": ("code", "indicator code", "code de l'indicateur"),
    "fr": ("intitule (fr)", "intitule fr", "intitule", "titre", "libelle", "title fr", "title (fr)", "indicateur"),
    "en": ("intitule (en)", "intitule en", "title (en)", "title en", "title", "indicator", "name"),
    "ar": ("intitule (ar)", "intitule ar", "title ar"),
    "unit": ("unite", "unit", "unit of measure"),
    "level": ("niveau", "level"),
    "additive": ("additif", "additive", "agregeable"),
}
NO = ("non", "no", "false", "faux", "0", "0.0", "n")


def entries(content: bytes) -> tuple[list[dict[str, Any]], list[Refused]]:
    """Fields of each indicator of the file, and what is wrong in it, row by row.

    An indicator without French title bears its English one.

    Error: Refused when the file or its heads cannot be read.
    """
    rows = _rows(content)
    if len(rows) > ROWS:
        raise Refused(_("Le fichier dépasse %(rows)s lignes."), field="file", rows=ROWS)
    first = next((n for n, row in enumerate(rows[:10]) if {"code"} < set(_places(row))), None)
    if first is None:
        raise Refused(
            _("Les titres des colonnes ne sont pas reconnus. Il faut au moins « code » et « intitulé »."), field="file"
        )
    places = _places(rows[first])
    lines = [(n, row) for n, row in enumerate(rows[first + 1 :], start=first + 2) if any(map(tidy, map(str, row)))]
    found, faults = [], []
    for number, row in lines:
        try:
            found.append(_entry(number, {name: _text(row, place) for name, place in places.items()}))
        except Refused as refusal:
            faults.append(refusal)
    return found, faults


def _entry(number: int, texts: dict[str, str]) -> dict[str, Any]:
    title = tidy({code: texts.get(code, "") for code in ("fr", "ar", "en")}) or {}
    if not texts["code"] or not (title.get("fr") or title.get("en")):
        raise Refused(
            _("Ligne %(row)s : il manque le code ou l’intitulé. Complétez la ligne."), field="file", row=number
        )
    prefix = texts.get("prefix", "")
    joined = prefix + ("-" if prefix[-1:].isalnum() else "") + texts["code"]
    fields = {"code": joined, "title": {"fr": title.get("en", ""), **title}}
    fields |= {name: texts[name] for name in ("unit", "level") if name in texts}
    if texts.get("additive"):
        fields["additive"] = fold(texts["additive"]) not in NO
    _check_lengths(number, fields)
    return fields


def _check_lengths(number: int, fields: dict[str, Any]) -> None:
    for name in ("code", "unit", "level"):
        field, text = CatalogueIndicator._meta.get_field(name), fields.get(name, "")
        if len(text) > field.max_length:
            raise Refused(
                _("Ligne %(row)s, %(column)s : %(length)s signes, %(most)s au plus. Raccourcissez."), field="file",
                row=number, column=str(field.verbose_name), length=len(text), most=field.max_length,
            )  # fmt: skip


def _places(row: list) -> dict[str, int]:
    folded = [fold(head) for head in row]
    found = {
        name: next((folded.index(head) for head in heads if head in folded), None) for name, heads in HEADS.items()
    }
    return {name: place for name, place in found.items() if place is not None}


def _text(row: list, place: int) -> str:
    value = row[place] if place < len(row) else ""
    return tidy(str(int(value) if isinstance(value, float) and value.is_integer() else value))


def _rows(content: bytes) -> list[list]:
    if not content or len(content) > LIMIT:
        raise Refused(_("Le fichier est vide, ou dépasse %(limit)s Mo."), field="file", limit=LIMIT // 1024**2)
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        return book.get_sheet_by_index(0).to_python(skip_empty_area=False)
    except (python_calamine.CalamineError, OSError, ValueError, IndexError):
        return _csv(content)


def _csv(content: bytes) -> list[list]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", "replace")
    if "\x00" in text:
        raise Refused(_("Ce fichier n’est ni un classeur ni un CSV lisible."), field="file")
    head = text.split("\n", 1)[0]
    return list(csv.reader(io.StringIO(text), delimiter=max(";,\t", key=head.count)))
