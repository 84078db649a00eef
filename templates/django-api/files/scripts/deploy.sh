#!/bin/sh
# deploy.sh REF: brings this checkout, on a server, to a tag or commit, and restarts it.
#
#   RESTART_COMMAND  what restarts the processes, such as "sudo systemctl restart shop"; required
#   HEALTH_URL       where it must answer afterwards (http://127.0.0.1:8000/health/ready)
set -eu
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

[ $# -eq 1 ] || fail "usage: deploy.sh REF"
[ -n "${RESTART_COMMAND:-}" ] || fail "RESTART_COMMAND is not set"
export DJANGO_SETTINGS_MODULE="${DJANGO_SETTINGS_MODULE:-config.settings.prod}"
url=${HEALTH_URL:-http://127.0.0.1:8000/health/ready}

[ -z "$(git status --porcelain)" ] || fail "there are changes here that are in no commit"
before=$(git rev-parse HEAD)
git fetch --quiet --tags
target=$(git rev-parse --verify --quiet --end-of-options "$1^{commit}") || fail "there is no $1"

scripts/backup.sh
git checkout --quiet --detach "$target"

lock=requirements/prod.lock
if [ -f "$lock" ]; then
    python -m pip install --quiet --require-hashes -r "$lock"
else
    python -m pip install --quiet -r requirements/prod.txt
fi
python manage.py check --deploy --fail-level WARNING
python manage.py migrate --noinput
python manage.py collectstatic --noinput --verbosity 0
sh -c "$RESTART_COMMAND"

tries=0
until python -c 'import sys, urllib.request; urllib.request.urlopen(sys.argv[1], timeout=5)' "$url" 2>/dev/null; do
    tries=$((tries + 1))
    if [ "$tries" -ge 30 ]; then
        fail "$url does not answer; go back with: scripts/deploy.sh $before"
    fi
    sleep 1
done
echo "deployed $target; before it was $before"
