"""Speed against peers and limits, each figure measured in the same run as what it is compared to.

python -m bench [NAME]: prints a table and writes build/bench.json.
"""

import json
import os
import sys
import tempfile
from importlib import import_module
from pathlib import Path

import django
from rich.console import Console
from rich.table import Table

from jalons.cli import postgres

ROOT = Path(__file__).parent.parent
NAMES = ("imports", "engine", "page", "lists", "arrivals", "background", "linkage", "exports")


def main() -> int:
    names = [name for name in NAMES if name in sys.argv[1:] or not sys.argv[1:]]
    if not names:
        sys.exit(f"Inconnu : {' '.join(sys.argv[1:])}. Au choix : {', '.join(NAMES)}.")
    with tempfile.TemporaryDirectory(prefix="jalons-bench-") as folder:
        Path(folder).chmod(0o755)
        os.environ |= {"JALONS_DATA": folder, "DJANGO_SETTINGS_MODULE": "config.settings"}
        data = Path(folder) / "postgres"
        if not os.environ.get("DATABASE_URL"):
            postgres.start(data)
        try:
            figures = measure(names)
        finally:
            if not os.environ.get("DATABASE_URL"):
                postgres.stop(data)
    report(figures)
    return 0


def measure(names: list[str]) -> list[dict]:
    """Every figure of the named benches, each in a database of its own."""
    django.setup()
    setup = import_module("bench.database")
    figures = []
    for name in names:
        with setup.fresh():
            figures += import_module(f"bench.{name}").run()
    return figures


def report(figures: list[dict]) -> None:
    """Print the table and write it; a figure beyond its target is shown, the run goes on."""
    table = Table("mesure", "nous", "contre", "eux", "rapport", "cible")
    for f in figures:
        good = f["ratio"] <= f["target"] if f["better"] == "lower" else f["ratio"] >= f["target"]
        sign = "≤" if f["better"] == "lower" else "≥"
        table.add_row(f["name"], f"{f['ours']:.4g}", f["against"], f"{f['theirs']:.4g}",
                      f"[{'green' if good else 'red'}]{f['ratio']:.3g}", f"{sign} {f['target']}")  # fmt: skip
    Console().print(table)
    (ROOT / "build").mkdir(exist_ok=True)
    (ROOT / "build" / "bench.json").write_text(json.dumps(figures, indent=1, ensure_ascii=False))


sys.exit(main())
