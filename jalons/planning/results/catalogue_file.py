"""A funder's list of indicators, read from an Excel or CSV file."""

import csv
import io
from typing import Any

import python_calamine

from jalons.core.errors import Refused, _
from jalons.core.fields import BRIEF, LANGUAGES
from jalons.core.texts import tidy
from jalons.planning.results.models import CatalogueIndicator
from jalons.planning.results.rules.heads import fold

LIMIT = 5 * 1024 * 1024  # bytes
ROWS = 10_000
# field -> heads that name it, folded
HEADS = {
    "prefix": ("prefixe", "prefix"),
    "code": ("code", "indicator code", "code de l'indicateur"),
    "title.fr": (
        "intitule (fr)",
        "intitule fr",
        "intitule",
        "titre",
        "libelle",
        "title fr",
        "title (fr)",
        "indicateur",
    ),
    "title.en": ("intitule (en)", "intitule en", "title (en)", "title en", "title", "indicator", "name"),
    "title.ar": ("intitule (ar)", "intitule ar", "title ar"),
    "unit.fr": ("unite (fr)", "unite fr", "unite", "unit (fr)", "unit", "unit of measure"),
    "unit.en": ("unite (en)", "unite en", "unit (en)"),
    "unit.ar": ("unite (ar)", "unite ar", "unit (ar)"),
    "level": ("niveau", "level"),
    "additive": ("additif", "additive", "agregeable"),
}
NO = ("non", "no", "false", "faux", "0", "0.0", "n")


def entries(content: bytes) -> tuple[list[dict[str, Any]], list[Refused]]:
    """Fields of each indicator of the file, and what is wrong in it, row by row.

    An indicator without French title or unit bears its English one.

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
    title, unit = _in_languages(texts, "title"), _in_languages(texts, "unit")
    if not texts["code"] or not title.get("fr"):
        raise Refused(
            _("Ligne %(row)s : il manque le code ou l’intitulé. Complétez la ligne."), field="file", row=number
        )
    prefix = texts.get("prefix", "")
    joined = prefix + ("-" if prefix[-1:].isalnum() else "") + texts["code"]
    fields = {"code": joined, "title": title}
    if any(name.startswith("unit.") for name in texts):
        fields["unit"] = unit or None
    if "level" in texts:
        fields["level"] = texts["level"]
    if texts.get("additive"):
        fields["additive"] = fold(texts["additive"]) not in NO
    _check_lengths(number, fields)
    return fields


def _in_languages(texts: dict[str, str], name: str) -> dict[str, str]:
    found = tidy({code: texts.get(f"{name}.{code}", "") for code in LANGUAGES}) or {}
    return {"fr": found["en"], **found} if "en" in found else found


def _check_lengths(number: int, fields: dict[str, Any]) -> None:
    told = [("code", fields["code"]), ("level", fields.get("level", ""))]
    told += [("unit", text) for text in (fields.get("unit") or {}).values()]
    for name, text in told:
        field = CatalogueIndicator._meta.get_field(name)
        most = field.max_length or BRIEF
        if len(text) > most:
            raise Refused(
                _("Ligne %(row)s, %(column)s : %(length)s signes, %(most)s au plus. Raccourcissez."), field="file",
                row=number, column=str(field.verbose_name), length=len(text), most=most,
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
