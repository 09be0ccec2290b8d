"""What commands name on the line: a person, a programme, a form, a period; each refused with a way out."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from django.db.models import Model, QuerySet
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from jalons.core.errors import Refused
from jalons.foundation.accounts.models import User
from jalons.foundation.programmes.models import Programme

By = Annotated[str, typer.Option("--by", envvar="JALONS_BY", help="Adresse de la personne qui agit, avec ses droits.")]
InProgramme = Annotated[str, typer.Option("--programme", help="Code du programme.")]
File = Annotated[Path, typer.Argument(exists=True, readable=True, help="Fichier à lire.")]
console = Console()


def person(email: str) -> User:
    """The person who acts; everything is recorded in their name and within their rights."""
    return one(User.objects.filter(is_active=True), "personne", email=email.lower())


def programme(code: str, by: User) -> Programme:
    """A programme that this person may see."""
    return one(Programme.objects.for_user(by), "programme", code=code)


def one(rows: QuerySet, noun: str, **fields: Any) -> Model:
    """The only row with these fields, or a refusal that lists those there are."""
    row = rows.filter(**fields).first()
    if row is None:
        (name, value) = next(iter(fields.items()))
        known = ", ".join(str(v) for v in rows.order_by(name).values_list(name, flat=True)[:20])
        raise Refused("Aucun(e) %(noun)s « %(value)s ». Connu(e)s : %(known)s.", noun=noun, value=value, known=known)
    return row


@contextmanager
def progress(label: str) -> Iterator[Any]:
    """A progress bar, as the function that actions call with what is done and the total."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as bar:
        task = bar.add_task(label, total=None)
        yield lambda done, total=None: bar.update(task, completed=done, total=total)
