#!/bin/sh
# run.sh NAME: runs a job of the project, unless it is running already.
set -eu

if [ $# -ne 1 ]; then
    echo "usage: run.sh NAME" >&2
    exit 2
fi
cd "$(dirname "$0")/../.."
python=.venv/bin/python
if [ ! -x "$python" ]; then
    python=python3
fi
# Another file for each job, beside the project and not in a folder that everybody may write to.
lock=".lock-$1"
exec flock --nonblock --conflict-exit-code 0 "$lock" "$python" manage.py run_job "$1"
