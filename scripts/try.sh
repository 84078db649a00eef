#!/bin/sh
# Builds prodev, generates a backend with defaults, and shows it alive: its packages in a virtual environment, its tables in SQLite,
# its server answering a request. All of it lies in a temporary folder and is gone at the end; only target/ stays.
set -eu
cd "$(dirname "$0")/.."

say() { printf '\n==> %s\n' "$*"; }
die() {
    printf 'error: %s\n' "$1" >&2
    shift
    for hint; do printf 'hint: %s\n' "$hint" >&2; done
    exit 1
}

# --- What has to be there -------------------------------------------------------------------------------------------------------

command -v cargo >/dev/null || die "cargo is not on PATH" "install Rust: https://rustup.rs"
command -v cc >/dev/null || die "there is no C compiler, which the build of libgit2 needs" \
    "Debian: apt-get install build-essential" "macOS: xcode-select --install"
command -v git >/dev/null || die "git is not on PATH" "Debian: apt-get install git" "macOS: xcode-select --install"

python=
for candidate in python3 python3.13 python3.12 python3.11; do
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        python=$candidate
        break
    fi
done
[ -n "$python" ] || die "there is no Python 3.11 or newer on PATH" \
    "Debian: apt-get install python3 python3-venv" "macOS: brew install python"
if ! command -v uv >/dev/null && ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    die "$python cannot make virtual environments" "Debian: apt-get install python3-venv"
fi

# --- Nothing is left behind -----------------------------------------------------------------------------------------------------

folder=$(mktemp -d)
server=
tidy() {
    if [ -n "$server" ]; then
        kill "$server" 2>/dev/null || true
        wait "$server" 2>/dev/null || true
    fi
    rm -rf "$folder"
}
trap tidy EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# What is set here and there for other projects is not meant for this one.
unset VIRTUAL_ENV PYTHONPATH PYTHONHOME DJANGO_SETTINGS_MODULE DJANGO_SECRET_KEY DATABASE_URL REDIS_URL

# --- The four steps -------------------------------------------------------------------------------------------------------------

say "building prodev"
cargo build --release --locked
prodev=$PWD/target/release/prodev

say "generating a backend: prodev new django-api shop --defaults"
cd "$folder"
"$prodev" new django-api shop --defaults --no-git
cd shop

say "installing its packages into a virtual environment"
if command -v uv >/dev/null; then
    uv venv --quiet --python "$(command -v "$python")" .venv
    uv pip install --quiet --python .venv/bin/python -r requirements/base.txt
else
    "$python" -m venv .venv
    .venv/bin/python -m pip install --quiet --disable-pip-version-check -r requirements/base.txt
fi

say "making its tables: manage.py migrate"
.venv/bin/python manage.py migrate --verbosity 0

say "starting its server, and asking it"
port=$("$python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
.venv/bin/python manage.py runserver --noreload "127.0.0.1:$port" >server.log 2>&1 &
server=$!
"$python" - "http://127.0.0.1:$port" <<'PYTHON' || { cat server.log >&2; die "the server did not answer"; }
import sys, time, urllib.request

opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
for path in "/health/ready", "/api/v1/catalog/products/":
    address = sys.argv[1] + path
    for attempt in range(150):
        try:
            with opener.open(address, timeout=5) as answer:
                print(f"GET {address}\n{answer.status} {answer.read().decode()}")
                break
        except OSError as error:
            reason = error
            time.sleep(0.2)
    else:
        sys.exit(f"{address}: {reason}")
PYTHON

say "it lives; stopping the server and tidying up"
