#!/bin/sh
# Remakes files/requirements/constraints.txt: the versions of everything that any selection may need,
# for Python 3.11 and later. Needs uv and a package index; run it before a release of the template.
set -eu
cd "$(dirname "$0")"
output=files/requirements/constraints.txt
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for name in base prod dev; do
    # Everything that names a package; slots and -r, -c lines go.
    grep -vhE '^ *(\{|-|#|$)' "files/requirements/$name.txt.jinja" >>"$work/all.in"
done
cat fragments/requirements/* fragments/requirements_*/* >>"$work/all.in"
{
    echo "# Made by lock.sh of the template, over the packages of all components. Versions, no hashes, so"
    echo "# that packages of one's own can stand beside them; \`lock\` in prodev.toml makes hashed locks."
    uv pip compile --quiet --universal --python-version 3.11 --no-annotate --no-header --upgrade "$work/all.in"
} >"$work/constraints.txt"
mv "$work/constraints.txt" "$output"
