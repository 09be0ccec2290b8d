#!/bin/sh
# Every test. Without Chromium (and without root to install it) browser tests are reported as not run, never as passed.
set -eu
chromium=${CHROMIUM:-/usr/bin/chromium}
if [ ! -x "$chromium" ] && [ "$(id -u)" = 0 ]; then
    apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium
fi
if [ -x "$chromium" ]; then
    CHROMIUM=$chromium exec .venv/bin/pytest -q -n 2 "$@"
fi
echo "Chromium est absent. Pour l’installer : sudo apt-get install --no-install-recommends chromium" >&2
.venv/bin/pytest -q -n 2 -m "not browser" "$@"
echo "ATTENTION : les tests de navigateur n’ont PAS été lancés (Chromium absent)." >&2
