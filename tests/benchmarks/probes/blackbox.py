"""blackbox_exporter as a yardstick: the same preflight, with a handshake of its own for each probe."""

from __future__ import annotations

import http.client
import json
import shutil
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from urllib.parse import urlencode

import psutil

from apis.management.up.claim import first_free
from tests.benchmarks.probes.hosts import Hosts
from tests.support.environment import temporary_home
from tests.support.servers import until

_NAMES = ("blackbox_exporter", "prometheus-blackbox-exporter")
_CONCURRENCY = 32


def installed() -> str | None:
    """Return the program's path, None where it is not installed."""
    return next(filter(None, map(shutil.which, _NAMES)), None)


class Exporter:
    """A running blackbox_exporter."""

    def __init__(self, process: psutil.Popen, port: int, target: str) -> None:
        self._process = process
        self._port = port
        self._query = "/probe?" + urlencode({"module": "preflight", "target": target})
        self._here = threading.local()

    def cpu(self) -> float:
        """Return the seconds of CPU that it has taken."""
        return sum(self._process.cpu_times()[:2])

    def probe(self, times: int) -> int:
        """Let it probe so many times; returns how many passed."""
        with ThreadPoolExecutor(_CONCURRENCY) as pool:
            return sum(pool.map(lambda _: self.passes(), range(times)))

    def passes(self) -> bool:
        """Let it probe once; returns whether that passed."""
        client: http.client.HTTPConnection | None = getattr(self._here, "client", None)
        if client is None:
            client = self._here.client = http.client.HTTPConnection("127.0.0.1", self._port)
        try:
            client.request("GET", self._query)
            return b"\nprobe_success 1" in client.getresponse().read()
        except OSError:
            client.close()
            return False


@contextmanager
def running(program: str, hosts: Hosts) -> Iterator[Exporter]:
    """Run it with a module for the preflight that probes send.

    Its target is an address, so it looks no name up; what it checks of the answer is the status and one header.
    """
    headers = {
        "Origin": "https://app.example.com",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type",
    }
    preflight = {
        "method": "OPTIONS",
        "headers": headers,
        "valid_status_codes": [204],
        "fail_if_header_not_matches": [{"header": "Access-Control-Allow-Origin", "regexp": ".+"}],
        "preferred_ip_protocol": "ip4",
        "tls_config": {"ca_file": str(hosts.authority), "server_name": "h0.bench.localhost"},
    }
    # JSON is YAML, too.
    file = temporary_home("blackbox") / "blackbox.yml"
    file.write_text(json.dumps({"modules": {"preflight": {"prober": "http", "timeout": "10s", "http": preflight}}}))
    port = first_free()
    address = f"--web.listen-address=127.0.0.1:{port}"
    process = psutil.Popen([program, f"--config.file={file}", address, "--log.level=error"])
    exporter = Exporter(process, port, f"https://127.0.0.1:{hosts.works}/items")
    try:
        until(exporter.passes, "blackbox_exporter probes")
        yield exporter
    finally:
        process.terminate()
        process.wait()
