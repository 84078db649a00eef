"""Puts what a checkout of the project has into another folder, and lists each shell step of its workflows and its Jenkinsfile as JSON.

    python ci_steps.py PROJECT CHECKOUT
"""

import json
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import yaml

# What a machine without an engine, a cluster or a registry cannot do.
ELSEWHERE = re.compile(r"\b(docker|kubectl|kustomize)\b|\$\{\{")


def step(place, name, shell, script, env):
    return {
        "name": f"{place}: {name}",
        "shell": shell,
        "script": script,
        "env": env,
        "here": not ELSEWHERE.search(script + json.dumps(env)),
    }


def of_workflow(file):
    """GitHub's runners call `bash -e` where a step names no shell."""
    workflow = yaml.safe_load(file.read_text())
    for job in workflow["jobs"].values():
        # What comes after a step that cannot be done here cannot be done either.
        here = True
        for entry in job.get("steps", []):
            if "run" not in entry:
                continue
            shell = ["bash", "-e"]
            if entry.get("shell") == "bash":
                shell = ["bash", "--noprofile", "--norc", "-eo", "pipefail"]
            env = {**workflow.get("env", {}), **job.get("env", {}), **entry.get("env", {})}
            found = step(file.name, entry.get("name", "a step"), shell, entry["run"], env)
            here = found["here"] = found["here"] and here
            yield found


def of_jenkinsfile(file):
    """The `sh` step of Jenkins is `sh -xe`."""
    stage = ""
    for match in re.finditer(r"stage\('([^']+)'\)|\bsh '''\n(.*?)'''|\bsh '([^'\n]+)'", file.read_text(), re.DOTALL):
        if match[1]:
            stage = match[1]
        else:
            yield step(file.name, stage, ["sh", "-xe"], textwrap.dedent(match[2] or match[3]), {})


def check_out(project, folder):
    git = ["git", "--git-dir", str(folder.with_suffix(".git")), "--work-tree", str(project)]
    for command in (["init", "--quiet"], ["add", "--all"], ["checkout-index", "--all", f"--prefix={folder}/"]):
        subprocess.run([*git, *command], check=True)


def main():
    project, folder = Path(sys.argv[1]), Path(sys.argv[2])
    check_out(project, folder)
    steps = []
    for file in sorted(folder.glob(".github/workflows/*.yml")):
        steps.extend(of_workflow(file))
    if (folder / "Jenkinsfile").exists():
        steps.extend(of_jenkinsfile(folder / "Jenkinsfile"))
    # What two jobs do alike is done once.
    seen = set()
    for entry in steps:
        env = {name: value for name, value in entry["env"].items() if not name.startswith("PIP_")}
        key = json.dumps([entry["script"].strip(), env])
        if key not in seen:
            print(json.dumps(entry))
        seen.add(key)


main()
