#!/bin/sh
# restore.sh FILE: puts a copy in the place of the database, after keeping what is there.
set -eu
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

[ $# -eq 1 ] || fail "usage: restore.sh FILE"
[ -f "$1" ] || fail "$1 is no file"
if [ "${RESTORE_YES:-}" != 1 ]; then
    [ -t 0 ] || fail "this replaces all data; set RESTORE_YES=1 to do it without being asked"
    printf 'Replace all data by %s? [y/N] ' "$1"
    read -r answer
    [ "$answer" = y ] || fail "nothing was changed"
fi
umask 077
mkdir -p backups
kept=backups/before-restore-$(date -u +%Y%m%dT%H%M%SZ).backup
python manage.py backup_database "$kept"
python manage.py restore_database --yes "$1"
python manage.py migrate --noinput
echo "what was there before is in $kept"
