"""One export in one file: the tables in their format, the codebook, and what the export says of itself."""

import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

from django.utils.translation import gettext

from jalons.collection.submissions.exports import codebook, csv_files, excel, parquet, places, statistics
from jalons.collection.submissions.exports.about import About
from jalons.core.errors import Refused, _

Progress = Callable[[int], None]
FORMATS = {  # format -> ending of the file
    "xlsx": "xlsx", "csv": "zip", "parquet": "zip", "sav": "zip", "dta": "zip", "geojson": "geojson",
    "codebook": "xlsx",
}  # fmt: skip
LEVEL = 1  # of compression: four times as fast as the usual one, files a fifth larger
CHUNK = 1 << 20
EMPTY = _("Aucune soumission ne répond à cette demande : il n’y a rien à exporter.")


def write(path: Path, form: str, about: About, progress: Progress) -> None:
    """Write the file. Its notes are complete only once the tables are written: they come last.

    Error: Refused when there is nothing to export, or more than the format can hold.
    """
    if form == "codebook":
        codebook.write(path, about)
        return
    about.submissions = about.dataset.pick()
    if not about.submissions:
        raise Refused(EMPTY)
    progress(0)  # counts the rows now: nothing else can be asked during a COPY
    if form == "xlsx":
        excel.write(path, about, progress, _note_moved)
    elif form == "geojson":
        with path.open("wb") as file:
            places.write(file, about, progress, _note_moved)
    else:
        _archive(path, form, about, progress)


def _archive(path: Path, form: str, about: About, progress: Progress) -> None:
    """A file per table, then the codebook, then what the export says of itself."""
    names: dict[str, str] = {}
    with (
        TemporaryDirectory(dir=path.parent, prefix="tmp") as folder,
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=LEVEL) as archive,
    ):
        kept = Path(folder) / "table"
        for table, name in zip(about.dataset.tables, _file_names(about), strict=True):
            if form == "csv":
                _stream(archive, f"{name}.csv", (csv_files.words if about.labels else csv_files.codes)(table, progress))
            elif form == "parquet":
                parquet.write(kept, table, about.labels, progress)
                archive.write(kept, f"{name}.parquet", zipfile.ZIP_STORED)  # compressed already
            else:
                named, cut = statistics.write(kept, table, form, progress)
                names |= {f"{table.title} · {head}": said for head, said in named.items() if head != said}
                archive.write(kept, f"{name}.{form}")
                if cut:
                    about.notes.append(gettext("%(table)s : %(count)s textes coupés, trop longs pour ce format.")
                                       % {"table": table.title, "count": cut})  # fmt: skip
        _note_moved(about)
        codebook.write(kept, about, names)
        archive.write(kept, gettext("dictionnaire") + ".xlsx")
        archive.writestr(gettext("a-propos") + ".txt", about.text())


def _note_moved(about: About) -> None:
    if moved := about.dataset.moved():
        about.notes.append(
            gettext("%(count)s soumissions ont changé pendant l’export : refaites-le pour les avoir entières.")
            % {"count": moved}
        )


def _stream(archive: zipfile.ZipFile, name: str, chunks: Iterable[bytes]) -> None:
    with archive.open(name, "w", force_zip64=True) as file:
        for chunk in chunks:
            file.write(chunk)


def _file_names(about: About) -> list[str]:
    """The name of each table, as any system takes it, each once."""
    return statistics.names_of((table.title for table in about.dataset.tables), 80)
