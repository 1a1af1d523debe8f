"""Serve: the control plane and the gateway together, in threads or until a signal comes."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

from apis.demo import kept, seed
from apis.demo.emulator import store
from apis.demo.emulator.control_plane import DemoAws
from apis.demo.emulator.faults import Calls, Faults
from apis.demo.emulator.gateway import Gateway

# How long a server may take to notice that it is to stop.
_POLL_S = 0.1


class _QuietHandler(WSGIRequestHandler):
    """Keeps connections open and says nothing about requests."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def connection_dropped(self, error: BaseException, environ: dict[str, Any] | None = None) -> None:
        """Close the connection, which a fault wants to look lost."""
        self.close_connection = True

    def log(self, type: str, message: str, *args: Any) -> None:
        """Not even errors: a client that hangs up is none."""


@dataclass(frozen=True)
class Demo:
    """A running demo AWS: its endpoint, the gateway's port, what was called, and what is to go wrong."""

    endpoint: str
    gateway_port: int
    calls: Calls
    faults: Faults
    _servers: tuple[tuple[Any, threading.Thread], ...]

    def invoke_url(self, api_id: str, region: str = "us-east-1") -> str:
        """Return the address at which the gateway serves an API, without a trailing slash."""
        return store.endpoint(api_id, region, self.gateway_port)

    def reset(self) -> None:
        """Plant all APIs again, and forget calls and faults."""
        store.empty()
        seed.plant(self.gateway_port)
        self.calls.clear()
        self.faults.clear()

    def stop(self) -> None:
        """Stop both; returns when their ports are free again."""
        for server, thread in self._servers:
            server.shutdown()
            thread.join()
            server.server_close()


def start(host: str = "127.0.0.1", aws_port: int = 0, gateway_port: int = 0, settings: Path | None = None) -> Demo:
    """Start both in threads, seeded; the file `settings` keeps CORS settings. Raises OSError when a port is taken."""
    calls, faults = Calls(), Faults()
    gateway = Gateway((host, gateway_port), faults)
    port = gateway.server_address[1]
    try:
        aws = ThreadedWSGIServer(host, aws_port, DemoAws(port, calls, faults, settings), _QuietHandler)
    except SystemExit as error:  # what werkzeug makes of a port that is taken
        gateway.server_close()
        raise OSError(None, f"port {aws_port} is taken") from error
    store.empty()
    seed.plant(port)
    if settings:
        kept.load(settings)
    servers = []
    for server in (gateway, aws):
        thread = threading.Thread(target=server.serve_forever, args=(_POLL_S,), daemon=True)
        thread.start()
        servers.append((server, thread))
    return Demo(f"http://{host}:{aws.server_address[1]}", port, calls, faults, tuple(servers))


def run(host: str, aws_port: int, gateway_port: int, settings: Path | None, ready: Callable[[str], None]) -> None:
    """Serve until SIGTERM or SIGINT; `ready` gets the endpoint once calls are answered."""
    stop_event = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop_event.set())
    demo = start(host, aws_port, gateway_port, settings)
    ready(demo.endpoint)
    stop_event.wait()
    demo.stop()
