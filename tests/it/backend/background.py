"""Runs a project's worker and its clock for real, and prints one line of JSON for each promise: did it hold?

    python background.py FOLDER

Runs in the project's environment, with the servers' addresses in its variables; FOLDER takes what it writes. The jobs that it
sends are in `proof_jobs.py`, which it writes beside `manage.py`.
"""

import json
import os
import signal
import subprocess
import sys
import time
import traceback
from pathlib import Path

FOLDER = Path(sys.argv[1])
os.environ["PROOF_FOLDER"] = str(FOLDER)
JOBS = '''
import os
import time
from pathlib import Path

from django.db import OperationalError

FOLDER = Path(os.environ["PROOF_FOLDER"])


def note(name):
    with (FOLDER / name).open("a") as file:
        file.write(f"{os.getpid()}\\n")


def flaky():
    note("flaky")
    if len((FOLDER / "flaky").read_text().split()) < 2:
        raise OperationalError("not now")
    return "done"


def slow():
    note("begun")
    time.sleep(3)
    note("ended")


def tick():
    note("tick")
'''
SETTINGS = """
JOBS = {
    name: {"run": f"proof_jobs.{name}", "cron": "0 0 1 1 *"} for name in ("flaky", "slow", "tick")
}
"""


def lines(name):
    path = FOLDER / name
    return path.read_text().split() if path.exists() else []


def until(what, condition, seconds=90):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"{what}: not within {seconds} s")
        time.sleep(0.1)


class Process:
    def __init__(self, *words):
        self.log = FOLDER / f"{words[0]}-{time.monotonic_ns()}.log"
        command = [Path(sys.executable).with_name("celery"), "--app", "config", *words]
        self.child = subprocess.Popen(command, stdout=self.log.open("w"), stderr=subprocess.STDOUT)

    def end(self, how=signal.SIGTERM):
        self.child.send_signal(how)
        return self.child.wait(60)


def worker():
    process = Process("worker", "--concurrency", "2", "--loglevel", "INFO")
    until("the worker is ready", lambda: "ready." in process.log.read_text())
    return process


def jobs_run_in_the_worker():
    process = worker()
    try:
        assert run_job.delay("housekeeping").get(timeout=60) == {"sessions": 0}
    finally:
        assert process.end() == 0, process.log.read_text()


def failing_once_succeeds_on_the_second_try():
    process = worker()
    try:
        assert run_job.delay("flaky").get(timeout=60) == "done"
        assert len(lines("flaky")) == 2, lines("flaky")
    finally:
        process.end()


def nothing_is_lost_or_doubled_when_a_worker_is_told_to_end():
    process = worker()
    for _ in range(4):
        run_job.delay("slow")
    until("two are under way", lambda: len(lines("begun")) == 2)
    assert process.end() == 0, process.log.read_text()
    assert len(lines("ended")) == 2, "what was under way was not ended"
    process = worker()
    try:
        until("all are done", lambda: len(lines("ended")) == 4)
        time.sleep(1)
        assert (len(lines("begun")), len(lines("ended"))) == (4, 4), "one was done twice"
    finally:
        process.end()


def what_a_killed_process_had_begun_is_done_again():
    process = worker()
    before = len(lines("ended"))
    begun = len(lines("begun"))
    try:
        result = run_job.delay("slow")
        until("it is under way", lambda: len(lines("begun")) == begun + 1)
        os.kill(int(lines("begun")[-1]), signal.SIGKILL)
        result.get(timeout=60)
        assert len(lines("ended")) == before + 1
    finally:
        process.end()


def beat_sends_and_goes_on_after_a_restart():
    from django_celery_beat.models import IntervalSchedule, PeriodicTask

    every, _ = IntervalSchedule.objects.get_or_create(every=1, period=IntervalSchedule.SECONDS)
    PeriodicTask.objects.create(name="tick", task=run_job.name, args='["tick"]', interval=every)
    process = worker()
    try:
        for wanted in (2, 4):
            beat = Process("beat", "--loglevel", "INFO", "--pidfile", "")
            until("it ticks", lambda wanted=wanted: len(lines("tick")) >= wanted)
            beat.end()
    finally:
        PeriodicTask.objects.filter(name="tick").delete()
        process.end()


CHECKS = (
    jobs_run_in_the_worker,
    failing_once_succeeds_on_the_second_try,
    nothing_is_lost_or_doubled_when_a_worker_is_told_to_end,
    what_a_killed_process_had_begun_is_done_again,
    beat_sends_and_goes_on_after_a_restart,
)

settings = Path("config/settings/project.py")
original = settings.read_text()
sys.path.insert(0, str(Path.cwd()))
try:
    Path("proof_jobs.py").write_text(JOBS)
    settings.write_text(original + SETTINGS)
    import django

    django.setup()
    from apps.jobs.tasks import run_job

    for function in CHECKS:
        start, fault = time.perf_counter(), None
        try:
            function()
        except Exception as error:
            logs = "".join(log.read_text()[-1500:] for log in sorted(FOLDER.glob("*.log"))[-2:])
            fault = f"{type(error).__name__}: {error}\n{traceback.format_exc(limit=3)}\n{logs}"
        check = f"worker: {function.__name__.replace('_', ' ')}"
        print(json.dumps({"check": check, "seconds": time.perf_counter() - start, "fault": fault}), flush=True)
finally:
    settings.write_text(original)
    Path("proof_jobs.py").unlink(missing_ok=True)
