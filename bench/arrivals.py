"""How many submissions a second phones may send, each durable before it is acknowledged.

Held, in interleaved rounds on the same server and PostgreSQL, against the plainest Django view that stores the same
bytes with one prepared statement, and against the same on an empty database. Nothing is brought in meanwhile.
"""

import os
import random
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from threading import Thread

from django.db import connection

from bench.imports import _instance, a_survey
from jalons.collection.forms.actions import import_form
from jalons.collection.forms.models import Form
from jalons.collection.submissions.actions import open_device
from tests.builders import a_programme, a_user

ROUNDS, SECONDS = 5, 4.0
OURS = "config.wsgi:application"
CLIENTS = (1, 8, 32)
ROOT = Path(__file__).parent.parent
STORED = """
insert into submissions_arrival
       (created_at, updated_at, device_id, form_id, instance_id, sha256, size, content, state, reason)
select now() - n * interval '25 seconds', now(), %s, %s, 'uuid:' || gen_random_uuid(),
       sha256(n::text::bytea), 2600, %s, 'aside', '{}'
  from generate_series(1, %s) n
"""
numbers = count(1)


def run(size: int = int(os.environ.get("SIZE", "1000000"))) -> list[dict]:
    """Posts a second at 1, 8 and 32 clients, at `size` stored: against the plain view, and against none stored."""
    key, form, device = _a_phone()
    with connection.cursor() as cursor:
        cursor.execute("create table bench_plain (id bigserial primary key, content bytea)")
    door, plain, figures = f"/openrosa/key/{key}/submission", "/keep", []
    with _copy() as empty:
        _store(form, device, size)
        with _server(OURS) as full, _server("bench.plain:application") as bare, _server(OURS, empty) as none:
            for clients in CLIENTS:
                rounds = [
                    (_rate(full, door, clients), _rate(bare, plain, clients), _rate(none, door, clients))
                    for _round in range(ROUNDS)
                ]
                mine, theirs, ours_empty = (statistics.median(side) for side in zip(*rounds, strict=True))
                name = f"envois de téléphones par seconde, {size} reçus, {clients} à la fois"
                figures.append(_told(name, mine, "vue Django nue, mêmes octets", theirs, 0.7))
                figures.append(_told(name, mine, "les mêmes, base vide", ours_empty, 0.85))
    return figures


@contextmanager
def _copy() -> Iterator[str]:
    """A copy of the database as it is, under another name."""
    kept = connection.settings_dict["NAME"]
    name = f"{kept}_empty"
    connection.close()
    with connection._nodb_cursor() as cursor:
        cursor.execute(f"create database {name} template {kept}")
    try:
        yield name
    finally:
        with connection._nodb_cursor() as cursor:
            cursor.execute(f"drop database {name} with (force)")


def _a_phone() -> tuple[str, Form, int]:
    officer = a_user("me_officer", programme := a_programme())
    form = import_form(programme=programme, data=a_survey(), file_name="enquete.xlsx", by=officer).form
    Form.objects.filter(pk=form.pk).update(state="published")
    device = open_device(programme=programme, name="Banc", holder=officer, by=officer)
    device.most_a_day = device.megabytes_a_day = 10**9
    device.save()
    return device.given_key, form, device.pk


def _store(form: Form, device: int, size: int) -> None:
    content = _instance(random.Random(1), 1, "x").encode()
    with connection.cursor() as cursor:
        cursor.execute(STORED, [device, form.pk, content, size])
        cursor.execute("vacuum analyze")


@contextmanager
def _server(application: str, database: str | None = None) -> Iterator[int]:
    """A server of the application on this database or another, on a port of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = connection.settings_dict
    database = database or settings["NAME"]
    url = f"postgresql://{settings['USER']}:{settings['PASSWORD']}@/{database}?host={settings['HOST']}"
    command = [sys.executable, "-m", "granian", application, "--interface", "wsgi", "--port", str(port),
               "--workers", "2", "--blocking-threads", "8", "--no-log"]  # fmt: skip
    environment = os.environ | {"DATABASE_URL": url, "BENCH_DATABASE": database}
    process = subprocess.Popen(command, cwd=ROOT, env=environment)
    try:
        while True:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        time.sleep(3)  # both workers
        yield port
    finally:
        process.terminate()
        process.wait()


def _rate(port: int, path: str, clients: int) -> float:
    """Acknowledged posts a second, over a few seconds."""
    done = [0] * clients
    end = time.perf_counter() + SECONDS
    threads = [Thread(target=_post_until, args=(port, path, end, done, n)) for n in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(done) / SECONDS


def _post_until(port: int, path: str, end: float, done: list[int], place: int) -> None:
    dice = random.Random(place)
    with socket.create_connection(("127.0.0.1", port), timeout=30) as line:
        while time.perf_counter() < end:
            line.sendall(_request(path, _instance(dice, next(numbers), "x").encode()))
            answer = _answer(line)
            if b" 201 " not in answer[:20]:
                raise RuntimeError(answer[:200])
            done[place] += 1


def _answer(line: socket.socket) -> bytes:
    """A whole answer: its head, and as many bytes as it announces."""
    answer = b""
    while b"\r\n\r\n" not in answer:
        if not (more := line.recv(65536)):
            raise RuntimeError(f"closed after {answer!r}")
        answer += more
    head, _blank, body = answer.partition(b"\r\n\r\n")
    left = int(head.lower().partition(b"\r\ncontent-length:")[2].split()[0]) - len(body)
    while left > 0:
        left -= len(line.recv(left))
    return answer


def _request(path: str, content: bytes) -> bytes:
    body = (
        b'--b\r\nContent-Disposition: form-data; name="xml_submission_file"; filename="a.xml"\r\n'
        b"Content-Type: text/xml\r\n\r\n" + content + b"\r\n--b--\r\n"
    )
    head = (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=b\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def _told(name: str, ours: float, against: str, theirs: float, target: float) -> dict:
    return {"name": name, "ours": ours, "against": against, "theirs": theirs, "ratio": ours / theirs,
            "target": target, "better": "higher"}  # fmt: skip
