"""A response of unknown length on its way from a thread to the event loop."""

from __future__ import annotations

import asyncio
import tempfile
import threading
from collections.abc import Callable

_IN_MEMORY = 2**20
_MOST_WAITING = 64 * 2**20
_PIECE = 64 * 2**10


class Gone(Exception):
    """The client is gone; no one reads the rest."""


class Stream:
    """A spool: the thread writes as fast as it can and is done, the loop sends as fast as the client reads."""

    def __init__(self, loop: asyncio.AbstractEventLoop, is_gone: Callable[[], bool]) -> None:
        self._loop, self._is_gone = loop, is_gone
        self._file = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115
        self._written = self._read = 0
        self._ended = self._announced = self._closed = False
        self._change = threading.Condition()
        self._event = asyncio.Event()

    def write(self, data: bytes) -> None:
        """Add to the end; only a client that is very far behind makes the thread wait. Raises Gone."""
        with self._change:
            while not self._has_no_reader() and self._written - self._read > _MOST_WAITING:
                self._change.wait(0.5)
            if self._has_no_reader():
                raise Gone
            self._file.seek(self._written)
            self._file.write(data)
            self._written += len(data)
            self._announce(at_least=_PIECE)

    def end(self) -> None:
        """Say that nothing follows."""
        with self._change:
            self._ended = True
            self._announce(at_least=0)

    async def read(self) -> bytes:
        """Return the next piece, b"" at the end."""
        while True:
            with self._change:
                self._announced = False
                self._event.clear()
                if self._read < self._written:
                    self._file.seek(self._read)
                    piece = self._file.read(_PIECE)
                    self._read += len(piece)
                    self._change.notify()
                    return piece
                if self._ended:
                    return b""
            await self._event.wait()

    def close(self) -> None:
        """Free the file."""
        with self._change:
            self._closed = True
            self._file.close()

    def _has_no_reader(self) -> bool:
        return self._closed or self._is_gone()

    def _announce(self, at_least: int) -> None:
        if not self._announced and self._written - self._read >= at_least:
            self._announced = True
            self._loop.call_soon_threadsafe(self._event.set)
