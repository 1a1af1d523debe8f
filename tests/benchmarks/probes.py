"""What a probe costs, and how punctually many of them run.

    python -m tests.benchmarks.probes cpu [--hosts 1000] [--rounds 3]
    python -m tests.benchmarks.probes rate [--rate 5000] [--minutes 2] [--hanging 0]

Both use PostgreSQL and hosts on this machine, in processes of their own. These speak HTTP/2 over TLS, as API Gateway
does.

`cpu` runs a probe on each host, each with a full handshake, judged and stored, and then five probes on each of a fifth
of the hosts, which share connections. Printed is this process's CPU per probe as a multiple of that of a bare loop of
pycurl, which makes the same number of calls with full handshakes and looks at nothing.

`rate` starts two workers and beat, with Valkey, and lets so many probes a minute run; of the hosts, `--hanging` per
cent never answer. Printed are the runs missed and late, the time from due to started, and the CPU per probe.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path

import psutil

from apis.management.up.broker import server_command
from apis.management.up.claim import first_free
from tests.benchmarks.outbound import bare
from tests.outbound.certificates import Authority
from tests.support import postgres
from tests.support.environment import LEG, clean, temporary_home
from tests.support.servers import until

_SETTLED_S = 30
_STARTUP_S = 45
_INTERVAL_S = 60
_WORKERS = 2


class _Hanging(asyncio.Protocol):
    """Accepts connections and never says anything."""


def _hang(pipe: Connection) -> None:
    async def main() -> None:
        server = await asyncio.get_running_loop().create_server(_Hanging, "127.0.0.1", 0, backlog=2000)
        pipe.send(server.sockets[0].getsockname()[1])
        await asyncio.Event().wait()

    asyncio.run(main())


@contextmanager
def _hosts() -> Iterator[tuple[int, int, Path]]:
    """Run the hosts; yields the ports of those that answer and of those that hang, and the authority's file."""
    context = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as folder:
        authority = Authority(Path(folder))
        # So many days that it is read once an hour, as those of most hosts.
        certificate = str(authority.issue("*.bench.localhost", days=90))
        here, there = context.Pipe()
        hanging = context.Process(target=_hang, args=(there,), daemon=True)
        hanging.start()
        works = first_free()
        granian = [sys.executable, "-m", "granian", "tests.benchmarks.gateway:answer", "--no-ws", "--backlog", "4000"]
        granian += ["--workers-kill-timeout", "1"]  # else it waits for the kept connections to end
        tls = ["--ssl-certificate", certificate, "--ssl-keyfile", certificate]
        gateway = subprocess.Popen([*granian, *tls, "--port", str(works), "--no-log"])
        try:
            until(lambda: bare([f"https://h.bench.localhost:{works}/"], str(authority.file)) == 1, "the hosts answer")
            yield works, here.recv(), authority.file
        finally:
            gateway.terminate()
            gateway.wait()
            hanging.terminate()
            hanging.join()


