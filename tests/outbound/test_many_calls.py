"""Many calls at once: in order, side by side, within limits, on kept connections, from any thread."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Generator, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from apis.outbound import Call, Failure, Guard, Outcome, Reply, Resolver, Sender, close_sender, send, send_many
from apis.outbound.target import read_url
from tests.outbound.certificates import Authority
from tests.outbound.hosts import NO_CONTENT, OPEN, Host, Names, answering, header, read_head
from tests.support.servers import until

pytestmark = pytest.mark.once


class Crowd:
    """A behaviour that answers with the path asked for, and counts who is inside at the same time."""

    def __init__(self, together: int = 1) -> None:
        self.most = self._inside = 0
        self._lock = threading.Lock()
        self._barrier = threading.Barrier(together)

    def __call__(self, connection: socket.socket) -> None:
        """Answer a connection's requests."""
        while head := read_head(connection):
            with self._lock:
                self._inside += 1
                self.most = max(self.most, self._inside)
            self._barrier.wait(10)
            with self._lock:
                self._inside -= 1
            path = head.split(b" ")[1]
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(path), path))


def test_outcomes_come_in_the_order_of_the_calls(sender: Sender) -> None:
    with Host(Crowd()) as host:
        calls = [Call("GET", f"{host.url}/{number}" if number % 7 else "nonsense") for number in range(300)]
        outcomes = sender.send_many(calls)
    assert len(outcomes) == 300
    for number, outcome in enumerate(outcomes):
        if number % 7:
            assert isinstance(outcome, Reply)
            assert outcome.body == f"/{number}".encode()
        else:
            assert isinstance(outcome, Failure)
    assert host.connections <= 16, "connections are used again"


def test_no_calls_no_outcomes(sender: Sender) -> None:
    assert sender.send_many([]) == []
    assert send_many([], OPEN) == []


def test_calls_to_many_hosts_go_out_side_by_side(sender: Sender) -> None:
    """Each of ten hosts answers only when all ten were asked."""
    crowd = Crowd(together=10)
    hosts = [Host(crowd) for _ in range(10)]
    outcomes = sender.send_many([Call("GET", host.url) for host in hosts])
    for host in hosts:
        host.__exit__(None, None, None)
    assert all(isinstance(outcome, Reply) for outcome in outcomes)
    assert crowd.most == 10


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize(("concurrency", "per_site", "most"), [(100, 4, 4), (3, 16, 3), (1, 1, 1)])
def test_the_limits_are_used_and_kept(
    authority: Authority, trusting: Guard, concurrency: int, per_site: int, most: int, scheme: str
) -> None:
    """The host answers only when as many calls as may be are inside at once: none waits for another's answer."""
    crowd = Crowd(together=most)
    certificate = authority.issue("127.0.0.1") if scheme == "https" else None
    with Host(crowd, certificate=certificate) as host, Sender(trusting) as sender:
        outcomes = sender.send_many([Call("GET", host.url)] * (most * 10), concurrency, per_site)
    assert all(isinstance(outcome, Reply) for outcome in outcomes)
    assert crowd.most == most
    assert host.connections == most


def test_a_host_that_hangs_does_not_hold_the_others(sender: Sender) -> None:
    """The calls to the hanging host fill its places, and wait there; all others pass them by."""
    answered = threading.Event()

    def hang(connection: socket.socket) -> None:
        read_head(connection)
        answered.wait(10)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")

    seen: list[bytes] = []

    class Last(list):
        def append(self, head: bytes) -> None:
            seen.append(head)
            if len(seen) == 200:
                answered.set()

    with Host(hang) as hanging, Host(answering(NO_CONTENT, seen=Last())) as good:
        calls = [Call("GET", hanging.url)] * 40 + [Call("GET", good.url)] * 200
        outcomes = sender.send_many(calls, concurrency=20, per_site=4)
    assert all(isinstance(outcome, Reply) for outcome in outcomes)


