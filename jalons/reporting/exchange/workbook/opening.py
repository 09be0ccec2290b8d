"""Opening a workbook that someone sent: its cells, or a polite reason why not."""

import io
import zipfile

import python_calamine

from jalons.core.errors import Refused, _

LIMIT = 10 * 1024 * 1024  # bytes of the file
UNPACKED = 150 * 1024 * 1024  # bytes once unzipped
ROWS, COLUMNS = 20_000, 200
OLE, ENCRYPTED = bytes.fromhex("d0cf11e0a1b11ae1"), "EncryptedPackage".encode("utf-16-le")
UNREADABLE = (python_calamine.CalamineError, OSError, ValueError)
LOCKED = _("Le classeur est protégé par un mot de passe. Retirez-le dans Excel, puis recommencez.")


def open_book(content: bytes) -> python_calamine.CalamineWorkbook:
    """The workbook in a file.

    Error: Refused when it is empty, enormous, locked by a password, or no workbook at all.
    """
    if not content:
        raise Refused(_("Le fichier est vide."))
    if len(content) > LIMIT or _unpacked(content) > UNPACKED:
        raise Refused(
            _("Le classeur est trop gros (plus de %(limit)s Mo). Retirez les images et les feuilles étrangères."),
            limit=LIMIT // 1024**2,
        )
    if content.startswith(OLE) and ENCRYPTED in content:
        raise Refused(LOCKED)
    try:
        return python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
    except python_calamine.PasswordError:
        raise Refused(LOCKED) from None
    except UNREADABLE:
        reason = _("Ce fichier n’est pas un classeur lisible. Ouvrez-le dans Excel et enregistrez-le en .xlsx.")
        raise Refused(reason) from None


def cells(book: python_calamine.CalamineWorkbook, name: str) -> list[list]:
    """The cells of a sheet, from A1.

    Error: Refused when the sheet is damaged or has more rows or columns than a programme can need.
    """
    try:
        sheet = book.get_sheet_by_name(name)
    except UNREADABLE:
        reason = _("La feuille « %(sheet)s » est abîmée. Recopiez-la dans un classeur neuf.")
        raise Refused(reason, sheet=name) from None
    if sheet.total_height > ROWS or sheet.total_width > COLUMNS:
        raise Refused(
            _("La feuille « %(sheet)s » dépasse %(rows)s lignes ou %(columns)s colonnes. Supprimez les lignes vides."),
            sheet=name, rows=ROWS, columns=COLUMNS,
        )  # fmt: skip
    return sheet.to_python(skip_empty_area=False)


def _unpacked(content: bytes) -> int:
    """Size once unzipped, as the archive announces it; a file that is no archive is taken as it is."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return sum(part.file_size for part in archive.infolist())
    except (zipfile.BadZipFile, ValueError, OSError):
        return len(content)
