"""What one run needs for itself: the data folder, and its ports."""

from __future__ import annotations

import fcntl
import os
import socket
import sys
import time
from contextlib import closing
from pathlib import Path

# After a kill -9 the old web server needs up to three seconds to let go of its port.
_PATIENCE = 5.0


class InUse(Exception):
    """Something else has what this run needs; the message says what to do."""


class DataFolder:
    """The data folder, locked for this process until it ends in any way."""

    def __init__(self, folder: Path) -> None:
        """Raises Taken when another run has it or it cannot be written."""
        self.path = folder
        try:
            self._lock = (folder / "up.lock").open("a+")
        except OSError as error:
            raise InUse(
                f"the data folder {folder} cannot be written ({error.strerror}): "
                "make it writable, or name another in CORSDASH_DATA"
            ) from error
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InUse(
                f"corsdash already runs on the data folder {folder} (process {self._written() or 'unknown'}): "
                "stop it first, or name another folder in CORSDASH_DATA"
            ) from None
        # Empty after a clean stop.
        self.was_killed = bool(self._written())
        self._write(str(os.getpid()))

    def release(self) -> None:
        """Note a clean stop."""
        self._write("")
        self._lock.close()

    def _written(self) -> str:
        self._lock.seek(0)
        return self._lock.read().strip()

    def _write(self, text: str) -> None:
        self._lock.truncate(0)
        self._lock.write(text)
        self._lock.flush()


def claim_port(host: str, port: int, wait: bool) -> int:
    """`port`, once it is free on `host` (with `wait`, a few seconds' patience); for 0 any free one. Raises Taken."""
    end = time.monotonic() + (_PATIENCE if wait else 0)
    while True:
        try:
            return _bound(host, port)
        except OSError as error:
            if time.monotonic() >= end:
                raise InUse(
                    f"cannot listen on {host} port {port} ({error.strerror or error}): "
                    "stop what uses it, or choose others with --host and --port"
                ) from error
        time.sleep(0.1)


def first_free(*ports: int) -> int:
    """Return the first of these loopback ports that is free, else any free one.

    It stays reserved for this process, as its child may listen only later: of two runs that start at once, the other
    one passes over it.
    """
    for port in ports:
        try:
            _reserve(port)
            return _bound("127.0.0.1", port)
        except OSError:
            continue
    return _bound("127.0.0.1", 0)


_reserved: dict[int, socket.socket] = {}


def _reserve(port: int) -> None:
    """Hold a name of Linux's abstract namespace, which ends with this process. Raises OSError when another has it."""
    if sys.platform != "linux" or port in _reserved:
        return
    holder = socket.socket(socket.AF_UNIX)
    try:
        holder.bind(f"\0corsdash port {port}")
    except OSError:
        holder.close()
        raise
    _reserved[port] = holder


def _bound(host: str, port: int) -> int:
    family, kind, proto, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[
        0
    ]
    with closing(socket.socket(family, kind, proto)) as sock:
        # As servers do: a port whose last connections are still winding down counts as free.
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(address)
        sock.listen(1)
        return int(sock.getsockname()[1])
