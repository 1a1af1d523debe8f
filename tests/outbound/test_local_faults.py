"""What this machine lacks is no host's failure: descriptors, DNS, routes, time."""

from __future__ import annotations

import errno
import os
import resource
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence

import pycurl
import pytest

from apis.outbound import Call, Failure, Reply, Resolver, Sender
from apis.outbound.descriptors import Sockets, for_sockets
from apis.outbound.failures import Broken, explain
from apis.outbound.target import read_url
from tests.outbound.hosts import NO_CONTENT, OPEN, Host, answering, full, read_head

pytestmark = pytest.mark.once

AGAIN = socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")


def lookup(names: dict[str, Exception | Sequence[str]]) -> Callable[[str], Sequence[str]]:
    """A DNS that knows these; any other name does not exist."""

    def look(host: str) -> Sequence[str]:
        found = names.get(host, socket.gaierror(socket.EAI_NONAME, "Name or service not known"))
        if isinstance(found, Exception):
            raise found
        return found

    return look


def lacking(outcome: object) -> str | None:
    """What was lacking by a Failure."""
    assert isinstance(outcome, Failure), outcome
    assert (outcome.kind == "local") == (outcome.lack is not None)
    return outcome.lack


@pytest.mark.parametrize(
    ("names", "lack"),
    [
        ({"api.test": AGAIN, "amazonaws.com": AGAIN}, "resolver"),
        ({"api.test": AGAIN}, None),
        ({}, None),
        ({"api.test": OSError(errno.EMFILE, "Too many open files")}, "descriptors"),
        ({"api.test": socket.gaierror(socket.EAI_MEMORY, "Memory allocation failure")}, "memory"),
    ],
)
def test_a_dead_resolver_is_reported_from_a_dead_name(
    names: dict[str, Exception | Sequence[str]], lack: str | None
) -> None:
    with Sender(OPEN, Resolver(lookup(names))) as sender:
        assert lacking(sender.send(Call("GET", "http://api.test/"))) == lack


@pytest.mark.parametrize("all_hang", [True, False])
def test_dns_servers_that_hang_are_reported_from_a_name_that_does(all_hang: bool) -> None:
    release = threading.Event()

    def look(host: str) -> Sequence[str]:
        if all_hang or host == "api.test":
            release.wait(30)
        return ["127.0.0.1"]

    with Sender(OPEN, Resolver(look)) as sender:
        outcome = sender.send(Call("GET", "http://api.test/", connect_timeout_s=0.3))
    release.set()
    assert lacking(outcome) == ("resolver" if all_hang else None)


@pytest.mark.parametrize(
    ("error", "number", "url", "lack"),
    [
        (pycurl.E_COULDNT_CONNECT, errno.ENETUNREACH, "http://8.8.8.8/", "network"),
        (pycurl.E_COULDNT_CONNECT, errno.EHOSTUNREACH, "http://8.8.8.8/", "network"),
        (pycurl.E_COULDNT_CONNECT, errno.EHOSTUNREACH, "http://10.0.0.1/", None),
        (pycurl.E_COULDNT_CONNECT, errno.EADDRNOTAVAIL, "http://8.8.8.8/", "ports"),
        (pycurl.E_COULDNT_CONNECT, errno.ENOBUFS, "http://8.8.8.8/", "memory"),
        (pycurl.E_COULDNT_CONNECT, errno.ENFILE, "http://8.8.8.8/", "descriptors"),
        (pycurl.E_COULDNT_CONNECT, errno.EPERM, "http://8.8.8.8/", "network"),
        (pycurl.E_COULDNT_CONNECT, errno.ECONNREFUSED, "http://8.8.8.8/", None),
        (pycurl.E_OPERATION_TIMEDOUT, 0, "http://8.8.8.8/", None),
        (pycurl.E_OUT_OF_MEMORY, 0, "http://8.8.8.8/", "memory"),
        (pycurl.E_SSL_CACERT_BADFILE, 0, "https://8.8.8.8/", "certificates"),
        (pycurl.E_PEER_FAILED_VERIFICATION, 0, "https://8.8.8.8/", None),
        (pycurl.E_SEND_ERROR, errno.ENOBUFS, "http://8.8.8.8/", "memory"),
        (pycurl.E_RECV_ERROR, errno.ECONNRESET, "http://8.8.8.8/", None),
    ],
)
def test_curls_errors_are_the_hosts_or_ours(error: int, number: int, url: str, lack: str | None) -> None:
    target = read_url(url)
    assert target.literal
    broken = Broken(error, "words", number, target, target.literal, False, False, 0, False, 1.0)
    kind, message, found = explain(broken)
    assert (found, kind == "local") == (lack, lack is not None)
    assert message.endswith(".") or not lack


def test_an_address_without_a_route_hides_no_refusal() -> None:
    """A broadcast address has no route for TCP; the name's other address refuses, and that is the host's doing."""
    with Sender(OPEN, Resolver(lambda host: ["127.255.255.255", "127.0.0.1"])) as sender:
        assert lacking(sender.send(Call("GET", "http://api.test:1/"))) is None
    with Sender(OPEN, Resolver(lambda host: ["127.255.255.255"])) as sender:
        assert lacking(sender.send(Call("GET", "http://api.test:1/"))) == "network"


