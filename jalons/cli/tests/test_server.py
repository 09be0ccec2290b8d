import fcntl
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from threading import Thread

import psycopg
import pytest
from typer.testing import CliRunner

from jalons.cli import postgres, server
from jalons.cli.commands import app
from jalons.cli.ports import check_free
from jalons.cli.server import keep_alive
from jalons.core import built
from jalons.core.errors import Refused

WORKER = "import sys; open(sys.argv[1], 'a').write('started ')"
WEB = """
import sys, time
for _ in range(600):
    time.sleep(0.1)
    if open(sys.argv[1], "a+").tell() >= 2 * len("started "):
        break
"""


def test_a_worker_that_dies_starts_again_while_the_site_is_open(tmp_path):
    seen = tmp_path / "seen"

    keep_alive([sys.executable, "-c", WEB, str(seen)], [sys.executable, "-c", WORKER, str(seen)], dict(os.environ))

    assert seen.read_text().count("started") >= 2


def test_a_web_server_that_is_killed_takes_all_down_and_says_so():
    die, stay = "import os; os.kill(os.getpid(), 9)", "import time; time.sleep(600)"

    with pytest.raises(Refused, match="jalons run"):
        keep_alive([sys.executable, "-c", die], [sys.executable, "-c", stay], dict(os.environ))


def test_a_worker_that_does_not_end_by_itself_is_ended(tmp_path, monkeypatch):
    monkeypatch.setattr(server, "PATIENCE", 1)
    seen = tmp_path / "seen"
    deaf = "import os, signal, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); " \
           "open(sys.argv[1], 'w').write(str(os.getpid())); time.sleep(600)"  # fmt: skip
    web = "import os, sys, time\nwhile not os.path.exists(sys.argv[1]): time.sleep(0.1)"

    keep_alive([sys.executable, "-c", web, str(seen)], [sys.executable, "-c", deaf, str(seen)], dict(os.environ))

    assert not alive(Path("/proc") / seen.read_text())


@pytest.mark.slow
def test_an_embedded_database_that_is_killed_starts_again_while_the_site_is_open():
    with tempfile.TemporaryDirectory(prefix="jalons-test-", dir="/tmp") as place:
        Path(place).chmod(0o755)
        folder = Path(place) / "postgres"
        postgres.start(folder, for_tests=True)
        os.kill(int((folder / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
        try:
            keep_alive(
                [sys.executable, "-c", "import time; time.sleep(4)"],
                [sys.executable, "-c", "import time; time.sleep(60)"],
                dict(os.environ),
                folder,
            )
            assert postgres.is_running(folder)
        finally:
            postgres.stop(folder)


@pytest.mark.slow
def test_a_data_folder_that_is_moved_elsewhere_still_serves():
    with tempfile.TemporaryDirectory(prefix="jalons-test-", dir="/tmp") as place:
        Path(place).chmod(0o755)
        with postgres.in_use(Path(place) / "here/postgres"):
            pass
        (Path(place) / "here").rename(Path(place) / "there")

        there = Path(place) / "there/postgres"
        with postgres.in_use(there), psycopg.connect(postgres.url(there)) as client:
            assert client.execute("select 1").fetchone() == (1,)


@pytest.mark.slow
def test_the_embedded_database_writes_down_no_row_nor_statement():
    with tempfile.TemporaryDirectory(prefix="jalons-test-", dir="/tmp") as place:
        Path(place).chmod(0o755)
        folder = Path(place) / "postgres"
        with postgres.in_use(folder), psycopg.connect(postgres.url(folder), autocommit=True) as client:
            client.execute("create table people (name text primary key)")
            client.execute("insert into people values ('Fatima Zahra')")
            with pytest.raises(psycopg.errors.UniqueViolation):
                client.execute("insert into people values ('Fatima Zahra')")
            with pytest.raises(psycopg.DataError):
                client.execute("select 'Fatima Zahra'::int")
        written = (folder / "server.log").read_text()

    assert "ready to accept connections" in written and "Fatima" not in written


PARENT = """
import os, sys
from jalons.cli.server import keep_alive
sleep = "import os, time; open(os.environ['SEEN'], 'a').write(f'{os.getpid()} '); time.sleep(600)"
keep_alive([sys.executable, "-c", sleep], [sys.executable, "-c", sleep], dict(os.environ))
"""


def test_what_the_site_runs_on_ends_with_it_even_when_it_is_killed(tmp_path):
    seen = tmp_path / "seen"
    start = "import os, django; django.setup()" + PARENT
    environment = {**os.environ, "SEEN": str(seen), "DJANGO_SETTINGS_MODULE": "config.settings"}
    parent = subprocess.Popen([sys.executable, "-c", start], env=environment, cwd=Path(__file__).parents[3])
    assert wait_until(lambda: seen.exists() and len(seen.read_text().split()) == 2)

    parent.kill()
    parent.wait()

    children = [Path("/proc") / pid for pid in seen.read_text().split()]
    assert wait_until(lambda: not any(alive(child) for child in children))


def alive(process):
    return process.exists() and "Z" not in (process / "stat").read_text().rpartition(")")[2]


def wait_until(found):
    return next((True for _try in range(300) if found() or time.sleep(0.1)), False)


def test_a_port_that_is_taken_is_refused_with_who_holds_it():
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
        with pytest.raises(Refused, match=f"{port} est déjà pris par le processus {os.getpid()} "):
            check_free("127.0.0.1", port)

    check_free("127.0.0.1", port)


@pytest.mark.slow
def test_the_embedded_database_stays_for_who_still_uses_it_and_stops_with_the_last():
    with tempfile.TemporaryDirectory(prefix="jalons-test-", dir="/tmp") as place:
        Path(place).chmod(0o755)
        folder = Path(place) / "postgres"
        first, second = postgres.in_use(folder), postgres.in_use(folder)

        first.__enter__()
        second.__enter__()
        first.__exit__(None, None, None)
        assert postgres.is_running(folder)

        second.__exit__(None, None, None)
        assert not postgres.is_running(folder)


@pytest.mark.slow
def test_who_comes_while_the_embedded_database_is_being_stopped_finds_it_started_again():
    with tempfile.TemporaryDirectory(prefix="jalons-test-", dir="/tmp") as place:
        Path(place).chmod(0o755)
        folder = Path(place) / "postgres"
        with postgres.in_use(folder):
            pass

        with (Path(place) / "postgres.lock").open("a+") as stopping:
            fcntl.flock(stopping, fcntl.LOCK_EX)
            coming = Thread(target=use, args=(folder, found := []))
            coming.start()
            assert wait_until(lambda: waits_for(stopping))
        coming.join()

        assert found == [True] and not postgres.is_running(folder)


def use(folder, found):
    with postgres.in_use(folder):
        found.append(postgres.is_running(folder))


def waits_for(lock):
    """Whether someone waits for a lock that is held: Linux marks them with an arrow."""
    inode = f":{os.fstat(lock.fileno()).st_ino} "
    return any("->" in line and inode in line for line in Path("/proc/locks").read_text().splitlines())


@pytest.mark.parametrize("words", [["run"], ["demo"], ["demo", "--check"]], ids=" ".join)
def test_nothing_is_served_nor_loaded_before_the_style_sheets_are_built(words, monkeypatch):
    monkeypatch.setattr(built, "BUNDLES", built.BUNDLES.with_name("absent"))

    answer = CliRunner().invoke(app, words)

    assert isinstance(answer.exception, Refused) and "make bundles" in str(answer.exception)
