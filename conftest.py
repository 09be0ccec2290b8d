"""Every test session has its own PostgreSQL: embedded and private, or the one of DATABASE_URL."""

import os
import shutil
import tempfile
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.utils import translation
from xdist.scheduler import LoadScopeScheduling

from jalons.cli import postgres

if "JALONS_DATA" not in os.environ:
    os.environ["JALONS_DATA"] = tempfile.mkdtemp(prefix="jalons-test-")
    os.chmod(os.environ["JALONS_DATA"], 0o755)
    OWNER = os.getpid()
HOME = Path(os.environ["JALONS_DATA"])
FOLDER = HOME / "postgres"
# pytest-django has read the settings before this file. Workers share the server, never their files.
settings.DATA = HOME / os.environ.get("PYTEST_XDIST_WORKER", "alone")
settings.DATA.mkdir(mode=0o755, exist_ok=True)
settings.DOCUMENTS, settings.PARTITIONS = settings.DATA / "documents", settings.DATA / "partitions"
settings.STATIC_ROOT = settings.DATA / "static"
settings.STATIC_ROOT.mkdir(exist_ok=True)  # WhiteNoise warns when it is absent
settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # the real one is slow on purpose
if not os.environ.get("DATABASE_URL"):
    settings.DATABASES["default"]["HOST"] = str(postgres.socket_folder(FOLDER))
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # sync Playwright keeps an event loop in the thread


def pytest_configure(config):
    if not os.environ.get("DATABASE_URL") and not hasattr(config, "workerinput"):
        postgres.start(FOLDER, for_tests=True)


def pytest_xdist_make_scheduler(config, log):
    return OneDemonstration(config, log)


class OneDemonstration(LoadScopeScheduling):
    """Shares tests out one by one, but for those of the demonstration: one worker loads it, once."""

    def _split_scope(self, nodeid):
        return "tests/browser" if nodeid.startswith("tests/browser/") else nodeid


def pytest_unconfigure(config):
    if hasattr(config, "workerinput") or globals().get("OWNER") != os.getpid():
        return
    if not os.environ.get("DATABASE_URL"):
        postgres.stop(FOLDER)
    shutil.rmtree(HOME, ignore_errors=True)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
    return {**browser_type_launch_args, "executable_path": os.environ.get("CHROMIUM", "/usr/bin/chromium"),
            "args": arguments}  # fmt: skip


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args):
    return {**browser_context_args, "locale": "fr-FR", "timezone_id": "Africa/Casablanca",
            "viewport": {"width": 1440, "height": 900}}  # fmt: skip


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """Let go of the test database at the end: a server's thread may still hold a connection to it."""
    yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database()"
            " and pid <> pg_backend_pid()"
        )


@pytest.fixture(autouse=True)
def in_french():
    """Each test starts in French: a page opened in Arabic by the one before leaves its language on."""
    with translation.override("fr"):
        yield
