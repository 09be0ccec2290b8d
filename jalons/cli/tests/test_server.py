import os
import signal
import sys
import tempfile
from pathlib import Path

import pytest

from jalons.cli import postgres
from jalons.cli.server import keep_alive

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
