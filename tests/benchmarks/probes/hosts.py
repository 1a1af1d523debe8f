"""The hosts that probes call: one server that answers for all names, and one that never does."""

from __future__ import annotations

import asyncio
import multiprocessing
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple

from apis.management.up.claim import first_free
from tests.benchmarks.outbound import bare
from tests.outbound.certificates import Authority
from tests.support.servers import until

INTERVAL_S = 60
"""The interval of each probe."""


class Hosts(NamedTuple):
    """The ports of the hosts that answer and of those that hang, and the file of the authority behind them."""

    works: int
    hangs: int
    authority: Path


class _Hanging(asyncio.Protocol):
    """Accepts connections and never says anything."""


def _hang(pipe: Connection) -> None:
    async def main() -> None:
        server = await asyncio.get_running_loop().create_server(_Hanging, "127.0.0.1", 0, backlog=2000)
        pipe.send(server.sockets[0].getsockname()[1])
        await asyncio.Event().wait()

    asyncio.run(main())


@contextmanager
def running_hosts() -> Iterator[Hosts]:
    """Run the hosts, in processes of their own."""
    context = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as folder:
        authority = Authority(Path(folder))
        # So many days that it is read once an hour, as those of most hosts.
        certificate = str(authority.issue("*.bench.localhost", days=90))
        here, there = context.Pipe()
        hanging = context.Process(target=_hang, args=(there,), daemon=True)
        hanging.start()
        works = first_free()
        application = "tests.benchmarks.probes.gateway:answer"
        granian = [sys.executable, "-m", "granian", application, "--no-ws", "--backlog", "4000"]
        granian += ["--workers-kill-timeout", "1"]  # else it waits for the kept connections to end
        tls = ["--ssl-certificate", certificate, "--ssl-keyfile", certificate]
        gateway = subprocess.Popen([*granian, *tls, "--port", str(works), "--no-log"])
        try:
            until(lambda: bare([url_of(works)], str(authority.file)) == 1, "the hosts answer")
            yield Hosts(works, here.recv(), authority.file)
        finally:
            gateway.terminate()
            gateway.wait()
            hanging.terminate()
            hanging.join()


def url_of(port: int, number: int = 0) -> str:
    """Return the URL of a host's route."""
    return f"https://h{number}.bench.localhost:{port}/items"


def make_probes(hosts: int, each: int, ports: Callable[[int], int]) -> list[int]:
    """Make probes of a POST, each of which is one preflight; returns their ids."""
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
            headers=["content-type"], interval=INTERVAL_S, scheduled_since=now,
        )
        for api in apis
        for n in range(each)
    )  # fmt: skip
    return [probe.pk for probe in made]