def test_a_name_server_that_hangs_holds_no_one_else(caplog: pytest.LogCaptureFixture) -> None:
    release = threading.Event()

    def lookup(host: str) -> Sequence[str]:
        if host == "hanging.test":
            release.wait(30)
        return ["127.0.0.1"]

    with Host(answering(NO_CONTENT)) as host, Sender(OPEN, Resolver(lookup)) as sender:
        stuck = [Call("GET", f"http://hanging.test:{host.port}/", connect_timeout_s=0.3)] * 20
        begun = time.monotonic()
        outcomes = sender.send_many([*stuck, Call("GET", f"http://good.test:{host.port}/")], per_site=100)
        took = time.monotonic() - begun
        lookups = [thread for thread in threading.enumerate() if thread.name == "outbound-resolve"]
    assert took < 2
    assert isinstance(outcomes[-1], Reply)
    for outcome in outcomes[:-1]:
        assert isinstance(outcome, Failure)
        assert outcome.kind == "resolve"
        assert "lookup of hanging.test timed out after 0.3" in outcome.message
    assert len(lookups) <= 1, "twenty calls wait for one look-up"
    assert outcomes[-1].timings.resolve < 250
    # An answer that comes when everyone has gone bothers no one.
    release.set()
    until(lambda: not any(thread.is_alive() for thread in lookups), "the look-up ends")
    assert caplog.records == []


def test_a_look_up_that_comes_too_late_is_not_taken_for_another() -> None:
    """The first talk gives late.test up; its answer comes while the second talk still waits for other.test."""
    release = threading.Event()
    late = read_url("http://late.test/")

    def lookup(host: str) -> Sequence[str]:
        if host == "late.test":
            release.wait(30)
        else:
            resolver.ask(late).result(30)
        return ["127.0.0.1"]

    def after_the_look_up(connection: socket.socket) -> None:
        read_head(connection)
        release.set()
        resolver.ask(late).result(30)
        connection.sendall(NO_CONTENT)

    def twice(port: int) -> Generator[Call, Outcome, list[Outcome]]:
        first = yield Call("GET", f"http://late.test:{port}/", connect_timeout_s=0.2)
        second = yield Call("GET", f"http://127.0.0.1:{port}/")
        return [first, second]

    def once(port: int) -> Generator[Call, Outcome, list[Outcome]]:
        return [(yield Call("GET", f"http://other.test:{port}/", connect_timeout_s=30, timeout_s=30))]

    resolver = Resolver(lookup)
    with Host(after_the_look_up) as host, Sender(OPEN, resolver) as sender:
        [[gave_up, reply], [other]] = sender.run_conversations([twice(host.port), once(host.port)])
    assert isinstance(gave_up, Failure)
    assert isinstance(reply, Reply)
    assert isinstance(other, Reply)
    assert host.connections == 2


def test_a_name_is_looked_up_once_for_many_calls_and_again_when_its_time_is_over() -> None:
    names = Names({"api.test": ["127.0.0.1"]})
    with Host(answering(NO_CONTENT)) as host, Sender(OPEN, names.resolver) as sender:
        sender.send_many([Call("GET", f"http://api.test:{host.port}/")] * 50)
        sender.send(Call("GET", f"http://API.test:{host.port}/"))
    assert names.asked == ["api.test"]
    names = Names({"api.test": ["127.0.0.1"]}, ttl_s=0)
    with Host(answering(NO_CONTENT)) as host, Sender(OPEN, names.resolver) as sender:
        for _ in range(3):
            sender.send(Call("GET", f"http://api.test:{host.port}/"))
    assert names.asked == ["api.test"] * 3


def test_a_look_up_that_raises_anything_is_a_failure() -> None:
    with Sender(OPEN, Resolver(lambda host: ["not an address"])) as sender:
        outcome = sender.send(Call("GET", "http://odd.test/"))
    assert isinstance(outcome, Failure)
    assert (outcome.kind, outcome.lack) == ("resolve", None)
    assert outcome.message.startswith("The DNS lookup of ")
    assert "failed (" in outcome.message


def test_more_names_than_look_up_threads() -> None:
    names = Names({f"n{number}.test": ["127.0.0.1"] for number in range(200)})
    with Host(answering(NO_CONTENT)) as host, Sender(OPEN, names.resolver) as sender:
        outcomes = sender.send_many([Call("GET", f"http://n{number}.test:{host.port}/") for number in range(200)])
    assert all(isinstance(outcome, Reply) for outcome in outcomes)
    assert len(names.asked) == 200


Talk = Generator[Call, Outcome, list[int]]


def preflight_then_call(url: str) -> Talk:
    """What a browser does: the call follows only a preflight that was answered."""
    statuses: list[int] = []
    for method in ("OPTIONS", "PUT"):
        outcome = yield Call(method, url)
        if isinstance(outcome, Failure):
            break
        statuses.append(outcome.status)
    return statuses


