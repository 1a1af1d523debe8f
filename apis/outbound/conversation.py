"""One run of `Sender.run_conversations`: what is sent, what is looked up, and what waits for its site."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Generator, Iterable
from concurrent.futures import Future
from dataclasses import replace
from functools import partial
from typing import Any, Protocol

import pycurl

from apis.outbound.call import Call, Failure, Outcome, Reply, Timings, Unsendable
from apis.outbound.certificate_dates import CertificateDates
from apis.outbound.guard import Guard
from apis.outbound.multi import Done, Wire
from apis.outbound.resolver import Addresses, Resolver
from apis.outbound.target import IPAddress, Site, Target, header_lines, read_url
from apis.outbound.transfer import Transfer

Conversation = Generator[Call, Outcome, Any]

_IDLE_S = 60.0


class _Turn:
    """A conversation, its present call and how far that has come."""

    __slots__ = (
        "addresses",
        "begun",
        "call",
        "check_by",
        "connect_by",
        "conversation",
        "failed",
        "future",
        "index",
        "lines",
        "resolve_by",
        "site",
        "spent",
        "target",
    )  # fmt: skip

    call: Call
    target: Target
    lines: list[bytes]
    begun: float
    resolve_by: float
    check_by: float
    connect_by: float
    future: Future[Addresses]
    addresses: deque[IPAddress]
    spent: Timings
    failed: Failure | None

    def __init__(self, index: int, conversation: Conversation) -> None:
        self.index = index
        self.conversation = conversation
        self.site: Site | None = None


class Connections(Protocol):
    """What a run needs of its Sender: the wire, who may be called, and the handles whose connections are kept."""

    guard: Guard
    resolver: Resolver
    wire: Wire
    certificate_dates: CertificateDates

    def transfer(self) -> Transfer:
        """Return a handle to use."""

    def put_back(self, transfer: Transfer) -> None:
        """Keep a handle for the next call."""

    def in_order(self, site: Site, addresses: tuple[IPAddress, ...]) -> deque[IPAddress]:
        """Return the addresses to try, in order."""

    def record_reply(self, transfer: Transfer, reply: Reply, running: Iterable[Transfer]) -> Reply:
        """Remember what answered."""


class ConversationRun:
    """Places are counted per site; a conversation keeps its place from call to call, and hands it on when it leaves.

    An https site has one place until its first connection stands or fails: then it is known whether calls can share it
    (HTTP/2), which saves their handshakes. curl's own way of waiting (PIPEWAIT) waits for the whole first answer of
    hosts that do not negotiate a protocol.
    """

    def __init__(
        self,
        sender: Connections,
        conversations: Iterable[Conversation],
        concurrency: int,
        per_site: int,
        kept: int,
        seconds: float,
    ) -> None:
        self._sender = sender
        self._source = enumerate(conversations)
        sender.wire.kept = kept
        self._end = time.monotonic() + seconds
        self._is_over = False
        self._concurrency = max(1, concurrency)
        self._per_site = max(1, per_site)
        self._results: list[Any] = []
        self._active = 0
        self._taken: dict[Site, int] = {}
        self._parked: dict[Site, deque[_Turn]] = {}
        self._ready: deque[_Turn] = deque()
        self._opening: dict[Site, Transfer | None] = {}
        self._opened: set[Site] = set()
        self._resolving: set[_Turn] = set()
        self._resolved: deque[tuple[_Turn, Future[Addresses]]] = deque()
        self._running: dict[pycurl.Curl, tuple[Transfer, _Turn]] = {}
        self._starved: deque[_Turn] = deque()

    def run(self) -> list[Any]:
        """Return the conversations' values, in order."""
        try:
            self._fill()
            while self._active:
                self._settle(self._sender.wire.wait(self._patience()))
                if not self._is_over and time.monotonic() >= self._end:
                    self._break_off()
                if self._starved:
                    self._feed()
                if self._resolving:
                    self._look_up()
                if self._opening and self._parked:
                    self._open_connected()
                self._fill()
        finally:
            for curl, (transfer, _) in self._running.items():
                self._sender.wire.remove(curl)
                self._sender.put_back(transfer)
        return self._results

    def _fill(self) -> None:
        while self._active < self._concurrency:
            if self._ready:
                turn = self._ready.popleft()
                self._active += 1
                failure = self._begin(turn)
                if failure:
                    self._step(turn, failure)
                continue
            try:
                index, conversation = next(self._source)
            except StopIteration:
                return
            self._results.append(None)
            self._step(_Turn(index, conversation), None)

    def _step(self, turn: _Turn, outcome: Outcome | None) -> None:
        """Hand an outcome to a conversation and carry it on until it waits for the network or ends."""
        if turn.site in self._opening:
            self._open(turn.site)
        while True:
            try:
                # The first send() of a generator must be None; afterwards it is always an outcome.
                call = turn.conversation.send(outcome)  # type: ignore[arg-type]
            except StopIteration as end:
                self._results[turn.index] = end.value
                self._leave(turn)
                return
            outcome = self._admit(turn, call)
            if outcome is None:
                return

    def _admit(self, turn: _Turn, call: Call) -> Failure | None:
        turn.call = call
        try:
            turn.target = read_url(call.url)
            turn.lines = header_lines(call)
        except Unsendable as refusal:
            return refusal.failure()
        site = turn.target.site
        if site != turn.site:
            self._leave(turn)
            taken = self._taken.get(site, 0)
            if taken >= (1 if site in self._opening else self._per_site):
                self._parked.setdefault(site, deque()).append(turn)
                return None
            if turn.target.scheme == "https" and site not in self._opened:
                self._opening[site] = None
            self._taken[site] = taken + 1
            self._active += 1
            turn.site = site
        return self._begin(turn)

    def _leave(self, turn: _Turn) -> None:
        """Give the place at a site up, to the next that waits for it."""
        site = turn.site
        if site is None:
            return
        turn.site = None
        self._active -= 1
        waiting = self._parked.get(site)
        if waiting:
            heir = waiting.popleft()
            heir.site = site
            self._ready.append(heir)
            if not waiting:
                del self._parked[site]
        elif self._taken[site] > 1:
            self._taken[site] -= 1
        else:
            del self._taken[site]

    def _open(self, site: Site) -> None:
        """Release those that waited for the site's first connection."""
        del self._opening[site]
        self._opened.add(site)
        waiting = self._parked.get(site)
        while waiting and self._taken[site] < self._per_site:
            self._taken[site] += 1
            heir = waiting.popleft()
            heir.site = site
            self._ready.append(heir)
        if waiting is not None and not waiting:
            del self._parked[site]

    def _open_connected(self) -> None:
        for site in [site for site in self._parked if (opener := self._opening.get(site)) and opener.connected]:
            self._open(site)

    def _break_off(self) -> None:
        """End what is under way: the time of the whole round is up. What has not begun fails as it begins."""
        self._is_over = True
        late = [turn for _, turn in self._running.values()]
        for curl, (transfer, _) in self._running.items():
            self._sender.wire.remove(curl)
            self._sender.put_back(transfer)
        self._running.clear()
        late += [*self._resolving, *self._starved]
        self._resolving.clear()
        self._starved.clear()
        for turn in late:
            self._step(turn, Failure.local("deadline"))

    def _feed(self) -> None:
        """Try again those that found no descriptor: one for each call that ended, all when nothing else runs."""
        for _ in range(len(self._starved) if not self._running else 1):
            turn = self._starved.popleft()
            failure = self._launch(turn)
            if failure:
                self._step(turn, failure)

    def _begin(self, turn: _Turn) -> Failure | None:
        if self._is_over or time.monotonic() >= self._end:
            return Failure.local("deadline")
        turn.begun = time.monotonic()
        turn.failed = None
        turn.future = future = self._sender.resolver.ask(turn.target)
        if future.done():
            return self._vet(turn)
        patience = min(turn.call.connect_timeout_s, turn.call.timeout_s)
        turn.resolve_by, turn.check_by = turn.begun + patience, turn.begun + patience / 2
        self._resolving.add(turn)
        future.add_done_callback(partial(self._ring, turn))
        return None

    def _ring(self, turn: _Turn, future: Future[Addresses]) -> None:
        """Called in the resolver's thread."""
        self._resolved.append((turn, future))
        self._sender.wire.ring()

    def _patience(self) -> float:
        times = [min(turn.resolve_by, turn.check_by) for turn in self._resolving]
        if not self._is_over:
            times.append(self._end)
        return max(0.0, min(_IDLE_S, min(times, default=math.inf) - time.monotonic()))

    def _look_up(self) -> None:
        while self._resolved:
            turn, future = self._resolved.popleft()
            # A look-up that comes after its time was up belongs to a call that is over.
            if turn in self._resolving and turn.future is future:
                self._resolving.remove(turn)
                failure = self._vet(turn)
                if failure:
                    self._step(turn, failure)
        now = time.monotonic()
        for turn in [turn for turn in self._resolving if turn.check_by <= now]:
            turn.check_by = math.inf
            self._sender.resolver.check(turn.target.host)
        for turn in [turn for turn in self._resolving if turn.resolve_by <= now]:
            self._resolving.remove(turn)
            self._step(turn, self._no_answer(turn, now))

    def _vet(self, turn: _Turn) -> Failure | None:
        """Look at what the name resolved to, once, and connect to nothing else."""
        waited = 0.0 if turn.target.literal else (time.monotonic() - turn.begun) * 1000
        turn.spent = Timings(resolve=waited, total=waited)
        error = turn.future.exception()
        try:
            if error:
                raise error
            vetted = self._sender.guard.vet(turn.target.host, turn.future.result(), turn.target.port)
        except Unsendable as refusal:
            return refusal.failure(turn.spent)
        turn.addresses = self._sender.in_order(turn.target.site, vetted)
        turn.connect_by = time.monotonic() + turn.call.connect_timeout_s
        return self._launch(turn)

    def _launch(self, turn: _Turn) -> Failure | None:
        """Try the next address, with an even share of the time that is left for connecting."""
        now = time.monotonic()
        left = turn.call.timeout_s - (now - turn.begun)
        share = (turn.connect_by - now) / len(turn.addresses)
        if left <= 0 or share <= 0:
            return turn.failed or self._no_answer(turn, now)
        transfer = self._sender.transfer()
        site = turn.target.site
        reads_certificate = not self._sender.certificate_dates.is_enough(site, turn.call.certificate_days)
        transfer.load(turn.call, turn.lines, turn.target, turn.addresses.popleft(), share, left, reads_certificate)
        if site in self._opening:
            self._opening[site] = transfer
        self._running[transfer.curl] = (transfer, turn)
        self._sender.wire.add(transfer.curl)
        return None

    def _settle(self, done: list[Done]) -> None:
        for curl, error, text in done:
            transfer, turn = self._running.pop(curl)
            outcome: Outcome | None = transfer.outcome(error, text, turn.spent)
            if isinstance(outcome, Reply):
                outcome = self._sender.record_reply(transfer, outcome, (other for other, _ in self._running.values()))
            self._sender.wire.remove(curl)
            self._sender.put_back(transfer)
            if isinstance(outcome, Failure) and transfer.unreached:
                # The first address is the one that people know, so report its failure. One that this machine
                # could not even try, such as IPv6 without a route, says nothing where another one could be tried.
                cause = outcome if turn.failed is None or turn.failed.lack else turn.failed
                turn.failed = replace(cause, timings=outcome.timings)
                turn.spent = outcome.timings
                if outcome.lack == "descriptors" and self._running:
                    turn.addresses.appendleft(transfer.address)
                    self._starved.append(turn)
                    continue
                outcome = self._launch(turn) if turn.addresses else turn.failed
            if outcome is not None:
                self._step(turn, outcome)

    def _no_answer(self, turn: _Turn, now: float) -> Failure:
        seconds, host = now - turn.begun, turn.target.host
        timings = Timings(resolve=seconds * 1000, total=seconds * 1000)
        if not self._sender.resolver.answered_since(turn.begun):
            return Failure.local("resolver", timings)
        message = f"The DNS lookup of {host} timed out after {seconds:.3g} s: check its domain's name servers."
        return Failure("resolve", message, timings)
