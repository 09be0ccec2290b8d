"""Commands that set the application up and serve it."""

import signal
import subprocess
import sys
from contextlib import contextmanager
from typing import Annotated

import typer
from django.conf import settings
from django.core.management import call_command
from granian import Granian
from granian.constants import Interfaces
from rich.console import Console

from jalons.foundation.territories.actions import load_territories
from jalons.planning.results.actions import load_dimensions

console = Console()
Port = Annotated[int, typer.Option(help="Port d’écoute.")]
Address = Annotated[str, typer.Option(help="Adresse d’écoute.")]


def migrate() -> None:
    """Met la base à jour et charge les territoires et les désagrégations de référence."""
    with console.status("Mise à jour de la base…"):
        call_command("migrate", verbosity=0, interactive=False)
        call_command("createcachetable", verbosity=0)
    with console.status("Chargement des territoires…"):
        load_territories()
        load_dimensions()
    console.print("Base à jour.")


def run(address: Address = "127.0.0.1", port: Port = 8000) -> None:
    """Lance l’application : le serveur web et les tâches de fond."""
    migrate()
    _serve(address, port)


def demo(
    check: Annotated[bool, typer.Option("--check", help="Vérifie la démonstration puis s’arrête.")] = False,
    address: Address = "127.0.0.1",
    port: Port = 8000,
) -> None:
    """Charge la démonstration (PRIM 2, THAMM+, TPM ; chiffres inventés) et ouvre l’application."""
    migrate()
    _collect_static()
    if not check:
        _serve(address, port)


def _serve(address: str, port: int) -> None:
    _collect_static()
    with _worker():
        console.print(f"Jalons : [bold]http://{address}:{port}[/]   (Ctrl-C pour arrêter)")
        Granian(
            "config.wsgi:application", address=address, port=port, interface=Interfaces.WSGI, workers=2,
            blocking_threads=8, respawn_failed_workers=True, log_access=False, log_enabled=False,
        ).serve()  # fmt: skip


@contextmanager
def _worker():
    """Background tasks run in a process of their own, ended with the server."""
    process = subprocess.Popen([sys.executable, settings.BASE / "manage.py", "procrastinate", "worker", "--concurrency=2"])
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)


def _collect_static() -> None:
    call_command("collectstatic", verbosity=0, interactive=False)
