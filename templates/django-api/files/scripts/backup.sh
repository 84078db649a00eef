#!/bin/sh
# backup.sh [FOLDER]: writes a copy of the database into FOLDER (backups), and keeps the newest $BACKUP_KEEP (14).
set -eu
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

folder=${1:-backups}
keep=${BACKUP_KEEP:-14}
case "$keep" in
    '' | *[!0-9]* | 0) fail "BACKUP_KEEP must be a number, 1 or more" ;;
esac
umask 077
mkdir -p "$folder"

# A name that sorts by time; the file has it only once it is whole.
name=$folder/$(date -u +%Y%m%dT%H%M%SZ).backup
python manage.py backup_database "$name.part"
mv "$name.part" "$name"
echo "$name"

# The names hold no blanks and no line breaks: they are all made above.
find "$folder" -name '????????T??????Z.backup' | sort -r | tail -n "+$((keep + 1))" | while read -r old; do
    rm "$old"
done
