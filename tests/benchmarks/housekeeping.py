"""What pruning old results and settling many flips at once cost: CPU, memory, queries and how long a writer waits.

    uv run --group test python -m tests.benchmarks.housekeeping [results] [flips] [sqlite|postgres]

In both databases unless one is named; each is made for this and deleted. A writer's wait is shown with the part of it
in which it, or its database server, was ready and waited for a processor: a loaded machine has no other effect.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

LATE = 200
"""Of each day so many results get a reference at the last moment, in PostgreSQL."""
GOAL_PRUNE_S, GOAL_FLIPS_S, GOAL_WRITER_MS = 2.0, 2.0, 100


def main(results: int, flips: int, databases: Sequence[str]) -> None:
    """Print the figures of these databases."""
    from tests.support import postgres
    from tests.support.environment import LEG, clean, temporary_home

    command = [sys.executable, "-m", "tests.benchmarks.housekeeping", str(results), str(flips), "inside"]
    home = temporary_home("housekeeping")
    if "sqlite" in databases:
        subprocess.run(command, env=clean(os.environ, home) | {LEG: "sqlite"}, check=True)
    if "postgres" in databases:
        with postgres.running(home) as url:
            away = {"DATABASE_URL": url, "REDIS_URL": "redis://127.0.0.1:1/0", "SECRET_KEY": "only for a benchmark"}
            subprocess.run(command, env=clean(os.environ, home) | {LEG: "postgres"} | away, check=True)


def inside(results: int, flips: int) -> None:
    """Print the figures of the database of the environment."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from corsdash.celery import app, spare_modules

    print(f"{connection.vendor}:")
    call_command("migrate", verbosity=0)
    # As a worker has it.
    app.loader.import_default_modules()
    spare_modules()
    _prune(results) if results else None
    _flips(flips) if flips else None


def _prune(count: int) -> None:
    from django.db import connection
    from django.utils import timezone

    from apis.probing.models import Probe, Result
    from apis.probing.runs import pruning
    from apis.probing.runs.partitions import results_retention
    from tests.benchmarks.result_rows import copy_results

    probes = make_probes(100)
    few = min(count, 200_000)
    begun = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
    now = begun + timedelta(days=20)
    copy_results(probes, few, begun)
    with _cost() as yardstick, connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {Result._meta.db_table} WHERE id > 0")
    made = time.monotonic()
    copy_results(probes, count, begun)
    print(f"made    {count:,} results in {time.monotonic() - made:.1f} s", flush=True)
    kept = _refer_to_some(count)
    memory = _memory_mb()
    with _writer(now) as idle:
        time.sleep(3)
    too_old = now - results_retention()
    with _writer(now) as waits, _late_references(too_old) as late, _cost() as cost:
        while pruning.prune(now):
            pass
    kept += len(late)
    left = Result.objects.filter(at__lt=too_old).count()
    assert left == kept, f"{left} old results are left instead of {kept}"
    print(f"prune   {cost['cpu']:8.2f} s CPU for {count:,} results, {cost['wall']:.1f} s, {cost['queries']:,} queries")
    bare = yardstick["cpu"] * count / few
    print(f"        {cost['cpu'] / bare:.1f} times what one bare DELETE of as many rows takes ({bare:.2f} s CPU)")
    print(f"        goal {GOAL_PRUNE_S * count / 1e6:.2f} s CPU; memory grew by {_memory_mb() - memory:.0f} MB")
    for name, found in (("besides pruning", waits), ("without pruning", idle)):
        longest, blocked = max(found), max(found, key=lambda wait: wait.blocked)
        print(
            f"        {name}, {len(found)} writes: the longest took {longest.took * 1000:.0f} ms, of which "
            f"{longest.starved * 1000:.0f} ms without a processor; most without that {blocked.blocked * 1000:.0f} ms, "
            f"goal {GOAL_WRITER_MS} ms"
        )
    Probe.objects.all().delete()


