"""Records what cronsim, crondst and systemd-analyze make of random schedules: `python3 record.py cron|calendar COUNT [SEED]`.

A line: time zone, expression, an instant, and those that follow it, tab by tab, in seconds since 1970. cron.tsv and calendar.tsv beside this file were made
with it (pip install cronsim crondst tzdata); the tests read them and need none of the three.
"""

import datetime as dt
import os
import random
import subprocess
import sys
from zoneinfo import ZoneInfo

ZONES = """UTC Europe/Berlin America/New_York Europe/London Australia/Lord_Howe America/Sao_Paulo Africa/Casablanca Asia/Kathmandu America/St_Johns
Antarctica/Troll Europe/Dublin Asia/Tehran America/Santiago Australia/Adelaide Asia/Gaza Pacific/Auckland""".split()
MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
DAYS = "sun mon tue wed thu fri sat".split()
UTC = dt.timezone.utc


def changes(zone):
    """The instants around which the zone's clocks are changed."""
    found, at = [], dt.datetime(2005, 1, 1, tzinfo=UTC)
    while at.year < 2037:
        later = at + dt.timedelta(hours=12)
        if at.astimezone(zone).utcoffset() != later.astimezone(zone).utcoffset():
            found.append(at)
        at = later
    return found


CHANGES = {name: changes(ZoneInfo(name)) for name in ZONES}


def base(rng, name):
    """An instant; most are less than two days from a change of the clocks."""
    if CHANGES[name] and rng.random() < 0.8:
        at = rng.choice(CHANGES[name]) + dt.timedelta(minutes=rng.randrange(-2 * 1440, 1440))
    else:
        at = dt.datetime(2005, 1, 1, tzinfo=UTC) + dt.timedelta(minutes=rng.randrange(30 * 365 * 1440))
    return at


def cron_field(rng, low, high, names=(), star=0.5):
    if rng.random() < star:
        return "*" if rng.random() < 0.7 else f"*/{rng.randint(2, max(2, high // 2))}"
    parts = []
    for _ in range(rng.choice([1, 1, 1, 2, 3])):
        a, b = sorted((rng.randint(low, high), rng.randint(low, high)))
        name = lambda n: rng.choice([names[n - low].upper(), names[n - low]]) if names and n - low < len(names) and rng.random() < 0.5 else str(n)
        kind = rng.random()
        if kind < 0.5:
            parts.append(name(a))
        elif kind < 0.8:
            end = name(b)
            parts.append(f"{name(a)}-{b if end.lower() == 'sun' else end}")
        else:
            # Of a range of one number cronsim makes one that goes on to the end; cron and crondst do not.
            parts.append(f"{a}-{b}/{rng.randint(1, 9)}" if a < b else str(a))
    return ",".join(parts)


def cron(rng):
    near = rng.random() < 0.7
    minute = cron_field(rng, 0, 59, star=0.25)
    hour = ",".join(str(rng.randint(0, 4)) for _ in range(rng.choice([1, 1, 2]))) if near else cron_field(rng, 0, 23, star=0.3)
    return " ".join([minute, hour, cron_field(rng, 1, 31, star=0.7), cron_field(rng, 1, 12, MONTHS, star=0.8), cron_field(rng, 0, 7, DAYS, star=0.7)])


def record_cron(rng, count):
    from cronsim import CronSim, CronSimError
    from crondst import CronDst, CronDstError

    apart = 0
    while count:
        name, line = rng.choice(ZONES), cron(rng)
        zone = ZoneInfo(name)
        start = base(rng, name).astimezone(zone)
        try:
            one, two = CronSim(line, start), CronDst(line).iter(start)
            # Both name an instant twice where two times of one gap come right after it.
            first, second = unique(one, 6), unique(two, 6)
        except (CronSimError, CronDstError):
            continue
        if first != second:
            apart += 1
            print(f"apart: {name} {line!r} {start}: {first} {second}", file=sys.stderr)
            continue
        count -= 1
        print(name, line, int(start.timestamp()), *first, sep="\t")
    print(f"{apart} on which the two do not agree", file=sys.stderr)


