"""Starting the web server."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import uvicorn

from apis.management.web.application import build
from apis.management.web.connection import Connection

_STOP_SECONDS = 3
_TICK = 1.0  # The Date header changes so often.


class Server(uvicorn.Server):
    """uvicorn's looks ten times a second whether to stop; this one is woken."""

    _wake: Callable[[], object] | None = None

    async def main_loop(self) -> None:
        """Serve until it is time to stop."""
        over, loop = asyncio.Event(), asyncio.get_running_loop()
        self._wake = lambda: loop.call_soon_threadsafe(over.set)
        while not await self.on_tick(0):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(over.wait(), _TICK)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Note a signal, and wake up."""
        super().handle_exit(sig, frame)
        if self._wake is not None:
            self._wake()


def run(host: str, port: int, workers: int) -> None:
    """Serve until SIGINT or SIGTERM."""
    if workers > 1:
        uvicorn.run("apis.management.web.application:build", host=host, port=port, workers=workers, **OPTIONS)
        return
    server = Server(config(build, host, port))
    with contextlib.suppress(KeyboardInterrupt):
        server.run()
    if not server.started:
        sys.exit(1)


def config(build: Callable[[], Any], host: str, port: int) -> uvicorn.Config:
    """Return uvicorn's configuration for an application of one process."""
    return uvicorn.Config(build, host=host, port=port, **OPTIONS)


OPTIONS: dict[str, Any] = {
    "factory": True,
    "http": Connection,
    "loop": "asyncio",
    "ws": "none",
    "lifespan": "on",
    # Django sees the peer and the headers as they came; allauth reads the forwarded address.
    "proxy_headers": False,
    "server_header": False,
    "access_log": False,
    "log_config": None,
    "log_level": "error",
    "timeout_keep_alive": 3600,  # The deadlines of Connection are shorter.
    "timeout_graceful_shutdown": _STOP_SECONDS,
    "timeout_worker_healthcheck": 30,
}