def _refer_to_some(count: int) -> int:
    """Make a flip for one of 500 results, and its last pass; returns how many results must stay."""
    from django.db.models import Min

    from apis.jobs.bulk_reads import among
    from apis.probing.models import Flip, Result

    first = Result.objects.aggregate(first=Min("pk"))["first"]
    some = Result.objects.filter(among("pk", range(first, first + count, 250)))
    rows = list(some.order_by("pk").values_list("pk", "probe_id", "at"))
    Flip.objects.bulk_create(
        Flip(probe_id=probe, at=at, before="up", after="down", result_id=pk, last_passed_at=last)
        for (_, _, last), (pk, probe, at) in zip(rows[::2], rows[1::2], strict=False)
    )
    passes = {(one.probe_id, one.last_passed_at) for one in Flip.objects.all()}
    same = {(probe, at) for _, probe, at in rows}
    return Flip.objects.count() + len(passes & same)


@contextmanager
def _late_references(before: datetime) -> Iterator[set[int]]:
    """Let flips refer to some results of each day right before its partition is locked; gives which results."""
    from django.db import connection
    from django.db.models import Exists, OuterRef

    from apis.probing.models import Flip, Result

    late: set[int] = set()

    def refer() -> None:
        # Their times in order: those of the oldest day.
        free = ~Exists(Flip.objects.filter(result_id=OuterRef("pk")))
        rows = Result.objects.filter(free, kept=None, at__lt=before).order_by("pk")
        some = list(rows.values_list("pk", "probe_id", "at")[:LATE])
        Flip.objects.bulk_create(
            Flip(probe_id=probe, at=at, before="up", after="down", result_id=pk) for pk, probe, at in some
        )
        late.update(pk for pk, _, _ in some)
        connection.close()

    def watch(execute: Callable[..., Any], sql: str, *given: Any) -> Any:
        if sql.startswith("LOCK TABLE ONLY apis_result_recent IN ACCESS EXCLUSIVE"):
            thread = threading.Thread(target=refer)
            thread.start()
            thread.join()
        return execute(sql, *given)

    with connection.execute_wrapper(watch):
        yield late
    if late:
        print(f"        {len(late)} results got a reference when their day was about to be dropped")


def _flips(count: int) -> None:
    from django.urls import reverse
    from django.utils import timezone

    from apis.alerting import channels
    from apis.alerting.incidents import incidents
    from apis.alerting.models import Delivery, Incident
    from apis.cors.exchange import Verdict
    from apis.probing.models import Flip
    from apis.probing.runs.calls import Outcome
    from apis.probing.runs.storage import store

    channels.create(None, "webhook", "bench", url="https://example.com/hook")
    probes = make_probes(count)
    blocked = Verdict(True, False, "PreflightMissingAllowOriginHeader", "The preflight allows no origin.")
    allowed = Verdict(True, True, None, "Every check passed.")
    begun = timezone.now() - timedelta(minutes=10)
    with _cost() as imported:
        reverse("probe", args=[1])
    print(f"flips   {imported['cpu']:8.2f} s CPU once a process: the first message imports the pages' addresses")
    with _cost() as yardstick:
        list(
            Flip.objects.bulk_create(
                Flip(probe=one, at=begun, before="up", after="up", handled_at=begun) for one in probes
            )
        )
        list(Flip.objects.all())
    print(f"flips   {yardstick['cpu']:8.2f} s CPU to write and read {count:,} rows of one table: the yardstick")
    for name, verdict, minute in (("new → up", allowed, 0), ("up → down", blocked, 1), ("down → up", allowed, 2)):
        at = begun + timedelta(minutes=minute)
        with _cost() as stored:
            for start in range(0, count, 200):
                store(some := probes[start : start + 200], [Outcome(verdict=verdict)] * len(some), at, "schedule")
        with _cost() as cost:
            incidents.settle_flips()
        print(
            f"flips   {cost['cpu']:8.2f} s CPU to settle {count:,} flips {name}, {cost['queries']:,} queries, "
            f"goal {GOAL_FLIPS_S * count / 5000:.2f} s, {cost['cpu'] / yardstick['cpu']:.1f} yardsticks; "
            f"storing them took {stored['cpu']:.2f} s CPU"
        )
    assert Incident.objects.filter(state="closed").count() == count
    assert Delivery.objects.count() == 2 * count


