"""Loads a long file with the program of `python-pipeline`, under a limit of memory; kills it in the middle, and goes on.

    python long_file.py PACKAGE FOLDER ROWS

Runs in the project's folder with the Python that the program is to run with. One row in a thousand is wrong. Says nothing where all holds.
"""

import os
import resource
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

PACKAGE, FOLDER, ROWS = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
DATABASE = FOLDER / "sales.sqlite3"
# Of address space, interpreter and all: the file and what it holds would be several times as much.
LIMIT = 192 << 20


def write(name, rows, first=0):
    path = FOLDER / name
    with path.open("w") as file:
        file.write("number,sku,quantity,price,sold_at\n")
        for row in range(first, first + rows):
            quantity = "many" if row % 1000 == 7 else row % 9 + 1
            file.write(f"S-{row},lamp-{row % 500},{quantity},{row % 100}.99,2026-01-31T12:00:00Z\n")
    return path


def limited():
    resource.setrlimit(resource.RLIMIT_AS, (LIMIT, LIMIT))


def ingest(path):
    command = [sys.executable, "-m", PACKAGE, "--database", DATABASE, "ingest", path]
    environment = {**os.environ, "PYTHONPATH": "src"}
    return subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, preexec_fn=limited)


def ask(query):
    with closing(sqlite3.connect(DATABASE, timeout=30)) as database:
        return database.execute(query).fetchone()


def peak():
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss


def loaded():
    try:
        row = ask("SELECT loaded FROM ingestion WHERE name = 'long.csv'")
    except sqlite3.OperationalError:
        return 0
    return row[0] if row else 0


assert ingest(write("short.csv", 5000, first=10**9)).wait() == 0, "a short file"
short = peak()
path = write("long.csv", ROWS)
process = ingest(path)
while loaded() <= ROWS // 10:
    assert process.poll() is None, f"ended with {process.returncode} before it was killed"
    time.sleep(0.02)
process.send_signal(signal.SIGKILL)
process.wait()
stopped = loaded()
assert ROWS // 10 < stopped < ROWS * 0.99, f"{stopped} rows when it was killed"
assert ingest(path).wait() == 0, "the second time"
wrong = len(range(7, ROWS, 1000))
done = ask("SELECT loaded, rejected, finished FROM ingestion WHERE name = 'long.csv'")
assert done == (ROWS - wrong, wrong, 1), done
[sales] = ask("SELECT count(*) FROM sale WHERE number NOT LIKE 'S-100000____'")
assert sales == ROWS - wrong, sales
rejects = (FOLDER / "long.rejects.csv").read_text().splitlines()
assert len(rejects) == wrong + 1, len(rejects)
assert len({line.split(",")[2] for line in rejects}) == wrong + 1, "a reject is there twice"
assert peak() < short * 1.25, f"{peak()} kB for {ROWS} rows, {short} kB for 5000"
