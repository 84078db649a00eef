#!/bin/sh
# wait-for.sh [-t SECONDS] HOST:PORT [COMMAND ...]: waits until something answers there, then runs the command.
set -eu

seconds=30
while getopts t: option; do
    case "$option" in
        t) seconds=$OPTARG ;;
        *) exit 2 ;;
    esac
done
shift $((OPTIND - 1))
case "${1:-}" in
    ?*:?*) ;;
    *)
        echo "usage: wait-for.sh [-t SECONDS] HOST:PORT [COMMAND ...]" >&2
        exit 2
        ;;
esac
address=$1
shift

# A shell has no way to connect that works everywhere.
python3 - "${address%:*}" "${address##*:}" "$seconds" <<'PYTHON'
import socket
import sys
import time

host, port, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
end = time.monotonic() + seconds
while True:
    try:
        socket.create_connection((host, port), timeout=2).close()
        break
    except OSError as error:
        if time.monotonic() > end:
            sys.exit(f"error: nothing answers at {host}:{port} after {seconds:g} s: {error}")
        time.sleep(0.2)
PYTHON

if [ $# -gt 0 ]; then
    exec "$@"
fi
