"""What is built once from the sources before anything is served: refused with the command that builds it."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, run_checks

from jalons.core.errors import Refused

BUNDLES = Path(__file__).parent / "static/jalons"
NAMES = ("app.css", "app.rtl.css", "app.js", "charts.js")
UNBUILT = "Il manque ce qui se fabrique avant de servir les pages (%s). Lancez : make bundles"


def everything_is_built(app_configs: Any, **_options: Any) -> list[CheckMessage]:
    """The style sheets and scripts of every page, and the compiled catalogue of every language."""
    missing = ", ".join(os.path.relpath(path, settings.BASE) for path in _expected() if not path.exists())
    return [Error(UNBUILT % missing, id="jalons.E001")] if missing else []


def check_built() -> None:
    """Refuse to serve pages that would all fail."""
    if faults := [fault for fault in run_checks() if fault.is_serious()]:
        raise Refused("\n".join(fault.msg for fault in faults))


def _expected() -> Iterator[Path]:
    yield from (BUNDLES / name for name in NAMES)
    yield from (source.with_suffix(".mo") for source in (settings.BASE / "locale").glob("**/LC_MESSAGES/*.po"))
