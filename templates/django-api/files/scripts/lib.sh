# shellcheck shell=sh
# What the scripts share; they read it with `.`.

# The project's folder, from wherever a script was started.
cd "$(dirname "$0")/.." || exit

fail() {
    echo "error: $*" >&2
    exit 1
}

# The Python of the virtual environment, where there is one.
if [ -x .venv/bin/python ]; then
    PATH="$PWD/.venv/bin:$PATH"
    export PATH
fi
