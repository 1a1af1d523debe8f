"""How long the server takes for the pages of a large fleet, besides a view that does nothing.

    python -m tests.benchmarks.pages [--database postgres|sqlite] [--apis 10000] [--changes 200000] [--results 10000000]
        [--rounds 15]

Fills a database of its own with APIs in 40 accounts, their origins, history, and probes that have run once a minute,
then asks for each page as a signed-in person through every middleware. Prints the median, the slowest, the queries and
the size, and how much longer the long lists would take if their pages were not cut by ids first.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import time
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from itertools import batched
from typing import Any

from tests.support import postgres
from tests.support.environment import LEG, clean, temporary_home

ACCOUNTS, REGIONS, SITES = 40, ("us-east-1", "eu-west-1", "eu-central-1", "ap-southeast-2"), 3000
POPULAR = "https://app-00001.example.com"
PAGES = (
    "/bare/",
    "/",
    "/apis/",
    "/apis/?search=service-099",
    f"/apis/?origin={POPULAR}",
    "/apis/?problems=error&sort=-findings&page=20",
    "/changes/",
    "/changes/?page=4000",
    "/changes/?kind=drift&page=100",
    "/changes/?person=person7&page=20",
    f"/changes/?origin={POPULAR}",
    "/apis/1/",
    "/apis/1/changes/",
    "/probes/",
    "/probes/?page=90",
    "/probes/1/",
    "/probes/1/availability/",
    "/probes/1/latency/",
    "/origins/",
    "/origins/?sort=-since",
    "/origins/?search=app-01&sort=origin",
    "/origins/?flag=http",
    f"/origins/one/?origin={POPULAR}",
    "/origins/one/?entry=*",
    "/compare/?api=1&api=2&api=3&api=4",
)


def main() -> None:
    """Fill, measure, tell."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--database", choices=("postgres", "sqlite"), default="postgres")
    parser.add_argument("--apis", type=int, default=10_000)
    parser.add_argument("--changes", type=int, default=200_000)
    parser.add_argument("--results", type=int, default=10_000_000)
    parser.add_argument("--rounds", type=int, default=15)
    given = parser.parse_args()
    home = temporary_home("pages")
    with ExitStack() as stack:
        environ = clean(os.environ, home) | {LEG: given.database}
        if given.database == "postgres":
            environ["DATABASE_URL"] = stack.enter_context(postgres.running(home))
            environ |= {"REDIS_URL": "redis://127.0.0.1:1/0", "SECRET_KEY": "benchmark"}
        os.environ.clear()
        os.environ.update(environ, DJANGO_SETTINGS_MODULE="corsdash.settings")
        import django

        django.setup()
        fill(given.apis, given.changes)
        run_probes(given.results)
        measure(given.rounds)
        compare_paging(given.rounds)
        from django.db import connections

        connections.close_all()