def unique(times, count):
    found = []
    while len(found) < count:
        at = next(times, None)
        if at is None:
            break
        at = int(at.timestamp())
        if found[-1:] != [at]:
            found.append(at)
    return found


def event_part(rng, low, high, star=0.4, from_last=False):
    if rng.random() < star and not from_last:
        return "*"
    parts = []
    for _ in range(rng.choice([1, 1, 1, 2])):
        a, b = sorted((rng.randint(low, high), rng.randint(low, high)))
        kind = rng.random()
        step = rng.randint(1, 9)
        if kind < 0.5:
            parts.append(f"{a:02}")
        elif kind < 0.75:
            parts.append(f"{a}..{b}")
        elif kind < 0.9:
            parts.append(f"{a}/{step}")
        else:
            parts.append(f"{a}..{b}/{step}")
    return ",".join(parts)


def event(rng):
    words = []
    if rng.random() < 0.3:
        day = lambda: rng.choice(["Mon", "tue", "Wednesday", "Thu", "friday", "SAT", "Sun"])
        words.append(rng.choice([day(), f"{day()},{day()}", f"{day()}..{day()}", f"{day()}-{day()}"]))
    if rng.random() < 0.5:
        year = "*" if rng.random() < 0.8 else event_part(rng, 2005, 2040)
        tilde = rng.random() < 0.25
        # Behind a comma systemd takes fewer days from the end than before it, and says nothing of that.
        day = event_part(rng, 1, 22 if tilde else 31, from_last=tilde)
        date = f"{event_part(rng, 1, 12, star=0.8)}{'~' if tilde else '-'}{day}"
        words.append(date if rng.random() < 0.2 else f"{year}-{date}")
    if rng.random() < 0.9 or not words:
        hour = rng.choice(["*", "01", "02", "03", "2..3", "00", "1,2"]) if rng.random() < 0.7 else event_part(rng, 0, 23)
        words.append(":".join([hour, event_part(rng, 0, 59, star=0.2)] + ([event_part(rng, 0, 59, star=0.05)] if rng.random() < 0.3 else [])))
    return " ".join(words)


def record_calendar(rng, count):
    while count > 0:
        name = rng.choice(ZONES)
        start = base(rng, name)
        local = start.astimezone(ZoneInfo(name))
        # From within the hour that comes twice on, systemd tells times that it does not tell from before it on.
        if any((local + dt.timedelta(hours=h)).astimezone(UTC).astimezone(ZoneInfo(name)).fold for h in (-1, 0, 1)):
            continue
        text = event(rng)
        told = subprocess.run(
            ["systemd-analyze", "calendar", f"--base-time={start:%Y-%m-%d %H:%M:%S} UTC", "--iterations=6", text],
            env={"TZ": name, "PATH": os.environ["PATH"], "LC_ALL": "C"}, capture_output=True, text=True,
        )
        if "Failed to parse" in told.stderr:
            print(name, text, int(start.timestamp()), "refused", sep="\t")
        elif told.returncode:
            # It goes round in circles over some events, and gives up.
            print(f"given up: {name} {text!r} {start}", file=sys.stderr)
            continue
        else:
            times = []
            for line in told.stdout.splitlines():
                key, _, value = line.strip().partition(": ")
                if key == "(in UTC)":
                    times[-1] = value
                elif key == "Next elapse" or key.startswith("Iter"):
                    times.append(value)
            parsed = [dt.datetime.strptime(t[4:], "%Y-%m-%d %H:%M:%S UTC").replace(tzinfo=UTC) for t in times if t != "never"]
            print(name, text, int(start.timestamp()), *(int(t.timestamp()) for t in parsed), sep="\t")
        count -= 1


if __name__ == "__main__":
    generator = random.Random(int(sys.argv[3]) if len(sys.argv) > 3 else 1)
    {"cron": record_cron, "calendar": record_calendar}[sys.argv[1]](generator, int(sys.argv[2]))
