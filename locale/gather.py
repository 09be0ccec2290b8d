"""Gathers the strings to translate into the catalogues. The French one keeps plural forms only."""

import shutil
import subprocess
import sys
from pathlib import Path

import polib

HERE = Path(__file__).parent
OPTIONS = ["--no-location", "--no-obsolete", "-i", ".venv", "-i", "build", "-i", "frontend/*", "-i", "tests/*"]


def gather() -> None:
    command = [sys.executable, "manage.py", "makemessages", *OPTIONS, *(f"-l={code}" for code in ("fr", "ar", "en"))]
    subprocess.run(command, cwd=HERE.parent, check=True)  # noqa: S603
    for path in HERE.glob("*/LC_MESSAGES/django.po"):
        tidy(path)


def tidy(path: Path) -> None:
    """Drop guesses made from similar strings, and fill French with its own words: it is the source."""
    catalogue = polib.pofile(path)
    for entry in catalogue.fuzzy_entries():
        entry.flags.remove("fuzzy")
        entry.msgstr, entry.msgstr_plural = "", dict.fromkeys(entry.msgstr_plural, "")
    if path.parts[-3] == "fr":
        catalogue[:] = [entry for entry in catalogue if entry.msgid_plural]
        for entry in catalogue:
            entry.msgstr_plural = {0: entry.msgid, 1: entry.msgid_plural}
    catalogue.save()


if __name__ == "__main__":
    if not shutil.which("xgettext"):
        sys.exit("Il manque gettext. Lancez : sudo apt-get install gettext")
    gather()