def make_probes(count: int) -> list[Any]:
    """Make APIs with a probe each."""
    from apis.inventory.models import Account, HttpApi
    from apis.probing.models import Probe

    account, _ = Account.objects.get_or_create(name="bench", defaults={"regions": ["us-east-1"]})
    known = HttpApi.objects.count()
    apis = HttpApi.objects.bulk_create(
        HttpApi(
            account=account,
            region="us-east-1",
            api_id=f"bench{known + number:06}",
            name=f"bench-{known + number}",
            endpoint=f"https://bench{known + number:06}.execute-api.us-east-1.amazonaws.com",
        )
        for number in range(count)
    )
    made = Probe.objects.bulk_create(
        Probe(api=api, name=api.name, origin="https://app.example.com", failures=1) for api in apis
    )
    return list(made)


@contextmanager
def _cost() -> Iterator[dict[str, float]]:
    """Counts the processor time of this thread and its database server, queries, and the time on the wall."""
    from django.db import connection

    connection.ensure_connection()
    server = connection.connection.info.backend_pid if connection.vendor == "postgresql" else 0

    cost: dict[str, float] = {"queries": 0}

    def count(execute: Callable[..., Any], *given: Any) -> Any:
        cost["queries"] += 1
        return execute(*given)

    cpu, wall = time.thread_time() + _cpu_of(server), time.monotonic()
    with connection.execute_wrapper(count):
        yield cost
    cost["cpu"], cost["wall"] = time.thread_time() + _cpu_of(server) - cpu, time.monotonic() - wall


def _cpu_of(process: int) -> float:
    """Return the processor time of another process of this machine; 0 for none."""
    if not process:
        return 0.0
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class _Wait(NamedTuple):
    """How long a writer waited, and how long of that it or its server was ready without a processor, in seconds."""

    took: float
    starved: float

    @property
    def blocked(self) -> float:
        """What is left: locks, the disk, and the work itself."""
        return max(0.0, self.took - self.starved)


def _starved(processes: Sequence[str]) -> float:
    """Return how long processes or threads have waited for a processor."""
    return sum(int(Path(f"/proc/{one}/schedstat").read_text().split()[1]) for one in processes) / 1e9


@contextmanager
def _writer(at: datetime) -> Iterator[list[_Wait]]:
    """Someone else who stores a result and reads one again and again; gives how long each time took."""
    from django.db import connection, transaction

    from apis.probing.models import Probe, Result

    probe = Probe.objects.earliest("pk")
    waits, over = [_Wait(0.0, 0.0)], threading.Event()

    def write() -> None:
        connection.ensure_connection()
        both = [f"self/task/{threading.get_native_id()}"]
        if connection.vendor == "postgresql":
            both.append(str(connection.connection.info.backend_pid))
        while not over.wait(0.02):
            began, before = time.monotonic(), _starved(both)
            with transaction.atomic():
                Result.objects.filter(pk=Result.objects.create(probe=probe, at=at, passed=True).pk).first()
            waits.append(_Wait(time.monotonic() - began, _starved(both) - before))
        connection.close()

    thread = threading.Thread(target=write)
    thread.start()
    yield waits
    over.set()
    thread.join()


def _memory_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    given = [int(text) for text in sys.argv[1:] if text.isdecimal()]
    results, flips = given + [300_000, 5_000][len(given) :]
    if "inside" in sys.argv:
        inside(results, flips)
    else:
        main(results, flips, [name for name in ("sqlite", "postgres") if name in sys.argv] or ["sqlite", "postgres"])
