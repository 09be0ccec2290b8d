"""A short load of phones while the server and PostgreSQL are killed; `make chaos` does a long one."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.mark.slow
def test_nothing_acknowledged_is_lost_or_doubled_when_the_server_is_killed():
    command = [sys.executable, "-m", "bench.chaos", "320"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=300)

    words = done.stdout.split()
    figures = {name: int(number) for name, number in zip(words[::2], words[1::2], strict=True)}
    assert figures["kills"] >= 1, done.stdout + done.stderr
    assert figures["acknowledged"] == figures["stored"] > 250
    assert (figures["lost"], figures["doubled"], figures["waiting"], figures["refused"]) == (0, 0, 0, 0)
