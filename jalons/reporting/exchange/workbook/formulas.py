"""Cells that show nothing although something is in them: a formula that nobody reckoned, an error of Excel."""

import io
import posixpath
import zipfile
from collections.abc import Iterator
from typing import Any

from lxml import etree

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
LINK = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
SAFE = {"resolve_entities": False, "no_network": True, "huge_tree": False, "load_dtd": False}


def unreckoned(content: bytes) -> dict[str, set[str]]:
    """Names of such cells ("B2") by sheet. Nothing for a file that is no .xlsx: other formats always keep results."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return {name: set(_cells(archive, path)) for name, path in _sheets(archive)}
    except (zipfile.BadZipFile, KeyError, ValueError, OSError, etree.LxmlError):
        return {}


def _sheets(archive: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    """Name and part of each sheet."""
    parser = etree.XMLParser(**SAFE)
    links = etree.fromstring(archive.read("xl/_rels/workbook.xml.rels"), parser)
    parts = {link.get("Id"): link.get("Target", "") for link in links}
    for sheet in etree.fromstring(archive.read("xl/workbook.xml"), parser).iter(f"{MAIN}sheet"):
        yield sheet.get("name", ""), posixpath.join("/xl", parts.get(sheet.get(LINK), "")).lstrip("/")


def _cells(archive: zipfile.ZipFile, path: str) -> Iterator[str]:
    with archive.open(path) as part:
        for _end, cell in etree.iterparse(part, tag=f"{MAIN}c", **SAFE):
            if _hides(cell):
                yield cell.get("r", "")
            cell.clear()


def _hides(cell: Any) -> bool:
    """An error, or a formula without result; a formula whose result is an empty text is an empty cell."""
    if cell.get("t") == "e":
        return True
    return cell.find(f"{MAIN}f") is not None and cell.get("t") != "str" and not cell.findtext(f"{MAIN}v")
