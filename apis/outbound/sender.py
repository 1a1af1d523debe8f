"""Sending: many calls at once, connections kept per site, outcomes in order."""

from __future__ import annotations

import math
import os
import threading
from collections import deque
from collections.abc import Generator, Iterable
from types import TracebackType
from typing import Self

from apis.outbound.ca_bundle import bundle
from apis.outbound.call import Call, Outcome, Reply
from apis.outbound.certificate_dates import SHARED_DATES, CertificateDates
from apis.outbound.conversation import ConversationRun
from apis.outbound.descriptors import SOCKETS
from apis.outbound.guard import Guard
from apis.outbound.multi import Wire
from apis.outbound.resolver import SHARED, Resolver
from apis.outbound.target import IPAddress, Site
from apis.outbound.transfer import Transfer

_TRIED_ADDRESSES = 4
_REMEMBERED = 10_000


class Sender:
    """Sends calls under one guard and keeps connections between them, for a preflight and the call that follows it.

    For one thread at a time. Use it as a context manager, or `close` it. Raises OSError when the guard's CA file
    cannot be read.
    """

    def __init__(
        self, guard: Guard, resolver: Resolver = SHARED, certificate_dates: CertificateDates = SHARED_DATES
    ) -> None:
        self._ca_bundle = bundle(guard.ca_file)
        self.guard = guard
        self.resolver = resolver
        self.certificate_dates = certificate_dates
        self.wire = Wire()
        self._idle: list[Transfer] = []
        self._answered: dict[Site, IPAddress] = {}
        self._busy = threading.Lock()

    def send(self, call: Call) -> Outcome:
        """Send one call and wait for its outcome. A failure of the host is an outcome, not an exception."""
        return self.send_many((call,))[0]

    def send_many(self, calls: Iterable[Call], concurrency: int = 100, per_site: int = 16) -> list[Outcome]:
        """Send calls and return their outcomes in order: at most `concurrency` at once, and `per_site` to the same
        scheme, host and port. A call's time begins when it is its turn.
        """
        return self.run_conversations((_single_call(call) for call in calls), concurrency, per_site)

    def run_conversations[T](
        self,
        conversations: Iterable[Generator[Call, Outcome, T]],
        concurrency: int = 100,
        per_site: int = 16,
        seconds: float = math.inf,
    ) -> list[T]:
        """Run many conversations at once and return their values in order.

        A conversation is a generator that yields a Call, is sent its outcome, yields the next and returns a value.

        Its next call is sent at once, on the same connection when it goes to the same site, and waits for no other
        conversation. An exception that a conversation raises ends them all and is passed on.

        Fewer go out at once where the process may hold fewer sockets. After `seconds` all that is left fails with the
        lack "deadline".
        """
        if not self._busy.acquire(blocking=False):
            raise RuntimeError("A Sender works for one thread at a time: give each thread its own.")
        kept = SOCKETS.kept(self, concurrency)
        granted = SOCKETS.take(self, concurrency + kept)
        if granted < concurrency + kept:
            kept = min(kept, granted // 4)
        try:
            return ConversationRun(self, conversations, min(concurrency, granted - kept), per_site, kept, seconds).run()
        finally:
            SOCKETS.give_back(self, kept)
            self._busy.release()

    def close(self) -> None:
        """Close the kept connections."""
        SOCKETS.give_back(self, 0)
        self.wire.close()
        self._idle.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def transfer(self) -> Transfer:
        """Return a handle to use; `put_back` returns it."""
        return self._idle.pop() if self._idle else Transfer(self.guard, self._ca_bundle)

    def put_back(self, transfer: Transfer) -> None:
        """Keep a handle for the next call."""
        self._idle.append(transfer)

    def in_order(self, site: Site, addresses: tuple[IPAddress, ...]) -> deque[IPAddress]:
        """Return the addresses to try: first the one that answered last, so that its connections are used again."""
        last = self._answered.get(site)
        if last in addresses:
            addresses = (last, *(address for address in addresses if address != last))
        return deque(addresses[:_TRIED_ADDRESSES])

    def record_reply(self, transfer: Transfer, reply: Reply, running: Iterable[Transfer]) -> Reply:
        """Remember the peer and when its certificate ends: curl reports it to the call that made the handshake."""
        if len(self._answered) >= _REMEMBERED:
            self._answered.clear()
        site = transfer.target.site
        self._answered[site] = transfer.address
        if transfer.target.scheme != "https":
            return reply
        expires = transfer.certificate_expires()
        if expires:
            self.certificate_dates.add(site, expires)
            return reply.with_certificate(expires, is_remembered=False)
        expires = self.certificate_dates.get(site)
        if expires is None:
            # Streams of one connection end in any order: the one that made the handshake may still be under way.
            connection = transfer.connection()
            handshakes = (other.certificate_expires() for other in running if other.connection() == connection)
            expires = next(filter(None, handshakes), None)
        return reply.with_certificate(expires, is_remembered=True)


def _single_call(call: Call) -> Generator[Call, Outcome, Outcome]:
    """Make one call: the shortest conversation."""
    return (yield call)


_local = threading.local()


def _sender(guard: Guard) -> Sender:
    """This thread's own Sender, so that connections and parsed CAs are kept from call to call."""
    sender: Sender | None = getattr(_local, "sender", None)
    if sender is not None and _local.pid != os.getpid():
        # Kept, unused: closing a parent's connections after a fork would end them for the parent.
        _local.inherited, sender = sender, None
    elif sender is not None and sender.guard != guard:
        sender.close()
        sender = None
    if sender is None:
        sender = _local.sender = Sender(guard)
        _local.pid = os.getpid()
    return sender


def close_sender() -> None:
    """Close the connections that this thread keeps, as it sends nothing more for now.

    The process keeps only so many, shared by the threads that have sent: one that rarely sends takes from the others.
    """
    sender: Sender | None = getattr(_local, "sender", None)
    if sender is not None and _local.pid == os.getpid():
        del _local.sender
        sender.close()


def send(call: Call, guard: Guard) -> Outcome:
    """Send one call and wait for what comes of it. Never raises for what a host does."""
    return _sender(guard).send(call)


def send_many(calls: Iterable[Call], guard: Guard, concurrency: int = 100) -> list[Outcome]:
    """Send many calls at once; outcomes in the order of the calls. See `Sender.send_many`."""
    return _sender(guard).send_many(calls, concurrency)


def run_conversations[T](
    conversations: Iterable[Generator[Call, Outcome, T]],
    guard: Guard,
    concurrency: int = 100,
    seconds: float = math.inf,
) -> list[T]:
    """Run many conversations at once; return their values in order. See `Sender.run_conversations`."""
    return _sender(guard).run_conversations(conversations, concurrency, seconds=seconds)
