"""The `jalons` command. Django is set up before its modules, which import models, are read."""

import os
import sys
from importlib import import_module


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    if "demo" in sys.argv[1:2]:
        os.environ.setdefault("JALONS_DEMONSTRATION", "1")
    import_module("jalons.cli.start").run()
