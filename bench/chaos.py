"""Phones that send while the server and PostgreSQL are killed at random: nothing acknowledged is lost nor doubled.

python -m bench.chaos [POSTS]: starts a PostgreSQL (durable), the web server and the worker of its own, kills them with
signal 9 under the load of eight clients, and prints: acknowledged … stored … lost … doubled …
"""

import http.client
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import django
from django.core.management import call_command

from jalons.cli import postgres

CLIENTS, POSTS = 8, 10_000
FIRST, PAUSES = 0.5, (1.0, 4.0)  # seconds before the first kill, and between two
PATIENCE = 30  # seconds to wait for an answer
ROOT = Path(__file__).parent.parent
BODY = "<jour>2026-03-02</jour><lieu>{place}</lieu><agent>Agent {agent}</agent><taille>{size}</taille>"
FORM = "foyer"


@dataclass(frozen=True)
class Filled:
    """One instance as a phone holds it, with its photos."""

    instance: str
    content: bytes
    photos: dict[str, bytes] = field(default_factory=dict)


@dataclass
class Tally:
    """What the phones were told, whatever happened to the server."""

    acknowledged: dict[str, Filled] = field(default_factory=dict)
    refused: list[int] = field(default_factory=list)
    failures: int = 0
    kills: int = 0


class Stack:
    """PostgreSQL, the web server and the worker of one installation, each to be killed and started again."""

    def __init__(self, data: Path, port: int) -> None:
        self.folder, self.port = data / "postgres", port
        self.lock = threading.Lock()
        web = [sys.executable, "-m", "granian", "config.wsgi:application", "--interface", "wsgi", "--port", str(port),
               "--workers", "2", "--blocking-threads", "8", "--respawn-failed-workers", "--no-log"]  # fmt: skip
        self.commands = {"web": web, "worker": [sys.executable, "manage.py", "procrastinate", "worker"]}
        self.running: dict[str, subprocess.Popen] = {}

    def start(self) -> None:
        for name in self.commands:
            self._start(name)

    def _start(self, name: str) -> None:
        quiet = subprocess.DEVNULL
        self.running[name] = subprocess.Popen(
            self.commands[name], cwd=ROOT, stdout=quiet, stderr=quiet, start_new_session=True
        )

    def kill(self, name: str) -> None:
        """Kill without warning, then start again."""
        if name == "database":
            with suppress(FileNotFoundError, ProcessLookupError):
                os.kill(int((self.folder / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
            self._revive()
            return
        self._kill(name)
        self._start(name)

    def _revive(self) -> None:
        """Start PostgreSQL again, once the processes that its death orphaned let go of its memory."""
        while not postgres.is_running(self.folder):
            with suppress(SystemExit):
                postgres.start(self.folder)
            time.sleep(0.2)

    def _kill(self, name: str) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.running[name].pid, signal.SIGKILL)
        self.running[name].wait()

    def stop(self) -> None:
        for name in self.running:
            self._kill(name)


def run(posts: int = POSTS, seed: int = 7) -> dict[str, int]:
    """Figures of one load: acknowledged, stored, lost, doubled, refused, kills, failures (tries without an answer)."""
    with tempfile.TemporaryDirectory(prefix="jalons-chaos-") as place:
        data = Path(place)
        data.chmod(0o755)
        os.environ |= {"JALONS_DATA": place, "DJANGO_SETTINGS_MODULE": "config.settings"}
        os.environ.pop("DATABASE_URL", None)
        postgres.start(data / "postgres")
        stack = Stack(data, _free_port())
        try:
            return _run(stack, posts, seed)
        finally:
            stack.stop()
            postgres.stop(data / "postgres")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _run(stack: Stack, posts: int, seed: int) -> dict[str, int]:
    django.setup()
    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    from bench import chaos_world  # noqa: PLC0415 — models, once Django is set up

    key = chaos_world.a_phone()
    stack.start()
    tally, done = Tally(), threading.Event()
    killer = threading.Thread(target=_kill_at_random, args=(stack, tally, done, seed))
    clients = [
        threading.Thread(target=_send_all, args=(f"/openrosa/key/{key}/submission", stack.port, share, tally))
        for share in _shares(posts, seed)
    ]
    for thread in (*clients, killer):
        thread.start()
    for client in clients:
        client.join()
    done.set()
    killer.join()
    return chaos_world.counted(tally.acknowledged) | {
        "refused": len(tally.refused), "kills": tally.kills, "failures": tally.failures,
    }  # fmt: skip


def _kill_at_random(stack: Stack, tally: Tally, done: threading.Event, seed: int) -> None:
    dice = random.Random(seed)
    victims = ["database", "web", *dice.choices(["web", "worker", "database"], [2, 1, 2], k=10_000)]
    for number, victim in enumerate(victims):
        if done.wait(dice.uniform(*PAUSES) if number else FIRST):
            return
        stack.kill(victim)
        tally.kills += 1


def _shares(posts: int, seed: int) -> list[list[Filled]]:
    """What each client sends: new instances, some with photos, corrections of its own, and the same again."""
    dice = random.Random(seed)
    return [_share(posts // CLIENTS, dice, client) for client in range(CLIENTS)]


def _share(posts: int, dice: random.Random, client: int) -> list[Filled]:
    sent: list[Filled] = []
    for _number in range(posts):
        kind = dice.random()
        if kind < 0.1 and sent:
            sent.append(dice.choice(sent))
            continue
        body = BODY.format(place="Souss-Massa", agent=client, size=dice.randint(1, 9))
        corrected = dice.choice(sent).instance if kind < 0.2 and sent else ""
        photos = {f"{n}.jpg": b"\xff\xd8\xff\xe0" + dice.randbytes(20_000) for n in range(2)} if kind > 0.8 else {}
        sent.append(_filled(str(uuid.UUID(int=dice.getrandbits(128))), body, corrected, photos))
    return sent


def _filled(name: str, body: str, corrected: str, photos: dict[str, bytes]) -> Filled:
    deprecated = f"<deprecatedID>{corrected}</deprecatedID>" if corrected else ""
    meta = f"<meta><instanceID>uuid:{name}</instanceID>{deprecated}</meta>"
    return Filled(f"uuid:{name}", f'<data id="{FORM}" version="1">{body}{meta}</data>'.encode(), photos)


def _send_all(path: str, port: int, share: list[Filled], tally: Tally) -> None:
    for filled in share:
        while (status := _send(path, port, filled)) is None or status >= 500:
            tally.failures += 1
            time.sleep(0.2)
        if status in (201, 202):
            tally.acknowledged[filled.instance] = filled
        else:
            tally.refused.append(status)


def _send(path: str, port: int, filled: Filled) -> int | None:
    """One post; None when no whole answer came."""
    parts = [("xml_submission_file", "text/xml", filled.content)]
    parts += [(name, "image/jpeg", content) for name, content in filled.photos.items()]
    body = b"".join(
        f'--b0undary\r\nContent-Disposition: form-data; name="{name}"; filename="{name}"\r\n'
        f"Content-Type: {kind}\r\n\r\n".encode() + content + b"\r\n"
        for name, kind, content in parts
    ) + b"--b0undary--\r\n"  # fmt: skip
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.request("POST", path, body, {"Content-Type": "multipart/form-data; boundary=b0undary"})
        response = connection.getresponse()
        response.read()
        return response.status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


if __name__ == "__main__":
    figures = run(int(sys.argv[1]) if len(sys.argv) > 1 else POSTS)
    print(" ".join(f"{name} {number}" for name, number in figures.items()))
    sys.exit(figures["lost"] or figures["doubled"])
