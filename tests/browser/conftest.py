"""The demonstration, as `make demo` serves it, in a real Chromium."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import psycopg
import pytest

from jalons.cli.demo.accounts import demo_accounts

ROOT = Path(__file__).parents[2]
JALONS = Path(sys.executable).with_name("jalons")
AXE = ROOT / "frontend/node_modules/axe-core/axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def pytest_collection_modifyitems(items):
    for item in items:
        if "tests/browser" in str(item.path):
            item.add_marker(pytest.mark.slow)
            if "browser" in item.fixturenames:
                item.add_marker(pytest.mark.browser)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="session")
def database_url():
    """A database of its own for the served demonstration, when the suite runs on a real server."""
    real = os.environ.get("DATABASE_URL")
    if not real:
        yield None
        return
    with psycopg.connect(real, autocommit=True) as connection:
        connection.execute("drop database if exists jalons_demonstration with (force)")
        connection.execute("create database jalons_demonstration")
    base, _slash, rest = real.rpartition("/")
    yield f"{base}/jalons_demonstration" + ("?" + rest.partition("?")[2] if "?" in rest else "")
    with psycopg.connect(real, autocommit=True) as connection:
        connection.execute("drop database if exists jalons_demonstration with (force)")


@pytest.fixture(scope="session")
def environment(database_url):
    """What the command of the demonstration runs with: a database and a folder of its own, open to PostgreSQL."""
    data = tempfile.mkdtemp(prefix="jalons-demonstration-")
    os.chmod(data, 0o755)
    environment = {**os.environ, "JALONS_DATA": data, "JALONS_DEMONSTRATION": "1"}
    environment.pop("DATABASE_URL", None)
    yield environment | ({"DATABASE_URL": database_url} if database_url else {})
    shutil.rmtree(data, ignore_errors=True)


@pytest.fixture(scope="session")
def demonstration(environment):
    """Address of a running demonstration: the command of the README, a real server, a real PostgreSQL."""
    port, file = free_port(), Path(environment["JALONS_DATA"]) / "log"
    url = f"http://127.0.0.1:{port}"
    with file.open("w") as log:
        process = subprocess.Popen(
            [JALONS, "demo", "--port", str(port)], cwd=ROOT, env=environment, stdout=log, stderr=log
        )
    try:
        wait_for(url + "/health/", process, file)
        yield url
    finally:
        process.terminate()
        process.wait(timeout=60)


def wait_for(url, process, log):
    end = time.monotonic() + 240
    while time.monotonic() < end and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except OSError:
            time.sleep(0.5)
    raise RuntimeError(log.read_text()[-3000:])


@pytest.fixture(scope="session")
def states(demonstration, browser):
    """Cookies of each role, signed in once through the page."""
    kept = {}

    def state(role):
        if role not in kept:
            kept[role] = sign_in(browser, demonstration, role)
        return kept[role]

    return state


def sign_in(browser, url, role):
    account = next(a for a in demo_accounts() if a["email"].startswith(f"{role}@"))
    context = browser.new_context(locale="fr-FR")
    page = context.new_page()
    page.goto(url + "/sign-in/login/")
    page.fill("input[name=login]", account["email"])
    page.fill("input[name=password]", account["password"])
    page.press("input[name=password]", "Enter")
    page.wait_for_url(url + "/")
    state = context.storage_state()
    context.close()
    return state


def read_in(context, url, language):
    """Choose the language of the person, as the page does: another test may have left them in another."""
    token = next(cookie["value"] for cookie in context.cookies() if cookie["name"] == "csrftoken")
    form = {"language": language, "next": "/", "csrfmiddlewaretoken": token}
    context.request.post(url + "/language/", form=form, headers={"Referer": url + "/"})


@pytest.fixture
def open_as(browser, demonstration, states):
    """Open a page of the demonstration as a role, in a language, at a width; refuse any other host."""
    contexts = []

    def opened(role, path, *, language="fr", width=1440):
        context = browser.new_context(
            storage_state=states(role), viewport={"width": width, "height": 900},
            locale="fr-FR", timezone_id="Africa/Casablanca", base_url=demonstration,
        )  # fmt: skip
        contexts.append(context)
        read_in(context, demonstration, language)
        page = context.new_page()
        page.strays, page.faults = [], []
        page.on("request", lambda r: r.url.startswith((demonstration, "data:", "blob:")) or page.strays.append(r.url))
        page.on("console", lambda m: m.type == "error" and page.faults.append(m.text))
        page.goto(path)
        page.wait_for_load_state("networkidle")
        return page

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture
def axe():
    def check(page):
        page.evaluate(AXE.read_text())
        found = page.evaluate("o => axe.run(document, o)", {"runOnly": RULES})
        return [
            f"{v['id']}: " + "; ".join(" ".join(map(str, n["target"])) for n in v["nodes"]) for v in found["violations"]
        ]

    return check
