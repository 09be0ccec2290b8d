"""Start what the command needs, run it, and leave the machine as it was found."""

import os
import sys
from contextlib import nullcontext
from importlib import import_module

import django
import psycopg
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.db import InterfaceError, OperationalError
from psycopg.errors import DiskFull
from rich.console import Console
from rich.markup import escape

from jalons.cli import postgres
from jalons.core.errors import Refused

errors = Console(stderr=True)
UNANSWERED = (
    "La base de données ne répond pas, ou s’arrête. Ce qui n’était pas fini n’est pas enregistré ; "
    "vérifiez qu’elle tourne, puis recommencez."
)

NO_ROOM = "Le disque est plein. Ce qui n’était pas fini n’est pas enregistré ; faites de la place, puis recommencez."


def run() -> None:
    """Set Django up, keep the embedded PostgreSQL running meanwhile, and say refusals as sentences."""
    try:
        data = settings.DATA
    except ImproperlyConfigured as refusal:
        sys.exit(str(refusal))
    embedded = not os.environ.get("DATABASE_URL") and "--help" not in sys.argv
    with postgres.in_use(data / "postgres") if embedded else nullcontext():
        _obey()


def _obey() -> None:
    try:
        django.setup()
        import_module("jalons.cli.commands").app()
    except Refused as refusal:
        errors.print(f"[bold red]Refusé.[/] {escape(str(refusal))}")
        sys.exit(1)
    except PermissionDenied as refusal:
        errors.print(f"[bold red]Refusé.[/] Cette personne n’a pas le droit de faire « {refusal} » ici.")
        sys.exit(1)
    except (OperationalError, InterfaceError, psycopg.OperationalError, psycopg.InterfaceError) as fault:
        full = DiskFull in (type(fault), type(fault.__cause__))  # COPY raises without Django
        errors.print(f"[bold red]Refusé.[/] {NO_ROOM if full else UNANSWERED}")
        sys.exit(1)
