"""Compiles each catalogue that changed, without gettext; does nothing when nothing changed."""

from pathlib import Path

import polib


def compile_changed(folder: Path) -> None:
    for source in folder.glob("**/LC_MESSAGES/*.po"):
        target = source.with_suffix(".mo")
        if not target.exists() or target.stat().st_mtime < source.stat().st_mtime:
            polib.pofile(source).save_as_mofile(target)


if __name__ == "__main__":
    compile_changed(Path(__file__).parent)
