"""Where the real data lies that no one here wrote; tests on it skip only when the folder is absent."""

from pathlib import Path

import pytest

SHARED = Path(__file__).parents[2] / "shared" / "data"
needs_shared_data = pytest.mark.skipif(not SHARED.exists(), reason="les données réelles ne sont pas sur cette machine")