def fill(count: int, changes: int) -> None:
    """A fleet with its history."""
    from django.core.management import call_command

    from apis.inventory.models import Account, AllowedOrigin, Change, ChangeOrigin, CorsConfiguration, HttpApi
    from apis.probing.models import Probe

    call_command("migrate", verbosity=0)
    chance, start = random.Random(7), datetime(2026, 1, 1, tzinfo=UTC)
    accounts = Account.objects.bulk_create(
        Account(name=f"account {n:02d}", regions=list(REGIONS)) for n in range(ACCOUNTS)
    )
    apis = HttpApi.objects.bulk_create(
        (
            HttpApi(
                account=chance.choice(accounts),
                region=chance.choice(REGIONS),
                api_id=f"a{n:09d}",
                endpoint=f"https://a{n:09d}.execute-api.us-east-1.amazonaws.com",
                name=f"service-{n:05d}-{chance.choice(('dev', 'staging', 'prod'))}",
                state="set",
                errors=chance.randrange(2),
                warnings=chance.randrange(3),
            )
            for n in range(count)
        ),
        batch_size=1000,
    )
    each = max(1, changes // count)
    print(f"{count} APIs, {each} changes each", flush=True)
    for some in batched(apis, 500):
        configurations, history, origins = [], [], []
        for api in some:
            for number in range(1, each + 1):
                entries = _entries(chance)
                cors = {"AllowOrigins": entries, "AllowMethods": ["GET", "POST"], "MaxAge": 60 * number}
                configurations.append(CorsConfiguration(api=api, number=number, cors=cors, at=start))
            api.version = each
            origins += [(api, entry) for entry in entries]
        CorsConfiguration.objects.bulk_create(configurations, batch_size=2000)
        for place, after in enumerate(configurations):
            at = start + timedelta(minutes=after.number * 300, seconds=chance.randrange(10_000), microseconds=after.pk)
            history.append(
                Change(
                    api=after.api,
                    kind="discovered" if after.number == 1 else chance.choice(("panel", "rest", "drift", "bulk")),
                    status="applied",
                    at=at,
                    settled_at=at,
                    actor_name=f"person{chance.randrange(50)}",
                    summary=f"max-age {60 * after.number - 60} → {60 * after.number}",
                    before=configurations[place - 1] if after.number > 1 else None,
                    after=after,
                )
            )
            if after.number == each:
                after.api.current = after
        Change.objects.bulk_create(history, batch_size=2000)
        ChangeOrigin.objects.bulk_create(
            [
                ChangeOrigin(change=change, value=entry, added=entry in now)
                for change in history
                for was, now in [(_held(change.before), _held(change.after))]
                for entry in was ^ now
            ],
            batch_size=5000,
        )
        HttpApi.objects.bulk_update(some, ["current", "version"], batch_size=500)
        newest = {change.api_id: change for change in history}
        AllowedOrigin.objects.bulk_create(
            [
                AllowedOrigin(api=api, value=entry, since=newest[api.pk].at, change=newest[api.pk], flags=_flags(entry))
                for api, entry in origins
            ],
            batch_size=2000,
        )
    Probe.objects.bulk_create(
        [Probe(api=api, name="p", origin=POPULAR, enabled=True) for api in apis[::2]], batch_size=2000
    )


def run_probes(count: int) -> None:
    """Let the probes run once a minute up to now: so many results in all, and their roll-ups; some are down."""
    from django.db import connection
    from django.utils import timezone

    from apis.probing.models import Probe
    from apis.probing.runs import partitions
    from tests.benchmarks.result_rows import copy_results, copy_rollups, store_runs

    began, now = time.monotonic(), timezone.now()
    probes = list(Probe.objects.select_related("api").order_by("pk"))
    apart_ms = max(1, 60_000 // len(probes))
    begun = now - timedelta(milliseconds=count * apart_ms)
    days = (now - begun).days + 1
    if partitions.are_used():
        for day in range(days + 1):
            partitions.make_ahead(begun + timedelta(days=day))
    copy_results(probes, count, begun, apart_ms)
    store_runs(probes, now)
    copy_rollups(now, days)
    chance = random.Random(7)
    Probe.objects.filter(pk__in=[probe.pk for probe in probes if chance.random() < 0.25]).update(state="down")
    with connection.cursor() as cursor:
        # As PostgreSQL's own background process does, which is off here.
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")
    print(f"{count:,} results of {len(probes):,} probes in {days} days, made in {time.monotonic() - began:.0f} s")


def _held(configuration: Any) -> set[str]:
    return set(configuration.cors["AllowOrigins"]) if configuration else set()


def _entries(chance: random.Random) -> list[str]:
    """What an API allows: some sites are popular, some APIs are open."""
    if chance.random() < 0.04:
        return ["*"]
    sites = {min(int(chance.paretovariate(0.7)), SITES) for _ in range(chance.randint(1, 5))}
    scheme = "http" if chance.random() < 0.02 else "https"
    return [f"{scheme}://app-{site:05d}.example.com" for site in sorted(sites)]


def _flags(entry: str) -> str:
    return " any " if entry == "*" else " http " if entry.startswith("http:") else ""


def compare_paging(rounds: int) -> None:
    """Print how many times as long Django's own paginator takes for a page far back."""
    from django.core.paginator import Paginator

    from apis.inventory.models import Change
    from apis.inventory.search import Pages
    from apis.probing.history import history
    from apis.probing.models import Probe

    changes = Change.objects.select_related("api", "api__account", "attribution")
    probes = history.by_trouble(Probe.objects.select_related("api", "api__account", "last_result"))
    for name, rows in (("changes", changes), ("probes", probes)):
        took = {}
        for paginator in (Paginator, Pages):
            times = []
            for _ in range(rounds):
                begun = time.perf_counter()
                pages = paginator(rows, 50)
                list(pages.get_page(pages.num_pages - 1))
                times.append(time.perf_counter() - begun)
            took[paginator] = statistics.median(times)
        print(f"{name}, page before the last: cut by ids first {took[Paginator] / took[Pages]:.1f} times as fast")


def measure(rounds: int) -> None:
    """Ask for each page, after one time that does not count."""
    import sys
    import types

    from django.conf import settings
    from django.contrib.auth.models import User
    from django.db import connection
    from django.http import HttpRequest, HttpResponse
    from django.test import Client
    from django.urls import include, path

    asked: list[float] = []

    def note(execute: Any, *given: Any) -> Any:
        begun = time.perf_counter()
        try:
            return execute(*given)
        finally:
            asked.append((time.perf_counter() - begun) * 1000)

    def bare(request: HttpRequest) -> HttpResponse:
        return HttpResponse("bare")

    urls: Any = types.ModuleType("benchmark_urls")
    urls.urlpatterns = [path("bare/", bare), path("", include("corsdash.urls"))]
    sys.modules["benchmark_urls"] = urls
    settings.ROOT_URLCONF = "benchmark_urls"
    settings.ALLOWED_HOSTS = ["*"]
    client = Client()
    client.force_login(User.objects.create_superuser("admin"))
    print(f"{connection.vendor}\n{'page':48} {'median':>9} {'slowest':>9} {'queries':>8} {'in them':>9} {'KB':>6}")
    for address in PAGES:
        client.get(address)
        asked.clear()
        with connection.execute_wrapper(note):
            answer = client.get(address)
        assert answer.status_code == 200, (address, answer.status_code)
        took = []
        for _ in range(rounds):
            begun = time.perf_counter()
            client.get(address)
            took.append((time.perf_counter() - begun) * 1000)
        times = f"{statistics.median(took):6.1f} ms {max(took):6.1f} ms"
        print(
            f"{address[:48]:48} {times} {len(asked):8} {sum(asked):6.1f} ms {len(answer.content) / 1000:6.1f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
