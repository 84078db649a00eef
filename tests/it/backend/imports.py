"""Compares what the code of a project imports with what its requirements name; prints each difference.

Runs in the project's own environment and folder.
"""

import ast
import re
import sys
from importlib import metadata
from pathlib import Path

# Nothing imports these by name: servers, drivers that a URL chooses, tools.
RUNTIME_ONLY = {"gunicorn", "psycopg", "redis"}
TOOLS = {"bandit", "coverage", "django-stubs", "djangorestframework-stubs", "import-linter", "ruff", "tblib", "types-pyyaml"}
DOTTED = re.compile(r"[a-z_][a-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*")
OWN = {"apps", "config", "tests", "manage"}


def canonical(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def required(path):
    """The distributions that a requirements file names, and those that their extras bring."""
    named, extra = set(), set()
    for line in path.read_text().splitlines():
        line = line.split("#")[0].strip()
        if line.startswith("-r "):
            more, less = required(path.parent / line[3:].strip())
            named, extra = named | more, extra | less
        match = re.match(r"([A-Za-z0-9._-]+)(?:\[([^\]]+)\])?", line)
        if not match or line.startswith("-"):
            continue
        named.add(canonical(match[1]))
        for wanted in (match[2] or "").split(","):
            for requirement in metadata.requires(match[1]) or []:
                if re.search(rf"extra\s*==\s*['\"]{re.escape(wanted)}['\"]", requirement):
                    extra.add(canonical(re.match(r"[A-Za-z0-9._-]+", requirement)[0]))
    return named, extra


def imported(paths):
    """The distributions of all modules that are imported, or named in a string as Django's settings do."""
    distributions = metadata.packages_distributions()
    found = {}
    for path in paths:
        for node in ast.walk(ast.parse(path.read_text())):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and not node.level:
                names = [node.module]
            elif isinstance(node, ast.Constant) and isinstance(node.value, str) and "settings" in str(path):
                names = [node.value] if DOTTED.fullmatch(node.value) else []
            for name in names:
                top = name.split(".")[0]
                if top in sys.stdlib_module_names or top in OWN:
                    continue
                if top not in distributions:
                    if not isinstance(node, ast.Constant):
                        print(f"{path} imports {top}, which no installed package has")
                    continue
                for distribution in distributions[top]:
                    found.setdefault(canonical(distribution), path)
    return found


def compare(what, paths, named, extra, idle):
    used = imported(paths)
    for name in sorted(used.keys() - named - extra):
        print(f"{used[name]} imports {name}, which {what} does not name")
    for name in sorted(named - used.keys() - idle):
        print(f"{what} names {name}, which nothing imports")


def main():
    code = [Path("manage.py"), *Path("apps").rglob("*.py"), *Path("config").rglob("*.py")]
    served, served_extra = required(Path("requirements/prod.txt"))
    compare("requirements/prod.txt", code, served, served_extra, RUNTIME_ONLY)
    tested, tested_extra = required(Path("requirements/dev.txt"))
    compare(
        "requirements/dev.txt",
        [*code, *Path("tests").rglob("*.py")],
        tested,
        tested_extra,
        RUNTIME_ONLY | TOOLS,
    )


main()
