"""Commands that copy everything to one file, and bring it back."""

import hashlib
import json
import os
import shutil
import subprocess
import tarfile
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer
from django.conf import settings
from django.db import connection
from django.utils import timezone
from psycopg.conninfo import make_conninfo
from rich.console import Console

from jalons.cli import postgres
from jalons.cli.reading import File
from jalons.core.errors import Refused

console = Console()
DUMP, DOCUMENTS, CONTENTS = "database.dump", "documents", "contents.json"
DAMAGED = "Ce fichier n’est pas une sauvegarde de Jalons, ou il est abîmé : %s. Rien n’a été changé."
EMPTY = b"drop schema if exists projection cascade; drop schema public cascade; create schema public;\n"
NEWER = b"SET transaction_timeout = 0;\n"  # written for PostgreSQL 17 and later, unknown to those before
NOTHING = (
    "La base est vide : rien à sauvegarder, aucun fichier n’est écrit. Vérifiez JALONS_DATA (ici %s) et DATABASE_URL : "
    "la commande les veut tels que le service les a."
)
NOT_EMPTY = "La base n’est pas vide. Pour remplacer tout ce qu’elle contient, ajoutez --replace."


def backup(
    file: Annotated[Path | None, typer.Argument(metavar="FICHIER", help="Fichier à écrire (.tar).")] = None,
) -> None:
    """Copie la base et tous les documents dans un seul fichier, avec de quoi vérifier qu’il est entier."""
    if not _has_tables():
        raise Refused(NOTHING % settings.DATA)
    file = file or Path(f"jalons-{timezone.localtime():%Y%m%d-%H%M}.tar")
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as fault:
        raise Refused(f"Impossible d’écrire {file} : {fault.strerror}.") from fault
    try:
        with os.fdopen(descriptor, "wb") as target, console.status("Sauvegarde…"):
            _write(target)
            target.flush()
            os.fsync(target.fileno())
    except BaseException:
        file.unlink()
        raise
    console.print(
        f"Sauvegarde écrite : {file} ({file.stat().st_size / 1024**2:.1f} Mo). Elle contient des données personnelles."
    )


def restore(
    file: File,
    replace: Annotated[bool, typer.Option("--replace", help="Remplace ce qui est dans la base.")] = False,
) -> None:
    """Remet la base et les documents d’une sauvegarde. Refuse d’écraser une base qui contient déjà quelque chose."""
    if _has_tables() and not replace:
        raise Refused(NOT_EMPTY)
    with tempfile.TemporaryDirectory() as folder, console.status("Restauration…"):
        _unpack(file, Path(folder))
        _fill(Path(folder) / DUMP, empty_first=_has_tables())
        for source in (Path(folder) / DOCUMENTS).glob("*/*"):
            target = settings.DOCUMENTS / source.parent.name / source.name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(source, target)
    shutil.rmtree(settings.PARTITIONS, ignore_errors=True)  # computed from what was there before
    console.print("Restauration terminée.")


def _write(target) -> None:
    """The database first: a document that it names is already on the disk."""
    with tempfile.TemporaryDirectory() as folder, tarfile.open(fileobj=target, mode="w") as archive:
        dump, contents = Path(folder) / DUMP, Path(folder) / CONTENTS
        _dump(dump)
        documents = sorted(path for path in settings.DOCUMENTS.glob("*/*") if path.is_file())
        names = [path.name for path in documents]
        contents.write_text(json.dumps({"dump": _sha256(dump), "documents": names}))
        archive.add(contents, CONTENTS)
        archive.add(dump, DUMP)
        for path in documents:
            archive.add(path, f"{DOCUMENTS}/{path.parent.name}/{path.name}")


def _unpack(file: Path, folder: Path) -> None:
    """Everything out of the archive, checked against its table of contents before anything is touched."""
    try:
        with tarfile.open(file) as archive:
            archive.extractall(folder, filter="data")
        contents = json.loads((folder / CONTENTS).read_text())
        wanted = {folder / DUMP: contents["dump"]}
        wanted |= {folder / DOCUMENTS / name[:2] / name: name for name in contents["documents"]}
        wrong = [path.name for path, sha256 in wanted.items() if _sha256(path) != sha256]
    except (tarfile.TarError, OSError, ValueError, KeyError, TypeError, EOFError) as fault:
        raise Refused(DAMAGED % "il ne se lit pas jusqu’au bout") from fault
    if wrong:
        raise Refused(DAMAGED % f"{wrong[0]} n’est plus ce qui a été sauvegardé")


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _has_tables() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("select exists (select 1 from pg_tables where schemaname !~ '^(pg_|information_schema)')")
        return cursor.fetchone()[0]


def _fill(dump: Path, *, empty_first: bool) -> None:
    """The whole database in one transaction: what was there goes only if everything comes."""
    connection.close()
    script = [postgres.BIN / "pg_restore", "--no-owner", "--file=-", dump]
    filled = [postgres.BIN / "psql", "--quiet", "--no-psqlrc", "--set=ON_ERROR_STOP=1",
              "--output=/dev/null", f"--dbname={_address()}"]  # fmt: skip
    with (
        tempfile.TemporaryFile() as faults,
        subprocess.Popen(script, stdout=subprocess.PIPE, stderr=faults) as source,
        subprocess.Popen(filled, stdin=subprocess.PIPE, stderr=faults, env=_environment()) as target,
    ):
        with suppress(BrokenPipeError), target.stdin as words:
            words.write(b"begin;\n" + (EMPTY if empty_first else b""))
            words.writelines(line for line in source.stdout if line != NEWER)
            words.write(b"" if source.wait() else b"commit;\n")  # what stops halfway is never kept
        source.stdout.close()
        if target.wait() or source.wait():
            faults.seek(0)
            raise Refused(f"PostgreSQL n’a pas accepté la sauvegarde, rien n’a changé : {faults.read(500).decode()}")


def _address() -> str:
    """Connection string for PostgreSQL's own tools; the password travels in the environment."""
    options = connection.settings_dict
    parts = {"dbname": options["NAME"], "user": options["USER"], "host": options["HOST"], "port": options["PORT"]}
    return make_conninfo(**options["OPTIONS"], **{key: value for key, value in parts.items() if value})


def _environment() -> dict[str, str]:
    return {"PGPASSWORD": connection.settings_dict["PASSWORD"], "PATH": "/usr/bin:/bin"}


def _dump(file: Path) -> None:
    words = [postgres.BIN / "pg_dump", "--format=custom", "--no-owner", f"--file={file}", f"--dbname={_address()}"]
    result = subprocess.run(words, env=_environment(), capture_output=True, text=True, check=False)
    if result.returncode:
        raise Refused(f"PostgreSQL n’a pas pu copier la base : {result.stderr[-500:]}")
