"""Wire: curl's multi handle driven by its sockets and timer, with a bell that other threads may ring."""

from __future__ import annotations

import math
import select
import socket
import time
from types import TracebackType
from typing import Self

import pycurl

# What curl wants to know of a socket, as poll's events.
_EVENTS = {
    pycurl.POLL_IN: select.POLLIN,
    pycurl.POLL_OUT: select.POLLOUT,
    pycurl.POLL_INOUT: select.POLLIN | select.POLLOUT,
}

# A transfer's handle, curl's error (0 for none) and its words.
Done = tuple[pycurl.Curl, int, str]


class Wire:
    """Carries transfers at the same time and keeps their connections. All but `ring` belong to one thread at a time.

    curl's own select() is not used: it stops at file descriptor 1024, and looks at every transfer each time.
    """

    def __init__(self) -> None:
        self._multi = multi = pycurl.CurlMulti()
        multi.setopt(pycurl.M_SOCKETFUNCTION, self._on_socket)
        multi.setopt(pycurl.M_TIMERFUNCTION, self._on_timer)
        self._poll = select.poll()  # for some hundred sockets that come and go, cheaper than epoll
        self._watched: set[int] = set()
        self._due: float | None = None
        self._busy: set[pycurl.Curl] = set()
        self._limited = 0
        self.kept = 1
        """Idle connections to keep; as a transfer ends, the oldest one beyond these is closed."""
        self._bell, self._clapper = socket.socketpair()
        self._bell.setblocking(False)
        self._clapper.setblocking(False)
        self._poll.register(self._bell, select.POLLIN)

    def add(self, curl: pycurl.Curl) -> None:
        """Begin a transfer."""
        self._multi.add_handle(curl)
        self._busy.add(curl)

    def remove(self, curl: pycurl.Curl) -> None:
        """Take a transfer out, done or not; the connection of one that is not done is closed."""
        self._multi.remove_handle(curl)
        self._busy.discard(curl)

    def ring(self) -> None:
        """End the present or next `wait` early. For any thread; does nothing once closed."""
        try:
            self._clapper.send(b"!")
        except OSError:
            pass  # full: it rings already; closed: no one waits

    def wait(self, seconds: float) -> list[Done]:
        """Work until something happens or `seconds` are over; returns the transfers that are done."""
        # First what was just added: a call takes up the connection of its preflight before others push that out.
        done = self._act_in_time()
        if done:
            return done
        if self._due is not None:
            seconds = min(seconds, max(0.0, self._due - time.monotonic()))
        for fd, events in self._poll.poll(math.ceil(seconds * 1000)):
            if fd == self._bell.fileno():
                self._hush()
                continue
            readable = pycurl.CSELECT_IN if events & ~select.POLLOUT else 0  # an error or a hang-up is read, too
            # Counts the open ones, so it follows those in use: a lower limit would close a connection between a
            # preflight and its call, a higher one would keep too many at the end.
            self._limit(max(1, len(self._busy) - 1 + self.kept))
            done += self._act(fd, readable | (pycurl.CSELECT_OUT if events & select.POLLOUT else 0))
            if len(done) > self.kept // 2:
                return done  # the rest is there the next time
        return done + self._act_in_time()

    def close(self) -> None:
        """Close every connection. No transfer may be under way."""
        self._multi.close()
        self._bell.close()
        self._clapper.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _act_in_time(self) -> list[Done]:
        """Do what curl wanted to do by now."""
        if self._due is None or self._due > time.monotonic():
            return []
        self._due = None
        return self._act(pycurl.SOCKET_TIMEOUT, 0)

    def _limit(self, connections: int) -> None:
        if connections != self._limited:
            self._multi.setopt(pycurl.M_MAXCONNECTS, connections)
            self._limited = connections

    def _act(self, fd: int, events: int) -> list[Done]:
        """Let curl work on a socket; returns the transfers that are done."""
        _, running = self._multi.socket_action(fd, events)
        return self._done() if running < len(self._busy) else []

    def _done(self) -> list[Done]:
        done: list[Done] = []
        queued = 1
        while queued:
            queued, succeeded, failed = self._multi.info_read()
            done += [(curl, 0, "") for curl in succeeded]
            done += failed
        self._busy.difference_update(curl for curl, _, _ in done)
        return done

    def _hush(self) -> None:
        try:
            while len(self._bell.recv(4096)) == 4096:
                pass
        except BlockingIOError:
            pass

    def _on_timer(self, milliseconds: int) -> None:
        self._due = None if milliseconds < 0 else time.monotonic() + milliseconds / 1000

    def _on_socket(self, wanted: int, fd: int, multi: pycurl.CurlMulti, known: object) -> None:
        events = _EVENTS.get(wanted)
        if events is not None:
            self._poll.register(fd, events)  # a second time changes what is wanted
            self._watched.add(fd)
        elif fd in self._watched:
            self._watched.remove(fd)
            self._poll.unregister(fd)
