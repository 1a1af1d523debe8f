"""What the heartbeat bars cost in the lists of 1,000 APIs and their probes: time, queries and size of the pages.

    uv run --group test python -m tests.benchmarks.lists [apis] [probes of each] [rounds]

The goal for the list of APIs is 100 ms and 150 KB. The yardstick is the same page in the same run before any probe ran.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from datetime import timedelta
from typing import Any

GOAL_MS, GOAL_KB = 100, 150
PAGES = ("/apis/", "/apis/?page=10", "/probes/", "/apis/1/probes/")


def main(apis: int, each: int, rounds: int) -> int:
    """Measure each page without and with a day of runs; exits with 1 when the list of APIs misses its goal."""
    from tests.support.environment import enter

    enter()
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    from django.conf import settings
    from django.contrib.auth.models import User
    from django.core.management import call_command
    from django.test import Client

    call_command("migrate", verbosity=0)
    _fill(apis, each)
    settings.ALLOWED_HOSTS = ["*"]
    client = Client()
    client.force_login(User.objects.create_superuser("admin"))
    before = {page: _measure(client, page, rounds) for page in PAGES}
    _run_a_day()
    after = {page: _measure(client, page, rounds) for page in PAGES}
    print(f"{apis:,} APIs with {each} probes each, median of {rounds}, without and with the bars of a day")
    print(f"{'page':20} {'CPU':>8} {'with':>8} {'ratio':>6} {'wall':>8} {'queries':>8} {'KB':>7}")
    for page in PAGES:
        (bare, *_), (cpu, wall, queries, size) = before[page], after[page]
        print(f"{page:20} {bare:5.1f} ms {cpu:5.1f} ms {cpu / bare:6.2f} {wall:5.1f} ms {queries:8} {size:7.1f}")
    cpu, _, _, size = after["/apis/"]
    print(f"list of APIs: {cpu / GOAL_MS:.2f} of {GOAL_MS} ms, {size / GOAL_KB:.2f} of {GOAL_KB} KB")
    return int(cpu > GOAL_MS or size > GOAL_KB)


def _fill(apis: int, each: int) -> None:
    from apis.inventory.models import HttpApi
    from apis.probing.models import Probe
    from tests.benchmarks.housekeeping import make_probes

    made = make_probes(apis)
    HttpApi.objects.update(state="set")
    Probe.objects.bulk_create(
        Probe(api_id=probe.api_id, name=f"{probe.name} {number}", origin=f"https://app{number}.example.com", state="up")
        for probe in made
        for number in range(1, each)
    )


def _run_a_day() -> None:
    """Make the roll-ups that the bars are drawn from, with a failure here and there."""
    from django.utils import timezone

    from apis.probing.history.rollups import HOUR, MINUTES, start_of
    from apis.probing.models import Probe, Rollup

    now = timezone.now()
    probes = list(Probe.objects.values_list("pk", flat=True))
    for seconds, count in ((HOUR, 24), (MINUTES, 12)):
        for back in range(count):
            at = start_of(now - timedelta(seconds=seconds * back), seconds)
            Rollup.objects.bulk_create(
                [
                    Rollup(probe_id=pk, seconds=seconds, at=at, passed=12, failed=int((pk + back) % 97 == 0))
                    for pk in probes
                ],
                batch_size=5000,
            )


def _measure(client: Any, page: str, rounds: int) -> tuple[float, float, int, float]:
    """Return milliseconds of CPU and on the wall, queries and KB of a page."""
    from django.db import connection

    client.get(page)
    queries: list[str] = []

    def note(execute: Any, sql: str, *given: Any) -> Any:
        queries.append(sql)
        return execute(sql, *given)

    with connection.execute_wrapper(note):
        answer = client.get(page)
    assert answer.status_code == 200, page
    times = []
    for _ in range(rounds):
        cpu, wall = time.thread_time(), time.perf_counter()
        client.get(page)
        times.append(((time.thread_time() - cpu) * 1000, (time.perf_counter() - wall) * 1000))
    cpus, walls = zip(*times, strict=True)
    return statistics.median(cpus), statistics.median(walls), len(queries), len(answer.content) / 1000


if __name__ == "__main__":
    numbers = [int(text) for text in sys.argv[1:4]]
    sys.exit(main(*(numbers + [1000, 5, 15][len(numbers) :])))
