#!/bin/sh
# Makes the virtual environment, installs everything, creates the tables.
set -eu
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

if command -v uv >/dev/null 2>&1; then
    test -d .venv || uv venv .venv
    uv pip install --python .venv/bin/python -r requirements/dev.txt
else
    test -d .venv || python3 -m venv .venv || fail "on Debian: apt install python3-venv"
    .venv/bin/python -m pip install -r requirements/dev.txt
fi
test -f .env || cp .env.example .env
.venv/bin/python manage.py migrate
