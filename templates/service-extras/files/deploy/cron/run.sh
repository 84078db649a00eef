#!/bin/sh
# run.sh NAME COMMAND [ARGUMENT...]: runs a command in the project, unless one of this name is running already.
set -eu

if [ $# -lt 2 ]; then
    echo "usage: run.sh NAME COMMAND [ARGUMENT...]" >&2
    exit 2
fi
name=$1
shift
case "$name" in
    *[!A-Za-z0-9_-]*)
        echo "error: the name may have letters, digits, - and _" >&2
        exit 2
        ;;
esac
cd "$(dirname "$0")/../.."
exec flock --nonblock --conflict-exit-code 0 "deploy/cron/.lock-$name" "$@"
