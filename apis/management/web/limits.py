"""What one client may use of the web server, and for how long."""

from __future__ import annotations

import asyncio
import ipaddress
import resource
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Protocol

THREADS = 6
"""Requests that one process works on at once."""
THREADS_PER_CLIENT = 3
"""More at once take longer, all of them: each waits for Python's lock after every query. In the load run, 6 make the
slowest pages take twice as long as 3 do, and no more pages are served."""
CONNECTIONS_PER_CLIENT = 256
REQUESTS_PER_CLIENT = 256
BODIES_PER_CLIENT = 32 * 2**20
ALL_BODIES = 256 * 2**20
HEAD_BYTES = 32 * 2**10
MESSAGE_BYTES = 16 * 2**20
"""Bytes of one request as sent, chunk framing and the rest of a refused body included."""

HEAD_SECONDS = 10.0
BODY_SECONDS = 20.0
LINGER_SECONDS = 5.0
"""How long the rest of a refused body is taken after the response."""
TURN_SECONDS = 25.0
"""How long a request waits for a thread."""
IDLE_SECONDS = 25.0
IDLE_SECONDS_OF_A_PROXY = 90.0
"""Longer than proxies keep their connections: a proxy must never send into one that we are closing."""
SEND_SECONDS, SEND_BYTES = 20.0, 64 * 2**10
"""A client has to take this many bytes of a response in this time, or the rest if that is less."""

_KEPT_DESCRIPTORS = 200
"""For the database, the broker, files and everything else that is no client."""


class Busy(Exception):
    """There is no room for this request; the client may try again."""


class Limited(Protocol):
    """A connection as its registry sees it."""

    client_key: str

    @property
    def rank(self) -> tuple[bool, float]:
        """Whether a response is under way, and since when the connection does what it does."""

    def drop(self) -> None:
        """Close the connection at once."""

    def check(self, now: float) -> None:
        """End the connection when a deadline has passed."""


@dataclass(eq=False)
class Client:
    """One client and what it uses."""

    connections: set[Limited] = field(default_factory=set)
    requests: int = 0
    buffered: int = 0
    turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(THREADS_PER_CLIENT))


class Registry:
    """All clients of this process. No one is turned away for idle connections: the oldest of them is closed."""

    def __init__(self) -> None:
        self.clients: dict[str, Client] = {}
        self.connections = 0
        self.buffered = 0
        self.most_connections = _most_connections()

    def add(self, connection: Limited, per_client: int | None) -> None:
        """Count a new connection, and close the oldest idle one of the largest client when there are too many."""
        client = self.clients.setdefault(connection.client_key, Client())
        client.connections.add(connection)
        self.connections += 1
        if per_client is not None and len(client.connections) > per_client:
            self._close(_oldest(client.connections))
        elif self.connections > self.most_connections:
            self._close(_oldest(max((one.connections for one in self.clients.values()), key=len)))

    def discard(self, connection: Limited) -> None:
        """Forget a closed connection."""
        client = self.clients.get(connection.client_key)
        if client and connection in client.connections:
            client.connections.remove(connection)
            self.connections -= 1
            self._forget(connection.client_key)

    @contextmanager
    def request(self, key: str) -> Iterator[Client]:
        """Count a request of a client. Raises Busy when it has too many."""
        client = self.clients.setdefault(key, Client())
        if client.requests >= REQUESTS_PER_CLIENT:
            raise Busy
        client.requests += 1
        try:
            yield client
        finally:
            client.requests -= 1
            self._forget(key)

    def buffer(self, client: Client, size: int) -> None:
        """Count bytes that are kept for a client. Raises Busy when it keeps too many."""
        client.buffered += size
        self.buffered += size
        if size > 0 and (client.buffered > BODIES_PER_CLIENT or self.buffered > ALL_BODIES):
            raise Busy

    def all_connections(self) -> list[Limited]:
        """Return every open connection."""
        return [connection for client in self.clients.values() for connection in client.connections]

    def _close(self, connection: Limited) -> None:
        self.discard(connection)  # Now: the next one may come before the loop has closed it.
        connection.drop()

    def _forget(self, key: str) -> None:
        client = self.clients[key]
        if not client.connections and not client.requests:
            del self.clients[key]


def client_key(address: str) -> str:
    """Return the address, for IPv6 its /64 network: the size that one client has."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((int(found) >> 64 << 64, 64)))
    return str(found)


def _oldest(connections: Collection[Limited]) -> Limited:
    return min(connections, key=lambda connection: connection.rank)


def _most_connections() -> int:
    descriptors, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if descriptors == resource.RLIM_INFINITY:
        return 4096
    return max(64, min(4096, descriptors - _KEPT_DESCRIPTORS))