def test_a_talk_goes_on_where_it_was_on_the_same_connection(sender: Sender) -> None:
    seen: list[bytes] = []
    answers = (NO_CONTENT, b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n")
    with Host(answering(*answers, seen=seen)) as host:
        values = sender.run_conversations([preflight_then_call(host.url), preflight_then_call("nonsense")])
        assert host.connections == 1
    assert values == [[204, 201], []]
    assert [head.split(b" ")[0] for head in seen] == [b"OPTIONS", b"PUT"]
    assert header(seen[1], "content-length") == "0"


def test_many_talks_at_once_over_several_hosts(sender: Sender) -> None:
    crowds = [Crowd() for _ in range(3)]
    hosts = [Host(crowd) for crowd in crowds]

    def wander(start: int) -> Generator[Call, Outcome, int]:
        answered = 0
        for step in range(5):
            outcome = yield Call("GET", hosts[(start + step) % 3].url)
            answered += isinstance(outcome, Reply)
        return answered

    values = sender.run_conversations((wander(number) for number in range(60)), concurrency=10, per_site=3)
    for host in hosts:
        host.__exit__(None, None, None)
    assert values == [5] * 60
    assert all(crowd.most <= 3 for crowd in crowds)
    assert sum(host.connections for host in hosts) < 60, "they are kept from call to call"


def test_a_talk_that_raises_ends_the_run_and_leaves_the_sender_usable(sender: Sender) -> None:
    def broken(url: str) -> Generator[Call, Outcome, None]:
        yield Call("GET", url)
        raise LookupError("mine")

    with Host(answering(NO_CONTENT)) as host:
        with pytest.raises(LookupError, match="mine"):
            sender.run_conversations([broken(host.url), *(preflight_then_call(host.url) for _ in range(20))])
        assert sender.run_conversations([preflight_then_call(host.url)] * 1) == [[204, 204]]


def test_a_sender_serves_one_thread_at_a_time(sender: Sender) -> None:
    def within(url: str) -> Generator[Call, Outcome, None]:
        with pytest.raises(RuntimeError, match="one thread at a time"):
            sender.send(Call("GET", url))
        yield Call("GET", url)

    with Host(answering(NO_CONTENT)) as host:
        sender.run_conversations([within(host.url)])


def test_threads_send_at_the_same_time_each_on_its_own_connections() -> None:
    with Host(Crowd()) as host, ThreadPoolExecutor(8) as threads:

        def work(number: int) -> bool:
            paths = [f"/{number}-{call}" for call in range(20)]
            many = send_many([Call("GET", host.url + path) for path in paths], OPEN)
            one = send(Call("GET", f"{host.url}/one"), OPEN)
            bodies = [outcome.body.decode() for outcome in (*many, one) if isinstance(outcome, Reply)]
            return bodies == [*paths, "/one"]

        assert all(threads.map(work, range(40)))
        assert host.connections <= 8 * 16


def test_thousands_of_calls_leave_nothing_behind(sender: Sender) -> None:
    """Handles and connections are as many as may be in use at once, however many calls there are."""
    import os

    with Host(answering(NO_CONTENT)) as host:
        sender.send_many([Call("OPTIONS", host.url)] * 50)
        before = len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0
        outcomes = sender.send_many(Call("OPTIONS", host.url) for _ in range(3000))
        after = len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0
    assert all(isinstance(outcome, Reply) for outcome in outcomes)
    assert after <= before + 4
    assert host.connections <= 16


def test_threads_that_send_no_more_keep_no_connections_from_others() -> None:
    """A pool of threads, each of which sends once in a while, leaves the connections to those who send much."""
    with Host(answering(NO_CONTENT)) as host, ThreadPoolExecutor(100) as threads:
        together = threading.Barrier(100)

        def work(_: int) -> None:
            send(Call("GET", host.url), OPEN)
            together.wait(20)
            close_sender()

        list(threads.map(work, range(100)))
        before = host.connections
        with Sender(OPEN) as sender:
            outcomes = [outcome for _ in range(20) for outcome in sender.send_many([Call("OPTIONS", host.url)] * 20)]
        assert all(isinstance(outcome, Reply) for outcome in outcomes)
        assert host.connections - before <= 16
