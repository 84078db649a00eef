#!/bin/sh
# Checks format, style, known security mistakes and types; all of them, also when one finds something.
set -eu
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

failed=0
ruff format --check . || failed=1
ruff check . || failed=1
lint-imports --no-cache --no-logo || failed=1
bandit -q -c pyproject.toml -r apps config || failed=1
mypy . || failed=1
exit "$failed"
