#!/bin/sh
# Runs the tests; arguments are handed on.
set -eu
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

python manage.py makemigrations --check --dry-run --settings config.settings.test
exec python manage.py test "$@"
