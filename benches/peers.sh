#!/bin/sh
# Installs the programs that the benches measure prodev beside, as far as they can be had:
#   sh benches/peers.sh            cookiecutter, copier, cruft, committed, prek, python-dotenv, just and task, into target/peers
#   sh benches/peers.sh --all      also cargo-generate, which takes minutes and needs OpenSSL's headers, dotenv-linter, and dotenvx and varlock where npm is
# Then:  PRODEV_BENCH_VENV=target/peers cargo bench
set -eu
cd "$(dirname "$0")/.."

venv=${PRODEV_BENCH_VENV:-target/peers}
if [ ! -x "$venv/bin/python" ]; then
    python3 -m venv "$venv"
fi
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check cookiecutter copier cruft committed prek 'python-dotenv[cli]' rust-just go-task-bin

if [ "${1:-}" = --all ]; then
    cargo install --locked --root "$venv" cargo-generate
    cargo install --locked --root "$venv" dotenv-linter
    if command -v npm > /dev/null; then
        npm install --silent --global --prefix "$venv" @dotenvx/dotenvx varlock
    fi
fi
