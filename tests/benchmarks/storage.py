"""What results and roll-ups of probes take on disk, in SQLite and PostgreSQL, and what storing them costs.

    uv run --group test python -m tests.benchmarks.storage [probes] [runs]

Every probe runs once a minute and gets the same response each time, except for its date and request id; some
responses are slow. Each database is made for this and deleted. The goal is 150 bytes for a result that
repeats the last one.

The size of an index is right only for whole days: PostgreSQL keeps each day apart, and the last page of each probe in
it is half empty. Nor is it for few probes, whose rows are next to each other: pages are split in two halves less often.
So the default is a day of a hundred probes. PostgreSQL's index of a day is rebuilt once the day is over. A year of
roll-ups is counted by their lengths: those of an hour are the largest, and half of all that are kept.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from typing import Any

GOAL_BYTES, GOAL_YEAR_GB = 150, 1
START = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
"""Today: PostgreSQL has a partition for it."""
PHASES = ("resolve", "connect", "tls", "first_byte", "total")


def main(probes: int, runs: int) -> int:
    """Run the benchmark once for each database."""
    return run_inside("storage", probes, runs)


def run_inside(name: str, *numbers: int) -> int:
    """Run a benchmark of these numbers inside each database; returns 0 when all went well."""
    from tests.support import postgres
    from tests.support.environment import LEG, clean, temporary_home

    command = [sys.executable, "-m", f"tests.benchmarks.{name}", *map(str, numbers), "inside"]
    home = temporary_home(name)
    failed = subprocess.run(command, env=clean(os.environ, home) | {LEG: "sqlite"}, check=False).returncode
    with postgres.running(home) as url:
        away = {"DATABASE_URL": url, "REDIS_URL": "redis://127.0.0.1:1/0", "SECRET_KEY": "only for a benchmark"}
        environ = clean(os.environ, home) | {LEG: "postgres"} | away
        return failed | subprocess.run(command, env=environ, check=False).returncode


def vacuum() -> None:
    """Do what PostgreSQL's own background process would, which is off here."""
    from django.db import connection

    from apis.probing.models import Probe, Rollup

    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"VACUUM {Rollup._meta.db_table}, {Probe._meta.db_table}")


def inside(count: int, runs: int) -> int:
    """Store the runs in the database of the environment and print what they take."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection
    from django.db.models import Avg, Count
    from django.db.models.functions import Coalesce, Length

    from apis.cors.browser import judge
    from apis.probing.history import retention
    from apis.probing.models import Probe, Result, Rollup, StoredExchange
    from apis.probing.runs import compaction
    from apis.probing.runs.storage import store
    from tests.benchmarks.housekeeping import make_probes

    call_command("migrate", verbosity=0)
    made = make_probes(count)
    probes = list(Probe.objects.select_related("api").filter(pk__in=[probe.pk for probe in made]))
    chance = random.Random(1)
    empty = _sizes()
    began, storing = time.thread_time(), 0.0
    for minute in range(runs):
        outcomes = [make_outcome(probe, minute, chance, judge) for probe in probes]
        began = time.thread_time()
        for first in range(0, count, 200):
            at = START + timedelta(minutes=minute, milliseconds=first)
            store(probes[first : first + 200], outcomes[first : first + 200], at, "schedule")
        storing += time.thread_time() - began
        if minute % 10 == 0:
            vacuum()
    results, filled = Result.objects.count(), _sizes()[Result._meta.db_table]
    compaction.compact(START + timedelta(hours=26))
    sizes = {name: size - empty.get(name, 0) for name, size in _sizes().items()}
    print(
        f"{connection.vendor}: {results:,} results of {count:,} probes, {storing / results * 1e6:.0f} µs CPU to store"
    )
    today = (filled - empty.get(Result._meta.db_table, 0)) / results
    each = sizes[Result._meta.db_table] / results
    fortnight = 1440 * 1000 * (13 * each + today) / 1e9
    print(f"  {today:6.0f} bytes a result of the day that goes on, {each:.0f} of one that is over, goal {GOAL_BYTES}")
    print(f"  {fortnight:6.2f} GB for 14 days of 1,000 a minute")
    print(f"  {sizes[StoredExchange._meta.db_table] / count:6.0f} bytes of stored exchanges a probe")
    rows = Rollup.objects.count()
    rolled = sizes[Rollup._meta.db_table] / rows
    found = (
        Rollup.objects.order_by()
        .values_list("seconds")
        .annotate(size=Avg(Length("latency") + Coalesce(Length("phases"), 0)), count=Count("probe"))
    )
    sketches = {seconds: (size, number) for seconds, size, number in found}
    bare = rolled - sum(size * number for size, number in sketches.values()) / rows
    by_length = {seconds: bare + size for seconds, (size, _) in sorted(sketches.items())}
    print(
        f"  {', '.join(f'{size:.0f}' for size in by_length.values())} bytes a roll-up of 5 minutes, an hour, a day: "
        f"{_a_year(by_length) / 1e9:.2f} GB for a year of 1,000 probes, goal {GOAL_YEAR_GB}"
    )
    print(f"  the page of retention counts with {retention.BYTES[connection.vendor]}")
    return 0


def _a_year(sizes: dict[int, float]) -> float:
    """Bytes of the roll-ups of 1,000 probes that a year leaves under the default retention."""
    from django.conf import settings

    kept = {
        300: settings.CORSDASH_KEEP_5_MINUTES_DAYS * 288,
        3600: settings.CORSDASH_KEEP_HOURLY_DAYS * 24,
        86_400: 365,
    }
    return 1000 * sum(size * kept[seconds] for seconds, size in sizes.items())


def make_outcome(probe: Any, minute: int, chance: random.Random, judge: Any) -> Any:
    """Make what a run of a probe gets: the same response each time, but for its date, request id and timings."""
    from apis.cors.exchange import Answer, Exchange
    from apis.probing.runs.calls import Outcome, request_of

    varying = (("date", f"minute {minute}"), ("apigw-requestid", f"{chance.getrandbits(80):x}"))
    cors = (("access-control-allow-origin", probe.origin), ("access-control-allow-credentials", "true"))
    request = request_of(probe)
    preflight = Answer(204, (*varying, *cors, ("access-control-allow-methods", "GET,POST")))
    exchange = Exchange(request, preflight, Answer(200, (*varying, *cors, ("content-type", "application/json"))))
    legs = {}
    for leg in ("preflight", "request"):
        total = round(chance.lognormvariate(3.5, 0.5), 2)
        shares = [round(total * share * chance.random(), 2) for share in (0.05, 0.2, 0.4, 0.5)]
        legs[leg] = dict(zip(PHASES, [*shares, total], strict=True))
    return Outcome(exchange, judge(exchange), legs)


def _sizes() -> dict[str, int]:
    """Bytes by table, with its indexes."""
    from django.db import connection

    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT coalesce(pg_partition_root(oid), oid)::regclass::text, sum(pg_total_relation_size(oid))::bigint"
                " FROM pg_class WHERE relkind IN ('r', 'p') GROUP BY 1"
            )
        else:
            cursor.execute(
                "SELECT m.tbl_name, sum(s.pgsize) FROM dbstat s JOIN sqlite_master m ON m.name = s.name GROUP BY 1"
            )
        return dict(cursor.fetchall())


if __name__ == "__main__":
    numbers = [int(text) for text in sys.argv[1:3]]
    sys.exit((inside if "inside" in sys.argv else main)(*(numbers + [100, 1440][len(numbers) :])))
