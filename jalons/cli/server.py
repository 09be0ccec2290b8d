"""Commands that set the application up and serve it."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from django.conf import settings
from django.core.management import call_command
from rich.console import Console

from jalons.cli import postgres
from jalons.cli.demo import checking, story
from jalons.cli.ports import check_free
from jalons.core.built import check_built
from jalons.core.errors import Refused
from jalons.core.leftovers import sweep
from jalons.foundation.territories.actions import load_territories
from jalons.planning.results.actions import load_dimensions

console = Console()
MANAGE = [sys.executable, str(settings.BASE / "manage.py")]
LIBC, PR_SET_PDEATHSIG = ctypes.CDLL(None), 1  # linux/prctl.h
STOPPED = "Le serveur web s’est arrêté, les tâches de fond avec lui. Relancez : jalons run"
PATIENCE = 30  # seconds to end by oneself
PAUSE = 2  # seconds between two looks at what must stay alive
Port = Annotated[int, typer.Option(help="Port d’écoute.")]
Address = Annotated[str, typer.Option(help="Adresse d’écoute.")]


def migrate() -> None:
    """Met la base à jour et charge les territoires et les désagrégations de référence."""
    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # WhiteNoise warns when it is absent
    with console.status("Mise à jour de la base…"):
        call_command("migrate", verbosity=0, interactive=False)
        call_command("createcachetable", verbosity=0)
    with console.status("Chargement des territoires…"):
        load_territories()
        load_dimensions()
    console.print("Base à jour.")


def run(address: Address = "127.0.0.1", port: Port = 8000) -> None:
    """Lance l’application : le serveur web et les tâches de fond."""
    check_built()
    check_free(address, port)
    migrate()
    _serve(address, port)


def demo(
    check: Annotated[bool, typer.Option("--check", help="Vérifie la démonstration puis s’arrête.")] = False,
    address: Address = "127.0.0.1",
    port: Port = 8000,
) -> None:
    """Charge la démonstration (PRIM 2, THAMM+, TPM ; chiffres inventés) et ouvre l’application."""
    check_built()
    if not check:
        check_free(address, port)
    migrate()
    story.load(console.print)
    faults = checking.check() if check else []
    if faults:
        raise Refused("\n".join(faults))
    if check:
        console.print("La démonstration répond : chaque rôle entre et voit ce qu’il doit voir.")
    else:
        _serve(address, port)


def _serve(address: str, port: int) -> None:
    """Web server and worker, each a process of its own; both end with this one."""
    sweep()
    environment = os.environ | {"JALONS_STATIC": "collected"}
    subprocess.run([*MANAGE, "collectstatic", "--noinput", "-v0"], env=environment, check=True)
    web = [sys.executable, "-m", "granian", "config.wsgi:application", "--interface", "wsgi", "--host", address,
           "--port", str(port), "--workers", "2", "--blocking-threads", "8", "--respawn-failed-workers",
           "--no-log", "--working-dir", str(settings.BASE)]  # fmt: skip
    worker = [*MANAGE, "procrastinate", "worker", "--concurrency=2", "--delete-jobs=successful"]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    console.print(f"Jalons : [bold]http://{address}:{port}[/]   (Ctrl-C pour arrêter)")
    keep_alive(web, worker, environment, None if os.environ.get("DATABASE_URL") else settings.DATA / "postgres")


def keep_alive(web: list[str], worker: list[str], environment: dict[str, str], database: Path | None = None) -> None:
    """Run both until the web server ends. A worker or an embedded database that dies starts again: nobody would see
    otherwise why what was queued waits, or why every page fails.
    """
    start = partial(subprocess.Popen, env=environment, start_new_session=True, preexec_fn=_end_with_us)
    processes = [start(web), start(worker)]
    try:
        while processes[0].poll() is None:
            if processes[1].poll() is not None:
                console.print("Les tâches de fond se sont arrêtées ; elles redémarrent.")
                processes[1] = start(worker)
            if database:
                _revive(database)
            time.sleep(PAUSE)
    except KeyboardInterrupt:
        pass
    finally:
        failed = bool(processes[0].poll())
        _stop(processes)
    if failed:
        raise Refused(STOPPED)


def _stop(processes: Sequence[subprocess.Popen]) -> None:
    """End each, with those that it started. A job too long to wait for is undone, and said to be interrupted."""
    for process in processes:
        _signal(process, signal.SIGTERM)
    for process in processes:
        try:
            process.wait(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            _signal(process, signal.SIGKILL)
            process.wait()


def _signal(process: subprocess.Popen, what: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, what)


def _end_with_us() -> None:
    """Ask Linux to end this child should its parent be killed: it would keep the port."""
    if sys.platform == "linux":
        LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _revive(database: Path) -> None:
    if postgres.is_running(database):
        return
    console.print("PostgreSQL s’est arrêté ; il redémarre.")
    try:
        postgres.start(database)
    except SystemExit as reason:
        console.print(str(reason))