def main() -> None:
    """Start what is needed, and run the asked part in that environment."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("part", choices=("cpu", "rate"))
    for name, value in (("hosts", 1000), ("rounds", 3), ("rate", 5000), ("minutes", 2), ("hanging", 0)):
        parser.add_argument(f"--{name}", type=int, default=value)
    given = parser.parse_args()
    home = temporary_home("probes")
    with ExitStack() as stack:
        works, hangs, authority = stack.enter_context(_hosts())
        port = first_free()
        valkey = server_command(home / "valkey", "--bind", "127.0.0.1", "--port", str(port))
        stack.callback(subprocess.Popen(valkey, stdout=subprocess.DEVNULL).terminate)
        environ = clean(os.environ, home) | {
            LEG: "postgres",
            "DATABASE_URL": stack.enter_context(postgres.running(home)),
            "REDIS_URL": f"redis://127.0.0.1:{port}/0",
            "SECRET_KEY": "only for a benchmark",
            "CORSDASH_ALLOWED_NETWORKS": "127.0.0.0/8,::1/128",
            "CORSDASH_CA_FILE": str(authority),
        }
        os.environ.clear()
        os.environ.update(environ)
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)
        if given.part == "cpu":
            _cpu(given.hosts, given.rounds, works, str(authority))
        else:
            _rate(given.rate, given.minutes, given.hanging, works, hangs)


def _probes(hosts: int, each: int, ports: Callable[[int], int]) -> list[int]:
    """Make probes of a PUT, each of which is one preflight; returns their ids."""
    from django.utils import timezone

    from apis.inventory.models import Account, HttpApi
    from apis.probing.models import Probe

    account, _ = Account.objects.get_or_create(name="bench", defaults={"regions": ["us-east-1"]})
    known = HttpApi.objects.count()
    apis = HttpApi.objects.bulk_create(
        HttpApi(
            account=account, region="us-east-1", api_id=f"b{known + n:07}", name=f"b{known + n}",
            endpoint=f"https://h{known + n}.bench.localhost:{ports(n)}",
        )
        for n in range(hosts)
    )  # fmt: skip
    now = timezone.now()
    made = Probe.objects.bulk_create(
        Probe(
            api=api, name=f"{api.name} {n}", origin="https://app.example.com", method="POST", path=f"/items/{n}",
            headers=["content-type"], interval=_INTERVAL_S, scheduled_since=now,
        )
        for api in apis
        for n in range(each)
    )  # fmt: skip
    return [probe.pk for probe in made]


def _cpu(hosts: int, rounds: int, port: int, authority: str) -> None:
    from apis.probing.models import Result
    from apis.probing.runs import runner, schedule
    from corsdash.celery import spare_modules

    def run(ids: list[int]) -> int:
        return sum(result.passed is True for batch in schedule.batches(ids) for result in runner.run(batch))

    single = _probes(hosts, 1, lambda n: port)
    shared = _probes(hosts // 5, 5, lambda n: port)
    urls = [f"https://h{n}.bench.localhost:{port}/items" for n in range(hosts)]
    rows: dict[str, Callable[[], int]] = {
        "bare": lambda: bare(urls, authority),
        "own host": lambda: run(single),
        "five a host": lambda: run(shared),
    }
    figures: dict[str, list[float]] = {name: [] for name in rows}
    spare_modules()  # as workers do
    for number in range(rounds + 1):
        for name, work in rows.items():
            began = time.process_time()
            if (done := work()) != hosts:
                raise SystemExit(f"{name}: only {done} of {hosts} calls passed")
            if number:  # The first round imports, and stores the exchanges that the others repeat.
                figures[name].append((time.process_time() - began) / hosts * 1e6)
    print(f"{Result.objects.count():,} results stored")
    middle = {name: statistics.median(values) for name, values in figures.items()}
    for name, value in middle.items():
        print(f"{name:12} {value:7.0f} us of CPU a probe, {value / middle['bare']:5.2f} x bare")


def _rate(rate: int, minutes: int, hanging: int, works: int, hangs: int) -> None:
    from django.db import connection
    from django.utils import timezone

    from apis.probing.models import Probe
    from apis.probing.runs.schedule import SPREAD

    ids = _probes(rate * _INTERVAL_S // 60, 1, lambda n: hangs if n % 100 < hanging else works)
    # Each at its own place of the first interval, as if it had run before.
    first = int(time.time()) + _STARTUP_S
    place = f'(id * {SPREAD} - {first}) %% "interval"'
    with connection.cursor() as cursor:
        cursor.execute(
            f'UPDATE {Probe._meta.db_table} SET due_at = {first} + ({place} + "interval") %% "interval", '
            f"scheduled_since = to_timestamp({first})",
            (),
        )
    celery = [sys.executable, "-m", "celery", "-q", "-A", "corsdash"]
    worker = [*celery, "worker", "-P", "threads", "-c", "8", "-Q", "celery", "-l", "warning", "--without-gossip"]
    commands = [[*worker, "-n", f"w{n}"] for n in range(_WORKERS)] + [[*celery, "beat", "-l", "warning", "--pidfile="]]
    parts = [psutil.Popen(command) for command in commands]
    try:
        time.sleep(max(0.0, first - time.time()))
        before = _cpu_of(parts)
        time.sleep(minutes * 60)
        spent = _cpu_of(parts) - before
        end = timezone.now()
    finally:
        for part in parts:
            part.terminate()
        # One that has more to do than time is ended all the same: its figures are those that matter.
        for part in psutil.wait_procs(parts, _SETTLED_S)[1]:
            part.kill()
    _print_rate(ids, spent, end, hangs)


def _cpu_of(parts: list[psutil.Popen]) -> float:
    return sum(sum(part.cpu_times()[:2]) for part in parts)


def _print_rate(ids: list[int], spent: float, end: datetime, hangs: int) -> None:
    from apis.jobs import counters
    from apis.probing.models import Result
    from apis.probing.runs.run_counts import LATE, MISSED
    from apis.probing.runs.schedule import place_from

    lags, failed, runs = [], 0, 0
    rows = Result.objects.filter(at__lte=end - timedelta(seconds=5)).select_related("probe__api")
    for result in rows.iterator(2000):
        runs += 1
        at, interval = result.at.timestamp(), result.probe.interval
        if f":{hangs}" not in result.probe.api.endpoint:
            lags.append(at - place_from(result.probe_id, interval, int(at) + 1 - interval))
            failed += result.passed is not True
    lags.sort()
    counts = counters.read()
    never = len(ids) - len(set(Result.objects.values_list("probe", flat=True)))
    print(f"{runs:,} runs, {spent / runs * 1e6:.0f} us of CPU each in workers and beat")
    print(f"missed {counts.get((MISSED, ''), 0):.0f}, late {counts.get((LATE, ''), 0):.0f}, never run {never}")
    print(f"failed on hosts that work: {failed}")
    for share in (0.5, 0.95, 0.99, 1.0):
        print(f"due to started, p{share * 100:g}: {lags[min(len(lags) - 1, int(share * len(lags)))]:.2f} s")


if __name__ == "__main__":
    main()
