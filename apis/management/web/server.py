"""Starting the web server."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import uvicorn

from apis.management.web.connection import Connection

_STOP_SECONDS = 3


def run(host: str, port: int, workers: int) -> None:
    """Serve until SIGINT or SIGTERM."""
    uvicorn.run("apis.management.web.application:build", host=host, port=port, workers=workers, **OPTIONS)


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