@pytest.fixture
def few_descriptors() -> Iterator[Callable[[int], None]]:
    """Leaves this process so many descriptors more than it has open."""
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)

    def leave(more: int) -> None:
        highest = max(int(name) for name in os.listdir("/proc/self/fd"))
        resource.setrlimit(resource.RLIMIT_NOFILE, (highest + 1 + more, limits[1]))

    yield leave
    resource.setrlimit(resource.RLIMIT_NOFILE, limits)


def test_without_a_descriptor_nothing_is_said_of_the_host(few_descriptors: Callable[[int], None]) -> None:
    with Host(answering(NO_CONTENT)) as host, Sender(OPEN) as sender:
        few_descriptors(6)
        spare = []
        try:
            while True:
                spare.append(os.dup(0))
        except OSError:
            pass
        outcome = sender.send(Call("GET", host.url))
        for number in spare:
            os.close(number)
        assert lacking(outcome) == "descriptors"
        assert isinstance(sender.send(Call("GET", host.url)), Reply), "the sender is none the worse for it"


_HANGING_AND_HEALTHY = """
import resource, sys, threading
resource.setrlimit(resource.RLIMIT_NOFILE, (int(sys.argv[1]), int(sys.argv[1])))
from apis.outbound import Call, Guard, Reply, send_many
healthy, hanging = sys.argv[2], sys.argv[3]
calls = [Call("GET", f"{hanging}/{n}" if n % 4 == 0 else f"{healthy}/{n}", timeout_s=1) for n in range(80)]
lost, threads = [], []
def work():
    outcomes = send_many(calls, Guard(("127.0.0.0/8",)))
    found = [out for call, out in zip(calls, outcomes) if call.url.startswith(healthy)]
    lost.extend(out for out in found if not isinstance(out, Reply))
for _ in range(int(sys.argv[4])):
    threads.append(threading.Thread(target=work)); threads[-1].start()
for thread in threads: thread.join()
print(len(lost), {out.kind for out in lost})
"""


@pytest.mark.parametrize(("limit", "threads"), [(64, 1), (128, 4)])
def test_hanging_hosts_take_no_descriptor_from_healthy_ones(limit: int, threads: int) -> None:
    def hang(connection: socket.socket) -> None:
        while read_head(connection):
            pass

    with Host(answering(NO_CONTENT)) as healthy, Host(hang) as hanging:
        command = [sys.executable, "-c", _HANGING_AND_HEALTHY, str(limit), healthy.url, hanging.url, str(threads)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.stdout.strip() == "0 set()", done.stdout + done.stderr


def test_a_round_ends_at_its_time_and_shows_which_calls_it_left_out() -> None:
    with full("127.0.0.1") as port, Host(answering(NO_CONTENT)) as good, Sender(OPEN) as sender:
        urls = [good.url, *[f"http://127.0.0.1:{port}/"] * 3]

        def talk(url: str):
            return (yield Call("GET", url))

        outcomes = sender.run_conversations((talk(url) for url in urls), per_site=2, seconds=0.4)
        assert isinstance(sender.send(Call("GET", good.url)), Reply)
    assert isinstance(outcomes[0], Reply)
    assert [lacking(one) for one in outcomes[1:]] == ["deadline"] * 3


def test_few_connections_are_kept_however_many_hosts_were_called() -> None:
    hosts = [Host(answering(NO_CONTENT)) for _ in range(120)]

    def twice(url: str):
        first = yield Call("OPTIONS", url)
        second = yield Call("GET", url)
        return isinstance(first, Reply) and isinstance(second, Reply)

    with Sender(OPEN) as sender:
        before = len(os.listdir("/proc/self/fd"))
        assert all(sender.run_conversations(twice(host.url) for host in hosts))
        after = len(os.listdir("/proc/self/fd"))
    made = sum(host.connections for host in hosts)
    for host in hosts:
        host.__exit__(None, None, None)
    assert made <= len(hosts) * 1.2, "the second call goes over the connection of the first"
    assert after - before <= 2 * 50, "both ends of the kept ones are in this process"


def test_the_sockets_of_a_process_are_shared() -> None:
    class Holder:
        """Something that holds sockets."""

    shared, total = Sockets(), for_sockets()
    holders = [Holder() for _ in range(5)]
    granted = [shared.take(one, total) for one in holders]
    assert granted[0] == total, "who is alone may have them all"
    for one in holders:
        shared.give_back(one, 0)
    for one in holders:
        shared.take(one, 1)
    assert sum(shared.take(one, total) for one in holders) <= total
    assert shared.kept(holders[0], 10_000) <= 200 // 5


def test_the_limit_is_raised_at_most_to_the_hard_one() -> None:
    code = (
        "import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (100, 300))\n"
        "from apis.outbound import raise_limit\n"
        "print(raise_limit(), resource.getrlimit(resource.RLIMIT_NOFILE), raise_limit())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "300 (300, 300) 300", done.stderr
