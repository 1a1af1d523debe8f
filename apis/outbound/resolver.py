"""Names to addresses: once per call, in threads, so that a DNS server that hangs costs one call and not the rest."""

from __future__ import annotations

import ipaddress
import math
import os
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from functools import lru_cache

from apis.outbound.call import Unsendable
from apis.outbound.local import lack_of
from apis.outbound.target import LOOPBACK, IPAddress, Target, is_localhost

Addresses = tuple[IPAddress, ...]
Lookup = Callable[[str], Sequence[str]]

_FORGET_FAILURE_S = 5.0
# Asked when DNS does not answer for another name: does it answer at all? Every API is below it.
_ALWAYS_THERE = "amazonaws.com"
_CACHED_NAMES = 10_000


def system_lookup(host: str) -> Sequence[str]:
    """Return every address of a name by the system's own rules, best first (RFC 6724). Raises OSError."""
    return [str(entry[4][0]) for entry in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)]


class Resolver:
    """Looks names up in at most `threads` threads and keeps answers for `ttl_s` seconds (getaddrinfo returns no TTL).

    Safe to share between threads. Callers that ask for a name while it is being looked up share that look-up, so that
    a name whose servers never answer holds one thread, however often it is asked for.
    """

    def __init__(self, lookup: Lookup = system_lookup, ttl_s: float = 30, threads: int = 32) -> None:
        self._lookup = lookup
        self._ttl = ttl_s
        self._threads = threads
        self._start()

    def _start(self) -> None:
        self._pid = os.getpid()
        self._lock = threading.Lock()
        self._asked: deque[tuple[str, Future[Addresses]]] = deque()
        self._known: dict[str, tuple[float, Future[Addresses]]] = {}
        self._running = 0
        self._answered_at = -math.inf
        self._checked_at = -math.inf
        self._checking = threading.Lock()

    def answered_since(self, moment: float) -> bool:
        """Return whether DNS answered for any name since then (`time.monotonic`)."""
        return self._answered_at >= moment

    def check(self, besides: str) -> None:
        """Find out in the background whether DNS answers for any name but this one; see `answered_since`."""
        if self._pid == os.getpid() and not self._checking.locked():
            try:
                threading.Thread(target=self._check, args=(besides,), name="outbound-dns-check", daemon=True).start()
            except RuntimeError:
                pass  # no thread to spare: DNS counts as silent then

    def _check(self, besides: str) -> bool:
        """Look up a name that was found before, then one that is always there. One thread at a time does so."""
        begun = time.monotonic()
        with self._checking:
            if self._checked_at > begun:
                return self.answered_since(begun)  # another thread has just done it
            with self._lock:
                found = [host for host, (_, future) in self._known.items() if host != besides and _is_found(future)]
            for host in dict.fromkeys((*found[-1:], _ALWAYS_THERE)):
                try:
                    self._lookup(host)
                except Exception as error:
                    if not _says_unknown(error):
                        continue
                self._answered_at = time.monotonic()
                break
            self._checked_at = time.monotonic()
            return self.answered_since(begun)

    def ask(self, target: Target) -> Future[Addresses]:
        """Return a future of the host's addresses or Unsendable ("resolve"). The caller decides how long to wait."""
        if target.literal is not None:
            return _settled((target.literal,))
        if is_localhost(target.host):
            return _settled(LOOPBACK)
        if self._pid != os.getpid():
            self._start()  # a fork has our queue, but none of our threads
        now = time.monotonic()
        with self._lock:
            until, future = self._known.get(target.host, (0.0, None))
            if future and (now < until or not future.done()):
                return future
            if len(self._known) >= _CACHED_NAMES:
                self._known = {host: kept for host, kept in self._known.items() if now < kept[0]}
                if len(self._known) >= _CACHED_NAMES:
                    self._known.clear()
            future = Future()
            # The end is set when the answer is there; until then the future itself says "being looked up".
            self._known[target.host] = (0.0, future)
            self._asked.append((target.host, future))
            if self._running < self._threads:
                self._running += 1
                try:
                    # Daemons, unlike an executor's threads: a hanging look-up must not hold the process at its end.
                    threading.Thread(target=self._work, name="outbound-resolve", daemon=True).start()
                except RuntimeError as error:
                    self._running -= 1
                    if not self._running:  # else one of those that run takes it
                        self._asked.clear()
                        del self._known[target.host]
                        future.set_exception(Unsendable.local(lack_of(error)))
        return future

    def _work(self) -> None:
        while True:
            with self._lock:
                if not self._asked:
                    self._running -= 1
                    return
                host, future = self._asked.popleft()
            try:
                addresses = tuple(ipaddress.ip_address(text) for text in self._lookup(host))
            except Exception as error:  # whatever the look-up raises is this name's failure, never the thread's
                failure = self._unresolved(host, error)
                self._keep(host, future, _FORGET_FAILURE_S)
                future.set_exception(failure)
            else:
                self._answered_at = time.monotonic()
                self._keep(host, future, self._ttl)
                future.set_result(addresses)

    def _unresolved(self, host: str, error: Exception) -> Unsendable:
        """Find whether the name, this machine's DNS or the machine itself is at fault."""
        if isinstance(error, OSError) and not isinstance(error, socket.gaierror):
            return Unsendable.local(lack_of(error))
        if _says_unknown(error):
            if _no_descriptor():
                return Unsendable.local("descriptors")  # the C library could not even read its settings
            self._answered_at = time.monotonic()
            return Unsendable("resolve", f"DNS has no address for {host}: check the name and its DNS record.")
        if isinstance(error, socket.gaierror):
            if error.errno == socket.EAI_MEMORY or not self._check(host):
                return Unsendable.local(lack_of(error))
            return Unsendable(
                "resolve", f"DNS could not answer for {host} ({error.strerror}): check the name servers of its domain."
            )
        return Unsendable("resolve", f"The DNS lookup of {host} failed ({error}): check this machine's DNS servers.")

    def _keep(self, host: str, future: Future[Addresses], seconds: float) -> None:
        with self._lock:
            if host in self._known:
                self._known[host] = (time.monotonic() + min(seconds, self._ttl), future)


@lru_cache(1024)
def _settled(addresses: Addresses) -> Future[Addresses]:
    future: Future[Addresses] = Future()
    future.set_result(addresses)
    return future


def _is_found(future: Future[Addresses] | None) -> bool:
    return future is not None and future.done() and future.exception() is None


def _says_unknown(error: Exception) -> bool:
    """Return whether DNS answered: there is no such name, or it has no address."""
    unknown = (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", None))
    return isinstance(error, socket.gaierror) and error.errno in unknown


def _no_descriptor() -> bool:
    try:
        os.close(os.open(os.devnull, os.O_RDONLY))
    except OSError:
        return True
    return False


# One for the process, so that threads share what is known. It has no threads until it is asked.
SHARED = Resolver()
