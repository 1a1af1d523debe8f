"""What the health page says, asked without a thread."""

from __future__ import annotations

import asyncio
import json
import socket
from dataclasses import dataclass

_TIMEOUT_S = 5


@dataclass(frozen=True)
class HealthProblem:
    """What the health page says is wrong, and whether pages are served all the same."""

    words: str
    serves: bool = False


async def health_problem(host: str, port: int) -> HealthProblem | None:
    """Return what is wrong with the dashboard; None when nothing is."""
    try:
        async with asyncio.timeout(_TIMEOUT_S):
            status, body = await _get(host, port, "/api/v1/health")
        if status != 200:
            return HealthProblem(body[:500].strip() or f"status {status}")
        health = json.loads(body)
    except (OSError, IndexError):
        return HealthProblem("the web server does not answer yet")
    except ValueError as error:
        return HealthProblem(str(error))
    if health.pop("status") == "ok":
        return None
    return HealthProblem(", ".join(f"{part} {how}" for part, how in health.items() if how != "ok"), serves=True)


async def _get(host: str, port: int, path: str) -> tuple[int, str]:
    """Return a response's status and body; HTTP/1.0, which knows no chunks."""
    # asyncio would look up a name in a thread, which stays.
    *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    reader, writer = await asyncio.open_connection(*address[:2])
    try:
        writer.write(f"GET {path} HTTP/1.0\r\nHost: {host}\r\n\r\n".encode())
        head, _, body = (await reader.read()).decode(errors="replace").partition("\r\n\r\n")
        return int(head.split(" ", 2)[1]), body
    finally:
        writer.close()
