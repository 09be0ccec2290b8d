"""Commands that copy everything to one file, and bring it back."""

import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path
from typing import Annotated

import typer
from django.conf import settings
from django.db import connection
from django.utils import timezone
from rich.console import Console

from jalons.cli import postgres
from jalons.core.errors import Refused

console = Console()
DUMP, DOCUMENTS = "database.dump", "documents"


def backup(
    file: Annotated[Path | None, typer.Argument(help="Fichier à écrire (.tar).")] = None,
) -> None:
    """Copie la base et tous les documents dans un seul fichier."""
    file = file or Path(f"jalons-{timezone.localtime():%Y%m%d-%H%M}.tar")
    with tempfile.TemporaryDirectory() as folder, console.status("Sauvegarde…"):
        dump = Path(folder) / DUMP
        _postgres("pg_dump", "--format=custom", "--no-owner", f"--file={dump}")
        with tarfile.open(file, "x") as archive:
            archive.add(dump, DUMP)
            if settings.DOCUMENTS.exists():
                archive.add(settings.DOCUMENTS, DOCUMENTS)
    console.print(
        f"Sauvegarde écrite : {file} ({file.stat().st_size / 1024**2:.1f} Mo). Elle contient des données personnelles."
    )


def restore(
    file: Annotated[Path, typer.Argument(help="Fichier écrit par « jalons backup ».", exists=True, dir_okay=False)],
    replace: Annotated[bool, typer.Option("--replace", help="Remplace ce qui est dans la base.")] = False,
) -> None:
    """Remet la base et les documents d’une sauvegarde. Refuse d’écraser une base qui contient déjà quelque chose."""
    if _has_tables() and not replace:
        raise Refused("La base n’est pas vide. Pour remplacer tout ce qu’elle contient, ajoutez --replace.")
    with tempfile.TemporaryDirectory() as folder, console.status("Restauration…"):
        _unpack(file, Path(folder))
        with connection.cursor() as cursor:
            cursor.execute("drop schema if exists projection cascade")
            cursor.execute("drop schema public cascade")
            cursor.execute("create schema public")
        connection.close()
        _postgres("pg_restore", "--no-owner", "--exit-on-error", f"--dbname={_address()}", str(Path(folder) / DUMP))
        for source in (Path(folder) / DOCUMENTS).glob("*/*"):
            target = settings.DOCUMENTS / source.parent.name / source.name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(source, target)
    console.print("Restauration terminée.")


def _unpack(file: Path, folder: Path) -> None:
    try:
        with tarfile.open(file) as archive:
            archive.extractall(folder, filter="data")
    except (tarfile.TarError, OSError) as fault:
        raise Refused("Ce fichier n’est pas une sauvegarde de Jalons, ou il est abîmé.") from fault
    if not (folder / DUMP).exists():
        raise Refused("Ce fichier n’est pas une sauvegarde de Jalons : la base n’y est pas.")


def _has_tables() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "select exists (select 1 from pg_tables where schemaname = 'public' and tablename = 'accounts_user')"
        )
        return cursor.fetchone()[0]


def _address() -> str:
    """Connection string for PostgreSQL's own tools; the password travels in the environment."""
    options = settings.DATABASES["default"]
    parts = {"dbname": options["NAME"], "user": options["USER"], "host": options["HOST"], "port": options["PORT"]}
    return " ".join(f"{key}={value}" for key, value in parts.items() if value)


def _postgres(tool: str, *arguments: str) -> None:
    words = [postgres.BIN / tool, *arguments]
    if tool == "pg_dump":
        words.append(f"--dbname={_address()}")
    environment = {"PGPASSWORD": settings.DATABASES["default"]["PASSWORD"], "PATH": "/usr/bin:/bin"}
    result = subprocess.run(words, env=environment, capture_output=True, text=True, check=False)
    if result.returncode:
        raise Refused(f"{tool} a échoué : {result.stderr[-500:]}")
