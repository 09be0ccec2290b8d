"""What commands name on the line: a person, a programme, a form, a period; each refused with a way out."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from django.db.models import Model, QuerySet
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from jalons.core.errors import Refused
from jalons.foundation.accounts.models import User
from jalons.foundation.programmes.models import Programme

By = Annotated[str, typer.Option("--by", envvar="JALONS_BY", help="Adresse de la personne qui agit, avec ses droits.")]
Code = Annotated[str, typer.Argument(metavar="PROGRAMME", help="Code du programme.")]
InProgramme = Annotated[str, typer.Option("--programme", help="Code du programme.")]


def _file(path: Path) -> Path:
    if not path.is_file():
        raise Refused("« %(file)s » n’est pas un fichier qui existe. Vérifiez son chemin.", file=path)
    return path


def _there(path: Path) -> Path:
    return path if path.is_dir() else _file(path)


File = Annotated[Path, typer.Argument(metavar="FICHIER", callback=_file, help="Fichier à lire.")]
Source = Annotated[Path, typer.Argument(metavar="CHEMIN", callback=_there, help="Fichier ou dossier à lire.")]
Target = Annotated[Path, typer.Argument(metavar="FICHIER", help="Fichier à écrire.")]
console = Console()


def person(email: str) -> User:
    """The person who acts; everything is recorded in their name and within their rights."""
    user = User.objects.filter(is_active=True, email=email.lower()).first()
    if user is None:
        raise Refused("Aucun compte ouvert à l’adresse « %(email)s ». Vérifiez-la, ou demandez à l’administration.",
                      email=email)  # fmt: skip
    return user


def programme(code: str, by: User) -> Programme:
    """A programme that this person may see."""
    return one(Programme.objects.for_user(by), "Aucun programme", code=code)


def one(rows: QuerySet, none: str, **fields: Any) -> Model:
    """The only row with these fields, or a refusal that lists those there are. Never for persons."""
    row = rows.filter(**fields).first()
    if row is None:
        (name, value) = next(iter(fields.items()))
        known = ", ".join(str(v) for v in rows.order_by(name).values_list(name, flat=True)[:20])
        raise Refused(
            "%(none)s « %(value)s ». Au choix : %(known)s.", none=none, value=value, known=known or "rien encore"
        )
    return row


@contextmanager
def progress(label: str) -> Iterator[Any]:
    """A progress bar, as the function that actions call with what is done and the total."""
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[said]}"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(label, total=None, said="")

        def advance(done: int, total: int | None = None) -> None:
            bar.update(task, completed=done, total=total, said=f"{done}/{total}" if total else f"{done}")

        yield advance


def write(file: Path, content: bytes) -> None:
    """Write a file, or say that its place does not accept it."""
    try:
        file.write_bytes(content)
    except OSError:
        raise Refused("Impossible d’écrire « %(file)s ». Choisissez un dossier qui existe et où vous pouvez écrire.",
                      file=file) from None  # fmt: skip
