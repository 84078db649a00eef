"""Loads a long file into a project, kills that in the middle, and goes on; prints one line of JSON for each promise: did it hold?

    python pipeline.py FOLDER ROWS

Runs in the project's environment; FOLDER takes what it writes. One row in a thousand is wrong.
"""

import json
import resource
import signal
import subprocess
import sys
import time
import traceback
from pathlib import Path

FOLDER, ROWS = Path(sys.argv[1]), int(sys.argv[2])
sys.path.insert(0, str(Path.cwd()))


def write(name, rows, first=0):
    path = FOLDER / name
    with path.open("w") as file:
        file.write("number,sku,quantity,price,sold_at\n")
        for row in range(first, first + rows):
            quantity = "many" if row % 1000 == 7 else row % 9 + 1
            file.write(f"S-{row},lamp-{row % 500},{quantity},{row % 100}.99,2026-01-31T12:00:00Z\n")
    return path


def ingest(path):
    command = [sys.executable, "manage.py", "ingest", "--batch", "1000", str(path)]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def peak():
    """The largest resident set of any child so far, in kilobytes."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss


def loads_all_after_being_killed_in_the_middle():
    path = write("long.csv", ROWS)
    process = ingest(path)
    while not Ingestion.objects.filter(name="long.csv", loaded__gt=ROWS // 10).exists():
        assert process.poll() is None, f"ended with {process.returncode} before it was killed"
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.wait()
    stopped = Ingestion.objects.get(name="long.csv")
    assert stopped.finished_at is None and stopped.loaded < ROWS * 0.99, "it was through already"
    assert ingest(path).wait() == 0
    done = Ingestion.objects.get(name="long.csv")
    wrong = len(range(7, ROWS, 1000))
    assert (done.loaded, done.rejected) == (ROWS - wrong, wrong), (done.loaded, done.rejected)
    assert Sale.objects.count() == ROWS - wrong, Sale.objects.count()
    rejects = (FOLDER / "long.rejects.csv").read_text().splitlines()
    assert len(rejects) == wrong + 1, len(rejects)


def memory_does_not_grow_with_the_file():
    # Before the long one: the peak is that of all children so far.
    assert ingest(write("short.csv", 5000, first=10**9)).wait() == 0
    Sale.objects.all().delete()
    short = peak()
    loads_all_after_being_killed_in_the_middle()
    assert peak() < short * 1.15, f"{peak()} kB for {ROWS} rows, {short} kB for 5000"


start, fault = time.perf_counter(), None
try:
    import django

    django.setup()
    from apps.pipelines.models import Ingestion, Sale

    memory_does_not_grow_with_the_file()
except Exception as error:
    fault = f"{type(error).__name__}: {error}\n{traceback.format_exc(limit=3)}"
check = f"pipeline: {ROWS} rows are loaded in flat memory, also after being killed, with all rejects"
print(json.dumps({"check": check, "seconds": time.perf_counter() - start, "fault": fault}))
